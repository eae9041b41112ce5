//! The risk arithmetic of Ringfence: isolated-margin perpetual futures in
//! integers, knowing neither Solana nor Anchor.
//!
//! The program, the client, the keeper and the command line all call this
//! crate, so a view and the engine cannot disagree. Quantities are newtypes
//! ([`Price`], [`Size`], [`Quote`], [`Ppm`] …) of which only meaningful
//! products compile, every division names its rounding, and every rounding is
//! against the position and for the pool.
//!
//! Nothing here panics, allocates or uses floats: what cannot be represented
//! is a [`MathError`]. Products are taken in 128 or 192 bits, so that none
//! overflows on the way to a quotient that fits.

#![no_std]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate std;

mod blend;
mod borrow;
mod error;
mod fees;
mod fill;
mod funding;
mod liquidation;
mod liquidation_price;
mod mul_div;
mod notional;
mod pool;
mod position;
mod settlement;
mod units;
mod wide;

pub use blend::*;
pub use borrow::*;
pub use error::*;
pub use fees::*;
pub use fill::*;
pub use funding::*;
pub use liquidation::*;
pub use liquidation_price::*;
pub use mul_div::*;
pub use notional::*;
pub use pool::*;
pub use position::*;
pub use settlement::*;
pub use units::*;

/// The example of the README, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
