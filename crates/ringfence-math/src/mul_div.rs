//! `a × b ÷ d` without losing the product, rounding by name.

use crate::{MathError, PPM, Ppm, Quote, Result, wide};

/// `floor(a × b ÷ d)`, exact in between.
///
/// Errors: `DivisionByZero` for `d = 0`, `Overflow` where the result exceeds
/// `u64`.
#[inline]
pub fn mul_div_floor(a: u64, b: u64, d: u64) -> Result<u64> {
    mul_div_rem(a, b, d).map(|(quotient, _)| quotient)
}

/// `ceil(a × b ÷ d)`, exact in between.
///
/// Errors: `DivisionByZero` for `d = 0`, `Overflow` where the result exceeds
/// `u64`.
#[inline]
pub fn mul_div_ceil(a: u64, b: u64, d: u64) -> Result<u64> {
    let (quotient, rest) = mul_div_rem(a, b, d)?;
    round_up(quotient, rest)
}

/// Floor and remainder of `a × b ÷ d`: both roundings for one division.
#[inline]
pub(crate) fn mul_div_rem(a: u64, b: u64, d: u64) -> Result<(u64, u64)> {
    let (high, low) = wide::split(wide::mul(a, b));
    wide::div_rem(high, low, d)
}

/// The quotient, one more where something remained. Error: `Overflow`.
#[inline]
pub(crate) fn round_up(quotient: u64, rest: u64) -> Result<u64> {
    quotient.checked_add(u64::from(rest != 0)).ok_or(MathError::Overflow)
}

/// Whether `part` is more than `limit` of `whole`, exactly.
#[inline]
pub fn exceeds(part: u64, whole: u64, limit: Ppm) -> bool {
    wide::mul(part, u64::from(PPM)) > wide::mul(whole, u64::from(limit.0))
}

impl Quote {
    /// `floor(self × rate)` in atoms: shares paid out. Error: `Overflow`.
    #[inline]
    pub fn ppm_floor(self, rate: Ppm) -> Result<Self> {
        mul_div_floor(self.0, u64::from(rate.0), u64::from(PPM)).map(Self)
    }

    /// `ceil(self × rate)` in atoms: fees and requirements. Error: `Overflow`.
    #[inline]
    pub fn ppm_ceil(self, rate: Ppm) -> Result<Self> {
        mul_div_ceil(self.0, u64::from(rate.0), u64::from(PPM)).map(Self)
    }
}
