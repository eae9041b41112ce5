//! Inputs: like those of a market, and like none.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use ringfence_math::{MarginRates, PositionTerms, Ppm, Price, Quote, Scale, Side, SignedQuote, Size};

pub fn seeded(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

/// Any magnitude of up to `bits` bits, small ones as often as large ones; at
/// times nothing, and the largest.
pub fn wild(random: &mut StdRng, bits: u32) -> u64 {
    match random.random_range(0..24) {
        0 => 0,
        1 => u64::MAX >> (64 - bits),
        _ => random.random::<u64>() >> (64 - random.random_range(1..=bits)),
    }
}

pub fn signed(random: &mut StdRng, bits: u32) -> i128 {
    let wide = i128::from(wild(random, 64)) << bits.saturating_sub(64);
    let value = if bits < 64 { i128::from(wild(random, bits)) } else { wide };
    if random.random() { value } else { -value }
}

pub fn side(random: &mut StdRng) -> Side {
    if random.random() { Side::Long } else { Side::Short }
}

pub fn scale(random: &mut StdRng) -> Scale {
    let (size, quote) =
        if random.random() { (9, 6) } else { (random.random_range(0..=12), random.random_range(3..=9)) };
    Scale::new(size, quote).expect("a scale")
}

pub fn rates(random: &mut StdRng) -> MarginRates {
    let top = if random.random_range(0..8) == 0 { 1_000_000 } else { 100_000 };
    let maintenance = random.random_range(0..top);
    MarginRates {
        initial: Ppm(random.random_range(maintenance..=top.max(maintenance + 1))),
        maintenance: Ppm(maintenance),
        liquidation_fee: Ppm(random.random_range(0..top / 2)),
        min_keeper_reward: Quote(wild(random, 24)),
    }
}

/// A position, the price it is looked at, and its market's scale. Two in three
/// are such as markets have: entered near the price, with margin for some leverage.
pub fn terms(random: &mut StdRng) -> (PositionTerms, Price, Scale) {
    let (side, scale) = (side(random), scale(random));
    if random.random_range(0..3) == 0 {
        let terms = PositionTerms {
            side,
            size: Size(wild(random, 64)),
            entry_notional: Quote(wild(random, 64)),
            margin: Quote(wild(random, 64)),
            funding: SignedQuote(signed(random, 100)),
            borrow: Quote(wild(random, 64)),
            reserve: Quote(wild(random, 64)),
        };
        return (terms, Price(wild(random, 64)), scale);
    }
    let price = random.random_range(100_000_000..2_000_000_000_000u64);
    let size = random.random_range(1..1_000_000_000_000u64);
    let notional = u128::from(size) * u128::from(price) / u128::from(scale.divisor());
    let near = notional * random.random_range(700..1_300u128) / 1_000;
    let entry = u64::try_from(near).unwrap_or(u64::MAX);
    let terms = PositionTerms {
        side,
        size: Size(size),
        entry_notional: Quote(entry),
        margin: Quote(entry / random.random_range(1..40)),
        funding: SignedQuote(signed(random, 24)),
        borrow: Quote(wild(random, 20)),
        reserve: Quote(entry / random.random_range(1..4)),
    };
    (terms, Price(price), scale)
}
