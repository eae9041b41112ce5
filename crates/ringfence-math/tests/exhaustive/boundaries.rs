//! Every combination of the ends of the types, of whole positions.

use num_bigint::BigInt;
use num_integer::Integer;
use ringfence_math::{
    MarginRates, MathError, PositionTerms, Ppm, Price, Quote, Scale, Side, SignedQuote, Size, health,
    is_liquidatable, liquidation_price, notional_ceil, notional_floor, settle,
};

/// The ends of the words that products are made of, and their neighbours.
const ENDS: [u64; 12] = [
    0,
    1,
    2,
    (1 << 32) - 1,
    1 << 32,
    (1 << 32) + 1,
    (1 << 63) - 1,
    1 << 63,
    (1 << 63) + 1,
    10_000_000_000_000_000_000,
    u64::MAX - 1,
    u64::MAX,
];
const FEW: [u64; 5] = [0, 1, (1 << 32) + 1, (1 << 63) - 1, u64::MAX];

fn quotients(a: u64, b: u64, d: u64) -> [Result<u64, MathError>; 2] {
    if d == 0 {
        return [Err(MathError::DivisionByZero); 2];
    }
    let (floor, rest) = (BigInt::from(a) * b).div_mod_floor(&d.into());
    let ceil = if rest == BigInt::ZERO { floor.clone() } else { &floor + 1 };
    [floor, ceil].map(|value| u64::try_from(value).map_err(|_| MathError::Overflow))
}

#[test]
fn notional_at_the_ends_of_the_words_in_every_scale() {
    let mut cases = 0;
    for size in ENDS {
        for price in ENDS {
            for exponent in 0..=19 {
                let scale = Scale::from_divisor(10u64.pow(exponent)).unwrap();
                let notionals = [
                    notional_floor(Size(size), Price(price), scale),
                    notional_ceil(Size(size), Price(price), scale),
                ];
                let expected = quotients(size, price, scale.divisor()).map(|value| value.map(Quote));
                assert_eq!(notionals, expected);
                cases += 1;
            }
        }
    }
    println!("notional at the ends: {cases} cases");
}

/// Equity and requirement without a bound; `None` where the notional, or a
/// requirement, is beyond its type: the engine may say so, and only then.
fn judged(terms: &PositionTerms, rates: &MarginRates, price: u64, scale: Scale) -> Option<(BigInt, BigInt)> {
    let [floor, ceil] = quotients(terms.size.0, price, scale.divisor());
    let (floor, ceil) = (BigInt::from(floor.ok()?), ceil.ok()?);
    let entry = BigInt::from(terms.entry_notional.0);
    let pnl = if terms.side == Side::Long { floor - entry } else { entry - ceil };
    let gain = (pnl + terms.funding.0 - terms.borrow.0).min(terms.reserve.0.into());
    let part = |ppm: Ppm| quotients(ceil, ppm.0.into(), 1_000_000)[1].ok();
    let sum = part(rates.maintenance)?.checked_add(part(rates.liquidation_fee)?)?;
    Some((gain + terms.margin.0, sum.max(rates.min_keeper_reward.0).into()))
}

fn every_extreme(mut check: impl FnMut(&PositionTerms)) {
    for side in [Side::Long, Side::Short] {
        for size in FEW {
            for entry in FEW {
                for margin in FEW {
                    for funding in [0, 1, -1, i128::from(u64::MAX), -i128::from(u64::MAX)] {
                        for borrow in FEW {
                            for reserve in [0, 1, u64::MAX] {
                                check(&PositionTerms {
                                    side,
                                    size: Size(size),
                                    entry_notional: Quote(entry),
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

const RATES: MarginRates = MarginRates {
    initial: Ppm(100_000),
    maintenance: Ppm(50_000),
    liquidation_fee: Ppm(10_000),
    min_keeper_reward: Quote(1_000_000),
};

#[test]
fn health_at_the_ends_is_right_or_an_error() {
    let scale = Scale::from_divisor(1_000_000_000).unwrap();
    let (mut cases, mut answered) = (0, 0);
    every_extreme(|terms| {
        for price in FEW {
            let expected = judged(terms, &RATES, price, scale).filter(|_| price != 0);
            let health = health(terms, &RATES, Price(price), scale);
            let liquidates = is_liquidatable(terms, &RATES, Price(price), scale);
            cases += 1;
            let Some((equity, maintenance)) = expected else {
                assert!(health.is_err() && liquidates.is_err(), "{terms:?} at {price}");
                continue;
            };
            let health = health.unwrap();
            assert_eq!(BigInt::from(health.equity.0), equity, "{terms:?} at {price}");
            assert_eq!(BigInt::from(health.maintenance.0), maintenance, "{terms:?} at {price}");
            let below = !terms.size.is_zero() && equity < maintenance;
            assert_eq!((liquidates, health.is_liquidatable()), (Ok(below), below), "{terms:?} at {price}");
            answered += 1;
        }
    });
    assert!(answered > 30_000, "{answered}");
    println!("health at the ends: {cases} cases");
}

/// The price found liquidates by big integers; its neighbour on the healthy
/// side does not, unless the reserve cuts a long's gain off there.
#[test]
fn the_liquidation_price_at_the_ends_is_right_or_an_error() {
    let scale = Scale::from_divisor(1_000_000_000).unwrap();
    let (mut cases, mut found) = (0, 0);
    every_extreme(|terms| {
        cases += 1;
        let Ok(Some(Price(price))) = liquidation_price(terms, &RATES, scale) else {
            return;
        };
        found += 1;
        let (equity, maintenance) = judged(terms, &RATES, price, scale).expect("a price the engine can mark");
        assert!(equity < maintenance, "{terms:?} at {price}");
        let neighbour = if terms.side == Side::Long { price.checked_add(1) } else { price.checked_sub(1) };
        let Some(neighbour) = neighbour.filter(|&price| price != 0) else {
            return;
        };
        if let Some((equity, maintenance)) = judged(terms, &RATES, neighbour, scale) {
            let capped = equity == BigInt::from(terms.margin.0) + terms.reserve.0;
            assert!(
                equity >= maintenance || (terms.side == Side::Long && capped),
                "{terms:?} at {neighbour}"
            );
        }
    });
    assert!(found > 1_000, "{found}");
    println!("liquidation price at the ends: {cases} cases");
}

#[test]
fn a_settlement_at_the_ends_conserves_or_is_an_error() {
    let mut cases = 0;
    for margin in ENDS {
        for gain in ENDS {
            for sign in [1i32, -1] {
                for fee in ENDS {
                    let gain: BigInt = BigInt::from(gain) * i64::from(sign);
                    let vault = BigInt::from(margin) + gain.clone().max(BigInt::ZERO);
                    let settled =
                        settle(Quote(margin), SignedQuote(i128::try_from(&gain).unwrap()), Quote(fee));
                    cases += 1;
                    if vault > u64::MAX.into() {
                        assert_eq!(settled, Err(MathError::Overflow));
                        continue;
                    }
                    let settled = settled.unwrap();
                    let out = BigInt::from(settled.loss_paid.0) + settled.fee_paid.0 + settled.margin_after.0;
                    assert_eq!(out, vault);
                    let loss = BigInt::from(settled.loss_paid.0) + settled.bad_debt.0;
                    assert_eq!(loss, (-gain).max(BigInt::ZERO));
                    assert_eq!(settled.fee_paid.0 + settled.fee_forgiven.0, fee);
                }
            }
        }
    }
    println!("settlement at the ends: {cases} cases");
}
