//! A market that adds size by delayed orders only.

use ringfence_client::RingfenceError::*;
use ringfence_client::state::OrderKind::*;
use ringfence_client::state::Side::Long;
use ringfence_testkit::market::MarketBuilder;
use ringfence_testkit::{World, price, quote, size};

use crate::support::*;

const DAY: i64 = 86_400;

fn desk() -> Desk {
    Desk::with(|params| params.delayed_only = 1)
}

/// Alice's 10 long, as only a delayed order opens them.
fn opened() -> (Desk, anchor_lang::prelude::Pubkey) {
    let mut desk = desk();
    let position = desk.created(Long);
    let order = desk.place(position, 0, desk.any(Delayed, Long));
    desk.world.warp(3);
    desk.world.refresh(desk.market);
    passes("execute", desk.execute(order));
    assert_position(&desk.world, position, "10", "1005", "99.4975");
    (desk, position)
}

#[test]
fn nothing_opens_or_grows_at_once() {
    let (mut desk, position) = opened();
    let (market, alice) = (desk.market, &desk.alice);
    let open = desk.world.open(market, alice, 1, Long, size("1"), quote("50"));
    refused("open", open, InstantOpenDisabled);
    let increase = desk.world.increase(market, alice, position, size("1"), quote("50"));
    refused("increase", increase, InstantOpenDisabled);
    for kind in [Limit, Stop] {
        let terms = desk.any(kind, Long);
        refused("place", desk.try_place(position, 1, terms), InstantOpenDisabled);
    }
    let order = desk.place(position, 1, desk.any(Delayed, Long));
    desk.world.warp(3);
    desk.world.refresh(desk.market);
    passes("execute", desk.execute(order));
    assert_eq!(desk.world.position(position).size, size("20"));
    balanced(&desk.world);
}

#[test]
fn what_reduces_is_as_before() {
    let (mut desk, position) = opened();
    for (id, kind) in [(1, TakeProfit), (2, StopLoss)] {
        let order = desk.place(position, id, desk.any(kind, Long));
        desk.reach("100");
        passes("execute", desk.execute(order));
        desk.ended(order);
    }
    // 10, 5, 2.5
    let (market, alice) = (desk.market, &desk.alice);
    passes("decrease", desk.world.decrease(market, alice, position, size("1")));
    passes("add margin", desk.world.add_margin(market, alice, position, quote("5")));
    passes("remove margin", desk.world.remove_margin(market, alice, position, quote("5")));
    passes("close", desk.world.close(market, alice, position));
    balanced(&desk.world);
}

/// An order may be older than the parameter: whoever kept it would open at
/// once where nobody else can.
#[test]
fn limit_and_stop_orders_from_before_do_not_execute_either() {
    for kind in [Limit, Stop] {
        let mut desk = Desk::new();
        let position = desk.created(Long);
        let mut terms = desk.any(kind, Long);
        terms.expires_at = i64::MAX;
        let order = desk.place(position, 0, terms);
        let proposed = desk.world.propose_params(desk.market, |params, _| params.delayed_only = 1);
        passes("propose", proposed);
        desk.world.advance(DAY);
        passes("until then", desk.what_if(|desk| desk.execute(order)));
        passes("apply", desk.world.apply_params(desk.market));
        desk.reach("100");
        refused("from then on", desk.execute(order), InstantOpenDisabled);
        passes("cancel", desk.cancel(order));
        desk.ended(order);
    }
}

#[test]
fn only_a_market_whose_feed_can_delay_may_be_so() {
    let build = |feed: fn(MarketBuilder) -> MarketBuilder| {
        let mut world = World::new();
        let market = world.market("SOL-PERP").price("100").params(|params| params.delayed_only = 1);
        feed(market).try_build()
    };
    refused("pinned", build(|market| market), FeedCannotDelay);
    refused("push", build(|market| market.push()), FeedCannotDelay);
    passes("any update", build(|market| market.unpinned()));

    let mut world = World::new();
    let market = world.market("SOL-PERP").price("100").build();
    let proposed = world.propose_params(market, |params, _| params.delayed_only = 1);
    refused("proposed", proposed, FeedCannotDelay);
    let proposed = world.propose_params(market, |params, oracle| {
        params.delayed_only = 1;
        oracle.account = anchor_lang::prelude::Pubkey::default();
    });
    passes("with another feed", proposed);
    assert_eq!(world.markets[market.0].feed.price, price("100"));
}
