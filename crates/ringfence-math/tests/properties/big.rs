//! Exact arithmetic to compare with.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, Zero};
use ringfence_math::{MathError, Result, Scale, Side, SignedQuote};

pub const PPM: u64 = 1_000_000;
pub const E18: u64 = 1_000_000_000_000_000_000;

pub fn big(value: impl Into<BigInt>) -> BigInt {
    value.into()
}

pub fn floor(numerator: BigInt, denominator: impl Into<BigInt>) -> BigInt {
    numerator.div_floor(&denominator.into())
}

pub fn ceil(numerator: BigInt, denominator: impl Into<BigInt>) -> BigInt {
    -(-numerator).div_floor(&denominator.into())
}

/// Towards zero.
pub fn trunc(numerator: BigInt, denominator: impl Into<BigInt>) -> BigInt {
    numerator / denominator.into()
}

pub fn fit_u64(value: BigInt) -> Result<u64> {
    u64::try_from(value).map_err(|_| MathError::Overflow)
}

pub fn fit_u128(value: BigInt) -> Result<u128> {
    u128::try_from(value).map_err(|_| MathError::Overflow)
}

pub fn fit_signed(value: BigInt) -> Result<SignedQuote> {
    i128::try_from(value).map(SignedQuote).map_err(|_| MathError::Overflow)
}

/// Notional rounded down and up.
pub fn notional(size: u64, price: u64, scale: Scale) -> (BigInt, BigInt) {
    let product = big(size) * price;
    (floor(product.clone(), scale.divisor()), ceil(product, scale.divisor()))
}

pub fn pnl(side: Side, size: u64, entry: u64, price: u64, scale: Scale) -> BigInt {
    let (down, up) = notional(size, price, scale);
    match side {
        Side::Long => down - entry,
        Side::Short => big(entry) - up,
    }
}

pub fn clamp_to_zero(value: BigInt) -> BigInt {
    if value.is_negative() { BigInt::zero() } else { value }
}
