//! What opening refuses: for each limit, what just passes and what just fails.

use anchor_lang::prelude::Pubkey;
use ringfence_client::state::{Market, MarketStatus, Side};
use ringfence_client::{OpenPositionArgs, RingfenceError};
use ringfence_testkit::{Failure, MarketId, Receipt, World, assert_code, assert_error, price, quote, size};

use crate::support::*;

/// A stranger with `margin` opens, in a world that stays as it is where he
/// cannot.
fn open(
    world: &mut World,
    market: MarketId,
    side: Side,
    open: &str,
    margin: &str,
) -> Result<Pubkey, Failure> {
    let trader = world.trader_of(market, quote(margin));
    let result = world.open(market, &trader, 0, side, size(open), quote(margin));
    if result.is_err() {
        assert_eq!(world.wealth(market, &trader), quote(margin));
        assert!(world.read_position(&world.position_key(market, &trader, 0)).is_none());
    }
    balanced(world);
    result
}

fn open_at(world: &mut World, market: MarketId, side: Side, acceptable: &str) -> Result<Receipt, Failure> {
    let trader = world.trader(1_000);
    let args = OpenPositionArgs {
        id: 0,
        side,
        size: size("10"),
        margin: quote("200"),
        acceptable_price: price(acceptable),
    };
    world.open_with(market, &trader, args)
}

#[test]
fn a_long_pays_at_most_the_acceptable_price() {
    // fill 100 × (1 + 5/1000) = 100.5
    let (mut world, market) = easy();
    assert_error(open_at(&mut world, market, Side::Long, "100.4999999999"), RingfenceError::SlippageExceeded);
    open_at(&mut world, market, Side::Long, "100.5").unwrap();
}

#[test]
fn a_short_gets_at_least_the_acceptable_price() {
    // fill 100 × (1 − 5/1000) = 99.5
    let (mut world, market) = easy();
    assert_error(open_at(&mut world, market, Side::Short, "99.5000000001"), RingfenceError::SlippageExceeded);
    open_at(&mut world, market, Side::Short, "99.5").unwrap();
}

#[test]
fn a_size_of_zero_is_refused() {
    let (mut world, market) = easy();
    assert_error(open(&mut world, market, Side::Long, "0", "100"), RingfenceError::ZeroAmount);
}

#[test]
fn a_margin_below_the_fee_is_refused_as_such() {
    // fee of 10 at 100.5: 0.5025; at just that, equity is what is missing
    let (mut world, market) = easy();
    assert_error(open(&mut world, market, Side::Long, "10", "0.502499"), RingfenceError::MarginBelowFee);
    assert_error(open(&mut world, market, Side::Long, "10", "0"), RingfenceError::MarginBelowFee);
    assert_error(open(&mut world, market, Side::Long, "10", "0.5025"), RingfenceError::BelowInitialMargin);
}

#[test]
fn equity_after_opening_is_at_least_the_initial_margin() {
    // Long: entry 1005, notional at the index 1000, so PnL −5;
    // 0.5025 fee + 5 loss + 50 initial = 55.5025
    let (mut world, market) = easy();
    assert_error(open(&mut world, market, Side::Long, "10", "55.502499"), RingfenceError::BelowInitialMargin);
    open(&mut world, market, Side::Long, "10", "55.5025").unwrap();

    // Short: entry 995, PnL 995 − 1000 = −5; fee 0.4975: 55.4975
    let (mut world, market) = easy();
    assert_error(
        open(&mut world, market, Side::Short, "10", "55.497499"),
        RingfenceError::BelowInitialMargin,
    );
    open(&mut world, market, Side::Short, "10", "55.4975").unwrap();
}

#[test]
fn the_initial_margin_is_judged_at_the_edge_that_hurts() {
    // Long at 100 ± 0.2: fill 100.6, entry 1006, fee 0.503; at 99.8: notional
    // 998, PnL −8, initial 49.9: 0.503 + 8 + 49.9 = 58.403
    let (mut world, market) = easy();
    publish(&mut world, market, "100", "0.2");
    assert_error(open(&mut world, market, Side::Long, "10", "58.402999"), RingfenceError::BelowInitialMargin);
    open(&mut world, market, Side::Long, "10", "58.403").unwrap();

    // Short: fill 99.4, entry 994, fee 0.497; at 100.2: notional 1002, PnL −8,
    // initial 50.1: 0.497 + 8 + 50.1 = 58.597
    let (mut world, market) = easy();
    publish(&mut world, market, "100", "0.2");
    assert_error(
        open(&mut world, market, Side::Short, "10", "58.596999"),
        RingfenceError::BelowInitialMargin,
    );
    open(&mut world, market, Side::Short, "10", "58.597").unwrap();
}

#[test]
fn nobody_opens_what_could_be_liquidated_at_once() {
    // The least reward is all of the least initial margin (0.1 = 5 % of 2), and
    // the edge makes the notional smaller still. Long 0.02 at 100 ± 0.5:
    // fill 100 × (1 + 0.01/1000) + 0.25 = 100.251, entry 2.00502, fee
    // 0.00100251, up: 0.001003; at 99.5: notional 1.99, PnL −0.01502,
    // initial 0.0995, maintenance max(0.04975 + 0.0199, 0.1) = 0.1.
    let (mut world, market) = easy_with(|params| params.min_position_notional = quote("2"));
    publish(&mut world, market, "100", "0.5");
    // 0.0995 + 0.01502 + 0.001003 = 0.115523 and 0.1 + … = 0.116023
    assert_error(
        open(&mut world, market, Side::Long, "0.02", "0.115522"),
        RingfenceError::BelowInitialMargin,
    );
    assert_error(
        open(&mut world, market, Side::Long, "0.02", "0.115523"),
        RingfenceError::WouldBeLiquidatable,
    );
    assert_error(
        open(&mut world, market, Side::Long, "0.02", "0.116022"),
        RingfenceError::WouldBeLiquidatable,
    );
    open(&mut world, market, Side::Long, "0.02", "0.116023").unwrap();
}

#[test]
fn a_position_below_the_smallest_notional_is_refused() {
    // 0.1 at 100 × (1 + 0.05/1000) = 100.005: 10.0005; the size one hundred
    // millionth below: 0.09999999 × 100.004999995 = 10.0004989…, up: 10.000499
    let (mut world, market) = easy_with(|params| params.min_position_notional = quote("10.0005"));
    assert_error(open(&mut world, market, Side::Long, "0.09999999", "5"), RingfenceError::PositionTooSmall);
    open(&mut world, market, Side::Long, "0.1", "5").unwrap();
}

#[test]
fn each_side_has_an_open_interest_limit_at_the_index_price() {
    // 10 at 100 = 1000; one size unit more is 1000.0000001, up: 1000.000001
    let (mut world, market) = easy_with(|params| {
        params.max_open_interest_long = quote("1000");
        params.max_open_interest_short = quote("2000");
    });
    assert_error(
        open(&mut world, market, Side::Long, "10.000000001", "200"),
        RingfenceError::OpenInterestLimit,
    );
    open(&mut world, market, Side::Long, "10", "200").unwrap();
    assert_error(open(&mut world, market, Side::Long, "0.2", "200"), RingfenceError::OpenInterestLimit);

    open(&mut world, market, Side::Short, "15", "500").unwrap();
    assert_error(
        open(&mut world, market, Side::Short, "5.000000001", "200"),
        RingfenceError::OpenInterestLimit,
    );
    open(&mut world, market, Side::Short, "5", "200").unwrap();
}

#[test]
fn reserves_stay_within_the_usable_part_of_the_pool() {
    // half of a pool of 2010 is the reserve of 10 long: 1005; half of one atom
    // less is 1004.9999995, down
    for (deposit, enough) in [("2009.999999", false), ("2010", true)] {
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
        let result = open(&mut world, market, Side::Long, "10", "200");
        if enough {
            result.unwrap();
        } else {
            assert_error(result, RingfenceError::InsufficientLiquidity);
        }
    }
}

#[test]
fn a_pool_without_liquidity_takes_no_position() {
    let mut world = World::new();
    let market = world.market("SOL-PERP").build();
    assert_error(open(&mut world, market, Side::Short, "1", "100"), RingfenceError::InsufficientLiquidity);
}

#[test]
fn only_an_active_market_is_open_to_new_positions() {
    for status in [MarketStatus::ReduceOnly, MarketStatus::Paused] {
        let (mut world, market) = easy();
        world.set_status(market, status).unwrap();
        assert_error(open(&mut world, market, Side::Long, "1", "50"), RingfenceError::MarketNotActive);
        world.set_status(market, MarketStatus::Active).unwrap();
        open(&mut world, market, Side::Long, "1", "50").unwrap();
    }
}

#[test]
fn a_size_whose_notional_leaves_its_range_is_refused() {
    let (mut world, market) = easy();
    let trader = world.trader(100);
    let result = world.open(market, &trader, 0, Side::Long, u64::MAX, quote("100"));
    assert_error(result, RingfenceError::MathOverflow);
}

#[test]
fn a_sale_that_takes_the_price_to_zero_is_refused() {
    // 2000 short of a scale of 1000: 100 × (1 − 1000/1000) = 0
    let (mut world, market) = easy();
    let result = open(&mut world, market, Side::Short, "2000", "100");
    assert_error(result, RingfenceError::InvalidMathParameter);
    // one size unit less fills at half a price unit, down: 0 again; two less at
    // one price unit, which makes a notional of 0.0002 atoms, down: nothing
    let result = open(&mut world, market, Side::Short, "1999.999999999", "100");
    assert_error(result, RingfenceError::InvalidMathParameter);
    let result = open(&mut world, market, Side::Short, "1999.999999998", "100");
    assert_error(result, RingfenceError::PositionTooSmall);
}

#[test]
fn a_market_of_another_version_is_refused() {
    let (mut world, market) = easy();
    let key = world.market_key(market);
    world.edit::<Market>(&key, |state| state.version = 1);
    assert_error(open(&mut world, market, Side::Long, "10", "200"), RingfenceError::UnsupportedVersion);
}

#[test]
fn a_price_older_than_its_limit_does_not_open() {
    let (mut world, market) = easy();
    world.warp(61);
    assert_error(open(&mut world, market, Side::Long, "10", "200"), RingfenceError::OracleStale);
    let (mut world, market) = easy();
    world.warp(60);
    open(&mut world, market, Side::Long, "10", "200").unwrap();
}

#[test]
fn margin_that_the_owner_does_not_have_is_refused_by_the_token_program() {
    let (mut world, market) = easy();
    let trader = world.trader_of(market, quote("199.999999"));
    let result = world.open(market, &trader, 0, Side::Long, size("10"), quote("200"));
    assert_code(result, token_error::INSUFFICIENT_FUNDS);
    open(&mut world, market, Side::Long, "10", "200").unwrap();
}

#[test]
fn a_frozen_token_account_cannot_pay_margin() {
    let (mut world, market) = easy();
    let trader = world.trader(1_000);
    let tokens = world.tokens_of(market, &trader);
    world.freeze(tokens);
    let result = world.open(market, &trader, 0, Side::Long, size("10"), quote("200"));
    assert_code(result, token_error::ACCOUNT_FROZEN);
}

#[test]
fn an_id_in_use_is_refused() {
    let (mut world, market) = easy();
    let trader = world.trader(1_000);
    world.open(market, &trader, 3, Side::Long, size("10"), quote("200")).unwrap();
    // the system program's "account already in use"
    let again = world.open(market, &trader, 3, Side::Short, size("5"), quote("100"));
    assert_code(again, 0);
    balanced(&world);
}
