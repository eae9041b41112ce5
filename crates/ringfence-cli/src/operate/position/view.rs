//! A position in numbers.

use anyhow::Result;
use ringfence_client::accounts::{Market, Position};
use ringfence_client::{Pubkey, health};
use ringfence_math::{Health, PositionTerms, Price};
use serde_json::Value;

use crate::operate::amount::{self, Units};
use crate::operate::effects;
use crate::operate::lookup::{self, Listed, Present};
use crate::operate::record::Record;
use crate::operate::time;

/// A position, judged by the program's own arithmetic.
struct View {
    units: Units,
    index: Price,
    health: Health,
    terms: PositionTerms,
    liquidation_price: Option<Price>,
    /// Whether `liquidate` would succeed, at the edge of the interval.
    liquidatable: bool,
}

impl View {
    fn new(market: &Market, position: &Position, index: Price, confidence: Price) -> Result<Self> {
        let mark = health::liquidation_mark(market, position, index, confidence).map_err(lookup::words)?;
        Ok(Self {
            units: Units::from(market),
            index,
            health: health::health(market, position, index).map_err(lookup::words)?,
            terms: position.terms(market).map_err(lookup::words)?,
            liquidation_price: health::liquidation_price(market, position).map_err(lookup::words)?,
            liquidatable: health::health(market, position, mark).map_err(lookup::words)?.is_liquidatable(),
        })
    }

    fn liquidation_price(&self) -> Value {
        self.liquidation_price.map(amount::price).into()
    }

    /// How far the index price is from the liquidation price, ppm of the index.
    fn distance(&self) -> Value {
        let distance = self.liquidation_price.and_then(|price| {
            let away = i128::from(price.0) - i128::from(self.index.0);
            (away * 1_000_000).checked_div(i128::from(self.index.0))
        });
        distance.map(amount::percent).into()
    }

    fn leverage(&self) -> Value {
        self.health.leverage_ppm().map(|ppm| amount::multiple(hundredths(ppm))).into()
    }

    fn margin_ratio(&self) -> Value {
        self.health.margin_ratio_ppm().map(amount::percent).into()
    }
}

/// Cut to two decimals of a multiple.
fn hundredths(ppm: u128) -> u128 {
    ppm / 10_000 * 10_000
}

/// What it was entered for per base unit, rounded down.
fn entry_price(market: &Market, position: &Position) -> Option<Price> {
    let scaled = u128::from(position.entry_notional).checked_mul(u128::from(market.notional_divisor))?;
    let price = scaled.checked_div(u128::from(position.size))?;
    u64::try_from(price).ok().map(Price)
}

fn side(position: &Position) -> &'static str {
    position.side().map_or("unknown", effects::side)
}

/// One line of a list.
pub fn row(key: &Pubkey, position: &Position, listed: &Listed, present: &Present) -> Result<Record> {
    let (market, reading) = (&present.market, &present.reading);
    let view = View::new(market, position, reading.price, reading.confidence)?;
    let units = view.units;
    Ok(Record::default()
        .with("position", format!("{}/{}", listed.name(), position.id))
        .with("side", if position.is_empty() { "empty" } else { side(position) })
        .with("size", units.size(position.size))
        .with("entry_price", entry_price(market, position).map(amount::price))
        .with("price", amount::price(view.index))
        .with("margin", units.quote(position.margin))
        .with("pnl", units.quote(view.health.pnl.0))
        .with("equity", units.quote(view.health.equity.0))
        .with("leverage", view.leverage())
        .with("liquidation_price", view.liquidation_price())
        .with("distance", view.distance())
        .with("liquidatable", view.liquidatable)
        .with("owner", position.owner.to_string())
        .with("address", key.to_string()))
}

/// Everything about one position.
pub fn full(key: &Pubkey, position: &Position, listed: &Listed, present: &Present) -> Result<Record> {
    let (market, reading) = (&present.market, &present.reading);
    let view = View::new(market, position, reading.price, reading.confidence)?;
    let (units, health) = (view.units, &view.health);
    Ok(Record::default()
        .with("position", key.to_string())
        .with("market", listed.name())
        .with("id", position.id)
        .with("owner", position.owner.to_string())
        .with("side", side(position))
        .with("size", units.size(position.size))
        .with("entry_price", entry_price(market, position).map(amount::price))
        .with("index_price", amount::price(view.index))
        .with("price_source", present.source.name())
        .with("price_age", time::span(present.now - reading.publish_time))
        .with("entry_notional", units.quote(position.entry_notional))
        .with("notional", units.quote(health.notional.0))
        .with("margin", units.quote(position.margin))
        .with("unrealised_pnl", units.quote(health.pnl.0))
        .with("accrued_funding", units.quote(view.terms.funding.0))
        .with("accrued_borrow", units.quote(view.terms.borrow.0))
        .with("gain_or_loss", units.quote(health.gain.0))
        .with("largest_gain", units.quote(position.reserve))
        .with("equity", units.quote(health.equity.0))
        .with("initial_margin", units.quote(health.initial.0))
        .with("maintenance_margin", units.quote(health.maintenance.0))
        .with("margin_ratio", view.margin_ratio())
        .with("leverage", view.leverage())
        .with("liquidation_price", view.liquidation_price())
        .with("distance_to_liquidation", view.distance())
        .with("liquidatable", view.liquidatable)
        .with("delegate", effects::optional(&position.delegate))
        .with("referral", effects::optional(&position.referral))
        .with("opened_at", time::utc(position.opened_at))
        .with("realised_pnl", units.quote(position.realised_pnl.get()))
        .with("realised_funding", units.quote(position.realised_funding.get()))
        .with("realised_borrow", units.quote(position.realised_borrow))
        .with("fees_paid", units.quote(position.fees_paid))
        .with("generation", position.generation)
        .with("version", position.version)
        .with("vault", position.vault.to_string()))
}

/// Where a trade leaves a position, at the price that the trade was made by.
pub fn after(market: &Market, position: &Position) -> Option<Record> {
    if position.is_empty() {
        return None;
    }
    let (index, confidence) = (Price(market.accepted.price), Price(market.accepted.confidence));
    let view = View::new(market, position, index, confidence).ok()?;
    Some(
        Record::default()
            .with("event", "Afterwards")
            .with("size", view.units.size(position.size))
            .with("margin", view.units.quote(position.margin))
            .with("leverage", view.leverage())
            .with("margin_ratio", view.margin_ratio())
            .with("liquidation_price", view.liquidation_price())
            .with("distance_to_liquidation", view.distance()),
    )
}
