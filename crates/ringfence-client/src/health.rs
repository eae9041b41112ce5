//! Health of a position, by the arithmetic that the program itself runs
//! (`ringfence-math`). The program first advances the market's indices to the
//! present: for the same answer call [`accrued`] on the market, or read it
//! after an `accrue`.

use ringfence_math::{self as math, Health, Price};

use crate::errors::Result;
use crate::oracle::PriceReading;
use crate::state::{Market, Position};

/// Health at `mark`. The program judges a liquidation at the edge of the
/// confidence interval that favours the position: see [`liquidation_mark`].
pub fn health(market: &Market, position: &Position, mark: Price) -> Result<Health> {
    position.health(market, mark)
}

/// The price that `liquidate` would judge the position by, for an oracle
/// reading of `index` ± `confidence`.
pub fn liquidation_mark(
    market: &Market,
    position: &Position,
    index: Price,
    confidence: Price,
) -> Result<Price> {
    let reading = PriceReading {
        price: index,
        confidence,
        ema: index,
        publish_time: 0,
        previous_publish_time: 0,
        slot: 0,
    };
    position.liquidation_mark(market, &reading)
}

/// The first mark, coming from a healthy price, at which `liquidate`
/// succeeds: the highest for a long, the lowest for a short. None where no
/// price liquidates, or nothing is open.
pub fn liquidation_price(market: &Market, position: &Position) -> Result<Option<Price>> {
    if position.is_empty() {
        return Ok(None);
    }
    Ok(math::liquidation_price(&position.terms(market)?, &market.params.margin_rates(), market.scale()?)?)
}

/// The market as the program would see it at `now` with the index price
/// `index`: funding and borrow counted up to then.
pub fn accrued(market: &Market, now: i64, index: Price) -> Result<Market> {
    let mut market = *market;
    market.accrue(now, index)?;
    Ok(market)
}
