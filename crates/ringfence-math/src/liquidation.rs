//! How much a liquidation closes, and who gets what of the vault.

use crate::{
    MarginRates, MathError, PPM, PositionTerms, Ppm, Price, Quote, Result, Scale, SignedQuote, Size,
    mul_div_ceil, notional_ceil, wide,
};

/// What a liquidation closes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PartialLiquidation {
    /// Size to close, rounded up.
    pub close_size: Size,
    /// Notional of `close_size`, rounded up, atoms.
    pub close_notional: Quote,
    /// Liquidation fee on `close_notional`, rounded up, atoms.
    pub fee: Quote,
    /// Whether nothing is left open.
    pub full: bool,
}

/// The least that restores the initial ratio. Closing `C` of notional leaves
/// `N − C` and takes `C × fee` from equity, so that
/// `equity − C × fee = target × (N − C)` gives
///
/// ```text
/// C = ceil((target × N − equity) ÷ (target − fee)),   target = initial ratio
/// ```
///
/// (Drift's `calculate_base_asset_amount_to_cover_margin_shortage` is the same
/// with the shortage in place of the numerator.) The size is rounded up.
///
/// Everything is closed where equity is not positive, `target ≤ fee`, `C ≥ N`,
/// or what would be left is worth less than `min_position_notional`; nothing
/// where equity already reaches the target.
///
/// Errors: `InvalidParameter` for a price of zero; `Overflow`.
pub fn partial_liquidation(
    terms: &PositionTerms,
    rates: &MarginRates,
    min_position_notional: Quote,
    price: Price,
    scale: Scale,
) -> Result<PartialLiquidation> {
    if price.is_zero() {
        return Err(MathError::InvalidParameter);
    }
    let notional = notional_ceil(terms.size, price, scale)?;
    let equity = terms.equity(price, scale)?;
    let close_size = match close_notional(notional, equity, rates)? {
        Close::Nothing => return Ok(PartialLiquidation::default()),
        Close::All => terms.size,
        Close::Part(amount) => {
            size_worth(amount, price, scale).filter(|size| *size < terms.size).unwrap_or(terms.size)
        }
    };

    let remaining = terms.size.checked_sub(close_size)?;
    let full = remaining.is_zero() || notional_ceil(remaining, price, scale)? < min_position_notional;
    let (close_size, close_notional) =
        if full { (terms.size, notional) } else { (close_size, notional_ceil(close_size, price, scale)?) };
    Ok(PartialLiquidation {
        close_size,
        close_notional,
        fee: close_notional.ppm_ceil(rates.liquidation_fee)?,
        full,
    })
}

enum Close {
    Nothing,
    Part(Quote),
    All,
}

fn close_notional(notional: Quote, equity: SignedQuote, rates: &MarginRates) -> Result<Close> {
    if notional.is_zero() {
        return Ok(Close::Nothing);
    }
    if equity.0 <= 0 {
        return Ok(Close::All);
    }
    // Both in ppm of an atom; an equity too large to scale has no shortage.
    let target = wide::mul(notional.0, u64::from(rates.initial.0));
    let held = equity.0.unsigned_abs().saturating_mul(u128::from(PPM));
    let shortage = target.saturating_sub(held);
    if shortage == 0 {
        return Ok(Close::Nothing);
    }
    let restored = rates.initial.saturating_sub(rates.liquidation_fee);
    if restored.is_zero() {
        return Ok(Close::All);
    }
    let amount = wide::mul_div_ceil_wide(shortage, 1, u64::from(restored.0))?;
    Ok(match u64::try_from(amount) {
        Ok(amount) if amount < notional.0 => Close::Part(Quote(amount)),
        _ => Close::All,
    })
}

/// The least size worth `amount` at `price`; `None` beyond the type.
fn size_worth(amount: Quote, price: Price, scale: Scale) -> Option<Size> {
    mul_div_ceil(amount.0, scale.divisor(), price.0).ok().map(Size)
}

/// A vault to be divided. All amounts in atoms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LiquidationInputs {
    /// Collateral of the position.
    pub margin: Quote,
    /// Its capped gain, or its loss.
    pub gain: SignedQuote,
    /// Liquidation fee on the closed notional.
    pub fee_due: Quote,
    /// What a close would have cost: this much of the fee, as far as it goes
    /// beyond the keeper's floor, is not the keeper's.
    pub closing_fee: Quote,
    /// The keeper's share of the fee; the rest goes to insurance.
    pub keeper_share: Ppm,
    /// The least the keeper gets, as far as vault and insurance reach.
    pub min_keeper_reward: Quote,
    /// The market's insurance before the liquidation.
    pub insurance: Quote,
}

/// Who gets what. All amounts in atoms; exact:
/// `margin + gain_paid = loss_paid + keeper_from_vault + insurance_fee + remainder`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LiquidationOutcome {
    /// Pool → vault.
    pub gain_paid: Quote,
    /// Vault → pool liquidity.
    pub loss_paid: Quote,
    /// Vault → keeper.
    pub keeper_from_vault: Quote,
    /// Insurance → keeper.
    pub keeper_from_insurance: Quote,
    /// Vault → insurance.
    pub insurance_fee: Quote,
    /// Loss the vault could not cover.
    pub bad_debt: Quote,
    /// Insurance → pool liquidity, part of the bad debt.
    pub insurance_cover: Quote,
    /// The rest of the bad debt, borne by the pool.
    pub pool_absorbs: Quote,
    /// Stays in the vault, the owner's.
    pub remainder: Quote,
}

impl LiquidationOutcome {
    /// What the keeper gets in all, atoms. Error: `Overflow`.
    #[inline]
    pub fn keeper_reward(&self) -> Result<Quote> {
        self.keeper_from_vault.checked_add(self.keeper_from_insurance)
    }
}

/// Divides a liquidated vault:
///
/// 1. the keeper's floor, so that one is paid even for a bankrupt position;
/// 2. the loss, to the pool; what is not covered is bad debt;
/// 3. the fee, of which the floor is part, to keeper and insurance: the
///    keeper's share rounded down, at most what the closing fee leaves, never
///    under the floor;
/// 4. the rest stays the owner's.
///
/// Insurance then tops the keeper up to the minimum and covers bad debt as far
/// as it goes; the pool bears what is left of that.
///
/// Errors: `InvalidParameter` where `keeper_share` exceeds 100 %; `Overflow`.
pub fn liquidation_waterfall(inputs: &LiquidationInputs) -> Result<LiquidationOutcome> {
    if inputs.keeper_share > Ppm::ONE {
        return Err(MathError::InvalidParameter);
    }
    let gain_paid = inputs.gain.positive_part()?;
    let loss = inputs.gain.negative_part()?;
    let vault = inputs.margin.checked_add(gain_paid)?;
    let keeper_floor = inputs.min_keeper_reward.min(vault);

    let loss_paid = loss.min(vault.checked_sub(keeper_floor)?);
    let bad_debt = loss.checked_sub(loss_paid)?;
    let after_loss = vault.checked_sub(loss_paid)?;

    let fee = inputs.fee_due.max(keeper_floor).min(after_loss);
    let share = fee.ppm_floor(inputs.keeper_share)?.min(fee.saturating_sub(inputs.closing_fee));
    let keeper_from_vault = share.max(keeper_floor);
    let insurance_fee = fee.checked_sub(keeper_from_vault)?;

    let keeper_from_insurance =
        inputs.min_keeper_reward.saturating_sub(keeper_from_vault).min(inputs.insurance);
    let insurance = inputs.insurance.checked_sub(keeper_from_insurance)?.checked_add(insurance_fee)?;
    let insurance_cover = bad_debt.min(insurance);

    Ok(LiquidationOutcome {
        gain_paid,
        loss_paid,
        keeper_from_vault,
        keeper_from_insurance,
        insurance_fee,
        bad_debt,
        insurance_cover,
        pool_absorbs: bad_debt.checked_sub(insurance_cover)?,
        remainder: after_loss.checked_sub(fee)?,
    })
}
