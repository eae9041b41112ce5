//! The end of a settled position, by anyone: what its owner gets, his rent,
//! and that nothing and nobody holds it up.

use anchor_lang::prelude::Pubkey;
use ringfence_client::event::PositionClosed;
use ringfence_client::events::Event;
use ringfence_client::state::MarketStatus::{Active, Paused, ReduceOnly};
use ringfence_client::state::Side::{self, Long, Short};
use ringfence_client::{RingfenceError, instructions, pda};
use ringfence_testkit::{MarketId, Trader, World, price, quote, size};
use solana_signer::Signer;

use crate::support::*;

/// A position of 10 with a margin of 200: long from 100.5 (entry 1,005) or
/// short from 99.5 (995).
fn scene(side: Side) -> (World, MarketId, Trader, Pubkey) {
    let (mut world, market) = still();
    let alice = world.trader(1_000);
    let position = world.open(market, &alice, 0, side, size("10"), quote("200")).unwrap();
    (world, market, alice, position)
}

#[test]
fn anyone_closes_any_position_for_its_owner() {
    let cases = [
        // 200 + 1,100 − 1,005, and 200 + 900 − 1,005
        ("a long that won", Long, "110", "295", "99905"),
        ("a long that lost", Long, "90", "95", "100105"),
        // 200 + 995 − 900, and 200 + 995 − 1,100
        ("a short that won", Short, "90", "295", "99905"),
        ("a short that lost", Short, "110", "95", "100105"),
        // 800 − 1,005 and 995 − 1,200 are 5 more than the margin
        ("a bankrupt long", Long, "80", "0", "100200"),
        ("a bankrupt short", Short, "120", "0", "100200"),
        ("a long at its entry", Long, "100.5", "200", "100000"),
    ];
    for (what, side, at, payout, liquidity) in cases {
        let (mut world, market) = still();
        let alice = world.trader(1_000);
        let (before, stranger) = (lamports(&world, alice.pubkey()), world.payer.pubkey());
        let position = world.open(market, &alice, 0, side, size("10"), quote("200")).unwrap();
        let vault = pda::position_vault(&position);
        assert_eq!(lamports(&world, position), rent(352));
        assert_eq!(lamports(&world, vault), rent(165));
        assert_eq!(lamports(&world, alice.pubkey()), before - rent(352) - rent(165));
        settle_at(&mut world, market, at);
        let strangers = lamports(&world, stranger);
        let receipt = passes(what, world.close_settled(market, &alice, position));
        assert_eq!(world.wealth(market, &alice), quote("800") + quote(payout), "{what}");
        assert!(is_gone(&world, position) && is_gone(&world, vault), "{what}");
        assert_eq!(lamports(&world, alice.pubkey()), before, "{what}");
        // the stranger has paid the fee of one signature
        assert_eq!(lamports(&world, stranger), strangers - 5_000, "{what}");
        assert_pool(&world, market, liquidity, "0", "0");
        assert_eq!(world.market_state(market).position_accounts, 0);
        let pnl = i128::from(quote(payout)) - 200_000_000;
        let expected = PositionClosed {
            market: world.market_key(market),
            position,
            owner: alice.pubkey(),
            generation: 1,
            payout: quote(payout),
            surplus: 0,
            realised_pnl: pnl,
            fees_paid: 0,
        };
        let [Event::PositionDecreased(_), Event::PositionClosed(end)] = &receipt.events[..] else {
            panic!("{receipt:?}")
        };
        assert_eq!(format!("{end:#?}"), format!("{expected:#?}"), "{what}");
        let again = world.close_settled(market, &alice, position);
        refused(what, again, anchor_lang::error::ErrorCode::AccountOwnedByWrongProgram);
    }
}

#[test]
fn what_is_emptied_already_is_paid_out_as_it_is() {
    for by_liquidation in [true, false] {
        let (mut world, market, alice, position) = scene(Long);
        let left = if by_liquidation {
            // at 81.32: equity 8.2 under 28.462; closing 811.5 of 813.2 would
            // leave less than the 10 of a position: all of it, for 8.132
            let keeper = world.trader(0);
            world.set_price(market, price("81.32"));
            passes("liquidate", world.liquidate(market, &keeper, position));
            quote("0.068")
        } else {
            // at 100.5 again: what the impact cost comes back
            passes("decrease", world.decrease(market, &alice, position, size("10")));
            quote("200")
        };
        assert_eq!(world.position(position).size, 0);
        settle_at(&mut world, market, "100");
        let receipt = passes("close", world.close_settled(market, &alice, position));
        let [Event::PositionClosed(end)] = &receipt.events[..] else { panic!("{receipt:?}") };
        assert_eq!((end.payout, end.surplus), (left, 0));
        assert_eq!(world.wealth(market, &alice), quote("800") + left);
        balanced(&world);
    }
}

#[test]
fn nobody_closes_for_another_before_the_settlement() {
    for status in [Active, ReduceOnly, Paused] {
        let (mut world, market, alice, position) = scene(Long);
        passes("status", world.set_status(market, status));
        let result = world.close_settled(market, &alice, position);
        refused("open", result, RingfenceError::MarketNotSettling);
        passes("empty it", world.decrease(market, &alice, position, size("10")));
        let result = world.close_settled(market, &alice, position);
        refused("emptied", result, RingfenceError::MarketNotSettling);
    }
}

#[test]
fn donations_are_swept_to_the_owner() {
    for (side, at, payout) in [(Long, "110", "295"), (Short, "120", "0")] {
        let (mut world, market, alice, position) = scene(side);
        world.donate(pda::position_vault(&position), 1_234_567);
        settle_at(&mut world, market, at);
        let receipt = passes("close", world.close_settled(market, &alice, position));
        let Event::PositionClosed(end) = &receipt.events[1] else { panic!("{receipt:?}") };
        assert_eq!((end.payout, end.surplus), (quote(payout) + 1_234_567, 1_234_567));
        assert_eq!(world.wealth(market, &alice), quote("800") + quote(payout) + 1_234_567);
        balanced(&world);
    }
}

#[test]
fn a_frozen_account_of_the_owner_holds_nothing_up() {
    let (mut world, market, alice, position) = scene(Long);
    settle_at(&mut world, market, "90");
    let accounts = world.markets[market.0].accounts;
    let usual = world.tokens_of(market, &alice);
    world.freeze(usual);
    refused("frozen", world.close_settled(market, &alice, position), token_error::ACCOUNT_FROZEN);
    let another = world.create_token_account(accounts.collateral_mint, alice.pubkey(), 0);
    let close = instructions::close_settled(&accounts, position, alice.pubkey(), another);
    passes("another of hers", world.send(&[close], &[]));
    assert_eq!(world.balance(&another), quote("95"));
    balanced(&world);
}

/// Six positions of three traders that win, lose, go bankrupt and are empty,
/// under an insurance of 40; settled at 85.
fn crowd() -> (World, MarketId, Vec<Trader>, Vec<(usize, Pubkey)>) {
    let (mut world, market) = still();
    let traders: Vec<_> = (0..3).map(|_| world.trader(2_000)).collect();
    passes("fund", world.fund_insurance(market, &traders[0], quote("40")));
    let plan = [
        (0, Long, "10", "100"),
        (0, Short, "3", "60"),
        (1, Long, "7.5", "90"),
        (1, Short, "20", "300"),
        (2, Long, "1.234567", "40"),
        (2, Short, "5", "150"),
    ];
    let mut positions = Vec::new();
    for (id, (owner, side, open, margin)) in plan.into_iter().enumerate() {
        let result = world.open(market, &traders[owner], id as u16, side, size(open), quote(margin));
        positions.push((owner, passes("open", result)));
    }
    passes("empty one", world.decrease(market, &traders[2], positions[5].1, size("5")));
    settle_at(&mut world, market, "85");
    (world, market, traders, positions)
}

#[test]
fn the_order_of_the_closes_changes_nobodys_payout() {
    let orders: [[usize; 6]; 5] =
        [[0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0], [3, 1, 5, 0, 2, 4], [2, 0, 4, 3, 1, 5], [1, 3, 0, 2, 5, 4]];
    let mut outcomes = Vec::new();
    for (turn, order) in orders.into_iter().enumerate() {
        let (mut world, market, traders, positions) = crowd();
        for index in order {
            let (owner, position) = positions[index];
            // some by the owner, some by anyone
            let result = if (index + turn) % 2 == 0 {
                world.close(market, &traders[owner], position)
            } else {
                world.close_settled(market, &traders[owner], position)
            };
            passes("close", result);
            balanced(&world);
        }
        let wealth: Vec<_> = traders.iter().map(|trader| world.wealth(market, trader)).collect();
        let state = world.market_state(market);
        outcomes.push((wealth, state.liquidity, state.insurance, state.bad_debt));
    }
    // Insurance is gone, and somebody was bankrupt.
    assert!(outcomes[0].3 > quote("40") && outcomes[0].2 == 0, "{:?}", outcomes[0]);
    assert!(outcomes.iter().all(|outcome| *outcome == outcomes[0]), "{outcomes:?}");
}
