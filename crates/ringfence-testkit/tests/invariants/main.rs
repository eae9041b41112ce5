//! The fourteen invariants of design §8, by number, on the compiled program:
//! random markets, people and actions, and after every step the question
//! whether the invariant still holds. What is expected comes from `model`,
//! which shares no arithmetic with the program. docs/invariants.md lists
//! number, claim and test.
//!
//! A failure prints its seed and every step up to it; RINGFENCE_SEED=… runs
//! the same again, RINGFENCE_STEPS=… more of it.

mod accounts;
mod actions;
mod charges;
mod crash;
mod donations;
mod generations;
mod liquidations;
#[path = "../model/mod.rs"]
mod model;
mod money;
mod never_gains;
mod paused;
mod prices;
mod self_liquidation;
mod settlement;
mod shares;
mod stage;
mod support;
mod view;
