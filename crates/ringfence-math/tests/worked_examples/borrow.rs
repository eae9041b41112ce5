use super::*;

fn rate(params: &BorrowParams, utilisation_percent: u64) -> u128 {
    borrow_rate(params, Quote(utilisation_percent), Quote(100)).unwrap()
}

const PERCENT: u128 = 10_000_000_000_000_000;

/// Derive documentation, docs.derive.xyz/interest-rate-model: a kink at
/// 80 %, 4.8 % there and 104.8 % at full utilisation; slopes 6 % and 500 %.
#[test]
fn derive_curve() {
    let params =
        BorrowParams { base: Ppm(0), kink: Ppm(800_000), slope1: Ppm(60_000), slope2: Ppm(5_000_000) };
    assert_eq!(rate(&params, 0), 0);
    assert_eq!(rate(&params, 80), 48 * PERCENT / 10);
    assert_eq!(rate(&params, 100), 1_048 * PERCENT / 10);
}

/// DeepBook Margin documentation, docs.sui.io, "Interest Rates", the row
/// of SUI: base 3 %, base slope 20 %, optimal utilisation 80 %, excess
/// slope 500 %. By its formula 13 % at half use, 19 % at the kink and
/// 19 % + 10 % × 5 = 69 % at the 90 % that may be borrowed.
#[test]
fn deepbook_curve() {
    let params =
        BorrowParams { base: Ppm(30_000), kink: Ppm(800_000), slope1: Ppm(200_000), slope2: Ppm(5_000_000) };
    assert_eq!(rate(&params, 50), 13 * PERCENT);
    assert_eq!(rate(&params, 80), 19 * PERCENT);
    assert_eq!(rate(&params, 90), 69 * PERCENT);
}

/// By hand: a year at 69 % on a reserve of 1,000 is 690; half a year 345.
#[test]
fn a_year_of_it() {
    let params = BorrowParams { base: Ppm(690_000), kink: Ppm::ONE, ..BorrowParams::default() };
    for (seconds, owed) in [(SECONDS_PER_YEAR, 690), (SECONDS_PER_YEAR / 2, 345)] {
        let index = advance_borrow(BorrowIndex::ZERO, &params, Quote(1), Quote(2), seconds).unwrap();
        assert_eq!(borrow_owed(Quote(1_000), index, BorrowIndex::ZERO), Ok(Quote(owed)));
    }
}

/// Compound v2, tests/Models/InterestRateModelTest.js, "jump rate tests, chosen
/// points", here in hundredths of a per cent a year. (Its curve with a kink of 110 % is left out:
/// here a kink beyond full use is refused.)
#[test]
fn compound_jump_rates() {
    const BP: u128 = PERCENT / 100;
    for (jump, kink, points) in [
        (100, 90, &[(0, 1_000), (10, 1_200), (89, 2_780), (90, 2_800), (91, 2_900), (100, 3_800)][..]),
        (20, 90, &[(0, 1_000), (10, 1_200), (100, 3_000)]),
        (0, 90, &[(0, 1_000), (10, 1_200), (100, 2_800)]),
        (2_000, 0, &[(0, 1_000), (10, 21_000), (100, 201_000)]),
    ] {
        let params = BorrowParams {
            base: Ppm(100_000),
            kink: Ppm(kink * 10_000),
            slope1: Ppm(200_000),
            slope2: Ppm(jump * 10_000),
        };
        for &(used, published) in points {
            assert_eq!(rate(&params, used), published * BP, "jump {jump} kink {kink} at {used} %");
        }
    }
    let beyond = BorrowParams { kink: Ppm(1_100_000), ..BorrowParams::default() };
    assert_eq!(borrow_rate(&beyond, Quote(1), Quote(2)), Err(MathError::InvalidParameter));
}
