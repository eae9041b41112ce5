//! In a settling market every price is the settlement price: without impact,
//! spread or fee, and whatever the price account says.

use anchor_lang::prelude::Pubkey;
use ringfence_client::event::PositionDecreased;
use ringfence_client::events::Event;
use ringfence_client::state::MarketParams;
use ringfence_client::state::Side::{Long, Short};
use ringfence_client::{ClosePositionArgs, DecreasePositionArgs, RingfenceError, instructions};
use ringfence_testkit::{Feed, MarketId, Receipt, Trader, World, price, quote, size};
use solana_signer::Signer;

use crate::support::*;

struct Stage {
    world: World,
    market: MarketId,
    alice: Trader,
    bob: Trader,
    long: Pubkey,
    short: Pubkey,
}

impl Stage {
    /// Alice's 10 long from 100.5 (entry 1,005, margin 300), and Bob's 4 short
    /// from 100.8 (403.2, 100), with closing fees of 0.5 %.
    fn new() -> Self {
        Self::with("300", |_| ())
    }

    fn with(margin: &str, change: impl FnOnce(&mut MarketParams)) -> Self {
        let (mut world, market) = still_with(|params| {
            params.close_fee_ppm = 5_000;
            change(params);
        });
        let (alice, bob) = (world.trader(1_000), world.trader(1_000));
        let long = world.open(market, &alice, 0, Long, size("10"), quote(margin)).unwrap();
        let short = world.open(market, &bob, 0, Short, size("4"), quote("100")).unwrap();
        Self { world, market, alice, bob, long, short }
    }

    fn settled(at: &str) -> Self {
        let mut stage = Self::new();
        settle_at(&mut stage.world, stage.market, at);
        stage
    }
}

type Spoil = fn(&mut World, MarketId);

/// Every way in which a price account can be of no use, or say otherwise.
const ORACLES: [(&str, Spoil); 6] = [
    ("as it was", |_, _| ()),
    ("another price", |world, market| world.set_price(market, price("170"))),
    ("a wide one", |world, market| {
        let feed = Feed { confidence: price("50"), ..world.markets[market.0].feed };
        world.set_feed(market, feed);
    }),
    ("a year old", |world, _| world.warp(365 * DAY)),
    ("no price account", break_oracle),
    ("no account at all", |world, market| {
        let key = world.markets[market.0].accounts.oracle;
        world.svm.set_account(key, solana_account::Account::default()).unwrap();
    }),
];

#[test]
fn the_price_account_is_not_looked_at() {
    for (what, spoil) in ORACLES {
        let mut stage = Stage::settled("90");
        spoil(&mut stage.world, stage.market);
        let Stage { mut world, market, alice, bob, long, short } = stage;
        // 300 + 900 − 1,005
        let args = ClosePositionArgs { acceptable_price: price("90") };
        let close = world.close_ix(market, &alice, long, args);
        passes(what, world.send(&[close], &[&alice.key]));
        assert_eq!(world.wealth(market, &alice), quote("895"), "{what}");
        // 100 + 403.2 − 360
        passes(what, world.close_settled(market, &bob, short));
        assert_eq!(world.wealth(market, &bob), quote("1043.2"), "{what}");
        assert_pool(&world, market, "100061.8", "0", "0");
    }
}

#[test]
fn any_account_may_stand_where_the_price_account_did() {
    let Stage { mut world, market, alice, long, .. } = Stage::settled("90");
    let mut accounts = world.markets[market.0].accounts;
    accounts.oracle = world.new_key().pubkey();
    let tokens = world.tokens_of(market, &alice);
    let args = ClosePositionArgs { acceptable_price: price("90") };
    let close = instructions::close_position(&accounts, long, alice.pubkey(), tokens, None, args);
    passes("close", world.send(&[close], &[&alice.key]));
    assert_eq!(world.wealth(market, &alice), quote("895"));
    balanced(&world);
}

/// What closing was worth, and its events.
fn close_both(stage: Stage, owners: bool) -> (u64, u64, String) {
    let Stage { mut world, market, alice, bob, long, short } = stage;
    let mut events = String::new();
    for (owner, position) in [(&alice, long), (&bob, short)] {
        let receipt: Receipt = if owners {
            passes("close", world.close(market, owner, position))
        } else {
            passes("close settled", world.close_settled(market, owner, position))
        };
        events += &format!("{:#?}", receipt.events);
        balanced(&world);
    }
    (world.wealth(market, &alice), world.wealth(market, &bob), events)
}

#[test]
fn the_owner_gets_by_his_own_close_what_anyone_gets_him() {
    for at in ["71.0000000001", "90", "100", "123.456789", "240"] {
        let owners = close_both(Stage::settled(at), true);
        let anyones = close_both(Stage::settled(at), false);
        assert_eq!(owners, anyones, "{at}");
    }
}

#[test]
fn a_settled_close_has_no_impact_no_spread_and_no_fee() {
    let mut stage = Stage::new();
    // a spread of 0.4 that a close of the day before would have paid half of
    let feed = Feed { confidence: price("0.4"), ..stage.world.markets[stage.market.0].feed };
    stage.world.set_feed(stage.market, feed);
    settle_at(&mut stage.world, stage.market, "110");
    let Stage { mut world, market, alice, long, .. } = stage;
    let receipt = passes("close", world.close(market, &alice, long));
    let expected = PositionDecreased {
        market: world.market_key(market),
        position: long,
        size: size("10"),
        fill_price: price("110"),
        entry_notional: quote("1005"),
        reserve: quote("1005"),
        funding: 0,
        borrow: 0,
        gain: quote("95"),
        loss: 0,
        fee: 0,
        fee_parts: ringfence_math::FeeSplit::default().into(),
        fee_forgiven: 0,
        bad_debt: 0,
        insurance_cover: 0,
        margin: quote("395"),
        oracle: world.market_state(market).accepted,
    };
    let Event::PositionDecreased(found) = &receipt.events[0] else { panic!("{receipt:?}") };
    assert_eq!(format!("{found:#?}"), format!("{expected:#?}"));
    assert_eq!(world.wealth(market, &alice), quote("1095"));
    assert_pool(&world, market, "99905", "403.2", "0");
}

#[test]
fn a_part_closes_at_the_settlement_price_too() {
    let Stage { mut world, market, alice, long, .. } = Stage::settled("90");
    world.set_price(market, price("150"));
    // half: 450 − 502.5, and no fee
    passes("decrease", world.decrease(market, &alice, long, size("5")));
    assert_position(&world, long, "5", "502.5", "247.5");
    let args = DecreasePositionArgs { size: size("5"), acceptable_price: price("90") + 1 };
    let decrease = world.decrease_ix(market, &alice, long, args);
    refused("a better one", world.send(&[decrease], &[&alice.key]), RingfenceError::SlippageExceeded);
    let args = ClosePositionArgs { acceptable_price: price("90") + 1 };
    let close = world.close_ix(market, &alice, long, args);
    refused("a better one", world.send(&[close], &[&alice.key]), RingfenceError::SlippageExceeded);
    passes("the rest", world.close_settled(market, &alice, long));
    assert_eq!(world.wealth(market, &alice), quote("895"));
    balanced(&world);
}

#[test]
fn a_gain_is_capped_at_its_reserve() {
    let mut stage = Stage::with("300", |params| params.reserve_factor_ppm = 500_000);
    // 1,600 − 1,005 = 595, over the reserve of 502.5
    settle_at(&mut stage.world, stage.market, "160");
    let Stage { mut world, market, alice, long, .. } = stage;
    passes("close", world.close_settled(market, &alice, long));
    assert_eq!(world.wealth(market, &alice), quote("1502.5"));
    // Bob's reserve is left: half of 403.2
    assert_pool(&world, market, "99497.5", "201.6", "0");
}

#[test]
fn bad_debt_falls_on_insurance_and_then_on_the_pool() {
    // Bob's 4 short lose 520 − 403.2 = 116.8 at 130, 16.8 more than his margin
    for (funded, cover, liquidity, left) in
        [("0", "0", "100100", "0"), ("10", "10", "100110", "0"), ("50", "16.8", "100116.8", "33.2")]
    {
        let mut stage = Stage::new();
        let payer = stage.world.trader(50);
        if funded != "0" {
            passes("fund", stage.world.fund_insurance(stage.market, &payer, quote(funded)));
        }
        settle_at(&mut stage.world, stage.market, "130");
        let Stage { mut world, market, bob, short, .. } = stage;
        let receipt = passes("close", world.close_settled(market, &bob, short));
        let Event::PositionDecreased(closed) = &receipt.events[0] else { panic!("{receipt:?}") };
        assert_eq!((closed.loss, closed.bad_debt), (quote("100"), quote("16.8")));
        assert_eq!(closed.insurance_cover, quote(cover));
        assert_eq!(world.wealth(market, &bob), quote("900"));
        assert_eq!(world.market_state(market).bad_debt, quote("16.8"));
        assert_pool(&world, market, liquidity, "1005", left);
    }
}

#[test]
fn nobody_is_liquidated_any_more() {
    // Equity 30 under 33.6 at 96: a day earlier a keeper would have had 2.25.
    let mut stage = Stage::with("75", |_| ());
    let keeper = stage.world.trader(0);
    stage.world.set_price(stage.market, price("96"));
    let liquidate = stage.world.liquidate_ix(stage.market, &keeper, stage.long);
    passes("before", probe(&mut stage.world, &liquidate, &[&keeper.key]));
    settle_at(&mut stage.world, stage.market, "96");
    let Stage { mut world, market, alice, long, .. } = stage;
    for at in ["96", "50", "170"] {
        world.set_price(market, price(at));
        refused(at, world.liquidate(market, &keeper, long), RingfenceError::MarketSettling);
    }
    // 75 + 960 − 1,005
    passes("close", world.close_settled(market, &alice, long));
    assert_eq!(world.wealth(market, &alice), quote("955"));
    balanced(&world);
}

#[test]
fn a_position_at_its_cap_can_be_closed_at_it() {
    let mut stage = Stage::with("300", |params| params.reserve_factor_ppm = 500_000);
    settle_at(&mut stage.world, stage.market, "150.75");
    let Stage { mut world, market, alice, bob, long, short } = stage;
    world.set_price(market, price("1"));
    let result = world.close_at_cap(market, &bob, short);
    refused("one that has lost", result, RingfenceError::GainBelowCap);
    passes("the other", world.close_at_cap(market, &bob, long));
    assert_position(&world, long, "0", "0", "802.5");
    passes("and its end", world.close_settled(market, &alice, long));
    assert_eq!(world.wealth(market, &alice), quote("1502.5"));
    balanced(&world);
}

#[test]
fn margin_is_added_and_comes_back() {
    let Stage { mut world, market, alice, bob, long, .. } = Stage::settled("90");
    passes("add", world.add_margin(market, &bob, long, quote("20")));
    let taken = world.remove_margin(market, &alice, long, 1);
    refused("remove", taken, RingfenceError::MarketSettling);
    passes("close", world.close_settled(market, &alice, long));
    assert_eq!(world.wealth(market, &alice), quote("915"));
    balanced(&world);
}
