//! What a position pays the pool for its reserve: a rate kinked in
//! utilisation, accrued in an index.

use crate::{
    MathError, PPM, Ppm, Quote, Result, SECONDS_PER_YEAR, mul_div_ceil,
    units::{INDEX_ONE, INDEX_PER_PPM, INDEX_PER_PPM_SQUARED},
    wide,
};

/// Σ borrow fee per reserved atom, in quote atoms × 10^18. Never falls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct BorrowIndex(pub u128);

impl BorrowIndex {
    /// The index of a new market.
    pub const ZERO: Self = Self(0);

    /// `reserve × index`, what a market sums over its positions. Error: `Overflow`.
    #[inline]
    pub fn basis(self, reserve: Quote) -> Result<u128> {
        wide::mul_checked(self.0, reserve.0)
    }
}

/// The curve, per year. Slopes are per whole of utilisation (the terms of
/// Compound III): at 100 % the rate is `base + kink × slope1 + (1 − kink) × slope2`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BorrowParams {
    /// Rate at no utilisation.
    pub base: Ppm,
    /// Utilisation at which the slope changes, at most 100 %.
    pub kink: Ppm,
    /// Slope up to the kink.
    pub slope1: Ppm,
    /// Slope beyond the kink.
    pub slope2: Ppm,
}

/// `ceil(reserved ÷ liquidity)` in 10^-18, at most 1 (10^18); 0 where nothing
/// is reserved. Never fails: a pool with reserves beyond its liquidity is
/// fully utilised.
#[inline]
pub fn utilisation(reserved: Quote, liquidity: Quote) -> Result<u64> {
    if reserved.is_zero() {
        return Ok(0);
    }
    if reserved >= liquidity {
        return Ok(INDEX_ONE);
    }
    mul_div_ceil(reserved.0, INDEX_ONE, liquidity.0)
}

/// [`utilisation`] in ppm, rounded up.
pub fn utilisation_ppm(reserved: Quote, liquidity: Quote) -> Result<Ppm> {
    if reserved.is_zero() {
        return Ok(Ppm::ZERO);
    }
    if reserved >= liquidity {
        return Ok(Ppm::ONE);
    }
    let ppm = mul_div_ceil(reserved.0, u64::from(PPM), liquidity.0)?;
    u32::try_from(ppm).map(Ppm).map_err(|_| MathError::Overflow)
}

/// The rate per year in 10^-18 of the reserve, rounded up:
/// `base + slope1 × min(U, kink) + slope2 × max(U − kink, 0)`.
///
/// Error: `InvalidParameter` for a kink above 100 %.
pub fn borrow_rate(params: &BorrowParams, reserved: Quote, liquidity: Quote) -> Result<u128> {
    if params.kink > Ppm::ONE {
        return Err(MathError::InvalidParameter);
    }
    let utilisation = utilisation(reserved, liquidity)?;
    let base = wide::mul(u64::from(params.base.0), INDEX_PER_PPM);
    // kink ≤ 10^6, so both products fit
    let kink = u64::from(params.kink.0).saturating_mul(INDEX_PER_PPM);
    let Some(beyond) = utilisation.checked_sub(kink) else {
        return add(base, sloped(params.slope1, utilisation)?);
    };
    let at_kink = u64::from(params.slope1.0).saturating_mul(u64::from(params.kink.0));
    let at_kink = wide::mul(at_kink, INDEX_PER_PPM_SQUARED);
    add(add(base, at_kink)?, sloped(params.slope2, beyond)?)
}

/// The index after `seconds` at the rate of an unchanged utilisation; the
/// increment is rounded up.
///
/// Errors: `InvalidParameter` for a kink above 100 %; `Overflow`.
pub fn advance_borrow(
    index: BorrowIndex,
    params: &BorrowParams,
    reserved: Quote,
    liquidity: Quote,
    seconds: u64,
) -> Result<BorrowIndex> {
    let rate = borrow_rate(params, reserved, liquidity)?;
    let growth = wide::mul_div_ceil_wide(rate, seconds, SECONDS_PER_YEAR)?;
    add(index.0, growth).map(BorrowIndex)
}

/// What a reserve has cost since `at_entry`: `ceil(reserve × growth)`, atoms.
///
/// Error: `Overflow`, also for an index that fell.
pub fn borrow_owed(reserve: Quote, now: BorrowIndex, at_entry: BorrowIndex) -> Result<Quote> {
    let growth = now.0.checked_sub(at_entry.0).ok_or(MathError::Overflow)?;
    let owed = wide::mul_div_ceil_wide(growth, reserve.0, INDEX_ONE)?;
    wide::narrow(owed).map(Quote)
}

/// `ceil(slope × utilisation)` in 10^-18.
#[inline]
fn sloped(slope: Ppm, utilisation: u64) -> Result<u128> {
    wide::mul_div_ceil_wide(u128::from(utilisation), u64::from(slope.0), u64::from(PPM))
}

#[inline]
fn add(a: u128, b: u128) -> Result<u128> {
    a.checked_add(b).ok_or(MathError::Overflow)
}
