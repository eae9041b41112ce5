//! Decision 16: orders (invariants 1, 5, 12).

use anchor_lang::prelude::Pubkey;
use bytemuck::Zeroable;
use ringfence_client::RingfenceError::*;
use ringfence_client::accounts::{Market, Order, Position};
use ringfence_client::pda;
use ringfence_client::state::OracleKind;

use super::oracle::For;
use super::{Model, Refusal, Verdict, atoms, ensure, none_of};
use crate::action::{Asked, OrderSpot};
use crate::model;

const STOP_LOSS: u8 = 1;
const LIMIT: u8 = 2;
const DELAYED: u8 = 4;
/// Least seconds from an order to its price: the clocks of cluster and
/// publishers may differ by two.
const LEAST_DELAY: i64 = 3;

pub fn adds(kind: u8) -> bool {
    kind >= LIMIT
}

/// Take-profits wait for a gain and stop orders for a rise of a long; limit
/// orders and stop-losses for a fall; of a short it is the other way round. A
/// delayed order waits for neither, and is written down as the latter.
fn waits_for_rise(kind: u8, long: bool) -> bool {
    let falls = [STOP_LOSS, LIMIT, DELAYED].contains(&kind);
    falls != long
}

/// Whether the first price since any moment can be shown later: by an update in
/// an account of anybody's. Pinned and push feeds are written over.
pub fn keeps_first_price(market: &Market) -> bool {
    market.oracle.kind == OracleKind::PythPull as u8 && market.oracle.account == Pubkey::default()
}

/// A bit of 256.
fn bit(id: u8) -> (usize, u64) {
    (usize::from(id) / 64, 1u64 << (id % 64))
}

/// Whether an order still stands for a position. A delayed one has one attempt,
/// and can be taken back neither by its partner nor by dismissing who placed it.
pub fn stands(order: &Order, position: &Position) -> bool {
    let (word, bit) = bit(order.id);
    let ended = position.void_orders[word] & bit > 0;
    let trades = [position.owner, position.delegate].contains(&order.trader);
    let same = order.generation == position.generation && order.failed == 0;
    same && (order.kind == DELAYED || (!ended && trades))
}

impl Model<'_> {
    /// Whether a delayed order is pending, and can be executed at all.
    pub fn is_committed(&self, market: &Market, position: &Position) -> bool {
        market.status == 0 && self.state.now <= position.committed_until
    }

    pub fn place_order(&mut self, of: OrderSpot, by: usize, asked: &Asked) -> Verdict {
        let key = self.run.order(of).expect("a place");
        let (market, mut position) = (self.market(of.at.market)?, self.position(of.at)?);
        let trader = self.person(by);
        ensure([position.owner, position.delegate].contains(&trader), NotOwnerOrDelegate)?;
        let (kind, now) = (asked.kind % 5, self.state.now);
        none_of(&[
            (market.version != 2 || position.version != 2, UnsupportedVersion),
            (market.status == 3, MarketSettling),
            (adds(kind) && market.status != 0, MarketNotActive),
        ])?;
        // made here, before its terms are looked at
        if self.state.orders.contains_key(&key) {
            return Err(Refusal::accounts());
        }
        let expires_at = asked.lifetime.map_or(0, |seconds| now + seconds);
        self.ensure_terms(&market, kind, asked, expires_at)?;
        let delayed = kind == DELAYED;
        ensure(!delayed || !self.is_committed(&market, &position), OrderPending)?;

        let long = model::is_long(&position);
        let delay = if delayed { i64::from(market.params.min_order_delay_seconds) } else { 0 };
        let not_before = (now + delay.max(LEAST_DELAY)).max(market.accepted.publish_time + 1);
        let expires_at = match delayed {
            true => not_before + i64::from(market.oracle.max_age_open),
            false => expires_at,
        };
        let mut order = Order::zeroed();
        order.version = 1;
        (order.id, order.kind) = (of.id, kind);
        order.trigger_above = u8::from(waits_for_rise(kind, long));
        order.has_partner = u8::from(asked.cancels.is_some());
        order.partner = asked.cancels.unwrap_or(0);
        (order.market, order.position) = (position.market, self.run.position(of.at).expect("a place"));
        (order.trader, order.escrow) = (trader, pda::order_escrow(&key));
        order.generation = position.generation;
        (order.size, order.margin, order.reward) = (asked.size, asked.margin, asked.reward);
        (order.share_ppm, order.trigger_price) = (asked.share_ppm, asked.trigger);
        order.acceptable_price = self.run.order_terms(asked, long).acceptable_price;
        (order.placed_at, order.not_before, order.expires_at) = (now, not_before, expires_at);

        let (word, bit) = bit(of.id);
        position.void_orders[word] &= !bit;
        if delayed {
            position.committed_until = expires_at;
        }
        let escrowed = i128::from(asked.margin) + i128::from(asked.reward);
        atoms(escrowed)?;
        self.state.orders.insert(key, order);
        self.put_position(of.at, position);
        self.issue(order.escrow, 0);
        self.pay(self.wallet(of.at.market, by), order.escrow, escrowed)
    }

    fn ensure_terms(&self, market: &Market, kind: u8, asked: &Asked, expires_at: i64) -> Verdict {
        let (adds, delayed) = (adds(kind), kind == DELAYED);
        let share = 1..=1_000_000;
        let fits = match adds {
            true => asked.size > 0 && asked.share_ppm == 0,
            false => asked.size == 0 && asked.margin == 0 && share.contains(&asked.share_ppm),
        };
        let timed = match delayed {
            true => asked.trigger == 0 && expires_at == 0,
            false => asked.trigger > 0,
        };
        none_of(&[
            (!fits || !timed, InvalidOrderTerms),
            (delayed && !keeps_first_price(market), FeedCannotDelay),
            (delayed && asked.reward < market.params.min_keeper_reward, OrderRewardTooLow),
            (!delayed && expires_at <= self.state.now, OrderExpiryPassed),
            (adds && !delayed && market.params.delayed_only == 1, InstantOpenDisabled),
        ])
    }

    /// Needs no market, nor the position: whatever becomes of them, the funds
    /// come home.
    pub fn cancel_order(&mut self, of: OrderSpot, by: usize) -> Verdict {
        let order = *self.state.order(self.run, of).ok_or_else(Refusal::accounts)?;
        let position = self.position(of.at).ok().filter(|position| stands(&order, position));
        if let Some(position) = position.filter(|_| self.state.now <= order.expires_at) {
            let canceller = self.person(by);
            ensure([order.trader, position.owner].contains(&canceller), OrderLive)?;
            ensure(order.kind != DELAYED, OrderPending)?;
        }
        let wallet = self.wallet(of.at.market, self.run.who(&order.trader));
        self.pay(order.escrow, wallet, self.balance(order.escrow))?;
        self.forget(of, &order);
        Ok(())
    }

    fn forget(&mut self, of: OrderSpot, order: &Order) {
        self.state.tokens.remove(&order.escrow);
        self.state.orders.remove(&self.run.order(of).expect("a place"));
    }

    pub fn execute_order(&mut self, of: OrderSpot, by: usize) -> Verdict {
        let at = of.at;
        let order = *self.state.order(self.run, of).ok_or_else(Refusal::accounts)?;
        let (mut market, mut position) = (self.market(at.market)?, self.position(at)?);
        ensure(market.version == 2, UnsupportedVersion)?;
        ensure(market.status != 3, MarketSettling)?;
        ensure(!adds(order.kind) || market.status == 0, MarketNotActive)?;
        ensure(position.version == 2, UnsupportedVersion)?;
        if adds(order.kind) && order.kind != DELAYED {
            ensure(market.params.delayed_only == 0, InstantOpenDisabled)?;
            ensure(!self.is_committed(&market, &position), OrderPending)?;
        }
        ensure(stands(&order, &position), OrderVoid)?;
        ensure(self.state.now <= order.expires_at, OrderExpired)?;

        let feed = if order.kind == DELAYED {
            self.observe_first(at.market, &mut market, order.not_before)?
        } else {
            let wanted = if adds(order.kind) { For::Risk } else { For::OrderedExit };
            let feed = self.observe(at.market, &mut market, wanted)?;
            ensure(feed.publish_time >= order.not_before, PriceBeforeOrder)?;
            let reached = match waits_for_rise(order.kind, model::is_long(&position)) {
                true => feed.price >= order.trigger_price,
                false => feed.price <= order.trigger_price,
            };
            ensure(reached, OrderNotTriggered)?;
            feed
        };
        let referred = model::is_referred(&position) && order.trader == position.owner;
        if adds(order.kind) {
            if position.size == 0 {
                position.opened_at = self.state.now;
            }
            let terms = (order.size, order.margin, order.acceptable_price);
            let untried = self.state.clone();
            let grown = self.grow(at, market, position, &feed, terms, referred, order.escrow);
            if order.kind == DELAYED {
                let borne = grown.and_then(|()| self.ensure_bears_accepted(of));
                if borne.is_err() {
                    self.state = untried;
                    self.put_market(at.market, market);
                    return self.fail_order(of, order, by);
                }
            } else {
                grown?;
            }
        } else {
            ensure(position.size > 0, PositionEmpty)?;
            let part = model::floor(position.size, order.share_ppm, 1_000_000) as u64;
            let whole = part == position.size;
            ensure(!whole || !self.is_committed(&market, &position), OrderPending)?;
            self.take(at, market, position, &feed, part, order.acceptable_price, referred)?;
        }
        let mut position = self.position(at)?;
        if order.has_partner == 1 {
            let (word, bit) = bit(order.partner);
            position.void_orders[word] |= bit;
        }
        if order.kind == DELAYED {
            position.committed_until = 0;
        }
        self.put_position(at, position);
        self.pay(order.escrow, self.wallet(at.market, by), order.reward.into())?;
        self.pay(order.escrow, position.vault, self.balance(order.escrow))?;
        self.forget(of, &order);
        Ok(())
    }

    /// An attempt in vain: the price is taken in and the caller is paid; the
    /// position is as it was, free again, and the margin waits in the escrow.
    fn fail_order(&mut self, of: OrderSpot, mut order: Order, by: usize) -> Verdict {
        self.pay(order.escrow, self.wallet(of.at.market, by), order.reward.into())?;
        (order.failed, order.reward) = (1, 0);
        self.state.orders.insert(self.run.order(of).expect("a place"), order);
        let mut position = self.position(of.at)?;
        position.committed_until = 0;
        self.put_position(of.at, position);
        Ok(())
    }

    /// The last price that was accepted may be newer than a delayed order's;
    /// nobody may be left liquidatable at it.
    fn ensure_bears_accepted(&self, of: OrderSpot) -> Verdict {
        let (market, position) = (self.market(of.at.market)?, self.position(of.at)?);
        let mut feed = self.state.quoted[of.at.market].feed;
        (feed.price, feed.confidence) = (market.accepted.price, market.accepted.confidence);
        let mark = model::liquidation_mark(&market, model::is_long(&position), &feed);
        let health = model::health(&market, &position, mark);
        ensure(!health.liquidatable(), WouldBeLiquidatable)
    }
}
