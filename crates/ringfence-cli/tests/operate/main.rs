//! Trader's and operator's commands against a localnet of each test's own.

#[path = "../common/mod.rs"]
mod common;
mod delayed;
mod errors;
mod governance;
mod migrate;
mod orders;
mod pool;
mod positions;
mod support;
