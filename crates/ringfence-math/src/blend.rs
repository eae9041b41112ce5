//! Entry indices of a position that grows: the average that keeps what has
//! accrued, weighted by what it accrued on.

use crate::{BorrowIndex, FundingIndex, MathError, Quote, Result, Side, Size, wide};

/// The funding index at which `new_size` would have accrued what `old_size`
/// has: `now − (now − entry) × old ÷ new`, the growth rounded against the
/// position (up where it pays, down where it receives), by less than
/// `new_size × 10^-18` atoms.
///
/// Errors: `DivisionByZero` for a new size of zero; `Overflow`.
pub fn blend_funding_index(
    side: Side,
    now: FundingIndex,
    entry: FundingIndex,
    old_size: Size,
    new_size: Size,
) -> Result<FundingIndex> {
    let growth = now.0.checked_sub(entry.0).ok_or(MathError::Overflow)?;
    let (magnitude, rest) = wide::mul_div_rem(growth.unsigned_abs(), old_size.0, new_size.0)?;
    let pays = (growth > 0) == (side == Side::Long);
    let rounded = magnitude.checked_add(u128::from(pays && rest != 0)).ok_or(MathError::Overflow)?;
    let rounded = i128::try_from(rounded).map_err(|_| MathError::Overflow)?;
    let blended = if growth < 0 { now.0.checked_add(rounded) } else { now.0.checked_sub(rounded) };
    blended.map(FundingIndex).ok_or(MathError::Overflow)
}

/// The borrow index at which `new_reserve` would have accrued what
/// `old_reserve` has; the growth is rounded up.
///
/// Errors: `DivisionByZero` for a new reserve of zero; `Overflow`, also for an
/// index that fell.
pub fn blend_borrow_index(
    now: BorrowIndex,
    entry: BorrowIndex,
    old_reserve: Quote,
    new_reserve: Quote,
) -> Result<BorrowIndex> {
    let growth = now.0.checked_sub(entry.0).ok_or(MathError::Overflow)?;
    let blended = wide::mul_div_ceil_wide(growth, old_reserve.0, new_reserve.0)?;
    now.0.checked_sub(blended).map(BorrowIndex).ok_or(MathError::Overflow)
}
