//! A delayed order has one attempt: what cannot be filled at its price ends
//! there, for the keeper's reward, and cannot be made to fit later.

use anchor_lang::prelude::Pubkey;
use ringfence_client::AccountMeta;
use ringfence_client::RingfenceError::{self, *};
use ringfence_client::event::{OrderCancelled, OrderEnd, OrderFailed};
use ringfence_client::events::Event;
use ringfence_client::state::OrderKind::*;
use ringfence_client::state::OrderTerms;
use ringfence_client::state::Side::Long;
use ringfence_testkit::{Receipt, price, quote, size};

use crate::support::*;

/// The order was tried in vain, for just this reason.
#[track_caller]
fn failed(what: &str, receipt: &Receipt, error: RingfenceError) {
    let [Event::OrderFailed(event)] = &receipt.events[..] else { panic!("{what}: {receipt:?}") };
    assert_eq!(event.error, u32::from(error), "{what}: {error:?}");
}

type Change = fn(&mut OrderTerms);

/// An order that does not fit, and why: what an opening is refused for.
const MISFITS: [(&str, Change, RingfenceError); 4] = [
    ("a worse fill than 100.5", |terms| terms.acceptable_price = price("100.4999"), SlippageExceeded),
    // 5 % of 1,000, the fee of 0.5025 and the impact of 5 before it
    ("an atom too little margin", |terms| terms.margin = quote("55.502499"), BelowInitialMargin),
    ("a fee it cannot pay", |terms| terms.margin = quote("0.502499"), MarginBelowFee),
    ("too small", |terms| terms.size = size("0.09"), PositionTooSmall),
];

#[test]
fn what_does_not_fit_ends_and_pays_whoever_tried() {
    for (what, change, error) in MISFITS {
        let mut desk = Desk::new();
        let position = desk.created(Long);
        let (paid, rent) = (desk.pays(), desk.lamports_of_alice());
        let mut terms = desk.any(Delayed, Long);
        change(&mut terms);
        let order = desk.place(position, 7, terms);
        desk.world.warp(3);
        desk.world.set_price(desk.market, price("100"));
        let (before, market_before) = (desk.world.position(position), desk.world.market_state(desk.market));
        let receipt = passes(what, desk.execute(order));
        let expected = OrderFailed {
            market: desk.world.market_key(desk.market),
            position,
            order,
            trader: desk.alice.pubkey(),
            executor: desk.keeper.pubkey(),
            id: 7,
            error: error.into(),
            reward: quote(REWARD),
            publish_time: desk.world.now(),
        };
        assert_events(&receipt, &[Event::OrderFailed(expected)]);
        assert_eq!(desk.earned(), quote(REWARD), "{what}: the reward");

        // nothing of the trade, but the commitment is over and the price known
        let mut state = desk.world.position(position);
        assert_eq!(state.committed_until, 0, "{what}");
        state.committed_until = before.committed_until;
        assert!(bytemuck::bytes_of(&state) == bytemuck::bytes_of(&before), "{what}: the position");
        let mut market = desk.world.market_state(desk.market);
        assert_eq!(market.accepted.publish_time, desk.world.now(), "{what}");
        (market.accepted, market.accrued_at) = (market_before.accepted, market_before.accrued_at);
        assert!(bytemuck::bytes_of(&market) == bytemuck::bytes_of(&market_before), "{what}: the market");
        assert_eq!(desk.world.balance(&ringfence_client::pda::order_escrow(&order)), terms.margin);
        balanced(&desk.world);

        refused("a second attempt", desk.execute(order), OrderVoid);
        let receipt = passes("anybody", desk.sweep(order));
        let expected = OrderCancelled {
            market: desk.world.market_key(desk.market),
            position,
            order,
            trader: desk.alice.pubkey(),
            canceller: desk.keeper.pubkey(),
            id: 7,
            end: OrderEnd::Failed,
            refund: terms.margin,
        };
        assert_events(&receipt, &[Event::OrderCancelled(expected)]);
        assert_eq!((desk.pays(), desk.lamports_of_alice()), (paid - quote(REWARD), rent), "{what}");
        desk.ended(order);
    }
}

/// Just enough of everything is filled.
#[test]
fn an_atom_more_fits() {
    for change in [(|terms: &mut OrderTerms| terms.acceptable_price = price("100.5")) as Change, |terms| {
        terms.margin = quote("55.5025")
    }] {
        let mut desk = Desk::new();
        let position = desk.created(Long);
        let mut terms = desk.any(Delayed, Long);
        change(&mut terms);
        let order = desk.place(position, 7, terms);
        desk.world.warp(3);
        desk.world.refresh(desk.market);
        passes("it fits", desk.execute(order));
        assert_eq!(desk.world.position(position).size, size("10"));
        desk.ended(order);
    }
}

/// Alice's 10 long, and an order for 300 more, which fills at 116: it loses
/// 4,800 by its own impact, far more than its margin. Tried where `try_it` says so.
fn too_large(try_it: bool) -> (Desk, Pubkey, Pubkey) {
    let mut desk = Desk::new();
    let position = desk.open(Long);
    let order = desk.place(position, 0, OrderTerms { size: size("300"), ..desk.any(Delayed, Long) });
    desk.world.warp(3);
    desk.world.refresh(desk.market);
    if try_it {
        let receipt = passes("try", desk.execute(order));
        failed("too large", &receipt, BelowInitialMargin);
    }
    (desk, position, order)
}

/// Margin that its owner adds once it has turned out well comes too late.
#[test]
fn it_is_not_made_to_fit_after_it_has_been_tried() {
    let (mut desk, position, order) = too_large(true);
    let (market, alice) = (desk.market, &desk.alice);
    passes("add margin", desk.world.add_margin(market, alice, position, quote("7000")));
    refused("again", desk.execute(order), OrderVoid);
    // without the attempt it would fit
    let (mut desk, position, order) = too_large(false);
    let (market, alice) = (desk.market, &desk.alice);
    passes("add margin", desk.world.add_margin(market, alice, position, quote("7000")));
    passes("the first", desk.execute(order));
    assert_eq!(desk.world.position(position).size, size("310"));
}

#[test]
fn it_is_not_tried_twice_in_one_transaction() {
    let (mut desk, _, order) = too_large(false);
    let execute = desk.execute_ix(order);
    let keeper = desk.keeper.key.insecure_clone();
    let twice = [execute.clone(), execute];
    refused("twice", desk.world.send(&twice, &[&keeper]), OrderVoid);
    assert_eq!(desk.earned(), 0);
}

/// The position is free at once, its other orders stand, the partner too.
#[test]
fn what_failed_holds_nothing_up_and_ends_nothing_else() {
    let mut desk = Desk::new();
    let position = desk.open(Long);
    let partner = desk.place(position, 1, desk.any(StopLoss, Long));
    let terms = OrderTerms { size: size("300"), cancels: Some(1), ..desk.any(Delayed, Long) };
    let order = desk.place(position, 0, terms);
    desk.world.warp(3);
    desk.world.refresh(desk.market);
    failed("too large", &passes("try", desk.execute(order)), BelowInitialMargin);
    let (market, alice) = (desk.market, &desk.alice);
    let removed = desk.world.remove_margin(market, alice, position, 1);
    passes("remove margin", removed);
    let another = desk.any(Delayed, Long);
    passes("another one", desk.what_if(|desk| desk.try_place(position, 9, another)));
    passes("its partner", desk.what_if(|desk| desk.execute(partner)));
    let alice = &desk.alice;
    passes("close", desk.world.close(market, alice, position));
    // it failed, whatever becomes of the position
    let receipt = passes("anybody", desk.sweep(order));
    let Some(Event::OrderCancelled(event)) = receipt.events.last() else { panic!("{receipt:?}") };
    assert_eq!((event.end, event.refund), (OrderEnd::Failed, quote("100")));
    desk.ended(order);
}

/// The wrong price or the wrong referral is the caller's: no attempt is made.
#[test]
fn nobody_makes_an_attempt_fail_by_what_he_passes_in() {
    let (mut desk, position, order) = too_large(false);
    let bob = desk.world.trader(0);
    let referral = passes("refer", desk.world.create_referral(desk.market, &bob));
    let mut execute = desk.execute_ix(order);
    execute.accounts[8] = AccountMeta::new(referral, false);
    let keeper = desk.keeper.key.insecure_clone();
    refused("referral", desk.world.send(&[execute], &[&keeper]), WrongReferral);
    let due = desk.world.order(order).not_before;
    desk.world.warp(5);
    let later = desk.update("100", due + 1, due);
    refused("not the first", desk.execute_at(order, later), NotFirstPrice);
    let earlier = desk.update("100", due - 1, due - 2);
    refused("before", desk.execute_at(order, earlier), PriceBeforeOrder);
    assert_eq!((desk.world.order(order).failed, desk.earned()), (0, 0));
    assert_eq!(desk.world.position(position).committed_until, due + 60);
    // and without its reward it is not ended either
    assert_eq!(desk.world.order(order).reward, quote(REWARD));
}

/// Others' trades may have used up the room: the order ends as if its trader
/// had come too late, and a limit order waits.
#[test]
fn a_market_without_room_ends_a_delayed_order_and_not_a_limit_order() {
    let mut desk = Desk::with(|params| params.max_open_interest_long = quote("1500"));
    let position = desk.created(Long);
    let bob = desk.world.trader(1_000);
    let delayed = desk.place(position, 0, desk.any(Delayed, Long));
    let other = passes("create", desk.world.create_position(desk.market, &desk.alice, 1, Long));
    let limit = desk.place(other, 1, desk.any(Limit, Long));
    let opened = desk.world.open(desk.market, &bob, 0, Long, size("10"), quote("100"));
    let bobs = passes("the room", opened);
    desk.world.warp(3);
    desk.world.refresh(desk.market);
    failed("no room", &passes("try", desk.execute(delayed)), OpenInterestLimit);
    refused("no room", desk.execute(limit), OpenInterestLimit);
    passes("room again", desk.world.close(desk.market, &bob, bobs));
    refused("ended", desk.execute(delayed), OrderVoid);
    passes("waits", desk.execute(limit));
    balanced(&desk.world);
}

/// 10 long from the first price of 100: margin 99.4975, entry 1,005. At the
/// accepted price P equity is 10 P − 905.5025, and 3.5 % of 10 P have to stay
/// as maintenance: P is 93.8345… or more, at the edge of its spread that
/// favours it, as a liquidator would have it.
#[test]
fn a_newer_price_must_not_liquidate_it() {
    let cases = [
        ("93.84", "0", true),
        ("93.83", "0", false),
        ("93.4", "0.44", true),
        ("93.4", "0.43", false),
        ("50", "0", false),
        ("130", "0", true),
    ];
    for (accepted, confidence, stands) in cases {
        let mut desk = Desk::new();
        let position = desk.created(Long);
        let order = desk.place(position, 0, desk.any(Delayed, Long));
        let due = desk.world.order(order).not_before;
        desk.world.warp(10);
        let (index, confidence, publish_time) = (price(accepted), price(confidence), desk.world.now());
        let feed = ringfence_testkit::Feed { price: index, confidence, ema: index, publish_time };
        desk.world.set_feed(desk.market, feed);
        passes("accept", desk.world.accrue(desk.market));
        let first = desk.update("100", due, due - 1);
        let receipt = passes(accepted, desk.execute_at(order, first));
        assert_eq!(desk.world.market_state(desk.market).accepted.publish_time, publish_time);
        if stands {
            let liquidated = desk.world.liquidate(desk.market, &desk.keeper, position);
            refused("healthy", liquidated, NotLiquidatable);
            assert_eq!(desk.world.position(position).size, size("10"));
        } else {
            failed(accepted, &receipt, WouldBeLiquidatable);
            assert_eq!(desk.world.position(position).size, 0);
        }
        balanced(&desk.world);
    }
}
