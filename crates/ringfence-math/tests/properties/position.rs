use num_bigint::BigInt;
use proptest::prelude::*;
use ringfence_math::{
    Health, MarginRates, MathError, PositionTerms, Price, Quote, Result, Scale, SignedQuote, Size, health,
    is_liquidatable, pnl,
};

use crate::{
    big::{self, PPM, big, ceil, fit_signed, fit_u64, fit_u128, floor},
    strategies::{any_rates, any_terms, scale, side, signed, word},
};

/// Gain without the check that its notional fits.
fn gain(terms: &PositionTerms, price: u64, scale: Scale) -> BigInt {
    let pnl = big::pnl(terms.side, terms.size.0, terms.entry_notional.0, price, scale);
    (pnl + terms.funding.0 - terms.borrow.0).min(big(terms.reserve.0))
}

fn maintenance(rates: &MarginRates, notional: &BigInt) -> BigInt {
    let rate = |ppm: u32| ceil(notional * ppm, PPM);
    (rate(rates.maintenance.0) + rate(rates.liquidation_fee.0)).max(big(rates.min_keeper_reward.0))
}

fn expected_health(terms: &PositionTerms, rates: &MarginRates, price: u64, scale: Scale) -> Result<Health> {
    if price == 0 {
        return Err(MathError::InvalidParameter);
    }
    let (_, notional) = big::notional(terms.size.0, price, scale);
    let gain = gain(terms, price, scale);
    // the parts of the requirement must fit too, which its sum implies
    Ok(Health {
        notional: Quote(fit_u64(notional.clone())?),
        pnl: fit_signed(big::pnl(terms.side, terms.size.0, terms.entry_notional.0, price, scale))?,
        gain: fit_signed(gain.clone())?,
        equity: fit_signed(gain + terms.margin.0)?,
        initial: Quote(fit_u64(ceil(notional.clone() * rates.initial.0, PPM))?),
        maintenance: Quote(fit_u64(maintenance(rates, &notional))?),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn pnl_is_rounded_down(
        side in side(), size in word(), entry in word(), price in word(), scale in scale(),
    ) {
        let actual = pnl(side, Size(size), Quote(entry), Price(price), scale);
        let (_, up) = big::notional(size, price, scale);
        let expected = fit_u64(up).and_then(|_| {
            fit_signed(big::pnl(side, size, entry, price, scale))
        });
        prop_assert_eq!(actual, expected);
    }

    #[test]
    fn gain_and_equity(terms in any_terms(), price in word(), scale in scale()) {
        let (_, up) = big::notional(terms.size.0, price, scale);
        let fits = fit_u64(up);
        let expected = gain(&terms, price, scale);
        prop_assert_eq!(
            terms.gain(Price(price), scale),
            fits.and_then(|_| fit_signed(expected.clone()))
        );
        prop_assert_eq!(
            terms.equity(Price(price), scale),
            fits.and_then(|_| fit_signed(expected + terms.margin.0))
        );
    }

    #[test]
    fn requirements(rates in any_rates(), notional in word()) {
        prop_assert_eq!(
            rates.initial_requirement(Quote(notional)).map(|q| q.0),
            fit_u64(ceil(big(notional) * rates.initial.0, PPM))
        );
        prop_assert_eq!(
            rates.maintenance_requirement(Quote(notional)).map(|q| q.0),
            fit_u64(maintenance(&rates, &big(notional)))
        );
    }

    #[test]
    fn health_and_its_verdict(
        terms in any_terms(), rates in any_rates(), price in word(), scale in scale(),
    ) {
        let expected = expected_health(&terms, &rates, price, scale);
        let actual = health(&terms, &rates, Price(price), scale);
        prop_assert_eq!(actual, expected);
        if let Ok(health) = actual {
            let verdict = terms.size.0 != 0 && health.equity.0 < i128::from(health.maintenance.0);
            prop_assert_eq!(health.is_liquidatable(), verdict);
            prop_assert_eq!(is_liquidatable(&terms, &rates, Price(price), scale), Ok(verdict));
        }
    }

    #[test]
    fn ratios(equity in signed(), notional in word()) {
        let health = Health {
            notional: Quote(notional),
            equity: SignedQuote(equity),
            ..Health::default()
        };
        let ratio = (notional != 0).then(|| {
            let exact = floor(big(equity) * PPM, notional);
            i128::try_from(exact).unwrap_or(if equity < 0 { i128::MIN } else { i128::MAX })
        });
        // Beyond i128 the part below one whole may already be rounded away.
        let near = |a: Option<i128>, b: Option<i128>| match (a, b) {
            (Some(a), Some(b)) => a == b || (a.abs_diff(b) < u128::from(PPM) && b.unsigned_abs() > 1 << 126),
            (a, b) => a == b,
        };
        prop_assert!(near(health.margin_ratio_ppm(), ratio));

        let leverage = (equity > 0).then(|| ceil(big(notional) * PPM, equity));
        prop_assert_eq!(health.leverage_ppm(), leverage.map(|l| fit_u128(l).unwrap()));
    }

    #[test]
    fn worse_is_exact(a in signed(), n in word(), b in signed(), m in word()) {
        let of = |equity, notional| Health {
            notional: Quote(notional),
            equity: SignedQuote(equity),
            ..Health::default()
        };
        let expected = big(a) * m < big(b) * n;
        prop_assert_eq!(of(a, n).is_worse_than(&of(b, m)), Ok(expected));
        prop_assert_eq!(of(a, n).is_worse_than(&of(a, n)), Ok(false));
    }
}

#[test]
fn no_size_is_never_liquidatable() {
    let terms = PositionTerms { borrow: Quote(5), ..PositionTerms::default() };
    let rates = MarginRates { min_keeper_reward: Quote(100), ..MarginRates::default() };
    let scale = Scale::new(9, 6).unwrap();
    let health = health(&terms, &rates, Price(1), scale).unwrap();
    assert!(health.equity < SignedQuote::ZERO && !health.is_liquidatable());
    assert_eq!(health.margin_ratio_ppm(), None);
    assert_eq!(health.leverage_ppm(), None);
    assert_eq!(is_liquidatable(&terms, &rates, Price(1), scale), Ok(false));
}

#[test]
fn sums_that_leave_i128_are_errors() {
    let scale = Scale::new(9, 6).unwrap();
    for funding in [i128::MAX, i128::MIN] {
        let terms = PositionTerms {
            side: ringfence_math::Side::Long,
            size: Size(1_000_000_000),
            entry_notional: Quote(if funding < 0 { 2_000_000 } else { 0 }),
            funding: SignedQuote(funding),
            ..PositionTerms::default()
        };
        let one = Price(10_000_000_000);
        assert_eq!(terms.gain(one, scale), Err(MathError::Overflow));
    }
}
