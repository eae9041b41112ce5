//! A program of the attacker's in place of the token program: refused before
//! it is called, so that it has nothing to re-enter from.

use std::collections::BTreeMap;

use anchor_lang::prelude::Pubkey;
use ringfence_client::PROGRAM_ID;
use ringfence_testkit::substitution::{copy_of, snapshot};
use ringfence_testkit::{Options, World, program_path};
use solana_signer::Signer;
use solana_transaction_error::TransactionError;

use crate::rules::{Given, rules};
use crate::stage::{Act, Source, Stage};
use crate::support::Row;

/// An executable program: a copy of ours, which would know how to call it.
fn malicious(world: &mut World) -> Pubkey {
    let id = world.new_key().pubkey();
    world.svm.add_program_from_file(id, program_path()).expect("a program");
    id
}

fn invoked(logs: &[String], program: &Pubkey) -> usize {
    let start = format!("Program {program} invoke");
    logs.iter().filter(|line| line.starts_with(&start)).count()
}

/// The answer to `program` in the place of the token program; with `accounts`,
/// all token accounts and mints are its own as well.
fn answer(world: &mut World, act: &Act, program: Pubkey, accounts: bool) -> String {
    let rules = rules(act.name);
    let mut instruction = act.instruction.clone();
    for (slot, meta) in rules.slots.iter().zip(&mut instruction.accounts) {
        match slot.kind {
            "token_program" => meta.pubkey = program,
            "tokens" | "vault" | "mint" if accounts => meta.pubkey = copy_of(world, meta.pubkey, program),
            _ => {}
        }
    }
    let honest = &act.instruction.accounts;
    let given = Given { world, rules: &rules, metas: &instruction.accounts, honest };
    let intended = given.judge().expect_err("a program that is none of the token programs");
    let before = snapshot(world);
    let failure = world.send(&[instruction], &[]).expect_err(act.name);
    assert!(snapshot(world) == before, "{}: something changed", act.name);
    match &failure.error {
        TransactionError::InstructionError(0, found) => {
            assert!(intended.errors.contains(found), "{}: {}, not {found:?}", act.name, intended.name);
        }
        other => panic!("{}: {other:?}", act.name),
    }
    let own = usize::from(program == PROGRAM_ID);
    assert_eq!(invoked(&failure.logs, &program), own, "{}: called\n{}", act.name, failure.logs.join("\n"));
    intended.name
}

/// The instructions that move tokens, and what came of each program.
pub fn rows() -> (Vec<&'static str>, Vec<Row>) {
    // the logs say what was called
    let options = Options { signatures: false, ..Options::default() };
    let world = World::with(options).unwrap_or_else(|error| panic!("{error}"));
    let mut stage = Stage::within(world, Source::PinnedPull);
    let acts = std::mem::take(&mut stage.acts);
    let world = &mut stage.world;
    let fake = malicious(world);
    let mut answers: BTreeMap<(&str, String), Vec<&'static str>> = BTreeMap::new();
    let mut attacked = Vec::new();
    for act in &acts {
        if !rules(act.name).slots.iter().any(|slot| slot.kind == "token_program") {
            continue;
        }
        attacked.push(act.name);
        for (what, program, accounts) in [
            ("a program of the attacker's", fake, false),
            ("a program of the attacker's that owns all token accounts and mints", fake, true),
            ("Ringfence itself", PROGRAM_ID, false),
        ] {
            let name = answer(world, act, program, accounts);
            answers.entry((what, name)).or_default().push(act.name);
        }
        // where it is the right one it is called, and the logs say so
        let receipt = world.what_if(|world| world.send(std::slice::from_ref(&act.instruction), &[]));
        let calls = invoked(&receipt.expect(act.name).logs, &anchor_spl::token::ID);
        assert!(calls > 0, "{}: the right one is not called", act.name);
    }
    attacked.sort_unstable();
    let row = |((what, answer), names): ((&str, String), Vec<&str>)| {
        let place = if names.len() == attacked.len() { "each of them".to_owned() } else { names.join(", ") };
        Row { played: format!("{what}, in {place}"), answer }
    };
    let rows = answers.into_iter().map(row).collect();
    (attacked, rows)
}
