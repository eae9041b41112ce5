//! A table of wrong accounts for one instruction.

use std::collections::BTreeMap;

use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::Pubkey;
use anchor_lang::system_program;
use ringfence_client::{Instruction, PROGRAM_ID, RingfenceError, pda};
use ringfence_testkit::{Trader, World};
use solana_account::Account;
use solana_instruction::error::InstructionError;
use solana_keypair::Keypair;
use solana_signer::Signer;

use super::Stage;
use crate::support::assert_refused;

/// Accounts by name, and what stands in their place.
type Changes = Vec<(&'static str, Pubkey)>;

/// Refused by this program.
pub fn ours(error: RingfenceError) -> InstructionError {
    InstructionError::Custom(error.into())
}

/// Refused by Anchor's own checks.
pub fn anchor(error: ErrorCode) -> InstructionError {
    InstructionError::Custom(error.into())
}

/// Refused by the token program.
pub fn token(error: u32) -> InstructionError {
    InstructionError::Custom(error)
}

/// One instruction, the names of its accounts in order, and what is refused in
/// their place.
pub struct Table {
    pub instruction: Instruction,
    pub names: &'static [&'static str],
    cases: Vec<(Changes, InstructionError)>,
    anyone: Option<&'static str>,
}

impl Table {
    pub fn new(instruction: Instruction, names: &'static [&'static str]) -> Self {
        assert_eq!(names.len(), instruction.accounts.len());
        Self { instruction, names, cases: Vec::new(), anyone: None }
    }

    /// `key` in the place of the account `name`.
    pub fn one(&mut self, name: &'static str, key: Pubkey, error: InstructionError) {
        self.cases.push((vec![(name, key)], error));
    }

    /// Several at once, where one alone would not get as far.
    pub fn all(&mut self, changes: &[(&'static str, Pubkey)], error: InstructionError) {
        self.cases.push((changes.to_vec(), error));
    }

    /// Anyone may sign here; that he has to sign is tried with every signer.
    pub fn anyone(&mut self, name: &'static str) {
        self.anyone = Some(name);
    }

    /// What every instruction refuses in the place of its programs.
    pub fn programs(&mut self) {
        let invalid = anchor(ErrorCode::InvalidProgramId);
        self.one("token_program", system_program::ID, invalid.clone());
        let other = anchor_spl::token_2022::ID;
        self.one("token_program", other, ours(RingfenceError::WrongTokenProgram));
        self.one("event_authority", pda::exchange(), anchor(ErrorCode::ConstraintAddress));
        // the program calls itself with the event, and then is not there
        self.one("program", anchor_spl::token::ID, InstructionError::MissingAccount);
        if self.names.contains(&"system_program") {
            self.one("system_program", anchor_spl::token::ID, invalid);
        }
    }

    /// What every instruction with a market refuses in the place of its own.
    pub fn market(&mut self, stage: &Stage) {
        self.one("market", stage.fake_market, anchor(ErrorCode::AccountOwnedByWrongProgram));
        self.one("market", stage.nothing, anchor(ErrorCode::AccountOwnedByWrongProgram));
        self.one("market", pda::exchange(), anchor(ErrorCode::AccountDiscriminatorMismatch));
        self.one("oracle", stage.twin.oracle, ours(RingfenceError::OracleWrongAccount));
        self.one("oracle", stage.nothing, ours(RingfenceError::OracleWrongAccount));
        if self.names.contains(&"pool_vault") {
            // its address is all that counts
            let vaults = [stage.twin.pool_vault, stage.other.pool_vault, stage.vault, stage.near_vault];
            for vault in vaults.into_iter().chain([stage.fake_tokens, stage.nothing]) {
                self.one("pool_vault", vault, ours(RingfenceError::WrongPoolVault));
            }
        }
    }

    /// What is no referral at all.
    pub fn referral(&mut self, stage: &Stage) {
        self.one("referral", stage.fake_referral, anchor(ErrorCode::AccountOwnedByWrongProgram));
        self.one("referral", stage.nothing, anchor(ErrorCode::AccountOwnedByWrongProgram));
        self.one("referral", stage.twins_referral, ours(RingfenceError::WrongReferral));
        self.one("referral", stage.twin.market, anchor(ErrorCode::AccountDiscriminatorMismatch));
    }

    /// What every instruction on alice's position refuses in its place.
    pub fn position(&mut self, stage: &Stage) {
        self.one("position", stage.second, ours(RingfenceError::WrongPositionVault));
        self.one("position", stage.fake_position, anchor(ErrorCode::AccountOwnedByWrongProgram));
        self.one("position", stage.nothing, anchor(ErrorCode::AccountOwnedByWrongProgram));
        self.one("position", stage.twin.market, anchor(ErrorCode::AccountDiscriminatorMismatch));
        // its address is all that counts
        let vaults = [stage.seconds_vault, stage.in_twins_vault, stage.own.pool_vault, stage.near_vault];
        for vault in vaults.into_iter().chain([stage.fake_tokens, stage.nothing]) {
            self.one("position_vault", vault, ours(RingfenceError::WrongPositionVault));
        }
    }

    /// What every instruction refuses as a token account, named `name`.
    pub fn tokens(&mut self, stage: &Stage, name: &'static str) {
        self.one(name, stage.other_tokens, ours(RingfenceError::WrongTokenMint));
        self.one(name, stage.fake_tokens, anchor(ErrorCode::AccountOwnedByWrongProgram));
        self.one(name, stage.nothing, anchor(ErrorCode::AccountNotInitialized));
        // no token account at all
        self.one(name, stage.own.collateral_mint, InstructionError::InvalidAccountData);
        let duplicate = anchor(ErrorCode::ConstraintDuplicateMutableAccount);
        if self.names.contains(&"pool_vault") {
            self.one(name, stage.own.pool_vault, duplicate.clone());
        }
        if !self.names.contains(&"system_program") {
            self.one(name, stage.vault, duplicate);
            // these are compared with the market's mint
            if self.names.contains(&"market") {
                self.one("market", stage.other.market, ours(RingfenceError::WrongTokenMint));
            }
        }
    }

    /// Runs every case; after each of them nothing has changed. In the end the
    /// instruction as it was goes through, so that it was the change alone that
    /// was refused.
    pub fn run(self, mut stage: Stage) {
        let (world, people) = (&mut stage.world, [&stage.alice, &stage.bob]);
        let mut tried = vec![false; self.names.len()];
        for (changes, error) in &self.cases {
            let mut instruction = self.instruction.clone();
            for (name, key) in changes {
                let index = self.names.iter().position(|own| own == name).expect(name);
                assert_ne!(instruction.accounts[index].pubkey, *key, "{name} is no substitute");
                instruction.accounts[index].pubkey = *key;
                tried[index] = true;
            }
            refused(world, &people, &instruction, error, &format!("{changes:?}"));
        }
        for (name, tried) in self.names.iter().zip(tried) {
            assert!(tried || self.anyone == Some(name), "no substitute was tried for {name}");
        }
        self.run_flags(world, &people);

        let mut instruction = self.instruction.clone();
        instruction.accounts.pop();
        let error = anchor(ErrorCode::AccountNotEnoughKeys);
        refused(world, &people, &instruction, &error, "the last account left out");

        send(world, &people, &self.instruction).expect("the instruction as it was");
        world.check_books().unwrap();
    }

    /// Each signer unsigned, each writable account read-only.
    fn run_flags(&self, world: &mut World, people: &[&Trader]) {
        for (index, name) in self.names.iter().enumerate() {
            let mut instruction = self.instruction.clone();
            let account = &mut instruction.accounts[index];
            if std::mem::take(&mut account.is_signer) {
                let error = anchor(ErrorCode::AccountNotSigner);
                refused(world, people, &instruction, &error, &format!("{name} unsigned"));
            }
            let mut instruction = self.instruction.clone();
            let account = &mut instruction.accounts[index];
            if std::mem::take(&mut account.is_writable) {
                let error = anchor(ErrorCode::ConstraintMut);
                refused(world, people, &instruction, &error, &format!("{name} read-only"));
            }
        }
    }
}

fn send(
    world: &mut World,
    people: &[&Trader],
    instruction: &Instruction,
) -> Result<ringfence_testkit::Receipt, ringfence_testkit::Failure> {
    let signs = |key: &Pubkey| instruction.accounts.iter().any(|meta| meta.is_signer && meta.pubkey == *key);
    let signers: Vec<&Keypair> =
        people.iter().map(|trader| &trader.key).filter(|key| signs(&key.pubkey())).collect();
    world.send(std::slice::from_ref(instruction), &signers)
}

#[track_caller]
fn refused(
    world: &mut World,
    people: &[&Trader],
    instruction: &Instruction,
    error: &InstructionError,
    what: &str,
) {
    println!("{what}");
    let before = state(world);
    assert_refused(send(world, people, instruction), 0, error);
    assert!(before == state(world), "{what}: something has changed");
}

/// Every account of this program and of the token programs.
fn state(world: &World) -> BTreeMap<Pubkey, Account> {
    let programs = [PROGRAM_ID, anchor_spl::token::ID, anchor_spl::token_2022::ID];
    programs.iter().flat_map(|program| world.svm.get_program_accounts(program)).collect()
}
