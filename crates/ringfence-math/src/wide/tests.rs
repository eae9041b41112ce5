#![allow(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_possible_truncation
)]

use num_bigint::{BigInt, BigUint};
use proptest::prelude::*;

use super::*;

/// Every bit length is as likely as any other, and the ends are frequent.
fn word() -> impl Strategy<Value = u64> {
    prop_oneof![
        6 => (any::<u64>(), 0u32..64).prop_map(|(bits, shift)| bits >> shift),
        1 => Just(0),
        1 => Just(u64::MAX),
        1 => (0u32..64).prop_map(|bit| 1 << bit),
        1 => (0u32..64).prop_map(|bit| (1 << bit) - 1),
        1 => (0u32..20).prop_map(|power| 10u64.pow(power.min(19))),
    ]
}

fn double() -> impl Strategy<Value = u128> {
    (word(), word()).prop_map(|(high, low)| join(high, low))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn split_and_join_are_inverse(value in double()) {
        let (high, low) = split(value);
        prop_assert_eq!(join(high, low), value);
        prop_assert_eq!(u128::from(high), value >> 64);
    }

    #[test]
    fn div_rem_agrees_with_the_native_operators(high in word(), low in word(), divisor in word()) {
        let dividend = join(high, low);
        let expected = if divisor == 0 {
            Err(MathError::DivisionByZero)
        } else {
            let divisor = u128::from(divisor);
            u64::try_from(dividend / divisor)
                .map(|quotient| (quotient, (dividend % divisor) as u64))
                .map_err(|_| MathError::Overflow)
        };
        prop_assert_eq!(div_rem(high, low, divisor), expected);
    }

    #[test]
    fn mul_192_agrees_with_big_integers(a in double(), b in word()) {
        let (top, lower) = mul_192(a, b);
        let product = (BigUint::from(top) << 128u32) + BigUint::from(lower);
        prop_assert_eq!(product, BigUint::from(a) * BigUint::from(b));
    }

    #[test]
    fn checked_products_agree_with_big_integers(a in double(), b in word()) {
        let expected = u128::try_from(BigUint::from(a) * BigUint::from(b));
        prop_assert_eq!(mul_checked(a, b), expected.map_err(|_| MathError::Overflow));

        for a in [a.cast_signed(), (a >> 64).cast_signed(), a.cast_signed().wrapping_neg()] {
            let expected = i128::try_from(BigInt::from(a) * BigInt::from(b));
            prop_assert_eq!(mul_signed(a, b), expected.map_err(|_| MathError::Overflow), "{} × {}", a, b);
        }
    }

    #[test]
    fn mul_div_rem_agrees_with_big_integers(a in double(), b in word(), divisor in word()) {
        let expected = if divisor == 0 {
            Err(MathError::DivisionByZero)
        } else {
            let product = BigUint::from(a) * BigUint::from(b);
            let rest = u64::try_from(&product % divisor).unwrap();
            u128::try_from(product / divisor)
                .map(|quotient| (quotient, rest))
                .map_err(|_| MathError::Overflow)
        };
        prop_assert_eq!(mul_div_rem(a, b, divisor), expected);

        let ceil = expected.and_then(|(quotient, rest)| {
            quotient.checked_add(u128::from(rest != 0)).ok_or(MathError::Overflow)
        });
        prop_assert_eq!(mul_div_ceil_wide(a, b, divisor), ceil);
    }
}

#[test]
fn signed_products_reach_both_ends() {
    assert_eq!(mul_signed(i128::MIN, 1), Ok(i128::MIN));
    assert_eq!(mul_signed(i128::MIN / 2, 2), Ok(i128::MIN));
    assert_eq!(mul_signed(i128::MAX, 1), Ok(i128::MAX));
    assert_eq!(mul_signed(i128::MAX, 2), Err(MathError::Overflow));
    assert_eq!(mul_signed(i128::MIN, 2), Err(MathError::Overflow));
    // 2^127 has no positive counterpart.
    assert_eq!(mul_signed(1 << 126, 2), Err(MathError::Overflow));
    assert_eq!(mul_signed(-(1 << 126), 2), Ok(i128::MIN));
    assert_eq!(mul_signed(-1, 0), Ok(0));
}

/// The cases in which the estimated digit is two too large, or the partial
/// remainder leaves its half word (Hacker's Delight, `divlu`).
#[test]
fn div_rem_corrects_its_estimates() {
    for (high, low, divisor) in [
        (0x7fff_ffff_ffff_ffff, u64::MAX, 0x8000_0000_0000_0000),
        (0x8000_0000_0000_0000, 0, 0x8000_0000_ffff_ffff),
        (u64::MAX - 1, u64::MAX, u64::MAX),
        (0xffff_fffe_ffff_ffff, 0, 0xffff_ffff_0000_0000),
        (1, 0, 0x1_0000_0001),
        (0xffff_ffff, u64::MAX, 0x1_0000_0000),
        (0xffff_fffe, u64::MAX, 0xffff_ffff),
    ] {
        let dividend = join(high, low);
        let wide = u128::from(divisor);
        assert_eq!(
            div_rem(high, low, divisor),
            Ok(((dividend / wide) as u64, (dividend % wide) as u64)),
            "({high:#x}, {low:#x}) ÷ {divisor:#x}"
        );
    }
}
