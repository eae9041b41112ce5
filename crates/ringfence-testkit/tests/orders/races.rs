//! A stop-loss and a liquidation of one position in one slot, in both orders:
//! whoever comes first is served, the other is refused for its reason, and the
//! books balance.

use anchor_lang::prelude::Pubkey;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use ringfence_client::RingfenceError::{self, *};
use ringfence_client::state::OrderKind::*;
use ringfence_client::state::{OrderTerms, Side};
use ringfence_testkit::{Failure, Receipt, orders, price, quote, size};

use crate::support::*;

/// Alice's 10, and a whole stop-loss that this price triggers as it makes the
/// position fall to liquidators.
fn stage(side: Side, index: &str, share_ppm: u32) -> (Desk, Pubkey, Pubkey) {
    let mut desk = Desk::new();
    let position = desk.open(side);
    let order = desk.place(position, 0, OrderTerms { share_ppm, ..desk.stop_loss(side) });
    desk.reach(index);
    (desk, position, order)
}

fn liquidate(desk: &mut Desk, position: Pubkey) -> Result<Receipt, Failure> {
    desk.world.liquidate(desk.market, &desk.keeper, position)
}

/// Prices at which part is liquidated, all of it, and all with a loss that its
/// margin does not cover.
const FALLS: [(Side, &str); 6] = [
    (Side::Long, "92.8"),
    (Side::Long, "91"),
    (Side::Long, "85"),
    (Side::Short, "107"),
    (Side::Short, "109"),
    (Side::Short, "115"),
];

#[test]
fn the_stop_loss_first_leaves_nothing_to_liquidate() {
    for (side, index) in FALLS {
        let (mut desk, position, order) = stage(side, index, 1_000_000);
        let slot = desk.world.slot();
        passes(index, desk.execute(order));
        balanced(&desk.world);
        refused(index, liquidate(&mut desk, position), PositionEmpty);
        assert_eq!(desk.world.slot(), slot);
        assert_eq!(desk.earned(), quote(REWARD), "the reward, and no fee of a liquidation");
        balanced(&desk.world);
    }
}

#[test]
fn the_liquidation_first_makes_the_stop_loss_void() {
    for (side, index) in FALLS {
        let (mut desk, position, order) = stage(side, index, 1_000_000);
        passes(index, liquidate(&mut desk, position));
        balanced(&desk.world);
        let left = desk.world.position(position);
        refused(index, desk.execute(order), OrderVoid);
        assert!(bytemuck::bytes_of(&desk.world.position(position)) == bytemuck::bytes_of(&left));
        let before = desk.pays();
        passes("home", desk.sweep(order));
        assert_eq!(desk.pays() - before, quote(REWARD));
        desk.ended(order);
    }
}

#[test]
fn both_in_one_transaction_do_not_pass_in_either_order() {
    for (side, index) in FALLS {
        for (order_first, error) in [(true, PositionEmpty), (false, OrderVoid)] {
            let (mut desk, position, order) = stage(side, index, 1_000_000);
            let execute = desk.execute_ix(order);
            let close = desk.world.liquidate_ix(desk.market, &desk.keeper, position);
            let both = if order_first { [execute, close] } else { [close, execute] };
            let keeper = desk.keeper.key.insecure_clone();
            let before = snapshot(&desk.world);
            refused(index, desk.world.send(&both, &[&keeper]), error);
            assert!(snapshot(&desk.world) == before);
        }
    }
}

/// A half would leave a position that falls to liquidators, which a direct
/// decrease may not either; the whole may go.
#[test]
fn half_a_stop_loss_does_not_keep_a_position_from_its_liquidator() {
    for (side, index) in FALLS {
        let (mut desk, position, order) = stage(side, index, 500_000);
        let direct =
            desk.what_if(|desk| desk.world.decrease(desk.market, &desk.alice, position, size("5")).map(drop));
        let by_order = desk.what_if(|desk| desk.execute(order).map(drop));
        let code = |result: Result<(), Failure>| result.map_err(|failure| failure.code());
        assert_eq!(code(direct), code(by_order), "{side:?} {index}");
        passes(index, liquidate(&mut desk, position));
        refused(index, desk.execute(order), OrderVoid);
        balanced(&desk.world);
    }
}

/// At random: whichever is first, the second is refused for one of its two
/// reasons, and nothing is lost on the way.
#[test]
fn at_any_price_the_books_balance_in_both_orders() {
    let mut rng = StdRng::seed_from_u64(1_600);
    let (mut races, mut bad_debts) = (0, 0);
    for _ in 0..120 {
        let mut desk = Desk::quick(|_| ());
        let side = if rng.random() { Side::Long } else { Side::Short };
        let margin = quote("56") + rng.random_range(0..quote("100"));
        let opened = desk.world.open(desk.market, &desk.alice, 0, side, size("10"), margin);
        let position = passes("open", opened);
        let reward = rng.random_range(0..quote("2"));
        let terms = orders::reducing(&desk.world, StopLoss, side, 1_000_000, price("100"));
        let order = desk.place(position, 0, OrderTerms { reward, ..terms });
        desk.world.warp(rng.random_range(3..100));
        let fall = rng.random_range(0..price("25"));
        let index = if side == Side::Long { price("100") - fall } else { price("100") + fall };
        desk.world.set_price(desk.market, index);
        let second = |desk: &mut Desk, error: RingfenceError, result: Result<Receipt, Failure>| {
            refused("the second", result, error);
            balanced(&desk.world);
            desk.world.market_state(desk.market).bad_debt
        };
        let first = desk.what_if(|desk| {
            passes("stop-loss", desk.execute(order));
            balanced(&desk.world);
            let result = liquidate(desk, position);
            second(desk, PositionEmpty, result)
        });
        bad_debts += u32::from(first > 0);
        if liquidate(&mut desk, position).is_ok() {
            let result = desk.execute(order);
            second(&mut desk, OrderVoid, result);
            races += 1;
        }
    }
    assert!(races > 40 && bad_debts > 10, "{races} races, {bad_debts} with bad debt");
}
