//! set_status: the admin either way, the guardian towards safety.

use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::Pubkey;
use anchor_lang::system_program;
use ringfence_client::accounts::Market;
use ringfence_client::events::Event;
use ringfence_client::state::MarketStatus::{self, Active, Paused, ReduceOnly, Settling};
use ringfence_client::{RingfenceError, instructions, pda};
use ringfence_testkit::{Failure, MarketId, Receipt, World};
use solana_instruction::error::InstructionError;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::support::*;

fn scene() -> (World, MarketId) {
    let mut world = World::new();
    let market = world.market("SOL-PERP").build();
    (world, market)
}

fn attempt(
    world: &mut World,
    authority: &Keypair,
    market: Pubkey,
    status: MarketStatus,
) -> Result<Receipt, Failure> {
    probe(world, &instructions::set_status(authority.pubkey(), market, status), &[authority])
}

#[test]
fn the_admin_pauses_a_market_and_nothing_else_of_it_changes() {
    let (mut world, market) = scene();
    let before = world.market_state(market);
    let receipt = passes("pause", world.set_status(market, Paused));

    let expected = Market { status: 2, ..before };
    assert_eq!(bytemuck::bytes_of(&world.market_state(market)), bytemuck::bytes_of(&expected));
    let [Event::StatusChanged(event)] = &receipt.events[..] else { panic!("{:?}", receipt.events) };
    assert_eq!(
        (event.market, event.authority, event.before, event.after),
        (world.market_key(market), world.admin.pubkey(), Active, Paused)
    );
    world.check_books().unwrap();
}

#[test]
fn the_guardian_pauses_and_its_name_is_in_the_event() {
    let (mut world, market) = scene();
    let (guardian, key) = (world.guardian.insecure_clone(), world.market_key(market));
    let pause = instructions::set_status(guardian.pubkey(), key, Paused);
    let receipt = passes("pause", world.send(&[pause], &[&guardian]));
    let [Event::StatusChanged(event)] = &receipt.events[..] else { panic!("{:?}", receipt.events) };
    assert_eq!((event.authority, event.before, event.after), (guardian.pubkey(), Active, Paused));
    assert_eq!(world.market_state(market).status, 2);
}

#[test]
fn the_admin_moves_either_way_and_the_guardian_only_towards_safety() {
    let (mut world, market) = scene();
    let (admin, guardian) = (world.admin.insecure_clone(), world.guardian.insecure_clone());
    let key = world.market_key(market);
    for (rank, from) in [Active, ReduceOnly, Paused].into_iter().enumerate() {
        passes("set up", world.set_status(market, from));
        for (target, to) in [Active, ReduceOnly, Paused].into_iter().enumerate() {
            let what = format!("{from:?} to {to:?}");
            passes(&what, attempt(&mut world, &admin, key, to));
            let by_guardian = attempt(&mut world, &guardian, key, to);
            if target > rank {
                passes(&what, by_guardian);
            } else {
                refused(&what, by_guardian, RingfenceError::GuardianCannotRelax);
            }
        }
    }
}

#[test]
fn nobody_starts_a_settlement_by_status() {
    let (mut world, market) = scene();
    let key = world.market_key(market);
    for from in [Active, ReduceOnly, Paused] {
        passes("set up", world.set_status(market, from));
        for authority in [world.admin.insecure_clone(), world.guardian.insecure_clone()] {
            let result = attempt(&mut world, &authority, key, Settling);
            refused("settling", result, RingfenceError::SettlingNeedsSettlement);
        }
    }
}

#[test]
fn strangers_set_no_status() {
    let (mut world, market) = scene();
    let key = world.market_key(market);
    let stranger = world.new_key();
    for authority in [stranger, world.treasury.insecure_clone(), world.payer.insecure_clone()] {
        let result = attempt(&mut world, &authority, key, Paused);
        refused("a stranger", result, RingfenceError::NotAdminOrGuardian);
    }
}

#[test]
fn a_status_that_does_not_exist_is_no_instruction() {
    let (mut world, market) = scene();
    let admin = world.admin.insecure_clone();
    let mut instruction = instructions::set_status(admin.pubkey(), world.market_key(market), Paused);
    for byte in [4, 255] {
        *instruction.data.last_mut().expect("the status") = byte;
        let result = probe(&mut world, &instruction, &[&admin]);
        refused("no such status", result, ErrorCode::InstructionDidNotDeserialize);
    }
}

#[test]
fn every_account_is_checked() {
    let (mut world, market) = scene();
    let (admin, key) = (world.admin.insecure_clone(), world.market_key(market));
    let stranger = world.new_key();
    let instruction = instructions::set_status(admin.pubkey(), key, Paused);
    let forged_exchange = copy_of(&mut world, pda::exchange(), foreign_program());
    let forged_market = copy_of(&mut world, key, foreign_program());
    let nothing = world.new_key().pubkey();
    let owner = ErrorCode::AccountOwnedByWrongProgram;
    let cases = [
        replaced("a stranger", 0, stranger.pubkey(), RingfenceError::NotAdminOrGuardian),
        unsigned("no signature", 0),
        replaced("a market for the exchange", 1, key, ErrorCode::AccountDiscriminatorMismatch),
        replaced("a forged exchange", 1, forged_exchange, owner),
        replaced("no exchange", 1, nothing, owner),
        replaced("the exchange for a market", 2, pda::exchange(), ErrorCode::AccountDiscriminatorMismatch),
        replaced("a forged market", 2, forged_market, owner),
        replaced("no market", 2, nothing, owner),
        read_only("a read-only market", 2),
        replaced("another event authority", 3, nothing, ErrorCode::ConstraintAddress),
        replaced("another program for events", 4, system_program::ID, InstructionError::MissingAccount),
    ];
    check_substitutions(&mut world, &instruction, &[&admin, &stranger], &cases);
}
