//! Which prices an order takes: as fresh as for opening whatever it does; as
//! wide as for closing where it closes; none older than the last accepted.

use ringfence_client::RingfenceError::{self, *};
use ringfence_client::state::OrderKind;
use ringfence_client::state::Side::Long;
use ringfence_testkit::{Feed, price};

use crate::support::*;

/// The kinds with a trigger, at a feed of this age and confidence.
fn each(age: i64, confidence: u64, expected: fn(OrderKind) -> Option<RingfenceError>) {
    for kind in TRIGGERED {
        let mut desk = Desk::new();
        let position = desk.open(Long);
        let order = desk.place(position, 0, desk.any(kind, Long));
        desk.world.warp(100);
        let index = price("100");
        let publish_time = desk.world.now() - age;
        desk.world.set_feed(desk.market, Feed { price: index, confidence, ema: index, publish_time });
        let what = format!("{kind:?}, age {age}, confidence {confidence}");
        match expected(kind) {
            None => drop(passes(&what, desk.execute(order))),
            Some(error) => refused(&what, desk.execute(order), error),
        }
        balanced(&desk.world);
    }
}

/// 60 s are the limit for opening, 120 for closing: an order that closes does
/// not get those.
#[test]
fn a_price_is_as_fresh_as_for_opening() {
    each(60, 0, |_| None);
    each(61, 0, |_| Some(OracleStale));
    each(-2, 0, |_| None);
    each(-3, 0, |_| Some(OracleFromTheFuture));
}

/// 0.5 % is the limit for opening, 1 % for closing.
#[test]
fn a_stop_loss_takes_a_price_as_wide_as_for_closing() {
    each(0, price("0.5"), |_| None);
    each(0, price("0.5") + 1, |kind| kind.adds().then_some(OracleConfidenceTooWide));
    each(0, price("1"), |kind| kind.adds().then_some(OracleConfidenceTooWide));
    each(0, price("1") + 1, |_| Some(OracleConfidenceTooWide));
    // wide and old at once: the age decides
    each(61, price("1"), |_| Some(OracleStale));
}

/// What triggered a minute ago is not brought back once the market knows
/// better: not even a second.
#[test]
fn a_price_older_than_the_last_accepted_is_refused() {
    for kind in TRIGGERED {
        let mut desk = Desk::new();
        let position = desk.open(Long);
        let order = desk.place(position, 0, desk.any(kind, Long));
        desk.world.warp(20);
        let now = desk.world.now();
        let [older, same] = [now - 5, now - 4].map(|at| desk.update("98", at, at - 1));
        desk.world.set_feed(
            desk.market,
            Feed { price: price("100"), confidence: 0, ema: price("100"), publish_time: now - 4 },
        );
        passes("accept", desk.world.accrue(desk.market));
        refused("older", desk.execute_at(order, older), OracleOlderThanAccepted);
        // of the same second: the feed has one price in it, this one is it
        passes("as old", desk.what_if(|desk| desk.execute_at(order, same)));
    }
}

#[test]
fn a_price_far_from_its_average_or_of_another_feed_is_refused() {
    for kind in TRIGGERED {
        let mut desk = Desk::new();
        let position = desk.open(Long);
        let order = desk.place(position, 0, desk.any(kind, Long));
        desk.world.warp(5);
        let publish_time = desk.world.now();
        // 30 % of the average is the limit
        let feed = Feed { price: price("100"), confidence: 0, ema: price("142.9"), publish_time };
        desk.world.set_feed(desk.market, feed);
        refused("diverged", desk.execute(order), OracleDiverged);
        let twin = desk.world.market("TWIN-PERP").price("100").unpinned().build();
        desk.world.refresh(twin);
        let other = desk.world.markets[twin.0].accounts.oracle;
        refused("another feed's", desk.execute_at(order, other), OracleWrongFeed);
    }
}
