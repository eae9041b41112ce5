//! The rungs of one position.

use ringfence_client::health;
use ringfence_client::state::Market;
use ringfence_math::{MathError, PositionTerms, Price, Side, SignedQuote};

use super::ladder::{Trigger, clamp};
use super::record::Record;
use super::{SideIndex, cap_trigger, drift, liquidation_trigger};

/// Keys `record` by the market as it is now, and lets its reserve count for
/// the drift from here on.
pub(super) fn assign(record: &mut Record, market: &Market, ladders: &mut SideIndex) {
    let reserve_price = drift::reserve_price(record.reserve, record.size, market.notional_divisor);
    ladders.reserve_price = ladders.reserve_price.max(reserve_price);
    ladders.pass_reserve_price = ladders.pass_reserve_price.max(reserve_price);

    // What cannot be judged now is offered at every tick until it can be.
    record.liquidation_rung = liquidation_coordinate(record, market)
        .map_or(i64::MAX, |coordinate| rung(record, market, coordinate, ladders.drift.liquidation));
    record.cap_rung = cap_coordinate(record, market)
        .map_or(i64::MAX, |coordinate| rung(record, market, coordinate, ladders.drift.cap));
}

fn rung(record: &Record, market: &Market, coordinate: i128, drift: i128) -> i64 {
    let rounding = drift::rounding(record.size, market.notional_divisor, drift::engine_ppm(market));
    clamp(coordinate.saturating_add(rounding).saturating_sub(drift))
}

fn liquidation_coordinate(record: &Record, market: &Market) -> Option<i128> {
    let price = health::liquidation_price(market, &record.position()).ok()?;
    let side = record.side()?;
    let trigger = liquidation_trigger(side);
    Some(match price {
        Some(price) => trigger.coordinate(price),
        None => farthest(trigger, record, market),
    })
}

/// No price liquidates: below one price unit, or beyond the last price at
/// which the notional fits its type.
fn farthest(trigger: Trigger, record: &Record, market: &Market) -> i128 {
    match trigger {
        Trigger::Falling => 0,
        Trigger::Rising => {
            let last = wide(u64::MAX, market.notional_divisor) / u128::from(record.size.max(1));
            trigger.coordinate(Price(u64::try_from(last).unwrap_or(u64::MAX)))
        }
    }
}

/// The price at which `pnl + funding − borrow` reaches the reserve.
fn cap_coordinate(record: &Record, market: &Market) -> Option<i128> {
    let terms = record.position().terms(market).ok()?;
    let price = cap_price(&terms, market.notional_divisor).ok()?;
    Some(cap_trigger(record.side()?).coordinate(price))
}

/// The first price at which `terms` gain their whole reserve: the lowest for a
/// long (0: every one), the highest for a short (0: none).
pub fn cap_price(terms: &PositionTerms, divisor: u64) -> Result<Price, MathError> {
    let entry = SignedQuote::from(terms.entry_notional);
    // What the reserve is short of, before the price does anything.
    let missing =
        SignedQuote::from(terms.reserve).checked_sub(terms.funding)?.checked_add(terms.borrow.into())?;
    let size = u128::from(terms.size.0.max(1));
    let price = match terms.side {
        Side::Long => {
            let notional = u64::try_from(entry.checked_add(missing)?.0.max(0)).unwrap_or(u64::MAX);
            wide(notional, divisor).div_ceil(size)
        }
        Side::Short => {
            let notional = u64::try_from(entry.checked_sub(missing)?.0.max(0)).unwrap_or(u64::MAX);
            wide(notional, divisor) / size
        }
    };
    Ok(Price(u64::try_from(price).unwrap_or(u64::MAX)))
}

fn wide(amount: u64, divisor: u64) -> u128 {
    u128::from(amount) * u128::from(divisor)
}
