//! What an order may say, and what the position's trader may place.

use ringfence_client::RingfenceError::{self, *};
use ringfence_client::state::OrderKind::{self, *};
use ringfence_client::state::OrderTerms;
use ringfence_client::state::Side::*;
use ringfence_testkit::{World, price, quote};

use crate::support::*;

const KINDS: [OrderKind; 5] = [TakeProfit, StopLoss, Limit, Stop, Delayed];

type Change = fn(&mut OrderTerms);

/// A term that is wrong for those that close, for limit and stop, for delayed.
const CHANGES: [(&str, Change, [bool; 3]); 14] = [
    ("no size", |terms| terms.size = 0, [false, true, true]),
    ("a size", |terms| terms.size = 1, [true, false, false]),
    ("no margin", |terms| terms.margin = 0, [false, false, false]),
    ("a margin", |terms| terms.margin = 1, [true, false, false]),
    ("no share", |terms| terms.share_ppm = 0, [true, false, false]),
    ("the least share", |terms| terms.share_ppm = 1, [false, true, true]),
    ("all", |terms| terms.share_ppm = 1_000_000, [false, true, true]),
    ("more than all", |terms| terms.share_ppm = 1_000_001, [true, true, true]),
    ("no trigger", |terms| terms.trigger_price = 0, [true, true, false]),
    ("a trigger", |terms| terms.trigger_price = 1, [false, false, true]),
    ("any fill", |terms| terms.acceptable_price = 0, [false, false, false]),
    ("a partner", |terms| terms.cancels = Some(255), [false, false, false]),
    ("itself as a partner", |terms| terms.cancels = Some(7), [false, false, false]),
    ("the last expiry there is", |terms| terms.expires_at = i64::MAX, [false, false, true]),
];

#[test]
fn each_kind_takes_its_own_terms() {
    for side in SIDES {
        for kind in KINDS {
            let class = if !kind.adds() { 0 } else { 1 + usize::from(kind == Delayed) };
            let mut desk = Desk::new();
            let position = desk.open(side);
            for (what, change, wrong) in CHANGES {
                let mut terms = desk.any(kind, side);
                change(&mut terms);
                let what = format!("{kind:?} {side:?}: {what}");
                let result = desk.what_if(|desk| desk.try_place(position, 7, terms));
                if wrong[class] {
                    refused(&what, result, InvalidOrderTerms);
                } else {
                    passes(&what, result);
                }
            }
        }
    }
}

#[test]
fn an_expiry_lies_in_the_future() {
    for kind in TRIGGERED {
        let mut desk = Desk::new();
        let position = desk.open(Long);
        let now = desk.world.now();
        for (expires_at, fits) in [(i64::MIN, false), (0, false), (now, false), (now + 1, true)] {
            let terms = OrderTerms { expires_at, ..desk.any(kind, Long) };
            let result = desk.what_if(|desk| desk.try_place(position, 7, terms));
            if fits {
                passes("later", result);
            } else {
                refused("passed", result, OrderExpiryPassed);
            }
        }
    }
}

#[test]
fn a_delayed_order_has_the_least_reward_and_others_need_none() {
    let mut desk = Desk::new();
    let position = desk.open(Long);
    for (reward, enough) in [(0, false), (quote("0.1") - 1, false), (quote("0.1"), true)] {
        let terms = OrderTerms { reward, ..desk.any(Delayed, Long) };
        let result = desk.what_if(|desk| desk.try_place(position, 7, terms));
        if enough {
            passes("enough", result);
        } else {
            refused("too low", result, OrderRewardTooLow);
        }
    }
    for kind in TRIGGERED {
        let order = desk.place(position, kind as u8, OrderTerms { reward: 0, ..desk.any(kind, Long) });
        desk.reach("100");
        passes("for nothing", desk.execute(order));
        desk.ended(order);
    }
    assert_eq!(desk.earned(), 0);
}

#[test]
fn margin_and_reward_are_in_his_account_and_sum_up() {
    let mut desk = Desk::new();
    let position = desk.open(Long);
    let funds = desk.pays();
    let terms = OrderTerms { reward: quote(REWARD), ..desk.any(Limit, Long) };
    let all = OrderTerms { margin: funds - quote(REWARD), ..terms };
    let more = OrderTerms { margin: all.margin + 1, ..terms };
    // Token's InsufficientFunds
    refused("an atom too much", desk.try_place(position, 7, more), 1);
    let sum = OrderTerms { margin: u64::MAX, reward: 1, ..terms };
    refused("beyond u64", desk.try_place(position, 7, sum), MathOverflow);
    passes("all he has", desk.try_place(position, 7, all));
    assert_eq!(desk.pays(), 0);
}

#[test]
fn the_owner_and_the_delegate_place_and_nobody_else() {
    let mut desk = Desk::new();
    let position = desk.open(Long);
    let bob = desk.world.trader(1_000);
    let terms = desk.any(StopLoss, Long);
    let place = |desk: &mut Desk| desk.world.place(desk.market, &bob, position, 1, terms);
    refused("a stranger", place(&mut desk), NotOwnerOrDelegate);
    passes("delegate", desk.world.set_delegate(&desk.alice, position, bob.pubkey()));
    let order = passes("the delegate", place(&mut desk));
    assert_eq!(desk.world.order(order).trader, bob.pubkey());
}

#[test]
fn all_numbers_of_a_position_can_be_used() {
    let mut desk = Desk::quick(|_| ());
    let position = desk.open(Long);
    for id in 0..=255 {
        // each ends the one before, under whichever word its bit lies
        let cancels = Some(u8::wrapping_sub(id, 1));
        let order = desk.place(
            position,
            id,
            OrderTerms { cancels, reward: 0, share_ppm: 1_000, ..desk.any(StopLoss, Long) },
        );
        assert_eq!(desk.world.order(order).id, id);
    }
    desk.reach("100");
    // 200 ends 199, and that one alone
    let key = |id| ringfence_client::pda::order(&position, id);
    passes("200", desk.execute(key(200)));
    let mut void = [0; 4];
    void[3] = 1 << (199 - 192);
    assert_eq!(desk.world.position(position).void_orders, void);
    refused("199", desk.execute(key(199)), OrderVoid);
    for id in [0, 63, 64, 127, 128, 191, 192, 198, 201, 255] {
        passes("another", desk.what_if(|desk| desk.execute(key(id))));
    }
}

#[test]
fn a_delayed_order_needs_a_feed_of_which_any_update_is_read() {
    let refuses = |mut world: World, market| {
        let alice = world.trader(1_000);
        let position = passes("create", world.create_position(market, &alice, 0, Long));
        let terms = ringfence_testkit::orders::delayed(Long, 1_000_000_000, quote("50"), quote("1"));
        refused("no first price", world.place(market, &alice, position, 0, terms), FeedCannotDelay);
        // the others work with any feed
        let limit =
            ringfence_testkit::orders::adding(&world, Limit, Long, 1_000_000_000, quote("50"), price("100"));
        passes("limit", world.place(market, &alice, position, 0, limit));
    };
    let mut world = World::new();
    let pinned = world.market("SOL-PERP").price("100").liquidity(100_000).build();
    refuses(world, pinned);
    let mut world = World::new();
    let push = world.market("SOL-PERP").price("100").push().liquidity(100_000).build();
    refuses(world, push);
}

/// Kinds that add, and those that close, in each status; of a position that
/// has both kinds of orders from before.
#[test]
fn each_status_allows_its_orders() {
    use ringfence_client::state::MarketStatus::*;
    for (status, adds, closes) in [
        (Active, None, None),
        (ReduceOnly, Some(MarketNotActive), None),
        (Paused, Some(MarketNotActive), None),
        (Settling, Some(MarketSettling), Some(MarketSettling)),
    ] {
        for kind in KINDS {
            let mut desk = Desk::new();
            let position = desk.open(Long);
            let order = desk.place(position, 0, desk.any(kind, Long));
            if status == Settling {
                passes("settle", desk.world.wind_down(desk.market, price("100")));
            } else {
                passes("status", desk.world.set_status(desk.market, status));
                desk.world.warp(3);
                desk.world.refresh(desk.market);
            }
            let expected: Option<RingfenceError> = if kind.adds() { adds } else { closes };
            let what = format!("{kind:?} in {status:?}");
            let terms = desk.any(kind, Long);
            let placed = if kind == Delayed && status == Active {
                // one at a time, in commitment.rs
                Ok(order)
            } else {
                desk.what_if(|desk| desk.try_place(position, 1, terms))
            };
            let executed = desk.what_if(|desk| desk.execute(order).map(drop));
            match expected {
                None => {
                    passes(&what, placed);
                    passes(&what, executed);
                }
                Some(error) => {
                    refused(&what, placed, error);
                    refused(&what, executed, error);
                }
            }
            if kind != Delayed {
                passes(&what, desk.cancel(order));
                desk.ended(order);
            }
        }
    }
}
