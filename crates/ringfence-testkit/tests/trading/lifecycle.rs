//! Closing and what may come after it at the same address.

use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::system_instruction;
use anchor_lang::system_program;
use ringfence_client::state::Side;
use ringfence_client::{
    ClosePositionArgs, DecreasePositionArgs, IncreasePositionArgs, Instruction, OpenPositionArgs, pda,
};
use ringfence_testkit::{MarketId, Trader, World, assert_code, price, quote, size};
use solana_instruction::error::InstructionError;

use crate::support::*;

fn open_args(side: Side) -> OpenPositionArgs {
    let acceptable_price = if side == Side::Long { u64::MAX } else { 0 };
    OpenPositionArgs { id: 0, side, size: size("10"), margin: quote("200"), acceptable_price }
}

/// A long of alice, and the instruction that closes it.
fn with_long() -> (World, MarketId, Trader, Pubkey, Instruction) {
    let (mut world, market) = easy();
    let alice = world.trader(1_000);
    let position = world.open(market, &alice, 0, Side::Long, size("10"), quote("200")).unwrap();
    let close = world.close_ix(market, &alice, position, ClosePositionArgs { acceptable_price: 0 });
    (world, market, alice, position, close)
}

#[test]
fn a_position_reopened_in_the_transaction_that_closed_it_is_a_new_one() {
    let (mut world, market, alice, position, close) = with_long();
    world.set_price(market, price("110"));
    // a donation would be no margin of the new one either
    world.donate(world.position(position).vault, quote("5"));
    let open = world.open_ix(market, &alice, open_args(Side::Short));
    world.send(&[close, open], &[&alice.key]).unwrap();
    world.donations.clear();

    // the close pays 299.44475 + 5; the new short is filled at 110 × (1 − 5/1000)
    // = 109.45: entry 1094.5, fee 0.54725
    assert_position(&world, position, "10", "1094.5", "199.45275", "1094.5");
    let state = world.position(position);
    assert_eq!((state.generation, state.side), (2, Side::Short as u8));
    assert_eq!((state.realised_pnl.get(), state.fees_paid), (0, quote("0.54725")));
    assert_eq!(world.wealth(market, &alice), quote("904.44475"));
    assert_side(&world, market, Side::Long, "0", "0", 0);
    assert_side(&world, market, Side::Short, "10", "1094.5", 1);
    assert_eq!(world.market_state(market).next_generation, 3);
    balanced(&world);
}

#[test]
fn a_closed_position_is_not_revived_by_lamports() {
    let (mut world, market, alice, position, close) = with_long();
    let vault = world.position(position).vault;
    let revive = [position, vault].map(|key| system_instruction::transfer(&alice.pubkey(), &key, 10_000_000));
    let instructions = [&[close][..], &revive].concat();
    world.send(&instructions, &[&alice.key]).unwrap();

    // lamports lie there, but no account of the program
    for key in [position, vault] {
        let account = world.svm.get_account(&key).unwrap();
        assert_eq!((account.owner, account.data.len()), (system_program::ID, 0));
    }
    assert!(world.read_position(&position).is_none());
    balanced(&world);
    assert_side(&world, market, Side::Long, "0", "0", 0);

    // and what is there serves for a new one
    world.open_with(market, &alice, open_args(Side::Long)).unwrap();
    assert_eq!(world.position(position).generation, 2);
    balanced(&world);
}

#[test]
fn nothing_more_can_be_done_with_a_position_in_the_transaction_that_closed_it() {
    let (mut world, market, alice, position, close) = with_long();
    let increase = IncreasePositionArgs { size: size("1"), margin: 0, acceptable_price: u64::MAX };
    let decrease = DecreasePositionArgs { size: size("1"), acceptable_price: 0 };
    let after = [
        close.clone(),
        world.increase_ix(market, &alice, position, increase),
        world.decrease_ix(market, &alice, position, decrease),
        world.add_margin_ix(market, &alice, position, 1),
        world.remove_margin_ix(market, &alice, position, 1),
        world.liquidate_ix(market, &alice, position),
    ];
    let keep = [position, pda::position_vault(&position)]
        .map(|key| system_instruction::transfer(&alice.pubkey(), &key, 10_000_000));
    let gone = InstructionError::Custom(ErrorCode::AccountOwnedByWrongProgram.into());
    for next in after {
        let result = world.send(&[close.clone(), next.clone()], &[&alice.key]);
        assert_refused(result, 1, &gone);
        // and with lamports that keep both accounts there
        let instructions = [std::slice::from_ref(&close), &keep[..], &[next]].concat();
        assert_refused(world.send(&instructions, &[&alice.key]), 3, &gone);
        assert_position(&world, position, "10", "1005", "199.4975", "1005");
    }
}

#[test]
fn generations_are_never_handed_out_twice() {
    let (mut world, market) = easy();
    let alice = world.trader(1_000);
    for generation in 1..=5 {
        let position = world.open(market, &alice, 0, Side::Long, size("1"), quote("50")).unwrap();
        assert_eq!(world.position(position).generation, generation);
        world.close(market, &alice, position).unwrap();
    }
    assert_eq!(world.market_state(market).long.positions, 0);
    balanced(&world);
}

#[test]
fn an_emptied_address_is_in_use_until_it_is_closed() {
    let (mut world, market, alice, position, close) = with_long();
    world.decrease(market, &alice, position, size("10")).unwrap();
    // the system program's "account already in use"
    assert_code(world.open_with(market, &alice, open_args(Side::Long)), 0);
    world.send(&[close], &[&alice.key]).unwrap();
    world.open_with(market, &alice, open_args(Side::Long)).unwrap();
    balanced(&world);
}
