//! The engine's predicate against design §4's inequality in plain integers.

use ringfence_math::{
    MarginRates, PositionTerms, Ppm, Price, Quote, Scale, Side, SignedQuote, Size, health, is_liquidatable,
};

const DIVISOR: u64 = 10;

const RATES: [MarginRates; 4] = [
    MarginRates {
        initial: Ppm(0),
        maintenance: Ppm(0),
        liquidation_fee: Ppm(0),
        min_keeper_reward: Quote(0),
    },
    rates(50_000, 10_000, 0),
    rates(50_000, 10_000, 3),
    rates(300_000, 33_333, 2),
];

const fn rates(maintenance: u32, fee: u32, reward: u64) -> MarginRates {
    MarginRates {
        initial: Ppm(100_000),
        maintenance: Ppm(maintenance),
        liquidation_fee: Ppm(fee),
        min_keeper_reward: Quote(reward),
    }
}

/// The engine's statement, in plain integers: design §4.
fn liquidates(terms: &PositionTerms, rates: &MarginRates, price: u64) -> bool {
    let product = i64::try_from(terms.size.0 * price).unwrap();
    let divisor = DIVISOR as i64;
    let (floor, ceil) = (product / divisor, (product + divisor - 1) / divisor);
    let entry = terms.entry_notional.0 as i64;
    let pnl = if terms.side == Side::Long { floor - entry } else { entry - ceil };
    let gain = (pnl + terms.funding.0 as i64 - terms.borrow.0 as i64).min(terms.reserve.0 as i64);
    let part = |ppm: Ppm| (ceil * i64::from(ppm.0) + 999_999) / 1_000_000;
    let maintenance =
        (part(rates.maintenance) + part(rates.liquidation_fee)).max(rates.min_keeper_reward.0 as i64);
    ceil > 0 && terms.margin.0 as i64 + gain < maintenance
}

fn every_position(mut check: impl FnMut(&PositionTerms)) {
    for side in [Side::Long, Side::Short] {
        for size in [1u64, 2, 3, 7, 10, 13] {
            for entry_notional in [0u64, 1, 5, 12, 30] {
                for margin in 0..=8u64 {
                    for funding in [-3i128, 0, 2] {
                        for borrow in [0u64, 1, 4] {
                            for reserve in [0u64, 2, 30] {
                                check(&PositionTerms {
                                    side,
                                    size: Size(size),
                                    entry_notional: Quote(entry_notional),
                                    margin: Quote(margin),
                                    funding: SignedQuote(funding),
                                    borrow: Quote(borrow),
                                    reserve: Quote(reserve),
                                });
                            }
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn the_engine_liquidates_exactly_where_the_plain_inequality_holds() {
    let scale = Scale::from_divisor(DIVISOR).unwrap();
    let mut cases = 0;
    every_position(|terms| {
        for rates in &RATES {
            for price in 1..=60 {
                let expected = liquidates(terms, rates, price);
                assert_eq!(is_liquidatable(terms, rates, Price(price), scale), Ok(expected), "{terms:?}");
                let health = health(terms, rates, Price(price), scale).unwrap();
                assert_eq!(health.is_liquidatable(), expected, "{terms:?} {rates:?} at {price}");
                cases += 1;
            }
        }
    });
    println!("engine's predicate: {cases} cases");
}
