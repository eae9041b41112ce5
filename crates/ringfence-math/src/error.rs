//! What can go wrong in integer arithmetic.

use core::fmt;

/// Why a calculation has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MathError {
    /// The result, or a sum on the way to it, does not fit its type.
    Overflow,
    /// The divisor is zero.
    DivisionByZero,
    /// The decimals of a market give a divisor outside 10^0 ..= 10^19.
    InvalidScale,
    /// An argument is outside the domain of the formula.
    InvalidParameter,
}

impl fmt::Display for MathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Overflow => "arithmetic overflow",
            Self::DivisionByZero => "division by zero",
            Self::InvalidScale => "size and quote decimals give no valid scale",
            Self::InvalidParameter => "parameter out of range",
        })
    }
}

impl core::error::Error for MathError {}

/// Shorthand for what every function of this crate returns.
pub type Result<T> = core::result::Result<T, MathError>;
