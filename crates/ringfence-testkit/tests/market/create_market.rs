//! create_market: what it makes, who may, names, decimals, its accounts.
//! Bounds of the parameters are in market_params and oracle_config.

use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::program_option::COption;
use anchor_lang::system_program;
use anchor_spl::{token, token_2022};
use bytemuck::Zeroable;
use ringfence_client::accounts::{Exchange, Market};
use ringfence_client::events::Event;
use ringfence_client::{CreateMarketArgs, PROGRAM_ID, RingfenceError, instructions, pda};
use ringfence_testkit::tokens::{read_mint, read_token};
use ringfence_testkit::{MintKind, World};
use solana_account::Account;
use solana_instruction::error::InstructionError;
use solana_signer::Signer;

use crate::support::*;

fn scene() -> (World, Pubkey, CreateMarketArgs) {
    let mut world = World::new();
    let mint = world.create_mint(&MintKind::Token, 6);
    let oracle = world.new_key().pubkey();
    (world, mint, market_args([9; 32], oracle))
}

#[test]
fn the_admin_creates_a_market_with_an_empty_pool() {
    let (mut world, mint, args) = scene();
    let receipt = passes("create", create(&mut world, mint, token::ID, args));

    let key = pda::market(0);
    let expected = Market {
        version: 2,
        bump: Pubkey::find_program_address(&[b"market", &[0, 0]], &PROGRAM_ID).1,
        status: 0,
        size_decimals: 9,
        quote_decimals: 6,
        index: 0,
        name: *b"SOL-PERP\0\0\0\0\0\0\0\0",
        collateral_mint: mint,
        token_program: token::ID,
        pool_vault: pda::pool_vault(&key),
        lp_mint: pda::lp_mint(&key),
        // 10^(9 + 10 - 6)
        notional_divisor: 10_000_000_000_000,
        oracle: args.oracle,
        params: args.params,
        accrued_at: world.now(),
        next_generation: 1,
        ..Market::zeroed()
    };
    assert_eq!(bytemuck::bytes_of(&world.read_market(&key)), bytemuck::bytes_of(&expected));
    let account = world.svm.get_account(&key).expect("market");
    assert_eq!((account.owner, account.data.len()), (PROGRAM_ID, 928));
    assert_eq!(world.exchange().market_count, 1);

    let vault = read_token(&world.svm.get_account(&pda::pool_vault(&key)).expect("vault")).expect("vault");
    assert_eq!((vault.mint, vault.owner, vault.amount), (mint, key, 0));
    assert_eq!((vault.delegate, vault.close_authority), (COption::None, COption::None));
    let shares = read_mint(&world.svm.get_account(&pda::lp_mint(&key)).expect("shares")).expect("shares");
    assert_eq!((shares.mint_authority, shares.freeze_authority), (COption::Some(key), COption::None));
    assert_eq!((shares.supply, shares.decimals), (0, 6));

    let [Event::MarketCreated(event)] = &receipt.events[..] else { panic!("{:?}", receipt.events) };
    assert_eq!((event.market, event.index, event.name), (key, 0, args.name));
    assert_eq!((event.collateral_mint, event.lp_mint), (mint, pda::lp_mint(&key)));
    assert_eq!((event.size_decimals, event.quote_decimals), (9, 6));
    assert_eq!((event.oracle, event.params), (args.oracle, args.params));
}

#[test]
fn markets_are_numbered_in_order() {
    let (mut world, mint, args) = scene();
    for index in 0..3 {
        passes("create", create(&mut world, mint, token::ID, args));
        assert_eq!(world.read_market(&pda::market(index)).index, index);
    }
    assert_eq!(world.exchange().market_count, 3);
}

#[test]
fn the_last_index_is_never_handed_out() {
    let (mut world, mint, args) = scene();
    world.edit(&pda::exchange(), |exchange: &mut Exchange| exchange.market_count = u16::MAX - 1);
    passes("65,534", create(&mut world, mint, token::ID, args));
    assert_eq!(world.exchange().market_count, u16::MAX);
    refused("65,535", create(&mut world, mint, token::ID, args), RingfenceError::MathOverflow);
}

#[test]
fn only_the_admin_creates_markets() {
    let (mut world, mint, args) = scene();
    let stranger = world.new_key();
    world.fund(stranger.pubkey());
    for key in [stranger, world.guardian.insecure_clone(), world.treasury.insecure_clone()] {
        let instruction = instructions::create_market(key.pubkey(), 0, mint, token::ID, args);
        refused("not the admin", world.send(&[instruction], &[&key]), RingfenceError::NotAdmin);
    }
}

#[test]
fn lamports_sent_to_its_addresses_ahead_do_not_block_a_market() {
    let (mut world, mint, args) = scene();
    let key = pda::market(0);
    for address in [key, pda::pool_vault(&key), pda::lp_mint(&key)] {
        world.svm.set_account(address, Account { lamports: 1, ..Account::default() }).expect("dust");
    }
    passes("create", create(&mut world, mint, token::ID, args));
    assert_eq!(world.read_market(&key).version, 2);
}

#[test]
fn names_are_printable_and_zero_padded() {
    let (mut world, mint, args) = scene();
    let mut named = |bytes: &[u8]| {
        let mut name = [0; 16];
        name[..bytes.len()].copy_from_slice(bytes);
        create(&mut world, mint, token::ID, CreateMarketArgs { name, ..args })
    };
    for sound in ["A", "!", "~", "1000BONK-PERP/US", "SOL-PERP"] {
        passes(sound, named(sound.as_bytes()));
    }
    let unsound: [&[u8]; 9] = [
        b"",
        b"\0SOL",
        b"SOL\0PERP",
        b"SOL-PERP\0\0\0\0\0\0\0!",
        b"SOL PERP",
        b"SOL\nPERP",
        b"SOL\x1f",
        b"SOL\x7f",
        "SÖL".as_bytes(),
    ];
    for bytes in unsound {
        refused(&format!("{bytes:?}"), named(bytes), RingfenceError::InvalidName);
    }
}

#[test]
fn the_divisor_of_a_notional_is_between_one_and_ten_to_the_nineteenth() {
    let (mut world, _, args) = scene();
    // size decimals, quote decimals; the exponent is size + 10 - quote
    for (size, quote) in [(0, 0), (9, 6), (12, 3), (12, 9), (0, 10), (9, 19)] {
        let mint = world.create_mint(&MintKind::Token, quote);
        let args = CreateMarketArgs { size_decimals: size, ..args };
        passes(&format!("{size}, {quote}"), create(&mut world, mint, token::ID, args));
        let market = world.read_market(&pda::market(world.exchange().market_count - 1));
        assert_eq!(market.notional_divisor, 10u64.pow(u32::from(size + 10 - quote)));
        assert_eq!((market.size_decimals, market.quote_decimals), (size, quote));
    }
    // 13 places of a size; exponents 20, 20 and -1; a sum beyond a byte
    for (size, quote) in [(13, 6), (12, 2), (10, 0), (0, 11), (246, 6), (255, 255)] {
        let mint = world.create_mint(&MintKind::Token, quote);
        let args = CreateMarketArgs { size_decimals: size, ..args };
        let result = create(&mut world, mint, token::ID, args);
        refused(&format!("{size}, {quote}"), result, RingfenceError::InvalidDecimals);
    }
}

#[test]
fn every_account_is_checked() {
    let (mut world, mint, args) = scene();
    let admin = world.admin.insecure_clone();
    passes("market 0", create(&mut world, mint, token::ID, args));
    let (existing, next) = (pda::market(0), pda::market(1));
    let stranger = world.new_key();
    world.fund(stranger.pubkey());
    let nothing = world.new_key().pubkey();
    let forged_exchange = copy_of(&mut world, pda::exchange(), foreign_program());
    let forged_mint = copy_of(&mut world, mint, foreign_program());
    let not_a_mint = world.create_token_account(mint, admin.pubkey(), 0);
    let other_mint = world.create_mint(&MintKind::Token2022(vec![]), 6);
    let (seeds, owner) = (ErrorCode::ConstraintSeeds, ErrorCode::AccountOwnedByWrongProgram);

    let instruction = instructions::create_market(admin.pubkey(), 1, mint, token::ID, args);
    let cases = [
        replaced("a stranger", 0, stranger.pubkey(), RingfenceError::NotAdmin),
        unsigned("no signature", 0),
        read_only_init("a payer that cannot pay", 0),
        replaced("a market for the exchange", 1, existing, ErrorCode::AccountDiscriminatorMismatch),
        replaced("a forged exchange", 1, forged_exchange, owner),
        replaced("no exchange", 1, nothing, owner),
        read_only("a read-only exchange", 1),
        replaced("a market that exists", 2, existing, seeds),
        replaced("a market of a later index", 2, pda::market(2), seeds),
        read_only_init("a read-only market", 2),
        replaced("a forged mint", 3, forged_mint, owner),
        replaced("no mint", 3, nothing, ErrorCode::AccountNotInitialized),
        replaced("a token account for the mint", 3, not_a_mint, InstructionError::InvalidAccountData),
        replaced("a mint of the other program", 3, other_mint, InstructionError::IncorrectProgramId),
        replaced("another market's vault", 4, pda::pool_vault(&existing), seeds),
        replaced("any address for the vault", 4, nothing, seeds),
        read_only_init("a read-only vault", 4),
        replaced("another market's shares", 5, pda::lp_mint(&existing), seeds),
        replaced("any address for the shares", 5, nothing, seeds),
        read_only_init("read-only shares", 5),
        replaced("the other token program", 6, token_2022::ID, InstructionError::IncorrectProgramId),
        replaced("no token program", 6, system_program::ID, ErrorCode::InvalidProgramId),
        replaced("another system program", 7, token::ID, ErrorCode::InvalidProgramId),
        replaced("another event authority", 8, nothing, ErrorCode::ConstraintAddress),
        replaced("another program for events", 9, system_program::ID, InstructionError::MissingAccount),
    ];
    assert_eq!(instruction.accounts[2].pubkey, next);
    check_substitutions(&mut world, &instruction, &[&admin, &stranger], &cases);
}
