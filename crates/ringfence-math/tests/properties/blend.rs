//! Entry indices of a position that grows, and what all positions owe.

use num_bigint::BigInt;
use num_integer::Integer;
use proptest::prelude::*;
use ringfence_math::{
    BorrowIndex, FundingIndex, Quote, Side, SignedQuote, Size, accrued_charges, blend_borrow_index,
    blend_funding_index, borrow_owed, funding_owed,
};

// Worked by hand: 3 units have accrued 10 × 3 = 30 (in 10^-18 atoms); on 7
// units that is 30/7 = 4.28…: up to 5 for the side that pays, down to 4 for
// the side that receives.
#[test]
fn growth_is_spread_over_the_larger_size_against_the_position() {
    let blend = |side, now, entry| {
        blend_funding_index(side, FundingIndex(now), FundingIndex(entry), Size(3), Size(7)).unwrap().0
    };
    assert_eq!(blend(Side::Long, 110, 100), 105);
    assert_eq!(blend(Side::Short, 110, 100), 106);
    assert_eq!(blend(Side::Long, 90, 100), 94);
    assert_eq!(blend(Side::Short, 90, 100), 95);
    let borrow = blend_borrow_index(BorrowIndex(110), BorrowIndex(100), Quote(3), Quote(7)).unwrap();
    assert_eq!(borrow.0, 105);
}

#[test]
fn nothing_accrued_stays_nothing() {
    let now = FundingIndex(-77);
    assert_eq!(blend_funding_index(Side::Long, now, now, Size(1), Size(9)).unwrap(), now);
    let now = BorrowIndex(77);
    assert_eq!(blend_borrow_index(now, now, Quote(1), Quote(9)).unwrap(), now);
}

// By hand, in atoms × 10^18: longs 5 × 2 − 4 = 6, shorts 3 × 2 − 1 = 5 the
// other way, lent 7 × 3 − 2 = 19: 6 − 5 + 19 = 20 of 10^18, less than an atom.
#[test]
fn what_all_owe_rounds_down() {
    let owed = |unit: i128| {
        let scaled = |number: i128| number * unit;
        accrued_charges(
            FundingIndex(scaled(2)),
            (Size(5), scaled(4)),
            (Size(3), scaled(1)),
            BorrowIndex(scaled(3).unsigned_abs()),
            (Quote(7), scaled(2).unsigned_abs()),
        )
    };
    assert_eq!(owed(1), Ok(SignedQuote(0)));
    assert_eq!(owed(1_000_000_000_000_000_000), Ok(SignedQuote(20)));
}

/// Within ±10^24: thousands of times the notional of a size unit.
fn index() -> std::ops::Range<i128> {
    -1_000_000_000_000_000_000_000_000..1_000_000_000_000_000_000_000_000
}

proptest! {
    #[test]
    fn a_position_never_gains_by_growing(
        now in index(),
        entry in index(),
        old in 1u64..1_000_000_000_000_000,
        added in 1u64..1_000_000_000_000_000,
    ) {
        // 1,000 times the reserve at the most, so that the debt is an amount
        let bounded = |index: i128| index.unsigned_abs() % 1_000_000_000_000_000_000_000;
        let (high, low) = (bounded(now).max(bounded(entry)), bounded(now).min(bounded(entry)));
        let (now, entry) = (FundingIndex(now), FundingIndex(entry));
        for side in [Side::Long, Side::Short] {
            let blended = blend_funding_index(side, now, entry, Size(old), Size(old + added)).unwrap();
            let before = funding_owed(side, Size(old), now, entry).unwrap();
            let after = funding_owed(side, Size(old + added), now, blended).unwrap();
            prop_assert!(after <= before && before.0 - after.0 <= 1);
        }
        let (now, entry) = (BorrowIndex(high), BorrowIndex(low));
        let blended = blend_borrow_index(now, entry, Quote(old), Quote(old + added)).unwrap();
        let before = borrow_owed(Quote(old), now, entry).unwrap();
        let after = borrow_owed(Quote(old + added), now, blended).unwrap();
        prop_assert!(after >= before && after.0 - before.0 <= 1);
    }

    #[test]
    fn what_all_owe_is_the_exact_sum_rounded_down(
        funding in index(),
        borrow in 0u128..1_000_000_000_000_000_000_000_000,
        sizes in [0u64..1_000_000_000_000, 0u64..1_000_000_000_000, 0u64..1_000_000_000_000],
        entries in (index(), index(), 0u128..1_000_000_000_000_000_000_000_000),
    ) {
        let [long, short, reserve] = sizes;
        let lent = entries.2.min(borrow);
        let basis = |size: u64, entry: i128| i128::from(size) * entry;
        let found = accrued_charges(
            FundingIndex(funding),
            (Size(long), basis(long, entries.0)),
            (Size(short), basis(short, entries.1)),
            BorrowIndex(borrow),
            (Quote(reserve), u128::from(reserve) * lent),
        );
        let grown = |size: u64, entry: i128| BigInt::from(size) * (BigInt::from(funding) - entry);
        let sum = grown(long, entries.0) - grown(short, entries.1)
            + BigInt::from(reserve) * (BigInt::from(borrow) - lent);
        let expected = sum.div_floor(&BigInt::from(1_000_000_000_000_000_000u64));
        prop_assert_eq!(BigInt::from(found.unwrap().0), expected);
    }
}
