//! Tokens that arrive past the program, and token accounts that are in the way.

use ringfence_client::RingfenceError;
use ringfence_client::events::Event;
use ringfence_client::state::{MarketStatus, Side};
use ringfence_testkit::{World, assert_code, assert_error, price, quote, size};
use solana_signer::Signer;

use crate::support::*;

#[test]
fn closing_pays_out_a_donation_and_closes_the_vault() {
    let (mut world, market) = easy();
    let alice = world.trader(1_000);
    let position = world.open(market, &alice, 0, Side::Long, size("10"), quote("200")).unwrap();
    let vault = world.position(position).vault;
    world.donate(vault, 1);
    let receipt = world.close(market, &alice, position).unwrap();
    // 198.995 as ever, and the atom
    assert_eq!(world.wealth(market, &alice), quote("998.995001"));
    let Event::PositionClosed(event) = &receipt.events[1] else { panic!("{receipt:?}") };
    assert_eq!((event.payout, event.surplus), (quote("198.995001"), 1));
    assert!(world.svm.get_account(&vault).is_none_or(|account| account.lamports == 0));
    balanced(&world);
}

#[test]
fn a_donation_to_the_vault_is_no_equity() {
    let (mut world, market) = easy_with(whole_only);
    let (alice, keeper) = (world.trader(1_000), world.trader(0));
    let position = world.open(market, &alice, 0, Side::Long, size("10"), quote("60")).unwrap();
    world.donate(world.position(position).vault, quote("1000"));
    world.set_price(market, price("97"));
    world.liquidate(market, &keeper, position).unwrap();
    // as without: 14.7975 is left, and the donation in the vault
    assert_eq!(world.position(position).margin, quote("14.7975"));
    assert_eq!(world.vault_balance(position), quote("1014.7975"));
    balanced(&world);
    let beyond = world.remove_margin(market, &alice, position, quote("14.797501"));
    assert_error(beyond, RingfenceError::AmountExceedsMargin);
    world.close(market, &alice, position).unwrap();
    assert_eq!(world.wealth(market, &alice), quote("1954.7975"));
    balanced(&world);
}

#[test]
fn a_donation_does_not_pay_for_a_loss_or_a_fee() {
    let (mut world, market) = easy();
    let alice = world.trader(1_000);
    let position = world.open(market, &alice, 0, Side::Long, size("10"), quote("60")).unwrap();
    world.donate(world.position(position).vault, quote("500"));
    world.set_price(market, price("90"));
    let receipt = world.close(market, &alice, position).unwrap();
    let Event::PositionDecreased(event) = &receipt.events[0] else { panic!("{receipt:?}") };
    assert_eq!((event.loss, event.bad_debt), (quote("59.4975"), quote("41.0025")));
    let Event::PositionClosed(event) = &receipt.events[1] else { panic!("{receipt:?}") };
    assert_eq!((event.payout, event.surplus), (quote("500"), quote("500")));
    assert_eq!(world.wealth(market, &alice), quote("1440"));
    balanced(&world);
}

#[test]
fn a_donation_to_the_pool_vault_backs_nothing() {
    let mut world = World::new();
    let market = world
        .market("SOL-PERP")
        .price("100")
        .liquidity(1_000)
        .params(|params| {
            params.skew_scale = size("1000");
            params.max_utilisation_ppm = 1_000_000;
        })
        .build();
    let pool = world.market_state(market).pool_vault;
    world.donate(pool, quote("1000000"));
    assert_eq!(world.market_state(market).liquidity, quote("1000"));
    let alice = world.trader(1_000);
    // a reserve of 1005 against 1000
    let result = world.open(market, &alice, 0, Side::Long, size("10"), quote("200"));
    assert_error(result, RingfenceError::InsufficientLiquidity);
    balanced(&world);
}

#[test]
fn trades_are_the_same_with_donations_everywhere() {
    let run = |donate: bool| {
        let (mut world, market) = easy();
        let alice = world.trader(1_000);
        let position = world.open(market, &alice, 0, Side::Long, size("10"), quote("200")).unwrap();
        if donate {
            world.donate(world.position(position).vault, quote("77.7"));
            world.donate(world.market_state(market).pool_vault, quote("88.8"));
        }
        world.set_price(market, price("103"));
        world.increase(market, &alice, position, size("2"), quote("10")).unwrap();
        world.decrease(market, &alice, position, size("5")).unwrap();
        world.remove_margin(market, &alice, position, quote("20")).unwrap();
        balanced(&world);
        let states = format!("{:?} {:?}", world.position(position), world.market_state(market));
        (states, world.wealth(market, &alice))
    };
    assert_eq!(run(true), run(false));
}

#[test]
fn a_frozen_or_closed_token_account_of_the_owner_blocks_no_liquidation_and_no_close() {
    for closed in [false, true] {
        let (mut world, market) = easy_with(whole_only);
        let (alice, keeper) = (world.trader(1_000), world.trader(0));
        let position = world.open(market, &alice, 0, Side::Long, size("10"), quote("60")).unwrap();
        let tokens = world.tokens_of(market, &alice);
        let mint = world.markets[market.0].accounts.collateral_mint;
        if closed {
            // emptied into another account, then closed
            let account = world.svm.get_account(&tokens).unwrap();
            let refuge = world.new_key().pubkey();
            world.svm.set_account(refuge, account).unwrap();
            world.svm.set_account(tokens, Default::default()).unwrap();
            assert_eq!(world.balance(&refuge), quote("940"));
        } else {
            world.freeze(tokens);
        }
        world.set_price(market, price("97"));
        world.liquidate(market, &keeper, position).unwrap();
        assert_eq!(world.position(position).margin, quote("14.7975"));
        balanced(&world);

        let blocked = world.close(market, &alice, position);
        match closed {
            true => assert_code(blocked, anchor_lang::error::ErrorCode::AccountNotInitialized.into()),
            false => assert_code(blocked, token_error::ACCOUNT_FROZEN),
        }
        let other = world.create_token_account(mint, alice.pubkey(), 0);
        alice.tokens.borrow_mut().insert(mint, other);
        world.close(market, &alice, position).unwrap();
        assert_eq!(world.balance(&other), quote("14.7975"));
        balanced(&world);
    }
}

#[test]
fn what_a_liquidation_left_is_taken_out_without_any_price_in_every_status() {
    for status in [MarketStatus::Active, MarketStatus::ReduceOnly, MarketStatus::Paused] {
        for by_close in [true, false] {
            let (mut world, market) = easy_with(whole_only);
            let (alice, keeper) = (world.trader(1_000), world.trader(0));
            let position = world.open(market, &alice, 0, Side::Long, size("10"), quote("60")).unwrap();
            world.set_price(market, price("97"));
            world.set_status(market, status).unwrap();
            world.liquidate(market, &keeper, position).unwrap();
            // neither fresh nor there
            world.warp(1_000_000);
            let oracle = world.markets[market.0].accounts.oracle;
            world.svm.set_account(oracle, Default::default()).unwrap();
            if by_close {
                world.close(market, &alice, position).unwrap();
                assert!(world.read_position(&position).is_none());
            } else {
                world.remove_margin(market, &alice, position, quote("14.7975")).unwrap();
            }
            assert_eq!(world.wealth(market, &alice), quote("954.7975"));
            balanced(&world);
        }
    }
}
