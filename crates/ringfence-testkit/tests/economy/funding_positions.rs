//! What funding does to positions: who pays whom, increases, decreases,
//! margin, liquidation by charges alone.

use anchor_lang::prelude::Pubkey;
use ringfence_client::events::Event;
use ringfence_client::state::Side::{Long, Short};
use ringfence_client::{RingfenceError, event};
use ringfence_testkit::{MarketId, Receipt, Trader, World, price, quote, size};

use crate::support::*;

/// Alice, 10 long from 100.5: entry 1,005.
fn alice_long(margin: &str) -> (World, MarketId, Trader, Pubkey) {
    let (mut world, market) = calm();
    let alice = world.trader(10_000);
    let position = world.open(market, &alice, 0, Long, size("10"), quote(margin)).unwrap();
    (world, market, alice, position)
}

fn decreased(receipt: &Receipt) -> event::PositionDecreased {
    let Event::PositionDecreased(event) = &receipt.events[0] else { panic!("{:?}", receipt.events) };
    event.clone()
}

#[test]
fn the_heavier_side_pays_the_lighter_one_and_the_pool() {
    let (mut world, market, alice, long) = alice_long("200");
    let bob = world.trader(10_000);
    // 6 short into a skew of 10: fill 100 × (1 + 7 ÷ 1,000) = 100.7, entry 604.2
    let short = world.open(market, &bob, 0, Short, size("6"), quote("200")).unwrap();
    assert_position(&world, short, "6", "604.2", "200");
    // skew 4 → 0.4 % per day²; 5 days: rate 2 %, index ½ × 5 × 2 % × 100 = 5
    world.advance(5 * DAY);

    // alice pays 50. She sells 10 into a skew of 4: 100 × (1 − 1 ÷ 1,000) = 99.9
    // → 999 − 1,005 = −6. In all −56
    let receipt = world.close(market, &alice, long).unwrap();
    let event = decreased(&receipt);
    assert_eq!((event.funding, event.borrow, event.loss, event.gain), (-50_000_000, 0, quote("56"), 0));
    assert_eq!(world.wealth(market, &alice), quote("9944"));
    assert_pool(&world, market, "100056", "604.2", "0");

    // bob receives 30. He buys 6 in a skew of −6: 100 × (1 − 3 ÷ 1,000) = 99.7
    // → 604.2 − 598.2 = 6. In all 36
    let receipt = world.close(market, &bob, short).unwrap();
    let event = decreased(&receipt);
    assert_eq!((event.funding, event.borrow, event.loss, event.gain), (30_000_000, 0, 0, quote("36")));
    assert_eq!(world.wealth(market, &bob), quote("10036"));
    // the imbalance of 20 is the pool's; the impact is nobody's
    assert_pool(&world, market, "100020", "0", "0");
}

#[test]
fn shorts_pay_where_they_are_the_heavier_side() {
    let (mut world, market) = calm();
    let (alice, bob) = (world.trader(10_000), world.trader(10_000));
    let short = world.open(market, &bob, 0, Short, size("10"), quote("200")).unwrap();
    let long = world.open(market, &alice, 0, Long, size("6"), quote("200")).unwrap();
    world.advance(5 * DAY);
    assert_eq!(decreased(&world.close(market, &bob, short).unwrap()).funding, -50_000_000);
    assert_eq!(decreased(&world.close(market, &alice, long).unwrap()).funding, 30_000_000);
    assert_pool(&world, market, "100020", "0", "0");
}

#[test]
fn a_payment_rounds_up_and_a_receipt_down() {
    let (mut world, market, alice, long) = alice_long("200");
    let bob = world.trader(10_000);
    let short = world.open(market, &bob, 0, Short, size("6"), quote("200")).unwrap();
    // velocity 4 × 10^15 per day². One second: rate floor(4 × 10^15 ÷ 86,400) =
    // 46,296,296,296; index ½ × rate × 1 s ÷ 86,400 × 10^17 = floor(26,791.83…)
    world.advance(1);
    passes("accrue", world.accrue(market));
    assert_eq!(indices(&world, market).1, 26_791);
    // 10^10 × 26,791 × 10^-18 atoms = 0.00027: up to 1; and down to 0
    assert_eq!(decreased(&world.close(market, &alice, long).unwrap()).funding, -1);
    assert_eq!(decreased(&world.close(market, &bob, short).unwrap()).funding, 0);
    balanced(&world);
}

#[test]
fn an_increase_keeps_what_has_accrued() {
    let (mut world, market, alice, position) = alice_long("200");
    // one day: index 0.5, alice owes 5
    world.advance(DAY);
    world.increase(market, &alice, position, size("10"), 0).unwrap();
    let state = world.position(position);
    // 5 on 20: a growth of 0.25, from an entry at 0.25
    assert_eq!(state.entry_funding_index.get(), 250_000_000_000_000);
    balanced(&world);

    // In the second day the skew is 20, so 2 % per day²: from 1 % to 3 %, index
    // + 2 % × 100 = 2 → 2.5. Alice owes 20 × (2.5 − 0.25) = 45 = 5 + 40
    world.advance(DAY);
    let event = decreased(&world.close(market, &alice, position).unwrap());
    assert_eq!((event.funding, event.size), (-45_000_000, size("20")));
    balanced(&world);
}

#[test]
fn an_increase_rounds_what_has_accrued_against_the_position() {
    let (mut world, market, alice, position) = alice_long("200");
    world.advance(DAY);
    world.increase(market, &alice, position, size("5"), 0).unwrap();
    // 5 × 10^14 × 10 ÷ 15 = 333,333,333,333,333.3: she pays, so up
    assert_eq!(world.position(position).entry_funding_index.get(), 166_666_666_666_666);
    balanced(&world);
    // 15 × 10^9 × 333,333,333,333,334 ÷ 10^18 = 5,000,000.00001, up
    let event = decreased(&world.close(market, &alice, position).unwrap());
    assert_eq!(event.funding, -5_000_001);
}

#[test]
fn an_increase_of_a_receiver_rounds_down() {
    let (mut world, market, _alice, _) = alice_long("200");
    let bob = world.trader(10_000);
    let short = world.open(market, &bob, 0, Short, size("3"), quote("200")).unwrap();
    // skew 7: 0.7 % per day²; 2 days: index ½ × 1.4 % × 2 × 100 = 1.4
    world.advance(2 * DAY);
    world.increase(market, &bob, short, size("4"), 0).unwrap();
    // 1.4 × 10^15 × 3 ÷ 7 = 6 × 10^14 exactly; entry at 0.8
    assert_eq!(world.position(short).entry_funding_index.get(), 800_000_000_000_000);
    world.increase(market, &bob, short, size("2"), 0).unwrap();
    // 6 × 10^14 × 7 ÷ 9 = 466,666,666,666,666.67: he receives, so down
    assert_eq!(world.position(short).entry_funding_index.get(), 933_333_333_333_334);
    // 9 × 10^9 × 466,666,666,666,666 ÷ 10^18 = 4,199,999.999994: down
    let event = decreased(&world.close(market, &bob, short).unwrap());
    assert_eq!(event.funding, 4_199_999);
    balanced(&world);
}

#[test]
fn a_decrease_settles_its_share_and_leaves_the_rest_owing() {
    let (mut world, market, alice, position) = alice_long("100");
    world.advance(DAY);
    // 4 of 10 owe 4 × 0.5 = 2. Sold into a skew of 10: 100 × 1.008 → 403.2, of
    // an entry of 402: 1.2 − 2 = −0.8
    let event = decreased(&world.decrease(market, &alice, position, size("4")).unwrap());
    assert_eq!((event.funding, event.loss, event.entry_notional), (-2_000_000, quote("0.8"), quote("402")));
    assert_position(&world, position, "6", "603", "99.2");
    let state = world.position(position);
    assert_eq!(state.entry_funding_index.get(), 0);
    assert_eq!(state.realised_funding.get(), -2_000_000);
    assert_eq!(state.realised_pnl.get(), -800_000);
    assert_pool(&world, market, "100000.8", "603", "0");

    // the rest at the same second: 6 × 0.5 = 3; sold at 100.3 → 601.8 − 603 − 3
    let event = decreased(&world.close(market, &alice, position).unwrap());
    assert_eq!((event.funding, event.loss), (-3_000_000, quote("4.2")));
    assert_eq!(world.wealth(market, &alice), quote("9995"));
    assert_pool(&world, market, "100005", "0", "0");
}

#[test]
fn a_decrease_to_zero_settles_all_of_it() {
    let (mut world, market, alice, position) = alice_long("100");
    world.advance(DAY);
    let event = decreased(&world.decrease(market, &alice, position, size("10")).unwrap());
    assert_eq!((event.funding, event.loss, event.margin), (-5_000_000, quote("5"), quote("95")));
    let book = world.market_state(market).long;
    assert_eq!((book.funding_basis.get(), book.open_interest), (0, 0));
    balanced(&world);
}

#[test]
fn margin_can_only_leave_beyond_the_charges_and_the_market_stays_unwritten() {
    let (mut world, market, alice, position) = alice_long("100");
    world.advance(DAY);
    // price PnL −5, funding −5: 100 − x − 10 ≥ 5 % of 1,000 ⇔ x ≤ 40
    let before = world.svm.get_account(&world.market_key(market)).unwrap();
    let too_much = world.remove_margin_ix(market, &alice, position, quote("40.000001"));
    refused("an atom more", probe(&mut world, &too_much, &[&alice.key]), RingfenceError::BelowInitialMargin);
    world.remove_margin(market, &alice, position, quote("40")).unwrap();
    assert_eq!(world.svm.get_account(&world.market_key(market)).unwrap(), before);
    assert_position(&world, position, "10", "1005", "60");
    balanced(&world);

    // nothing was settled by it: alice still owes those 5
    let event = decreased(&world.close(market, &alice, position).unwrap());
    assert_eq!(event.funding, -5_000_000);
}

#[test]
fn funding_received_backs_no_withdrawal() {
    let (mut world, market, _alice, _) = alice_long("200");
    let bob = world.trader(10_000);
    // 5 short into a skew of 10: fill 100.75, entry 503.75: PnL +3.75 at 100
    let short = world.open(market, &bob, 0, Short, size("5"), quote("100")).unwrap();
    // funding on top of it, and still 100 − x ≥ 5 % of 500
    world.advance(4 * DAY);
    let too_much = world.remove_margin_ix(market, &bob, short, quote("75.000001"));
    refused("an atom more", probe(&mut world, &too_much, &[&bob.key]), RingfenceError::BelowInitialMargin);
    world.remove_margin(market, &bob, short, quote("75")).unwrap();
    balanced(&world);
}

#[test]
fn charges_alone_liquidate_as_time_passes() {
    // equity = margin − 5 − 10 × ½ × 1 % × t² × 100 = 85 − 5 − 5 t², which is
    // the maintenance of 3.5 % × 1,000 after just 3 days
    let (mut world, market, _alice, position) = alice_long("85");
    let keeper = world.trader(0);
    world.advance(3 * DAY);
    let liquidate = world.liquidate_ix(market, &keeper, position);
    let result = probe(&mut world, &liquidate, &[&keeper.key]);
    refused("at maintenance", result, RingfenceError::NotLiquidatable);
    assert_eq!(world.market_state(market).funding_index.get(), 0, "nobody has accrued in between");

    world.advance(1);
    let receipt = world.liquidate(market, &keeper, position).unwrap();
    let [Event::PositionLiquidated(event)] = &receipt.events[..] else { panic!("{receipt:?}") };
    assert_eq!((event.price, event.maintenance), (price("100"), quote("35")));
    // 45 × (259,201 ÷ 259,200)² = 45.000347…: up
    assert_eq!(event.equity, 85_000_000 - 5_000_000 - 45_000_348);
    assert!(event.funding < 0);
    balanced(&world);
}

#[test]
fn an_increase_into_charges_that_eat_the_margin_is_refused() {
    // after 3 days equity is 35: below the initial margin even of what is there
    let (mut world, market, alice, position) = alice_long("85");
    world.advance(3 * DAY);
    let result = world.increase(market, &alice, position, size("1"), 0);
    refused("increase", result, RingfenceError::BelowInitialMargin);
}
