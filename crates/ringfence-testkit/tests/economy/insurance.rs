//! Insurance, given by anyone.

use ringfence_client::RingfenceError;
use ringfence_client::event::InsuranceFunded;
use ringfence_client::events::Event;
use ringfence_client::state::MarketStatus;
use ringfence_testkit::{MintKind, quote, size};
use solana_signer::Signer;

use crate::support::*;

#[test]
fn anyone_adds_to_the_insurance_and_nothing_else_grows() {
    let (mut world, market) = calm();
    let donor = world.trader(100);
    let receipt = passes("fund", world.fund_insurance(market, &donor, quote("25")));
    let expected = InsuranceFunded {
        market: world.market_key(market),
        payer: donor.pubkey(),
        amount: quote("25"),
        insurance: quote("25"),
    };
    assert_events(&receipt, &[Event::InsuranceFunded(expected)]);
    assert_pool(&world, market, "100000", "0", "25");
    let receipt = passes("fund", world.fund_insurance(market, &donor, 1));
    let [Event::InsuranceFunded(event)] = &receipt.events[..] else { panic!("{receipt:?}") };
    assert_eq!((event.amount, event.insurance), (1, 25_000_001));
    assert_eq!(world.wealth(market, &donor), 74_999_999);
    assert_eq!(world.market_state(market).lp_shares, quote("100000"), "no share is made of it");
    balanced(&world);
}

#[test]
fn insurance_is_no_liquidity() {
    let (mut world, market) = build(ringfence_testkit::World::new(), 1_000, |_| ());
    let (donor, alice) = (world.trader(10_000), world.trader(10_000));
    passes("fund", world.fund_insurance(market, &donor, quote("5000")));
    // 10 long would reserve 1,005 of 1,000
    let result = world.open(market, &alice, 0, ringfence_client::state::Side::Long, size("10"), quote("500"));
    refused("reserving it", result, RingfenceError::InsufficientLiquidity);
}

#[test]
fn a_market_can_be_insured_in_every_status_and_without_a_price() {
    for status in [MarketStatus::Active, MarketStatus::ReduceOnly, MarketStatus::Paused] {
        let (mut world, market) = calm();
        let donor = world.trader(100);
        passes("status", world.set_status(market, status));
        world.warp(YEAR);
        passes("fund", world.fund_insurance(market, &donor, quote("1")));
        balanced(&world);
    }
}

#[test]
fn nothing_is_no_donation_and_more_than_one_has_neither() {
    let (mut world, market) = calm();
    let donor = world.trader(100);
    refused("nothing", world.fund_insurance(market, &donor, 0), RingfenceError::ZeroAmount);
    let result = world.fund_insurance(market, &donor, quote("100.000001"));
    refused("too much", result, token_error::INSUFFICIENT_FUNDS);
    assert_pool(&world, market, "100000", "0", "0");
    passes("all", world.fund_insurance(market, &donor, quote("100")));
}

#[test]
fn every_account_is_checked() {
    use anchor_lang::error::ErrorCode::*;
    let (mut world, market) = calm();
    // another market of the same mint
    let mint = world.markets[market.0].accounts.collateral_mint;
    let other = world.market("BTC-PERP").mint_key(mint, MintKind::Token).liquidity(10).build();
    let (donor, stranger) = (world.trader(100), world.trader(100));
    let theirs = world.tokens_of(market, &stranger);
    let other_mint = world.create_mint(&MintKind::Token, 6);
    let foreign = world.create_token_account(other_mint, donor.pubkey(), quote("100"));
    let (key, nothing) = (world.market_key(market), world.new_key().pubkey());
    let (accounts, others) = (world.markets[market.0].accounts, world.markets[other.0].accounts);
    let (forged_market, forged_pool) = (forged(&mut world, key), forged(&mut world, accounts.pool_vault));
    let cases = [
        unsigned("no signature", 0),
        replaced("another's tokens", 1, theirs, token_error::OWNER_MISMATCH),
        replaced("tokens of another mint", 1, foreign, RingfenceError::WrongTokenMint),
        replaced("the pool's own tokens", 1, accounts.pool_vault, ConstraintDuplicateMutableAccount),
        replaced("no tokens", 1, nothing, AccountNotInitialized),
        read_only("read-only tokens", 1),
        replaced("a mint for a market", 2, accounts.lp_mint, AccountOwnedByWrongProgram),
        replaced("a forged market", 2, forged_market, AccountOwnedByWrongProgram),
        replaced("another market", 2, others.market, RingfenceError::WrongPoolVault),
        read_only("a read-only market", 2),
        replaced("another pool", 3, others.pool_vault, RingfenceError::WrongPoolVault),
        replaced("another's tokens for the pool", 3, theirs, RingfenceError::WrongPoolVault),
        replaced("a forged pool", 3, forged_pool, RingfenceError::WrongPoolVault),
        read_only("a read-only pool", 3),
        replaced("another token program", 4, anchor_spl::token_2022::ID, RingfenceError::WrongTokenProgram),
        replaced("no token program", 4, anchor_lang::system_program::ID, InvalidProgramId),
    ];
    let instruction = world.fund_insurance_ix(market, &donor, quote("1"));
    let cases = cases.into_iter().chain(event_cases(5, nothing));
    check_substitutions(&mut world, &instruction, &[&donor.key], cases);
}
