//! The client's view of a position after time has passed is the engine's, to
//! the last tick and the last atom. Invariant 4 of the design, with charges.

use anchor_lang::prelude::Pubkey;
use ringfence_client::RingfenceError;
use ringfence_client::events::Event;
use ringfence_client::health::{accrued, health, liquidation_price};
use ringfence_client::state::Side::{self, Long, Short};
use ringfence_math::Price;
use ringfence_testkit::{MarketId, Trader, World, price, quote, size};

use crate::support::*;

/// A position of random terms in a market of random charges and company, some
/// time on; nobody has accrued since.
fn random_scene(rng: &mut Rng) -> (World, MarketId, Pubkey, Trader, Side) {
    let velocity = u32::try_from(rng.range(0, 2_000_000)).unwrap();
    let base = u32::try_from(rng.range(0, 500_000)).unwrap();
    let (mut world, market) = quick_with(1_000_000, |params| {
        params.max_funding_velocity_ppm = velocity;
        params.borrow_base_ppm = base;
        params.borrow_slope1_ppm = 1_000_000;
    });
    let (alice, company, keeper) = (world.trader(1_000_000), world.trader(1_000_000), world.trader(0));
    let crowd = rng.range(size("1"), size("80"));
    let lean = if rng.next() & 1 == 0 { Long } else { Short };
    passes("company", world.open(market, &company, 0, lean, crowd, crowd));
    let side = if rng.next() & 1 == 0 { Long } else { Short };
    let open = rng.range(size("0.2"), size("40"));
    // 20 to 60 % of the notional
    let margin = open / 1_000 * rng.range(20, 60);
    let position = passes("open", world.open(market, &alice, 0, side, open, margin));
    world.advance(i64::try_from(rng.range(1, 200_000)).unwrap());
    // halfway through, the owner trades, so that indices are blended or split
    match rng.next() % 3 {
        0 => drop(world.increase(market, &alice, position, open / 3, margin)),
        1 => drop(world.decrease(market, &alice, position, open / 3)),
        _ => (),
    }
    world.advance(i64::try_from(rng.range(1, 200_000)).unwrap());
    (world, market, position, keeper, side)
}

/// Whether the engine liquidates at `mark`, and on what equity.
fn engine(world: &mut World, market: MarketId, keeper: &Trader, position: Pubkey, mark: u64) -> Option<i128> {
    let feed = world.markets[market.0].feed;
    world.set_price(market, mark);
    let liquidate = world.liquidate_ix(market, keeper, position);
    let result = probe(world, &liquidate, &[&keeper.key]);
    world.set_feed(market, feed);
    match result {
        Ok(receipt) => {
            let [Event::PositionLiquidated(event)] = &receipt.events[..] else { panic!("{receipt:?}") };
            Some(event.equity)
        }
        Err(failure) => {
            assert!(failure.is(RingfenceError::NotLiquidatable), "{failure:?}");
            None
        }
    }
}

#[test]
fn the_liquidation_price_after_an_accrual_is_the_engines_first_tick() {
    let mut rng = Rng::new(42);
    let mut judged = 0;
    for _ in 0..60 {
        let (mut world, market, position, keeper, side) = random_scene(&mut rng);
        passes("accrue", world.accrue(market));
        let (state, open) = (world.market_state(market), world.position(position));
        let Some(Price(first)) = liquidation_price(&state, &open).unwrap() else { continue };
        if !(price("1")..price("100000")).contains(&first) {
            continue;
        }
        let safe = if side == Long { first + 1 } else { first - 1 };
        let equity = health(&state, &open, Price(first)).unwrap().equity.0;
        assert_eq!(engine(&mut world, market, &keeper, position, first), Some(equity));
        assert_eq!(engine(&mut world, market, &keeper, position, safe), None);
        judged += 1;
    }
    assert!(judged > 40, "{judged}");
}

#[test]
fn the_accrued_view_is_what_the_engine_sees_without_an_accrual() {
    let mut rng = Rng::new(43);
    let (mut liquidated, mut safe) = (0, 0);
    for _ in 0..60 {
        let (mut world, market, position, keeper, side) = random_scene(&mut rng);
        let (stale, open, now) = (world.market_state(market), world.position(position), world.now());
        assert!(stale.accrued_at < now);
        // What accrues depends on the price that it accrues at, so each price has
        // a view of its own: the first that liquidates, by halves.
        let view = |mark: u64| {
            let health = health(&accrued(&stale, now, Price(mark)).unwrap(), &open, Price(mark)).unwrap();
            health.is_liquidatable().then_some(health.equity.0)
        };
        let (mut sound, mut broken) = match side {
            Long => (price("1000"), price("1")),
            Short => (price("1"), price("1000")),
        };
        if view(sound).is_some() || view(broken).is_none() {
            continue;
        }
        while sound.abs_diff(broken) > 1 {
            let middle = sound.midpoint(broken);
            *(if view(middle).is_some() { &mut broken } else { &mut sound }) = middle;
        }
        for mark in [sound, broken, price("100"), rng.range(price("60"), price("150"))] {
            let seen = engine(&mut world, market, &keeper, position, mark);
            assert_eq!(seen, view(mark), "at {mark}");
            *(if seen.is_some() { &mut liquidated } else { &mut safe }) += 1;
        }
    }
    assert!(liquidated > 40 && safe > 40, "{liquidated} liquidated, {safe} safe");
}

#[test]
fn a_view_without_the_time_that_has_passed_is_another() {
    let (mut world, market) = calm();
    let alice = world.trader(1_000);
    let position = world.open(market, &alice, 0, Long, size("10"), quote("200")).unwrap();
    world.advance(DAY);
    let (stale, open) = (world.market_state(market), world.position(position));
    let at = |state| health(&state, &open, Price(price("100"))).unwrap().equity.0;
    assert_eq!(at(stale), 195_000_000);
    // half of 1 % on 1,000
    assert_eq!(at(accrued(&stale, world.now(), Price(price("100"))).unwrap()), 190_000_000);
    // a view of the past is that of now
    assert_eq!(at(accrued(&stale, world.now() - DAY, Price(price("100"))).unwrap()), 195_000_000);
}
