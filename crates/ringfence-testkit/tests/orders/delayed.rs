//! A delayed order fills at the first price published once its delay is over,
//! whatever the market has seen meanwhile.

use ringfence_client::RingfenceError::{self, *};
use ringfence_client::accounts::Position;
use ringfence_client::state::OrderKind::Delayed;
use ringfence_client::state::Side::*;
use ringfence_testkit::{Feed, price, quote, size};

use crate::support::*;

/// When it is due, and when it is too old.
fn times(desk: &Desk, order: anchor_lang::prelude::Pubkey) -> (i64, i64) {
    let order = desk.world.order(order);
    (order.not_before - order.placed_at, order.expires_at - order.not_before)
}

#[test]
fn its_delay_is_the_markets_and_three_seconds_at_least() {
    for (parameter, delay) in [(0, 3), (1, 3), (3, 3), (4, 4), (600, 600)] {
        let mut desk = Desk::with(|params| params.min_order_delay_seconds = parameter);
        let position = desk.created(Long);
        let order = desk.place(position, 0, desk.any(Delayed, Long));
        // max_age_open is 60
        assert_eq!(times(&desk, order), (delay, 60), "{parameter}");
        assert_eq!(desk.world.position(position).committed_until, desk.world.now() + delay + 60);
    }
}

/// Published and its predecessor, in seconds from when the order was due; one
/// of them is the first.
#[test]
fn only_the_first_price_is_good_enough() {
    let cases: [(i64, i64, Option<RingfenceError>); 10] = [
        (0, -1, None),
        (0, -20, None),
        // the feed was silent
        (7, -1, None),
        (-1, -2, Some(PriceBeforeOrder)),
        (-30, -31, Some(PriceBeforeOrder)),
        // another one of the same second
        (0, 0, Some(NotFirstPrice)),
        (1, 0, Some(NotFirstPrice)),
        (7, 0, Some(NotFirstPrice)),
        (7, 6, Some(NotFirstPrice)),
        (10, 9, Some(NotFirstPrice)),
    ];
    let mut desk = Desk::with(|params| params.min_order_delay_seconds = 40);
    let position = desk.created(Long);
    let order = desk.place(position, 0, desk.any(Delayed, Long));
    let due = desk.world.order(order).not_before;
    desk.world.warp(50);
    for (published, previous, refusal) in cases {
        let update = desk.update("101", due + published, due + previous);
        let what = format!("{published} after {previous}");
        let result = desk.what_if(|desk| desk.execute_at(order, update));
        match refusal {
            None => drop(passes(&what, result)),
            Some(error) => refused(&what, result, error),
        }
    }
}

#[test]
fn it_is_not_executed_early_nor_a_second_after_it_expires() {
    let mut desk = Desk::new();
    let position = desk.created(Long);
    let order = desk.place(position, 0, desk.any(Delayed, Long));
    let due = desk.world.now() + 3;
    desk.world.warp(2);
    desk.world.refresh(desk.market);
    refused("a second before", desk.execute(order), PriceBeforeOrder);
    desk.world.warp(61);
    let first = desk.update("100", due, due - 1);
    passes("its last second", desk.what_if(|desk| desk.execute_at(order, first)));
    desk.world.warp(1);
    refused("a second later", desk.execute_at(order, first), OrderExpired);
    passes("anybody", desk.sweep(order));
    desk.ended(order);
    assert_eq!(desk.pays(), quote("10000"));
}

/// The market has accepted 104 of 20 seconds later: the order fills at its own
/// first price of 101 all the same, the market stays where it is.
#[test]
fn a_first_price_older_than_the_accepted_one_fills_and_leaves_the_accepted_one() {
    // another's 0.2 the other way: 101 × (1 ± 0.0048)
    for (side, other, fill) in [(Long, Short, "101.4848"), (Short, Long, "100.5152")] {
        // with funding and borrow, so that time costs something
        let mut desk = Desk::with(|params| {
            params.borrow_base_ppm = 100_000;
            params.max_funding_velocity_ppm = 1_000_000;
            params.max_funding_rate_ppm = 100_000;
        });
        let bob = desk.world.trader(1_000);
        let charged = desk.world.open(desk.market, &bob, 0, other, size("0.2"), quote("90"));
        passes("somebody to be charged", charged);
        let position = desk.created(side);
        let order = desk.place(position, 0, desk.any(Delayed, side));
        let due = desk.world.order(order).not_before;
        desk.world.warp(23);
        desk.world.set_price(desk.market, price("104"));
        passes("accrue", desk.world.accrue(desk.market));
        let before = desk.world.market_state(desk.market);
        assert_eq!(before.accepted.publish_time, due + 20);
        desk.world.warp(10);
        let first = desk.update("101", due, due - 1);
        let older = desk.what_if(|desk| {
            let limit = desk.any(ringfence_client::state::OrderKind::Limit, side);
            let another = desk.world.create_position(desk.market, &desk.alice, 1, side);
            let limit = desk.place(passes("create", another), 1, limit);
            desk.world.warp(3);
            desk.execute_at(limit, first)
        });
        refused("of a limit order", older, OracleOlderThanAccepted);
        passes("execute", desk.execute_at(order, first));
        let state = desk.world.market_state(desk.market);
        assert_eq!(format!("{:?}", state.accepted), format!("{:?}", before.accepted));
        assert_eq!(state.accrued_at, desk.world.now());
        // ten seconds have accrued
        assert!(state.borrow_index.get() > before.borrow_index.get());
        assert_ne!(state.funding_index.get(), before.funding_index.get());
        balanced(&desk.world);
        assert_eq!(desk.world.position(position).entry_notional, quote(fill) * 10);
        assert_eq!(desk.world.position(position).entry_funding_index.get(), state.funding_index.get());
        assert_eq!(desk.world.position(position).entry_borrow_index.get(), state.borrow_index.get());
    }
}

#[test]
fn a_wide_first_price_opens_nothing() {
    for (confidence, fits) in [(price("0.5"), true), (price("0.5") + 1, false)] {
        let mut desk = Desk::new();
        let position = desk.created(Long);
        let order = desk.place(position, 0, desk.any(Delayed, Long));
        desk.world.warp(3);
        let (index, publish_time) = (price("100"), desk.world.now());
        desk.world.set_feed(desk.market, Feed { price: index, confidence, ema: index, publish_time });
        let result = desk.execute(order);
        if fits {
            passes("at the limit", result);
        } else {
            refused("beyond", result, OracleConfidenceTooWide);
        }
    }
}

#[test]
fn it_adds_to_a_position_that_has_been_reduced() {
    let mut desk = Desk::new();
    let position = desk.open(Long);
    let order = desk.place(position, 0, desk.any(Delayed, Long));
    passes("decrease", desk.world.decrease(desk.market, &desk.alice, position, size("5")));
    desk.world.warp(3);
    desk.world.refresh(desk.market);
    let sizes = |state: Position| (state.size, state.committed_until);
    assert_eq!(sizes(desk.world.position(position)).0, size("5"));
    passes("execute", desk.execute(order));
    assert_eq!(sizes(desk.world.position(position)), (size("15"), 0));
    desk.ended(order);
}
