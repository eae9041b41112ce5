//! A close or decrease by the trader: gain or loss, then the fee.

use crate::{Quote, Result, SignedQuote};

/// Who gets what. All amounts in atoms; exact:
/// `margin + gain_paid = loss_paid + fee_paid + margin_after` and
/// `fee_due = fee_paid + fee_forgiven`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settlement {
    /// Pool → vault.
    pub gain_paid: Quote,
    /// Vault → pool liquidity.
    pub loss_paid: Quote,
    /// Vault → fee split.
    pub fee_paid: Quote,
    /// Fee the vault could not pay and nobody else does.
    pub fee_forgiven: Quote,
    /// Loss the vault could not cover.
    pub bad_debt: Quote,
    /// What is left in the vault.
    pub margin_after: Quote,
}

/// Settles a realised gain or loss, then the fee from what is left.
///
/// Error: `Overflow` where gain or vault exceed `u64`.
pub fn settle(margin: Quote, gain: SignedQuote, fee_due: Quote) -> Result<Settlement> {
    let gain_paid = gain.positive_part()?;
    let loss = gain.negative_part()?;
    let vault = margin.checked_add(gain_paid)?;
    let loss_paid = loss.min(vault);
    let after_loss = vault.checked_sub(loss_paid)?;
    let fee_paid = fee_due.min(after_loss);
    Ok(Settlement {
        gain_paid,
        loss_paid,
        fee_paid,
        fee_forgiven: fee_due.checked_sub(fee_paid)?,
        bad_debt: loss.checked_sub(loss_paid)?,
        margin_after: after_loss.checked_sub(fee_paid)?,
    })
}

/// Bad debt through insurance: what insurance covers and what the pool
/// absorbs, atoms, summing to `bad_debt`. Never fails.
#[inline]
pub fn cover_bad_debt(bad_debt: Quote, insurance: Quote) -> Result<(Quote, Quote)> {
    let cover = bad_debt.min(insurance);
    Ok((cover, bad_debt.checked_sub(cover)?))
}
