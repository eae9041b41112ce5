//! One cancels other.

use anchor_lang::prelude::Pubkey;
use ringfence_client::RingfenceError::OrderVoid;
use ringfence_client::state::OrderKind::*;
use ringfence_client::state::OrderTerms;
use ringfence_client::state::Side::Long;
use ringfence_testkit::{price, quote, size};

use crate::support::*;

/// A take-profit at 105 and a stop-loss at 95 of this share, each other's end.
fn pair(desk: &mut Desk, position: Pubkey, share_ppm: u32) -> [Pubkey; 2] {
    let profit = OrderTerms { trigger_price: price("105"), ..desk.any(TakeProfit, Long) };
    let loss = OrderTerms { trigger_price: price("95"), ..desk.any(StopLoss, Long) };
    [(profit, 0, 1), (loss, 1, 0)].map(|(terms, id, other)| {
        desk.place(position, id, OrderTerms { share_ppm, cancels: Some(other), ..terms })
    })
}

#[test]
fn whichever_executes_first_ends_the_other() {
    for share in [1_000_000, 500_000, 1] {
        for (first, at, then) in [(0, "105", "95"), (1, "95", "105")] {
            let mut desk = Desk::new();
            let position = desk.open(Long);
            let orders = pair(&mut desk, position, share);
            desk.reach(at);
            let paid = desk.pays();
            passes("the first", desk.execute(orders[first]));
            desk.reach(then);
            refused("the other", desk.execute(orders[1 - first]), OrderVoid);
            assert_eq!(desk.earned(), quote(REWARD));
            passes("anybody", desk.sweep(orders[1 - first]));
            assert_eq!(desk.pays() - paid, quote(REWARD), "home");
            let left = size("10") - size("10") / 1_000_000 * u64::from(share);
            assert_eq!(desk.world.position(position).size, left);
            orders.into_iter().for_each(|order| desk.ended(order));
        }
    }
}

/// Both triggered by one price: a stranger executes one of them, not both.
#[test]
fn of_two_that_are_due_at_once_one_executes() {
    let mut desk = Desk::new();
    let position = desk.open(Long);
    let terms = OrderTerms { cancels: Some(1), ..desk.any(TakeProfit, Long) };
    let one = desk.place(position, 0, terms);
    let other = desk.place(position, 1, OrderTerms { cancels: Some(0), ..desk.any(StopLoss, Long) });
    desk.reach("100");
    let transaction = [desk.execute_ix(one), desk.execute_ix(other)];
    let keeper = desk.keeper.key.insecure_clone();
    refused("both", desk.world.send(&transaction, &[&keeper]), OrderVoid);
    passes("one", desk.execute(other));
    refused("the other", desk.execute(one), OrderVoid);
    balanced(&desk.world);
}

#[test]
fn placing_a_number_anew_makes_it_good_again() {
    let mut desk = Desk::new();
    let position = desk.open(Long);
    let orders = pair(&mut desk, position, 500_000);
    desk.reach("105");
    passes("take-profit", desk.execute(orders[0]));
    passes("swept", desk.sweep(orders[1]));
    let again = desk.place(position, 1, desk.any(StopLoss, Long));
    assert_eq!((again, desk.world.position(position).void_orders), (orders[1], [0; 4]));
    desk.reach("105");
    passes("the new one", desk.execute(again));
    desk.ended(again);
}

/// The bit is set whether or not there is such an order, and one that is
/// cancelled ends nothing.
#[test]
fn a_partner_need_not_exist() {
    let mut desk = Desk::new();
    let position = desk.open(Long);
    let order = desk.place(position, 0, OrderTerms { cancels: Some(70), ..desk.any(StopLoss, Long) });
    passes("cancel", desk.cancel(order));
    assert_eq!(desk.world.position(position).void_orders, [0; 4]);
    let order = desk.place(position, 0, OrderTerms { cancels: Some(70), ..desk.any(StopLoss, Long) });
    desk.reach("100");
    passes("execute", desk.execute(order));
    // 70 = 64 + 6
    assert_eq!(desk.world.position(position).void_orders, [0, 1 << 6, 0, 0]);
    let later = desk.place(position, 70, desk.any(StopLoss, Long));
    desk.reach("100");
    passes("one placed later", desk.execute(later));
    balanced(&desk.world);
}

/// Of another position, the same number means nothing.
#[test]
fn a_partner_is_of_the_same_position() {
    let mut desk = Desk::new();
    let position = desk.open(Long);
    let alice = &desk.alice;
    let other = desk.world.open(desk.market, alice, 1, Long, size("10"), quote("100"));
    let other = passes("open", other);
    let order = desk.place(position, 0, OrderTerms { cancels: Some(1), ..desk.any(StopLoss, Long) });
    let stays = desk.place(other, 1, desk.any(StopLoss, Long));
    desk.reach("100");
    passes("execute", desk.execute(order));
    passes("the other position's", desk.execute(stays));
}
