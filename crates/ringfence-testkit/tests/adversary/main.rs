//! What an adversary can hand to the program, and what it answers: every
//! account of every instruction of the IDL replaced in every way, a malicious
//! token program, accounts that come back after they were closed, and
//! transactions of several instructions. docs/adversary.md is what was tried.

mod cases;
mod errors;
mod page;
mod reentry;
mod replacements;
mod revival;
mod rules;
#[path = "../invariants/stage.rs"]
#[expect(dead_code, reason = "shared with the invariants, which use more of it")]
mod stage;
mod support;
mod together;
