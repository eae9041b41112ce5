//! Orders, on the compiled program: what each kind does, when it executes and
//! when not, how it ends, and that it can do no more than its trader could.
//! Expected numbers are worked by hand in the comments, from the formulas of
//! the design; docs/decisions/0016 is what they follow.

mod accounts;
mod commitment;
mod delayed;
mod delayed_only;
mod endings;
mod escrow;
mod failed;
mod good_paths;
mod mints;
mod once;
mod partners;
mod prices;
mod races;
mod referrals;
mod same_as_direct;
mod support;
mod terms;
mod together;
mod triggers;
