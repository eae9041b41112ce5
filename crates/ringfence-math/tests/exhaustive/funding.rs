//! Funding: two steps against one, the mirror, and what the two sides owe.

use ringfence_math::{
    FundingIndex, FundingParams, FundingRate, FundingState, Ppm, Price, Scale, Side, Size, Skew,
    advance_funding, funding_owed,
};

const SECONDS: [u64; 6] = [0, 1, 59, 3_600, 86_399, 86_400];

/// With no skew the rate stands still, so its sign alone moves the index. Each
/// increment is rounded towards zero: two steps are at most one unit nearer.
#[test]
fn the_funding_index_moves_with_the_sign_of_a_steady_rate() {
    let scale = Scale::from_divisor(1_000).unwrap();
    let params =
        FundingParams { skew_scale: Size(100), max_velocity: Ppm(500_000), max_rate: Ppm(1_000_000) };
    let rate_unit = 1_000_000_000i64;
    let mut cases = 0;
    for steps in -40..=40i64 {
        let start = FundingState { rate: FundingRate(steps * rate_unit + steps), index: FundingIndex(-7) };
        for price in [1u64, 3, 250, 77_777] {
            let advance = |state, seconds| {
                advance_funding(state, &params, Skew(0), Price(price), seconds, scale).unwrap()
            };
            for first in SECONDS {
                for second in SECONDS {
                    let between = advance(start, first);
                    let two = advance(between, second);
                    let one = advance(start, first + second);
                    assert_eq!((two.rate, one.rate), (start.rate, start.rate));
                    let (moved, at_once) = (two.index.0 + 7, one.index.0 + 7);
                    assert!(moved.signum() * i128::from(steps.signum()) >= 0);
                    assert!(moved.abs() <= at_once.abs() && at_once.abs() - moved.abs() <= 1);
                    cases += 1;
                }
            }
        }
    }
    println!("funding index at a steady rate: {cases} cases");
}

/// The rate goes the way of the skew, stays within its clamp, and in a mirror
/// everything is mirrored.
#[test]
fn the_funding_rate_follows_the_skew_and_mirrors_exactly() {
    let scale = Scale::from_divisor(1_000).unwrap();
    let mut cases = 0;
    for (velocity, max_rate) in [(0, 0), (1, 1), (500_000, 20_000), (500_000, 9_000_000), (4_000_000_000, 30)]
    {
        let params =
            FundingParams { skew_scale: Size(10), max_velocity: Ppm(velocity), max_rate: Ppm(max_rate) };
        let limit = i64::from(max_rate) * 1_000_000_000_000;
        for skew in -13..=13i128 {
            for eighths in -8..=8i64 {
                let rate = limit / 8 * eighths;
                for seconds in SECONDS {
                    let run = |rate, skew| {
                        let state = FundingState { rate: FundingRate(rate), index: FundingIndex(0) };
                        advance_funding(state, &params, Skew(skew), Price(123), seconds, scale).unwrap()
                    };
                    let (there, mirrored) = (run(rate, skew), run(-rate, -skew));
                    assert!(there.rate.0.abs() <= limit);
                    let change = i128::from(there.rate.0 - rate);
                    assert!(change * skew >= 0, "{skew} moves {rate} to {}", there.rate.0);
                    assert_eq!(mirrored.rate.0, -there.rate.0);
                    assert_eq!(mirrored.index.0, -there.index.0);
                    cases += 1;
                }
            }
        }
    }
    println!("funding rate and its mirror: {cases} cases");
}

/// What one side pays covers what the other gets, with less than an atom over.
#[test]
fn funding_paid_covers_funding_received() {
    const E18: i128 = 1_000_000_000_000_000_000;
    let mut cases = 0;
    for tenths in -60..=60i128 {
        for odd in [-1, 0, 1] {
            let now = FundingIndex(tenths * E18 / 10 + odd);
            for size in 0..=40 {
                let owed = |side| funding_owed(side, Size(size), now, FundingIndex(0)).unwrap().0;
                let sum = owed(Side::Long) + owed(Side::Short);
                assert!(sum == 0 || sum == -1, "{sum}");
                let exact = -now.0 * i128::from(size);
                assert_eq!(owed(Side::Long), exact.div_euclid(E18));
                cases += 1;
            }
        }
    }
    println!("funding owed by the two sides: {cases} cases");
}
