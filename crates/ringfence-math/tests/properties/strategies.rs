//! Inputs of every magnitude.

use proptest::prelude::*;
use ringfence_math::{
    MarginRates, PositionTerms, Ppm, Price, Quote, Scale, Side, SignedQuote, Size, notional_ceil,
};

/// Every bit length as likely as any other, the ends frequent.
pub fn word() -> impl Strategy<Value = u64> {
    prop_oneof![
        8 => (any::<u64>(), 0u32..64).prop_map(|(bits, shift)| bits >> shift),
        1 => Just(0),
        1 => Just(u64::MAX),
        1 => (0u32..20).prop_map(|power| 10u64.pow(power)),
    ]
}

pub fn positive() -> impl Strategy<Value = u64> {
    word().prop_map(|value| value.max(1))
}

pub fn wide() -> impl Strategy<Value = u128> {
    prop_oneof![
        8 => (any::<u128>(), 0u32..128).prop_map(|(bits, shift)| bits >> shift),
        1 => Just(0),
        1 => Just(u128::MAX),
    ]
}

pub fn signed() -> impl Strategy<Value = i128> {
    prop_oneof![
        8 => (any::<i128>(), 0u32..128).prop_map(|(bits, shift)| bits >> shift),
        1 => Just(0),
        1 => Just(i128::MAX),
        1 => Just(i128::MIN),
    ]
}

/// Signed amounts of which a few add up without leaving `i128`.
pub fn amount() -> impl Strategy<Value = i128> {
    (any::<i128>(), 3u32..128).prop_map(|(bits, shift)| bits >> shift)
}

pub fn ppm() -> impl Strategy<Value = Ppm> {
    prop_oneof![
        6 => 0u32..=1_000_000,
        2 => 0u32..=1_000,
        1 => any::<u32>(),
        1 => Just(1_000_000),
    ]
    .prop_map(Ppm)
}

pub fn share() -> impl Strategy<Value = Ppm> {
    (0u32..=1_000_000).prop_map(Ppm)
}

pub fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Long), Just(Side::Short)]
}

pub fn scale() -> impl Strategy<Value = Scale> {
    (0u32..20).prop_map(|power| Scale::from_divisor(10u64.pow(power)).unwrap())
}

/// Whatever the types can hold, related or not.
pub fn any_terms() -> impl Strategy<Value = PositionTerms> {
    (side(), word(), word(), word(), amount(), word(), word()).prop_map(
        |(side, size, entry, margin, funding, borrow, reserve)| PositionTerms {
            side,
            size: Size(size),
            entry_notional: Quote(entry),
            margin: Quote(margin),
            funding: SignedQuote(funding),
            borrow: Quote(borrow),
            reserve: Quote(reserve),
        },
    )
}

pub fn any_rates() -> impl Strategy<Value = MarginRates> {
    (ppm(), ppm(), ppm(), word()).prop_map(|(initial, maintenance, fee, reward)| MarginRates {
        initial,
        maintenance,
        liquidation_fee: fee,
        min_keeper_reward: Quote(reward),
    })
}

/// Rates of a market that could exist: fee < maintenance + fee < 1.
pub fn market_rates() -> impl Strategy<Value = MarginRates> {
    (1u32..=400_000, 0u32..=100_000, 0u32..=500_000, 0u64..=5_000_000).prop_map(
        |(maintenance, fee, above, reward)| MarginRates {
            initial: Ppm(maintenance + fee + above),
            maintenance: Ppm(maintenance),
            liquidation_fee: Ppm(fee),
            min_keeper_reward: Quote(reward),
        },
    )
}

/// A position that could have been opened: entry at a price, margin a fraction
/// of it, charges a fraction of that. Sizes and prices of all magnitudes whose
/// notional fits.
pub fn open_position() -> impl Strategy<Value = (PositionTerms, Price, Scale)> {
    (
        side(),
        positive(),
        positive(),
        scale(),
        (1u32..=1_500_000, -300_000i32..=300_000, 0u32..=300_000),
        0u32..=4_000_000,
    )
        .prop_filter_map(
            "the entry must have a notional, with room above it",
            |(side, size, price, scale, (margin, funding, borrow), reserve)| {
                let entry = notional_ceil(Size(size), Price(price), scale).ok()?;
                let part = |ppm: u32| u64::try_from(u128::from(entry.0) * u128::from(ppm) / 1_000_000);
                let funding = i128::from(entry.0) * i128::from(funding) / 1_000_000;
                let terms = PositionTerms {
                    side,
                    size: Size(size),
                    entry_notional: entry,
                    margin: Quote(part(margin).ok()?),
                    funding: SignedQuote(funding),
                    borrow: Quote(part(borrow).ok()?),
                    reserve: Quote(part(reserve).ok()?),
                };
                Some((terms, Price(price), scale))
            },
        )
}
