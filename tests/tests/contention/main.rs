//! How many transactions fit a block, which account is full first, and what
//! runs at the same time: Agave's cost model and tracker on signed
//! transactions of the client. Writes docs/contention.md.

mod block;
mod fits;
mod load;
mod loaded;
mod locks;
mod measured;
mod page;
mod schedule;
mod text;
