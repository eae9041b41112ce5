//! A gain that has reached its reserve, closed by anyone.

use anchor_lang::prelude::Pubkey;
use ringfence_client::event::PositionCapped;
use ringfence_client::events::Event;
use ringfence_client::state::MarketStatus;
use ringfence_client::state::Side::{self, Long, Short};
use ringfence_client::{RingfenceError, pda};
use ringfence_testkit::{Failure, Feed, MarketId, Receipt, Trader, World, price, quote, size};
use solana_signer::Signer;

use crate::support::*;

/// 10 long from 100.5 or short from 99.5 with a margin of 100, a reserve of
/// half the entry, and fees that a cap close must not take.
fn scene(side: Side) -> (World, MarketId, Trader, Trader, Pubkey) {
    let (mut world, market) = calm_with(|params| {
        params.reserve_factor_ppm = 500_000;
        params.close_fee_ppm = 5_000;
    });
    let (alice, caller) = (world.trader(1_000), world.trader(0));
    let position = world.open(market, &alice, 0, side, size("10"), quote("100")).unwrap();
    (world, market, alice, caller, position)
}

fn publish(world: &mut World, market: MarketId, index: &str, confidence: &str) {
    let publish_time = world.now();
    let (index, confidence) = (price(index), price(confidence));
    world.set_feed(market, Feed { price: index, confidence, ema: index, publish_time });
}

fn attempt(
    world: &mut World,
    market: MarketId,
    caller: &Trader,
    position: Pubkey,
) -> Result<Receipt, Failure> {
    let instruction = world.close_at_cap_ix(market, caller, position);
    probe(world, &instruction, &[&caller.key])
}

#[test]
fn a_long_is_paid_its_reserve_in_full_and_no_fee_is_taken() {
    let (mut world, market, alice, caller, position) = scene(Long);
    // reserve 502.5: 1,507.5 − 1,005 at 150.75
    publish(&mut world, market, "150.75", "0");
    let receipt = passes("close", world.close_at_cap(market, &caller, position));
    let expected = PositionCapped {
        market: world.market_key(market),
        position,
        owner: alice.pubkey(),
        caller: caller.pubkey(),
        size: size("10"),
        price: price("150.75"),
        entry_notional: quote("1005"),
        funding: 0,
        borrow: 0,
        gain: quote("502.5"),
        margin: quote("602.5"),
        oracle: world.market_state(market).accepted,
    };
    assert_events(&receipt, &[Event::PositionCapped(expected)]);
    assert_position(&world, position, "0", "0", "602.5");
    assert_pool(&world, market, "99497.5", "0", "0");
    let state = world.position(position);
    assert_eq!((state.realised_pnl.get(), state.fees_paid, state.reserve), (502_500_000, 0, 0));
    assert_eq!(world.wealth(market, &caller), 0);
    assert_eq!(world.market_state(market).long.positions, 0);

    refused("again", world.close_at_cap(market, &caller, position), RingfenceError::PositionEmpty);
    passes("claim", world.close(market, &alice, position));
    assert_eq!(world.wealth(market, &alice), quote("1502.5"));
    balanced(&world);
}

#[test]
fn a_short_is_paid_its_reserve_in_full() {
    let (mut world, market, alice, caller, position) = scene(Short);
    // reserve 497.5: 995 − 497.5 at 49.75
    publish(&mut world, market, "49.75", "0");
    passes("close", world.close_at_cap(market, &caller, position));
    assert_position(&world, position, "0", "0", "597.5");
    assert_pool(&world, market, "99502.5", "0", "0");
    passes("claim", world.close(market, &alice, position));
    assert_eq!(world.wealth(market, &alice), quote("1497.5"));
}

#[test]
fn one_tick_short_of_the_cap_is_refused() {
    for (side, below, at, beyond) in
        [(Long, "150.7499999999", "150.75", "180"), (Short, "49.7500000001", "49.75", "40")]
    {
        let (mut world, market, _alice, caller, position) = scene(side);
        publish(&mut world, market, below, "0");
        let result = attempt(&mut world, market, &caller, position);
        refused("a tick short", result, RingfenceError::GainBelowCap);
        for index in [at, beyond] {
            publish(&mut world, market, index, "0");
            passes(index, attempt(&mut world, market, &caller, position));
        }
    }
}

#[test]
fn the_edge_that_hurts_the_position_has_to_reach_the_cap() {
    for (side, index, confidence) in [(Long, "151.75", "1"), (Short, "49.5", "0.25")] {
        let (mut world, market, _alice, caller, position) = scene(side);
        publish(&mut world, market, index, confidence);
        let receipt = passes("at the edge", attempt(&mut world, market, &caller, position));
        let [Event::PositionCapped(event)] = &receipt.events[..] else { panic!("{receipt:?}") };
        assert_eq!(event.price, if side == Long { price("150.75") } else { price("49.75") });

        let wider = price(confidence) + 1;
        let feed = world.markets[market.0].feed;
        world.set_feed(market, Feed { confidence: wider, ..feed });
        let result = attempt(&mut world, market, &caller, position);
        refused("a tick wider", result, RingfenceError::GainBelowCap);
    }
}

#[test]
fn charges_put_the_cap_off() {
    let (mut world, market, _alice, caller, position) = scene(Long);
    // a day's funding of 5
    world.advance(DAY);
    passes("accrue", world.accrue(market));
    publish(&mut world, market, "151.2499999999", "0");
    let result = attempt(&mut world, market, &caller, position);
    refused("a tick short", result, RingfenceError::GainBelowCap);
    publish(&mut world, market, "151.25", "0");
    let receipt = passes("close", world.close_at_cap(market, &caller, position));
    let [Event::PositionCapped(event)] = &receipt.events[..] else { panic!("{receipt:?}") };
    assert_eq!((event.funding, event.gain), (-5_000_000, quote("502.5")));
    assert_eq!(world.position(position).realised_funding.get(), -5_000_000);
    assert_pool(&world, market, "99497.5", "0", "0");
}

#[test]
fn the_cap_closes_in_every_status() {
    for status in [MarketStatus::Active, MarketStatus::ReduceOnly, MarketStatus::Paused] {
        let (mut world, market, _alice, caller, position) = scene(Long);
        publish(&mut world, market, "160", "0");
        passes("status", world.set_status(market, status));
        passes("close", world.close_at_cap(market, &caller, position));
        balanced(&world);
    }
}

#[test]
fn a_loss_is_never_a_cap() {
    let (mut world, market, _alice, caller, position) = scene(Long);
    publish(&mut world, market, "80", "0");
    let result = world.close_at_cap(market, &caller, position);
    refused("a loss", result, RingfenceError::GainBelowCap);
}

#[test]
fn the_cap_takes_the_prices_that_a_decrease_takes() {
    let (mut world, market, _alice, caller, position) = scene(Long);
    publish(&mut world, market, "160", "0");
    world.warp(120);
    passes("120 s old", attempt(&mut world, market, &caller, position));
    world.warp(1);
    let result = attempt(&mut world, market, &caller, position);
    refused("121 s old", result, RingfenceError::OracleStale);
    publish(&mut world, market, "160", "1.6000000001");
    let result = attempt(&mut world, market, &caller, position);
    refused("over 1 % wide", result, RingfenceError::OracleConfidenceTooWide);
}

#[test]
fn every_account_is_checked() {
    use anchor_lang::error::ErrorCode::*;
    let (mut world, market, alice, caller, position) = scene(Long);
    let second = world.open(market, &alice, 1, Long, size("1"), quote("50")).unwrap();
    let other = world.market("BTC-PERP").liquidity(10_000).build();
    let stranger = world.trader(1_000);
    let elsewhere = world.open(other, &stranger, 0, Long, size("1"), quote("50")).unwrap();
    publish(&mut world, market, "160", "0");
    let (key, nothing) = (world.market_key(market), world.new_key().pubkey());
    let (accounts, others) = (world.markets[market.0].accounts, world.markets[other.0].accounts);
    let (forged_market, forged_position) = (forged(&mut world, key), forged(&mut world, position));
    let vault = pda::position_vault(&position);
    let forged_vault = forged(&mut world, vault);
    let cases = [
        unsigned("no signature", 0),
        replaced("a position for a market", 1, position, AccountDiscriminatorMismatch),
        replaced("a forged market", 1, forged_market, AccountOwnedByWrongProgram),
        replaced("another market", 1, others.market, RingfenceError::WrongPoolVault),
        read_only("a read-only market", 1),
        replaced("a market for a position", 2, key, AccountDiscriminatorMismatch),
        replaced("a forged position", 2, forged_position, AccountOwnedByWrongProgram),
        replaced("another market's position", 2, elsewhere, RingfenceError::WrongMarket),
        replaced("another position", 2, second, RingfenceError::WrongPositionVault),
        read_only("a read-only position", 2),
        replaced("another vault", 3, pda::position_vault(&second), RingfenceError::WrongPositionVault),
        replaced("the pool for a vault", 3, accounts.pool_vault, RingfenceError::WrongPositionVault),
        replaced("a forged vault", 3, forged_vault, RingfenceError::WrongPositionVault),
        read_only("a read-only vault", 3),
        replaced("another pool", 4, others.pool_vault, RingfenceError::WrongPoolVault),
        replaced("the vault for the pool", 4, vault, RingfenceError::WrongPoolVault),
        read_only("a read-only pool", 4),
        replaced("another oracle", 5, others.oracle, RingfenceError::OracleWrongAccount),
        replaced("no oracle", 5, nothing, RingfenceError::OracleWrongAccount),
        replaced("another token program", 6, anchor_spl::token_2022::ID, RingfenceError::WrongTokenProgram),
        replaced("no token program", 6, anchor_lang::system_program::ID, InvalidProgramId),
    ];
    let instruction = world.close_at_cap_ix(market, &caller, position);
    let cases = cases.into_iter().chain(event_cases(7, nothing));
    check_substitutions(&mut world, &instruction, &[&caller.key], cases);
}
