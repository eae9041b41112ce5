//! An attacker knows the next price. Alice is 1,000 long from 100.5 (skew 0 to
//! 1,000 of 100,000), so the pool is about to win what the index falls. He
//! deposits at the old price and wants to leave at the new one.

use ringfence_testkit::{MarketId, Trader, World, price, quote, size};

use crate::support::*;

const HOUR: i64 = 3_600;
const STAKES: [&str; 3] = ["10000", "100000", "2000000"];
const FALLS: [i64; 4] = [-1_000, -10_000, -50_000, -200_000];

fn scene() -> (World, MarketId, Trader) {
    let (mut world, market) = arena(free);
    let (alice, attacker) = (world.trader(50_000), world.trader(3_000_000));
    world.open(market, &alice, 0, Long, size("1000"), quote("50000")).expect("open");
    world.shares_of(market, &attacker);
    world.wealth(market, &attacker);
    (world, market, attacker)
}

/// Deposits at 100 and withdraws everything after `seconds`, at a price that
/// is moved by `fall` and then by `back`.
fn sandwich(
    (world, market, attacker): &mut (World, MarketId, Trader),
    stake: u64,
    seconds: i64,
    (fall, back): (i64, bool),
) -> Option<i128> {
    let (market, attacker) = (*market, &*attacker);
    gain(world, market, &[attacker], |world| {
        world.deposit(market, attacker, 0, stake)?;
        world.set_price(market, moved(price("100"), fall));
        world.accrue(market)?;
        world.advance(seconds);
        if back {
            world.set_price(market, price("100"));
        }
        world.claim_shares(market, attacker, 0)?;
        let shares = shares_held(world, market, attacker);
        world.remove_liquidity(market, attacker, shares)?;
        Ok(())
    })
}

/// Nothing leaves before the cool-down; afterwards, at the old price again, the
/// pool is worth what it was and two roundings went against him.
fn at_the_old_price() -> Row {
    let mut scene = scene();
    let mut search = Search::default();
    for stake in STAKES.map(quote) {
        for fall in FALLS {
            for early in [0, 1, 61, HOUR / 2, HOUR - 1] {
                assert_eq!(sandwich(&mut scene, stake, early, (fall, false)), None, "{early} s");
            }
            search.tried(sandwich(&mut scene, stake, HOUR, (fall, true)));
        }
    }
    Row {
        attack: "Deposit–update–withdraw, within the cool-down",
        played: "deposit before a fall of 0.1 to 20 % that the pool wins, withdraw at 5 moments of the hour; or at \
                 its end, the price back; 3 stakes",
        best: search.best(12),
        bound: 0,
        because: "nothing leaves within the hour, and at the old price a share is worth what it was",
        stops: "shares come out after `liquidity_cooldown_seconds`, longer than a price is good",
        test: "lp_sandwich::no_stake_gains_by_a_price_that_passes",
    }
}

/// The price stays 20 % down: the pool of 1,000,000 and Alice's impact of 500
/// wins 20,000, of which the stake has its share and no more:
/// 20,000 × 2,000,000 ÷ 3,000,500.
fn at_the_new_price() -> Row {
    let mut scene = scene();
    let (won, pool) = (notional(size("1000"), price("20")), i128::from(quote("1000500")));
    let mut search = Search::default();
    for stake in STAKES.map(quote) {
        let result = sandwich(&mut scene, stake, HOUR, (-200_000, false)).expect("after the hour");
        let share = won * i128::from(stake) / (pool + i128::from(stake));
        assert!(result <= share, "stake {stake}: {result} > {share}");
        search.tried(Some(result));
    }
    let stake = i128::from(quote("2000000"));
    Row {
        attack: "Deposit–update–withdraw, waiting it out",
        played: "the same, and the price stays 20 % down for the whole hour; the largest stake, 2,000,000",
        best: search.best(3),
        bound: won * stake / (pool + stake),
        because: "the stake's share of what the move paid the pool, which any provider gets, at an hour's risk",
        stops: "it is a provider's ordinary gain; the cool-down puts the stake at risk",
        test: "lp_sandwich::a_price_that_stays_pays_a_stake_its_share_of_the_move",
    }
}

scenario!(no_stake_gains_by_a_price_that_passes, at_the_old_price, returning);
scenario!(a_price_that_stays_pays_a_stake_its_share_of_the_move, at_the_new_price, staying);
