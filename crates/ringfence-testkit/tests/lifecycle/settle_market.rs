//! The start of a market's end: who, when, and at which price.

use ringfence_client::event::{MarketSettled, SettlementAnnounced};
use ringfence_client::events::Event;
use ringfence_client::state::MarketStatus::{self, Active, Paused, ReduceOnly, Settling};
use ringfence_client::state::Side::Long;
use ringfence_client::{RingfenceError, event};
use ringfence_testkit::{Feed, MarketId, World, price, quote, size};
use solana_last_restart_slot::LastRestartSlot;

use crate::support::*;

/// 10 long of Alice's from 100.5, in a market of 100,000.
fn scene() -> (World, MarketId) {
    let (mut world, market) = still();
    let alice = world.trader(1_000);
    passes("open", world.open(market, &alice, 0, Long, size("10"), quote("500")));
    (world, market)
}

fn set(world: &mut World, market: MarketId, status: MarketStatus) {
    passes("status", world.set_status(market, status));
}

#[test]
fn a_settlement_fixes_price_time_and_indices() {
    let (mut world, market) = scene();
    passes("notice", world.give_notice(market));
    world.set_price(market, price("97.5"));
    let receipt = passes("settle", world.settle_market(market));
    let state = world.market_state(market);
    assert_eq!(state.status, Settling as u8);
    assert_eq!((state.settlement_price, state.settled_at), (price("97.5"), world.now()));
    assert_eq!(state.accepted.price, price("97.5"));
    let expected = MarketSettled {
        market: world.market_key(market),
        settlement_price: price("97.5"),
        settled_at: world.now(),
        funding_index: 0,
        borrow_index: 0,
        oracle: state.accepted,
    };
    assert_events(&receipt, &[Event::MarketSettled(expected)]);
    // nobody's money has moved
    assert_pool(&world, market, "100000", "1005", "0");
}

#[test]
fn notice_is_at_least_the_timelock() {
    for (status, after) in [(Active, ReduceOnly), (ReduceOnly, ReduceOnly), (Paused, Paused)] {
        let (mut world, market) = scene();
        set(&mut world, market, status);
        let now = world.now();
        for early in [i64::MIN, -1, 0, now, now + DAY - 1] {
            let result = world.announce_settlement(market, early);
            refused("too early", result, RingfenceError::NoticeTooShort);
        }
        assert_eq!(world.market_state(market).status, status as u8);
        let receipt = passes("announce", world.announce_settlement(market, now + DAY));
        let expected = SettlementAnnounced {
            market: world.market_key(market),
            settles_at: now + DAY,
            before: status,
            after,
        };
        assert_events(&receipt, &[Event::SettlementAnnounced(expected)]);
        let state = world.market_state(market);
        assert_eq!((state.status, state.settles_at), (after as u8, now + DAY));

        refused("at once", world.settle_market(market), RingfenceError::NoticeNotElapsed);
        world.advance(DAY - 1);
        refused("a second early", world.settle_market(market), RingfenceError::NoticeNotElapsed);
        world.advance(1);
        passes("in time", world.settle_market(market));
        balanced(&world);
    }
}

#[test]
fn nothing_is_settled_unannounced() {
    for status in [Active, ReduceOnly, Paused] {
        let (mut world, market) = scene();
        set(&mut world, market, status);
        world.advance(10 * DAY);
        let result = world.settle_market(market);
        refused("unannounced", result, RingfenceError::SettlementNotAnnounced);
    }
}

#[test]
fn the_price_has_been_published_since_the_announced_time() {
    let (mut world, market) = scene();
    let settles_at = world.now() + DAY;
    passes("announce", world.announce_settlement(market, settles_at));
    world.advance(DAY);
    let feed = world.markets[market.0].feed;
    world.set_feed(market, Feed { publish_time: settles_at - 1, ..feed });
    world.warp(30);
    refused("a second before", world.settle_market(market), RingfenceError::PriceBeforeSettlement);
    world.set_feed(market, Feed { publish_time: settles_at, ..feed });
    passes("at it", world.settle_market(market));
}

#[test]
fn an_announcement_moves_and_is_taken_back() {
    let (mut world, market) = scene();
    let start = world.now();
    passes("announce", world.announce_settlement(market, start + DAY));
    world.advance(DAY / 2);
    // no sooner than a day from now, though it was announced for earlier
    let sooner = world.announce_settlement(market, start + DAY);
    refused("the same", sooner, RingfenceError::NoticeTooShort);
    passes("later", world.announce_settlement(market, start + 3 * DAY));
    world.advance(2 * DAY);
    refused("the old time", world.settle_market(market), RingfenceError::NoticeNotElapsed);
    // a step between the inactive statuses leaves it
    for status in [Paused, ReduceOnly, Paused] {
        set(&mut world, market, status);
        assert_eq!(world.market_state(market).settles_at, start + 3 * DAY);
    }
    world.advance(DAY);
    let before = world.svm.clone();
    passes("the new one", world.settle_market(market));

    world.svm = before;
    set(&mut world, market, Active);
    assert_eq!(world.market_state(market).settles_at, 0);
    for status in [Active, ReduceOnly] {
        set(&mut world, market, status);
        let result = world.settle_market(market);
        refused("taken back", result, RingfenceError::SettlementNotAnnounced);
    }
}

#[test]
fn a_settlement_is_final() {
    let (mut world, market) = scene();
    settle_at(&mut world, market, "97");
    world.advance(10 * DAY);
    world.set_price(market, price("120"));
    refused("again", world.settle_market(market), RingfenceError::MarketSettling);
    let announce = world.announce_settlement(market, i64::MAX);
    refused("announce", announce, RingfenceError::MarketSettling);
    for status in [Active, ReduceOnly, Paused, Settling] {
        refused("status", world.set_status(market, status), RingfenceError::MarketSettling);
    }
    let propose = world.propose_params(market, |params, _| params.open_fee_ppm = 1);
    refused("propose", propose, RingfenceError::MarketSettling);
    assert_eq!(world.market_state(market).settlement_price, price("97"));
}

#[test]
fn settling_is_not_a_status_to_set() {
    for status in [Active, ReduceOnly, Paused] {
        let (mut world, market) = scene();
        set(&mut world, market, status);
        world.advance(DAY);
        let result = world.set_status(market, Settling);
        refused("set", result, RingfenceError::SettlingNeedsSettlement);
    }
}

#[test]
fn the_price_has_to_be_as_good_as_for_an_opening() {
    let (mut world, market) = scene();
    passes("notice", world.give_notice(market));
    world.advance(600);
    let now = world.now();
    let sound = Feed { price: price("100"), confidence: 0, ema: price("100"), publish_time: now };
    use RingfenceError::*;
    let cases = [
        ("as it should be", sound, None),
        ("a minute old", Feed { publish_time: now - 60, ..sound }, None),
        ("a second older", Feed { publish_time: now - 61, ..sound }, Some(OracleStale)),
        ("good enough to close", Feed { publish_time: now - 120, ..sound }, Some(OracleStale)),
        ("good enough to liquidate", Feed { publish_time: now - 300, ..sound }, Some(OracleStale)),
        ("half a per cent wide", Feed { confidence: price("0.5"), ..sound }, None),
        ("wider", Feed { confidence: price("0.5") + 1, ..sound }, Some(OracleConfidenceTooWide)),
        ("far wider", Feed { confidence: price("1"), ..sound }, Some(OracleConfidenceTooWide)),
        ("30 % over the average", Feed { price: price("130"), ..sound }, None),
        ("more", Feed { price: price("130") + 1, ..sound }, Some(OracleDiverged)),
        ("30 % under it", Feed { price: price("70"), ..sound }, None),
        ("less", Feed { price: price("70") - 1, ..sound }, Some(OracleDiverged)),
        ("two seconds ahead", Feed { publish_time: now + 2, ..sound }, None),
        ("three", Feed { publish_time: now + 3, ..sound }, Some(OracleFromTheFuture)),
        ("no price", Feed { price: 0, ..sound }, Some(OraclePriceOutOfRange)),
    ];
    let settle = world.settle_market_ix(market);
    for (what, feed, refusal) in cases {
        world.set_feed(market, feed);
        let result = probe(&mut world, &settle, &[]);
        match refusal {
            None => drop(passes(what, result)),
            Some(error) => refused(what, result, error),
        }
    }

    // older than what the market has accepted since
    world.set_feed(market, Feed { publish_time: now - 20, ..sound });
    passes("accept", world.accrue(market));
    world.set_feed(market, Feed { publish_time: now - 21, ..sound });
    refused("rolled back", probe(&mut world, &settle, &[]), OracleOlderThanAccepted);
    // from before a restart of the cluster
    world.set_feed(market, sound);
    let last_restart_slot = world.slot() + 1;
    world.svm.set_sysvar(&LastRestartSlot { last_restart_slot });
    refused("before the restart", probe(&mut world, &settle, &[]), OracleBeforeRestart);
}

#[test]
fn settled_at_the_price_itself_and_not_at_an_edge_of_it() {
    let (mut world, market) = scene();
    passes("notice", world.give_notice(market));
    let feed = Feed { confidence: price("0.4"), ..world.markets[market.0].feed };
    world.set_feed(market, feed);
    passes("settle", world.settle_market(market));
    assert_eq!(world.market_state(market).settlement_price, price("100"));
}

#[test]
fn funding_and_borrow_run_up_to_the_settlement_and_no_further() {
    let (mut world, market) = still_with(|params| {
        params.max_funding_velocity_ppm = 1_000_000;
        params.max_funding_rate_ppm = 100_000;
        params.borrow_base_ppm = 3_650_000;
    });
    let alice = world.trader(500);
    let position = world.open(market, &alice, 0, Long, size("10"), quote("500")).unwrap();
    // A day of notice. Skew 10 of 1,000: the rate climbs to 1 %, half of that
    // times 100 is 0.5 for each; borrow at 365 % a year is 1 % of the reserve.
    settle_at(&mut world, market, "100");
    let state = world.market_state(market);
    let indices = (state.funding_index.get(), state.borrow_index.get(), state.accrued_at);
    assert_eq!(indices, (500_000_000_000_000, 10_000_000_000_000_000, world.now()));

    world.advance(30 * DAY);
    world.set_price(market, price("140"));
    let receipt = passes("accrue", world.accrue(market));
    let [Event::FundingAccrued(event)] = &receipt.events[..] else { panic!("{receipt:?}") };
    assert_eq!((event.funding_index, event.borrow_index, event.accrued_at), indices);
    let after = world.market_state(market);
    assert_eq!(bytemuck::bytes_of(&after), bytemuck::bytes_of(&state));

    // 1,000 − 1,005 − 5 − 10.05
    let receipt = passes("close", world.close_settled(market, &alice, position));
    let [Event::PositionDecreased(closed), Event::PositionClosed(event::PositionClosed { payout, .. })] =
        &receipt.events[..]
    else {
        panic!("{receipt:?}")
    };
    assert_eq!((closed.funding, closed.borrow, closed.loss), (-5_000_000, 10_050_000, 20_050_000));
    assert_eq!(*payout, quote("479.95"));
    assert_pool(&world, market, "100020.05", "0", "0");
}
