//! What positions pay for their reserves: the kinked curve by hand, rounded up.

use anchor_lang::prelude::Pubkey;
use ringfence_client::events::Event;
use ringfence_client::state::Side::{Long, Short};
use ringfence_client::{RingfenceError, event};
use ringfence_testkit::{MarketId, Receipt, Trader, World, quote, size};

use crate::support::*;

/// 2 % a year, slope 10 % to a kink at 80 %, slope 100 % beyond; a pool of
/// `liquidity` atoms and a reserve of 1,005 in it.
fn borrowed(liquidity: u64) -> (World, MarketId, Trader, Pubkey) {
    let (mut world, market) = build(World::new(), 0, |params| {
        unfunded(params);
        (params.borrow_base_ppm, params.borrow_kink_ppm) = (20_000, 800_000);
        (params.borrow_slope1_ppm, params.borrow_slope2_ppm) = (100_000, 1_000_000);
    });
    let provider = world.trader_of(market, liquidity);
    passes("deposit", world.add_liquidity(market, &provider, liquidity));
    let alice = world.trader(10_000);
    // fill 100.5: entry and reserve 1,005
    let position = world.open(market, &alice, 0, Long, size("10"), quote("500")).unwrap();
    (world, market, alice, position)
}

fn decreased(receipt: &Receipt) -> event::PositionDecreased {
    let Event::PositionDecreased(event) = &receipt.events[0] else { panic!("{:?}", receipt.events) };
    event.clone()
}

#[test]
fn the_rate_follows_the_curve() {
    let cases = [
        // 1,005 of 2,010: 50 %: 2 % + 10 % × 50 % = 7 %
        ("below the kink", quote("2010"), 70_000_000_000_000_000),
        // of 1,256.25: just 80 %: 2 % + 8 % = 10 %
        ("at the kink", quote("1256.25"), 100_000_000_000_000_000),
        // of 1,116.666667: ceil(1,005 ÷ 1,116.666667) = 0.899999999731343284,
        // beyond the kink 0.099999999731343284: 10 % + that
        ("above the kink", 1_116_666_667, 199_999_999_731_343_284),
        // all: 2 % + 8 % + 20 %
        ("all reserved", quote("1005"), 300_000_000_000_000_000),
    ];
    for (what, liquidity, index) in cases {
        let (mut world, market, ..) = borrowed(liquidity);
        world.advance(YEAR);
        passes(what, world.accrue(market));
        assert_eq!(indices(&world, market), (0, 0, index), "{what}");
        balanced(&world);
    }
}

#[test]
fn each_step_of_the_index_is_rounded_up() {
    let (mut world, market, ..) = borrowed(quote("2010"));
    world.advance(1);
    passes("accrue", world.accrue(market));
    // 7 × 10^16 ÷ 31,536,000 = 2,219,685,438.86
    assert_eq!(indices(&world, market).2, 2_219_685_439);
    world.advance(2);
    passes("accrue", world.accrue(market));
    // + 4,439,370,877.73
    assert_eq!(indices(&world, market).2, 2_219_685_439 + 4_439_370_878);

    let (mut world, market, ..) = borrowed(quote("1507.5"));
    world.advance(1);
    passes("accrue", world.accrue(market));
    // two thirds, up to 10^-18: 2 % + 6.6666666666666667 %, over a year's seconds
    assert_eq!(indices(&world, market).2, 2_748_181_972);
}

#[test]
fn nobody_pays_while_nothing_is_reserved() {
    let (mut world, market, alice, position) = borrowed(quote("2010"));
    world.close(market, &alice, position).unwrap();
    world.advance(YEAR);
    passes("accrue", world.accrue(market));
    // the base rate runs on, on nothing
    assert_eq!(indices(&world, market).2, 20_000_000_000_000_000);
    let position = world.open(market, &alice, 0, Long, size("10"), quote("500")).unwrap();
    let event = decreased(&world.close(market, &alice, position).unwrap());
    assert_eq!((event.borrow, event.gain, event.loss), (0, 0, 0));
    balanced(&world);
}

#[test]
fn a_position_pays_the_pool_for_its_reserve() {
    let (mut world, market, alice, position) = borrowed(quote("2010"));
    world.advance(YEAR);
    // 7 % of 1,005; opened and closed at 100.5
    let event = decreased(&world.close(market, &alice, position).unwrap());
    assert_eq!((event.borrow, event.funding), (quote("70.35"), 0));
    assert_eq!((event.gain, event.loss, event.margin), (0, quote("70.35"), quote("429.65")));
    assert_eq!(world.wealth(market, &alice), quote("9929.65"));
    assert_pool(&world, market, "2080.35", "0", "0");
}

#[test]
fn a_charge_is_rounded_up() {
    let (mut world, market, alice, position) = borrowed(quote("2010"));
    world.advance(1);
    // 1.005 × 10^9 × 2,219,685,439 ÷ 10^18 = 2.23…
    let event = decreased(&world.close(market, &alice, position).unwrap());
    assert_eq!(event.borrow, 3);
}

#[test]
fn shorts_pay_it_as_longs_do() {
    let (mut world, market, alice, long) = borrowed(quote("4000"));
    world.close(market, &alice, long).unwrap();
    // fill 99.5: entry and reserve 995 of 4,000: 24.875 %: 4.4875 %
    let short = world.open(market, &alice, 1, Short, size("10"), quote("500")).unwrap();
    world.advance(YEAR);
    // 995 × 4.4875 % = 44.650625
    assert_eq!(decreased(&world.close(market, &alice, short).unwrap()).borrow, quote("44.650625"));
    balanced(&world);
}

#[test]
fn utilisation_changes_count_from_when_they_are_made() {
    let (mut world, market, alice, position) = borrowed(quote("2010"));
    let provider = world.trader_of(market, quote("5000"));
    world.advance(YEAR);
    // 7 % so far; then 1,005 of 4,020: 25 %: 4.5 %
    passes("deposit", world.add_liquidity(market, &provider, quote("2010")));
    assert_eq!(indices(&world, market).2, 70_000_000_000_000_000);
    world.advance(YEAR);
    let event = decreased(&world.close(market, &alice, position).unwrap());
    // 11.5 % of 1,005
    assert_eq!(event.borrow, quote("115.575"));
    balanced(&world);
}

#[test]
fn an_increase_keeps_what_the_reserve_has_cost() {
    let (mut world, market, alice, position) = borrowed(quote("4020"));
    // 25 %: 4.5 % in the first year: 45.225
    world.advance(YEAR);
    // 10 more: skew 10 → 20, fill 101.5, reserve + 1,015 = 2,020
    world.increase(market, &alice, position, size("10"), quote("500")).unwrap();
    let state = world.position(position);
    assert_eq!(state.reserve, quote("2020"));
    // 0.045 × 1,005 ÷ 2,020 = 0.022388613861386138613…, up
    let growth = 45_000_000_000_000_000u128 - state.entry_borrow_index.get();
    assert_eq!(growth, 22_388_613_861_386_139);
    balanced(&world);
    // at once: 45.225, and an atom for the rounding
    let event = decreased(&world.close(market, &alice, position).unwrap());
    assert_eq!(event.borrow, quote("45.225001"));
}

#[test]
fn a_decrease_pays_its_share() {
    let (mut world, market, alice, position) = borrowed(quote("2010"));
    world.advance(YEAR);
    // 4 of 10: reserve 402, 7 %
    let event = decreased(&world.decrease(market, &alice, position, size("4")).unwrap());
    assert_eq!((event.borrow, event.reserve), (quote("28.14"), quote("402")));
    let state = world.position(position);
    assert_eq!((state.reserve, state.entry_borrow_index.get()), (quote("603"), 0));
    assert_eq!(state.realised_borrow, quote("28.14"));
    balanced(&world);
    let event = decreased(&world.close(market, &alice, position).unwrap());
    assert_eq!(event.borrow, quote("42.21"));
}

#[test]
fn borrow_alone_liquidates_as_time_passes() {
    let (mut world, market, alice, position) = borrowed(quote("2010"));
    let keeper = world.trader(0);
    // 500 − 389.65 = 110.35; in a year − 5 − 70.35 = 35: the maintenance
    world.remove_margin(market, &alice, position, quote("389.65")).unwrap();
    world.advance(YEAR);
    let liquidate = world.liquidate_ix(market, &keeper, position);
    let result = probe(&mut world, &liquidate, &[&keeper.key]);
    refused("at maintenance", result, RingfenceError::NotLiquidatable);
    world.advance(1);
    passes("a second later", world.liquidate(market, &keeper, position));
    balanced(&world);
}
