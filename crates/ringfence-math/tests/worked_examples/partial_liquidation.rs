use super::*;

/// A long marked at 100 whose equity is 10 short of 10 % of its 1,000.
fn ten_short() -> PositionTerms {
    PositionTerms { margin: Quote(90 * QUOTE), ..position(Side::Long, 10 * BASE, 100 * ONE, 0) }
}

fn close(fee: u32) -> PartialLiquidation {
    let rates = MarginRates { initial: Ppm(100_000), liquidation_fee: Ppm(fee), ..MarginRates::default() };
    ringfence_math::partial_liquidation(&ten_short(), &rates, Quote(0), Price(100 * ONE), scale()).unwrap()
}

/// Drift, protocol-v2, programs/drift/src/math/liquidation/tests.rs,
/// `calculate_base_asset_amount_to_cover_margin_shortage`: a shortage of
/// 10 at a price of 100 and a margin ratio of 10 % takes 1 base without a
/// fee, 10 ÷ 9 with 1 %, 1.25 with 1 % + 1 % for insurance. Drift rounds
/// its 10 ÷ 9 down to 1.111111111; here the notional, 111.111112, and the
/// size are rounded up.
#[test]
fn drift_shortage_of_ten() {
    assert_eq!(close(0).close_size, Size(BASE));
    assert_eq!(close(10_000).close_size, Size(1_111_111_120));
    assert_eq!(close(10_000).close_size.0.div_ceil(100), (BASE * 10 / 9).div_ceil(100));
    assert_eq!(close(20_000).close_size, Size(1_250_000_000));
}

/// By hand, of the last: 125 closed costs 2.5, leaves 87.5 on 875: 10 %.
#[test]
fn what_is_left_is_at_the_target() {
    let step = close(20_000);
    assert_eq!(step.close_notional, Quote(125 * QUOTE));
    assert_eq!(step.fee, Quote(2_500_000));
    assert!(!step.full);
}

/// By hand: 875 would be left, so a minimum of 875.000001 closes all.
#[test]
fn a_rest_below_the_minimum_is_closed_too() {
    let rates = MarginRates { initial: Ppm(100_000), liquidation_fee: Ppm(20_000), ..MarginRates::default() };
    let close = |minimum| {
        ringfence_math::partial_liquidation(&ten_short(), &rates, Quote(minimum), Price(100 * ONE), scale())
            .unwrap()
    };
    assert!(!close(875 * QUOTE).full);
    let all = close(875 * QUOTE + 1);
    assert_eq!((all.close_size, all.full), (Size(10 * BASE), true));
    assert_eq!(all.fee, Quote(20 * QUOTE));
}
