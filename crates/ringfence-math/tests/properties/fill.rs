use num_bigint::BigInt;
use proptest::prelude::*;
use ringfence_math::{
    MathError, Ppm, Price, Quote, Result, Scale, Side, Size, Skew, TradeDirection, clamp_confidence,
    confidence_edge_high, confidence_edge_low, edge_against, edge_for, entry_notional, entry_notional_share,
    fill_price, is_acceptable, pnl,
};

use crate::{
    big::{PPM, big, ceil, fit_u64, floor},
    strategies::{amount, ppm, side, word},
};

fn direction() -> impl Strategy<Value = TradeDirection> {
    prop_oneof![Just(TradeDirection::Buy), Just(TradeDirection::Sell)]
}

/// `(index × (2·scale + 2k + Δ) ± confidence × scale) ÷ (2·scale)` as one
/// fraction.
fn fraction(
    index: u64,
    confidence: u64,
    direction: TradeDirection,
    size: u64,
    skew: i128,
    scale: u64,
) -> (BigInt, BigInt) {
    let sign = if direction == TradeDirection::Buy { 1 } else { -1 };
    let path = big(scale) * 2 + big(skew) * 2 + big(size) * sign;
    (path * index + big(confidence) * scale * sign, big(scale) * 2)
}

fn expected(
    index: u64,
    confidence: u64,
    direction: TradeDirection,
    size: u64,
    skew: i128,
    scale: u64,
) -> Result<Price> {
    if scale == 0 {
        return Err(MathError::InvalidParameter);
    }
    let (numerator, denominator) = fraction(index, confidence, direction, size, skew, scale);
    let price = match direction {
        TradeDirection::Buy => ceil(numerator, denominator),
        TradeDirection::Sell => floor(numerator, denominator),
    };
    if price <= BigInt::ZERO {
        return Err(MathError::InvalidParameter);
    }
    fit_u64(price).map(Price)
}

/// A market in which no fill leaves the domain.
fn market() -> impl Strategy<Value = (u64, u64, i64, u64)> {
    (
        1_000_000u64..=10_000_000_000_000,
        0u64..=100_000,
        -100_000_000_000i64..=100_000_000_000,
        1_000_000_000_000u64..=1_000_000_000_000_000,
    )
        .prop_map(|(index, confidence, skew, scale)| (index, index * confidence / 1_000_000, skew, scale))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn fill(
        index in word(), confidence in word(), direction in direction(), size in word(),
        skew in amount(), shift in 0u32..128, scale in word(),
    ) {
        let skew = skew >> shift;
        let actual = fill_price(
            Price(index), Price(confidence), direction, Size(size), Skew(skew), Size(scale),
        );
        let expected = expected(index, confidence, direction, size, skew, scale);
        prop_assert_eq!(actual, expected);
    }

    /// Split into parts, an order pays what it pays as a whole: never less than
    /// the exact price, and less than one price unit a part more.
    #[test]
    fn splitting_an_order_never_helps(
        (index, confidence, skew, scale) in market(),
        direction in direction(),
        parts in prop::collection::vec(1u64..=10_000_000_000, 1..10),
    ) {
        let total: u64 = parts.iter().sum();
        let whole = fraction(index, confidence, direction, total, skew.into(), scale);
        let mut at = Skew(skew.into());
        let mut paid = BigInt::ZERO;
        for part in &parts {
            let fill = fill_price(
                Price(index), Price(confidence), direction, Size(*part), at, Size(scale),
            ).unwrap();
            paid += big(fill.0) * part;
            at = at.after(direction, Size(*part)).unwrap();
        }
        // exact cost × denominator
        let exact = whole.0 * total;
        let (paid, bound) = (paid * &whole.1, &whole.1 * total);
        match direction {
            TradeDirection::Buy => prop_assert!(paid >= exact && paid < &exact + bound),
            TradeDirection::Sell => prop_assert!(paid <= exact && paid > &exact - bound),
        }
    }

    /// Design invariant 3: a position opened and closed at one index never
    /// gains, closed at once or in parts, and neither do both ends' roundings.
    #[test]
    fn open_and_close_never_gains(
        (index, confidence, skew, skew_scale) in market(),
        side in side(),
        parts in prop::collection::vec(1u64..=10_000_000_000, 1..8),
        power in 7u32..=14,
    ) {
        let scale = Scale::from_divisor(10u64.pow(power)).unwrap();
        let total: u64 = parts.iter().sum();
        let (open, close) = (TradeDirection::opening(side), TradeDirection::closing(side));
        let price = |direction, size, at| fill_price(
            Price(index), Price(confidence), direction, Size(size), at, Size(skew_scale),
        ).unwrap();

        let before = Skew(skew.into());
        let mut entry = entry_notional(side, Size(total), price(open, total, before), scale).unwrap();
        let mut at = before.after(open, Size(total)).unwrap();
        let (mut size, mut realised) = (total, 0i128);
        for part in parts {
            let out = entry_notional_share(side, entry, Size(part), Size(size)).unwrap();
            realised += pnl(side, Size(part), out, price(close, part, at), scale).unwrap().0;
            at = at.after(close, Size(part)).unwrap();
            entry = Quote(entry.0 - out.0);
            size -= part;
        }
        prop_assert_eq!(at, before);
        prop_assert!(realised <= 0, "{}", realised);
    }

    #[test]
    fn acceptable(direction in direction(), fill in word(), limit in word()) {
        let expected = match direction {
            TradeDirection::Buy => fill <= limit,
            TradeDirection::Sell => fill >= limit,
        };
        prop_assert_eq!(is_acceptable(direction, Price(fill), Price(limit)), expected);
        prop_assert!(is_acceptable(direction, Price(fill), Price(fill)));
    }

    #[test]
    fn edges(index in word(), confidence in word(), max in ppm()) {
        let (i, c) = (Price(index), Price(confidence));
        let low = (big(index) - confidence).max(big(1));
        let high = (big(index) + confidence).min(big(u64::MAX));
        prop_assert_eq!(big(confidence_edge_low(i, c).0), low);
        prop_assert_eq!(big(confidence_edge_high(i, c).0), high);
        prop_assert_eq!(edge_against(Side::Long, i, c), confidence_edge_low(i, c));
        prop_assert_eq!(edge_against(Side::Short, i, c), confidence_edge_high(i, c));
        prop_assert_eq!(edge_for(Side::Long, i, c), confidence_edge_high(i, c));
        prop_assert_eq!(edge_for(Side::Short, i, c), confidence_edge_low(i, c));

        let limit = fit_u64(floor(big(index) * max.0, PPM));
        prop_assert_eq!(
            clamp_confidence(i, c, max).map(|p| p.0),
            limit.map(|limit| limit.min(confidence))
        );
        prop_assert_eq!(clamp_confidence(i, c, Ppm(0)), Ok(Price(0)));
    }
}

#[test]
fn a_skew_scale_of_zero_and_a_price_of_nothing_are_refused() {
    let fill = |confidence, size, skew, scale| {
        fill_price(Price(100), Price(confidence), TradeDirection::Sell, Size(size), Skew(skew), Size(scale))
    };
    assert_eq!(fill(0, 1, 0, 0), Err(MathError::InvalidParameter));
    // 100 × (1 − 1,000 ÷ 1,000) = 0
    assert_eq!(fill(0, 2_000, 0, 1_000), Err(MathError::InvalidParameter));
    // 100 × (1 − 0.99) = 1, less half of 1 is 0.5, down to 0
    assert_eq!(fill(1, 1_980, 0, 1_000), Err(MathError::InvalidParameter));
    assert_eq!(fill(0, 1_980, 0, 1_000), Ok(Price(1)));
}
