//! Years on end: no overflow at the maximum rates, and next to no drift.

use anchor_lang::prelude::Pubkey;
use ringfence_client::constants::*;
use ringfence_client::event;
use ringfence_client::events::Event;
use ringfence_client::state::Side::Long;
use ringfence_testkit::{MarketId, Trader, World, quote, size};

use crate::support::*;

const DAYS: i64 = 3_650;

/// Everything at its hard bound, the pool wholly reserved: 10 long of a skew
/// scale of 10, so bought at 150 for 1,500.
fn at_the_bounds() -> (World, MarketId, Trader, Pubkey) {
    let (mut world, market) = quick_with(1_500, |params| {
        params.skew_scale = size("10");
        params.max_funding_rate_ppm = MAX_FUNDING_RATE_PPM;
        params.max_funding_velocity_ppm = MAX_FUNDING_VELOCITY_PPM;
        params.borrow_base_ppm = MAX_BORROW_RATE_PPM;
        params.borrow_slope1_ppm = MAX_BORROW_RATE_PPM;
        params.borrow_slope2_ppm = MAX_BORROW_RATE_PPM;
    });
    let alice = world.trader(10_000);
    let position = world.open(market, &alice, 0, Long, size("10"), quote("600")).unwrap();
    (world, market, alice, position)
}

/// Liquidates after ten years. Funding of 10 × 364,995, borrow of 1,500 × 200
/// and a price loss of 500 on a margin of 600, of which 0.10 are the keeper's.
fn liquidated(world: &mut World, market: MarketId, position: Pubkey) -> event::PositionLiquidated {
    let keeper = world.trader(0);
    let receipt = passes("liquidate", world.liquidate(market, &keeper, position));
    let [Event::PositionLiquidated(event)] = &receipt.events[..] else { panic!("{receipt:?}") };
    assert_eq!(world.wealth(market, &keeper), quote("0.1"));
    assert_eq!(event.funding, -i128::from(quote("3649950")));
    assert_eq!((event.loss, event.remaining_size), (quote("599.9"), 0));
    balanced(world);
    event.clone()
}

#[test]
fn ten_years_at_the_maximum_rates_in_one_step() {
    let (mut world, market, _, position) = at_the_bounds();
    world.advance(DAYS * DAY);
    passes("accrue", world.accrue(market));
    // The rate is at 100 % a day after 0.1 day: (3,650 − 0.05) × 100 = 364,995.
    // Borrow: 1,000 % + 800 % + 200 % a year, ten times: 200 per reserved atom.
    assert_eq!(
        indices(&world, market),
        (1_000_000_000_000_000_000, 364_995_000_000_000_000_000, 200_000_000_000_000_000_000)
    );
    let event = liquidated(&mut world, market, position);
    assert_eq!(event.borrow, quote("300000"));
    assert_eq!(event.bad_debt, quote("3950450") - quote("599.9"));
}

#[test]
fn ten_years_at_the_maximum_rates_day_by_day() {
    let (mut world, market, _, position) = at_the_bounds();
    for _ in 0..DAYS {
        world.advance(DAY);
        passes("accrue", world.accrue(market));
    }
    // Funding has nothing to round. A day's borrow is 54,794,520,547,945,205.48
    // up to …206, 3,650 times.
    assert_eq!(
        indices(&world, market),
        (1_000_000_000_000_000_000, 364_995_000_000_000_000_000, 200_000_000_000_000_001_900)
    );
    let event = liquidated(&mut world, market, position);
    // 1.5 × 10^9 × 1,900 × 10^-18: less than an atom, up
    assert_eq!(event.borrow, quote("300000.000001"));
}

#[test]
fn ten_years_unattended_still_close() {
    let (mut world, market, alice, position) = at_the_bounds();
    world.advance(DAYS * DAY);
    let receipt = passes("close", world.close(market, &alice, position));
    let Event::PositionDecreased(event) = &receipt.events[0] else { panic!("{receipt:?}") };
    assert_eq!((event.loss, event.margin), (quote("600"), 0));
    assert_pool(&world, market, "2100", "0", "0");
}

#[test]
fn an_hourly_accrual_costs_the_smallest_position_less_than_an_atom_a_year() {
    // 0.1 long of a skew scale of 0.1: bought at 150 for 15, 1,000 ppm a day per
    // day, 2 % a year of borrow
    let (mut world, market) = quick_with(1_500, |params| {
        params.skew_scale = size("0.1");
        (params.max_funding_velocity_ppm, params.max_funding_rate_ppm) = (1_000, 1_000_000);
        params.borrow_base_ppm = 20_000;
    });
    let alice = world.trader(10_000);
    let position = world.open(market, &alice, 0, Long, size("0.1"), quote("3000")).unwrap();
    // hours of 3,607 s, so that nothing comes out even, and what is left of the year
    let steps = YEAR / 3_607;
    for _ in 0..steps {
        world.advance(3_607);
        passes("accrue", world.accrue(market));
    }
    world.advance(YEAR - steps * 3_607);
    let receipt = passes("close", world.close(market, &alice, position));
    let Event::PositionDecreased(event) = &receipt.events[0] else { panic!("{receipt:?}") };
    // 0.1 × ½ × 0.001 × 365² × 100 = 666.1250, paid rounded up; 2 % of 15 = 0.3
    let funding = -event.funding - i128::from(quote("666.125"));
    assert!((-1..=1).contains(&funding), "off by {funding} atoms");
    assert!((quote("0.3")..=quote("0.300001")).contains(&event.borrow), "{}", event.borrow);
    balanced(&world);
}
