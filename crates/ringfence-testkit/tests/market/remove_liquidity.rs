//! remove_liquidity: amounts by hand, what is reserved, statuses, accounts.

use anchor_lang::error::ErrorCode;
use anchor_lang::system_program;
use anchor_spl::token_2022;
use anchor_spl::token_2022::spl_token_2022::error::TokenError;
use ringfence_client::accounts::Market;
use ringfence_client::events::Event;
use ringfence_client::state::{AcceptedPrice, MarketStatus, Side};
use ringfence_client::{RemoveLiquidityArgs, RingfenceError};
use ringfence_testkit::{Failure, MarketId, MintKind, Receipt, Trader, World, price, quote, size};
use solana_instruction::error::InstructionError;
use solana_signer::Signer;

use crate::add_liquidity::pool_against;
use crate::support::*;

fn attempt(
    world: &mut World,
    market: MarketId,
    provider: &Trader,
    shares: u64,
    min_amount: u64,
) -> Result<Receipt, Failure> {
    let args = RemoveLiquidityArgs { shares, min_amount };
    let instruction = world.remove_liquidity_ix(market, provider, args);
    probe(world, &instruction, &[&provider.key])
}

#[test]
fn shares_are_paid_at_the_cheaper_edge_when_traders_are_winning() {
    let (mut world, market) = pool_against(Side::Long);
    world.advance(10);
    publish(&mut world, market, "160", "0.8");
    let provider = world.trader_of(market, quote("1000"));
    passes("deposit", world.add_liquidity(market, &provider, quote("1000")));
    let before = world.market_state(market);
    assert_eq!(before.lp_shares, 1_001_000_914_760);

    // Long 100 from 15,000.075, +1,079.925 at 160.8: the pool is cheap there,
    // 1,001,006.000032 − 1,079.925 = 999,926.075032; of 1,001,000,914,760
    // shares 1,000,914,760 are floor(999.840012…) of it.
    let receipt = passes("withdraw", world.remove_liquidity(market, &provider, 1_000_914_760));
    let expected = Market { liquidity: 1_000_006_000_032 + 159_988, lp_shares: 1_000_000_000_000, ..before };
    assert_eq!(bytemuck::bytes_of(&world.market_state(market)), bytemuck::bytes_of(&expected));
    let shares = world.shares_of(market, &provider);
    assert_eq!((world.wealth(market, &provider), world.balance(&shares)), (999_840_012, 0));
    world.check_books().unwrap();

    let [Event::LiquidityRemoved(event)] = &receipt.events[..] else { panic!("{:?}", receipt.events) };
    assert_eq!((event.market, event.provider), (world.market_key(market), provider.pubkey()));
    assert_eq!((event.amount, event.shares), (999_840_012, 1_000_914_760));
    assert_eq!((event.liquidity, event.lp_shares), (1_000_006_160_020, 1_000_000_000_000));
    let oracle = AcceptedPrice {
        price: price("160"),
        confidence: price("0.8"),
        ema: price("160"),
        publish_time: world.now(),
    };
    assert_eq!(event.oracle, oracle);
}

#[test]
fn shares_are_paid_at_the_cheaper_edge_when_traders_are_losing() {
    let (mut world, market) = pool_against(Side::Short);
    world.advance(10);
    publish(&mut world, market, "160", "0.8");
    let provider = world.trader_of(market, quote("1000"));
    passes("deposit", world.add_liquidity(market, &provider, quote("1000")));
    // 998,915,103 shares. Short 100 from 14,999.925, −920.075 at 159.2, where
    // the pool is cheap: 1,001,005.999971 + 920.075 = 1,001,926.074971;
    // floor(998,915,103 × 1,001,926,074,971 ÷ 1,000,998,915,103) = 999,840,332.
    passes("withdraw", world.remove_liquidity(market, &provider, 998_915_103));
    assert_eq!(world.wealth(market, &provider), 999_840_332);
    world.check_books().unwrap();
}

#[test]
fn a_withdrawal_remembers_its_price() {
    let (mut world, market, provider) = small_pool();
    world.advance(10);
    publish(&mut world, market, "151", "0.25");
    passes("withdraw", world.remove_liquidity(market, &provider, 1));
    let expected = AcceptedPrice {
        price: price("151"),
        confidence: price("0.25"),
        ema: price("151"),
        publish_time: world.now(),
    };
    assert_eq!(world.market_state(market).accepted, expected);
}

#[test]
fn no_more_than_the_reserve_is_taken_off_the_value() {
    let (mut world, market) = pool_against(Side::Long);
    let provider = world.trader_of(market, quote("1000"));
    passes("deposit", world.add_liquidity(market, &provider, quote("1000")));
    let shares = world.shares_of(market, &provider);
    // At 150 the long has lost 0.075:
    // floor(10^9 × 10^12 ÷ 1,000,006,075,032) = 999,993,925 shares.
    assert_eq!(world.balance(&shares), 999_993_925);
    world.advance(10);
    // +25,000 on a reserve of 15,000.075:
    // 1,001,006.000032 − 15,000.075 = 986,005.925032, and
    // floor(999,993,925 × 986,005,925,032 ÷ 1,000,999,993,925) = 985,014,926.
    publish(&mut world, market, "400", "0");
    passes("withdraw", world.remove_liquidity(market, &provider, 999_993_925));
    assert_eq!(world.wealth(market, &provider), 985_014_926);
    world.check_books().unwrap();
}

/// 1,000 of liquidity, all shares but the locked ones in one hand, no fees.
fn small_pool() -> (World, MarketId, Trader) {
    let mut world = World::new();
    let (market, provider) = plain_market(&mut world, quote("1000"));
    (world, market, provider)
}

/// A long of 1 SOL that reserves 150.000001 of it.
fn small_pool_with_a_long() -> (World, MarketId, Trader) {
    let (mut world, market, provider) = small_pool();
    let trader = world.trader(100);
    passes("open", world.open(market, &trader, 0, Side::Long, size("1"), quote("50")));
    assert_eq!(world.market_state(market).reserved, 150_000_001);
    (world, market, provider)
}

#[test]
fn a_fraction_of_an_atom_of_profit_makes_the_pool_cheaper() {
    let (mut world, market, provider) = small_pool_with_a_long();
    world.advance(1);
    // Worth 150.0000015: ceil(pnl) = 150.000002 − 150.000001, so the 10^9
    // shares are worth 999.999999, and half of them 499.999999.
    publish(&mut world, market, "150.0000015", "0");
    passes("just that", attempt(&mut world, market, &provider, 500_000_000, 499_999_999));
    let result = attempt(&mut world, market, &provider, 500_000_000, 500_000_000);
    refused("an atom more", result, RingfenceError::LiquiditySlippageExceeded);
}

#[test]
fn all_but_the_locked_shares_can_leave() {
    let (mut world, market, provider) = small_pool();
    passes("withdraw", world.remove_liquidity(market, &provider, quote("1000") - 1_000));
    let state = world.market_state(market);
    assert_eq!((state.liquidity, state.lp_shares), (1_000, 1_000));
    assert_eq!(world.wealth(market, &provider), quote("1000") - 1_000);
    world.check_books().unwrap();
    // The next deposit buys at the price of the locked shares, and locks none.
    passes("deposit", world.add_liquidity(market, &provider, quote("5")));
    let shares = world.shares_of(market, &provider);
    assert_eq!(world.balance(&shares), quote("5"));
    world.check_books().unwrap();
}

#[test]
fn only_liquidity_that_no_position_reserves_leaves() {
    let (mut world, market, provider) = small_pool_with_a_long();
    // The long has lost its atom: 10^9 shares are worth 1,000.000001, and
    // s < 10^9 of them s atoms. Free are 1,000 − 150.000001 = 849.999999.
    let reserved = RingfenceError::LiquidityReserved;
    refused("an atom of the reserve", attempt(&mut world, market, &provider, 850_000_000, 0), reserved);
    refused("all of it", attempt(&mut world, market, &provider, quote("1000") - 1_000, 0), reserved);
    passes("all that is free", world.remove_liquidity(market, &provider, 849_999_999));
    let state = world.market_state(market);
    assert_eq!((state.liquidity, state.reserved), (150_000_001, 150_000_001));
    refused("one atom", world.remove_liquidity(market, &provider, 1), reserved);
    world.check_books().unwrap();
}

#[test]
fn less_than_asked_for_is_refused() {
    let (mut world, market, provider) = small_pool();
    passes("just as much", attempt(&mut world, market, &provider, quote("10"), quote("10")));
    let result = attempt(&mut world, market, &provider, quote("10"), quote("10") + 1);
    refused("an atom more", result, RingfenceError::LiquiditySlippageExceeded);
}

#[test]
fn nobody_burns_nothing_or_more_than_he_has() {
    let (mut world, market, provider) = small_pool();
    refused("none", attempt(&mut world, market, &provider, 0, 0), RingfenceError::ZeroAmount);
    // 1,000 shares are locked: they exist in the market, in nobody's account.
    let own = quote("1000") - 1_000;
    passes("his own", attempt(&mut world, market, &provider, own, own));
    for beyond in [own + 1, quote("1000"), quote("1000") + 1] {
        let result = attempt(&mut world, market, &provider, beyond, 0);
        refused("locked ones, more than exist", result, RingfenceError::InsufficientShares);
    }
    let stranger = world.trader(0);
    let result = attempt(&mut world, market, &stranger, 1, 0);
    refused("another's", result, RingfenceError::InsufficientShares);
}

#[test]
fn shares_worth_less_than_an_atom_are_not_burnt_for_nothing() {
    let (mut world, market, provider) = small_pool();
    // Half of the liquidity is gone: 10^9 shares are worth 5 × 10^8 atoms, so
    // one is worth half an atom and two are worth one.
    let key = world.market_key(market);
    world.edit(&key, |market: &mut Market| market.liquidity /= 2);
    let result = attempt(&mut world, market, &provider, 1, 0);
    refused("half an atom", result, RingfenceError::WithdrawalTooSmall);
    passes("one atom", attempt(&mut world, market, &provider, 2, 1));
}

#[test]
fn an_empty_pool_pays_nothing() {
    let mut world = World::new();
    let market = world.market("SOL-PERP").build();
    let provider = world.trader(0);
    let result = attempt(&mut world, market, &provider, 1, 0);
    refused("no shares", result, RingfenceError::InsufficientShares);
}

#[test]
fn providers_leave_an_active_or_reduce_only_market() {
    let (mut world, market, provider) = small_pool();
    let key = world.market_key(market);
    for (status, open) in [
        (MarketStatus::Active, true),
        (MarketStatus::ReduceOnly, true),
        (MarketStatus::Paused, false),
        (MarketStatus::Settling, true),
    ] {
        world.edit(&key, |market: &mut Market| market.status = status as u8);
        let result = attempt(&mut world, market, &provider, quote("1"), quote("1"));
        match open {
            true => drop(passes(&format!("{status:?}"), result)),
            false => refused(&format!("{status:?}"), result, RingfenceError::MarketPaused),
        }
    }
}

#[test]
fn a_donation_to_the_pool_is_nobodys() {
    let (mut world, market, provider) = small_pool();
    let vault = world.market_state(market).pool_vault;
    world.donate(vault, quote("500"));
    passes("withdraw", world.remove_liquidity(market, &provider, quote("10")));
    assert_eq!(world.wealth(market, &provider), quote("10"));
    world.check_books().unwrap();
}

#[test]
fn shares_burnt_past_the_program_change_no_price() {
    let (mut world, market, provider) = small_pool();
    let other = world.trader_of(market, quote("1000"));
    passes("deposit", world.add_liquidity(market, &other, quote("1000")));
    // The other one burns all of his shares in the token program.
    let (mint, account) = (world.market_state(market).lp_mint, world.shares_of(market, &other));
    let burn = anchor_spl::token_2022::spl_token_2022::instruction::burn(
        &anchor_spl::token::ID,
        &account,
        &mint,
        &other.pubkey(),
        &[],
        quote("1000"),
    )
    .expect("burn");
    passes("burn", world.send(&[burn], &[&other.key]));
    passes("withdraw", world.remove_liquidity(market, &provider, quote("10")));
    assert_eq!(world.wealth(market, &provider), quote("10"));
}

#[test]
fn the_owner_of_a_frozen_account_is_paid_into_another() {
    let (mut world, market, provider) = small_pool();
    let tokens = world.tokens_of(market, &provider);
    world.freeze(tokens);
    let result = attempt(&mut world, market, &provider, quote("10"), 0);
    refused("frozen", result, TokenError::AccountFrozen);
    let mint = world.markets[market.0].accounts.collateral_mint;
    let fresh = world.create_token_account(mint, provider.pubkey(), 0);
    let args = RemoveLiquidityArgs { shares: quote("10"), min_amount: 0 };
    let mut instruction = world.remove_liquidity_ix(market, &provider, args);
    instruction.accounts[1].pubkey = fresh;
    passes("another account", world.send(&[instruction], &[&provider.key]));
    assert_eq!(world.balance(&fresh), quote("10"));
    world.check_books().unwrap();
}

#[test]
fn every_account_is_checked() {
    let mut world = World::new();
    let market = world.market("SOL-PERP").build();
    let mint = world.markets[market.0].accounts.collateral_mint;
    let twin = world.market("ETH-PERP").mint_key(mint, MintKind::Token).liquidity(1_000).build();
    let (own, twin) = (world.markets[market.0].accounts, world.markets[twin.0].accounts);
    let (provider, other) = (world.trader(1_000), world.trader(1_000));
    for depositor in [&provider, &other] {
        passes("deposit", world.add_liquidity(market, depositor, quote("900")));
    }
    let tokens = world.tokens_of(market, &provider);
    let shares = world.shares_of(market, &provider);
    let (others_tokens, others_shares) = (world.tokens_of(market, &other), world.shares_of(market, &other));
    let args = RemoveLiquidityArgs { shares: quote("10"), min_amount: 0 };
    let instruction = world.remove_liquidity_ix(market, &provider, args);

    let foreign_mint = world.create_mint(&MintKind::Token, 6);
    let foreign_tokens = world.create_token_account(foreign_mint, provider.pubkey(), 0);
    let twin_shares = world.create_token_account(twin.lp_mint, provider.pubkey(), quote("100"));
    let position = passes("open", world.open(market, &other, 0, Side::Long, size("1"), quote("50")));
    let position_vault = world.position(position).vault;
    let forged_tokens = copy_of(&mut world, tokens, foreign_program());
    let other_programs_tokens = copy_of(&mut world, tokens, token_2022::ID);
    let forged_shares = copy_of(&mut world, shares, foreign_program());
    let forged_market = copy_of(&mut world, own.market, foreign_program());
    let forged_vault = copy_of(&mut world, own.pool_vault, foreign_program());
    let forged_mint = copy_of(&mut world, own.lp_mint, foreign_program());
    let copied_mint = copy_of(&mut world, own.lp_mint, own.token_program);
    let shares_of_copy = world.create_token_account(copied_mint, provider.pubkey(), quote("100"));
    let nothing = world.new_key().pubkey();
    let (owner, missing) = (ErrorCode::AccountOwnedByWrongProgram, ErrorCode::AccountNotInitialized);
    let (vault, mint_of) = (RingfenceError::WrongPoolVault, RingfenceError::WrongTokenMint);

    let cases = [
        unsigned("no signature", 0),
        replaced("somebody else's signature", 0, other.pubkey(), TokenError::OwnerMismatch),
        replaced("tokens of another mint", 1, foreign_tokens, mint_of),
        replaced("forged tokens", 1, forged_tokens, owner),
        replaced(
            "tokens of the other program",
            1,
            other_programs_tokens,
            InstructionError::ExternalAccountDataModified,
        ),
        replaced("a mint for the tokens", 1, mint, InstructionError::InvalidAccountData),
        replaced("no tokens", 1, nothing, missing),
        replaced("the pool's own tokens", 1, own.pool_vault, ErrorCode::ConstraintDuplicateMutableAccount),
        read_only("read-only tokens", 1),
        replaced("somebody else's shares", 2, others_shares, TokenError::OwnerMismatch),
        replaced("shares of another market", 2, twin_shares, mint_of),
        replaced("forged shares", 2, forged_shares, owner),
        replaced("collateral for shares", 2, others_tokens, mint_of),
        replaced("a mint for the shares", 2, own.lp_mint, InstructionError::InvalidAccountData),
        replaced("no shares", 2, nothing, missing),
        read_only("read-only shares", 2),
        replaced("another market", 3, twin.market, vault),
        replaced("a position for the market", 3, position, ErrorCode::AccountDiscriminatorMismatch),
        replaced("a forged market", 3, forged_market, owner),
        replaced("no market", 3, nothing, owner),
        read_only("a read-only market", 3),
        replaced("another market's vault", 4, twin.pool_vault, vault),
        replaced("a position's vault", 4, position_vault, vault),
        replaced("somebody's tokens for the vault", 4, others_tokens, vault),
        replaced("a forged vault", 4, forged_vault, vault),
        replaced("no vault", 4, nothing, vault),
        read_only("a read-only vault", 4),
        replaced("another market's mint", 5, twin.lp_mint, mint_of),
        replaced_all(
            "another market's mint and shares",
            &[(2, twin_shares), (5, twin.lp_mint)],
            RingfenceError::WrongLpMint,
        ),
        replaced_all(
            "a copied mint and its shares",
            &[(2, shares_of_copy), (5, copied_mint)],
            RingfenceError::WrongLpMint,
        ),
        replaced("a forged mint", 5, forged_mint, owner),
        replaced("shares for their mint", 5, others_shares, InstructionError::InvalidAccountData),
        replaced("no mint", 5, nothing, missing),
        read_only("a read-only mint", 5),
        replaced("another market's oracle", 6, twin.oracle, RingfenceError::OracleWrongAccount),
        replaced("no oracle", 6, nothing, RingfenceError::OracleWrongAccount),
        replaced("the other token program", 7, token_2022::ID, RingfenceError::WrongTokenProgram),
        replaced("no token program", 7, system_program::ID, ErrorCode::InvalidProgramId),
        replaced("another event authority", 8, nothing, ErrorCode::ConstraintAddress),
        replaced("another program for events", 9, system_program::ID, InstructionError::MissingAccount),
    ];
    check_substitutions(&mut world, &instruction, &[&provider.key, &other.key], &cases);
}
