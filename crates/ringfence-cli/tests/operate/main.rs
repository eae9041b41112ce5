//! Trader's and operator's commands against a localnet of each test's own.

#[path = "../common/mod.rs"]
mod common;
mod errors;
mod governance;
mod migrate;
mod pool;
mod positions;
mod support;
