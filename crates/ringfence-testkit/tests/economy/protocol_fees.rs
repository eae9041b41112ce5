//! The protocol's fees: sent by anyone, to the treasury only.

use anchor_lang::prelude::Pubkey;
use ringfence_client::event::ProtocolFeesCollected;
use ringfence_client::events::Event;
use ringfence_client::state::MarketStatus;
use ringfence_client::state::Side::Long;
use ringfence_client::{RingfenceError, pda};
use ringfence_testkit::{MarketId, MintKind, World, quote, size};
use solana_signer::Signer;

use crate::support::*;

/// 10 long for 1,005 at 5 bp: a fee of 0.5025, of which 10 % are insurance and
/// 20 % the protocol's: 0.1005.
fn with_fees() -> (World, MarketId, Pubkey) {
    let (mut world, market) = calm_with(|params| {
        unfunded(params);
        params.open_fee_ppm = 500;
        (params.insurance_share_ppm, params.protocol_share_ppm) = (100_000, 200_000);
    });
    let alice = world.trader(1_000);
    world.open(market, &alice, 0, Long, size("10"), quote("200")).unwrap();
    let treasury = world.treasury_account(market);
    (world, market, treasury)
}

#[test]
fn the_treasury_gets_all_of_the_protocols_fees_and_nothing_else() {
    let (mut world, market, treasury) = with_fees();
    assert_eq!(world.market_state(market).protocol_fees, quote("0.1005"));
    let receipt = passes("collect", world.collect_protocol_fees(market, treasury));
    let expected = ProtocolFeesCollected {
        market: world.market_key(market),
        treasury: world.treasury.pubkey(),
        fees: quote("0.1005"),
        insurance: 0,
    };
    assert_events(&receipt, &[Event::ProtocolFeesCollected(expected)]);
    assert_eq!(world.balance(&treasury), quote("0.1005"));
    assert_eq!(world.market_state(market).protocol_fees, 0);
    // 0.5025 − 0.05025 − 0.1005 stay with the pool
    assert_pool(&world, market, "100000.35175", "1005", "0.05025");

    let again = world.collect_protocol_fees(market, treasury);
    refused("nothing is left", again, RingfenceError::NothingToCollect);
    assert_eq!(world.balance(&treasury), quote("0.1005"));
}

#[test]
fn a_donation_to_the_pool_is_no_fee() {
    let (mut world, market, treasury) = with_fees();
    let pool = world.markets[market.0].accounts.pool_vault;
    world.donate(pool, quote("50"));
    passes("collect", world.collect_protocol_fees(market, treasury));
    assert_eq!(world.balance(&treasury), quote("0.1005"));
    balanced(&world);
}

#[test]
fn fees_are_collected_in_every_status_and_without_a_price() {
    for status in [MarketStatus::ReduceOnly, MarketStatus::Paused] {
        let (mut world, market, treasury) = with_fees();
        passes("status", world.set_status(market, status));
        world.warp(YEAR);
        passes("collect", world.collect_protocol_fees(market, treasury));
    }
}

#[test]
fn not_even_the_admin_gets_them() {
    let (mut world, market, _) = with_fees();
    let mint = world.markets[market.0].accounts.collateral_mint;
    for owner in [world.admin.pubkey(), world.guardian.pubkey(), world.payer.pubkey()] {
        let account = world.create_token_account(mint, owner, 0);
        let result = world.collect_protocol_fees(market, account);
        refused("another owner", result, RingfenceError::NotTreasury);
    }
}

#[test]
fn every_account_is_checked() {
    use anchor_lang::error::ErrorCode::*;
    let (mut world, market, treasury) = with_fees();
    // another market of the same mint
    let mint = world.markets[market.0].accounts.collateral_mint;
    let other = world.market("BTC-PERP").mint_key(mint, MintKind::Token).liquidity(10).build();
    let other_mint = world.create_mint(&MintKind::Token, 6);
    let foreign = world.create_token_account(other_mint, world.treasury.pubkey(), 0);
    let stranger = world.trader(100);
    let theirs = world.tokens_of(market, &stranger);
    let (key, nothing) = (world.market_key(market), world.new_key().pubkey());
    let (accounts, others) = (world.markets[market.0].accounts, world.markets[other.0].accounts);
    let (forged_market, forged_exchange) = (forged(&mut world, key), forged(&mut world, pda::exchange()));
    let cases = [
        replaced("a market for the exchange", 0, others.market, AccountDiscriminatorMismatch),
        replaced("a forged exchange", 0, forged_exchange, AccountOwnedByWrongProgram),
        replaced("no exchange", 0, nothing, AccountOwnedByWrongProgram),
        replaced("another's tokens", 1, theirs, RingfenceError::NotTreasury),
        replaced("tokens of another mint", 1, foreign, RingfenceError::WrongTokenMint),
        replaced("the pool's own tokens", 1, accounts.pool_vault, RingfenceError::NotTreasury),
        replaced("no tokens", 1, nothing, AccountNotInitialized),
        read_only("read-only tokens", 1),
        replaced("the exchange for a market", 2, pda::exchange(), AccountDiscriminatorMismatch),
        replaced("a forged market", 2, forged_market, AccountOwnedByWrongProgram),
        replaced("another market", 2, others.market, RingfenceError::WrongPoolVault),
        read_only("a read-only market", 2),
        replaced("another pool", 3, others.pool_vault, RingfenceError::WrongPoolVault),
        replaced("another's tokens for the pool", 3, theirs, RingfenceError::WrongPoolVault),
        read_only("a read-only pool", 3),
        replaced("another token program", 4, anchor_spl::token_2022::ID, RingfenceError::WrongTokenProgram),
        replaced("no token program", 4, anchor_lang::system_program::ID, InvalidProgramId),
    ];
    let instruction = world.collect_protocol_fees_ix(market, treasury);
    let cases = cases.into_iter().chain(event_cases(5, nothing));
    check_substitutions(&mut world, &instruction, &[], cases);
}
