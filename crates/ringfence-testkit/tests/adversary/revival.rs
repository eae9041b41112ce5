//! An account that was closed does not come back in the transaction that
//! closed it: neither by lamports nor by making it again.

use anchor_lang::prelude::Pubkey;
use ringfence_client::state::Side;
use ringfence_client::{ClosePositionArgs, Instruction, OpenPositionArgs};
use ringfence_testkit::{World, quote, size};
use solana_signer::Signer;

use crate::stage::{Source, Stage};
use crate::support::{Row, account_of, act, goes, never, shallow};

/// Rent for whatever was there, from the payer of the transaction.
fn lamports(world: &World, to: Pubkey) -> Instruction {
    anchor_lang::solana_program::system_instruction::transfer(&world.payer.pubkey(), &to, 10_000_000)
}

/// Closed, given lamports again, and used: each of the pairs.
fn closed_and_used(stage: &mut Stage) -> Vec<Row> {
    let owned = "AccountOwnedByWrongProgram";
    [
        ("close_position", "position", "close_position", owned),
        ("close_position", "position", "decrease_position", owned),
        ("close_position", "position", "increase_position", owned),
        ("close_position", "position", "remove_margin", owned),
        ("close_position", "position", "set_delegate", owned),
        ("close_position", "position", "add_margin", owned),
        ("close_position", "position", "place_order", owned),
        ("close_position", "position", "execute_order", owned),
        ("execute_order", "order", "execute_order", owned),
        ("execute_order", "order", "cancel_order", owned),
        ("cancel_order", "order", "cancel_order", owned),
        ("cancel_order", "order", "execute_order", owned),
        ("close_settled", "position", "close_settled", owned),
        ("claim_shares", "deposit", "claim_shares", owned),
        ("apply_params", "proposal", "apply_params", owned),
        ("apply_params", "proposal", "cancel_params", owned),
        ("cancel_params", "proposal", "apply_params", owned),
        ("close_market", "market", "close_market", owned),
    ]
    .map(|(closing, account, using, error)| {
        let close = act(stage, closing);
        let key = account_of(closing, account, &close);
        let mut again = act(stage, using);
        // the same account, wherever the stage has put another one
        let at = crate::rules::rules(using).slots.iter().position(|slot| slot.name == account);
        again.accounts[at.expect("an account")].pubkey = key;
        let played = format!("{closing}, lamports to its {account}, {using}");
        let transaction = [close, lamports(&stage.world, key), again];
        never(&mut stage.world, &played, &transaction, error)
    })
    .into()
}

/// The vault of a closed position, given lamports, as a place to be paid at.
fn vault(stage: &mut Stage) -> Row {
    let close = act(stage, "close_position");
    let vault = account_of("close_position", "position_vault", &close);
    let world = &mut stage.world;
    let other = world.position_key(stage.market, &stage.attacker, 0);
    let mut pay = world.remove_margin_ix(stage.market, &stage.attacker, other, 1);
    pay.accounts[1].pubkey = vault;
    let transaction = [close, lamports(world, vault), pay];
    never(
        world,
        "close_position, lamports to its position_vault, remove_margin paid there",
        &transaction,
        "AccountOwnedByWrongProgram",
    )
}

/// A market's address is not used again.
fn market(stage: &mut Stage) -> Row {
    let close = act(stage, "close_market");
    let mut create = act(stage, "create_market");
    create.accounts[2].pubkey = account_of("close_market", "market", &close);
    never(&mut stage.world, "close_market, create_market at its address", &[close, create], "ConstraintSeeds")
}

/// A referral closes with the last claim of a settled market.
fn referral() -> Row {
    let mut world = World::quick();
    let market = shallow(&mut world, "SOL-PERP").build();
    let rita = world.trader(0);
    let key = world.create_referral(market, &rita).expect("a referral");
    world.wind_down(market, ringfence_testkit::price("100")).expect("a settlement");
    let claim = world.claim_referral_fees_ix(market, &rita);
    let transaction = [claim.clone(), lamports(&world, key), claim];
    never(
        &mut world,
        "claim_referral_fees, lamports to its referral, claim_referral_fees",
        &transaction,
        "AccountOwnedByWrongProgram",
    )
}

/// Opened again at the address that was closed, the position is as new: what
/// the old one had is paid out, and nothing of it is left.
fn position_again() -> Row {
    let mut world = World::quick();
    let market = shallow(&mut world, "SOL-PERP").build();
    let [alice, delegate] = [(); 2].map(|()| world.trader(1_000));
    let position = world.open(market, &alice, 0, Side::Long, size("10"), quote("200")).expect("an opening");
    world.set_delegate(&alice, position, delegate.pubkey()).expect("a delegate");
    let close = world.close_ix(market, &alice, position, ClosePositionArgs { acceptable_price: 0 });
    let args = OpenPositionArgs {
        id: 0,
        side: Side::Long,
        size: size("10"),
        margin: quote("100"),
        acceptable_price: u64::MAX,
    };
    let open = world.open_ix(market, &alice, args);
    let transaction = [close, lamports(&world, position), open];
    let row = goes(
        &mut world,
        "close_position, lamports to its position, open_position there",
        &transaction,
        "a new position: its own margin, the next generation, no delegate",
    );
    // 10 × 100 × (1 + 5/1000) = 1,005, of which 0.05 % are a fee of 0.5025
    let state = world.position(position);
    assert_eq!((state.generation, state.delegate), (2, Pubkey::default()));
    assert_eq!((state.margin, world.vault_balance(position)), (quote("99.4975"), quote("99.4975")));
    // the old one's two fees and the new one's margin, out of which its fee is paid
    assert_eq!(world.wealth(market, &alice), quote("898.995"));
    world.check_books().expect("books");
    row
}

pub fn rows() -> Vec<Row> {
    let mut stage = Stage::new(Source::PinnedPull);
    let mut rows = closed_and_used(&mut stage);
    rows.extend([vault(&mut stage), market(&mut stage), referral(), position_again()]);
    rows
}
