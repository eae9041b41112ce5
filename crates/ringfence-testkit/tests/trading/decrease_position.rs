use anchor_lang::prelude::Pubkey;
use ringfence_client::event::{FeeParts, PositionDecreased};
use ringfence_client::events::Event;
use ringfence_client::state::{Market, Position, Side};
use ringfence_client::{DecreasePositionArgs, RingfenceError};
use ringfence_testkit::{MarketId, Trader, World, assert_error, price, quote, size};

use crate::support::*;

/// The easy market with 10 long (entry 1005) or short (entry 995) at 100.
fn with(side: Side, margin: &str) -> (World, MarketId, Trader, Pubkey) {
    let (mut world, market) = easy();
    let alice = world.trader(1_000);
    let position = world.open(market, &alice, 0, side, size("10"), quote(margin)).unwrap();
    (world, market, alice, position)
}

#[test]
fn decreasing_realises_its_share_of_a_gain_into_the_vault() {
    let (mut world, market, alice, position) = with(Side::Long, "200");
    world.advance(5);
    world.set_price(market, price("110"));
    let args = DecreasePositionArgs { size: size("4"), acceptable_price: price("110.88") };
    let decrease = world.decrease_ix(market, &alice, position, args);
    let receipt = world.send(&[decrease], &[&alice.key]).unwrap();

    // fill    = 110 × (1 + (10 − 4/2) / 1000)      = 110.88
    // entry   = 1005 × 4/10                        = 402, leaves 603
    // gain    = 4 × 110.88 − 402                   = 41.52
    // fee     = 5 bp of 443.52                     = 0.22176
    //   0.022176 each to insurance and protocol, 0.177408 to the pool
    // margin  = 199.4975 + 41.52 − 0.22176         = 240.79574
    // pool    = 100000.402 − 41.52 + 0.177408      = 99959.059408
    assert_position(&world, position, "6", "603", "240.79574", "603");
    assert_pool(&world, market, "99959.059408", "603", "0.072426", "0.072426");
    assert_side(&world, market, Side::Long, "6", "603", 1);
    let state = world.position(position);
    assert_eq!(state.realised_pnl.get(), i128::from(quote("41.52")));
    assert_eq!(state.fees_paid, quote("0.72426"));
    assert_eq!(world.market_state(market).accepted.price, price("110"));
    assert_eq!(world.wealth(market, &alice), quote("800"));
    assert_events(
        &receipt,
        &[Event::PositionDecreased(PositionDecreased {
            market: world.market_key(market),
            position,
            size: size("4"),
            fill_price: price("110.88"),
            entry_notional: quote("402"),
            reserve: quote("402"),
            funding: 0,
            borrow: 0,
            gain: quote("41.52"),
            loss: 0,
            fee: quote("0.22176"),
            fee_parts: FeeParts {
                liquidity: quote("0.177408"),
                insurance: quote("0.022176"),
                protocol: quote("0.022176"),
                referrer: 0,
            },
            fee_forgiven: 0,
            bad_debt: 0,
            insurance_cover: 0,
            margin: quote("240.79574"),
            oracle: world.market_state(market).accepted,
        })],
    );
}

#[test]
fn decreasing_a_losing_short_pays_the_pool_from_the_vault() {
    let (mut world, market, bob, position) = with(Side::Short, "200");
    publish(&mut world, market, "105", "0.4");
    let receipt = world.decrease(market, &bob, position, size("4")).unwrap();
    // opened: entry 995, fee 0.4975, margin 199.5025, pool 100000.398
    // fill    = 105 × (1 + (−10 + 4/2) / 1000) + 0.2 = 104.36
    // loss    = 4 × 104.36 − 995 × 4/10 = 417.44 − 398 = 19.44
    // fee     = 5 bp of 417.44                         = 0.20872
    // margin  = 199.5025 − 19.44 − 0.20872             = 179.85378
    assert_position(&world, position, "6", "597", "179.85378", "597");
    // pool 100000.398 + 19.44 + 0.166976
    assert_pool(&world, market, "100020.004976", "597", "0.070622", "0.070622");
    assert_side(&world, market, Side::Short, "6", "597", 1);
    assert_eq!(world.position(position).realised_pnl.get(), -i128::from(quote("19.44")));
    let Event::PositionDecreased(event) = &receipt.events[0] else { panic!("{receipt:?}") };
    assert_eq!((event.gain, event.loss), (0, quote("19.44")));
    assert_eq!((event.fill_price, event.entry_notional), (price("104.36"), quote("398")));
}

#[test]
fn a_gain_beyond_the_share_of_the_reserve_is_cut_off() {
    let (mut world, market) = easy_with(|params| params.reserve_factor_ppm = 50_000);
    let alice = world.trader(1_000);
    let position = world.open(market, &alice, 0, Side::Long, size("10"), quote("200")).unwrap();
    assert_eq!(world.position(position).reserve, quote("50.25"));
    world.set_price(market, price("110"));
    world.decrease(market, &alice, position, size("4")).unwrap();
    // 41.52 gained, but 40 % of the reserve of 50.25 is 20.1; the fee as ever
    // 199.4975 + 20.1 − 0.22176
    assert_position(&world, position, "6", "603", "219.37574", "30.15");
    assert_pool(&world, market, "99980.479408", "30.15", "0.072426", "0.072426");
}

#[test]
fn shares_of_entry_and_reserve_round_against_the_position_and_sum_to_the_whole() {
    // long 1005 × 3.333333333/10 = 334.9999999665, down: 334.999999;
    // then of the 670.000001 left 3.333333333/6.666666667:
    //   670000001 × 3333333333 / 6666666667 = 335000000.4497…, down
    let (mut world, market, alice, position) = with(Side::Long, "200");
    world.decrease(market, &alice, position, size("3.333333333")).unwrap();
    assert_eq!(world.position(position).entry_notional, quote("670.000001"));
    assert_eq!(world.position(position).reserve, quote("670.000001"));
    world.decrease(market, &alice, position, size("3.333333333")).unwrap();
    assert_eq!(world.position(position).entry_notional, quote("335.000001"));
    balanced(&world);
    world.decrease(market, &alice, position, size("3.333333334")).unwrap();
    assert_eq!(world.position(position).entry_notional, 0);
    assert_pool_is_free(&world, market);

    // short 995 × 3.333333333/10 = 331.6666666335, up: 331.666667, its reserve
    // down: 331.666666
    let (mut world, market, alice, position) = with(Side::Short, "200");
    world.decrease(market, &alice, position, size("3.333333333")).unwrap();
    assert_eq!(world.position(position).entry_notional, quote("663.333333"));
    assert_eq!(world.position(position).reserve, quote("663.333334"));
    balanced(&world);
    world.decrease(market, &alice, position, size("6.666666667")).unwrap();
    assert_pool_is_free(&world, market);
}

/// Nothing is left of any position in the market's sums.
#[track_caller]
fn assert_pool_is_free(world: &World, market: MarketId) {
    let state = world.market_state(market);
    assert_eq!(state.reserved, 0);
    for side in [Side::Long, Side::Short] {
        let book = state.side(side);
        assert_eq!((book.open_interest, book.entry_notional, book.positions), (0, 0, 0));
    }
    balanced(world);
}

#[test]
fn decreasing_to_zero_leaves_the_proceeds_in_the_vault() {
    let (mut world, market, alice, position) = with(Side::Long, "200");
    world.decrease(market, &alice, position, size("10")).unwrap();
    // closed where it was opened, at 100.5: the fee twice
    assert_position(&world, position, "0", "0", "198.995", "0");
    assert_pool_is_free(&world, market);
    assert_eq!(world.wealth(market, &alice), quote("800"));
    // part of it by remove_margin, the rest by close_position, at any price
    world.set_price(market, price("1"));
    world.remove_margin(market, &alice, position, quote("98.995")).unwrap();
    world.close(market, &alice, position).unwrap();
    assert_eq!(world.wealth(market, &alice), quote("998.995"));
    balanced(&world);
}

#[test]
fn a_full_decrease_of_a_bankrupt_position_pays_what_there_is() {
    let (mut world, market, alice, position) = with(Side::Long, "60");
    world.set_price(market, price("90"));
    let receipt = world.decrease(market, &alice, position, size("10")).unwrap();
    // margin 59.4975; fill 90 × 1.005 = 90.45, loss 1005 − 904.5 = 100.5:
    // 41.0025 uncovered, of which insurance has 0.05025; nothing is left for
    // the fee of 0.45225
    assert_position(&world, position, "0", "0", "0", "0");
    // 100000.402 + 59.4975 + 0.05025
    assert_pool(&world, market, "100059.94975", "0", "0", "0.05025");
    assert_eq!(world.market_state(market).bad_debt, quote("41.0025"));
    let Event::PositionDecreased(event) = &receipt.events[0] else { panic!("{receipt:?}") };
    assert_eq!((event.loss, event.bad_debt), (quote("59.4975"), quote("41.0025")));
    assert_eq!((event.fee, event.fee_forgiven), (0, quote("0.45225")));
    assert_eq!(event.insurance_cover, quote("0.05025"));
}

#[test]
fn a_decrease_is_filled_within_the_acceptable_price() {
    // long: 100 × (1 + 8/1000) = 100.8; short: 99.2
    for (side, beyond, at) in
        [(Side::Long, "100.8000000001", "100.8"), (Side::Short, "99.1999999999", "99.2")]
    {
        let (mut world, market, alice, position) = with(side, "200");
        let decrease = |world: &mut World, acceptable: &str| {
            let args = DecreasePositionArgs { size: size("4"), acceptable_price: price(acceptable) };
            let decrease = world.decrease_ix(market, &alice, position, args);
            world.send(&[decrease], &[&alice.key])
        };
        assert_error(decrease(&mut world, beyond), RingfenceError::SlippageExceeded);
        decrease(&mut world, at).unwrap();
    }
}

#[test]
fn sizes_of_zero_and_beyond_the_position_are_refused() {
    let (mut world, market, alice, position) = with(Side::Long, "200");
    assert_error(world.decrease(market, &alice, position, 0), RingfenceError::ZeroAmount);
    assert_error(
        world.decrease(market, &alice, position, size("10.000000001")),
        RingfenceError::SizeExceedsPosition,
    );
    assert_error(world.decrease(market, &alice, position, u64::MAX), RingfenceError::SizeExceedsPosition);
    world.decrease(market, &alice, position, size("10")).unwrap();
    assert_error(world.decrease(market, &alice, position, 1), RingfenceError::PositionEmpty);
}

#[test]
fn what_is_left_open_is_at_least_the_smallest_notional() {
    // entry 1005: 0.1 left is 10.05; one size unit less 10.0499998995, up (what
    // leaves is rounded down): 10.05; ten of them 10.049998995, up: 10.049999
    let (mut world, market, alice, position) = with(Side::Long, "200");
    let key = world.market_key(market);
    world.edit::<Market>(&key, |state| state.params.min_position_notional = quote("10.05"));
    let result = world.decrease(market, &alice, position, size("9.90000001"));
    assert_error(result, RingfenceError::PositionTooSmall);
    world.decrease(market, &alice, position, size("9.9")).unwrap();
    assert_eq!(world.position(position).entry_notional, quote("10.05"));
    balanced(&world);
}

#[test]
fn a_decrease_may_not_worsen_the_margin_ratio() {
    // Alice's 10 long (entry 1005, fee 0.5025), then 200 short: selling 4 finds
    // the skew at −190 and fills at 100 × (1 − 192/1000) = 80.8: they lose
    // 402 − 323.2 = 78.8 where 2 was lost at the index, and pay 0.1616: equity
    // E falls by 76.9616. E/1000 = (E − 76.9616)/600 at E = 192.404, which is a
    // margin of 197.404 (PnL −5) after the fee, 197.9065 before it.
    for (margin, worse) in [("197.906499", true), ("197.9065", false)] {
        let (mut world, market, alice, position) = with(Side::Long, margin);
        let bob = world.trader(100_000);
        world.open(market, &bob, 0, Side::Short, size("200"), quote("50000")).unwrap();
        let result = world.decrease(market, &alice, position, size("4"));
        if worse {
            assert_error(result, RingfenceError::WorseMarginRatio);
        } else {
            result.unwrap();
            assert_eq!(world.position(position).margin, quote("118.4424"));
        }
        balanced(&world);
    }
}

#[test]
fn a_decrease_may_not_leave_what_can_be_liquidated() {
    // At 90, closing 5 of 10: fill 90 × (1 + 7.5/1000) = 90.675, loss 502.5 −
    // 453.375 = 49.125, fee 0.2266875, up: 0.226688. What stays: notional 450,
    // PnL 450 − 502.5 = −52.5, maintenance 3.5 % = 15.75. So the margin must be
    // 15.75 + 52.5 + 49.125 + 0.226688 = 117.601688, with the fee 118.104188.
    for (margin, liquidatable) in [("118.104187", true), ("118.104188", false)] {
        let (mut world, market, alice, position) = with(Side::Long, margin);
        world.set_price(market, price("90"));
        let result = world.decrease(market, &alice, position, size("5"));
        if liquidatable {
            assert_error(result, RingfenceError::WouldBeLiquidatable);
        } else {
            result.unwrap();
            assert_eq!(world.position(position).margin, quote("68.25"));
        }
        balanced(&world);
    }
}

#[test]
fn a_part_that_the_margin_cannot_pay_for_is_refused_and_all_of_it_is_not() {
    let (mut world, market, alice, position) = with(Side::Long, "60");
    world.set_price(market, price("80"));
    // 59.4975 against 502.5 − 5 × 80.6 = 99.5
    let result = world.decrease(market, &alice, position, size("5"));
    assert_error(result, RingfenceError::WouldBeLiquidatable);
    world.decrease(market, &alice, position, size("10")).unwrap();
    balanced(&world);
}

#[test]
fn accounts_of_another_version_are_refused() {
    let (mut world, market, alice, position) = with(Side::Long, "200");
    world.edit::<Position>(&position, |state| state.version = 1);
    assert_error(world.decrease(market, &alice, position, size("1")), RingfenceError::UnsupportedVersion);
    let (mut world, market, alice, position) = with(Side::Long, "200");
    let key = world.market_key(market);
    world.edit::<Market>(&key, |state| state.version = 1);
    assert_error(world.decrease(market, &alice, position, size("1")), RingfenceError::UnsupportedVersion);
}

#[test]
fn a_price_older_than_its_limit_does_not_decrease() {
    let (mut world, market, alice, position) = with(Side::Long, "200");
    world.warp(120);
    world.decrease(market, &alice, position, size("1")).unwrap();
    world.warp(1);
    assert_error(world.decrease(market, &alice, position, size("1")), RingfenceError::OracleStale);
}
