//! 128- and 192-bit products divided by 64 bits.
//!
//! SBPF has neither a 128-bit divide nor a widening multiply, and the generic
//! `u128` division is the dearest thing a perps program does. All divisors
//! here are one 64-bit word, which two native divisions and a correction
//! settle (Knuth, TAOCP vol. 2, 4.3.1, algorithm D; the one-word case as in
//! Warren, Hacker's Delight, `divlu`).

use crate::{MathError, Result};

const LOW_HALF: u64 = 0xffff_ffff;

/// High and low words of `value`.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "splitting is the purpose")]
pub(crate) const fn split(value: u128) -> (u64, u64) {
    ((value >> 64) as u64, value as u64)
}

/// `high × 2^64 + low`.
#[inline]
pub(crate) const fn join(high: u64, low: u64) -> u128 {
    ((high as u128) << 64) | low as u128
}

/// The 128-bit product, which always fits: schoolbook, from halves. The
/// compiler's `__multi3` multiplies 128 bits by 128 and takes twice as long.
#[inline]
pub(crate) const fn mul(a: u64, b: u64) -> u128 {
    let (a_high, a_low) = (a >> 32, a & LOW_HALF);
    let (b_high, b_low) = (b >> 32, b & LOW_HALF);
    let low = a_low.wrapping_mul(b_low);
    // (2^32 − 1)² + 2 × (2^32 − 1) < 2^64: no sum below overflows
    let middle = a_high.wrapping_mul(b_low).wrapping_add(low >> 32);
    let crossed = a_low.wrapping_mul(b_high).wrapping_add(middle & LOW_HALF);
    let high = a_high.wrapping_mul(b_high).wrapping_add(middle >> 32).wrapping_add(crossed >> 32);
    join(high, (crossed << 32) | (low & LOW_HALF))
}

/// The 192-bit product `a × b` as its top word and its lower two.
#[inline]
pub(crate) fn mul_192(a: u128, b: u64) -> (u64, u128) {
    let (a_high, a_low) = split(a);
    let (carry, low) = split(mul(a_low, b));
    // (2^64 − 1)² + (2^64 − 1) < 2^128
    let (top, middle) = split(mul(a_high, b).wrapping_add(u128::from(carry)));
    (top, join(middle, low))
}

/// The product where it fits 128 bits. Error: `Overflow`.
#[inline]
pub(crate) fn mul_checked(a: u128, b: u64) -> Result<u128> {
    let (high, low) = split(a);
    if high == 0 {
        return Ok(mul(low, b));
    }
    let (top, product) = mul_192(a, b);
    if top == 0 { Ok(product) } else { Err(MathError::Overflow) }
}

/// The same with a sign. Error: `Overflow`.
#[inline]
pub(crate) fn mul_signed(a: i128, b: u64) -> Result<i128> {
    let product = mul_checked(a.unsigned_abs(), b)?;
    // The least number has no positive counterpart.
    let signed = if a < 0 { 0i128.checked_sub_unsigned(product) } else { i128::try_from(product).ok() };
    signed.ok_or(MathError::Overflow)
}

/// Quotient and remainder of `(high, low) ÷ divisor`.
///
/// Errors: `DivisionByZero`; `Overflow` where the quotient needs more than 64
/// bits, which is where `high ≥ divisor`.
#[inline]
pub(crate) fn div_rem(high: u64, low: u64, divisor: u64) -> Result<(u64, u64)> {
    if high == 0 {
        let quotient = low.checked_div(divisor).ok_or(MathError::DivisionByZero)?;
        return Ok((quotient, low.wrapping_sub(quotient.wrapping_mul(divisor))));
    }
    if high >= divisor {
        return Err(match divisor {
            0 => MathError::DivisionByZero,
            _ => MathError::Overflow,
        });
    }
    if divisor <= LOW_HALF {
        div_rem_by_half_word(high, low, divisor)
    } else {
        div_rem_by_word(high, low, divisor)
    }
}

/// Schoolbook division by 32 bits: the partial dividends fit one word.
#[inline]
fn div_rem_by_half_word(high: u64, low: u64, divisor: u64) -> Result<(u64, u64)> {
    let (first, rest) = native_div_rem((high << 32) | (low >> 32), divisor)?;
    let (second, rest) = native_div_rem((rest << 32) | (low & LOW_HALF), divisor)?;
    Ok(((first << 32) | second, rest))
}

/// Requires `2^32 ≤ divisor` and `high < divisor`.
fn div_rem_by_word(high: u64, low: u64, divisor: u64) -> Result<(u64, u64)> {
    let shift = divisor.leading_zeros();
    let divisor = divisor << shift;
    let (dividend, low) = split(join(high, low) << shift);

    let (first, rest) = quotient_digit(dividend, low >> 32, divisor)?;
    let (second, rest) = quotient_digit(rest, low & LOW_HALF, divisor)?;
    Ok(((first << 32) | second, rest >> shift))
}

/// One 32-bit digit of the quotient: `(dividend × 2^32 + next) ÷ divisor` with
/// a normalised divisor and `dividend < divisor`; all sums are modulo 2^64,
/// where the true remainder fits.
#[inline]
fn quotient_digit(dividend: u64, next: u64, divisor: u64) -> Result<(u64, u64)> {
    let (divisor_high, divisor_low) = (divisor >> 32, divisor & LOW_HALF);
    let (mut digit, mut rest) = native_div_rem(dividend, divisor_high)?;
    // The estimate from the leading digit is at most two too large. One of 33
    // bits fails here too: dividend < divisor makes its rest < divisor_low.
    while digit.wrapping_mul(divisor_low) > ((rest << 32) | next) {
        digit = digit.wrapping_sub(1);
        rest = rest.wrapping_add(divisor_high);
        if rest > LOW_HALF {
            break;
        }
    }
    let remainder = ((dividend << 32) | next).wrapping_sub(digit.wrapping_mul(divisor));
    Ok((digit, remainder))
}

#[inline]
fn native_div_rem(dividend: u64, divisor: u64) -> Result<(u64, u64)> {
    let quotient = dividend.checked_div(divisor).ok_or(MathError::DivisionByZero)?;
    Ok((quotient, dividend.wrapping_sub(quotient.wrapping_mul(divisor))))
}

/// Floor and remainder of `a × b ÷ divisor` through a 192-bit product.
///
/// Errors: `DivisionByZero`; `Overflow` where the quotient exceeds 128 bits.
pub(crate) fn mul_div_rem(a: u128, b: u64, divisor: u64) -> Result<(u128, u64)> {
    let (top, lower) = mul_192(a, b);
    let (middle, low) = split(lower);
    let (first, rest) = div_rem(top, middle, divisor)?;
    let (second, rest) = div_rem(rest, low, divisor)?;
    Ok((join(first, second), rest))
}

/// `ceil(a × b ÷ divisor)` through a 192-bit product.
pub(crate) fn mul_div_ceil_wide(a: u128, b: u64, divisor: u64) -> Result<u128> {
    let (quotient, rest) = mul_div_rem(a, b, divisor)?;
    quotient.checked_add(u128::from(rest != 0)).ok_or(MathError::Overflow)
}

/// Narrows to one word. Error: `Overflow`.
#[inline]
pub(crate) fn narrow(value: u128) -> Result<u64> {
    u64::try_from(value).map_err(|_| MathError::Overflow)
}

#[cfg(test)]
mod tests;
