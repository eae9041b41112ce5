//! What the pool is worth and what its shares are.

use crate::{
    BorrowIndex, FundingIndex, MathError, Price, Quote, Result, Scale, SignedQuote, Size, mul_div_floor,
    units::INDEX_ONE, wide,
};

/// Shares of the first deposit that stay locked, so that the price of a share
/// cannot be driven up while hardly any exist.
pub const LOCKED_SHARES: u64 = 1_000;

/// One side of a market, summed over its positions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SideSums {
    /// Σ size, size units.
    pub open_interest: Size,
    /// Σ entry notional, atoms.
    pub entry_notional: Quote,
}

/// What the value is wanted for, which decides its rounding and its price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolAction {
    /// The pool is dear: the higher of the two edges, rounded up.
    Deposit,
    /// The pool is cheap: the lower of the two edges, rounded down.
    Withdraw,
}

/// Σ unrealised PnL of all traders at `price`, atoms, rounded up once: a debt
/// of the pool. Charges and caps are not in it.
///
/// Error: `Overflow`.
pub fn unrealised_pnl_ceil(
    long: SideSums,
    short: SideSums,
    price: Price,
    scale: Scale,
) -> Result<SignedQuote> {
    unrealised_pnl(long, short, price, scale, Rounding::Up)
}

/// Σ unrealised PnL of all traders at `price`, atoms, rounded down once.
///
/// Error: `Overflow`.
pub fn unrealised_pnl_floor(
    long: SideSums,
    short: SideSums,
    price: Price,
    scale: Scale,
) -> Result<SignedQuote> {
    unrealised_pnl(long, short, price, scale, Rounding::Down)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Rounding {
    Up,
    Down,
}

/// `(long − short open interest) × price − long entry + short entry`: exact
/// sums, no average prices, and one division.
fn unrealised_pnl(
    long: SideSums,
    short: SideSums,
    price: Price,
    scale: Scale,
    rounding: Rounding,
) -> Result<SignedQuote> {
    let net_long = long.open_interest >= short.open_interest;
    let net = long.open_interest.0.abs_diff(short.open_interest.0);
    let (magnitude, rest) = wide::mul_div_rem(u128::from(net), price.0, scale.divisor())?;
    let away_from_zero = rest != 0 && net_long == (rounding == Rounding::Up);
    let magnitude = i128::try_from(magnitude)
        .ok()
        .and_then(|magnitude| magnitude.checked_add(i128::from(away_from_zero)))
        .ok_or(MathError::Overflow)?;
    let value = SignedQuote(if net_long { magnitude } else { magnitude.saturating_neg() });
    value.checked_sub(long.entry_notional.into())?.checked_add(short.entry_notional.into())
}

/// Value of the pool to its share holders, atoms:
/// `liquidity − Σ unrealised PnL`, the PnL at most `reserved` (no gain exceeds
/// its reserve), at least 0. Judged at both edges of the confidence interval,
/// of which `action` takes the one that favours those who stay.
///
/// Error: `Overflow`.
#[expect(clippy::too_many_arguments, reason = "a market's whole balance sheet")]
pub fn pool_value(
    liquidity: Quote,
    reserved: Quote,
    long: SideSums,
    short: SideSums,
    low: Price,
    high: Price,
    action: PoolAction,
    scale: Scale,
) -> Result<Quote> {
    let rounding = match action {
        PoolAction::Deposit => Rounding::Down,
        PoolAction::Withdraw => Rounding::Up,
    };
    let value_at = |price| -> Result<SignedQuote> {
        let owed = unrealised_pnl(long, short, price, scale, rounding)?.min(reserved.into());
        SignedQuote::from(liquidity).checked_sub(owed)
    };
    let (at_low, at_high) = (value_at(low)?, value_at(high)?);
    match action {
        PoolAction::Deposit => at_low.max(at_high),
        PoolAction::Withdraw => at_low.min(at_high),
    }
    .positive_part()
}

/// What all positions together owe the pool for funding and borrow, in atoms,
/// rounded down: from the indices now and the sums of their values at entry,
/// each weighted by what it accrues on (Σ size × index per side, Σ reserve ×
/// index). Funding between the sides cancels; what is left is the pool's.
///
/// Error: `Overflow`.
pub fn accrued_charges(
    funding: FundingIndex,
    long: (Size, i128),
    short: (Size, i128),
    borrow: BorrowIndex,
    reserved: (Quote, u128),
) -> Result<SignedQuote> {
    let grown =
        |(size, basis): (Size, i128)| -> Option<i128> { funding.basis(size).ok()?.checked_sub(basis) };
    let lent = || -> Option<i128> {
        let (reserve, basis) = reserved;
        i128::try_from(borrow.basis(reserve).ok()?.checked_sub(basis)?).ok()
    };
    let total = || grown(long)?.checked_sub(grown(short)?)?.checked_add(lent()?);
    let scaled = total().ok_or(MathError::Overflow)?;
    Ok(SignedQuote(scaled.div_euclid(i128::from(INDEX_ONE))))
}

/// Shares for a deposit of `amount` into a pool worth `value` with `supply`
/// shares: `floor(amount × supply ÷ value)`.
///
/// The first deposit makes `amount` shares, of which [`LOCKED_SHARES`] must be
/// locked: its depositor gets the difference, which has to be something.
///
/// Errors: `InvalidParameter` where the depositor would get nothing;
/// `DivisionByZero` where shares exist and the pool is worth nothing;
/// `Overflow`.
pub fn shares_for_deposit(amount: Quote, value: Quote, supply: u64) -> Result<u64> {
    let (shares, locked) = match supply {
        0 => (amount.0, LOCKED_SHARES),
        _ => (mul_div_floor(amount.0, supply, value.0)?, 0),
    };
    if shares <= locked {
        return Err(MathError::InvalidParameter);
    }
    Ok(shares)
}

/// Atoms for `shares` of a pool worth `value` with `supply` shares:
/// `floor(shares × value ÷ supply)`.
///
/// Errors: `InvalidParameter` for more shares than exist; `DivisionByZero`
/// where none do.
pub fn amount_for_shares(shares: u64, value: Quote, supply: u64) -> Result<Quote> {
    if shares > supply {
        return Err(MathError::InvalidParameter);
    }
    mul_div_floor(shares, value.0, supply).map(Quote)
}
