//! Random sequences of every instruction, by many people, over several markets
//! of every kind, and after each step: the books, the whole state against an
//! independent model, and the invariants of design §8.
//!
//! | | invariant | checked by | when |
//! | --- | --- | --- | --- |
//! | 1 | vaults = deposits − withdrawals | `World::check_books`; `State::difference` over every token account | each step |
//! | 2 | payout ≤ margin + reserve; Σ reserves ≤ liquidity | `judge::payouts`, `judge::invariants`, `check_books` | each step |
//! | 3 | open→close, parts, add→remove never gain | `probes::round_trip`, `probes::margin_trip` | asked |
//! | 4 | liquidatable ⇔ equity < maintenance; nobody left liquidatable | `predict/trades.rs`: the verdict of each liquidation, opening, decrease, withdrawal | each step |
//! | 5 | what leaves a vault or an escrow arrives in full | `judge::payouts`, `predict` by `State::difference`, to the atom | each step |
//! | 6 | self-liquidation ≤ closing; keepers are paid | `probes::self_liquidation`; `judge::payouts` | asked; each step |
//! | 7 | a market's sums are its positions' | `check_books`; `State::difference` | each step |
//! | 8 | funding is zero-sum with the pool | `judge::funding_is_zero_sum`; indices by `State::difference` | each step |
//! | 9 | donations change nothing, owners' accounts block nothing | `judge::donated`; `probes::blocked` | each step; asked |
//! | 10 | a substituted account is refused | `probes::substituted`; wrong signers by their verdicts | asked; each step |
//! | 11 | bad prices are refused | `predict/oracle.rs` | each step |
//! | 12 | a reopened position is new, and no order outlives its generation | generation and every byte by `State::difference`; `judge::generations_are_unique`; verdicts in `predict/orders.rs` | each step |
//! | 13 | the share price never falls | `judge::share_price_holds`; `probes::pool_trip` | each step; asked |
//! | 14 | a pause stops new risk only | `predict`: verdicts in every status; `probes::paused` | each step; asked |
//!
//! "Asked": of a copy of the world, about one step in thirty.
//!
//! RINGFENCE_STEPS=2000000 is a longer run, RINGFENCE_SEED=… another one. A
//! failure is made smaller and kept in `regressions/`, which is replayed first.

mod action;
mod generate;
mod generate_orders;
mod judge;
#[path = "../model/mod.rs"]
mod model;
mod perform;
mod predict;
mod probes;
mod run;
mod sequences;
mod shrink;
mod state;
