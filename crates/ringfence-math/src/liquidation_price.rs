//! The price at which the engine liquidates, to the last price unit.
//!
//! With `f` and `n` the notional rounded down and up and `M(n)` the
//! maintenance requirement, the engine liquidates
//!
//! ```text
//! long   ⇔  margin + min(f − entry + funding − borrow, reserve) < M(n)
//! short  ⇔  margin + min(entry − n + funding − borrow, reserve) < M(n)
//! ```
//!
//! which, without the roundings, gives design §4's closed forms
//! `(q·e − c) / (q·(1 − m))` and `(q·e + c) / (q·(1 + m))`. The roundings of
//! the engine move the boundary by a few atoms, so the closed form only places
//! the search and the engine's own predicate decides.

use crate::{
    MarginRates, MathError, PPM, PositionTerms, Price, Quote, Result, Scale, Side, Size, is_liquidatable,
    mul_div_floor, notional::notional_bounds, notional_ceil, wide,
};

/// Charges beyond this many atoms either way decide on their own; holding them
/// here keeps the products below inside `i128`.
const DECIDED: i128 = 1 << 80;

/// The price, in price units, at which a position is liquidated.
///
/// - Long: the highest price at which the engine liquidates, approached from
///   above, among the prices at which the gain is not cut off by the reserve.
///   (Above that, equity stands still while the requirement grows with the
///   price: a position that far in profit is closed at its cap.)
/// - Short: the lowest price at which the engine liquidates; the cap on gains
///   counts.
///
/// `None` where no price in `1..=u64::MAX` does, or the size is 0. What is
/// returned has been confirmed with [`is_liquidatable`]. The search takes at
/// most about `3 ÷ (1 − m)` steps, `m` the sum of maintenance and liquidation
/// fee: under ten for any market that allows leverage.
///
/// Errors: `InvalidParameter` where `m` is 100 % or more; `Overflow`.
pub fn liquidation_price(terms: &PositionTerms, rates: &MarginRates, scale: Scale) -> Result<Option<Price>> {
    let ratio = Ratio::new(rates)?;
    if terms.size.is_zero() {
        return Ok(None);
    }
    match terms.side {
        Side::Long => highest_for_long(terms, rates, ratio, scale),
        Side::Short => lowest_for_short(terms, rates, ratio, scale),
    }
}

/// The first price, in price units, at which equity is negative: what the
/// vault holds no longer covers the loss. `None` as in [`liquidation_price`].
///
/// Error: `Overflow`.
pub fn bankruptcy_price(terms: &PositionTerms, scale: Scale) -> Result<Option<Price>> {
    liquidation_price(terms, &MarginRates::default(), scale)
}

/// Maintenance + liquidation fee in ppm, under 100 %.
#[derive(Clone, Copy)]
struct Ratio(u32);

impl Ratio {
    fn new(rates: &MarginRates) -> Result<Self> {
        rates
            .maintenance
            .0
            .checked_add(rates.liquidation_fee.0)
            .filter(|ratio| *ratio < PPM)
            .map(Self)
            .ok_or(MathError::InvalidParameter)
    }

    /// 1 − m in ppm, at least 1.
    fn complement(self) -> i128 {
        i128::from(PPM.saturating_sub(self.0))
    }

    /// 1 + m in ppm.
    fn successor(self) -> i128 {
        i128::from(PPM.saturating_add(self.0))
    }

    fn ppm(self) -> i128 {
        i128::from(self.0)
    }
}

/// From a bound at or above every liquidatable notional, down through the
/// candidates. With `s = equity − M ≥ 0` at one candidate, `M` being monotone,
/// no notional above `f − s − 1` can be liquidatable: so steps are never too
/// long, and each is at least one atom.
fn highest_for_long(
    terms: &PositionTerms,
    rates: &MarginRates,
    ratio: Ratio,
    scale: Scale,
) -> Result<Option<Price>> {
    // equity = f + base, where the reserve does not cut it off
    let base = signed(terms.margin)
        .checked_sub(signed(terms.entry_notional))
        .and_then(|sum| sum.checked_add(terms.funding.0))
        .and_then(|sum| sum.checked_sub(signed(terms.borrow)))
        .ok_or(MathError::Overflow)?;
    let capped_above = signed(terms.reserve)
        .checked_add(signed(terms.margin))
        .and_then(|sum| sum.checked_sub(base))
        .ok_or(MathError::Overflow)?;

    let mut bound = long_bound(base, rates, ratio)?.min(capped_above).min(i128::from(u64::MAX));
    loop {
        let Ok(floor) = u64::try_from(bound) else {
            return Ok(None);
        };
        let Some(price) = highest_price_with_floor(floor, terms.size, scale)? else {
            return Ok(None);
        };
        if is_liquidatable(terms, rates, price, scale)? {
            return Ok(Some(price));
        }
        let (_, ceil) = notional_bounds(terms.size, price, scale)?;
        let maintenance = rates.maintenance_requirement(ceil)?;
        bound = signed(maintenance)
            .checked_sub(base)
            .and_then(|least| least.checked_sub(1))
            .ok_or(MathError::Overflow)?;
    }
}

/// No notional above this is liquidatable for a long. The two ceils of `M` add
/// less than 2, and `n ≤ f + 1`, so `f + base ≥ (f + 1)·m + 2` is healthy;
/// so is, of the keeper's floor, `f + base ≥ min_keeper_reward`.
fn long_bound(base: i128, rates: &MarginRates, ratio: Ratio) -> Result<i128> {
    let base = base.clamp(DECIDED.saturating_neg(), DECIDED);
    let ppm = i128::from(PPM);
    // f·(1 − m) < m + 2 − base
    let proportional = base
        .saturating_neg()
        .checked_add(2)
        .and_then(|sum| sum.checked_mul(ppm))
        .and_then(|sum| sum.checked_add(ratio.ppm()))
        .and_then(|sum| sum.checked_sub(1))
        .and_then(|sum| sum.checked_div_euclid(ratio.complement()))
        .ok_or(MathError::Overflow)?;
    let keeper = signed(rates.min_keeper_reward)
        .checked_sub(base)
        .and_then(|sum| sum.checked_sub(1))
        .ok_or(MathError::Overflow)?;
    Ok(proportional.max(keeper))
}

/// The highest price at which `floor(size × price)` is at most `floor` and
/// `ceil(size × price)` fits its type; `None` where not even one price unit is.
fn highest_price_with_floor(floor: u64, size: Size, scale: Scale) -> Result<Option<Price>> {
    // size·P < (floor + 1)·D; at the end of the type size·P ≤ floor·D
    let limit = match floor.checked_add(1) {
        Some(above) => wide::mul(above, scale.divisor()).saturating_sub(1),
        None => wide::mul(floor, scale.divisor()),
    };
    let (price, _) = wide::mul_div_rem(limit, 1, size.0)?;
    let price = u64::try_from(price).unwrap_or(u64::MAX);
    Ok((price != 0).then_some(Price(price)))
}

/// A short's predicate is monotone in `n`, so the least liquidatable `n` and
/// from it the least price are exact.
fn lowest_for_short(
    terms: &PositionTerms,
    rates: &MarginRates,
    ratio: Ratio,
    scale: Scale,
) -> Result<Option<Price>> {
    // equity = base − n, at most margin + reserve
    let base = signed(terms.margin)
        .checked_add(signed(terms.entry_notional))
        .and_then(|sum| sum.checked_add(terms.funding.0))
        .and_then(|sum| sum.checked_sub(signed(terms.borrow)))
        .ok_or(MathError::Overflow)?;
    let short =
        ShortSearch { base, ceiling: signed(terms.margin).saturating_add(signed(terms.reserve)), rates };
    let Some(notional) = short.least_notional(ratio)? else {
        return Ok(None);
    };
    // ceil(x) ≥ n ⇔ x > n − 1
    let Ok(below) = mul_div_floor(notional.saturating_sub(1), scale.divisor(), terms.size.0) else {
        return Ok(None);
    };
    let Some(price) = below.checked_add(1).map(Price) else {
        return Ok(None);
    };
    // One price unit may be worth more than what is left of the type: then the
    // engine cannot mark the position there, nor at any higher price.
    if notional_ceil(terms.size, price, scale).is_err() {
        return Ok(None);
    }
    Ok(is_liquidatable(terms, rates, price, scale)?.then_some(price))
}

struct ShortSearch<'a> {
    base: i128,
    ceiling: i128,
    rates: &'a MarginRates,
}

impl ShortSearch<'_> {
    fn liquidates(&self, notional: u64) -> Result<bool> {
        let equity = self.base.saturating_sub(i128::from(notional));
        let maintenance = self.rates.maintenance_requirement(Quote(notional))?;
        Ok(equity.min(self.ceiling) < signed(maintenance))
    }

    /// The least `n ≥ 1` that liquidates.
    fn least_notional(&self, ratio: Ratio) -> Result<Option<u64>> {
        let bound = self.lower_bound(ratio)?;
        let mut notional = u64::try_from(bound.max(1)).unwrap_or(u64::MAX);
        if notional > 1 && self.liquidates(notional.saturating_sub(1))? {
            // Only the cap on gains can do this: the bound ignores it.
            return self.bisect(notional.saturating_sub(1)).map(Some);
        }
        while !self.liquidates(notional)? {
            let Some(next) = notional.checked_add(1) else {
                return Ok(None);
            };
            notional = next;
        }
        Ok(Some(notional))
    }

    /// No notional below this liquidates, the cap on gains aside, and the one
    /// that does is at most four above: `n·(1 + m) + 2 ≤ base` is healthy where
    /// `n + min_keeper_reward ≤ base`, and `n·(1 + m) > base` is not.
    fn lower_bound(&self, ratio: Ratio) -> Result<i128> {
        let base = self.base.clamp(DECIDED.saturating_neg(), DECIDED);
        let proportional = base
            .checked_sub(2)
            .and_then(|sum| sum.checked_mul(i128::from(PPM)))
            .and_then(|sum| sum.checked_div_euclid(ratio.successor()))
            .ok_or(MathError::Overflow)?;
        let keeper = base
            .checked_sub(signed(self.rates.min_keeper_reward))
            .and_then(|sum| sum.checked_add(1))
            .ok_or(MathError::Overflow)?;
        Ok(proportional.min(keeper))
    }

    /// The least that liquidates in `1..=high`, where `high` does.
    fn bisect(&self, mut high: u64) -> Result<u64> {
        let mut low = 1u64;
        while low < high {
            let middle = low.midpoint(high);
            if self.liquidates(middle)? {
                high = middle;
            } else {
                low = middle.saturating_add(1);
            }
        }
        Ok(high)
    }
}

fn signed(amount: Quote) -> i128 {
    i128::from(amount.0)
}
