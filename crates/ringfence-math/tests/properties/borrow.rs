use num_bigint::BigInt;
use proptest::prelude::*;
use ringfence_math::{
    BorrowIndex, BorrowParams, MathError, Ppm, Quote, SECONDS_PER_YEAR, advance_borrow, borrow_owed,
    borrow_rate, utilisation, utilisation_ppm,
};

use crate::{
    big::{E18, PPM, big, ceil, fit_u64, fit_u128},
    strategies::{ppm, share, wide, word},
};

fn params() -> impl Strategy<Value = BorrowParams> {
    (ppm(), share(), ppm(), ppm()).prop_map(|(base, kink, slope1, slope2)| BorrowParams {
        base,
        kink,
        slope1,
        slope2,
    })
}

/// `ceil(one × reserved ÷ liquidity)`, at most one.
fn used(one: u64, reserved: u64, liquidity: u64) -> BigInt {
    if reserved == 0 {
        BigInt::ZERO
    } else if liquidity == 0 {
        big(one)
    } else {
        ceil(big(one) * reserved, liquidity).min(big(one))
    }
}

/// In 10^-24 before the one division.
fn rate(params: &BorrowParams, reserved: u64, liquidity: u64) -> BigInt {
    let used = used(E18, reserved, liquidity);
    let kink = big(params.kink.0) * 1_000_000_000_000u64;
    let below = used.clone().min(kink.clone());
    let above = (used - kink).max(BigInt::ZERO);
    let exact = big(params.base.0) * E18 + below * params.slope1.0 + above * params.slope2.0;
    ceil(exact, PPM)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn basis(index in wide(), reserve in word()) {
        prop_assert_eq!(BorrowIndex(index).basis(Quote(reserve)), fit_u128(big(index) * reserve));
    }

    #[test]
    fn utilisation_is_rounded_up(reserved in word(), liquidity in word()) {
        let (r, l) = (Quote(reserved), Quote(liquidity));
        prop_assert_eq!(utilisation(r, l).map(big), Ok(used(E18, reserved, liquidity)));
        prop_assert_eq!(
            utilisation_ppm(r, l).map(|u| big(u.0)),
            Ok(used(PPM, reserved, liquidity))
        );
    }

    #[test]
    fn rate_follows_the_curve(params in params(), reserved in word(), liquidity in word()) {
        prop_assert_eq!(
            borrow_rate(&params, Quote(reserved), Quote(liquidity)).map(big),
            Ok(rate(&params, reserved, liquidity))
        );
    }

    #[test]
    fn rate_never_falls_as_the_pool_fills(
        params in params(), a in word(), b in word(), liquidity in word(),
    ) {
        let at = |reserved| borrow_rate(&params, Quote(reserved), Quote(liquidity)).unwrap();
        prop_assert!(at(a.min(b)) <= at(a.max(b)));
    }

    #[test]
    fn index_grows_by_the_rate(
        index in wide(), params in params(), reserved in word(), liquidity in word(), seconds in word(),
    ) {
        let growth = ceil(rate(&params, reserved, liquidity) * seconds, SECONDS_PER_YEAR);
        prop_assert_eq!(
            advance_borrow(BorrowIndex(index), &params, Quote(reserved), Quote(liquidity), seconds)
                .map(|index| index.0),
            fit_u128(big(index) + growth)
        );
    }

    #[test]
    fn owed_is_rounded_up(reserve in word(), now in wide(), entry in wide(), shift in 0u32..128) {
        let now = if shift < 64 { entry.saturating_add(now >> shift) } else { now };
        let owed = borrow_owed(Quote(reserve), BorrowIndex(now), BorrowIndex(entry));
        if now < entry {
            prop_assert_eq!(owed, Err(MathError::Overflow));
        } else {
            let exact = ceil((big(now) - entry) * reserve, E18);
            prop_assert_eq!(owed.map(|q| q.0), fit_u64(exact));
        }
    }

    #[test]
    fn a_kink_over_one_is_refused(params in params(), over in 1_000_001u32..) {
        let params = BorrowParams { kink: Ppm(over), ..params };
        prop_assert_eq!(
            borrow_rate(&params, Quote(1), Quote(2)),
            Err(MathError::InvalidParameter)
        );
    }
}

/// A year at 10 %, touched every hour, costs 10 % and at most one atom more:
/// increments round up by less than 10^-18 each.
#[test]
fn a_year_in_hours() {
    let params = BorrowParams { base: Ppm(100_000), kink: Ppm::ONE, ..BorrowParams::default() };
    let mut index = BorrowIndex::ZERO;
    for _ in 0..365 * 24 {
        index = advance_borrow(index, &params, Quote(1), Quote(3), 3_600).unwrap();
    }
    let owed = borrow_owed(Quote(1_000_000_000), index, BorrowIndex::ZERO).unwrap();
    assert!((100_000_000..=100_000_001).contains(&owed.0), "{owed:?}");
}
