//! Positions too small to be worth anybody's while.

use ringfence_client::RingfenceError;
use ringfence_testkit::{Trader, assert_error, price, quote, size};

use crate::support::*;

/// Opens `count` of the smallest positions with the least margin, lets the
/// price fall, and liquidates them himself. Each put up at least 5 % of 10
/// and gets back at most the keeper's minimum beyond what is left of it.
fn play() -> Row {
    let (mut world, market) = arena(|_| ());
    let (attacker, keeper, donor) = (world.trader(1_000), world.trader(0), world.trader(10_000));
    world.fund_insurance(market, &donor, quote("10000")).expect("insurance");
    let wallets: [&Trader; 2] = [&attacker, &keeper];
    wealth(&mut world, market, &wallets);
    let (least, below) = (size("0.1"), size("0.0999"));
    assert_error(world.open(market, &attacker, 0, Long, below, quote("5")), RingfenceError::PositionTooSmall);
    let rest = world.what_if(|world| {
        let position = world.open(market, &attacker, 0, Long, size("1"), quote("50"))?;
        world.decrease(market, &attacker, position, size("1") - below)
    });
    assert_error(rest, RingfenceError::PositionTooSmall);

    let mut search = Search::default();
    for count in [1, 20, 100] {
        for fall in [-16_000, -30_000, -50_000, -100_000, -500_000] {
            search.tried(gain(&mut world, market, &wallets, |world| {
                // 0.51: 5 % of 10 and the fee of half a cent
                for id in 0..count {
                    world.open(market, &attacker, id, Long, least, quote("0.51"))?;
                }
                world.set_price(market, moved(price("100"), fall));
                for id in 0..count {
                    let position = world.position_key(market, &attacker, id);
                    let before = world.wealth(market, &keeper);
                    world.liquidate(market, &keeper, position)?;
                    let reward = world.wealth(market, &keeper) - before;
                    assert!(reward >= quote("0.1"), "a keeper was paid {reward}");
                    world.close(market, &attacker, position)?;
                }
                Ok(())
            }));
        }
    }
    Row {
        attack: "Dust positions",
        played: "1 to 100 positions of the least size and margin, five falls, liquidated by himself with an \
                 insurance of 10,000 to pay his minimum; smaller ones, and decreases to less, are refused",
        best: search.best(12),
        bound: 0,
        because: "each puts up more than a keeper's minimum",
        stops: "`min_position_notional` × initial margin ≥ `min_keeper_reward` is enforced; every keeper was paid",
        test: "dust::the_smallest_positions_pay_their_keepers_and_nobody_else",
    }
}

scenario!(the_smallest_positions_pay_their_keepers_and_nobody_else, play, row);
