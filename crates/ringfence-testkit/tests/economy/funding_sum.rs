//! Funding is zero-sum: over any life of any positions, what one side pays the
//! other receives, but for the imbalance and the roundings, which are the
//! pool's. The invariants 7 and 8 of the design.

use anchor_lang::prelude::Pubkey;
use ringfence_client::events::Event;
use ringfence_client::state::Side;
use ringfence_testkit::{MarketId, Receipt, Trader, World, price, quote, size};

use crate::support::*;

/// Σ of what the program said that positions received.
fn funding_of(receipt: &Receipt) -> i128 {
    let of = |event: &Event| match event {
        Event::PositionDecreased(event) => event.funding,
        Event::PositionLiquidated(event) => event.funding,
        _ => 0,
    };
    receipt.events.iter().map(of).sum()
}

struct Ledger {
    /// Σ skew × growth of the index: what positions owe the pool, × 10^18.
    imbalance: i128,
    /// Σ funding that positions settled; received is positive.
    settled: i128,
    /// Times that something was rounded.
    roundings: i128,
}

/// Counts the skew of before against what the index grew by.
fn step(
    world: &mut World,
    market: MarketId,
    ledger: &mut Ledger,
    act: impl FnOnce(&mut World) -> Option<Receipt>,
) {
    let before = world.market_state(market);
    let receipt = act(world);
    let growth = world.market_state(market).funding_index.get() - before.funding_index.get();
    ledger.imbalance += before.skew().0 * growth;
    if let Some(receipt) = receipt {
        ledger.settled += funding_of(&receipt);
    }
    ledger.roundings += 1;
}

#[test]
fn funding_sums_to_zero_with_the_pool_over_random_lives() {
    let mut rng = Rng::new(20_250_101);
    for _ in 0..6 {
        let (mut world, market) = quick_with(10_000_000, |params| {
            params.max_funding_velocity_ppm = 10_000;
            params.max_funding_rate_ppm = 2_000;
            params.skew_scale = size("3000");
        });
        let traders: Vec<Trader> = (0..6).map(|_| world.trader(1_000_000)).collect();
        let mut open: Vec<(usize, Pubkey)> = Vec::new();
        let mut ledger = Ledger { imbalance: 0, settled: 0, roundings: 0 };
        for id in 0..60u16 {
            world.warp(i64::try_from(rng.range(1, 40_000)).unwrap());
            world.set_price(market, rng.range(price("95"), price("105")));
            let which = usize::try_from(rng.next() % 6).unwrap();
            let amount = rng.range(size("0.5"), size("40"));
            let pick = usize::try_from(rng.next()).unwrap_or(0);
            match rng.next() % 4 {
                1 if !open.is_empty() => {
                    let (owner, key) = open[pick % open.len()];
                    step(&mut world, market, &mut ledger, |world| {
                        Some(passes(
                            "increase",
                            world.increase(market, &traders[owner], key, amount, amount / 100),
                        ))
                    });
                }
                2 if !open.is_empty() => {
                    let (owner, key) = open[pick % open.len()];
                    let part = rng.range(1, world.position(key).size / 2);
                    step(&mut world, market, &mut ledger, |world| {
                        world.decrease(market, &traders[owner], key, part).ok()
                    });
                }
                3 if !open.is_empty() => {
                    let (owner, key) = open.swap_remove(pick % open.len());
                    step(&mut world, market, &mut ledger, |world| {
                        Some(passes("close", world.close(market, &traders[owner], key)))
                    });
                }
                _ => {
                    let side = if rng.next() & 1 == 0 { Side::Long } else { Side::Short };
                    // margin of 50 % at 100 and more: nobody is near a liquidation
                    let margin = amount / 20;
                    step(&mut world, market, &mut ledger, |world| {
                        let key = world.open(market, &traders[which], id, side, amount, margin + quote("10"));
                        open.push((which, passes("open", key)));
                        None
                    });
                }
            }
            balanced(&world);
        }
        for (owner, key) in open {
            world.advance(977);
            step(&mut world, market, &mut ledger, |world| {
                Some(passes("close", world.close(market, &traders[owner], key)))
            });
        }
        // received + imbalance ≤ 0 by less than an atom for each rounding
        let one = 1_000_000_000_000_000_000i128;
        let pool = ledger.imbalance.div_euclid(one);
        let surplus = -ledger.settled - pool;
        assert!((0..=ledger.roundings).contains(&surplus), "{surplus} after {} steps", ledger.roundings);
        assert!(ledger.settled != 0);
        let state = world.market_state(market);
        assert_eq!((state.long.funding_basis.get(), state.short.funding_basis.get()), (0, 0));
        assert_eq!((state.borrow_basis.get(), state.reserved), (0, 0));
        balanced(&world);
    }
}
