//! Rows of the page outside of the accounts' table, and how they are made.

use ringfence_client::Instruction;
use ringfence_testkit::market::MarketBuilder;
use ringfence_testkit::substitution::{passes, snapshot};
use ringfence_testkit::{World, size};
use solana_transaction_error::TransactionError;

use crate::errors::Intended;
use crate::stage::{Act, Stage};

/// A market at 100 in which an order of one base moves the fill by 0.1.
pub fn shallow<'a>(world: &'a mut World, name: &str) -> MarketBuilder<'a> {
    let market = world.market(name).price("100").confidence("0").liquidity(1_000_000);
    market.params(|params| {
        params.skew_scale = size("1000");
        params.referrer_share_ppm = 50_000;
    })
}

/// One transaction that was sent.
pub struct Row {
    pub played: String,
    pub answer: String,
}

/// The transaction is refused at its last instruction, with the error of this
/// name, and changes nothing.
#[track_caller]
pub fn never(world: &mut World, played: &str, transaction: &[Instruction], error: &str) -> Row {
    let intended = Intended::of(error);
    let before = snapshot(world);
    match world.send(transaction, &[]) {
        Ok(_) => panic!("{played}: {error}, but it went through"),
        Err(failure) => match &failure.error {
            TransactionError::InstructionError(at, found) => {
                let last = usize::from(*at) + 1 == transaction.len();
                let right = last && intended.errors.contains(found);
                assert!(right, "{played}: {error}, not {found:?} at {at}\n{}", failure.logs.join("\n"));
            }
            other => panic!("{played}: {error}, not {other:?}"),
        },
    }
    assert!(snapshot(world) == before, "{played}: something changed");
    Row { played: played.to_owned(), answer: error.to_owned() }
}

/// The transaction goes through; `answer` is what the caller has asserted of it.
#[track_caller]
pub fn goes(world: &mut World, played: &str, transaction: &[Instruction], answer: &str) -> Row {
    passes(played, world.send(transaction, &[]));
    Row { played: played.to_owned(), answer: answer.to_owned() }
}

/// The instruction of this name that the stage has ready.
#[track_caller]
pub fn act(stage: &Stage, name: &str) -> Instruction {
    let found = stage.acts.iter().find(|Act { name: own, .. }| *own == name);
    found.unwrap_or_else(|| panic!("no act {name}")).instruction.clone()
}

/// The account of this name in an instruction.
pub fn account_of(name: &str, account: &str, instruction: &Instruction) -> anchor_lang::prelude::Pubkey {
    let slots = crate::rules::rules(name).slots;
    let index = slots.iter().position(|slot| slot.name == account).expect("an account");
    instruction.accounts[index].pubkey
}
