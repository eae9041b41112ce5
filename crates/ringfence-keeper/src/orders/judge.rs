//! Whether an order executes now: what the program asks first, by its own
//! arithmetic. The rest (margin, limits of the market) it answers itself.

use ringfence_client::RingfenceError;
use ringfence_client::oracle::PriceReading;
use ringfence_client::state::{Market, MarketStatus, Order, Position};
use ringfence_math::{Size, TradeDirection, is_acceptable};

/// What is to be done about an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    Executes,
    /// Another price, or another moment, may execute it.
    Waits,
    /// Nothing does, as its position is.
    Idle,
}

/// Judges `order` of `position`, none where there is none, at `reading`.
pub fn judge(
    order: &Order,
    position: Option<&Position>,
    market: &Market,
    reading: &PriceReading,
    now: i64,
) -> Judgement {
    let Some(position) = position.filter(|position| position.honours(order)) else {
        return Judgement::Idle;
    };
    let adds = order.kind().is_ok_and(|kind| kind.adds());
    let size = if adds { Ok(order.size) } else { order.share_of(position.size) };
    match size {
        Ok(size) if size > 0 => {
            if !order.is_triggered(reading) {
                return Judgement::Waits;
            }
            // It has one attempt, which pays whatever comes of it.
            if order.is_delayed() {
                return Judgement::Executes;
            }
            // A pending delayed order keeps others from adding to its position,
            // and from emptying it.
            let active = market.status().is_ok_and(|status| status == MarketStatus::Active);
            let refused = active && position.is_committed(now) && (adds || size == position.size);
            let fills = is_fill_acceptable(order, position, market, reading, size).unwrap_or(false);
            if fills && !refused { Judgement::Executes } else { Judgement::Waits }
        }
        _ => Judgement::Idle,
    }
}

fn is_fill_acceptable(
    order: &Order,
    position: &Position,
    market: &Market,
    reading: &PriceReading,
    size: u64,
) -> Result<bool, RingfenceError> {
    let side = position.side()?.into();
    let adds = order.kind()?.adds();
    let direction = if adds { TradeDirection::opening(side) } else { TradeDirection::closing(side) };
    let fill = market.fill_price(reading, direction, Size(size))?;
    Ok(is_acceptable(direction, fill, ringfence_math::Price(order.acceptable_price)))
}
