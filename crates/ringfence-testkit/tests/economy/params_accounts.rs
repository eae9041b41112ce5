//! The accounts of propose_params, apply_params and cancel_params.

use anchor_lang::error::ErrorCode::*;
use anchor_lang::prelude::Pubkey;
use ringfence_client::{ProposeParamsArgs, RingfenceError, instructions, pda};
use ringfence_testkit::{MarketId, World};
use solana_signer::Signer;

use crate::support::*;

/// Two markets, both with a proposal past its timelock.
fn scene() -> (World, MarketId, MarketId, Pubkey) {
    let (mut world, market) = calm();
    let other = world.market("BTC-PERP").build();
    for market in [market, other] {
        passes("propose", world.propose_params(market, |params, _| params.open_fee_ppm = 2_000));
    }
    world.warp(DAY);
    let nothing = world.new_key().pubkey();
    (world, market, other, nothing)
}

#[test]
fn of_propose() {
    let (mut world, proposed, _, nothing) = scene();
    let market = world.market("ETH-PERP").build();
    let (admin, guardian) = (world.admin.insecure_clone(), world.guardian.insecure_clone());
    let state = world.market_state(market);
    let key = world.market_key(market);
    let args = ProposeParamsArgs { params: state.params, oracle: state.oracle };
    let (forged_exchange, forged_market) = (forged(&mut world, pda::exchange()), forged(&mut world, key));
    let taken = pda::params_proposal(&world.market_key(proposed));
    let cases = [
        replaced("the guardian", 0, guardian.pubkey(), RingfenceError::NotAdmin),
        unsigned("no signature", 0),
        read_only_init("a read-only admin", 0),
        replaced("a market for the exchange", 1, key, AccountDiscriminatorMismatch),
        replaced("a forged exchange", 1, forged_exchange, AccountOwnedByWrongProgram),
        replaced("the exchange for a market", 2, pda::exchange(), AccountDiscriminatorMismatch),
        replaced("a forged market", 2, forged_market, AccountOwnedByWrongProgram),
        replaced("another market", 2, world.market_key(proposed), ConstraintSeeds),
        replaced("another's proposal", 3, taken, ConstraintSeeds),
        replaced("any address", 3, nothing, ConstraintSeeds),
        read_only_init("a read-only proposal", 3),
        replaced("another system program", 4, anchor_spl::token::ID, InvalidProgramId),
    ];
    let instruction = instructions::propose_params(admin.pubkey(), key, args);
    let cases = cases.into_iter().chain(event_cases(5, nothing));
    check_substitutions(&mut world, &instruction, &[&admin, &guardian], cases);
}

#[test]
fn of_apply() {
    let (mut world, market, other, nothing) = scene();
    let (key, thief) = (world.market_key(market), world.payer.pubkey());
    let proposal = pda::params_proposal(&key);
    let others = pda::params_proposal(&world.market_key(other));
    let (forged_market, forged_proposal) = (forged(&mut world, key), forged(&mut world, proposal));
    let cases = [
        replaced("another for the rent", 0, thief, RingfenceError::WrongProposal),
        replaced("a market for the rent", 0, key, AccountNotSystemOwned),
        read_only("a read-only proposer", 0),
        replaced("the exchange for a market", 1, pda::exchange(), AccountDiscriminatorMismatch),
        replaced("a forged market", 1, forged_market, AccountOwnedByWrongProgram),
        replaced("another market", 1, world.market_key(other), RingfenceError::WrongProposal),
        read_only("a read-only market", 1),
        replaced("another's proposal", 2, others, RingfenceError::WrongProposal),
        replaced("a forged proposal", 2, forged_proposal, AccountOwnedByWrongProgram),
        replaced("no proposal", 2, nothing, AccountOwnedByWrongProgram),
        replaced("a market for a proposal", 2, world.market_key(other), AccountDiscriminatorMismatch),
        read_only("a read-only proposal", 2),
    ];
    let instruction = instructions::apply_params(world.admin.pubkey(), key);
    let cases = cases.into_iter().chain(event_cases(3, nothing));
    check_substitutions(&mut world, &instruction, &[], cases);
}

#[test]
fn of_cancel() {
    let (mut world, market, other, nothing) = scene();
    let (key, thief) = (world.market_key(market), world.payer.insecure_clone());
    let guardian = world.guardian.insecure_clone();
    let proposal = pda::params_proposal(&key);
    let others = pda::params_proposal(&world.market_key(other));
    let (forged_market, forged_proposal) = (forged(&mut world, key), forged(&mut world, proposal));
    let forged_exchange = forged(&mut world, pda::exchange());
    let cases = [
        replaced("a stranger", 0, thief.pubkey(), RingfenceError::NotAdminOrGuardian),
        unsigned("no signature", 0),
        replaced("a market for the exchange", 1, key, AccountDiscriminatorMismatch),
        replaced("a forged exchange", 1, forged_exchange, AccountOwnedByWrongProgram),
        replaced("another for the rent", 2, thief.pubkey(), RingfenceError::WrongProposal),
        replaced("a market for the rent", 2, key, AccountNotSystemOwned),
        read_only("a read-only proposer", 2),
        replaced("the exchange for a market", 3, pda::exchange(), AccountDiscriminatorMismatch),
        replaced("a forged market", 3, forged_market, AccountOwnedByWrongProgram),
        replaced("another market", 3, world.market_key(other), RingfenceError::WrongProposal),
        replaced("another's proposal", 4, others, RingfenceError::WrongProposal),
        replaced("a forged proposal", 4, forged_proposal, AccountOwnedByWrongProgram),
        replaced("no proposal", 4, nothing, AccountOwnedByWrongProgram),
        read_only("a read-only proposal", 4),
    ];
    let instruction = instructions::cancel_params(guardian.pubkey(), world.admin.pubkey(), key);
    let cases = cases.into_iter().chain(event_cases(5, nothing));
    check_substitutions(&mut world, &instruction, &[&guardian, &thief], cases);
}
