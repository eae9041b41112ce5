//! What an order says, from what was typed, and in words.

use anyhow::{Context, Result, bail, ensure};
use ringfence_client::accounts::Order;
use ringfence_client::state::{OrderKind, OrderTerms, Side};
use ringfence_client::{Pubkey, filters};
use ringfence_math::{PPM, Price, TradeDirection};

use super::PlaceArgs;
use crate::operate::amount::{self, Units};
use crate::operate::effects::orders::kind as kind_name;
use crate::operate::lookup::Listed;
use crate::operate::{Session, time};

/// How long an order waits where nothing is said.
pub const LIFETIME: i64 = 30 * 86_400;

/// How much worse than its trigger an order may fill where nothing is said,
/// ppm. A stop-loss is for a market that runs away.
pub fn default_slippage(kind: OrderKind) -> u32 {
    if kind == OrderKind::StopLoss { 50_000 } else { 5_000 }
}

/// The way of an order's fill: what it buys must not be dearer, what it sells
/// not cheaper than its acceptable price.
pub fn direction(kind: OrderKind, side: Side) -> TradeDirection {
    if kind.adds() { TradeDirection::opening(side.into()) } else { TradeDirection::closing(side.into()) }
}

/// What the order keeps in escrow: margin and reward.
pub fn held(terms: &OrderTerms) -> Result<u64> {
    terms.margin.checked_add(terms.reward).context("--margin and --reward together are too large")
}

impl PlaceArgs {
    /// Error: a flag that the kind has no use for, or one that it lacks.
    fn check(&self, kind: OrderKind) -> Result<()> {
        let (adds, delayed) = (kind.adds(), kind == OrderKind::Delayed);
        let name = kind_name(kind);
        for (flag, given, taken) in [
            ("--size", self.size.is_some(), adds),
            ("--margin", self.margin.is_some(), adds),
            ("--side", self.side.is_some(), adds),
            ("--share", self.share.is_some(), !adds),
            ("--trigger", self.trigger.is_some(), !delayed),
            ("--expires-in", self.expires_in.is_some(), !delayed),
            ("--no-wait", self.no_wait, delayed),
        ] {
            ensure!(taken || !given, "{flag} has no meaning for a {name} order");
        }
        ensure!(!adds || self.size.is_some(), "a {name} order needs --size");
        ensure!(delayed || self.trigger.is_some(), "a {name} order needs --trigger");
        Ok(())
    }

    /// The terms of an order at `now` for a position of this side.
    pub fn terms(&self, session: &Session, listed: &Listed, side: Side, now: i64) -> Result<OrderTerms> {
        let (kind, units) = (OrderKind::from(self.kind), listed.units());
        self.check(kind)?;
        let trigger = self.trigger.as_ref().map(|text| amount::parse_price("--trigger", text)).transpose()?;
        let size = self.size.as_ref().map(|text| units.parse_size("--size", text)).transpose()?;
        let margin = self.margin.as_ref().map(|text| units.parse_quote("--margin", text)).transpose()?;
        let share = match &self.share {
            Some(text) => amount::parse_part("--share", text)?,
            None if kind.adds() => 0,
            None => PPM,
        };
        let reward = match &self.reward {
            Some(text) => units.parse_quote("--reward", text)?,
            None => listed.market.params.min_keeper_reward,
        };
        let lifetime = match &self.expires_in {
            Some(text) => time::parse_span("--expires-in", text)?,
            None => LIFETIME,
        };
        Ok(OrderTerms {
            kind,
            size: size.unwrap_or(0),
            margin: margin.unwrap_or(0),
            share_ppm: share,
            trigger_price: trigger.map_or(0, |price| price.0),
            acceptable_price: self.acceptable(session, listed, side, trigger)?.0,
            reward,
            expires_at: if kind == OrderKind::Delayed { 0 } else { now.saturating_add(lifetime) },
            cancels: self.cancels,
        })
    }

    fn acceptable(
        &self,
        session: &Session,
        listed: &Listed,
        side: Side,
        trigger: Option<Price>,
    ) -> Result<Price> {
        if let Some(text) = &self.acceptable_price {
            return amount::parse_price("--acceptable-price", text);
        }
        let kind = OrderKind::from(self.kind);
        let slippage = match &self.slippage {
            Some(text) => amount::parse_share("--slippage", text)?,
            None => default_slippage(kind),
        };
        let from = match trigger {
            Some(price) => price,
            None => index(session, listed, self.oracle)?,
        };
        amount::acceptable(from, direction(kind, side), slippage)
    }
}

/// The index price of this moment.
pub fn index(session: &Session, listed: &Listed, oracle: Option<Pubkey>) -> Result<Price> {
    Ok(listed.trading_price(&session.connection, oracle)?.reading.price)
}

/// What the order does and when, as a clause.
pub fn described(terms: &OrderTerms, side: Side, units: Units) -> String {
    let does = if terms.kind.adds() {
        format!("adds {} and margin {}", units.size(terms.size), units.quote(terms.margin))
    } else {
        format!("closes {} of the position", amount::percent(terms.share_ppm))
    };
    let when = if terms.kind == OrderKind::Delayed {
        "at the first price after the market's delay".to_owned()
    } else {
        let way = if terms.kind.triggers_above(side) { "above" } else { "below" };
        format!("when the index price is {} or {way}", amount::price(Price(terms.trigger_price)))
    };
    let price = amount::price(Price(terms.acceptable_price));
    format!("{does} {when}, fill price no worse than {price}, reward {}", units.quote(terms.reward))
}

/// The lowest free number for a new order of a position.
pub fn free_number(session: &Session, position: &Pubkey) -> Result<u8> {
    let found = session.connection.program_accounts::<Order>(filters::orders(Some(position)))?;
    let orders: Vec<Order> = found.into_iter().map(|(_, order)| order).collect();
    number(None, None, &orders)
}

/// A number for a new order: the one asked for; else the one that its partner
/// names; else the lowest that neither an order has nor one names, whose
/// execution would end the new order too.
pub fn number(wanted: Option<u8>, cancels: Option<u8>, orders: &[Order]) -> Result<u8> {
    if let Some(id) = wanted {
        ensure!(cancels != Some(id), "--cancels: an order cannot end itself");
        if orders.iter().any(|order| order.id == id) {
            bail!("there is an order {id} already: choose another --id, or cancel that one first");
        }
        return Ok(id);
    }
    let taken = |id: u8| orders.iter().any(|order| order.id == id) || cancels == Some(id);
    let partner = orders.iter().find(|order| Some(order.id) == cancels).and_then(|order| order.partner());
    if let Some(id) = partner.filter(|id| !taken(*id)) {
        return Ok(id);
    }
    let named = |id: u8| orders.iter().any(|order| order.partner() == Some(id));
    let free = (0..=u8::MAX).find(|id| !taken(*id) && !named(*id));
    free.context("all the numbers are taken: cancel an order first")
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytemuck::Zeroable;

    fn order(id: u8, partner: Option<u8>) -> Order {
        let mut order = Order::zeroed();
        order.id = id;
        (order.has_partner, order.partner) = (u8::from(partner.is_some()), partner.unwrap_or_default());
        order
    }

    #[test]
    fn a_new_order_gets_a_number_that_ends_with_nothing_else() {
        assert_eq!(number(None, None, &[]).unwrap(), 0);
        assert_eq!(number(None, None, &[order(0, None), order(2, None)]).unwrap(), 1);
        // 0 ends 1 when it executes: 1 is its partner's, not a stranger's.
        let waiting = [order(0, Some(1))];
        assert_eq!(number(None, None, &waiting).unwrap(), 2);
        assert_eq!(number(None, Some(0), &waiting).unwrap(), 1);
        assert_eq!(number(None, Some(0), &[]).unwrap(), 1, "not the one it ends");
        assert_eq!(number(Some(7), None, &waiting).unwrap(), 7);
        assert!(number(Some(0), None, &waiting).is_err());
        assert!(number(Some(7), Some(7), &waiting).is_err());
        let all: Vec<Order> = (0..=u8::MAX).map(|id| order(id, None)).collect();
        assert!(number(None, None, &all).is_err());
    }

    #[test]
    fn terms_are_said_in_the_units_of_the_market() {
        let units = Units { size_decimals: 9, quote_decimals: 6 };
        let mut terms = OrderTerms {
            kind: OrderKind::StopLoss,
            size: 0,
            margin: 0,
            share_ppm: 500_000,
            trigger_price: 1_400_000_000_000,
            acceptable_price: 1_330_000_000_000,
            reward: 100_000,
            expires_at: 0,
            cancels: None,
        };
        assert_eq!(
            described(&terms, Side::Long, units),
            "closes 50% of the position when the index price is 140 or below, fill price no worse than 133, \
             reward 0.1"
        );
        (terms.kind, terms.size, terms.margin) = (OrderKind::Limit, 2_000_000_000, 50_000_000);
        assert!(
            described(&terms, Side::Short, units)
                .starts_with("adds 2 and margin 50 when the index price is 140 or above,")
        );
        terms.kind = OrderKind::Delayed;
        assert!(described(&terms, Side::Long, units).contains("at the first price after the market's delay"));
    }
}
