//! A delayed order cannot be taken back while its price can be known: neither
//! it, nor what it would be added to.

use anchor_lang::prelude::Pubkey;
use ringfence_client::RingfenceError::{self, *};
use ringfence_client::event::OrderEnd;
use ringfence_client::events::Event;
use ringfence_client::state::MarketStatus;
use ringfence_client::state::OrderKind::*;
use ringfence_client::state::OrderTerms;
use ringfence_client::state::Side::Long;
use ringfence_testkit::{Failure, Trader, World, orders, price, quote, size};

use crate::support::*;

/// Alice's 10 long, and a delayed order for 10 more.
fn pending() -> (Desk, Pubkey, Pubkey) {
    let mut desk = Desk::new();
    let position = desk.open(Long);
    // placed before it, for what follows
    desk.place(position, 1, OrderTerms { share_ppm: 1_000_000, ..desk.any(StopLoss, Long) });
    desk.place(position, 2, desk.any(Limit, Long));
    let order = desk.place(position, 0, desk.any(Delayed, Long));
    (desk, position, order)
}

type Act = fn(&mut Desk, Pubkey) -> Result<(), Failure>;

fn alone(desk: &mut Desk) -> (&mut World, ringfence_testkit::MarketId, &Trader) {
    (&mut desk.world, desk.market, &desk.alice)
}

const CLOSE: (&str, Act) = ("close", |desk, position| {
    let (world, market, alice) = alone(desk);
    world.close(market, alice, position).map(drop)
});
const EMPTY: (&str, Act) = ("decrease all", |desk, position| {
    let (world, market, alice) = alone(desk);
    world.decrease(market, alice, position, size("10")).map(drop)
});
const REMOVE: (&str, Act) = ("remove margin", |desk, position| {
    let (world, market, alice) = alone(desk);
    world.remove_margin(market, alice, position, 1).map(drop)
});
const BY_ORDER: (&str, Act) = ("an order that closes all", |desk, position| {
    desk.execute(ringfence_client::pda::order(&position, 1)).map(drop)
});

const INCREASE: (&str, Act) = ("increase", |desk, position| {
    let (world, market, alice) = alone(desk);
    world.increase(market, alice, position, size("1"), quote("10")).map(drop)
});
const BY_LIMIT: (&str, Act) = ("an order that adds", |desk, position| {
    desk.execute(ringfence_client::pda::order(&position, 2)).map(drop)
});

/// What would take it back, or make it fit or not once its price is known.
const REFUSED: [(&str, Act); 6] = [CLOSE, EMPTY, REMOVE, BY_ORDER, INCREASE, BY_LIMIT];

/// What is free all the while.
const FREE: [(&str, Act); 4] = [
    ("decrease part", |desk, position| {
        let (world, market, alice) = alone(desk);
        world.decrease(market, alice, position, size("9")).map(drop)
    }),
    ("add margin", |desk, position| {
        let (world, market, alice) = alone(desk);
        world.add_margin(market, alice, position, 1).map(drop)
    }),
    ("an order that closes nine tenths", |desk, position| {
        let order = orders::reducing(&desk.world, StopLoss, Long, 900_000, u64::MAX);
        let order = desk.place(position, 3, order);
        desk.reach("100");
        desk.execute(order).map(drop)
    }),
    ("set a delegate", |desk, position| {
        let (world, _, alice) = alone(desk);
        world.set_delegate(alice, position, Pubkey::new_unique()).map(drop)
    }),
];

#[test]
fn neither_it_nor_what_it_adds_to_is_taken_back_before_it_expires() {
    // not yet due, due, and its last second
    for seconds in [0, 5, 63] {
        let (mut desk, position, order) = pending();
        let until = desk.world.position(position).committed_until;
        assert_eq!(until, desk.world.now() + 63);
        desk.world.warp(seconds);
        desk.world.refresh(desk.market);
        for (what, act) in REFUSED {
            // an order waits three seconds itself
            if [BY_ORDER.0, BY_LIMIT.0].contains(&what) && seconds == 0 {
                continue;
            }
            refused(what, desk.what_if(|desk| act(desk, position)), OrderPending);
        }
        refused("by who placed it", desk.cancel(order), OrderPending);
        refused("by a stranger", desk.sweep(order), OrderLive);
        for (what, act) in FREE {
            if seconds == 0 || !what.starts_with("an order") {
                passes(what, desk.what_if(|desk| act(desk, position)));
            }
        }
    }
}

#[test]
fn everything_is_free_a_second_after_it_has_expired() {
    let (mut desk, position, order) = pending();
    desk.world.warp(64);
    desk.world.refresh(desk.market);
    for (what, act) in REFUSED {
        passes(what, desk.what_if(|desk| act(desk, position)));
    }
    let again = desk.any(Delayed, Long);
    passes("another", desk.what_if(|desk| desk.try_place(position, 9, again)));
    let receipt = passes("anybody", desk.sweep(order));
    let Some(Event::OrderCancelled(event)) = receipt.events.last() else { panic!("{receipt:?}") };
    assert_eq!((event.end, event.refund), (OrderEnd::Expired, quote("100.5")));
    desk.ended(order);
}

#[test]
fn everything_is_free_once_it_has_executed() {
    let (mut desk, position, order) = pending();
    desk.world.warp(3);
    desk.world.refresh(desk.market);
    passes("execute", desk.execute(order));
    assert_eq!(desk.world.position(position).committed_until, 0);
    for (what, act) in [CLOSE, REMOVE, BY_ORDER, INCREASE, BY_LIMIT] {
        passes(what, desk.what_if(|desk| act(desk, position)));
    }
    let again = desk.any(Delayed, Long);
    passes("another", desk.try_place(position, 0, again));
}

/// Whose gain has reached its reserve of 1,005: 10 × 201 − 1,005.
#[test]
fn a_position_is_not_emptied_at_the_cap() {
    let (mut desk, position, order) = pending();
    let at_cap = |desk: &mut Desk| desk.world.close_at_cap(desk.market, &desk.keeper, position);
    desk.reach("201");
    refused("pending", at_cap(&mut desk), OrderPending);
    desk.what_if(|desk| {
        passes("status", desk.world.set_status(desk.market, MarketStatus::Paused));
        passes("paused", at_cap(desk));
    });
    desk.world.warp(58);
    desk.world.refresh(desk.market);
    refused("its last second", at_cap(&mut desk), OrderPending);
    desk.world.warp(1);
    desk.world.refresh(desk.market);
    passes("expired", at_cap(&mut desk));
    passes("swept", desk.sweep(order));
    desk.ended(order);
}

/// Where the market opens nothing, it cannot execute, and nobody has to wait.
#[test]
fn a_market_that_opens_nothing_lets_go_of_it() {
    use MarketStatus::*;
    for (status, removal) in [(ReduceOnly, None), (Paused, Some(MarketPaused))] {
        let (mut desk, position, order) = pending();
        passes("status", desk.world.set_status(desk.market, status));
        desk.reach("100");
        refused("execute", desk.execute(order), MarketNotActive);
        for (what, act) in [CLOSE, EMPTY, BY_ORDER] {
            passes(what, desk.what_if(|desk| act(desk, position)));
        }
        let remove = desk.what_if(|desk| REMOVE.1(desk, position));
        match removal {
            None => passes("remove", remove),
            Some(error) => refused("remove", remove, error),
        }
        // the order itself waits: the market may be back before its price is old
        refused("cancel", desk.cancel(order), OrderPending);
        passes("close", CLOSE.1(&mut desk, position));
        passes("void", desk.sweep(order));
        desk.ended(order);
    }
}

#[test]
fn one_is_pending_at_a_time() {
    let (mut desk, position, order) = pending();
    let terms = desk.any(Delayed, Long);
    refused("a second one", desk.try_place(position, 9, terms), OrderPending);
    let alice = &desk.alice;
    let other = desk.world.create_position(desk.market, alice, 5, Long);
    let other = passes("create", other);
    passes("of another position", desk.try_place(other, 9, terms));
    passes("another kind", desk.try_place(position, 9, desk.any(Limit, Long)));
    desk.world.warp(63);
    refused("in its last second", desk.try_place(position, 10, terms), OrderPending);
    desk.world.warp(1);
    passes("after it", desk.try_place(position, 10, terms));
    // which is no new life for the first one
    refused("expired", desk.execute(order), OrderExpired);
    let second = desk.world.order(ringfence_client::pda::order(&position, 10));
    assert_eq!(desk.world.position(position).committed_until, second.expires_at);
    passes("swept", desk.sweep(order));
    assert_eq!(desk.world.position(position).committed_until, second.expires_at, "still committed");
}

/// As in endings.rs, all of it at 80 and part of it at 92.8.
#[test]
fn a_liquidation_ends_it() {
    for index in ["80", "92.8"] {
        let (mut desk, position, order) = pending();
        desk.reach(index);
        passes("liquidate", desk.world.liquidate(desk.market, &desk.keeper, position));
        let state = desk.world.position(position);
        assert_eq!(state.committed_until, 0);
        desk.reach(index);
        refused("void", desk.execute(order), OrderVoid);
        passes("anybody", desk.sweep(order));
        desk.ended(order);
        passes("close", CLOSE.1(&mut desk, position));
    }
}

/// Neither a partner that the trader executes himself nor the dismissal of the
/// delegate who placed it is a way out.
#[test]
fn a_partner_does_not_undo_it() {
    let mut desk = Desk::new();
    let position = desk.open(Long);
    let order = desk.place(position, 0, desk.any(Delayed, Long));
    let partner = OrderTerms { cancels: Some(0), share_ppm: 1_000, ..desk.any(StopLoss, Long) };
    let partner = desk.place(position, 1, partner);
    desk.world.warp(3);
    desk.world.refresh(desk.market);
    passes("its partner", desk.execute(partner));
    refused("still live", desk.sweep(order), OrderLive);
    refused("still pending", desk.cancel(order), OrderPending);
    passes("executes", desk.execute(order));
    desk.ended(order);
}

#[test]
fn a_dismissed_delegate_does_not_undo_it() {
    let mut desk = Desk::new();
    let position = desk.open(Long);
    let bob = desk.world.trader(1_000);
    passes("delegate", desk.world.set_delegate(&desk.alice, position, bob.pubkey()));
    let (market, terms) = (desk.market, desk.any(Delayed, Long));
    let order = passes("place", desk.world.place(market, &bob, position, 0, terms));
    passes("dismiss", desk.world.set_delegate(&desk.alice, position, Pubkey::default()));
    let cancels: [(&Trader, RingfenceError); 3] =
        [(&bob, OrderPending), (&desk.alice, OrderPending), (&desk.keeper, OrderLive)];
    for (who, error) in cancels {
        refused("cancel", desk.world.cancel(market, who, &bob, order), error);
    }
    desk.world.warp(3);
    desk.world.set_price(market, price("100"));
    passes("executes", desk.execute(order));
    assert_eq!(desk.world.wealth(market, &bob), quote("899.5"));
    desk.ended(order);
}
