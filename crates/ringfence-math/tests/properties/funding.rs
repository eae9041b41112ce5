use num_bigint::BigInt;
use proptest::prelude::*;
use ringfence_math::{
    FundingIndex, FundingParams, FundingRate, FundingState, MathError, Ppm, Price, Scale, Side, Size, Skew,
    advance_funding, funding_owed,
};

use crate::{
    big::{E18, big, fit_signed, floor, trunc},
    strategies::{scale, side, signed, word},
};

const DAY: u64 = 86_400;
const PER_PPM: u64 = 1_000_000_000_000;

fn params() -> impl Strategy<Value = FundingParams> {
    (1u64.., 0u32..64, any::<u32>(), 0u32..32, 0u32..=9_223_372, 0u32..24).prop_map(
        |(scale, a, velocity, b, rate, c)| FundingParams {
            skew_scale: Size((scale >> a).max(1)),
            max_velocity: Ppm(velocity >> b),
            max_rate: Ppm(rate >> c),
        },
    )
}

/// The documented definition as fractions: velocity rounded, then an exact
/// integral of the clamped ramp. Returns end rate and index increment.
fn expected(
    rate: i64,
    params: &FundingParams,
    skew: i128,
    price: u64,
    seconds: u64,
    scale: Scale,
) -> (BigInt, BigInt) {
    let limit = big(params.max_rate.0) * PER_PPM;
    let start = big(rate).clamp(-limit.clone(), limit.clone());
    let full = big(params.skew_scale.0);
    let bounded = big(skew).clamp(-full.clone(), full.clone());
    let mut velocity = trunc(bounded * params.max_velocity.0 * PER_PPM, full);
    if velocity.magnitude() > big(u64::MAX).magnitude() {
        velocity = trunc(velocity, 1_000) * 1_000;
    }
    let target = if velocity < BigInt::ZERO { -limit } else { limit };
    let change = trunc(&velocity * seconds, DAY);
    let gap = &target - &start;
    let meets = change.magnitude() >= gap.magnitude();
    let end = if meets { target.clone() } else { &start + change };

    // twice the area under the rate, in 10^-18 per day × seconds
    let twice_area = if !meets {
        (&start + &end) * seconds
    } else if gap == BigInt::ZERO {
        &target * 2 * seconds
    } else {
        // ramp for gap/velocity days, then flat
        let triangle = trunc(&gap * &gap * DAY, velocity.clone());
        &target * 2 * seconds - triangle
    };
    let increment = trunc(twice_area * price, big(scale.divisor()) * 2 * DAY);
    (end, increment)
}

fn state(rate: i64, index: i128) -> FundingState {
    FundingState { rate: FundingRate(rate), index: FundingIndex(index) }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn basis(index in signed(), size in word()) {
        let expected = fit_signed(big(index) * size).map(|sum| sum.0);
        prop_assert_eq!(FundingIndex(index).basis(Size(size)), expected);
    }

    #[test]
    fn advance(
        rate in any::<i64>(), rate_shift in 0u32..64, index in signed(), params in params(),
        skew in signed(), price in word(), seconds in word(), scale in scale(),
    ) {
        let rate = rate >> rate_shift;
        // 2^40 seconds are 35,000 years
        let seconds = seconds >> 24;
        let (end, increment) = expected(rate, &params, skew, price, seconds, scale);
        let actual = advance_funding(
            state(rate, index), &params, Skew(skew), Price(price), seconds, scale,
        );
        match (i128::try_from(&increment), i128::try_from(big(index) + &increment)) {
            (Ok(_), Ok(index)) => {
                let actual = actual.unwrap();
                prop_assert_eq!(big(actual.rate.0), end);
                prop_assert_eq!(actual.index.0, index);
            }
            _ => prop_assert_eq!(actual, Err(MathError::Overflow)),
        }
    }

    /// Sub-intervals add up to the whole: the accrual does not depend on how
    /// often it is called, but for a unit in the last place of each step.
    #[test]
    fn touching_more_often_changes_nothing(
        rate in -1_000_000_000_000_000_000i64..=1_000_000_000_000_000_000,
        skew in -2_000_000i128..=2_000_000,
        steps in prop::collection::vec(1u64..=100_000, 1..20),
        max_velocity in 1u32..=30_000_000,
        max_rate in 1u32..=1_000_000,
        price in 1_000_000u64..=10_000_000_000_000_000,
    ) {
        let scale = Scale::new(9, 6).unwrap();
        let params = FundingParams {
            skew_scale: Size(1_000_000),
            max_velocity: Ppm(max_velocity),
            max_rate: Ppm(max_rate),
        };
        let run = |from, seconds| {
            advance_funding(from, &params, Skew(skew), Price(price), seconds, scale).unwrap()
        };
        let whole = run(state(rate, 0), steps.iter().sum());
        let mut parts = state(rate, 0);
        let days: u64 = steps.iter().sum::<u64>() / DAY + 1;
        let count = steps.len() as u64;
        for seconds in &steps {
            parts = run(parts, *seconds);
        }
        // each step truncates its rate by less than 1 and its increment too;
        // a rate that is behind by at most `count` stays so for `days`
        prop_assert!(whole.rate.0.abs_diff(parts.rate.0) <= count);
        let tolerance = big(count) * (days + 2) * price / scale.divisor() + big(count) + 1;
        prop_assert!(big(whole.index.0.abs_diff(parts.index.0)) <= tolerance);
    }

    #[test]
    fn a_mirrored_market_mirrors_its_funding(
        rate in -(1i64 << 62)..1i64 << 62, params in params(), skew in -(1i128 << 70)..1i128 << 70,
        price in 1u64..1 << 50, seconds in 0u64..1 << 30,
    ) {
        let scale = Scale::new(9, 6).unwrap();
        let run = |rate, skew| advance_funding(
            state(rate, 0), &params, Skew(skew), Price(price), seconds, scale,
        ).unwrap();
        let (a, b) = (run(rate, skew), run(-rate, -skew));
        prop_assert_eq!((a.rate.0, a.index.0), (-b.rate.0, -b.index.0));
    }

    #[test]
    fn owed_is_rounded_down(side in side(), size in word(), now in signed(), entry in signed(), near in any::<bool>()) {
        let now = if near { entry.saturating_add(now >> 40) } else { now };
        let actual = funding_owed(side, Size(size), FundingIndex(now), FundingIndex(entry));
        let growth = big(now) - entry;
        let fits = fit_signed(growth.clone());
        // longs pay when the index rises
        let sign = if side == Side::Long { -1 } else { 1 };
        prop_assert_eq!(actual, fits.and_then(|_| fit_signed(floor(growth * size * sign, E18))));
    }

    /// Design invariant 8: what traders pay, the others and, for the imbalance,
    /// the pool receive; the roundings, under one atom a position, are the pool's.
    #[test]
    fn funding_is_zero_sum_with_the_pool(
        sizes in prop::collection::vec((side(), 1u64..1 << 50), 1..16),
        growth in -(1i128 << 70)..1i128 << 70,
    ) {
        let (mut traders, mut skew) = (BigInt::ZERO, BigInt::ZERO);
        for (side, size) in &sizes {
            let owed = funding_owed(*side, Size(*size), FundingIndex(growth), FundingIndex(0));
            traders += owed.unwrap().0;
            skew += big(*size) * side.sign();
        }
        // the pool is the other side of the skew: exact share × 10^18
        let pool = skew * growth;
        let surplus = -traders * E18 - pool;
        prop_assert!(surplus >= BigInt::ZERO);
        prop_assert!(surplus < big(E18) * sizes.len());
    }
}

#[test]
fn parameters_out_of_range_are_refused() {
    let scale = Scale::new(9, 6).unwrap();
    let run = |skew_scale, max_rate| {
        let params =
            FundingParams { skew_scale: Size(skew_scale), max_velocity: Ppm(1), max_rate: Ppm(max_rate) };
        advance_funding(state(0, 0), &params, Skew(1), Price(1), 1, scale)
    };
    assert_eq!(run(0, 1), Err(MathError::InvalidParameter));
    assert_eq!(run(1, 9_223_373), Err(MathError::InvalidParameter));
    assert!(run(1, 9_223_372).is_ok());
}

/// Ten years at the largest rate, velocity, skew and price: one step or a
/// step a day.
#[test]
fn ten_years_at_every_maximum() {
    let scale = Scale::new(9, 6).unwrap();
    let params = FundingParams { skew_scale: Size(1), max_velocity: Ppm(u32::MAX), max_rate: Ppm(9_223_372) };
    for skew in [i128::MAX, i128::MIN] {
        let run = |from, seconds| {
            advance_funding(from, &params, Skew(skew), Price(u64::MAX), seconds, scale).unwrap()
        };
        let whole = run(FundingState::default(), 3_650 * DAY);
        let mut daily = FundingState::default();
        for _ in 0..3_650 {
            daily = run(daily, DAY);
        }
        assert_eq!(whole.rate, daily.rate);
        // 9.223372 a day over ten years, less the first instants of the ramp
        let full = 9_223_372i128 * 3_650 * i128::from(u64::MAX) / 10_000_000_000_000 * 1_000_000_000_000;
        let magnitude = i128::try_from(whole.index.0.unsigned_abs()).unwrap();
        assert!(magnitude < full && magnitude > full / 10_000 * 9_999);
        assert!(whole.index.0.abs_diff(daily.index.0) < 10_000_000);
    }
}

#[test]
fn a_rate_beyond_a_lowered_maximum_counts_as_the_maximum() {
    let scale = Scale::new(9, 6).unwrap();
    let params = FundingParams { skew_scale: Size(1_000), max_velocity: Ppm(0), max_rate: Ppm(10_000) };
    let after = advance_funding(
        state(50_000_000_000_000_000, 0),
        &params,
        Skew(0),
        Price(10_000_000_000),
        DAY,
        scale,
    )
    .unwrap();
    // 1 % of 1 quote a base, per 10^-9 base: 10^-2 × 10^6 ÷ 10^9 atoms × 10^18
    assert_eq!(after, state(10_000_000_000_000_000, 10_000_000_000_000));
}
