//! Who gets the shares of a deposit: its provider, and nobody else.

use anchor_lang::error::ErrorCode::*;
use ringfence_client::accounts::LiquidityDeposit;
use ringfence_client::{RingfenceError, instructions};
use ringfence_testkit::{MarketId, Trader, World, quote};
use solana_signer::Signer;

use crate::payees::payee_cases;
use crate::support::*;

/// Carol's deposit of 1,000 and Dave's of 500, their cool-down over.
fn scene() -> (World, MarketId, Trader, Trader) {
    let (mut world, market) = still();
    let (carol, dave) = (world.trader(1_000), world.trader(1_000));
    passes("deposit", world.deposit(market, &carol, 0, quote("1000")));
    passes("deposit", world.deposit(market, &dave, 0, quote("500")));
    world.advance(HOUR);
    (world, market, carol, dave)
}

#[test]
fn every_account_of_claim_shares_is_checked() {
    let (mut world, market, carol, dave) = scene();
    let other = world.market("BTC-PERP").build();
    let (accounts, others) = (world.markets[market.0].accounts, world.markets[other.0].accounts);
    let deposit = world.deposit_key(market, &carol, 0);
    let daves = world.deposit_key(market, &dave, 0);
    let nothing = world.new_key().pubkey();
    let lp_of_other = world.create_token_account(others.lp_mint, carol.pubkey(), 0);
    let collateral = world.tokens_of(market, &carol);
    let (forged_market, forged_deposit) = (forged(&mut world, accounts.market), forged(&mut world, deposit));
    let whole_other = [(1, lp_of_other), (2, others.market), (4, others.lp_mint)];
    let cases = vec![
        replaced("another provider", 0, dave.pubkey(), RingfenceError::WrongPayee),
        replaced("a stranger for the rent", 0, nothing, RingfenceError::WrongPayee),
        read_only("a read-only provider", 0),
        replaced("another market", 2, others.market, RingfenceError::WrongLpMint),
        replaced_all("another market with its mint", &whole_other, RingfenceError::WrongDeposit),
        replaced("a forged market", 2, forged_market, AccountOwnedByWrongProgram),
        replaced("a deposit for a market", 2, daves, AccountDiscriminatorMismatch),
        read_only("a read-only market", 2),
        replaced("another's deposit", 3, daves, RingfenceError::WrongPayee),
        replaced("a forged deposit", 3, forged_deposit, AccountOwnedByWrongProgram),
        replaced("a market for a deposit", 3, others.market, AccountDiscriminatorMismatch),
        replaced("no deposit", 3, nothing, AccountOwnedByWrongProgram),
        read_only("a read-only deposit", 3),
        replaced("another LP mint", 4, others.lp_mint, RingfenceError::WrongTokenMint),
        replaced_all(
            "collateral for shares",
            &[(1, collateral), (4, accounts.collateral_mint)],
            RingfenceError::WrongLpMint,
        ),
        read_only("a read-only LP mint", 4),
        replaced("the other token program", 5, anchor_spl::token_2022::ID, RingfenceError::WrongTokenProgram),
        replaced("no token program", 5, anchor_lang::system_program::ID, InvalidProgramId),
    ];
    let payees = payee_cases(&mut world, accounts.lp_mint, carol.pubkey(), 1);
    let instruction = world.claim_shares_ix(market, &carol, 0);
    let cases: Vec<_> = cases.into_iter().chain(payees).chain(event_cases(6, nothing)).collect();
    check_substitutions(&mut world, &instruction, &[&carol.key], cases);
}

#[test]
fn any_plain_account_of_the_provider_will_do() {
    let (mut world, market, carol, _) = scene();
    let accounts = world.markets[market.0].accounts;
    let usual = world.shares_of(market, &carol);
    world.freeze(usual);
    let claim = world.claim_shares_ix(market, &carol, 0);
    refused("a frozen one", world.send(&[claim], &[]), token_error::ACCOUNT_FROZEN);
    let another = world.create_token_account(accounts.lp_mint, carol.pubkey(), 0);
    let claim = instructions::claim_shares(&accounts, carol.pubkey(), 0, another);
    passes("another of hers", world.send(&[claim], &[]));
    assert_eq!(world.balance(&another), quote("1000"));
    balanced(&world);
}

#[test]
fn the_provider_needs_no_more_right_than_anyone() {
    // her own signature opens no other account
    let (mut world, market, carol, dave) = scene();
    let accounts = world.markets[market.0].accounts;
    let daves = world.shares_of(market, &dave);
    let mut claim = instructions::claim_shares(&accounts, carol.pubkey(), 0, daves);
    claim.accounts[0].is_signer = true;
    let result = world.send(&[claim], &[&carol.key]);
    refused("to a friend", result, RingfenceError::UnsafePayeeAccount);
}

#[test]
fn a_deposit_of_an_unknown_layout_is_left_alone() {
    for version in [0, 2] {
        let (mut world, market, carol, _) = scene();
        let key = world.deposit_key(market, &carol, 0);
        world.edit::<LiquidityDeposit>(&key, |deposit| deposit.version = version);
        let result = world.claim_shares(market, &carol, 0);
        refused("claim", result, RingfenceError::UnsupportedVersion);
    }
}

#[test]
fn only_minted_shares_can_be_transferred_and_withdrawn() {
    let (mut world, market, carol, dave) = scene();
    let (hers, his) = (world.shares_of(market, &carol), world.shares_of(market, &dave));
    let give = transfer(hers, his, carol.pubkey(), 1);
    let early = world.send(std::slice::from_ref(&give), &[&carol.key]);
    refused("transfer before", early, token_error::INSUFFICIENT_FUNDS);
    let early = world.remove_liquidity(market, &carol, 1);
    refused("withdraw before", early, RingfenceError::InsufficientShares);
    passes("claim", world.claim_shares(market, &carol, 0));
    let give = transfer(hers, his, carol.pubkey(), quote("300"));
    passes("transfer", world.send(&[give], &[&carol.key]));
    let more = world.remove_liquidity(market, &dave, quote("300") + 1);
    refused("his own deposit still waits", more, RingfenceError::InsufficientShares);
    passes("his friend's shares", world.remove_liquidity(market, &dave, quote("300")));
    assert_eq!(world.wealth(market, &dave), quote("800"));
    balanced(&world);
}
