//! Every value of a small domain, and every combination of the ends of the
//! types: where proptest samples, these leave nothing out. docs/proofs.md lists
//! statement, domain and count; each test prints its own.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    missing_docs
)]

mod boundaries;
mod division;
mod funding;
mod indices;
mod liquidation;
mod liquidation_price;
mod predicate;
mod sequences;
mod shares;

/// Values next to the ends of the words that the arithmetic is made of.
pub fn edges() -> Vec<u64> {
    let near = |value: u64| (0..=2).flat_map(move |step| [value.checked_sub(step), value.checked_add(step)]);
    let mut all: Vec<u64> = [0, 10, 1_000_000, 1 << 31, 1 << 32, 1 << 33, 1 << 62, 1 << 63, u64::MAX]
        .into_iter()
        .flat_map(near)
        .flatten()
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// `floor(a ÷ b)`, signed, for a positive divisor.
pub fn floor(a: i128, b: i128) -> i128 {
    a.div_euclid(b)
}

/// `ceil(a ÷ b)`, signed, for a positive divisor.
pub fn ceil(a: i128, b: i128) -> i128 {
    -(-a).div_euclid(b)
}
