//! Margin is put in just before every liquidation, so that keepers come in vain.

use ringfence_client::RingfenceError;
use ringfence_client::events::Event;
use ringfence_testkit::{MarketId, Trader, World, assert_error, price, quote, size};

use crate::support::*;

/// What is missing to be safe, as a liquidation would see it.
fn missing(world: &mut World, market: MarketId, keeper: &Trader, id: anchor_lang::prelude::Pubkey) -> u64 {
    let judged = world.what_if(|world| world.liquidate(market, keeper, id));
    judged.map_or(0, |receipt| {
        let found = receipt.events.iter().find_map(|event| match event {
            Event::PositionLiquidated(it) => Some(i128::from(it.maintenance) - it.equity),
            _ => None,
        });
        u64::try_from(found.expect("liquidated")).expect("below maintenance")
    })
}

/// Falls in `steps` by `fall`, then to `last`; he tops up by what is missing
/// and `more`. Against the same margin put up at once.
fn play() -> Row {
    let (mut world, market) = arena(still);
    let (owner, keeper) = (world.trader(50_000), world.trader(0));
    wealth(&mut world, market, &[&owner, &keeper]);
    let mut search = Search::default();
    for side in SIDES {
        for (step, steps) in [(1_000, 60), (5_000, 20), (20_000, 8)] {
            for more in [0, 1, quote("5")] {
                for last in [0, 100_000] {
                    let towards = if side == Long { -1 } else { 1 };
                    let mut added = 0;
                    let tops_up = gain(&mut world, market, &[&owner], |world| {
                        let position = world.open(market, &owner, 0, side, size("100"), quote("515"))?;
                        for number in 1..=steps {
                            world.set_price(market, moved(price("100"), towards * step * number));
                            let missing = missing(world, market, &keeper, position);
                            if missing > 0 {
                                world.add_margin(market, &owner, position, missing + more)?;
                                added += missing + more;
                                let late = world.liquidate(market, &keeper, position);
                                assert_error(late, RingfenceError::NotLiquidatable);
                            }
                        }
                        world.set_price(market, moved(price("100"), towards * last));
                        world.close(market, &owner, position)?;
                        Ok(())
                    });
                    assert!(added > 0, "there was something to grieve");
                    let honest = gain(&mut world, market, &[&owner], |world| {
                        let position =
                            world.open(market, &owner, 0, side, size("100"), quote("515") + added)?;
                        world.set_price(market, moved(price("100"), towards * last));
                        world.close(market, &owner, position)?;
                        Ok(())
                    });
                    search.tried(tops_up.zip(honest).map(|(tops_up, honest)| tops_up - honest));
                }
            }
        }
    }
    a_gift_of_tokens_is_no_margin(&mut world, market, &owner, &keeper);
    Row {
        attack: "Liquidation griefing by top-ups",
        played: "put in just what is missing before every liquidation of a fall in 8 to 60 steps, against the same \
                 margin put up at once; both sides, 3 slacks, a price that stays or returns",
        best: search.best(30),
        bound: 0,
        because: "an honest position with that margin would not have been liquidated either",
        stops: "a top-up is real margin at risk: the pool is covered by just as much; tokens sent to a vault count \
                for nothing",
        test: "top_ups::margin_in_time_is_margin_and_nothing_else",
    }
}

fn a_gift_of_tokens_is_no_margin(world: &mut World, market: MarketId, owner: &Trader, keeper: &Trader) {
    world.what_if(|world| {
        let position = world.open(market, owner, 0, Long, size("100"), quote("515")).expect("open");
        world.set_price(market, price("96"));
        world.donate(ringfence_client::pda::position_vault(&position), quote("10000"));
        world.liquidate(market, keeper, position).expect("a gift protects nobody");
    });
}

scenario!(margin_in_time_is_margin_and_nothing_else, play, row);
