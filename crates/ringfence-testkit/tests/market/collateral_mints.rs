//! Which mints may be collateral: SPL Token always, Token-2022 unless an
//! extension could tax, seize, hook, freeze, pause or replace the tokens.

use anchor_lang::prelude::Pubkey;
use anchor_spl::token_2022::spl_token_2022::extension::ExtensionType::{self, *};
use anchor_spl::{token, token_2022};
use ringfence_client::state::Side;
use ringfence_client::{RingfenceError, pda};
use ringfence_testkit::tokens::mint_account;
use ringfence_testkit::{Failure, MintKind, Receipt, World, quote, size};
use solana_instruction::error::InstructionError;
use solana_signer::Signer;

use crate::support::*;

/// Extensions of a mint, with their lengths in bytes, that may not be collateral's.
const UNSAFE: [(ExtensionType, usize); 8] = [
    (TransferFeeConfig, 108),
    (MintCloseAuthority, 32),
    (NonTransferable, 0),
    (PermanentDelegate, 32),
    (TransferHook, 64),
    (ConfidentialTransferFeeConfig, 129),
    (ConfidentialMintBurn, 196),
    (Pausable, 33),
];

/// Those that may. TokenMetadata is of any length: key, mint, three empty
/// strings and an empty list here.
const SAFE: [(ExtensionType, usize); 9] = [
    (ConfidentialTransferMint, 65),
    (InterestBearingConfig, 52),
    (MetadataPointer, 64),
    (TokenMetadata, 80),
    (GroupPointer, 64),
    (TokenGroup, 80),
    (GroupMemberPointer, 64),
    (TokenGroupMember, 72),
    (ScaledUiAmount, 56),
];

/// A Token-2022 mint with these extensions: type, value.
fn mint_with(world: &mut World, extensions: &[(u16, Vec<u8>)]) -> Pubkey {
    let key = world.new_key().pubkey();
    let mut account = mint_account(&MintKind::Token2022(vec![]), world.admin.pubkey(), 6, 0);
    // A mint of 82 bytes, zeros up to the length of an account, type 1: a mint.
    account.data.resize(165, 0);
    account.data.push(1);
    for (kind, value) in extensions {
        account.data.extend(kind.to_le_bytes());
        account.data.extend((value.len() as u16).to_le_bytes());
        account.data.extend(value);
    }
    account.lamports = 100_000_000;
    world.svm.set_account(key, account).expect("mint");
    key
}

fn create_on(world: &mut World, mint: Pubkey, program: Pubkey) -> Result<Receipt, Failure> {
    let args = market_args([9; 32], mint);
    create(world, mint, program, args)
}

#[test]
fn an_spl_token_mint_is_collateral_of_a_position() {
    let mut world = World::new();
    let market = world.market("SOL-PERP").mint(MintKind::Token).liquidity(1_000).build();
    assert_eq!(world.market_state(market).token_program, token::ID);
    let alice = world.trader(100);
    passes("open", world.open(market, &alice, 0, Side::Long, size("1"), quote("30")));
    world.check_books().unwrap();
}

#[test]
fn a_token_2022_mint_with_safe_extensions_is_collateral_of_a_position() {
    let mut world = World::new();
    let extensions: Vec<_> = SAFE.iter().map(|(kind, len)| (u16::from(*kind), vec![0; *len])).collect();
    let mint = mint_with(&mut world, &extensions);
    let market =
        world.market("SOL-PERP").mint_key(mint, MintKind::Token2022(vec![])).liquidity(1_000).try_build();
    let market = passes("create", market);
    assert_eq!(world.market_state(market).token_program, token_2022::ID);
    let alice = world.trader(100);
    let position = passes("open", world.open(market, &alice, 0, Side::Long, size("1"), quote("30")));
    passes("close", world.close(market, &alice, position));
    world.check_books().unwrap();
}

#[test]
fn each_extension_is_allowed_or_refused_by_itself() {
    let mut world = World::new();
    let plain = mint_with(&mut world, &[]);
    passes("none", create_on(&mut world, plain, token_2022::ID));
    for (kind, length) in SAFE {
        let mint = mint_with(&mut world, &[(kind.into(), vec![0; length])]);
        passes(&format!("{kind:?}"), create_on(&mut world, mint, token_2022::ID));
    }
    for (kind, length) in UNSAFE {
        let mint = mint_with(&mut world, &[(kind.into(), vec![0; length])]);
        let result = create_on(&mut world, mint, token_2022::ID);
        refused(&format!("{kind:?}"), result, RingfenceError::UnsafeMintExtension);
    }
}

#[test]
fn one_bad_extension_spoils_good_ones_wherever_it_stands() {
    let mut world = World::new();
    let good = |kind: ExtensionType| (u16::from(kind), vec![0; 64]);
    let bad = (u16::from(PermanentDelegate), vec![0; 32]);
    for place in 0..3 {
        let mut extensions = vec![good(MetadataPointer), good(GroupPointer)];
        extensions.insert(place, bad.clone());
        let mint = mint_with(&mut world, &extensions);
        let result = create_on(&mut world, mint, token_2022::ID);
        refused(&format!("at {place}"), result, RingfenceError::UnsafeMintExtension);
    }
}

#[test]
fn accounts_may_start_initialized_but_not_frozen() {
    let mut world = World::new();
    let mut starting = |state: u8| {
        let mint = mint_with(&mut world, &[(DefaultAccountState.into(), vec![state])]);
        create_on(&mut world, mint, token_2022::ID)
    };
    passes("initialized", starting(1));
    refused("frozen", starting(2), RingfenceError::UnsafeMintExtension);
}

#[test]
fn extensions_of_accounts_are_refused_on_a_mint() {
    let mut world = World::new();
    for kind in [
        TransferFeeAmount,
        ConfidentialTransferAccount,
        ImmutableOwner,
        MemoTransfer,
        CpiGuard,
        NonTransferableAccount,
        TransferHookAccount,
        ConfidentialTransferFeeAmount,
        PausableAccount,
    ] {
        let mint = mint_with(&mut world, &[(kind.into(), vec![0; 64])]);
        let result = create_on(&mut world, mint, token_2022::ID);
        refused(&format!("{kind:?}"), result, RingfenceError::UnsafeMintExtension);
    }
}

#[test]
fn extensions_that_nobody_here_knows_are_refused() {
    let mut world = World::new();
    // 28 is PermissionedBurn, younger than this Token-2022; the others are
    // not given yet. The token program refuses before it comes to ours.
    for number in [28, 29, 30, 1_000, 65_535] {
        let mint = mint_with(&mut world, &[(number, vec![0; 64])]);
        let result = create_on(&mut world, mint, token_2022::ID);
        refused(&format!("{number}"), result, InstructionError::InvalidAccountData);
    }
}

#[test]
fn a_mint_that_is_not_initialized_is_refused() {
    let mut world = World::new();
    for kind in [MintKind::Token, MintKind::Token2022(vec![])] {
        let mint = world.create_mint(&kind, 6);
        let mut account = world.svm.get_account(&mint).expect("mint");
        account.data[45] = 0; // is_initialized
        world.svm.set_account(mint, account).expect("mint");
        let result = create_on(&mut world, mint, kind.program());
        refused("uninitialized", result, InstructionError::UninitializedAccount);
    }
    assert_eq!(world.exchange().market_count, 0);
    assert!(world.svm.get_account(&pda::market(0)).is_none());
}
