use num_bigint::BigInt;
use proptest::prelude::*;
use ringfence_math::{FeeShares, MathError, Quote, SignedQuote, cover_bad_debt, settle, split_fee};

use crate::{
    big::{PPM, big, fit_u64, floor},
    strategies::{ppm, word},
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn settlement(
        margin in word(),
        gain in (-(1i128 << 65)..1i128 << 65, 0u32..65).prop_map(|(gain, shift)| gain >> shift),
        fee in word(),
    ) {
        let actual = settle(Quote(margin), SignedQuote(gain), Quote(fee));
        let gained = big(gain).max(BigInt::ZERO);
        let loss = (-big(gain)).max(BigInt::ZERO);
        let vault = big(margin) + &gained;
        if [&gained, &loss, &vault].into_iter().any(|a| fit_u64(a.clone()).is_err()) {
            prop_assert_eq!(actual, Err(MathError::Overflow));
            return Ok(());
        }
        let actual = actual.unwrap();
        let loss_paid = loss.clone().min(vault.clone());
        let fee_paid = big(fee).min(&vault - &loss_paid);
        prop_assert_eq!(big(actual.gain_paid.0), gained);
        prop_assert_eq!(big(actual.loss_paid.0), loss_paid.clone());
        prop_assert_eq!(big(actual.bad_debt.0), loss - &loss_paid);
        prop_assert_eq!(big(actual.fee_paid.0), fee_paid.clone());
        prop_assert_eq!(big(actual.fee_forgiven.0), big(fee) - &fee_paid);
        prop_assert_eq!(big(actual.margin_after.0), vault - loss_paid - fee_paid);
    }

    #[test]
    fn bad_debt_is_covered_as_far_as_insurance_goes(debt in word(), insurance in word()) {
        let (cover, rest) = cover_bad_debt(Quote(debt), Quote(insurance)).unwrap();
        prop_assert_eq!(cover.0, debt.min(insurance));
        prop_assert_eq!(cover.0 + rest.0, debt);
    }

    #[test]
    fn fee_parts(fee in word(), insurance in ppm(), protocol in ppm(), referrer in ppm(), scale in 1u32..4) {
        // often within 100 %, often not
        let shares = FeeShares {
            insurance: ringfence_math::Ppm(insurance.0 / scale),
            protocol: ringfence_math::Ppm(protocol.0 / scale),
            referrer: ringfence_math::Ppm(referrer.0 / scale),
        };
        let sum: u64 = [shares.insurance, shares.protocol, shares.referrer]
            .iter()
            .map(|share| u64::from(share.0))
            .sum();
        let split = split_fee(Quote(fee), shares);
        if sum > PPM {
            prop_assert_eq!(split, Err(MathError::InvalidParameter));
            return Ok(());
        }
        let split = split.unwrap();
        let part = |share: ringfence_math::Ppm| floor(big(fee) * share.0, PPM);
        prop_assert_eq!(big(split.insurance.0), part(shares.insurance));
        prop_assert_eq!(big(split.protocol.0), part(shares.protocol));
        prop_assert_eq!(big(split.referrer.0), part(shares.referrer));
        prop_assert_eq!(
            big(split.liquidity.0) + split.insurance.0 + split.protocol.0 + split.referrer.0,
            big(fee)
        );
        // the floors of three others leave the pool at most two atoms more than its share
        let own = floor(big(fee) * (PPM - sum), PPM);
        prop_assert!(big(split.liquidity.0) >= own && big(split.liquidity.0) <= own + 3);
    }
}
