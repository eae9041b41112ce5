//! The keeper of Ringfence markets: liquidates, executes orders, accrues,
//! closes at the cap, and calls margins. It holds nothing that is not on the chain: killed and
//! started again, it reads everything anew. docs/keeper.md is its runbook.

pub mod alerts;
pub mod book;
pub mod chain;
pub mod compute;
pub mod config;
#[cfg(test)]
mod fixtures;
pub mod http;
pub mod index;
pub mod metrics;
pub mod orders;
pub mod prices;
pub mod runtime;
pub mod state;
pub mod submit;
