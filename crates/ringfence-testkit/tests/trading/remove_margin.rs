use anchor_lang::prelude::Pubkey;
use ringfence_client::RingfenceError;
use ringfence_client::event::MarginRemoved;
use ringfence_client::events::Event;
use ringfence_client::state::{Market, MarketStatus, Position, Side};
use ringfence_testkit::{MarketId, Trader, World, assert_code, assert_error, quote, size};

use crate::support::*;

/// 10 long at 100: entry 1005, margin 199.4975; 10 short: 995, 199.5025.
fn with(side: Side) -> (World, MarketId, Trader, Pubkey) {
    let (mut world, market) = easy();
    let alice = world.trader(1_000);
    let position = world.open(market, &alice, 0, side, size("10"), quote("200")).unwrap();
    (world, market, alice, position)
}

#[test]
fn removing_margin_pays_the_owner_to_the_atom_and_changes_nothing_else() {
    let (mut world, market, alice, position) = with(Side::Long);
    let before = world.market_state(market);
    let receipt = world.remove_margin(market, &alice, position, quote("99.4975")).unwrap();
    assert_position(&world, position, "10", "1005", "100", "1005");
    assert_eq!(world.wealth(market, &alice), quote("899.4975"));
    assert_eq!(format!("{:?}", world.market_state(market)), format!("{before:?}"));
    assert_events(
        &receipt,
        &[Event::MarginRemoved(MarginRemoved {
            market: world.market_key(market),
            position,
            amount: quote("99.4975"),
            margin: quote("100"),
        })],
    );
    balanced(&world);
}

/// At `index` ± `confidence`, just `most` can be taken out of a fresh position.
#[track_caller]
fn can_remove(side: Side, index: &str, confidence: &str, most: &str) {
    let (mut world, market, alice, position) = with(side);
    publish(&mut world, market, index, confidence);
    let beyond = world.remove_margin(market, &alice, position, quote(most) + 1);
    assert_error(beyond, RingfenceError::BelowInitialMargin);
    world.remove_margin(market, &alice, position, quote(most)).unwrap();
    balanced(&world);
    assert_error(world.remove_margin(market, &alice, position, 1), RingfenceError::BelowInitialMargin);
}

#[test]
fn what_stays_covers_losses_and_initial_margin() {
    // PnL −5 at the index, initial 50: 55 stay
    can_remove(Side::Long, "100", "0", "144.4975");
    can_remove(Side::Short, "100", "0", "144.5025");
    // at 95: PnL 950 − 1005 = −55, initial 47.5: 102.5 stay
    can_remove(Side::Long, "95", "0", "96.9975");
    // at 105: PnL 995 − 1050 = −55, initial 52.5: 107.5 stay
    can_remove(Side::Short, "105", "0", "92.0025");
}

#[test]
fn unrealised_gains_never_back_a_withdrawal() {
    // at 110 a gain of 95 counts for nothing, and the initial margin is 55
    can_remove(Side::Long, "110", "0", "144.4975");
    // at 80 a gain of 195 counts for nothing; initial 40
    can_remove(Side::Short, "80", "0", "159.5025");
}

#[test]
fn withdrawals_are_judged_at_the_edge_that_hurts() {
    // at 99.8: PnL −7, initial 49.9: 56.9 stay
    can_remove(Side::Long, "100", "0.2", "142.5975");
    // at 100.2: PnL −7, initial 50.1: 57.1 stay
    can_remove(Side::Short, "100", "0.2", "142.4025");
}

#[test]
fn roundings_of_a_withdrawal_are_against_the_position() {
    // at 100.0000000001 a short's notional of 1000.000000001 is rounded up to
    // 1000.000001: PnL −5.000001, initial 50.00000005, up: 50.000001
    can_remove(Side::Short, "100.0000000001", "0", "144.502498");
    // a long's is rounded down for the PnL: 999.999999 at 99.9999999999, −5.000001;
    // up for the initial margin: 50
    can_remove(Side::Long, "99.9999999999", "0", "144.497499");
}

#[test]
fn amounts_of_zero_and_beyond_the_margin_are_refused() {
    let (mut world, market, alice, position) = with(Side::Long);
    assert_error(world.remove_margin(market, &alice, position, 0), RingfenceError::ZeroAmount);
    let all = quote("199.4975");
    assert_error(world.remove_margin(market, &alice, position, all + 1), RingfenceError::AmountExceedsMargin);
    assert_error(
        world.remove_margin(market, &alice, position, u64::MAX),
        RingfenceError::AmountExceedsMargin,
    );
    assert_error(world.remove_margin(market, &alice, position, all), RingfenceError::BelowInitialMargin);
}

#[test]
fn nobody_withdraws_down_to_what_could_be_liquidated() {
    // the least reward above the initial margin at the edge, as for opening:
    // 0.02 long, entry 2.00002; at 99.5: PnL −0.01002, initial 0.0995,
    // maintenance 0.1. margin 0.11002 stays; 0.10952 would do for the initial.
    let open = || {
        let (mut world, market) = easy_with(|params| params.min_position_notional = quote("2"));
        let alice = world.trader(10);
        // fee 0.00100001, up: 0.001001
        let position = world.open(market, &alice, 0, Side::Long, size("0.02"), quote("1.001001")).unwrap();
        publish(&mut world, market, "100", "0.5");
        (world, market, alice, position)
    };
    for (amount, error) in [
        ("0.890481", RingfenceError::BelowInitialMargin),
        ("0.89048", RingfenceError::WouldBeLiquidatable),
        ("0.889981", RingfenceError::WouldBeLiquidatable),
    ] {
        let (mut world, market, alice, position) = open();
        assert_error(world.remove_margin(market, &alice, position, quote(amount)), error);
    }
    let (mut world, market, alice, position) = open();
    world.remove_margin(market, &alice, position, quote("0.88998")).unwrap();
    assert_eq!(world.position(position).margin, quote("0.11002"));
    balanced(&world);
}

#[test]
fn a_donation_to_the_vault_cannot_be_removed_as_margin() {
    let (mut world, market, alice, position) = with(Side::Long);
    world.donate(world.position(position).vault, quote("500"));
    let beyond = world.remove_margin(market, &alice, position, quote("144.497501"));
    assert_error(beyond, RingfenceError::BelowInitialMargin);
    let beyond = world.remove_margin(market, &alice, position, quote("199.497501"));
    assert_error(beyond, RingfenceError::AmountExceedsMargin);
    balanced(&world);
}

#[test]
fn the_remainder_of_an_emptied_position_leaves_in_every_status_without_a_price() {
    let (mut world, market, alice, position) = with(Side::Long);
    world.decrease(market, &alice, position, size("10")).unwrap();
    world.set_status(market, MarketStatus::Paused).unwrap();
    let oracle = world.markets[market.0].accounts.oracle;
    world.svm.set_account(oracle, Default::default()).unwrap();
    assert_error(world.remove_margin(market, &alice, position, 0), RingfenceError::ZeroAmount);
    let beyond = world.remove_margin(market, &alice, position, quote("198.995001"));
    assert_error(beyond, RingfenceError::AmountExceedsMargin);
    world.remove_margin(market, &alice, position, quote("198.995")).unwrap();
    assert_position(&world, position, "0", "0", "0", "0");
    assert_eq!(world.wealth(market, &alice), quote("998.995"));
    balanced(&world);
    world.close(market, &alice, position).unwrap();
    assert_eq!(world.wealth(market, &alice), quote("998.995"));
}

#[test]
fn an_open_position_gives_nothing_back_while_the_market_is_paused() {
    let (mut world, market, alice, position) = with(Side::Long);
    world.set_status(market, MarketStatus::Paused).unwrap();
    assert_error(world.remove_margin(market, &alice, position, 1), RingfenceError::MarketPaused);
    world.set_status(market, MarketStatus::ReduceOnly).unwrap();
    world.remove_margin(market, &alice, position, 1).unwrap();
}

#[test]
fn a_price_older_than_its_limit_removes_nothing() {
    let (mut world, market, alice, position) = with(Side::Long);
    world.warp(60);
    world.remove_margin(market, &alice, position, 1).unwrap();
    world.warp(1);
    assert_error(world.remove_margin(market, &alice, position, 1), RingfenceError::OracleStale);
}

#[test]
fn margin_leaves_to_any_token_account_of_the_mint_that_is_not_frozen() {
    let (mut world, market, alice, position) = with(Side::Long);
    let frozen = world.tokens_of(market, &alice);
    world.freeze(frozen);
    assert_code(world.remove_margin(market, &alice, position, 1), token_error::ACCOUNT_FROZEN);
    let mint = world.markets[market.0].accounts.collateral_mint;
    let other = world.create_token_account(mint, alice.pubkey(), 0);
    alice.tokens.borrow_mut().insert(mint, other);
    world.remove_margin(market, &alice, position, 1).unwrap();
    assert_eq!(world.balance(&other), 1);
}

#[test]
fn accounts_of_another_version_are_refused() {
    let (mut world, market, alice, position) = with(Side::Long);
    world.edit::<Position>(&position, |state| state.version = 1);
    assert_error(world.remove_margin(market, &alice, position, 1), RingfenceError::UnsupportedVersion);
    let (mut world, market, alice, position) = with(Side::Long);
    let key = world.market_key(market);
    world.edit::<Market>(&key, |state| state.version = 1);
    assert_error(world.remove_margin(market, &alice, position, 1), RingfenceError::UnsupportedVersion);
}
