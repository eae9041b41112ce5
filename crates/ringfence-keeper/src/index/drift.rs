//! How far accrued charges can have moved a trigger price since it was keyed.
//!
//! A position's liquidation price solves `equity(P) = maintenance(P)`. With
//! `c` what funding and borrow have added to the margin, q the size and m the
//! sum of maintenance and liquidation fee, it moves with c by
//!
//! ```text
//! long   −1 ÷ (q·(1 − m)) ≤ dP/dc ≤ 0        short   0 ≤ dP/dc ≤ 1 ÷ q
//! ```
//!
//! (the ends are reached where the proportional requirement and where the
//! keeper's floor binds; 0 where the cap on gains does). Between two moments
//! the funding index moved by ΔF and the borrow index by ΔB, so that
//! `Δc = ∓q·ΔF − reserve·ΔB`. The price therefore comes nearer to the mark by
//! at most
//!
//! ```text
//! long   (max(ΔF, 0) + ρ·max(ΔB, 0)) ÷ (1 − m)     short   max(−ΔF, 0) + ρ·max(ΔB, 0)
//! ```
//!
//! with ρ the largest reserve ÷ size of the side: one number for all positions
//! of a side. [`Drift`] is the sum of these steps; it never falls. A ladder
//! stores `price − drift at keying` and compares with `mark − drift now`, so
//! that what it calls far away is far away, whatever has accrued. What it
//! calls near is judged exactly and keyed anew.
//!
//! The price at which a gain reaches its reserve moves by exactly Δc ÷ q, the
//! other way: there, receipts are what brings it nearer.

use ringfence_client::state::Market;
use ringfence_math::{PPM, Side};

/// One in the unit of an index.
const INDEX_ONE: i128 = 1_000_000_000_000_000_000;

/// The roundings of charges, notional and requirement, at the moment of keying
/// and now: six atoms each (two of the charges, two of the notional, two of
/// the requirement), and a margin on top.
const ROUNDING_ATOMS: i128 = 16;

/// Price units that a position's own roundings can hide: `16 atoms ÷ (q·(1 − m))`
/// and a few units.
pub fn rounding(size: u64, divisor: u64, engine_ppm: u32) -> i128 {
    let atoms = ROUNDING_ATOMS.saturating_mul(i128::from(divisor));
    let per_unit = atoms.div_euclid(i128::from(size.max(1))).saturating_add(1);
    over_complement(per_unit, engine_ppm).saturating_add(4)
}

/// A reserve as a price: `ceil(reserve ÷ size)` in price units.
pub fn reserve_price(reserve: u64, size: u64, divisor: u64) -> i128 {
    let product = u128::from(reserve).saturating_mul(u128::from(divisor));
    i128::try_from(product.div_ceil(u128::from(size.max(1)))).unwrap_or(i128::MAX)
}

/// `ceil(value ÷ (1 − m))`.
fn over_complement(value: i128, engine_ppm: u32) -> i128 {
    let complement = i128::from(PPM.saturating_sub(engine_ppm).max(1));
    value.saturating_mul(i128::from(PPM)).saturating_add(complement - 1).div_euclid(complement)
}

/// `ceil(value × factor ÷ 10^18)` of what is not negative; at the end of the
/// type it stays there, which makes everything a candidate.
fn scaled(value: i128, factor: i128) -> i128 {
    if value <= 0 || factor <= 0 {
        return 0;
    }
    match value.checked_mul(factor) {
        Some(product) => product.saturating_add(INDEX_ONE - 1).div_euclid(INDEX_ONE),
        None => (value / INDEX_ONE).saturating_add(1).saturating_mul(factor),
    }
}

/// Where a market's indices stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Indices {
    pub funding: i128,
    pub borrow: u128,
}

impl Indices {
    pub fn of(market: &Market) -> Self {
        Self { funding: market.funding_index.get(), borrow: market.borrow_index.get() }
    }
}

/// Largest movements of one side's trigger prices towards the mark, summed
/// since the index was built. Price units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drift {
    pub liquidation: i128,
    pub cap: i128,
}

impl Drift {
    /// Adds what the indices' move from `before` to `after` can have done.
    pub fn advance(
        &mut self,
        side: Side,
        before: Indices,
        after: Indices,
        reserve_price: i128,
        market: &Market,
    ) {
        let divisor = i128::from(market.notional_divisor);
        // Positive: the position pays.
        let funding = after.funding.saturating_sub(before.funding).saturating_mul(side.sign());
        let borrow = signed_difference(after.borrow, before.borrow);

        let paid = scaled(funding, divisor).saturating_add(scaled(borrow, reserve_price));
        let nearer = match side {
            Side::Long => over_complement(paid, engine_ppm(market)),
            Side::Short => paid,
        };
        self.liquidation = self.liquidation.saturating_add(nearer);

        let received = scaled(funding.saturating_neg(), divisor)
            .saturating_add(scaled(borrow.saturating_neg(), reserve_price));
        self.cap = self.cap.saturating_add(received);
    }
}

/// Maintenance + liquidation fee.
pub fn engine_ppm(market: &Market) -> u32 {
    market.params.maintenance_margin_ppm.saturating_add(market.params.liquidation_fee_ppm)
}

fn signed_difference(after: u128, before: u128) -> i128 {
    let magnitude = i128::try_from(after.abs_diff(before)).unwrap_or(i128::MAX);
    if after >= before { magnitude } else { magnitude.saturating_neg() }
}
