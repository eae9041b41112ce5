//! PnL, equity, margin requirements and health of one position.

use crate::{
    MathError, PPM, Ppm, Price, Quote, Result, Scale, Side, SignedQuote, Size, notional::notional_bounds,
    wide,
};

/// What a position's equity is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PositionTerms {
    /// Long or short.
    pub side: Side,
    /// Open size in size units.
    pub size: Size,
    /// Σ entry notional of the open size, atoms.
    pub entry_notional: Quote,
    /// Collateral that counts, atoms.
    pub margin: Quote,
    /// Funding since the entry index, atoms; positive is owed to the position.
    pub funding: SignedQuote,
    /// Borrow fee since the entry index, atoms, owed by the position.
    pub borrow: Quote,
    /// What the pool has set aside for the position's gain, atoms.
    pub reserve: Quote,
}

/// Unrealised profit and loss at `price`, in atoms, rounded down: a long has
/// `floor notional − entry`, a short `entry − ceil notional`.
///
/// Error: `Overflow` where the notional does not fit.
pub fn pnl(side: Side, size: Size, entry_notional: Quote, price: Price, scale: Scale) -> Result<SignedQuote> {
    let (floor, ceil) = notional_bounds(size, price, scale)?;
    pnl_of(side, entry_notional, floor, ceil)
}

#[inline]
fn pnl_of(side: Side, entry: Quote, floor: Quote, ceil: Quote) -> Result<SignedQuote> {
    match side {
        Side::Long => SignedQuote::from(floor).checked_sub(entry.into()),
        Side::Short => SignedQuote::from(entry).checked_sub(ceil.into()),
    }
}

impl PositionTerms {
    /// `min(pnl + funding − borrow, reserve)` in atoms, rounded down: what
    /// closing at `price` adds to the margin. Error: `Overflow`.
    pub fn gain(&self, price: Price, scale: Scale) -> Result<SignedQuote> {
        let pnl = pnl(self.side, self.size, self.entry_notional, price, scale)?;
        self.gain_of(pnl)
    }

    /// `margin + gain` in atoms, rounded down. Error: `Overflow`.
    pub fn equity(&self, price: Price, scale: Scale) -> Result<SignedQuote> {
        self.gain(price, scale)?.checked_add(self.margin.into())
    }

    #[inline]
    fn gain_of(&self, pnl: SignedQuote) -> Result<SignedQuote> {
        let uncapped = pnl.checked_add(self.funding)?.checked_sub(self.borrow.into())?;
        Ok(uncapped.min(self.reserve.into()))
    }
}

/// A market's margin ratios.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MarginRates {
    /// Equity ÷ notional needed after opening.
    pub initial: Ppm,
    /// Equity ÷ notional under which, the liquidation fee added, the position
    /// is liquidated.
    pub maintenance: Ppm,
    /// Fee on the notional that a liquidation closes.
    pub liquidation_fee: Ppm,
    /// The least a keeper gets, atoms; also the least requirement, so that a
    /// position is liquidated while it can still pay one.
    pub min_keeper_reward: Quote,
}

impl MarginRates {
    /// `ceil(notional × initial)` in atoms. Error: `Overflow`.
    #[inline]
    pub fn initial_requirement(&self, notional: Quote) -> Result<Quote> {
        notional.ppm_ceil(self.initial)
    }

    /// `ceil(notional × maintenance) + ceil(notional × liquidation fee)` in
    /// atoms, at least the keeper's reward. Error: `Overflow`.
    #[inline]
    pub fn maintenance_requirement(&self, notional: Quote) -> Result<Quote> {
        let proportional =
            notional.ppm_ceil(self.maintenance)?.checked_add(notional.ppm_ceil(self.liquidation_fee)?)?;
        Ok(proportional.max(self.min_keeper_reward))
    }
}

/// A position judged at one price. All amounts in atoms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Notional, rounded up; zero only for a position of size 0.
    pub notional: Quote,
    /// Price PnL alone, rounded down.
    pub pnl: SignedQuote,
    /// PnL with the accrued charges, capped at the reserve.
    pub gain: SignedQuote,
    /// Margin + gain.
    pub equity: SignedQuote,
    /// Initial requirement, rounded up.
    pub initial: Quote,
    /// Maintenance requirement, rounded up.
    pub maintenance: Quote,
}

impl Health {
    /// `equity < maintenance`; a position of size 0 never is.
    #[inline]
    #[must_use]
    pub fn is_liquidatable(&self) -> bool {
        !self.notional.is_zero() && self.equity < self.maintenance.into()
    }

    /// `floor(equity ÷ notional)` in ppm; `None` for a notional of zero.
    /// Ratios beyond `i128` are held at its ends.
    #[must_use]
    pub fn margin_ratio_ppm(&self) -> Option<i128> {
        let notional = i128::from(self.notional.0);
        let whole = self.equity.0.checked_div_euclid(notional)?;
        let rest = self.equity.0.checked_rem_euclid(notional)?;
        // rest < 2^64, so the product fits
        let part = rest.checked_mul(i128::from(PPM))?.checked_div(notional)?;
        Some(whole.saturating_mul(i128::from(PPM)).saturating_add(part))
    }

    /// `ceil(notional ÷ equity)` in ppm; `None` where nothing is left to lever.
    #[must_use]
    pub fn leverage_ppm(&self) -> Option<u128> {
        let equity = u128::try_from(self.equity.0).ok()?;
        let scaled = wide::mul(self.notional.0, u64::from(PPM));
        let floor = scaled.checked_div(equity)?;
        let rest = scaled.checked_rem(equity)?;
        floor.checked_add(u128::from(rest != 0))
    }

    /// Whether the margin ratio is lower than the other's, exactly:
    /// `equity × other notional < other equity × notional`.
    ///
    /// Never fails: the products are compared in 192 bits.
    #[inline]
    pub fn is_worse_than(&self, other: &Self) -> Result<bool> {
        let (left, right) = (self.equity.0, other.equity.0);
        let left_product = wide::mul_192(left.unsigned_abs(), other.notional.0);
        let right_product = wide::mul_192(right.unsigned_abs(), self.notional.0);
        let left_negative = left < 0 && left_product != (0, 0);
        let right_negative = right < 0 && right_product != (0, 0);
        Ok(match (left_negative, right_negative) {
            (true, false) => true,
            (false, true) => false,
            (false, false) => left_product < right_product,
            (true, true) => left_product > right_product,
        })
    }
}

/// Judges a position at `price`, with the rounding of each field.
///
/// Errors: `InvalidParameter` for a price of zero, `Overflow`.
pub fn health(terms: &PositionTerms, rates: &MarginRates, price: Price, scale: Scale) -> Result<Health> {
    let (notional, pnl) = mark(terms, price, scale)?;
    let gain = terms.gain_of(pnl)?;
    Ok(Health {
        notional,
        pnl,
        gain,
        equity: gain.checked_add(terms.margin.into())?,
        initial: rates.initial_requirement(notional)?,
        maintenance: rates.maintenance_requirement(notional)?,
    })
}

/// Whether the engine liquidates at `price`: `equity < maintenance`, never for
/// a size of 0. The same answer as [`Health::is_liquidatable`], without the
/// initial requirement.
///
/// Errors: `InvalidParameter` for a price of zero, `Overflow`.
pub fn is_liquidatable(
    terms: &PositionTerms,
    rates: &MarginRates,
    price: Price,
    scale: Scale,
) -> Result<bool> {
    let (notional, pnl) = mark(terms, price, scale)?;
    let equity = terms.gain_of(pnl)?.checked_add(terms.margin.into())?;
    let maintenance = rates.maintenance_requirement(notional)?;
    Ok(!notional.is_zero() && equity < maintenance.into())
}

/// Notional, rounded up, and PnL at `price`.
#[inline]
fn mark(terms: &PositionTerms, price: Price, scale: Scale) -> Result<(Quote, SignedQuote)> {
    if price.is_zero() {
        return Err(MathError::InvalidParameter);
    }
    let (floor, ceil) = notional_bounds(terms.size, price, scale)?;
    let pnl = pnl_of(terms.side, terms.entry_notional, floor, ceil)?;
    Ok((ceil, pnl))
}
