//! What docs/contention.md says beside its numbers.

pub const HEAD: &str = "\
# Contention

How many of our transactions fit a block, and what stands in the way of more.

Written by `tests/tests/contention`; a test fails where this page is not what it found.

    cargo test --release --workspace --test contention
    RINGFENCE_WRITE=1 cargo test --release --workspace --test contention page

The block is Agave's own: `CostModel` and `CostTracker` of `solana-cost-model` 4.2.2, which
the leader's banking stage and every validator that replays the block go by. They are given
signed transactions of the Rust client, each of another person, until one is refused.
Units and loaded bytes are what a real bank reports for each, the median of 15, in a market
that has been accrued in this block.

## Limits

Two limits are reached by what trades: that of the whole block and that of all
transactions that write one account, which is 40 % of it (SIMD-0306). The block's is 60
million (SIMD-0256); a feature of Agave 4.2.2, `raise_block_limits_to_100m` (SIMD-0286),
raises both by two thirds. This page does not know where it is active: see the cluster's
feature list.

";

pub const COSTS: &str = "
Both are of a slot of 400 ms. Agave 4.2.2 has features for shorter slots (SIMD-0525), with
limits in proportion: what fits a second stays what it is.

## What a transaction costs

720 for a signature, 300 for each account that it may write, 1 for 4 bytes of instruction
data, the compute units, and 8 for each 32 KiB of account data loaded, bytecode included. What
counts first is what is asked for; once it has been executed, what was used.

";

pub const FITS: &str = "
## How many fit

Of one kind, all in one market, each of another trader. *Asked*: none has been executed
yet, and all count by what they ask for; *executed*: all but the last have been. In the
blocks of a real leader it lies between, by how many are under way at a time. *Full* is what
refused the next one.

";

pub const LOADED: &str = "
## Loaded data

A transaction that does not say how much account data it may load is taken to load 64 MiB:
16,384 units until it has been executed, more than it takes to increase a position or to
change its margin. What is loaded is counted by SIMD-0186: 64 bytes and the data of each account,
for a program the account of its bytecode too, 8,248 bytes for a lookup table.

So the clients ask for 4 MiB, 1,024 units: `compute::LOADED_DATA_LIMIT` in Rust (CLI and keeper
too), `LOADED_DATA_LIMIT` in TypeScript (and the page). Where a transaction calls a program
of unknown size, to post a price for instance, none is set. 4 MiB has room for the program
half as large again with Token-2022 and the associated token program beside it; a test sees to it.
A keeper that meets a still larger one goes on without the limit, and says so. To set it takes
150 units itself.

A leader takes first what pays most for its cost: (priority fee + half the base fee) ÷
(1 + cost), by what is asked for. The last column is how much that gains without paying more.

";

pub const PARALLEL: &str = "
## What runs at the same time

A leader executes on four threads what does not lock the same accounts. A list scheduler on
the accounts of these transactions, by their cost, gives how much faster that is than one
thread:

";

pub const LOCKS: &str = "
Adding and removing margin and placing an order write the trader's own accounts only: the
position, its vault, his token account. A withdrawal counts the charges up to now on a copy
of the market. So a trader in trouble competes with nobody for a lock, whatever happens to
the market.

## What is written

From the IDL, for all instructions: what each writes of what others write too. Only the
admin's write the exchange: trades in different markets have nothing in common, and each market
has an account's limit of its own.

";

pub const BEYOND: &str = "
## Beyond one market's limit

What trades or liquidates needs the market: open interest, reserve and skew decide whether
it may, and at which price. It writes the pool vault too, where fees, gains and losses go.
One market is therefore one write lock.

- **Several markets** on one underlying, with pools of their own, need no change: each
  adds the same again, up to the block's limit.
- **Several liquidations in one transaction** share the signature, the payer and the loaded
  bytecode: four fit without a lookup table, twelve with one (`tests/tests/bank/bundles.rs`).
- **Sharded open interest** is the way for one pool: N accounts, each with a `SideBook` per side
  and its part of the caps and of the pool's free liquidity, and a vault for what its trades
  pay in and out. Each position names its shard; `accrue` adds the shards up, moves free
  liquidity between them and publishes the skew.

Shards are not built, for what they cost: the impact would be priced on the skew of the
last sum, so that a split over shards is cheaper than one order (today it is the integral, and
path independent); funding would follow with the same delay; a shard can be full while the
pool is not; a deposit's share price would need all shards in one transaction. They are
worth it once one market's trades fill the limit above.
";
