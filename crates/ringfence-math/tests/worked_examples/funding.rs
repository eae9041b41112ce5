use super::*;

/// Synthetix v3, PerpsMarket.sol, comment in `currentFundingRate`: from a
/// rate of 0 at a velocity of 0.0025 a day², after 29,000 s the rate is
/// 0.0025 × 0.33564815 = 0.00083912. (0.0025 is a tenth of the maximum
/// 0.025 that it names.) By `unrecordedFunding` the index then holds the
/// mean of both rates × elapsed days × price: 0.000419560185 × 0.33564814…
/// = 0.000140824… of the price.
#[test]
fn synthetix_velocity() {
    let params = FundingParams {
        skew_scale: Size(10_000 * BASE),
        max_velocity: Ppm(25_000),
        max_rate: Ppm(1_000_000),
    };
    let after = advance_funding(
        FundingState::default(),
        &params,
        Skew(1_000 * i128::from(BASE)),
        Price(1_000 * ONE),
        29_000,
        scale(),
    )
    .unwrap();
    // 0.0025 × 29,000 ÷ 86,400 = 0.000839120370370370…
    assert_eq!(after.rate, FundingRate(839_120_370_370_370));
    assert_eq!((after.rate.0 + 5_000_000_000) / 10_000_000_000, 83_912);

    // 10 base: 10,000 quote × 0.0025 × (29,000 ÷ 86,400)² ÷ 2 = 1.40824598…
    let owed = |side| funding_owed(side, Size(10 * BASE), after.index, FundingIndex::ZERO).unwrap();
    assert_eq!(owed(Side::Long), SignedQuote(-1_408_246));
    assert_eq!(owed(Side::Short), SignedQuote(1_408_245));
}

/// By hand: 1 % a day², clamped at 2 %, from 1 %: one day of ramp (mean
/// 1.5 %), then two at 2 %: 5.5 % of 100 quote = 5.5 quote a base.
#[test]
fn ramp_then_clamp() {
    let params = FundingParams { skew_scale: Size(BASE), max_velocity: Ppm(10_000), max_rate: Ppm(20_000) };
    let start = FundingState { rate: FundingRate(10_000_000_000_000_000), index: FundingIndex::ZERO };
    let after = advance_funding(
        start,
        &params,
        Skew(5 * i128::from(BASE)),
        Price(100 * ONE),
        3 * SECONDS_PER_DAY,
        scale(),
    )
    .unwrap();
    assert_eq!(after.rate, FundingRate(20_000_000_000_000_000));
    // 5.5 × 10^6 atoms ÷ 10^9 size units × 10^18
    assert_eq!(after.index, FundingIndex(5_500_000_000_000_000));
}

/// Synthetix v3, markets/bfp-market/test/integration/modules/
/// PerpMarketFactoryModule.test.ts, the static list of trades at a skew scale
/// of 100,000 and a maximum velocity of 0.25: a skew of 1,000 moves the rate by
/// 0.0025 a day, to 0.00083912 after 29,000 s; one of 3,000 by 0.0075 a day, to
/// 0.00257546 after 20,000 s more; a balanced market keeps its rate. Published
/// to 10^-6, since its blocks add a second here and there.
#[test]
fn synthetix_rate_of_a_list_of_trades() {
    let params = FundingParams {
        skew_scale: Size(100_000 * BASE),
        max_velocity: Ppm(250_000),
        max_rate: Ppm(1_000_000),
    };
    let run = |state, skew: i128, seconds| {
        advance_funding(state, &params, Skew(skew * i128::from(BASE)), Price(100 * ONE), seconds, scale())
            .unwrap()
    };
    let a_day = |skew| run(FundingState::default(), skew, SECONDS_PER_DAY).rate;
    assert_eq!(a_day(1_000), FundingRate(2_500_000_000_000_000));
    assert_eq!(a_day(3_000), FundingRate(7_500_000_000_000_000));

    let near = |state: FundingState, published: i64| {
        assert!(state.rate.0.abs_diff(published) <= 1_000_000_000_000, "{:?}", state.rate);
    };
    let first = run(FundingState::default(), 1_000, 29_000);
    near(first, 839_120_000_000_000);
    let second = run(first, 3_000, 20_000);
    near(second, 2_575_460_000_000_000);
    assert_eq!(run(second, 0, SECONDS_PER_DAY).rate, second.rate);
}

/// GMX v2 (gmx-io/gmx-synthetics, test/exchange/FundingFees/PairMarket.ts):
/// longs of 200,000 and shorts of 100,000 USD at 5,000 a coin, a funding factor
/// of 10^-10 and an exponent of 1. Its rate is factor × imbalance ÷ total open
/// interest = 10^-10 ÷ 3 a second, 2.88 × 10^-6 a day; 14 days and 3 s (its
/// blocks) cost the long 8.06402 USD.
///
/// GMX's rate follows the imbalance, ours is what has drifted: here it is given
/// and held (no velocity). GMX pays all of it to the smaller side, so its short
/// gets 8.06402; here each unit gets what each unit pays, so the short gets half
/// and the pool, which carries the other half of the imbalance, the rest.
#[test]
fn gmx_pair_market() {
    let params = FundingParams { skew_scale: Size(BASE), max_velocity: Ppm(0), max_rate: Ppm(3) };
    let rate = FundingRate(2_880_000_000_000);
    assert_eq!(i128::from(rate.0) * 3 * 10_000_000_000, 86_400 * 1_000_000_000_000_000_000);
    let (long, short) = (40 * BASE, 20 * BASE);
    let after = advance_funding(
        FundingState { rate, index: FundingIndex::ZERO },
        &params,
        Skew(i128::from(long - short)),
        Price(5_000 * ONE),
        14 * SECONDS_PER_DAY + 3,
        scale(),
    )
    .unwrap();
    assert_eq!(after.rate, rate);
    let owed = |side, size| funding_owed(side, Size(size), after.index, FundingIndex::ZERO);
    assert_eq!(owed(Side::Long, long), Ok(SignedQuote(-8_064_020)));
    assert_eq!(owed(Side::Short, short), Ok(SignedQuote(4_032_010)));
    let pool =
        accrued_charges(after.index, (Size(long), 0), (Size(short), 0), BorrowIndex::ZERO, (Quote::ZERO, 0));
    assert_eq!(pool, Ok(SignedQuote(4_032_010)));
}
