//! Every account of settle_market and close_settled, substituted.

use anchor_lang::error::ErrorCode::*;
use ringfence_client::state::Side::{Long, Short};
use ringfence_client::{RingfenceError, pda};
use ringfence_testkit::{MintKind, quote, size};
use solana_signer::Signer;

use crate::payees::payee_cases;
use crate::support::*;

#[test]
fn of_announce_settlement() {
    let (mut world, market) = still();
    let key = world.market_key(market);
    let (admin, guardian) = (world.admin.insecure_clone(), world.guardian.insecure_clone());
    let nothing = world.new_key().pubkey();
    let (forged_exchange, forged_market) = (forged(&mut world, pda::exchange()), forged(&mut world, key));
    let cases = vec![
        replaced("the guardian", 0, guardian.pubkey(), RingfenceError::NotAdmin),
        replaced("a stranger", 0, world.payer.pubkey(), RingfenceError::NotAdmin),
        unsigned("no signature", 0),
        replaced("a market for the exchange", 1, key, AccountDiscriminatorMismatch),
        replaced("a forged exchange", 1, forged_exchange, AccountOwnedByWrongProgram),
        replaced("the exchange for a market", 2, pda::exchange(), AccountDiscriminatorMismatch),
        replaced("a forged market", 2, forged_market, AccountOwnedByWrongProgram),
        read_only("a read-only market", 2),
    ];
    let instruction = world.announce_settlement_ix(market, world.now() + DAY);
    let payer = world.payer.insecure_clone();
    let cases: Vec<_> = cases.into_iter().chain(event_cases(3, nothing)).collect();
    check_substitutions(&mut world, &instruction, &[&admin, &guardian, &payer], cases);
}

#[test]
fn of_settle_market() {
    let (mut world, market) = still();
    let other = world.market("BTC-PERP").build();
    passes("notice", world.give_notice(market));
    let (accounts, others) = (world.markets[market.0].accounts, world.markets[other.0].accounts);
    let nothing = world.new_key().pubkey();
    let (forged_market, forged_oracle) =
        (forged(&mut world, accounts.market), forged(&mut world, accounts.oracle));
    let whole_other = [(0, others.market), (1, others.oracle)];
    let cases = vec![
        replaced("another market", 0, others.market, RingfenceError::OracleWrongAccount),
        replaced_all("another with its feed", &whole_other, RingfenceError::SettlementNotAnnounced),
        replaced("the exchange for a market", 0, pda::exchange(), AccountDiscriminatorMismatch),
        replaced("a forged market", 0, forged_market, AccountOwnedByWrongProgram),
        read_only("a read-only market", 0),
        replaced("another feed", 1, others.oracle, RingfenceError::OracleWrongAccount),
        replaced("a forged feed", 1, forged_oracle, RingfenceError::OracleWrongAccount),
    ];
    let instruction = world.settle_market_ix(market);
    let cases: Vec<_> = cases.into_iter().chain(event_cases(2, nothing)).collect();
    check_substitutions(&mut world, &instruction, &[], cases);
}

#[test]
fn of_close_settled() {
    let (mut world, market) = still();
    // another market of the same mint
    let mint = world.markets[market.0].accounts.collateral_mint;
    let other = world.market("BTC-PERP").price("100").mint_key(mint, MintKind::Token);
    let other = other.liquidity(100_000).build();
    let (alice, bob) = (world.trader(1_000), world.trader(1_000));
    let position = world.open(market, &alice, 0, Long, size("10"), quote("200")).unwrap();
    let second = world.open(market, &alice, 1, Short, size("10"), quote("200")).unwrap();
    let bobs = world.open(market, &bob, 0, Long, size("5"), quote("200")).unwrap();
    let elsewhere = world.open(other, &alice, 0, Long, size("5"), quote("200")).unwrap();
    settle_at(&mut world, market, "90");
    settle_at(&mut world, other, "90");
    let (accounts, others) = (world.markets[market.0].accounts, world.markets[other.0].accounts);
    let vault = pda::position_vault(&position);
    let nothing = world.new_key().pubkey();
    let own = world.create_token_account(accounts.collateral_mint, alice.pubkey(), 0);
    let (forged_market, forged_position) =
        (forged(&mut world, accounts.market), forged(&mut world, position));
    let whole_other = [(2, others.market), (5, others.pool_vault)];
    let others_position = [(3, elsewhere), (4, pda::position_vault(&elsewhere))];
    let cases = vec![
        replaced("another owner", 0, bob.pubkey(), RingfenceError::WrongPayee),
        replaced("a stranger for the rent", 0, nothing, RingfenceError::WrongPayee),
        read_only("a read-only owner", 0),
        replaced("another market", 2, others.market, RingfenceError::WrongPoolVault),
        replaced_all("another market with its vault", &whole_other, RingfenceError::WrongMarket),
        replaced("a forged market", 2, forged_market, AccountOwnedByWrongProgram),
        replaced("a position for a market", 2, position, AccountDiscriminatorMismatch),
        read_only("a read-only market", 2),
        replaced("another's position", 3, bobs, RingfenceError::WrongPayee),
        replaced("another of hers", 3, second, RingfenceError::WrongPositionVault),
        replaced_all("one of another market", &others_position, RingfenceError::WrongMarket),
        replaced("a forged position", 3, forged_position, AccountOwnedByWrongProgram),
        replaced("a market for a position", 3, others.market, AccountDiscriminatorMismatch),
        read_only("a read-only position", 3),
        replaced(
            "another position's vault",
            4,
            pda::position_vault(&second),
            RingfenceError::WrongPositionVault,
        ),
        replaced("the owner's account for the vault", 4, own, RingfenceError::WrongPositionVault),
        replaced(
            "the pool's vault for the position's",
            4,
            accounts.pool_vault,
            RingfenceError::WrongPositionVault,
        ),
        read_only("a read-only vault", 4),
        replaced("another market's pool vault", 5, others.pool_vault, RingfenceError::WrongPoolVault),
        replaced("the position's vault for the pool's", 5, vault, RingfenceError::WrongPoolVault),
        replaced("the owner's account for the pool vault", 5, own, RingfenceError::WrongPoolVault),
        read_only("a read-only pool vault", 5),
        replaced("the other token program", 6, anchor_spl::token_2022::ID, RingfenceError::WrongTokenProgram),
        replaced("no token program", 6, anchor_lang::system_program::ID, InvalidProgramId),
    ];
    let payees = payee_cases(&mut world, accounts.collateral_mint, alice.pubkey(), 1);
    let instruction = world.close_settled_ix(market, &alice, position);
    let cases: Vec<_> = cases.into_iter().chain(payees).chain(event_cases(7, nothing)).collect();
    check_substitutions(&mut world, &instruction, &[], cases);
}
