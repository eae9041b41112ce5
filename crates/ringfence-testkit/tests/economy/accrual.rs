//! Who advances the indices, when, and who may not; the accounts of `accrue`.

use ringfence_client::state::MarketStatus;
use ringfence_client::state::Side::{Long, Short};
use ringfence_client::{RingfenceError, pda};
use ringfence_testkit::{Failure, Feed, MarketId, Receipt, Trader, World, price, quote, size};
use solana_signer::Signer;

use crate::support::*;

struct Scene {
    world: World,
    market: MarketId,
    alice: Trader,
    keeper: Trader,
    long: anchor_lang::prelude::Pubkey,
}

/// Alice 10 long with a margin of 75; a day on.
fn scene() -> Scene {
    let (mut world, market) = calm();
    let (alice, keeper) = (world.trader(10_000), world.trader(1_000));
    let long = world.open(market, &alice, 0, Long, size("10"), quote("75")).unwrap();
    world.advance(DAY);
    Scene { world, market, alice, keeper, long }
}

type Step = fn(&mut Scene) -> Result<Receipt, Failure>;

#[test]
fn every_change_of_the_book_first_accrues_at_the_old_skew() {
    let steps: [(&str, Step, &str); 8] = [
        (
            "open",
            |s| s.world.open(s.market, &s.keeper, 0, Short, size("7"), quote("90")).map(|_| dummy()),
            "100",
        ),
        ("increase", |s| s.world.increase(s.market, &s.alice, s.long, size("1"), quote("50")), "100"),
        ("decrease", |s| s.world.decrease(s.market, &s.alice, s.long, size("4")), "100"),
        ("close", |s| s.world.close(s.market, &s.alice, s.long), "100"),
        ("liquidate", |s| s.world.liquidate(s.market, &s.keeper, s.long), "96"),
        ("close at the cap", |s| s.world.close_at_cap(s.market, &s.keeper, s.long), "250"),
        ("add liquidity", |s| s.world.add_liquidity(s.market, &s.keeper, quote("100")), "100"),
        ("accrue", |s| s.world.accrue(s.market), "100"),
    ];
    for (what, step, at) in steps {
        let mut scene = scene();
        scene.world.set_price(scene.market, price(at));
        passes(what, step(&mut scene));
        // ½ % × price, at a skew of 10
        let expected = i128::from(price(at)) * 500;
        let (rate, index, _) = indices(&scene.world, scene.market);
        assert_eq!((rate, index), (10_000_000_000_000_000, expected), "{what}");
        assert_eq!(scene.world.market_state(scene.market).accrued_at, scene.world.now(), "{what}");
        balanced(&scene.world);
    }
}

/// `open` returns an address, not a receipt.
fn dummy() -> Receipt {
    Receipt { compute_units: 0, events: Vec::new(), logs: Vec::new() }
}

#[test]
fn removing_liquidity_accrues_first() {
    let (mut world, market) = calm();
    let (alice, provider) = (world.trader(10_000), world.trader(1_000));
    passes("deposit", world.add_liquidity(market, &provider, quote("100")));
    world.open(market, &alice, 0, Long, size("10"), quote("75")).unwrap();
    world.advance(DAY);
    passes("withdraw", world.remove_liquidity(market, &provider, quote("50")));
    assert_eq!(indices(&world, market).1, 500_000_000_000_000);
    balanced(&world);
}

#[test]
fn margin_and_delegates_leave_the_indices_alone() {
    let mut scene = scene();
    let before = scene.world.market_state(scene.market);
    let Scene { world, market, alice, keeper, long } = &mut scene;
    passes("add margin", world.add_margin(*market, keeper, *long, quote("1")));
    passes("remove margin", world.remove_margin(*market, alice, *long, quote("1")));
    passes("set delegate", world.set_delegate(alice, *long, keeper.pubkey()));
    let after = world.market_state(*market);
    assert_eq!(bytemuck::bytes_of(&after), bytemuck::bytes_of(&before));
}

#[test]
fn accruing_works_in_every_status() {
    for status in [MarketStatus::Active, MarketStatus::ReduceOnly, MarketStatus::Paused] {
        let mut scene = scene();
        passes("status", scene.world.set_status(scene.market, status));
        passes("accrue", scene.world.accrue(scene.market));
        assert_eq!(indices(&scene.world, scene.market).1, 500_000_000_000_000);
    }
}

#[test]
fn accruing_takes_the_prices_that_a_decrease_takes() {
    let Scene { mut world, market, .. } = scene();
    let accrue = world.accrue_ix(market);
    let feed = world.markets[market.0].feed;
    let mut attempt = |changed: Feed| {
        world.set_feed(market, changed);
        probe(&mut world, &accrue, &[])
    };
    let now = feed.publish_time;
    passes("120 s old", attempt(Feed { publish_time: now - 120, ..feed }));
    let stale = attempt(Feed { publish_time: now - 121, ..feed });
    refused("121 s old", stale, RingfenceError::OracleStale);
    passes("1 % wide", attempt(Feed { confidence: price("1"), ..feed }));
    let wide = attempt(Feed { confidence: price("1") + 1, ..feed });
    refused("wider", wide, RingfenceError::OracleConfidenceTooWide);
    let diverged = attempt(Feed { ema: price("70"), ..feed });
    refused("far from its average", diverged, RingfenceError::OracleDiverged);
    let future = attempt(Feed { publish_time: now + 3, ..feed });
    refused("of the future", future, RingfenceError::OracleFromTheFuture);

    world.set_feed(market, feed);
    passes("accrue", world.accrue(market));
    world.set_feed(market, Feed { publish_time: now - 1, ..feed });
    refused("rolled back", world.accrue(market), RingfenceError::OracleOlderThanAccepted);
}

#[test]
fn every_account_of_accrue_is_checked() {
    use anchor_lang::error::ErrorCode::*;
    let Scene { mut world, market, .. } = scene();
    let other = world.market("BTC-PERP").build();
    let (key, nothing) = (world.market_key(market), world.new_key().pubkey());
    let forged_market = forged(&mut world, key);
    let cases = [
        replaced("the exchange for a market", 0, pda::exchange(), AccountDiscriminatorMismatch),
        replaced("a forged market", 0, forged_market, AccountOwnedByWrongProgram),
        replaced("no market", 0, nothing, AccountOwnedByWrongProgram),
        read_only("a read-only market", 0),
        replaced("another market", 0, world.market_key(other), RingfenceError::OracleWrongAccount),
        replaced(
            "another oracle",
            1,
            world.markets[other.0].accounts.oracle,
            RingfenceError::OracleWrongAccount,
        ),
        replaced("no oracle", 1, nothing, RingfenceError::OracleWrongAccount),
    ];
    let accrue = world.accrue_ix(market);
    check_substitutions(&mut world, &accrue, &[], cases.into_iter().chain(event_cases(2, nothing)));
}
