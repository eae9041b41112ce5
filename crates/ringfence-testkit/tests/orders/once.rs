//! Once executed, cancelled, expired or void, an order does nothing any more:
//! not in another transaction, not in the same one, not brought back.

use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::system_instruction::transfer;
use ringfence_client::state::OrderKind::*;
use ringfence_client::state::Side::Long;
use ringfence_client::{Instruction, RingfenceError, pda};
use ringfence_testkit::quote;
use ringfence_testkit::substitution::snapshot;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::support::*;

/// An order that is due, of half of alice's position.
fn due() -> (Desk, Pubkey, Pubkey) {
    let mut desk = Desk::new();
    let position = desk.open(Long);
    let order = desk.place(position, 7, desk.any(StopLoss, Long));
    desk.reach("100");
    (desk, position, order)
}

fn rent(desk: &Desk, to: Pubkey) -> Instruction {
    transfer(&desk.world.payer.pubkey(), &to, 10_000_000)
}

fn send(
    desk: &mut Desk,
    transaction: &[Instruction],
) -> Result<ringfence_testkit::Receipt, ringfence_testkit::Failure> {
    let keys: Vec<Keypair> = [&desk.alice.key, &desk.keeper.key].map(Keypair::insecure_clone).into();
    let signs = |key: &&Keypair| {
        let metas = transaction.iter().flat_map(|instruction| &instruction.accounts);
        metas.into_iter().any(|meta| meta.is_signer && meta.pubkey == key.pubkey())
    };
    let signers: Vec<&Keypair> = keys.iter().filter(signs).collect();
    desk.world.send(transaction, &signers)
}

#[test]
fn nothing_is_executed_or_cancelled_twice() {
    for first in 0..2 {
        let (mut desk, _, order) = due();
        let execute = desk.execute_ix(order);
        let cancel = desk.world.cancel_ix(desk.market, &desk.alice, &desk.alice, order);
        let ends = [&execute, &cancel][first].clone();
        passes("once", send(&mut desk, std::slice::from_ref(&ends)));
        let earned = desk.earned();
        for again in [execute, cancel] {
            let result = send(&mut desk, &[again]);
            refused("twice", result, ErrorCode::AccountOwnedByWrongProgram);
        }
        assert_eq!(desk.earned(), earned);
        desk.ended(order);
    }
}

#[test]
fn nothing_is_executed_or_cancelled_twice_in_one_transaction_even_if_it_is_paid_rent() {
    for first in 0..2 {
        for second in 0..2 {
            let (mut desk, _, order) = due();
            let execute = desk.execute_ix(order);
            let cancel = desk.world.cancel_ix(desk.market, &desk.alice, &desk.alice, order);
            let pair = [execute, cancel];
            let (ends, again) = (pair[first].clone(), pair[second].clone());
            let before = snapshot(&desk.world);
            let result = send(&mut desk, &[ends.clone(), again.clone()]);
            refused("at once", result, ErrorCode::AccountOwnedByWrongProgram);
            let revived = [ends, rent(&desk, order), rent(&desk, pda::order_escrow(&order)), again];
            let result = send(&mut desk, &revived);
            refused("given lamports", result, ErrorCode::AccountOwnedByWrongProgram);
            assert!(snapshot(&desk.world) == before, "nothing happened");
        }
    }
}

/// Placed anew under its number in the same transaction it is another order,
/// which waits for a price of its own.
#[test]
fn an_order_placed_anew_waits_anew() {
    let (mut desk, position, order) = due();
    let execute = desk.execute_ix(order);
    let terms = desk.any(StopLoss, Long);
    let place = desk.world.place_ix(desk.market, &desk.alice, position, 7, terms);
    let result = send(&mut desk, &[execute.clone(), place.clone(), execute.clone()]);
    refused("at once", result, RingfenceError::PriceBeforeOrder);
    // the number is taken while the order lives
    let taken = send(&mut desk, std::slice::from_ref(&place));
    refused("taken", taken, 0);
    passes("one after the other", send(&mut desk, &[execute.clone(), place]));
    assert_eq!(desk.earned(), quote(REWARD));
    refused("too early", send(&mut desk, std::slice::from_ref(&execute)), RingfenceError::PriceBeforeOrder);
    desk.reach("100");
    passes("later", send(&mut desk, &[execute]));
    assert_eq!(desk.earned(), 2 * quote(REWARD));
    desk.ended(order);
}

/// The position that it was for is closed; at the same address is another.
#[test]
fn nothing_survives_a_close_and_a_reopening() {
    let (mut desk, position, order) = due();
    passes("close", desk.world.close(desk.market, &desk.alice, position));
    refused("closed", desk.execute(order), ErrorCode::AccountOwnedByWrongProgram);
    assert_eq!(desk.open(Long), position);
    desk.reach("100");
    refused("opened again", desk.execute(order), RingfenceError::OrderVoid);
    // the number is taken until somebody has cleared it up
    let terms = desk.any(StopLoss, Long);
    refused("taken", desk.try_place(position, 7, terms), 0);
    passes("swept", desk.sweep(order));
    let order = desk.place(position, 7, terms);
    desk.reach("100");
    passes("the new one", desk.execute(order));
    desk.ended(order);
}

/// Emptying keeps the account and ends its orders, also one that would open.
#[test]
fn nothing_survives_an_emptying() {
    let (mut desk, position, order) = due();
    let entry = desk.place(position, 8, desk.any(Limit, Long));
    desk.reach("100");
    let size = desk.world.position(position).size;
    passes("empty", desk.world.decrease(desk.market, &desk.alice, position, size));
    for order in [order, entry] {
        refused("emptied", desk.execute(order), RingfenceError::OrderVoid);
        passes("swept", desk.sweep(order));
        desk.ended(order);
    }
    // of an empty position nothing can be closed, whatever was placed for it
    let order = desk.place(position, 9, desk.any(StopLoss, Long));
    desk.reach("100");
    refused("nothing to close", desk.execute(order), RingfenceError::PositionEmpty);
}
