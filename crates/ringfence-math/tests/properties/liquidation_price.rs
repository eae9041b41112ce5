use proptest::prelude::*;
use ringfence_math::{
    MarginRates, MathError, PositionTerms, Ppm, Price, Quote, Scale, Side, SignedQuote, Size,
    bankruptcy_price, is_liquidatable, liquidation_price, pnl,
};

use crate::strategies::{any_rates, any_terms, market_rates, open_position, scale, side};

/// What the engine does at `price`; where it cannot mark, it does nothing.
fn liquidates(terms: &PositionTerms, rates: &MarginRates, price: u64, scale: Scale) -> bool {
    is_liquidatable(terms, rates, Price(price), scale) == Ok(true)
}

/// Whether the reserve leaves the gain as it is.
fn uncapped(terms: &PositionTerms, price: u64, scale: Scale) -> bool {
    pnl(terms.side, terms.size, terms.entry_notional, Price(price), scale)
        .is_ok_and(|pnl| pnl.0 + terms.funding.0 - i128::from(terms.borrow.0) <= i128::from(terms.reserve.0))
}

/// The documented answer by trying every price.
fn brute_force(terms: &PositionTerms, rates: &MarginRates, scale: Scale, last: u64) -> Option<Price> {
    let mut prices = 1..=last;
    match terms.side {
        Side::Long => prices
            .rev()
            .find(|price| uncapped(terms, *price, scale) && liquidates(terms, rates, *price, scale)),
        Side::Short => prices.find(|price| liquidates(terms, rates, *price, scale)),
    }
    .map(Price)
}

/// Positions whose every price of interest can be tried.
fn small() -> impl Strategy<Value = (PositionTerms, MarginRates, Scale, u64)> {
    let amounts = (0u64..=2_000, 0u64..=600, -200i128..=200, 0u64..=200, 0u64..=3_000);
    let rates = (0u32..=999_999, 0u32..=999_999, 0u64..=60);
    (side(), 1u64..=60, amounts, rates, 0u32..=2).prop_map(|(side, size, amounts, rates, power)| {
        let (entry, margin, funding, borrow, reserve) = amounts;
        let (maintenance, fee, reward) = rates;
        let terms = PositionTerms {
            side,
            size: Size(size),
            entry_notional: Quote(entry),
            margin: Quote(margin),
            funding: SignedQuote(funding),
            borrow: Quote(borrow),
            reserve: Quote(reserve),
        };
        let rates = MarginRates {
            initial: Ppm(0),
            maintenance: Ppm(maintenance),
            // the sum stays under 100 %
            liquidation_fee: Ppm(fee.min(999_999 - maintenance)),
            min_keeper_reward: Quote(reward),
        };
        let scale = Scale::from_divisor(10u64.pow(power)).unwrap();
        // Beyond this notional a long is capped and a short liquidated.
        let notional = entry + margin + reserve + 1_000;
        let last = notional * scale.divisor() / size + 1;
        (terms, rates, scale, last)
    })
}

fn check_neighbourhood(
    terms: &PositionTerms,
    rates: &MarginRates,
    scale: Scale,
    probes: &[u64],
) -> Result<(), TestCaseError> {
    let found = liquidation_price(terms, rates, scale);
    prop_assert!(found.is_ok(), "{found:?}");
    // None: every price is on the safe side of it
    let (boundary, safe_from) = match (found.unwrap(), terms.side) {
        (Some(price), _) => {
            prop_assert!(liquidates(terms, rates, price.0, scale));
            prop_assert!(terms.side == Side::Short || uncapped(terms, price.0, scale));
            (price.0, price.0)
        }
        (None, Side::Long) => (0, 0),
        (None, Side::Short) => (u64::MAX, u64::MAX),
    };
    for step in 1..=2_000u64 {
        let safe = match terms.side {
            Side::Long => safe_from.checked_add(step),
            Side::Short => safe_from.checked_sub(step),
        };
        let Some(safe) = safe.filter(|price| *price != 0) else { break };
        let counts = terms.side == Side::Short || uncapped(terms, safe, scale);
        prop_assert!(!(counts && liquidates(terms, rates, safe, scale)), "{safe} too");
    }
    for probe in probes {
        let safe = match terms.side {
            Side::Long => *probe > boundary && uncapped(terms, *probe, scale),
            Side::Short => *probe < boundary && *probe != 0,
        };
        prop_assert!(!(safe && liquidates(terms, rates, *probe, scale)), "{probe} too");
    }
    Ok(())
}

/// Random prices between `a` and `b`, both ends included.
fn between(a: u64, b: u64, seeds: &[u64]) -> Vec<u64> {
    let (low, high) = (a.min(b), a.max(b));
    let width = u128::from(high - low) + 1;
    seeds.iter().map(|seed| low + (u128::from(*seed) % width) as u64).chain([low, high]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn equals_trying_every_price((terms, rates, scale, last) in small()) {
        let expected = brute_force(&terms, &rates, scale, last);
        prop_assert_eq!(liquidation_price(&terms, &rates, scale), Ok(expected));
    }

    #[test]
    fn bankruptcy_is_the_first_negative_equity((terms, _, scale, last) in small()) {
        let none = MarginRates::default();
        let expected = brute_force(&terms, &none, scale, last);
        prop_assert_eq!(bankruptcy_price(&terms, scale), Ok(expected));
        if let Some(price) = expected {
            prop_assert!(terms.equity(price, scale).unwrap() < SignedQuote::ZERO);
        }
    }

    /// Positions as they are opened, of all magnitudes, with accrued charges.
    #[test]
    fn no_price_short_of_it_liquidates(
        (terms, entry, scale) in open_position(),
        rates in market_rates(),
        seeds in prop::collection::vec(any::<u64>(), 40),
    ) {
        let found = liquidation_price(&terms, &rates, scale).unwrap();
        let probes = between(found.map_or(1, |price| price.0), entry.0, &seeds);
        check_neighbourhood(&terms, &rates, scale, &probes)?;
    }

    /// Terms that fit together in no way.
    #[test]
    fn unrelated_terms(
        terms in any_terms(),
        rates in market_rates(),
        scale in scale(),
        probes in prop::collection::vec(any::<u64>(), 40),
    ) {
        check_neighbourhood(&terms, &rates, scale, &probes)?;
    }

    #[test]
    fn a_ratio_of_one_or_more_is_refused(terms in any_terms(), rates in any_rates(), scale in scale()) {
        let sum = u64::from(rates.maintenance.0) + u64::from(rates.liquidation_fee.0);
        let found = liquidation_price(&terms, &rates, scale);
        prop_assert_eq!(found == Err(MathError::InvalidParameter), sum >= 1_000_000);
    }
}

/// Hand-worked: a long of 1 SOL at 100 with 10 of margin, 5 % maintenance and
/// 1 % fee. Without roundings (100 − 10) ÷ (1 − 0.06) = 95.744680…; in atoms
/// equity f − 90,000,000 is under ceil(0.05·n) + ceil(0.01·n) first at
/// f = 95,744,681: 5,744,681 against 4,787,235 + 957,447 = 5,744,682 (n one
/// more, as the price is no whole atom). The highest price with that floor is
/// 95.7446819999.
#[test]
fn a_long_by_hand() {
    let terms = PositionTerms {
        side: Side::Long,
        size: Size(1_000_000_000),
        entry_notional: Quote(100_000_000),
        margin: Quote(10_000_000),
        reserve: Quote(100_000_000),
        ..PositionTerms::default()
    };
    let rates = MarginRates {
        initial: Ppm(100_000),
        maintenance: Ppm(50_000),
        liquidation_fee: Ppm(10_000),
        min_keeper_reward: Quote(10_000),
    };
    let scale = Scale::new(9, 6).unwrap();
    assert_eq!(liquidation_price(&terms, &rates, scale), Ok(Some(Price(957_446_819_999))));
}

/// Hand-worked: the same, short. (100 + 10) ÷ 1.06 = 103.773584…; in atoms
/// 110,000,000 − n is under the requirement first at n = 103,773,584:
/// 6,226,416 against 5,188,680 + 1,037,736 = 6,226,416 is not yet under, at
/// n = 103,773,585 it is 6,226,415 against 6,226,416. The lowest price whose
/// notional rounds up to that is 103.7735840001.
#[test]
fn a_short_by_hand() {
    let terms = PositionTerms {
        side: Side::Short,
        size: Size(1_000_000_000),
        entry_notional: Quote(100_000_000),
        margin: Quote(10_000_000),
        reserve: Quote(100_000_000),
        ..PositionTerms::default()
    };
    let rates = MarginRates {
        initial: Ppm(100_000),
        maintenance: Ppm(50_000),
        liquidation_fee: Ppm(10_000),
        min_keeper_reward: Quote(10_000),
    };
    let scale = Scale::new(9, 6).unwrap();
    assert_eq!(liquidation_price(&terms, &rates, scale), Ok(Some(Price(1_037_735_840_001))));
}

#[test]
fn fully_backed_long_has_none() {
    let terms = PositionTerms {
        side: Side::Long,
        size: Size(1_000_000_000),
        entry_notional: Quote(100_000_000),
        margin: Quote(100_000_000),
        reserve: Quote(100_000_000),
        ..PositionTerms::default()
    };
    let scale = Scale::new(9, 6).unwrap();
    assert_eq!(bankruptcy_price(&terms, scale), Ok(None));
    assert_eq!(liquidation_price(&PositionTerms::default(), &MarginRates::default(), scale), Ok(None));
}
