//! initialize_exchange: once, by the upgrade authority alone.

use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::bpf_loader_upgradeable;
use anchor_lang::system_program;
use ringfence_client::accounts::Exchange;
use ringfence_client::events::Event;
use ringfence_client::{InitializeExchangeArgs, PROGRAM_ID, RingfenceError, instructions, pda};
use ringfence_testkit::pyth::account_of;
use ringfence_testkit::{Options, World};
use solana_account::Account;
use solana_signer::Signer;

use crate::support::*;

fn without_exchange() -> World {
    World::with(Options { exchange: false, ..Options::default() }).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn the_upgrade_authority_creates_the_exchange_for_an_admin_of_its_choice() {
    let mut world = without_exchange();
    let admin = world.new_key().pubkey();
    let args = InitializeExchangeArgs { admin, ..world.exchange_args() };
    let receipt = passes("initialize", world.initialize_exchange(args));

    let account = world.svm.get_account(&pda::exchange()).expect("exchange");
    // Discriminator, 8 bytes of numbers, four keys, 16 words: 8 + 8 + 128 + 128.
    assert_eq!((account.owner, account.data.len()), (PROGRAM_ID, 272));
    assert_eq!(account.lamports, world.svm.minimum_balance_for_rent_exemption(272));
    let expected = Exchange {
        version: 1,
        bump: Pubkey::find_program_address(&[b"exchange"], &PROGRAM_ID).1,
        market_count: 0,
        timelock_seconds: 86_400,
        admin,
        pending_admin: Pubkey::default(),
        guardian: world.guardian.pubkey(),
        treasury: world.treasury.pubkey(),
        reserved: [0; 16],
    };
    assert_eq!(bytemuck::bytes_of(&world.exchange()), bytemuck::bytes_of(&expected));

    let [Event::ExchangeInitialized(event)] = &receipt.events[..] else { panic!("{:?}", receipt.events) };
    assert_eq!(
        (event.admin, event.guardian, event.treasury, event.timelock_seconds),
        (admin, world.guardian.pubkey(), world.treasury.pubkey(), 86_400)
    );
}

#[test]
fn the_exchange_is_created_only_once() {
    let mut world = World::new();
    let before = world.exchange();
    let args = InitializeExchangeArgs { timelock_seconds: 0, ..world.exchange_args() };
    refused("again", world.initialize_exchange(args), already_in_use());
    assert_eq!(bytemuck::bytes_of(&before), bytemuck::bytes_of(&world.exchange()));
}

#[test]
fn the_timelock_is_at_most_thirty_days_and_admin_and_treasury_are_named() {
    let mut world = without_exchange();
    let sound = world.exchange_args();
    let authority = world.admin.insecure_clone();
    let mut attempt = |args| {
        let instruction = instructions::initialize_exchange(authority.pubkey(), args);
        probe(&mut world, &instruction, &[&authority])
    };
    let out = RingfenceError::ParameterOutOfBounds;
    passes("no timelock", attempt(InitializeExchangeArgs { timelock_seconds: 0, ..sound }));
    passes("30 days", attempt(InitializeExchangeArgs { timelock_seconds: 2_592_000, ..sound }));
    refused("30 days, 1 s", attempt(InitializeExchangeArgs { timelock_seconds: 2_592_001, ..sound }), out);
    passes("no guardian", attempt(InitializeExchangeArgs { guardian: Pubkey::default(), ..sound }));
    refused("no admin", attempt(InitializeExchangeArgs { admin: Pubkey::default(), ..sound }), out);
    refused("no treasury", attempt(InitializeExchangeArgs { treasury: Pubkey::default(), ..sound }), out);
}

#[test]
fn a_program_without_upgrade_authority_cannot_be_initialized() {
    let mut world = without_exchange();
    let mut account = world.svm.get_account(&pda::program_data()).expect("program data");
    // The tag of Option<Pubkey>, behind a u32 tag and a u64 slot.
    account.data[12] = 0;
    world.svm.set_account(pda::program_data(), account).expect("program data");
    let args = world.exchange_args();
    refused("immutable", world.initialize_exchange(args), RingfenceError::NotUpgradeAuthority);
}

#[test]
fn lamports_sent_to_the_address_ahead_do_not_block_it() {
    let mut world = without_exchange();
    world.svm.set_account(pda::exchange(), Account { lamports: 1, ..Account::default() }).expect("dust");
    let args = world.exchange_args();
    passes("initialize", world.initialize_exchange(args));
    assert_eq!(world.exchange().admin, world.admin.pubkey());
}

/// ProgramData of a program that the attacker has deployed himself.
fn program_data_of(world: &mut World, attacker: Pubkey) -> Pubkey {
    let mut data = world.svm.get_account(&pda::program_data()).expect("program data").data[..45].to_vec();
    data[13..45].copy_from_slice(attacker.as_ref());
    let key = world.new_key().pubkey();
    world.svm.set_account(key, account_of(bpf_loader_upgradeable::ID, data)).expect("program data");
    key
}

#[test]
fn every_account_is_checked() {
    let mut world = without_exchange();
    let args = world.exchange_args();
    let instruction = instructions::initialize_exchange(world.admin.pubkey(), args);
    let (admin, attacker) = (world.admin.insecure_clone(), world.new_key());
    world.fund(attacker.pubkey());
    let attackers_data = program_data_of(&mut world, attacker.pubkey());
    let forged_data = copy_of(&mut world, pda::program_data(), PROGRAM_ID);
    let buffer = world.new_key().pubkey();
    // UpgradeableLoaderState::Buffer without an authority.
    let buffer_account = account_of(bpf_loader_upgradeable::ID, vec![1, 0, 0, 0, 0]);
    world.svm.set_account(buffer, buffer_account).expect("buffer");
    let elsewhere = world.new_key().pubkey();

    let cases = [
        replaced("a stranger", 0, attacker.pubkey(), RingfenceError::NotUpgradeAuthority),
        unsigned("no signature", 0),
        read_only_init("a payer that cannot pay", 0),
        replaced("another address for the exchange", 1, elsewhere, ErrorCode::ConstraintSeeds),
        read_only_init("a read-only exchange", 1),
        replaced("another program", 2, anchor_spl::token::ID, ErrorCode::InvalidProgramId),
        replaced_all(
            "the attacker's program data",
            &[(0, attacker.pubkey()), (3, attackers_data)],
            RingfenceError::NotUpgradeAuthority,
        ),
        replaced("forged program data", 3, forged_data, ErrorCode::AccountOwnedByWrongProgram),
        replaced("a program account", 3, PROGRAM_ID, ErrorCode::AccountNotProgramData),
        replaced("a buffer", 3, buffer, ErrorCode::AccountNotProgramData),
        replaced("no program data", 3, elsewhere, ErrorCode::AccountNotInitialized),
        replaced("another system program", 4, anchor_spl::token::ID, ErrorCode::InvalidProgramId),
        replaced("another event authority", 5, elsewhere, ErrorCode::ConstraintAddress),
        replaced_all(
            "another program twice over",
            &[(2, system_program::ID), (6, system_program::ID)],
            ErrorCode::InvalidProgramId,
        ),
    ];
    check_substitutions(&mut world, &instruction, &[&admin, &attacker], &cases);
}

/// This instruction names the program twice, so the runtime finds it for the
/// event whatever stands in the second place, and calls nothing else.
#[test]
fn a_program_that_is_not_ours_is_never_called_for_the_event() {
    let mut world = without_exchange();
    let (admin, args) = (world.admin.insecure_clone(), world.exchange_args());
    let mut instruction = instructions::initialize_exchange(admin.pubkey(), args);
    instruction.accounts[6].pubkey = anchor_spl::token::ID;
    let receipt = passes("initialize", world.send(&[instruction], &[&admin]));
    assert!(matches!(receipt.events[..], [Event::ExchangeInitialized(_)]));
    assert!(receipt.logs.iter().all(|line| !line.contains(&anchor_spl::token::ID.to_string())));
}
