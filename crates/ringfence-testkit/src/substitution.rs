//! Refusals, told apart by their one reason; what an instruction would do; and
//! tables of wrong accounts for an instruction.

use std::borrow::Borrow;
use std::fmt::Debug;

use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::Pubkey;
use anchor_spl::token_2022::spl_token_2022::error::TokenError;
use ringfence_client::{Instruction, PROGRAM_ID, RingfenceError};
use solana_account::Account;
use solana_instruction::error::InstructionError;
use solana_keypair::Keypair;
use solana_signer::Signer;
use solana_transaction_error::TransactionError;

use crate::pyth::account_of;
use crate::tx::{Failure, Receipt};
use crate::world::World;

// --- refusals -----------------------------------------------------------------

/// The one reason for which an instruction has to fail.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal(InstructionError);

impl From<RingfenceError> for Refusal {
    fn from(error: RingfenceError) -> Self {
        Self(InstructionError::Custom(error.into()))
    }
}

impl From<ErrorCode> for Refusal {
    fn from(error: ErrorCode) -> Self {
        Self(InstructionError::Custom(error as u32))
    }
}

impl From<TokenError> for Refusal {
    fn from(error: TokenError) -> Self {
        Self(InstructionError::Custom(error as u32))
    }
}

impl From<InstructionError> for Refusal {
    fn from(error: InstructionError) -> Self {
        Self(error)
    }
}

impl From<u32> for Refusal {
    fn from(code: u32) -> Self {
        Self(InstructionError::Custom(code))
    }
}

/// Asserts that `result` is just this refusal; `what` says which case it was.
#[track_caller]
pub fn refused<T: Debug>(what: &str, result: Result<T, Failure>, refusal: impl Into<Refusal>) {
    let Refusal(expected) = refusal.into();
    match result {
        Ok(done) => panic!("{what}: expected {expected:?}, but it went through: {done:?}"),
        Err(failure) => match &failure.error {
            TransactionError::InstructionError(_, found) if *found == expected => {}
            other => panic!("{what}: expected {expected:?}, got {other:?}\n{}", failure.logs.join("\n")),
        },
    }
}

/// Asserts that `result` went through.
#[track_caller]
pub fn passes<T>(what: &str, result: Result<T, Failure>) -> T {
    result.unwrap_or_else(|failure| panic!("{what}: {:?}\n{}", failure.error, failure.logs.join("\n")))
}

// --- probes ---------------------------------------------------------------------

/// What an instruction would do: everything is as before afterwards.
pub fn probe(world: &mut World, instruction: &Instruction, keys: &[&Keypair]) -> Result<Receipt, Failure> {
    let before = world.svm.clone();
    let result = world.send(std::slice::from_ref(instruction), &signers_of(instruction, keys));
    world.svm = before;
    result
}

/// Those of `keys` that the instruction wants as signers.
fn signers_of<'a>(instruction: &Instruction, keys: &[&'a Keypair]) -> Vec<&'a Keypair> {
    let signs = |key: &&&Keypair| {
        instruction.accounts.iter().any(|meta| meta.is_signer && meta.pubkey == key.pubkey())
    };
    keys.iter().filter(signs).copied().collect()
}

/// Every account of the program and of both token programs.
pub fn snapshot(world: &World) -> Vec<(Pubkey, Account)> {
    let programs = [PROGRAM_ID, anchor_spl::token::ID, anchor_spl::token_2022::ID];
    let mut all: Vec<_> =
        programs.iter().flat_map(|program| world.svm.get_program_accounts(program)).collect();
    all.sort_by_key(|(key, _)| *key);
    all
}

// --- substitutions ----------------------------------------------------------------

/// A change of one account meta of an instruction.
#[derive(Clone, Copy, Debug)]
enum Change {
    Key(Pubkey),
    Unsigned,
    ReadOnly,
}

/// Changes that have to be refused, and how.
pub struct Case {
    what: &'static str,
    changes: Vec<(usize, Change)>,
    refusal: Refusal,
}

/// The account at `index` replaced.
pub fn replaced(what: &'static str, index: usize, key: Pubkey, refusal: impl Into<Refusal>) -> Case {
    Case { what, changes: vec![(index, Change::Key(key))], refusal: refusal.into() }
}

/// Several accounts replaced at once, by index.
pub fn replaced_all(what: &'static str, keys: &[(usize, Pubkey)], refusal: impl Into<Refusal>) -> Case {
    let changes = keys.iter().map(|(index, key)| (*index, Change::Key(*key))).collect();
    Case { what, changes, refusal: refusal.into() }
}

pub fn unsigned(what: &'static str, index: usize) -> Case {
    let refusal = ErrorCode::AccountNotSigner.into();
    Case { what, changes: vec![(index, Change::Unsigned)], refusal }
}

pub fn read_only(what: &'static str, index: usize) -> Case {
    let refusal = ErrorCode::ConstraintMut.into();
    Case { what, changes: vec![(index, Change::ReadOnly)], refusal }
}

/// Read-only where `init` writes or pays: the runtime refuses the creation
/// before Anchor gets to look.
pub fn read_only_init(what: &'static str, index: usize) -> Case {
    let refusal = InstructionError::PrivilegeEscalation.into();
    Case { what, changes: vec![(index, Change::ReadOnly)], refusal }
}

/// The two accounts at the end of every instruction, which carry its events.
pub fn event_cases(first: usize, stranger: Pubkey) -> [Case; 2] {
    [
        replaced("another event authority", first, stranger, ErrorCode::ConstraintAddress),
        replaced(
            "another program for events",
            first + 1,
            anchor_lang::system_program::ID,
            InstructionError::MissingAccount,
        ),
    ]
}

/// Tries every case: each is refused for just its reason and changes nothing,
/// the instruction as it was goes through, and no account is left untried.
#[track_caller]
pub fn check_substitutions(
    world: &mut World,
    instruction: &Instruction,
    keys: &[&Keypair],
    cases: impl IntoIterator<Item = impl Borrow<Case>>,
) {
    let cases: Vec<_> = cases.into_iter().collect();
    let cases = || cases.iter().map(Borrow::borrow);
    for index in 0..instruction.accounts.len() {
        let tried = cases().any(|case: &Case| case.changes.iter().any(|(changed, _)| *changed == index));
        assert!(tried, "account {index} is never substituted");
    }
    for case in cases() {
        let mut changed = instruction.clone();
        for (index, change) in &case.changes {
            let meta = &mut changed.accounts[*index];
            match change {
                Change::Key(key) => meta.pubkey = *key,
                Change::Unsigned => meta.is_signer = false,
                Change::ReadOnly => meta.is_writable = false,
            }
        }
        let before = snapshot(world);
        let result = world.send(std::slice::from_ref(&changed), &signers_of(&changed, keys));
        refused(case.what, result, case.refusal.clone());
        assert!(snapshot(world) == before, "{}: something changed", case.what);
    }
    passes("without a substitution", probe(world, instruction, keys));
}

/// A copy of an account's bytes under another key, owned by `owner`.
pub fn copy_of(world: &mut World, original: Pubkey, owner: Pubkey) -> Pubkey {
    let key = world.new_key().pubkey();
    let data = world.svm.get_account(&original).expect("an account to copy").data;
    world.svm.set_account(key, account_of(owner, data)).expect("copy");
    key
}
