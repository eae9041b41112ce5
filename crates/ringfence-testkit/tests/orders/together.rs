//! What a trader signs once: a position with both of its orders.

use ringfence_client::RingfenceError::OrderVoid;
use ringfence_client::state::OrderKind::*;
use ringfence_client::state::OrderTerms;
use ringfence_client::state::Side::Long;
use ringfence_client::{Instruction, OpenPositionArgs};
use ringfence_testkit::orders;
use ringfence_testkit::{price, quote, size};
use solana_message::Message;

use crate::support::*;

/// Bytes of a transaction that alice alone signs and pays for; 1,232 are the most.
fn bytes(desk: &Desk, instructions: &[Instruction]) -> usize {
    1 + 64 + Message::new(instructions, Some(&desk.alice.pubkey())).serialize().len()
}

/// All of a long, at 110 or at 95, whichever comes first.
fn brackets(desk: &Desk) -> [OrderTerms; 2] {
    [(TakeProfit, "110", 2), (StopLoss, "95", 1)].map(|(kind, at, other)| OrderTerms {
        reward: quote(REWARD),
        cancels: Some(other),
        ..orders::reducing(&desk.world, kind, Long, 1_000_000, price(at))
    })
}

#[test]
fn a_position_opens_with_take_profit_and_stop_loss_in_one_transaction() {
    let mut desk = Desk::new();
    let (market, alice) = (desk.market, desk.alice.key.insecure_clone());
    let position = desk.world.position_key(market, &desk.alice, 0);
    let args = OpenPositionArgs {
        id: 0,
        side: Long,
        size: size("10"),
        margin: quote("100"),
        acceptable_price: u64::MAX,
    };
    let [profit, loss] = brackets(&desk);
    let transaction = [
        desk.world.open_ix(market, &desk.alice, args),
        desk.world.place_ix(market, &desk.alice, position, 1, profit),
        desk.world.place_ix(market, &desk.alice, position, 2, loss),
    ];
    assert!(bytes(&desk, &transaction) <= 1_232, "{}", bytes(&desk, &transaction));
    passes("all at once", desk.world.send(&transaction, &[&alice]));
    assert_eq!(desk.pays(), quote("9899"));
    balanced(&desk.world);
    let [profit, loss] = [1, 2].map(|id| ringfence_client::pda::order(&position, id));
    desk.reach("110");
    passes("take-profit", desk.execute(profit));
    // as in good_paths
    assert_position(&desk.world, position, "0", "0", "199.44475");
    refused("the other", desk.execute(loss), OrderVoid);
    passes("anybody", desk.sweep(loss));
    desk.ended(loss);
    passes("close", desk.world.close(market, &desk.alice, position));
    // 9,899 + 0.5 of the stop-loss + what the position had
    assert_eq!(desk.pays(), quote("10098.94475"));
}

#[test]
fn a_delayed_order_opens_with_take_profit_and_stop_loss_in_one_transaction() {
    let mut desk = Desk::with(|params| params.delayed_only = 1);
    let (market, alice) = (desk.market, desk.alice.key.insecure_clone());
    let position = desk.world.position_key(market, &desk.alice, 0);
    let [profit, loss] = brackets(&desk);
    let entry = desk.any(Delayed, Long);
    let transaction = [
        desk.world.create_position_ix(market, &desk.alice, 0, Long),
        desk.world.place_ix(market, &desk.alice, position, 0, entry),
        desk.world.place_ix(market, &desk.alice, position, 1, profit),
        desk.world.place_ix(market, &desk.alice, position, 2, loss),
    ];
    assert!(bytes(&desk, &transaction) <= 1_232, "{}", bytes(&desk, &transaction));
    passes("all at once", desk.world.send(&transaction, &[&alice]));
    balanced(&desk.world);
    let [entry, profit, loss] = [0, 1, 2].map(|id| ringfence_client::pda::order(&position, id));
    desk.world.warp(3);
    desk.world.set_price(market, price("100"));
    let empty = ringfence_client::RingfenceError::PositionEmpty;
    let early = desk.what_if(|desk| {
        desk.world.set_price(market, price("95"));
        desk.execute(loss)
    });
    refused("nothing is open yet", early, empty);
    passes("the entry", desk.execute(entry));
    assert_position(&desk.world, position, "10", "1005", "99.4975");
    desk.reach("95");
    refused("not reached", desk.execute(profit), ringfence_client::RingfenceError::OrderNotTriggered);
    passes("stop-loss", desk.execute(loss));
    // 10 sold at 95 × 1.005 = 95.475: loss 50.25, fee 0.477375
    assert_position(&desk.world, position, "0", "0", "48.770125");
    passes("anybody", desk.sweep(profit));
    for order in [entry, profit, loss] {
        desk.ended(order);
    }
    assert_eq!(desk.earned(), quote("1"));
}
