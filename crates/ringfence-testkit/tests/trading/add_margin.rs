use anchor_lang::prelude::Pubkey;
use ringfence_client::RingfenceError;
use ringfence_client::event::MarginAdded;
use ringfence_client::events::Event;
use ringfence_client::state::{Position, Side};
use ringfence_testkit::{MarketId, Trader, World, assert_code, assert_error, price, quote, size};

use crate::support::*;

/// The easy market with 10 long at 100 (entry 1005, margin 199.4975).
fn with_long() -> (World, MarketId, Trader, Pubkey) {
    let (mut world, market) = easy();
    let alice = world.trader(1_000);
    let position = world.open(market, &alice, 0, Side::Long, size("10"), quote("200")).unwrap();
    (world, market, alice, position)
}

#[test]
fn margin_added_counts_to_the_atom_and_changes_nothing_else() {
    let (mut world, market, alice, position) = with_long();
    let before = world.market_state(market);
    let receipt = world.add_margin(market, &alice, position, quote("30.000001")).unwrap();
    assert_position(&world, position, "10", "1005", "229.497501", "1005");
    assert_eq!(world.wealth(market, &alice), quote("769.999999"));
    assert_eq!(format!("{:?}", world.market_state(market)), format!("{before:?}"));
    assert_events(
        &receipt,
        &[Event::MarginAdded(MarginAdded {
            market: world.market_key(market),
            position,
            payer: alice.pubkey(),
            amount: quote("30.000001"),
            margin: quote("229.497501"),
        })],
    );
    balanced(&world);
}

#[test]
fn anyone_may_add_margin_and_gets_no_claim_on_it() {
    let (mut world, market, alice, position) = with_long();
    let bob = world.trader(50);
    let receipt = world.add_margin(market, &bob, position, quote("50")).unwrap();
    assert_position(&world, position, "10", "1005", "249.4975", "1005");
    let Event::MarginAdded(event) = &receipt.events[0] else { panic!("{receipt:?}") };
    assert_eq!(event.payer, bob.pubkey());
    assert_error(world.remove_margin(market, &bob, position, quote("50")), RingfenceError::NotPositionOwner);
    // open→close at 100.5 costs the second fee alone
    world.close(market, &alice, position).unwrap();
    assert_eq!(world.wealth(market, &alice), quote("1048.995"));
    balanced(&world);
}

#[test]
fn margin_added_in_time_saves_a_position() {
    let (mut world, market, alice, position) = with_long();
    let keeper = world.trader(0);
    world.remove_margin(market, &alice, position, quote("144.4975")).unwrap();
    // margin 55; at 98: notional 980, PnL −25, maintenance 3.5 % = 34.3: short
    // of 4.3
    world.set_price(market, price("98"));
    world.add_margin(market, &alice, position, quote("4.299999")).unwrap();
    world.tokens_of(market, &keeper);
    world.what_if(|world| world.liquidate(market, &keeper, position)).unwrap();
    world.add_margin(market, &alice, position, 1).unwrap();
    assert_error(world.liquidate(market, &keeper, position), RingfenceError::NotLiquidatable);
}

#[test]
fn adding_margin_needs_no_price() {
    let (mut world, market, alice, position) = with_long();
    let oracle = world.markets[market.0].accounts.oracle;
    world.svm.set_account(oracle, Default::default()).unwrap();
    world.warp(1_000_000);
    world.add_margin(market, &alice, position, 1).unwrap();
    balanced(&world);
}

#[test]
fn an_amount_of_zero_is_refused() {
    let (mut world, market, alice, position) = with_long();
    assert_error(world.add_margin(market, &alice, position, 0), RingfenceError::ZeroAmount);
}

#[test]
fn an_emptied_position_takes_no_margin() {
    let (mut world, market, alice, position) = with_long();
    world.decrease(market, &alice, position, size("10")).unwrap();
    assert_error(world.add_margin(market, &alice, position, 1), RingfenceError::PositionEmpty);
}

#[test]
fn a_margin_beyond_its_range_is_refused() {
    let (mut world, market, alice, position) = with_long();
    let most = u64::MAX - quote("199.4975");
    assert_error(world.add_margin(market, &alice, position, most + 1), RingfenceError::MathOverflow);
    // in range, but not to be had
    let result = world.add_margin(market, &alice, position, most);
    assert_code(result, token_error::INSUFFICIENT_FUNDS);
}

#[test]
fn margin_comes_from_what_the_payer_has() {
    let (mut world, market, alice, position) = with_long();
    let result = world.add_margin(market, &alice, position, quote("800.000001"));
    assert_code(result, token_error::INSUFFICIENT_FUNDS);
    world.add_margin(market, &alice, position, quote("800")).unwrap();
    balanced(&world);
}

#[test]
fn a_position_of_another_version_is_refused() {
    let (mut world, market, alice, position) = with_long();
    world.edit::<Position>(&position, |state| state.version = 1);
    assert_error(world.add_margin(market, &alice, position, 1), RingfenceError::UnsupportedVersion);
}
