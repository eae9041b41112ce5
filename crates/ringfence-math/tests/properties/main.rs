//! Every public function against big integers: independent formulas, all
//! magnitudes up to the ends of the types, exact equality of value or error.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    missing_docs
)]

mod big;
mod blend;
mod borrow;
mod fill;
mod funding;
mod liquidation;
mod liquidation_price;
mod notional;
mod pool;
mod position;
mod settlement;
mod strategies;
mod units;
