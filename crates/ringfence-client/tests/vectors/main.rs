//! Vectors for the TypeScript client: what the program's own arithmetic and
//! state methods give, written to clients/ts/vectors, where Vitest computes
//! all of it again. This test fails where what is committed has gone stale:
//!
//! ```text
//! RINGFENCE_WRITE=1 cargo test --release -p ringfence-client --test vectors
//! ```

mod accounts;
mod decimals;
mod events;
mod instructions;
mod math;
mod oracle;
mod page;
mod positions;
mod random;
mod trades;
