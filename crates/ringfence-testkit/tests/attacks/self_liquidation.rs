//! An owner is his own keeper and moves the skew with a third wallet.

use ringfence_testkit::random::Random;
use ringfence_testkit::{Feed, MarketId, Trader, World, price, quote, size};

use crate::support::*;

/// How one try is played.
struct Try {
    side: Side,
    units: u64,
    margin: u64,
    /// The third wallet's position.
    helper: (Side, u64),
    fall: i64,
    confidence: u64,
    helper_first: bool,
}

fn end(
    world: &mut World,
    market: MarketId,
    [owner, keeper, helper]: [&Trader; 3],
    by_liquidation: bool,
    helper_first: bool,
) -> Option<i128> {
    let (position, other) = (world.position_key(market, owner, 0), world.position_key(market, helper, 0));
    gain(world, market, &[owner, keeper, helper], |world| {
        let closes_helper = |world: &mut World| match world.read_position(&other) {
            Some(_) => world.close(market, helper, other).map(drop),
            None => Ok(()),
        };
        if helper_first {
            closes_helper(world)?;
        }
        if by_liquidation {
            world.liquidate(market, keeper, position)?;
        }
        world.close(market, owner, position)?;
        closes_helper(world)
    })
}

fn play() -> Row {
    let (mut world, market) = arena(|_| ());
    let [owner, keeper, helper] = [20_000, 0, 1_000_000].map(|funds| world.trader(funds));
    let wallets = [&owner, &keeper, &helper];
    wealth(&mut world, market, &wallets);
    let mut random = Random::new(5);
    let mut search = Search::default();
    for _ in 0..300 {
        let units = random.between(size("1"), size("1000"));
        let ways = Try {
            side: SIDES[random.below(2) as usize],
            units,
            // 5.1 to 15 % of a notional of about 100
            margin: units / 100_000 * random.between(510, 1_500),
            helper: (SIDES[random.below(2) as usize], random.below(size("3000"))),
            fall: random.between(10_000, 200_000) as i64,
            confidence: random.below(price("0.9")),
            helper_first: random.below(2) == 0,
        };
        let tried = world.what_if(|world| {
            world.open(market, &owner, 0, ways.side, ways.units, ways.margin).ok()?;
            let (side, units) = ways.helper;
            world.open(market, &helper, 0, side, units, quote("400000")).ok();
            let against = if ways.side == Long { -ways.fall } else { ways.fall };
            let (at, publish_time) = (moved(price("100"), against), world.now());
            world.set_feed(market, Feed { price: at, ema: at, confidence: ways.confidence, publish_time });
            let closed = end(world, market, wallets, false, ways.helper_first)?;
            let liquidated = end(world, market, wallets, true, ways.helper_first)?;
            Some(liquidated - closed)
        });
        search.tried(tried);
    }
    Row {
        attack: "Self-liquidation",
        played: "an owner with a keeper's wallet and a third one that moves the skew, against closing on the same \
                 path: 300 random sides, sizes, leverages, falls, intervals, orders",
        best: search.best(60),
        bound: i128::from(quote("0.1")),
        because: "`min_keeper_reward`, of a position that has nothing left; nothing of any other",
        stops: "liquidations settle like a close, and cost more than one (decision 8)",
        test: "self_liquidation::being_ones_own_keeper_pays_the_minimum_and_no_more",
    }
}

scenario!(being_ones_own_keeper_pays_the_minimum_and_no_more, play, row);
