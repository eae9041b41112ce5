//! The program's errors by the codes that transactions fail with.

use std::fmt;

use ringfence_math::MathError;

pub use crate::generated::errors::RingfenceError;

/// Where Anchor lets a program's own error codes begin.
const ERROR_CODE_OFFSET: u32 = 6_000;

/// Result of what is computed from accounts.
pub type Result<T> = std::result::Result<T, RingfenceError>;

/// Every error, in the order of the codes.
pub const ALL: &[RingfenceError] = RingfenceError::ALL;

/// The error of a custom program error code; none where it is Anchor's or
/// another program's.
pub fn from_code(code: u32) -> Option<RingfenceError> {
    let index = usize::try_from(code.checked_sub(ERROR_CODE_OFFSET)?).ok()?;
    ALL.get(index).copied()
}

impl fmt::Display for RingfenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for RingfenceError {}

impl From<RingfenceError> for u32 {
    fn from(error: RingfenceError) -> Self {
        ERROR_CODE_OFFSET + error as Self
    }
}

impl From<MathError> for RingfenceError {
    fn from(error: MathError) -> Self {
        match error {
            MathError::Overflow => Self::MathOverflow,
            _ => Self::InvalidMathParameter,
        }
    }
}
