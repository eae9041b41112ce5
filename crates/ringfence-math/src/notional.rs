//! Size × price = collateral atoms, and the shares of a partial close.

use crate::{
    MathError, Price, Quote, Result, Scale, Side, Size,
    mul_div::{mul_div_rem, round_up},
    mul_div_ceil, mul_div_floor,
};

/// `floor(size × price)` in collateral atoms. Error: `Overflow`.
#[inline]
pub fn notional_floor(size: Size, price: Price, scale: Scale) -> Result<Quote> {
    mul_div_floor(size.0, price.0, scale.divisor()).map(Quote)
}

/// `ceil(size × price)` in collateral atoms. Error: `Overflow`.
#[inline]
pub fn notional_ceil(size: Size, price: Price, scale: Scale) -> Result<Quote> {
    mul_div_ceil(size.0, price.0, scale.divisor()).map(Quote)
}

/// Floor and ceil of the notional for the price of one division.
#[inline]
pub(crate) fn notional_bounds(size: Size, price: Price, scale: Scale) -> Result<(Quote, Quote)> {
    let (floor, rest) = mul_div_rem(size.0, price.0, scale.divisor())?;
    Ok((Quote(floor), Quote(round_up(floor, rest)?)))
}

/// Entry notional of a new fill in atoms, against the trader: a long pays up
/// (ceil), a short sells down (floor). Error: `Overflow`.
#[inline]
pub fn entry_notional(side: Side, size: Size, fill: Price, scale: Scale) -> Result<Quote> {
    match side {
        Side::Long => notional_ceil(size, fill, scale),
        Side::Short => notional_floor(size, fill, scale),
    }
}

/// The entry notional that leaves with `closed` of `size`: floor for a long,
/// ceil for a short. What is not returned stays, so that the parts of any
/// sequence of decreases sum to `entry` exactly; the last one takes all.
///
/// Errors: `InvalidParameter` where `closed > size`.
#[inline]
pub fn entry_notional_share(side: Side, entry: Quote, closed: Size, size: Size) -> Result<Quote> {
    if closed >= size {
        return all_of(entry, closed, size);
    }
    match side {
        Side::Long => mul_div_floor(entry.0, closed.0, size.0),
        Side::Short => mul_div_ceil(entry.0, closed.0, size.0),
    }
    .map(Quote)
}

/// The part of a reserve that is released with `closed` of `size`: floor, so
/// that what stays reserved is never too little; the last close releases all.
///
/// Errors: `InvalidParameter` where `closed > size`.
#[inline]
pub fn reserve_share(reserve: Quote, closed: Size, size: Size) -> Result<Quote> {
    if closed >= size {
        return all_of(reserve, closed, size);
    }
    mul_div_floor(reserve.0, closed.0, size.0).map(Quote)
}

#[inline]
fn all_of(whole: Quote, closed: Size, size: Size) -> Result<Quote> {
    if closed == size { Ok(whole) } else { Err(MathError::InvalidParameter) }
}
