//! Charges that have accrued but not been paid count in the pool's value where
//! that favours those who stay.

use ringfence_client::RingfenceError;
use ringfence_client::events::Event;
use ringfence_client::state::Side::{Long, Short};
use ringfence_testkit::{MarketId, Trader, World, quote, size};

use crate::support::*;

/// Shares for a deposit, without making it.
fn shares_for(world: &mut World, market: MarketId, provider: &Trader, amount: u64) -> u64 {
    let args = ringfence_client::AddLiquidityArgs { id: 0, amount, min_shares: 0 };
    let instruction = world.add_liquidity_ix(market, provider, args);
    let receipt = passes("deposit", probe(world, &instruction, &[&provider.key]));
    let [Event::LiquidityAdded(event)] = &receipt.events[..] else { panic!("{receipt:?}") };
    event.shares
}

/// Atoms for shares, without burning them.
fn amount_for(world: &mut World, market: MarketId, provider: &Trader, shares: u64) -> u64 {
    let args = ringfence_client::RemoveLiquidityArgs { shares, min_amount: 0 };
    let instruction = world.remove_liquidity_ix(market, provider, args);
    let receipt = passes("withdrawal", probe(world, &instruction, &[&provider.key]));
    let [Event::LiquidityRemoved(event)] = &receipt.events[..] else { panic!("{receipt:?}") };
    event.amount
}

/// 100,000 shares for 100,000, of which the provider holds 1,000 to sell.
fn scene() -> (World, MarketId, Trader) {
    let (mut world, market) = build(World::new(), 99_000, |_| ());
    let provider = world.trader(1_000_000);
    passes("deposit", world.add_liquidity(market, &provider, quote("1000")));
    assert_eq!(world.market_state(market).lp_shares, quote("100000"));
    (world, market, provider)
}

#[test]
fn what_traders_owe_makes_deposits_dearer_and_withdrawals_no_richer() {
    let (mut world, market, provider) = scene();
    let alice = world.trader(10_000);
    world.open(market, &alice, 0, Long, size("10"), quote("200")).unwrap();
    world.advance(DAY);
    // traders are 5 down on the price and owe 5 of funding: 100,010
    assert_eq!(shares_for(&mut world, market, &provider, quote("1000.1")), quote("1000"));
    // whoever leaves gets his part of 100,005
    assert_eq!(amount_for(&mut world, market, &provider, quote("1000")), quote("1000.05"));
}

#[test]
fn what_the_pool_owes_makes_withdrawals_cheaper_and_deposits_no_cheaper() {
    let (mut world, market, provider) = scene();
    let (alice, bob) = (world.trader(10_000), world.trader(10_000));
    let long = world.open(market, &alice, 0, Long, size("10"), quote("200")).unwrap();
    world.advance(DAY);
    // at a rate of 1 % alice leaves, paying 5, and bob sells 10 at 99.5
    world.close(market, &alice, long).unwrap();
    world.open(market, &bob, 0, Short, size("10"), quote("200")).unwrap();
    assert_pool(&world, market, "100005", "995", "0");
    // a day from 1 % to 0: bob is owed ½ % × 10 × 100 = 5; he is 5 down
    world.advance(DAY);
    // 100,005 + 5 − 5
    assert_eq!(amount_for(&mut world, market, &provider, quote("1000")), quote("1000.05"));
    // 100,005 + 5
    assert_eq!(shares_for(&mut world, market, &provider, quote("1000.1")), quote("1000"));
}

#[test]
fn borrow_that_has_accrued_counts_as_owed() {
    let (mut world, market) = build(World::new(), 99_000, |params| {
        unfunded(params);
        params.borrow_base_ppm = 200_000;
    });
    let provider = world.trader(1_000_000);
    passes("deposit", world.add_liquidity(market, &provider, quote("1000")));
    let alice = world.trader(10_000);
    world.open(market, &alice, 0, Long, size("10"), quote("500")).unwrap();
    world.advance(YEAR);
    // 20 % of 1,005 = 201; 100,000 + 5 + 201 = 100,206
    assert_eq!(shares_for(&mut world, market, &provider, quote("1002.06")), quote("1000"));
    assert_eq!(amount_for(&mut world, market, &provider, quote("1000")), quote("1000.05"));
}

#[test]
fn sides_that_owe_each_other_leave_the_pool_out_of_it() {
    let (mut world, market, provider) = scene();
    let (alice, bob) = (world.trader(10_000), world.trader(10_000));
    world.open(market, &alice, 0, Long, size("10"), quote("400")).unwrap();
    world.advance(DAY);
    // 10 short into a skew of 10: 100.5 → 1,005, as the long paid
    world.open(market, &bob, 0, Short, size("10"), quote("400")).unwrap();
    world.advance(10 * DAY);
    // alice owes 5 to the pool, and 1 % × 10 days × 1,000 = 100 to bob
    assert_eq!(indices(&world, market).1, 500_000_000_000_000);
    // unrealised PnL: none in sum; 100,000 + 5
    assert_eq!(shares_for(&mut world, market, &provider, quote("1000.05")), quote("1000"));
    assert_eq!(amount_for(&mut world, market, &provider, quote("1000")), quote("1000"));
}

#[test]
fn deposit_and_withdrawal_around_accrued_charges_gain_nothing() {
    let (mut world, market, provider) = scene();
    let alice = world.trader(10_000);
    let long = world.open(market, &alice, 0, Long, size("10"), quote("200")).unwrap();
    world.advance(4 * DAY);
    let (before, held) = (world.wealth(market, &provider), quote("1000"));
    passes("deposit", world.add_liquidity(market, &provider, quote("50000")));
    let shares = world.shares_of(market, &provider);
    let bought = world.balance(&shares) - held;
    // alice pays her 80 in between: the newcomer has paid for his part of them
    world.close(market, &alice, long).unwrap();
    passes("withdraw", world.remove_liquidity(market, &provider, bought));
    assert!(world.wealth(market, &provider) <= before);
    balanced(&world);
}

#[test]
fn a_deposit_is_refused_where_nothing_is_left_to_share() {
    let (mut world, market, provider) = scene();
    let key = world.market_key(market);
    world.edit::<ringfence_client::state::Market>(&key, |state| state.liquidity = 0);
    let result = world.add_liquidity(market, &provider, quote("10"));
    refused("a pool of nothing", result, RingfenceError::PoolInsolvent);
}
