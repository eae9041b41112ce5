//! An order executes once its trigger is reached, to the unit, at a price
//! published since it was due, to the second, and until it expires.

use ringfence_client::RingfenceError;
use ringfence_client::state::OrderKind::*;
use ringfence_client::state::Side::{self, *};
use ringfence_client::state::{OrderKind, OrderTerms};
use ringfence_testkit::{Feed, price};

use crate::support::*;

/// Kind, side, and whether it waits for a price at or above its trigger.
const DIRECTIONS: [(OrderKind, Side, bool); 8] = [
    (TakeProfit, Long, true),
    (TakeProfit, Short, false),
    (StopLoss, Long, false),
    (StopLoss, Short, true),
    (Limit, Long, false),
    (Limit, Short, true),
    (Stop, Long, true),
    (Stop, Short, false),
];

#[test]
fn a_trigger_is_reached_to_the_unit() {
    for (kind, side, above) in DIRECTIONS {
        let mut desk = Desk::new();
        let position = desk.open(side);
        let trigger = price("100");
        let order = desk.place(position, 0, OrderTerms { trigger_price: trigger, ..desk.any(kind, side) });
        assert_eq!(desk.world.order(order).trigger_above, u8::from(above));
        desk.world.warp(5);
        // (below, at, above) by one of 10^-10, and by 2 %
        let off = price("2");
        for (index, reached) in [
            (trigger - off, !above),
            (trigger - 1, !above),
            (trigger, true),
            (trigger + 1, above),
            (trigger + off, above),
        ] {
            let what = format!("{kind:?} {side:?} at {index}");
            desk.world.set_price(desk.market, index);
            let result = desk.what_if(|desk| desk.execute(order));
            if reached {
                passes(&what, result);
            } else {
                refused(&what, result, RingfenceError::OrderNotTriggered);
            }
        }
    }
}

/// Whatever the confidence: it is the index that triggers.
#[test]
fn a_spread_does_not_reach_a_trigger() {
    let mut desk = Desk::new();
    let position = desk.open(Long);
    let order = desk.place(position, 0, desk.stop_loss(Long));
    desk.world.warp(5);
    let index = price("95") + 1;
    let (ema, publish_time) = (index, desk.world.now());
    let feed = Feed { price: index, confidence: price("0.4"), ema, publish_time };
    desk.world.set_feed(desk.market, feed);
    refused("95 is inside", desk.execute(order), RingfenceError::OrderNotTriggered);
}

#[test]
fn no_price_from_before_three_seconds_after_the_placement() {
    for kind in TRIGGERED {
        let mut desk = Desk::new();
        let position = desk.open(Long);
        let placed = desk.world.now();
        let order = desk.place(position, 0, desk.any(kind, Long));
        assert_eq!(desk.world.order(order).not_before, placed + 3);
        desk.world.warp(30);
        for (published, due) in [(0, false), (2, false), (3, true), (30, true)] {
            let update = desk.update("100", placed + published, placed + published - 1);
            let what = format!("{kind:?}, published {published} s after it");
            let result = desk.what_if(|desk| desk.execute_at(order, update));
            if due {
                passes(&what, result);
            } else {
                refused(&what, result, RingfenceError::PriceBeforeOrder);
            }
        }
    }
}

/// A price may be from two seconds ahead of the cluster's clock; the order
/// wants one of the third.
#[test]
fn a_price_known_at_placement_is_never_good_enough() {
    let mut desk = Desk::new();
    let position = desk.open(Long);
    let ahead = desk.world.now() + 2;
    let known = desk.update("100", ahead, ahead - 1);
    let order = desk.place(position, 0, desk.any(StopLoss, Long));
    refused("in the same second", desk.execute_at(order, known), RingfenceError::PriceBeforeOrder);
    desk.world.warp(5);
    refused("later", desk.execute_at(order, known), RingfenceError::PriceBeforeOrder);
}

#[test]
fn it_lives_to_the_second() {
    for kind in TRIGGERED {
        let mut desk = Desk::new();
        let position = desk.open(Long);
        let expires_at = desk.world.now() + 10;
        let order = desk.place(position, 0, OrderTerms { expires_at, ..desk.any(kind, Long) });
        desk.reach("100");
        desk.world.warp(5);
        passes("its last second", desk.what_if(|desk| desk.execute(order)));
        refused("not a stranger's yet", desk.what_if(|desk| desk.sweep(order)), RingfenceError::OrderLive);
        desk.world.warp(1);
        desk.world.refresh(desk.market);
        refused("a second later", desk.execute(order), RingfenceError::OrderExpired);
        passes("anybody", desk.sweep(order));
        desk.ended(order);
    }
}

/// The fill is at or inside the acceptable price, else nothing happens.
#[test]
fn a_fill_beyond_the_acceptable_price_is_refused() {
    // a whole stop-loss of 10 at 95 fills at 95 × 1.005 = 95.475 on a long, at
    // 105 × 0.995 = 104.475 on a short; 10 more at 95 × 1.015 and 105 × 0.985
    for (kind, side, at, fill) in [
        (StopLoss, Long, "95", "95.475"),
        (StopLoss, Short, "105", "104.475"),
        (Limit, Long, "95", "96.425"),
        (Limit, Short, "105", "103.425"),
    ] {
        let buys = kind.adds() == (side == Long);
        for (off, fits) in [(0, true), (1, false)] {
            let mut desk = Desk::new();
            let position = desk.open(side);
            let acceptable_price = if buys { price(fill) - off } else { price(fill) + off };
            let terms = if kind.adds() { desk.entry(kind, side, price(at)) } else { desk.stop_loss(side) };
            let order = desk.place(position, 0, OrderTerms { acceptable_price, ..terms });
            desk.reach(at);
            let what = format!("{kind:?} {side:?}, off by {off}");
            if fits {
                passes(&what, desk.execute(order));
            } else {
                refused(&what, desk.execute(order), RingfenceError::SlippageExceeded);
            }
        }
    }
}
