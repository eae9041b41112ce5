use anchor_lang::prelude::Pubkey;
use ringfence_client::event::{FeeParts, PositionClosed, PositionDecreased};
use ringfence_client::events::Event;
use ringfence_client::state::{Market, Position, Side};
use ringfence_client::{ClosePositionArgs, RingfenceError, pda};
use ringfence_testkit::{MarketId, Trader, World, assert_code, assert_error, price, quote, size};

use crate::support::*;

fn with(side: Side, margin: &str) -> (World, MarketId, Trader, Pubkey) {
    let (mut world, market) = easy();
    let alice = world.trader(1_000);
    let position = world.open(market, &alice, 0, side, size("10"), quote(margin)).unwrap();
    (world, market, alice, position)
}

#[test]
fn closing_pays_margin_and_gain_less_the_fee_and_returns_the_rent() {
    let (mut world, market, alice, position) = with(Side::Long, "200");
    world.advance(5);
    world.set_price(market, price("110"));
    let lamports = world.svm.get_balance(&alice.pubkey()).unwrap();
    let args = ClosePositionArgs { acceptable_price: price("110.55") };
    let close = world.close_ix(market, &alice, position, args);
    let receipt = world.send(&[close], &[&alice.key]).unwrap();

    // fill   = 110 × (1 + (10 − 10/2) / 1000) = 110.55
    // gain   = 1105.5 − 1005                  = 100.5
    // fee    = 5 bp of 1105.5                 = 0.55275
    //   0.055275 each to insurance and protocol, 0.4422 to the pool
    // payout = 199.4975 + 100.5 − 0.55275     = 299.44475
    // pool   = 100000.402 − 100.5 + 0.4422    = 99900.3442
    assert_eq!(world.wealth(market, &alice), quote("1099.44475"));
    assert_pool(&world, market, "99900.3442", "0", "0.105525", "0.105525");
    assert_side(&world, market, Side::Long, "0", "0", 0);
    assert_eq!(world.market_state(market).accepted.price, price("110"));
    for key in [position, pda::position_vault(&position)] {
        assert!(world.svm.get_account(&key).is_none_or(|account| account.lamports == 0), "{key} is left");
    }
    // both rents: (128 + 352 + 128 + 165) × 6,960
    let rent = 773 * 6_960;
    assert_eq!(world.svm.get_balance(&alice.pubkey()).unwrap(), lamports + rent);
    let market_key = world.market_key(market);
    assert_events(
        &receipt,
        &[
            Event::PositionDecreased(PositionDecreased {
                market: market_key,
                position,
                size: size("10"),
                fill_price: price("110.55"),
                entry_notional: quote("1005"),
                reserve: quote("1005"),
                funding: 0,
                borrow: 0,
                gain: quote("100.5"),
                loss: 0,
                fee: quote("0.55275"),
                fee_parts: FeeParts {
                    liquidity: quote("0.4422"),
                    insurance: quote("0.055275"),
                    protocol: quote("0.055275"),
                    referrer: 0,
                },
                fee_forgiven: 0,
                bad_debt: 0,
                insurance_cover: 0,
                margin: quote("299.44475"),
                oracle: world.market_state(market).accepted,
            }),
            Event::PositionClosed(PositionClosed {
                market: market_key,
                position,
                owner: alice.pubkey(),
                generation: 1,
                payout: quote("299.44475"),
                surplus: 0,
                realised_pnl: i128::from(quote("100.5")),
                fees_paid: quote("1.05525"),
            }),
        ],
    );
}

#[test]
fn closing_a_short_at_a_loss_buys_back_above_the_interval() {
    let (mut world, market, bob, position) = with(Side::Short, "200");
    publish(&mut world, market, "104", "0.2");
    world.close(market, &bob, position).unwrap();
    // opened: entry 995, fee 0.4975, margin 199.5025
    // fill   = 104 × (1 + (−10 + 5) / 1000) + 0.1 = 103.58
    // loss   = 1035.8 − 995                       = 40.8
    // fee    = 5 bp of 1035.8                     = 0.5179
    // payout = 199.5025 − 40.8 − 0.5179           = 158.1846
    assert_eq!(world.wealth(market, &bob), quote("958.1846"));
    // pool 100000.398 + 40.8 + 0.41432; shares 0.04975 + 0.05179
    assert_pool(&world, market, "100041.61232", "0", "0.10154", "0.10154");
}

#[test]
fn a_gain_is_capped_at_the_reserve() {
    for (side, index) in [(Side::Long, "200"), (Side::Short, "50")] {
        let (mut world, market) = easy_with(|params| params.reserve_factor_ppm = 50_000);
        let alice = world.trader(1_000);
        let position = world.open(market, &alice, 0, side, size("10"), quote("200")).unwrap();
        let (margin, reserve) = (world.position(position).margin, world.position(position).reserve);
        world.set_price(market, price(index));
        world.close(market, &alice, position).unwrap();
        // long:  fill 201, fee 1.005; margin 199.4975, reserve 5 % of 1005
        // short: fill 49.75, fee 0.24875; margin 199.5025, reserve 5 % of 995
        let (expected_margin, expected_reserve, fee) = match side {
            Side::Long => ("199.4975", "50.25", "1.005"),
            Side::Short => ("199.5025", "49.75", "0.24875"),
        };
        assert_eq!((margin, reserve), (quote(expected_margin), quote(expected_reserve)));
        assert_eq!(world.wealth(market, &alice), quote("800") + margin + reserve - quote(fee));
        balanced(&world);
    }
}

#[test]
fn a_fee_that_the_vault_cannot_pay_is_forgiven() {
    // margin 100: 99.4975 after the fee. At P the fill is 1.005 P; the loss of
    // 1005 − 10.05 P leaves 0.3 at P = 90.1295024…; take the loss at 90.13:
    // 1005 − 905.8065 = 99.1935, leaves 0.304; the fee would be 0.45290325, up
    let (mut world, market, alice, position) = with(Side::Long, "100");
    world.set_price(market, price("90.13"));
    let receipt = world.close(market, &alice, position).unwrap();
    let Event::PositionDecreased(event) = &receipt.events[0] else { panic!("{receipt:?}") };
    assert_eq!((event.loss, event.bad_debt), (quote("99.1935"), 0));
    assert_eq!((event.fee, event.fee_forgiven), (quote("0.304"), quote("0.148904")));
    assert_eq!(world.wealth(market, &alice), quote("900"));
    // pool 100000.402 + 99.1935 + (0.304 − 2 × 0.0304)
    assert_pool(&world, market, "100099.8387", "0", "0.08065", "0.08065");
}

#[test]
fn a_bankrupt_position_closes_for_nothing_and_costs_nobody_but_insurance_and_pool() {
    let (mut world, market, alice, position) = with(Side::Short, "100");
    let bob = world.trader(1_000);
    let other = world.open(market, &bob, 0, Side::Short, size("1"), quote("500")).unwrap();
    let untouched = world.position(other).margin;
    world.set_price(market, price("120"));
    world.close(market, &alice, position).unwrap();
    assert_eq!(world.wealth(market, &alice), quote("900"));
    assert_eq!(world.position(other).margin, untouched);
    // alice: entry 995, margin 99.5025; bob's 1 sold at 100 × (1 − 10.5/1000) =
    // 98.95. alice buys at 120 × (1 + (−11 + 5)/1000) = 119.28: loss 197.8,
    // 98.2975 uncovered. Fees so far 0.4975 + 0.049475: a tenth, down, to
    // insurance: 0.04975 + 0.004947; all of that goes to the pool.
    let state = world.market_state(market);
    assert_eq!(state.bad_debt, quote("98.2975"));
    assert_eq!(state.insurance, 0);
    assert_eq!(state.protocol_fees, quote("0.054697"));
    // 100000 + 0.398 + (0.049475 − 0.009894) + 99.5025 + 0.054697
    assert_eq!(state.liquidity, quote("100099.994778"));
    balanced(&world);
}

#[test]
fn an_emptied_position_closes_without_any_price() {
    let (mut world, market, alice, position) = with(Side::Long, "200");
    world.decrease(market, &alice, position, size("10")).unwrap();
    let oracle = world.markets[market.0].accounts.oracle;
    world.svm.set_account(oracle, Default::default()).unwrap();
    let receipt = world.close(market, &alice, position).unwrap();
    assert_eq!(world.wealth(market, &alice), quote("998.995"));
    assert_events(
        &receipt,
        &[Event::PositionClosed(PositionClosed {
            market: world.market_key(market),
            position,
            owner: alice.pubkey(),
            generation: 2,
            payout: quote("198.995"),
            surplus: 0,
            realised_pnl: 0,
            fees_paid: quote("1.005"),
        })],
    );
    balanced(&world);
}

#[test]
fn a_close_is_filled_within_the_acceptable_price() {
    // long 100 × (1 + 5/1000) = 100.5; short 99.5
    for (side, beyond, at) in
        [(Side::Long, "100.5000000001", "100.5"), (Side::Short, "99.4999999999", "99.5")]
    {
        let (mut world, market, alice, position) = with(side, "200");
        let close = |world: &mut World, acceptable: &str| {
            let args = ClosePositionArgs { acceptable_price: price(acceptable) };
            let close = world.close_ix(market, &alice, position, args);
            world.send(&[close], &[&alice.key])
        };
        assert_error(close(&mut world, beyond), RingfenceError::SlippageExceeded);
        close(&mut world, at).unwrap();
    }
}

#[test]
fn an_emptied_position_closes_at_any_acceptable_price() {
    let (mut world, market, alice, position) = with(Side::Long, "200");
    world.decrease(market, &alice, position, size("10")).unwrap();
    let args = ClosePositionArgs { acceptable_price: u64::MAX };
    let close = world.close_ix(market, &alice, position, args);
    world.send(&[close], &[&alice.key]).unwrap();
    balanced(&world);
}

#[test]
fn a_price_older_than_its_limit_does_not_close() {
    let (mut world, market, alice, position) = with(Side::Long, "200");
    world.warp(121);
    assert_error(world.close(market, &alice, position), RingfenceError::OracleStale);
    let (mut world, market, alice, position) = with(Side::Long, "200");
    world.warp(120);
    world.close(market, &alice, position).unwrap();
}

#[test]
fn a_frozen_destination_is_refused_and_another_one_is_paid() {
    let (mut world, market, alice, position) = with(Side::Long, "200");
    let frozen = world.tokens_of(market, &alice);
    world.freeze(frozen);
    assert_code(world.close(market, &alice, position), token_error::ACCOUNT_FROZEN);
    assert_position(&world, position, "10", "1005", "199.4975", "1005");
    let mint = world.markets[market.0].accounts.collateral_mint;
    let other = world.create_token_account(mint, alice.pubkey(), 0);
    alice.tokens.borrow_mut().insert(mint, other);
    world.close(market, &alice, position).unwrap();
    assert_eq!(world.balance(&other), quote("198.995"));
    balanced(&world);
}

#[test]
fn accounts_of_another_version_are_refused() {
    let (mut world, market, alice, position) = with(Side::Long, "200");
    world.edit::<Position>(&position, |state| state.version = 1);
    assert_error(world.close(market, &alice, position), RingfenceError::UnsupportedVersion);
    let (mut world, market, alice, position) = with(Side::Long, "200");
    let key = world.market_key(market);
    world.edit::<Market>(&key, |state| state.version = 1);
    assert_error(world.close(market, &alice, position), RingfenceError::UnsupportedVersion);
}
