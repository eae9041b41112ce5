//! add_liquidity: shares by hand, bounds, statuses, accounts.

use anchor_lang::error::ErrorCode;
use anchor_lang::system_program;
use anchor_spl::token_2022;
use anchor_spl::token_2022::spl_token_2022::error::TokenError;
use ringfence_client::accounts::Market;
use ringfence_client::events::Event;
use ringfence_client::state::{AcceptedPrice, MarketStatus, Side};
use ringfence_client::{AddLiquidityArgs, RingfenceError, pda};
use ringfence_testkit::{MarketId, MintKind, Trader, World, price, quote, size};
use solana_instruction::error::InstructionError;
use solana_signer::Signer;

use crate::support::*;

/// A pool of 1,000,000 in which somebody opens 100 SOL at 150, 5 bp fee of
/// which the pool gets 80 %, skew scale 10^7.
///
/// Long: fill 150 × (1 + 50 ÷ 10^7) = 150.00075, entry 15,000.075, fee
/// ceil(7.5000375) = 7.500038 of which insurance and protocol take
/// floor(0.7500038) = 0.750003 each: liquidity 1,000,006.000032.
///
/// Short: fill 150 × (1 − 50 ÷ 10^7) = 149.99925, entry 14,999.925, fee
/// ceil(7.4999625) = 7.499963, 0.749996 each: liquidity 1,000,005.999971.
pub fn pool_against(side: Side) -> (World, MarketId) {
    let mut world = World::new();
    let market = world.market("SOL-PERP").price("150").liquidity(1_000_000).build();
    let trader = world.trader(1_000);
    passes("open", world.open(market, &trader, 0, side, size("100"), quote("1000")));
    let (liquidity, reserved) = match side {
        Side::Long => (1_000_006_000_032, 15_000_075_000),
        Side::Short => (1_000_005_999_971, 14_999_925_000),
    };
    let state = world.market_state(market);
    assert_eq!((state.liquidity, state.reserved, state.lp_shares), (liquidity, reserved, 1_000_000_000_000));
    (world, market)
}

fn deposit(world: &mut World, market: MarketId, provider: &Trader, amount: u64) -> u64 {
    passes("deposit", world.add_liquidity(market, provider, amount));
    let shares = world.shares_of(market, provider);
    world.balance(&shares)
}

#[test]
fn the_first_deposit_locks_a_thousand_shares() {
    let mut world = World::new();
    let market = world.market("SOL-PERP").price("150").confidence("0.5").build();
    let provider = world.trader_of(market, quote("2500"));
    let before = world.market_state(market);
    let receipt = passes("deposit", world.add_liquidity(market, &provider, quote("1500")));

    let accepted = AcceptedPrice {
        price: price("150"),
        confidence: price("0.5"),
        ema: price("150"),
        publish_time: world.now(),
    };
    let expected = Market { liquidity: 1_500_000_000, lp_shares: 1_500_000_000, accepted, ..before };
    assert_eq!(bytemuck::bytes_of(&world.market_state(market)), bytemuck::bytes_of(&expected));
    let shares = world.shares_of(market, &provider);
    assert_eq!(world.balance(&shares), 1_499_999_000);
    assert_eq!(world.wealth(market, &provider), quote("1000"));
    assert_eq!(world.balance(&expected.pool_vault), quote("1500"));
    world.check_books().unwrap();

    let [Event::LiquidityAdded(event)] = &receipt.events[..] else { panic!("{:?}", receipt.events) };
    assert_eq!((event.market, event.provider), (world.market_key(market), provider.pubkey()));
    assert_eq!((event.amount, event.shares), (1_500_000_000, 1_499_999_000));
    assert_eq!((event.liquidity, event.lp_shares), (1_500_000_000, 1_500_000_000));
    assert_eq!(event.oracle, accepted);
}

#[test]
fn the_first_deposit_exceeds_the_locked_shares() {
    let mut world = World::new();
    let market = world.market("SOL-PERP").build();
    let provider = world.trader(1);
    let too_small = RingfenceError::DepositTooSmall;
    refused("1 atom", world.add_liquidity(market, &provider, 1), too_small);
    refused("1,000 atoms", world.add_liquidity(market, &provider, 1_000), too_small);
    assert_eq!(deposit(&mut world, market, &provider, 1_001), 1);
    assert_eq!(world.market_state(market).lp_shares, 1_001);
    world.check_books().unwrap();
}

#[test]
fn a_deposit_pays_for_the_traders_losses_at_the_dearer_edge() {
    let (mut world, market) = pool_against(Side::Long);
    world.advance(10);
    publish(&mut world, market, "160", "0.8");
    // Long 100 from 15,000.075: +919.925 at 159.2, +1,079.925 at 160.8. The
    // pool is dear at 159.2: 1,000,006.000032 − 919.925 = 999,086.075032.
    let provider = world.trader_of(market, quote("1000"));
    // floor(10^9 × 10^12 ÷ 999,086,075,032)
    assert_eq!(deposit(&mut world, market, &provider, quote("1000")), 1_000_914_760);
    let state = world.market_state(market);
    assert_eq!((state.liquidity, state.lp_shares), (1_001_006_000_032, 1_001_000_914_760));
    assert_eq!((state.accepted.price, state.accepted.confidence), (price("160"), price("0.8")));
    world.check_books().unwrap();
}

#[test]
fn a_deposit_into_a_pool_that_is_winning_pays_for_it_at_the_dearer_edge() {
    let (mut world, market) = pool_against(Side::Short);
    world.advance(10);
    publish(&mut world, market, "160", "0.8");
    // Short 100 from 14,999.925: −920.075 at 159.2, −1,080.075 at 160.8. The
    // pool is dear at 160.8: 1,000,005.999971 + 1,080.075 = 1,001,086.074971.
    let provider = world.trader_of(market, quote("1000"));
    // floor(10^9 × 10^12 ÷ 1,001,086,074,971)
    assert_eq!(deposit(&mut world, market, &provider, quote("1000")), 998_915_103);
    world.check_books().unwrap();
}

#[test]
fn no_more_than_the_reserve_is_taken_off_the_value() {
    let (mut world, market) = pool_against(Side::Long);
    world.advance(10);
    // +25,000 on a reserve of 15,000.075: the pool owes the reserve.
    // 1,000,006.000032 − 15,000.075 = 985,005.925032
    publish(&mut world, market, "400", "0");
    let provider = world.trader_of(market, quote("1000"));
    // floor(10^9 × 10^12 ÷ 985,005,925,032) = 1,015,222,319
    assert_eq!(deposit(&mut world, market, &provider, quote("1000")), 1_015_222_319);
    world.check_books().unwrap();
}

#[test]
fn a_fraction_of_an_atom_of_profit_makes_the_pool_dearer() {
    let mut world = World::new();
    let (market, _) = plain_market(&mut world, quote("1000"));
    let trader = world.trader(100);
    passes("open", world.open(market, &trader, 0, Side::Long, size("1"), quote("50")));
    // Filled at 150.0000000001, the least above the index: entry 150.000001.
    assert_eq!(world.market_state(market).long.entry_notional, 150_000_001);
    world.advance(1);
    // Worth 150.0000005: floor(pnl) = 150.000000 − 150.000001, so the pool's
    // 1,000 are worth an atom more, and 100 buys one share less than 10^8.
    publish(&mut world, market, "150.0000005", "0");
    let provider = world.trader_of(market, quote("100"));
    assert_eq!(deposit(&mut world, market, &provider, quote("100")), 99_999_999);
}

#[test]
fn a_deposit_that_would_buy_no_share_is_refused() {
    let (mut world, market) = pool_against(Side::Long);
    // With the fee in it the pool is worth more than an atom a share: at 150
    // the long has lost 0.075, so 10^12 shares are worth 1,000,006.075032.
    let provider = world.trader(1);
    refused("1 atom", world.add_liquidity(market, &provider, 1), RingfenceError::DepositTooSmall);
    assert_eq!(deposit(&mut world, market, &provider, 2), 1);
    world.check_books().unwrap();
}

#[test]
fn a_pool_that_owes_all_it_has_takes_no_deposits() {
    let mut world = World::new();
    // All of the liquidity is reserved for one long of 150.000001.
    let (market, _) = plain_market(&mut world, 150_000_001);
    let trader = world.trader(100);
    passes("open", world.open(market, &trader, 0, Side::Long, size("1"), quote("50")));
    let state = world.market_state(market);
    assert_eq!((state.liquidity, state.reserved), (150_000_001, 150_000_001));
    world.advance(1);
    let provider = world.trader(1_000);

    // At 300.000001 it has won 150.000000: an atom is left, and buys all shares.
    publish(&mut world, market, "300.000001", "0");
    let instruction = world.add_liquidity_ix(
        market,
        &provider,
        AddLiquidityArgs { id: 0, amount: 2, min_shares: 300_000_002 },
    );
    passes("an atom left", probe(&mut world, &instruction, &[&provider.key]));
    // At 300.000002 it has won everything.
    publish(&mut world, market, "300.000002", "0");
    refused("nothing left", world.add_liquidity(market, &provider, 2), RingfenceError::PoolInsolvent);
}

#[test]
fn fewer_shares_than_asked_for_are_refused() {
    let (mut world, market) = pool_against(Side::Long);
    world.advance(10);
    publish(&mut world, market, "160", "0.8");
    let provider = world.trader(1_000);
    let mut at_least = |min_shares| {
        let args = AddLiquidityArgs { id: 0, amount: quote("1000"), min_shares };
        let instruction = world.add_liquidity_ix(market, &provider, args);
        probe(&mut world, &instruction, &[&provider.key])
    };
    passes("just as many", at_least(1_000_914_760));
    refused("one more", at_least(1_000_914_761), RingfenceError::LiquiditySlippageExceeded);
}

#[test]
fn deposits_need_an_amount_that_the_provider_has_and_may_move() {
    let mut world = World::new();
    let market = world.market("SOL-PERP").build();
    let provider = world.trader_of(market, quote("10"));
    refused("nothing", world.add_liquidity(market, &provider, 0), RingfenceError::ZeroAmount);
    let result = world.add_liquidity(market, &provider, quote("10") + 1);
    refused("an atom too much", result, TokenError::InsufficientFunds);
    let tokens = world.tokens_of(market, &provider);
    world.freeze(tokens);
    refused("frozen", world.add_liquidity(market, &provider, quote("10")), TokenError::AccountFrozen);
    assert_eq!(world.market_state(market).liquidity, 0);
}

#[test]
fn deposits_are_taken_in_an_active_market_only() {
    let mut world = World::new();
    let market = world.market("SOL-PERP").build();
    let provider = world.trader(10);
    let key = world.market_key(market);
    for status in [MarketStatus::ReduceOnly, MarketStatus::Paused, MarketStatus::Settling] {
        world.edit(&key, |market: &mut Market| market.status = status as u8);
        let result = world.add_liquidity(market, &provider, quote("1"));
        refused(&format!("{status:?}"), result, RingfenceError::MarketNotActive);
    }
    world.edit(&key, |market: &mut Market| market.status = MarketStatus::Active as u8);
    assert_eq!(deposit(&mut world, market, &provider, quote("1")), 999_000);
}

#[test]
fn a_donation_to_the_pool_buys_nobody_anything() {
    let (mut world, market) = pool_against(Side::Long);
    let vault = world.market_state(market).pool_vault;
    world.donate(vault, quote("500000"));
    world.advance(10);
    publish(&mut world, market, "160", "0.8");
    let provider = world.trader_of(market, quote("1000"));
    // As without it.
    assert_eq!(deposit(&mut world, market, &provider, quote("1000")), 1_000_914_760);
    world.check_books().unwrap();
}

#[test]
fn an_early_donation_does_not_make_shares_too_dear_to_buy() {
    let mut world = World::new();
    let market = world.market("SOL-PERP").build();
    let attacker = world.trader_of(market, 1_001);
    assert_eq!(deposit(&mut world, market, &attacker, 1_001), 1);
    let vault = world.market_state(market).pool_vault;
    world.donate(vault, quote("1000000"));
    let victim = world.trader_of(market, 1_999);
    assert_eq!(deposit(&mut world, market, &victim, 1_999), 1_999);
}

#[test]
fn liquidity_never_leaves_its_range() {
    let mut world = World::new();
    let market = world.market("SOL-PERP").liquidity(1_000).build();
    let provider = world.trader(10);
    let key = world.market_key(market);
    // Half as many shares as atoms, so that these are what overflows.
    world.edit(&key, |market: &mut Market| {
        (market.liquidity, market.lp_shares) = (u64::MAX - 10, u64::MAX / 2);
    });
    let mut attempt = |amount| {
        let args = AddLiquidityArgs { id: 0, amount, min_shares: 0 };
        let instruction = world.add_liquidity_ix(market, &provider, args);
        probe(&mut world, &instruction, &[&provider.key])
    };
    passes("up to 2^64 - 1", attempt(10));
    refused("an atom more", attempt(11), RingfenceError::MathOverflow);
}

#[test]
fn every_account_is_checked() {
    let mut world = World::new();
    let market = world.market("SOL-PERP").liquidity(1_000).build();
    let mint = world.markets[market.0].accounts.collateral_mint;
    // Another market of the same collateral, and one of another.
    let twin = world.market("ETH-PERP").mint_key(mint, MintKind::Token).liquidity(1_000).build();
    let (own, twin) = (world.markets[market.0].accounts, world.markets[twin.0].accounts);
    let (provider, other) = (world.trader(100), world.trader(100));
    let tokens = world.tokens_of(market, &provider);
    let others_tokens = world.tokens_of(market, &other);
    let args = AddLiquidityArgs { id: 0, amount: quote("10"), min_shares: 0 };
    let instruction = world.add_liquidity_ix(market, &provider, args);

    let foreign_mint = world.create_mint(&MintKind::Token, 6);
    let foreign_tokens = world.create_token_account(foreign_mint, provider.pubkey(), quote("100"));
    let position = passes("open", world.open(market, &other, 0, Side::Long, size("1"), quote("50")));
    let position_vault = world.position(position).vault;
    let forged_tokens = copy_of(&mut world, tokens, foreign_program());
    let other_programs_tokens = copy_of(&mut world, tokens, token_2022::ID);
    let forged_market = copy_of(&mut world, own.market, foreign_program());
    let forged_vault = copy_of(&mut world, own.pool_vault, foreign_program());
    let [next_id, others_deposit] =
        [(&provider, 1), (&other, 0)].map(|(whose, id)| world.deposit_key(market, whose, id));
    let in_twin = pda::liquidity_deposit(&twin.market, &provider.pubkey(), 0);
    let all_but_deposit = [(2, twin.market), (4, twin.pool_vault), (5, twin.oracle)];
    let nothing = world.new_key().pubkey();
    let (owner, missing) = (ErrorCode::AccountOwnedByWrongProgram, ErrorCode::AccountNotInitialized);
    let (vault, mint_of) = (RingfenceError::WrongPoolVault, RingfenceError::WrongTokenMint);
    let address = ErrorCode::ConstraintSeeds;

    let cases = [
        unsigned("no signature", 0),
        read_only("a read-only payer", 0),
        replaced("somebody else's signature", 0, other.pubkey(), address),
        replaced_all(
            "somebody else's signature and deposit",
            &[(0, other.pubkey()), (3, others_deposit)],
            TokenError::OwnerMismatch,
        ),
        replaced("somebody else's tokens", 1, others_tokens, TokenError::OwnerMismatch),
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
        replaced("another market", 2, twin.market, vault),
        replaced_all("another market and its deposit", &[(2, twin.market), (3, in_twin)], vault),
        replaced_all("another market in all but the deposit", &all_but_deposit, address),
        replaced("a position for the market", 2, position, ErrorCode::AccountDiscriminatorMismatch),
        replaced("a forged market", 2, forged_market, owner),
        replaced("no market", 2, nothing, owner),
        read_only("a read-only market", 2),
        replaced("the next deposit", 3, next_id, address),
        replaced("somebody else's deposit", 3, others_deposit, address),
        replaced("a deposit in another market", 3, in_twin, address),
        read_only("a read-only deposit", 3),
        replaced("another market's vault", 4, twin.pool_vault, vault),
        replaced("a position's vault", 4, position_vault, vault),
        replaced("somebody's tokens for the vault", 4, others_tokens, vault),
        replaced("a forged vault", 4, forged_vault, vault),
        replaced("no vault", 4, nothing, vault),
        read_only("a read-only vault", 4),
        replaced("another market's oracle", 5, twin.oracle, RingfenceError::OracleWrongAccount),
        replaced("no oracle", 5, nothing, RingfenceError::OracleWrongAccount),
        replaced("the other token program", 6, token_2022::ID, RingfenceError::WrongTokenProgram),
        replaced("no token program", 6, system_program::ID, ErrorCode::InvalidProgramId),
        replaced("another system program", 7, token_2022::ID, ErrorCode::InvalidProgramId),
        replaced("another event authority", 8, nothing, ErrorCode::ConstraintAddress),
        replaced("another program for events", 9, system_program::ID, InstructionError::MissingAccount),
    ];
    check_substitutions(&mut world, &instruction, &[&provider.key, &other.key], &cases);
}
