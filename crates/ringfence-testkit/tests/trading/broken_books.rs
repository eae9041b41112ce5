//! States that the program never makes. Where its own numbers contradict each
//! other, it refuses to go on rather than make more of it.

use ringfence_client::RingfenceError;
use ringfence_client::state::{Market, Side};
use ringfence_testkit::{Failure, assert_error, price, quote, size};

use crate::support::*;

type Corruption = (&'static str, fn(&mut Market), RingfenceError);

/// What is wrong, and the error of whatever has to do with it.
const CORRUPTIONS: [Corruption; 6] = [
    ("less open interest than a position", |market| market.long.open_interest -= 1, INVARIANT),
    ("less entry notional than a position", |market| market.long.entry_notional -= 1, INVARIANT),
    ("less reserved than a position has", |market| market.reserved -= 1, INVARIANT),
    ("no positions", |market| market.long.positions = 0, INVARIANT),
    ("more reserved than there is", |market| market.reserved = market.liquidity * 2, INVARIANT),
    ("a scale that is no power of ten", |market| market.notional_divisor = 7, PARAMETER),
];

const INVARIANT: RingfenceError = RingfenceError::InvariantViolated;
const PARAMETER: RingfenceError = RingfenceError::InvalidMathParameter;

#[test]
fn books_that_do_not_balance_stop_whatever_touches_them() {
    for (what, corrupt, error) in CORRUPTIONS {
        let (mut world, market) = easy();
        let alice = world.trader(1_000);
        let position = world.open(market, &alice, 0, Side::Long, size("10"), quote("60")).unwrap();
        world.set_price(market, price("97"));
        let key = world.market_key(market);
        world.edit::<Market>(&key, corrupt);
        println!("{what}");
        let results: [Result<_, Failure>; 3] = [
            world.decrease(market, &alice, position, size("10")),
            world.close(market, &alice, position),
            world.liquidate(market, &alice, position),
        ];
        for result in results {
            assert_error(result, error);
        }
        assert_position(&world, position, "10", "1005", "59.4975", "1005");
    }
}

#[test]
fn reserves_beyond_the_liquidity_add_no_risk() {
    let (mut world, market) = easy();
    let alice = world.trader(1_000);
    let position = world.open(market, &alice, 0, Side::Long, size("10"), quote("200")).unwrap();
    let key = world.market_key(market);
    world.edit::<Market>(&key, |market| market.reserved = market.liquidity);
    let result = world.open(market, &alice, 1, Side::Short, size("1"), quote("20"));
    assert_error(result, RingfenceError::InsufficientLiquidity);
    let result = world.increase(market, &alice, position, size("1"), quote("20"));
    assert_error(result, RingfenceError::InsufficientLiquidity);
}

#[test]
fn a_scale_that_is_no_power_of_ten_stops_every_computation() {
    let (mut world, market) = easy();
    let alice = world.trader(1_000);
    let position = world.open(market, &alice, 0, Side::Long, size("10"), quote("200")).unwrap();
    let key = world.market_key(market);
    world.edit::<Market>(&key, |market| market.notional_divisor = 0);
    let result = world.open(market, &alice, 1, Side::Short, size("1"), quote("20"));
    assert_error(result, PARAMETER);
    assert_error(world.increase(market, &alice, position, size("1"), 0), PARAMETER);
    assert_error(world.remove_margin(market, &alice, position, 1), PARAMETER);
    // which adding margin does not do
    world.add_margin(market, &alice, position, 1).unwrap();
}
