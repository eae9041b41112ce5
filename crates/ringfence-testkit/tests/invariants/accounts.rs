//! Invariant 10: no account can be exchanged for another.

use std::collections::BTreeSet;

use anchor_lang::prelude::{Pubkey, system_program};
use ringfence_client::PROGRAM_ID;
use ringfence_testkit::pyth::account_of;
use ringfence_testkit::tokens::{read_mint, read_token};
use ringfence_testkit::{Trader, World};
use solana_account::Account;
use solana_signer::Signer;

use crate::stage::{Act, Declared, Source, Stage, covers, declared, initialization};

/// What an account's place may hold besides the one account: what its signer
/// is free to choose.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Choice {
    /// Just that account.
    None,
    /// Whoever signs.
    AnySigner,
    /// The signer's money goes out or comes in here: a token account of his.
    SignersTokens,
    /// The signer is paid here, wherever he likes.
    AnyTokens,
    /// Somebody who does not sign is paid here: a token account of his own.
    PayeesTokens,
    /// The mint that the admin makes a market of.
    AnyMint,
    /// Another of the signer's own things: the same instruction, meant for it.
    Own,
    /// Whoever is to share in the fees, or nobody.
    AnyReferral,
    /// Nothing is read here: the program is another of the accounts as well,
    /// and events go to it by its address alone.
    Unread,
}

fn choice(instruction: &str, account: &str) -> Choice {
    match (instruction, account) {
        ("liquidate", "liquidator") | ("close_at_cap", "caller") => Choice::AnySigner,
        ("execute_order", "executor") => Choice::AnySigner,
        ("execute_order", "executor_token_account") => Choice::AnyTokens,
        // here by who placed it
        ("cancel_order", "trader_token_account") => Choice::AnyTokens,
        (_, "payer_token_account" | "trader_token_account") => Choice::SignersTokens,
        ("open_position", "owner_token_account") => Choice::SignersTokens,
        ("add_liquidity", "provider_token_account") => Choice::SignersTokens,
        ("remove_liquidity", "provider_lp_account") => Choice::SignersTokens,
        ("close_position" | "remove_margin", "owner_token_account") => Choice::AnyTokens,
        ("remove_liquidity", "provider_token_account") => Choice::AnyTokens,
        ("liquidate", "liquidator_token_account") => Choice::AnyTokens,
        ("close_settled", "owner_token_account") => Choice::PayeesTokens,
        ("claim_shares", "provider_lp_account") => Choice::PayeesTokens,
        ("claim_referral_fees", "referrer_token_account") => Choice::PayeesTokens,
        (_, "treasury_token_account") => Choice::PayeesTokens,
        ("create_market", "collateral_mint") => Choice::AnyMint,
        ("initialize_exchange", "program") => Choice::Unread,
        ("open_position" | "create_position", "referral") => Choice::AnyReferral,
        // a settled market reads no price: nothing accrues there
        ("accrue" | "set_status" | "announce_settlement", "market") | ("set_delegate", "position") => {
            Choice::Own
        }
        _ => Choice::None,
    }
}

/// Whether what was put there is what the signer may choose.
fn chosen(world: &World, choice: Choice, was: &Pubkey, is: &Pubkey) -> bool {
    let tokens = |key: &Pubkey| world.svm.get_account(key).and_then(|account| read_token(&account));
    let alike = |owned: bool| match (tokens(was), tokens(is)) {
        (Some(was), Some(is)) => was.mint == is.mint && (!owned || was.owner == is.owner),
        _ => false,
    };
    let account = |key: &Pubkey| world.svm.get_account(key).unwrap_or_default();
    match choice {
        Choice::None => false,
        Choice::AnySigner | Choice::Unread => true,
        Choice::SignersTokens | Choice::PayeesTokens => alike(true),
        Choice::AnyTokens => alike(false),
        Choice::AnyMint => read_mint(&account(is)).is_some_and(|mint| mint.is_initialized),
        Choice::AnyReferral => *is == PROGRAM_ID || account(was).data.get(..8) == account(is).data.get(..8),
        // the instruction's own checks of who owns it have passed
        Choice::Own => account(was).data.get(..8) == account(is).data.get(..8),
    }
}

/// Every account there is, and some that there are not.
fn catalogue(world: &mut World, attacker: &Trader) -> Vec<Pubkey> {
    let programs = [PROGRAM_ID, anchor_spl::token::ID, anchor_spl::token_2022::ID];
    let mut all: BTreeSet<Pubkey> = programs
        .iter()
        .flat_map(|program| world.svm.get_program_accounts(program))
        .map(|(key, _)| key)
        .chain(world.markets.iter().map(|market| market.accounts.oracle))
        .collect();
    all.extend(programs);
    all.extend([attacker.pubkey(), world.admin.pubkey(), world.guardian.pubkey(), world.treasury.pubkey()]);
    all.extend([system_program::ID, world.new_key().pubkey()]);
    all.into_iter().collect()
}

/// The same bytes under another key, owned by a program that is not ours.
fn forged(world: &mut World, key: &Pubkey) -> Option<Pubkey> {
    let Account { data, .. } = world.svm.get_account(key)?;
    let (copy, owner) = (world.new_key().pubkey(), world.new_key().pubkey());
    world.svm.set_account(copy, account_of(owner, data)).expect("a forgery");
    Some(copy)
}

/// What anybody can make: a token account of the same owner and mint, a mint
/// of the same authority.
fn lookalike(world: &mut World, key: &Pubkey) -> Option<Pubkey> {
    let account = world.svm.get_account(key)?;
    let copy = world.new_key().pubkey();
    let tokens = [anchor_spl::token::ID, anchor_spl::token_2022::ID].contains(&account.owner);
    tokens.then(|| world.svm.set_account(copy, account).expect("a token account"))?;
    Some(copy)
}

struct Trial<'a> {
    world: &'a mut World,
    attacker: Pubkey,
    refused: usize,
    accepted: usize,
}

impl Trial<'_> {
    /// Sends the act with one account changed; it has to be refused, unless
    /// the change is one that its signer is free to make.
    fn exchange(&mut self, act: &Act, accounts: &[String], index: usize, key: Pubkey) {
        let meta = &act.instruction.accounts[index];
        // nobody signs for another
        if meta.pubkey == key || (meta.is_signer && key != self.attacker) {
            return;
        }
        let mut instruction = act.instruction.clone();
        instruction.accounts[index].pubkey = key;
        let before = self.world.svm.clone();
        let result = self.world.send(&[instruction], &[]);
        let choice = choice(act.name, &accounts[index]);
        if result.is_ok() {
            self.world.svm = before;
            let free = chosen(self.world, choice, &meta.pubkey, &key);
            assert!(free, "{}: {} for {} went through", act.name, key, accounts[index]);
            self.accepted += 1;
        } else {
            self.refused += 1;
        }
    }

    /// Without a signature, or without the right to write.
    fn weaken(&mut self, act: &Act, accounts: &[String], index: usize) {
        let meta = &act.instruction.accounts[index];
        for (flag, signature) in [(meta.is_signer, true), (meta.is_writable, false)] {
            if !flag {
                continue;
            }
            let mut instruction = act.instruction.clone();
            let weaker = &mut instruction.accounts[index];
            if signature {
                weaker.is_signer = false
            } else {
                weaker.is_writable = false
            }
            let before = self.world.svm.clone();
            let passed = self.world.send(&[instruction], &[]).is_ok();
            self.world.svm = before;
            let what = if signature { "signature" } else { "right to write" };
            assert!(!passed, "{}: went through without {}'s {what}", act.name, accounts[index]);
            self.refused += 1;
        }
    }

    fn run(&mut self, act: &Act, declared: &[Declared], catalogue: &[Pubkey]) {
        let own = declared.iter().find(|declared| declared.name == act.name);
        let accounts = &own.unwrap_or_else(|| panic!("{} is not in the IDL", act.name)).accounts;
        assert_eq!(accounts.len(), act.instruction.accounts.len(), "{}", act.name);
        let before = self.world.svm.clone();
        let refused = self.refused;
        for index in 0..accounts.len() {
            let key = act.instruction.accounts[index].pubkey;
            let copies = [forged(self.world, &key), lookalike(self.world, &key)];
            for key in catalogue.iter().copied().chain(copies.into_iter().flatten()) {
                self.exchange(act, accounts, index, key);
            }
            self.weaken(act, accounts, index);
        }
        assert!(self.refused > refused + accounts.len(), "{}", act.name);
        // it was the change alone that was refused
        let whole = self.world.send(std::slice::from_ref(&act.instruction), &[]);
        whole.unwrap_or_else(|failure| panic!("{}: {:?}\n{:?}", act.name, failure.error, failure.logs));
        self.world.svm = before;
    }
}

/// Each account of each instruction of the IDL, exchanged for every account of
/// the world, for a forgery or a lookalike of itself and for nothing; without
/// its signature, and without the right to write. A new instruction fails this test until it
/// is on the stage.
#[test]
fn invariant_10_a_substituted_account_is_refused() {
    let declared = declared();
    let (mut nowhere, initialize) = initialization();
    let mut stage = Stage::new(Source::PinnedPull);
    let names = stage.acts.iter().map(|act| act.name).chain([initialize.name]);
    covers(names, declared.iter().map(|own| own.name.clone()));

    let acts = std::mem::take(&mut stage.acts);
    let all = catalogue(&mut stage.world, &stage.attacker);
    let attacker = stage.attacker.pubkey();
    let mut trial = Trial { world: &mut stage.world, attacker, refused: 0, accepted: 0 };
    acts.iter().for_each(|act| trial.run(act, &declared, &all));
    println!("{} refused, {} were the signer's to choose", trial.refused, trial.accepted);
    assert!(trial.refused > 10_000 && trial.accepted > 20, "{} and {}", trial.refused, trial.accepted);

    nowhere.fund(attacker);
    let all = catalogue(&mut nowhere, &stage.attacker);
    let mut trial = Trial { world: &mut nowhere, attacker, refused: 0, accepted: 0 };
    trial.run(&initialize, &declared, &all);
    // all of them for the one that is not read
    assert_eq!(trial.accepted, all.len());
}
