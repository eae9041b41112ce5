//! The stage with logs, and what is asked of a transaction on it.

use std::fmt::Debug;

use ringfence_client::Instruction;
use ringfence_testkit::substitution::{Refusal, refused, snapshot};
use ringfence_testkit::{Options, Receipt, World};

/// Signatures are not checked, so that whoever is said to sign counts as
/// signing; logs are kept, as they prove what was never invoked.
pub fn quick_world() -> World {
    let options = Options { signatures: false, ..Options::default() };
    World::with(options).unwrap_or_else(|error| panic!("{error}"))
}

/// One transaction that has to be refused as a whole, for one reason, and
/// changes nothing.
#[track_caller]
pub fn never(
    what: &str,
    world: &mut World,
    transaction: &[Instruction],
    refusal: impl Into<Refusal> + Debug,
) {
    let before = snapshot(world);
    let result = world.send(transaction, &[]);
    refused(what, result, refusal);
    assert!(snapshot(world) == before, "{what}: something changed");
}

/// One transaction that goes through.
#[track_caller]
pub fn goes(what: &str, world: &mut World, transaction: &[Instruction]) -> Receipt {
    ringfence_testkit::substitution::passes(what, world.send(transaction, &[]))
}
