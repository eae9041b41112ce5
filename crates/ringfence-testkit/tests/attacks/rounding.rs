//! 100,000 tiny trades, each sent through the bytecode, none with a fee: only
//! roundings move money. At 100.0000000001 a size unit is 10^-4 atoms and a bit.

use ringfence_testkit::random::Random;
use ringfence_testkit::{MarketId, Trader, World, price, quote, size};

use crate::support::*;

const ROUND_TRIPS: u64 = 20_000;
const WITHDRAWALS: u64 = 10_000;

/// Increases by a few size units, an atom or two of notional, and decreases by
/// as many, in one part or as one unit and the rest.
fn trade(world: &mut World, market: MarketId, owner: &Trader, side: Side, random: &mut Random) {
    // five times its notional: with less, the atom that a decrease loses by rounding
    // is refused as a worse margin ratio
    let position = world.open(market, owner, 0, side, size("10"), quote("5000")).expect("open");
    let mut refused = 0;
    for _ in 0..ROUND_TRIPS {
        let units = match random.below(4) {
            0 => 1,
            1 => random.between(9_999, 10_001),
            _ => random.between(1, 30_000),
        };
        world.increase(market, owner, position, units, 0).expect("increase");
        refused += u64::from(world.decrease(market, owner, position, units).is_err());
    }
    assert!(refused < ROUND_TRIPS / 2, "{refused} were refused");
    world.close(market, owner, position).expect("close");
    balanced(world);
}

fn play() -> Row {
    let (mut world, market) = arena(free);
    world.set_price(market, price("100.0000000001"));
    let attacker = world.trader(100_000);
    wealth(&mut world, market, &[&attacker]);
    let mut random = Random::new(100_000);
    let mut search = Search::default();
    let mut sent = 0;
    for side in SIDES {
        let before = wealth(&mut world, market, &[&attacker]);
        trade(&mut world, market, &attacker, side, &mut random);
        search.tried(Some(wealth(&mut world, market, &[&attacker]) - before));
        sent += 2 * ROUND_TRIPS;
    }

    // a share is worth 1 atom and a bit by now, so that each withdrawal rounds
    let before = wealth(&mut world, market, &[&attacker]);
    world.add_liquidity(market, &attacker, quote("1000")).expect("deposit");
    for _ in 0..WITHDRAWALS {
        world.remove_liquidity(market, &attacker, random.between(2, 5)).expect("withdraw");
    }
    let rest = shares_held(&mut world, market, &attacker);
    world.remove_liquidity(market, &attacker, rest).expect("withdraw");
    search.tried(Some(wealth(&mut world, market, &[&attacker]) - before));
    sent += WITHDRAWALS;

    let before = wealth(&mut world, market, &[&attacker]);
    let position = world.open(market, &attacker, 0, Long, size("10"), quote("900")).expect("open");
    for amount in (1..=7).cycle().take(WITHDRAWALS as usize / 2) {
        world.add_margin(market, &attacker, position, amount).expect("add margin");
        world.remove_margin(market, &attacker, position, amount).expect("remove margin");
    }
    world.close(market, &attacker, position).expect("close");
    search.tried(Some(wealth(&mut world, market, &[&attacker]) - before));
    sent += WITHDRAWALS;

    balanced(&world);
    assert_eq!(sent, 100_000);
    Row {
        attack: "Draining by rounding",
        played: "100,000 transactions of an atom or so, without any fee: 20,000 increases and decreases of a long, as \
                 many of a short, 10,000 withdrawals of 2 to 5 shares, 10,000 of margin in and out; the best of the four",
        best: search.best(4),
        bound: 0,
        because: "no rounding is for him",
        stops: "debts and requirements round up, payouts down, in every single step",
        test: "rounding::a_hundred_thousand_tiny_trades_drain_nothing",
    }
}

scenario!(a_hundred_thousand_tiny_trades_drain_nothing, play, row);
