use proptest::prelude::*;
use ringfence_math::{
    MathError, Ppm, Price, Quote, Side, Size, entry_notional, entry_notional_share, exceeds, mul_div_ceil,
    mul_div_floor, notional_ceil, notional_floor, reserve_share,
};

use crate::{
    big::{PPM, big, ceil, fit_u64, floor, notional},
    strategies::{positive, ppm, scale, side, word},
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn exceeding(part in word(), whole in word(), limit in any::<u32>()) {
        let expected = big(part) * 1_000_000 > big(whole) * limit;
        prop_assert_eq!(exceeds(part, whole, Ppm(limit)), expected);
        // Exactly the limit does not exceed it, one more does.
        let most = fit_u64(floor(big(whole) * limit, 1_000_000));
        if let Ok(most) = most {
            prop_assert!(!exceeds(most, whole, Ppm(limit)));
            prop_assert_eq!(most.checked_add(1).is_some_and(|more| !exceeds(more, whole, Ppm(limit))), false);
        }
    }

    #[test]
    fn mul_div(a in word(), b in word(), d in word()) {
        if d == 0 {
            prop_assert_eq!(mul_div_floor(a, b, d), Err(MathError::DivisionByZero));
            prop_assert_eq!(mul_div_ceil(a, b, d), Err(MathError::DivisionByZero));
        } else {
            prop_assert_eq!(mul_div_floor(a, b, d), fit_u64(floor(big(a) * b, d)));
            prop_assert_eq!(mul_div_ceil(a, b, d), fit_u64(ceil(big(a) * b, d)));
        }
    }

    #[test]
    fn quote_times_ppm(amount in word(), rate in ppm()) {
        let product = big(amount) * rate.0;
        prop_assert_eq!(
            Quote(amount).ppm_floor(rate).map(|q| q.0),
            fit_u64(floor(product.clone(), PPM))
        );
        prop_assert_eq!(Quote(amount).ppm_ceil(rate).map(|q| q.0), fit_u64(ceil(product, PPM)));
    }

    #[test]
    fn size_times_price(size in word(), price in word(), scale in scale()) {
        let (down, up) = notional(size, price, scale);
        let (size, price) = (Size(size), Price(price));
        prop_assert_eq!(notional_floor(size, price, scale).map(|q| q.0), fit_u64(down.clone()));
        prop_assert_eq!(notional_ceil(size, price, scale).map(|q| q.0), fit_u64(up.clone()));
        prop_assert_eq!(
            entry_notional(Side::Long, size, price, scale).map(|q| q.0),
            fit_u64(up)
        );
        prop_assert_eq!(
            entry_notional(Side::Short, size, price, scale).map(|q| q.0),
            fit_u64(down)
        );
    }

    #[test]
    fn shares(side in side(), whole in word(), a in word(), b in word()) {
        let entry = entry_notional_share(side, Quote(whole), Size(a), Size(b));
        let reserve = reserve_share(Quote(whole), Size(a), Size(b));
        if a > b {
            prop_assert_eq!(entry, Err(MathError::InvalidParameter));
            prop_assert_eq!(reserve, Err(MathError::InvalidParameter));
        } else if a == b {
            prop_assert_eq!(entry, Ok(Quote(whole)));
            prop_assert_eq!(reserve, Ok(Quote(whole)));
        } else {
            let product = big(whole) * a;
            let expected = match side {
                Side::Long => floor(product.clone(), b),
                Side::Short => ceil(product.clone(), b),
            };
            prop_assert_eq!(entry.map(|q| q.0), fit_u64(expected));
            prop_assert_eq!(reserve.map(|q| q.0), fit_u64(floor(product, b)));
        }
    }

    /// However a position is taken apart, what leaves sums to what was there,
    /// and what stays reserved is never under its share.
    #[test]
    fn parts_sum_exactly(
        side in side(),
        entry in word(),
        reserve in word(),
        parts in prop::collection::vec(positive().prop_map(|p| (p >> 4).max(1)), 1..12),
    ) {
        let total: u64 = parts.iter().sum();
        let (mut size, mut left, mut reserved) = (total, entry, reserve);
        let (mut entry_out, mut reserve_out) = (0u64, 0u64);
        for part in parts {
            let e = entry_notional_share(side, Quote(left), Size(part), Size(size)).unwrap().0;
            let r = reserve_share(Quote(reserved), Size(part), Size(size)).unwrap().0;
            size -= part;
            left -= e;
            reserved -= r;
            entry_out += e;
            reserve_out += r;
            prop_assert!(big(reserved) * total >= big(reserve) * size);
        }
        prop_assert_eq!((size, left, reserved), (0, 0, 0));
        prop_assert_eq!((entry_out, reserve_out), (entry, reserve));
    }
}
