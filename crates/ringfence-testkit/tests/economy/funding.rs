//! The funding rate and its index, by hand: velocity, ramp, clamp, price.
//!
//! The index is in atoms × 10^18 per size unit: with 6 and 9 decimals, 1 quote
//! per base is 10^6 ÷ 10^9 × 10^18 = 10^15. The rate is in 10^-18 per day.

use ringfence_client::event::FundingAccrued;
use ringfence_client::events::Event;
use ringfence_client::state::Side::{Long, Short};
use ringfence_testkit::{MarketId, World, price, quote, size};

use crate::support::*;

#[track_caller]
fn accrued_to(world: &mut World, market: MarketId, rate: i64, index: i128) {
    passes("accrue", world.accrue(market));
    let (found_rate, found_index, _) = indices(world, market);
    assert_eq!((found_rate, found_index), (rate, index));
    assert_eq!(world.market_state(market).accrued_at, world.now());
    balanced(world);
}

fn with_long_of_ten() -> (World, MarketId) {
    let (mut world, market) = calm();
    let alice = world.trader(10_000);
    world.open(market, &alice, 0, Long, size("10"), quote("2000")).unwrap();
    (world, market)
}

#[test]
fn the_rate_climbs_with_the_skew_and_the_index_with_the_rate() {
    let (mut world, market) = with_long_of_ten();
    // skew 10 of 1,000 → 1 % a day, per day
    world.advance(DAY);
    // rate 1 %; mean rate ½ % × 1 day × 100 = 0.5 quote per base
    accrued_to(&mut world, market, 10_000_000_000_000_000, 500_000_000_000_000);
    world.advance(DAY);
    // rate 2 %; 0.5 + 1.5 % × 100 = 2
    accrued_to(&mut world, market, 20_000_000_000_000_000, 2_000_000_000_000_000);
    world.advance(DAY / 2);
    // rate 2.5 %; 2 + 2.25 % × ½ day × 100 = 3.125
    accrued_to(&mut world, market, 25_000_000_000_000_000, 3_125_000_000_000_000);
}

#[test]
fn a_skew_of_shorts_drives_rate_and_index_below_zero() {
    let (mut world, market) = calm();
    let bob = world.trader(10_000);
    world.open(market, &bob, 0, Short, size("10"), quote("2000")).unwrap();
    world.advance(2 * DAY);
    accrued_to(&mut world, market, -20_000_000_000_000_000, -2_000_000_000_000_000);
}

#[test]
fn a_skew_beyond_the_scale_counts_as_the_scale() {
    let (mut world, market) = calm_with(|params| params.skew_scale = size("5"));
    let alice = world.trader(10_000);
    // fill 100 × (1 + 5 ÷ 5) = 200: entry 2,000, margin 1,100 for a loss of 1,000
    world.open(market, &alice, 0, Long, size("10"), quote("1100")).unwrap();
    // full velocity: 100 % a day per day. After an hour: 1/24, down
    // index ½ × 1/24 × 1/24 × 100 = 0.0868055… quote per base
    world.advance(3_600);
    accrued_to(&mut world, market, 41_666_666_666_666_666, 86_805_555_555_555);
}

#[test]
fn the_rate_stops_at_its_limit_and_the_index_goes_on() {
    let (mut world, market) = with_long_of_ten();
    let before = world.svm.clone();
    // 10 % after 10 days: ½ × 10 days × 10 % × 100 = 50; 5 days more: 50
    world.advance(15 * DAY);
    accrued_to(&mut world, market, 100_000_000_000_000_000, 100_000_000_000_000_000);

    // the last moment of the ramp, and a day on it
    world.svm = before;
    world.advance(10 * DAY);
    accrued_to(&mut world, market, 100_000_000_000_000_000, 50_000_000_000_000_000);
    world.advance(DAY);
    accrued_to(&mut world, market, 100_000_000_000_000_000, 60_000_000_000_000_000);
}

#[test]
fn the_rate_of_shorts_stops_at_its_limit_too() {
    let (mut world, market) = calm();
    let bob = world.trader(10_000);
    world.open(market, &bob, 0, Short, size("10"), quote("2000")).unwrap();
    world.advance(15 * DAY);
    accrued_to(&mut world, market, -100_000_000_000_000_000, -100_000_000_000_000_000);
}

#[test]
fn a_turned_skew_lets_the_rate_fall_through_zero() {
    let (mut world, market) = with_long_of_ten();
    let bob = world.trader(10_000);
    world.advance(DAY);
    // skew −10 from here, at +1 %: 0 after a day (+0.5), −1 % after two (−0.5)
    world.open(market, &bob, 0, Short, size("20"), quote("4000")).unwrap();
    world.advance(DAY);
    accrued_to(&mut world, market, 0, 1_000_000_000_000_000);
    world.advance(DAY);
    accrued_to(&mut world, market, -10_000_000_000_000_000, 500_000_000_000_000);
}

#[test]
fn a_balanced_market_keeps_its_rate() {
    let (mut world, market) = with_long_of_ten();
    let bob = world.trader(10_000);
    world.advance(DAY);
    world.open(market, &bob, 0, Short, size("10"), quote("2000")).unwrap();
    // skew 0: 1 % × 3 days × 100 = 3
    world.advance(3 * DAY);
    accrued_to(&mut world, market, 10_000_000_000_000_000, 3_500_000_000_000_000);
}

#[test]
fn an_empty_market_accrues_nothing() {
    let (mut world, market) = calm();
    world.advance(YEAR);
    accrued_to(&mut world, market, 0, 0);
}

#[test]
fn the_price_of_the_moment_counts() {
    let (mut world, market) = with_long_of_ten();
    world.advance(DAY);
    world.set_price(market, price("120"));
    // ½ % × 120
    accrued_to(&mut world, market, 10_000_000_000_000_000, 600_000_000_000_000);
}

#[test]
fn accruing_again_at_once_changes_nothing() {
    let (mut world, market) = with_long_of_ten();
    world.advance(DAY);
    passes("accrue", world.accrue(market));
    let before = bytemuck::bytes_of(&world.market_state(market)).to_vec();
    passes("accrue", world.accrue(market));
    assert_eq!(bytemuck::bytes_of(&world.market_state(market)), before);
}

#[test]
fn many_steps_come_to_what_one_does() {
    // Each step rounds the rate by less than 10^-18 a day and the index by less
    // than one unit; so do rates rounded earlier, over the rest of the time:
    // 86,400 s × n × 10^-18 × 100 quote ÷ day per step, which is below n × 10^-1
    // units of the index per step.
    for steps in [[1; 40].as_slice(), &[7, 13, 86_399, 1, 3_601, 977, 500_000], &[1, 2_000_000, 1]] {
        let (mut world, market) = with_long_of_ten();
        let before = world.svm.clone();
        for seconds in steps {
            world.advance(*seconds);
            passes("accrue", world.accrue(market));
        }
        let (rate, index, _) = indices(&world, market);
        world.svm = before;
        world.advance(steps.iter().sum());
        passes("accrue", world.accrue(market));
        let (whole_rate, whole_index, _) = indices(&world, market);
        let count = i64::try_from(steps.len()).unwrap();
        assert!((whole_rate - rate).abs() <= count, "{steps:?}: rate {rate}, at once {whole_rate}");
        let tolerance = i128::from(count * (count + 1));
        assert!((whole_index - index).abs() <= tolerance, "{steps:?}: {index}, at once {whole_index}");
    }
}

#[test]
fn the_event_tells_where_the_indices_stand() {
    let (mut world, market) = with_long_of_ten();
    world.advance(DAY);
    let receipt = passes("accrue", world.accrue(market));
    let expected = FundingAccrued {
        market: world.market_key(market),
        funding_rate: 10_000_000_000_000_000,
        funding_index: 500_000_000_000_000,
        borrow_index: 0,
        accrued_at: world.now(),
        oracle: world.market_state(market).accepted,
    };
    assert_events(&receipt, &[Event::FundingAccrued(expected)]);
    let accepted = world.market_state(market).accepted;
    assert_eq!((accepted.price, accepted.publish_time), (price("100"), world.now()));
}
