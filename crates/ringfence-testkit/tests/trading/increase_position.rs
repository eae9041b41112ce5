use anchor_lang::prelude::Pubkey;
use ringfence_client::event::{FeeParts, PositionIncreased};
use ringfence_client::events::Event;
use ringfence_client::state::{Market, MarketStatus, Position, Side};
use ringfence_client::{IncreasePositionArgs, RingfenceError};
use ringfence_testkit::{Failure, MarketId, Trader, World, assert_code, assert_error, price, quote, size};

use crate::support::*;

/// The easy market with 10 long at 100 (entry 1005, margin 199.4975).
fn with_long() -> (World, MarketId, Trader, Pubkey) {
    let (mut world, market) = easy();
    let alice = world.trader(1_000);
    let position = world.open(market, &alice, 0, Side::Long, size("10"), quote("200")).unwrap();
    (world, market, alice, position)
}

#[test]
fn increasing_a_long_adds_entry_reserve_and_margin_less_the_fee() {
    let (mut world, market, alice, position) = with_long();
    world.advance(5);
    world.set_price(market, price("110"));
    let args =
        IncreasePositionArgs { size: size("5"), margin: quote("50"), acceptable_price: price("111.375") };
    let increase = world.increase_ix(market, &alice, position, args);
    let receipt = world.send(&[increase], &[&alice.key]).unwrap();

    // fill   = 110 × (1 + (10 + 5/2) / 1000)  = 111.375
    // entry += 5 × 111.375                    = 556.875 → 1561.875
    // fee    = 5 bp of 556.875 = 0.2784375, up: 0.278438
    //   insurance, protocol 0.0278438, down:    0.027843 each
    //   pool 0.278438 − 0.055686              = 0.222752
    // margin = 199.4975 + 50 − 0.278438       = 249.219062
    assert_position(&world, position, "15", "1561.875", "249.219062", "1561.875");
    assert_pool(&world, market, "100000.624752", "1561.875", "0.078093", "0.078093");
    assert_side(&world, market, Side::Long, "15", "1561.875", 1);
    assert_eq!(world.wealth(market, &alice), quote("750"));
    let state = world.position(position);
    assert_eq!(state.generation, 1);
    assert_eq!(state.fees_paid, quote("0.780938"));
    assert_eq!(world.market_state(market).accepted.price, price("110"));
    assert_events(
        &receipt,
        &[Event::PositionIncreased(PositionIncreased {
            market: world.market_key(market),
            position,
            size: size("5"),
            fill_price: price("111.375"),
            entry_notional: quote("556.875"),
            reserve: quote("556.875"),
            deposit: quote("50"),
            fee: quote("0.278438"),
            fee_parts: FeeParts {
                liquidity: quote("0.222752"),
                insurance: quote("0.027843"),
                protocol: quote("0.027843"),
                referrer: 0,
            },
            margin: quote("249.219062"),
            oracle: world.market_state(market).accepted,
        })],
    );
}

#[test]
fn increasing_a_short_without_a_deposit_sells_below_the_interval() {
    let (mut world, market) = easy();
    let bob = world.trader(1_000);
    let position = world.open(market, &bob, 0, Side::Short, size("10"), quote("200")).unwrap();
    publish(&mut world, market, "100", "0.2");
    world.increase(market, &bob, position, size("5"), 0).unwrap();
    // first: fill 99.5, entry 995, fee 0.4975, margin 199.5025
    // fill   = 100 × (1 + (−10 − 5/2) / 1000) − 0.1 = 98.65
    // entry += 493.25 → 1488.25
    // fee    = 5 bp of 493.25 = 0.246625; shares 0.0246625, down: 0.024662
    // margin = 199.5025 − 0.246625                  = 199.255875
    assert_position(&world, position, "15", "1488.25", "199.255875", "1488.25");
    // pool 100000 + (0.4975 − 2 × 0.04975) + (0.246625 − 2 × 0.024662)
    assert_pool(&world, market, "100000.595301", "1488.25", "0.074412", "0.074412");
    assert_side(&world, market, Side::Short, "15", "1488.25", 1);
}

#[test]
fn an_increase_is_filled_within_the_acceptable_price() {
    // long: 100 × (1 + 12.5/1000) = 101.25; short: 98.75
    for (side, beyond, at) in
        [(Side::Long, "101.2499999999", "101.25"), (Side::Short, "98.7500000001", "98.75")]
    {
        let (mut world, market) = easy();
        let alice = world.trader(1_000);
        let position = world.open(market, &alice, 0, side, size("10"), quote("200")).unwrap();
        let increase = |world: &mut World, acceptable: &str| {
            let acceptable_price = price(acceptable);
            let args = IncreasePositionArgs { size: size("5"), margin: 0, acceptable_price };
            let increase = world.increase_ix(market, &alice, position, args);
            world.send(&[increase], &[&alice.key])
        };
        assert_error(increase(&mut world, beyond), RingfenceError::SlippageExceeded);
        increase(&mut world, at).unwrap();
    }
}

/// Increases by 10 with `margin` a long of 10 that was opened with `opened`.
fn double(world: &mut World, market: MarketId, opened: &str, margin: &str) -> Result<(), Failure> {
    let alice = world.trader(1_000);
    let position = world.open(market, &alice, 0, Side::Long, size("10"), quote(opened)).unwrap();
    let result = world.increase(market, &alice, position, size("10"), quote(margin));
    balanced(world);
    result.map(|_| ())
}

#[test]
fn equity_after_an_increase_covers_the_initial_margin_of_all_of_it() {
    // second fill 100 × (1 + 15/1000) = 101.5, entry 1005 + 1015 = 2020, fee
    // 0.5075; notional 2000, PnL −20, initial 100: margin 120 after the fee, so
    // that 120 + 0.5075 − (56 − 0.5025) = 65.01 have to be added
    let (mut world, market) = easy();
    assert_error(double(&mut world, market, "56", "65.009999"), RingfenceError::BelowInitialMargin);
    let (mut world, market) = easy();
    double(&mut world, market, "56", "65.01").unwrap();
}

#[test]
fn an_increase_is_judged_at_the_edge_that_hurts() {
    // at 100 ± 0.2 the short of 10 (entry 995, margin 199.5025) adds 10:
    // fill 98.5 − 0.1 = 98.4, entry 1979, fee 0.492; at 100.2: notional 2004,
    // PnL −25, initial 100.2: margin 125.2 → 199.5025 − 0.492 leaves 73.8105
    // to spare, which go out first
    for (spare, enough) in [("73.810501", false), ("73.8105", true)] {
        let (mut world, market) = easy();
        let bob = world.trader(1_000);
        let position = world.open(market, &bob, 0, Side::Short, size("10"), quote("200")).unwrap();
        world.remove_margin(market, &bob, position, quote(spare)).unwrap();
        publish(&mut world, market, "100", "0.2");
        let result = world.increase(market, &bob, position, size("10"), 0);
        if enough {
            result.unwrap();
        } else {
            assert_error(result, RingfenceError::BelowInitialMargin);
        }
    }
}

#[test]
fn an_increase_that_the_margin_cannot_pay_the_fee_of_is_refused_as_such() {
    // 500x with 1 % fees. 10 at 100.5: fee 10.05; opened with 17.1, 7.05 is
    // left (5 of it lost at the index, 2 needed). The next 10 fill at 101.5 and
    // cost 10.15: 3.1 more pay just that, and no margin remains.
    for (margin, error) in
        [("3.099999", RingfenceError::MarginBelowFee), ("3.1", RingfenceError::BelowInitialMargin)]
    {
        let (mut world, market) = easy_with(|params| {
            params.initial_margin_ppm = 2_000;
            params.maintenance_margin_ppm = 1_000;
            params.liquidation_fee_ppm = 100;
            params.min_keeper_reward = quote("0.02");
            params.open_fee_ppm = 10_000;
            params.close_fee_ppm = 0;
        });
        assert_error(double(&mut world, market, "17.1", margin), error);
    }
}

#[test]
fn what_could_be_liquidated_at_once_is_refused() {
    // As for opening: 0.02 long at 100 (entry 2.00002, fee 0.00100001, up) and
    // 0.000000001 more at 100 ± 0.5. Notional at 99.5: 1.9900000995, up:
    // 1.990001, initial 0.09950005, up: 0.099501; maintenance the least
    // reward, 0.1. The unit adds 100.250…002 × 10^-9, up: 0.000001 to the
    // entry, 0.000001 to the fee; PnL = 1.99 − 2.000021 = −0.010021.
    // Margin before, for an equity of 0.1: 0.110022; for 0.099501: 0.109523.
    for (margin, error) in [
        ("0.110022", None),
        ("0.110021", Some(RingfenceError::WouldBeLiquidatable)),
        ("0.109523", Some(RingfenceError::WouldBeLiquidatable)),
        ("0.109522", Some(RingfenceError::BelowInitialMargin)),
    ] {
        let (mut world, market) = easy_with(|params| params.min_position_notional = quote("2"));
        let alice = world.trader(10);
        // the fee on top
        let deposit = quote(margin) + 1_001;
        let position = world.open(market, &alice, 0, Side::Long, size("0.02"), deposit).unwrap();
        assert_eq!(world.position(position).margin, quote(margin));
        publish(&mut world, market, "100", "0.5");
        let result = world.increase(market, &alice, position, 1, 0);
        match error {
            Some(error) => assert_error(result, error),
            None => drop(result.unwrap()),
        }
    }
}

#[test]
fn limits_count_what_is_open_already() {
    let (mut world, market) = easy_with(|params| params.max_open_interest_long = quote("1500"));
    let alice = world.trader(1_000);
    let position = world.open(market, &alice, 0, Side::Long, size("10"), quote("200")).unwrap();
    let beyond = world.increase(market, &alice, position, size("5.000000001"), 0);
    assert_error(beyond, RingfenceError::OpenInterestLimit);
    world.increase(market, &alice, position, size("5"), 0).unwrap();

    // 5 more add 5 × 101.25 = 506.25 to the 1005 reserved: 1511.25, which is
    // half of 3022.5; of the first fee 0.402 went to the pool
    for (deposit, enough) in [("3022.097999", false), ("3022.098", true)] {
        let mut world = World::new();
        let market = world
            .market("SOL-PERP")
            .price("100")
            .params(|params| {
                params.skew_scale = size("1000");
                params.max_utilisation_ppm = 500_000;
            })
            .build();
        let provider = world.trader_of(market, quote(deposit));
        world.add_liquidity(market, &provider, quote(deposit)).unwrap();
        let alice = world.trader(1_000);
        let position = world.open(market, &alice, 0, Side::Long, size("10"), quote("200")).unwrap();
        let result = world.increase(market, &alice, position, size("5"), 0);
        if enough {
            result.unwrap();
        } else {
            assert_error(result, RingfenceError::InsufficientLiquidity);
        }
    }
}

#[test]
fn an_emptied_position_cannot_be_increased() {
    let (mut world, market, alice, position) = with_long();
    world.decrease(market, &alice, position, size("10")).unwrap();
    let result = world.increase(market, &alice, position, size("5"), quote("50"));
    assert_error(result, RingfenceError::PositionEmpty);
}

#[test]
fn a_size_of_zero_is_refused() {
    let (mut world, market, alice, position) = with_long();
    let result = world.increase(market, &alice, position, 0, quote("50"));
    assert_error(result, RingfenceError::ZeroAmount);
}

#[test]
fn sizes_and_margins_beyond_their_range_are_refused() {
    let (mut world, market, alice, position) = with_long();
    let result = world.increase(market, &alice, position, u64::MAX, 0);
    assert_error(result, RingfenceError::MathOverflow);
    let result = world.increase(market, &alice, position, size("1"), u64::MAX);
    assert_error(result, RingfenceError::MathOverflow);
    // 990 more of a short's sale would find a price of 0: (−10 − 1980/2) / 1000
    let position = world.open(market, &alice, 1, Side::Short, size("20"), quote("200")).unwrap();
    let result = world.increase(market, &alice, position, size("1980"), 0);
    assert_error(result, RingfenceError::InvalidMathParameter);
}

#[test]
fn a_position_that_shrank_below_the_raised_minimum_grows_to_it() {
    let (mut world, market, alice, position) = with_long();
    let key = world.market_key(market);
    // entry 1005 + 5 × 101.25 = 1511.25
    world.edit::<Market>(&key, |state| state.params.min_position_notional = quote("1511.250001"));
    let result = world.increase(market, &alice, position, size("5"), 0);
    assert_error(result, RingfenceError::PositionTooSmall);
    world.edit::<Market>(&key, |state| state.params.min_position_notional = quote("1511.25"));
    world.increase(market, &alice, position, size("5"), 0).unwrap();
}

#[test]
fn only_an_active_market_increases() {
    for status in [MarketStatus::ReduceOnly, MarketStatus::Paused] {
        let (mut world, market, alice, position) = with_long();
        world.set_status(market, status).unwrap();
        let result = world.increase(market, &alice, position, size("1"), 0);
        assert_error(result, RingfenceError::MarketNotActive);
    }
}

#[test]
fn accounts_of_another_version_are_refused() {
    let (mut world, market, alice, position) = with_long();
    world.edit::<Position>(&position, |state| state.version = 1);
    let result = world.increase(market, &alice, position, size("1"), 0);
    assert_error(result, RingfenceError::UnsupportedVersion);
    let (mut world, market, alice, position) = with_long();
    let key = world.market_key(market);
    world.edit::<Market>(&key, |state| state.version = 0);
    let result = world.increase(market, &alice, position, size("1"), 0);
    assert_error(result, RingfenceError::UnsupportedVersion);
}

#[test]
fn a_price_older_than_its_limit_does_not_increase() {
    let (mut world, market, alice, position) = with_long();
    world.warp(60);
    world.increase(market, &alice, position, size("1"), 0).unwrap();
    world.warp(1);
    let result = world.increase(market, &alice, position, size("1"), 0);
    assert_error(result, RingfenceError::OracleStale);
}

#[test]
fn margin_that_the_owner_does_not_have_is_refused_by_the_token_program() {
    let (mut world, market, alice, position) = with_long();
    let result = world.increase(market, &alice, position, size("1"), quote("800.000001"));
    assert_code(result, token_error::INSUFFICIENT_FUNDS);
    world.increase(market, &alice, position, size("1"), quote("800")).unwrap();
    balanced(&world);
}
