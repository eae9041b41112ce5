//! Examples that others have published, with their source, and a few by hand.
//! Each is computed in the units of a market with 9 size and 6 quote decimals
//! unless it says otherwise.
#![allow(clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::panic, missing_docs)]

mod borrow;
mod equity;
mod fill_price;
mod funding;
mod liquidation_price;
mod partial_liquidation;
mod pool;
mod venues;

use ringfence_math::*;

const BASE: u64 = 1_000_000_000;
const QUOTE: u64 = 1_000_000;
/// One quote per base.
const ONE: u64 = 10_000_000_000;

fn scale() -> Scale {
    Scale::new(9, 6).unwrap()
}

fn maintenance(ppm: u32) -> MarginRates {
    MarginRates { maintenance: Ppm(ppm), ..MarginRates::default() }
}

/// A position opened at `entry`, both prices and amounts in their units.
fn position(side: Side, size: u64, entry: u64, margin: u64) -> PositionTerms {
    let entry_notional = entry_notional(side, Size(size), Price(entry), scale()).unwrap();
    PositionTerms {
        side,
        size: Size(size),
        entry_notional,
        margin: Quote(margin),
        reserve: entry_notional,
        ..PositionTerms::default()
    }
}

fn decimal(text: &str, decimals: usize) -> u64 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{fraction:0<decimals$}").parse().unwrap()
}
