//! Funding and borrow indices move the right way, and by the exact amount.

use ringfence_math::{
    BorrowIndex, BorrowParams, FundingIndex, FundingParams, FundingRate, FundingState, Ppm, Price, Quote,
    Scale, Side, Size, Skew, advance_borrow, advance_funding, blend_borrow_index, blend_funding_index,
    borrow_owed, borrow_rate, funding_owed,
};

const E18: i128 = 1_000_000_000_000_000_000;
const DAY: u64 = 86_400;

/// Every curve of a grid, at every utilisation of a pool of 24: the rate never
/// falls as more is reserved, the index never falls, and in two steps it grows by
/// at least as much as in one, by no more than a rounding.
#[test]
fn the_borrow_index_never_falls() {
    let grid = [0, 1, 20_000, 500_000, 10_000_000].map(Ppm);
    let mut cases = 0u64;
    for (base, slope1, slope2) in triples(&grid) {
        for kink in [1, 250_000, 800_000, 999_999].map(Ppm) {
            let params = BorrowParams { base, kink, slope1, slope2 };
            let mut last = 0;
            for reserved in 0..=24u64 {
                let rate = borrow_rate(&params, Quote(reserved), Quote(24)).unwrap();
                assert!(rate >= last, "{params:?} at {reserved}");
                last = rate;
                for seconds in [0, 1, 59, DAY, 365 * DAY] {
                    let step = |index, seconds| {
                        advance_borrow(index, &params, Quote(reserved), Quote(24), seconds).unwrap()
                    };
                    let whole = step(BorrowIndex::ZERO, seconds);
                    let halves = step(step(BorrowIndex::ZERO, seconds / 2), seconds - seconds / 2);
                    assert!(whole <= halves && halves.0 <= whole.0 + 1, "{params:?} {reserved} {seconds}");
                    cases += 1;
                }
            }
        }
    }
    println!("{cases} steps of the borrow index");
}

/// Every skew of −12..=12 against a scale of 8, start rates within and beyond the
/// limit, times up to ten days: the rate moves towards the skew's side and stays
/// within its limit, and the index moves with the sign of the mean rate.
#[test]
fn the_funding_index_follows_the_rate() {
    let scale = Scale::new(9, 6).unwrap();
    let mut cases = 0u64;
    for skew in -12..=12i128 {
        for velocity in [0, 1, 100_000, 10_000_000].map(Ppm) {
            for limit in [0u32, 1, 10_000, 1_000_000] {
                let bound = i64::from(limit) * 1_000_000_000_000;
                for start in [-bound * 2, -bound, -bound / 3, 0, bound / 7, bound, bound * 2] {
                    for seconds in [0, 1, 3_600, DAY, 10 * DAY] {
                        let params = FundingParams {
                            skew_scale: Size(8),
                            max_velocity: velocity,
                            max_rate: Ppm(limit),
                        };
                        let before = FundingState { rate: FundingRate(start), index: FundingIndex::ZERO };
                        let price = Price(1_500_000_000_000);
                        let after =
                            advance_funding(before, &params, Skew(skew), price, seconds, scale).unwrap();
                        let from = start.clamp(-bound, bound);
                        assert!((-bound..=bound).contains(&after.rate.0));
                        match skew.signum() {
                            1 => assert!(after.rate.0 >= from),
                            -1 => assert!(after.rate.0 <= from),
                            _ => assert_eq!(after.rate.0, from),
                        }
                        if from >= 0 && after.rate.0 >= 0 {
                            assert!(after.index.0 >= 0, "{params:?} {skew} {start} {seconds}");
                        }
                        if from <= 0 && after.rate.0 <= 0 {
                            assert!(after.index.0 <= 0, "{params:?} {skew} {start} {seconds}");
                        }
                        if seconds == 0 {
                            assert_eq!(after.index, FundingIndex::ZERO);
                        }
                        cases += 1;
                    }
                }
            }
        }
    }
    println!("{cases} steps of the funding index");
}

/// Every size ≤ 30 and growth of the index in quarters of an atom from −12 to 12:
/// a payer pays the ceil and a receiver gets the floor, so both sides together
/// never take anything out of the pool; and what a reserve owes is the ceil.
#[test]
fn charges_round_for_the_pool() {
    let mut cases = 0u64;
    for size in 0..=30u64 {
        for quarters in -48..=48i128 {
            let growth = FundingIndex(quarters * E18 / 4);
            let owed = |side| funding_owed(side, Size(size), growth, FundingIndex::ZERO).unwrap().0;
            let exact = i128::from(size) * quarters;
            assert_eq!(owed(Side::Short), exact.div_euclid(4));
            assert_eq!(owed(Side::Long), (-exact).div_euclid(4));
            assert!(owed(Side::Long) + owed(Side::Short) <= 0);
            if quarters >= 0 {
                let now = BorrowIndex((quarters * E18 / 4) as u128);
                let lent = borrow_owed(Quote(size), now, BorrowIndex::ZERO).unwrap().0;
                assert_eq!(i128::from(lent), -(-exact).div_euclid(4));
            }
            cases += 1;
        }
    }
    println!("{cases} charges");
}

/// Every old size ≤ 12 and new size up to 24, growth of −20..=20 index units: the
/// blended entry charges the larger position for what had accrued, never less,
/// and by less than one index unit per size unit more.
#[test]
fn a_blended_index_forgives_nothing() {
    let mut cases = 0u64;
    for old in 0..=12u64 {
        for new in old.max(1)..=24u64 {
            for growth in -20..=20i128 {
                let now = 1_000i128;
                for side in [Side::Long, Side::Short] {
                    let blend = blend_funding_index(
                        side,
                        FundingIndex(now),
                        FundingIndex(now - growth),
                        Size(old),
                        Size(new),
                    );
                    let charged = (now - blend.unwrap().0) * i128::from(new) * side.sign();
                    let accrued = growth * i128::from(old) * side.sign();
                    assert!(
                        charged >= accrued && charged < accrued + i128::from(new),
                        "{side:?} {old} {new} {growth}"
                    );
                    cases += 1;
                }
                if growth >= 0 {
                    let entry = BorrowIndex((now - growth) as u128);
                    let blend =
                        blend_borrow_index(BorrowIndex(now as u128), entry, Quote(old), Quote(new)).unwrap();
                    let charged = (now - blend.0 as i128) * i128::from(new);
                    assert!(
                        charged >= growth * i128::from(old)
                            && charged < growth * i128::from(old) + i128::from(new)
                    );
                }
            }
        }
    }
    println!("{cases} blends");
}

fn triples(grid: &[Ppm]) -> impl Iterator<Item = (Ppm, Ppm, Ppm)> + '_ {
    grid.iter().flat_map(move |&a| grid.iter().flat_map(move |&b| grid.iter().map(move |&c| (a, b, c))))
}
