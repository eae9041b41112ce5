//! However an order ends, its funds and the rent of both its accounts come
//! home to who placed it.

use anchor_lang::prelude::Pubkey;
use ringfence_client::event::{OrderCancelled, OrderEnd};
use ringfence_client::events::Event;
use ringfence_client::state::OrderKind::*;
use ringfence_client::state::OrderTerms;
use ringfence_client::state::Side::*;
use ringfence_client::{RingfenceError, pda};
use ringfence_testkit::{orders, price, quote, size};

use crate::support::*;

/// What ends the order of alice's position, and as what.
struct Ending {
    what: &'static str,
    end: OrderEnd,
    act: fn(&mut Desk, Pubkey),
}

const ENDINGS: [Ending; 9] = [
    Ending { what: "expired", end: OrderEnd::Expired, act: |desk, _| desk.world.warp(orders::LIFETIME + 1) },
    Ending {
        what: "its position is closed",
        end: OrderEnd::Void,
        act: |desk, position| {
            passes("close", desk.world.close(desk.market, &desk.alice, position));
        },
    },
    Ending {
        what: "its position is closed and opened again",
        end: OrderEnd::Void,
        act: |desk, position| {
            passes("close", desk.world.close(desk.market, &desk.alice, position));
            assert_eq!(desk.open(Long), position);
        },
    },
    Ending {
        what: "its position is emptied",
        end: OrderEnd::Void,
        act: |desk, position| {
            passes("decrease", desk.world.decrease(desk.market, &desk.alice, position, size("10")));
        },
    },
    // margin 99.4975 − 1,005 + 800 is nothing
    Ending {
        what: "all of its position is liquidated",
        end: OrderEnd::Void,
        act: |desk, position| {
            desk.reach("80");
            passes("liquidate", desk.world.liquidate(desk.market, &desk.keeper, position));
            assert_eq!(desk.world.position(position).size, 0);
        },
    },
    // equity 99.4975 − 1,005 + 928 = 22.4975 under 3.5 % of 928
    Ending {
        what: "part of its position is liquidated",
        end: OrderEnd::Void,
        act: |desk, position| {
            desk.reach("92.8");
            passes("liquidate", desk.world.liquidate(desk.market, &desk.keeper, position));
            assert_ne!(desk.world.position(position).size, 0);
        },
    },
    // the gain has reached the reserve of 1,005
    Ending {
        what: "its position is closed at the cap",
        end: OrderEnd::Void,
        act: |desk, position| {
            desk.reach("201");
            passes("close", desk.world.close_at_cap(desk.market, &desk.keeper, position));
        },
    },
    Ending {
        what: "its partner has executed",
        end: OrderEnd::Void,
        act: |desk, position| {
            let partner = OrderTerms { cancels: Some(7), ..desk.any(StopLoss, Long) };
            let partner = desk.place(position, 8, OrderTerms { reward: 0, ..partner });
            desk.reach("100");
            passes("execute", desk.execute(partner));
        },
    },
    Ending {
        what: "its market is settled, its position closed",
        end: OrderEnd::Void,
        act: |desk, position| {
            passes("settle", desk.world.wind_down(desk.market, price("100")));
            passes("close", desk.world.close_settled(desk.market, &desk.alice, position));
        },
    },
];

#[test]
fn whatever_ends_it_anybody_sends_all_of_it_home() {
    for Ending { what, end, act } in ENDINGS {
        let mut desk = Desk::new();
        let position = desk.open(Long);
        let rent = desk.lamports_of_alice();
        // neither reached by then
        let terms = OrderTerms { expires_at: i64::MAX, ..desk.entry(Limit, Long, 1) };
        let expires = if end == OrderEnd::Expired { desk.world.now() + orders::LIFETIME } else { i64::MAX };
        let order = desk.place(position, 7, OrderTerms { expires_at: expires, ..terms });
        refused(what, desk.sweep(order), RingfenceError::OrderLive);
        act(&mut desk, position);
        balanced(&desk.world);

        let paid = desk.pays();
        let lamports_before = desk.lamports_of_alice();
        let receipt = passes(what, desk.sweep(order));
        let expected = OrderCancelled {
            market: desk.world.market_key(desk.market),
            position,
            order,
            trader: desk.alice.pubkey(),
            canceller: desk.keeper.pubkey(),
            id: 7,
            end,
            refund: quote("100.5"),
        };
        assert_events(&receipt, &[Event::OrderCancelled(expected)]);
        assert_eq!(desk.pays() - paid, quote("100.5"), "{what}: margin and reward");
        assert_eq!(desk.lamports_of_alice() - lamports_before, RENTS, "{what}: rent");
        let still_there = lamports(&desk.world, position) > 0;
        if still_there && what != "its partner has executed" {
            assert_eq!(desk.lamports_of_alice(), rent, "{what}: and not a lamport more");
        }
        desk.ended(order);
    }
}

#[test]
fn a_market_that_is_gone_holds_no_order_up() {
    let mut desk = Desk::new();
    let (market, provider) = {
        let world = &mut desk.world;
        let accounts = world.markets[desk.market.0].accounts;
        let kind = world.markets[desk.market.0].mint.clone();
        let market = world.market("ENDING-PERP").price("100").mint_key(accounts.collateral_mint, kind);
        let market = market.unpinned().build();
        let provider = world.trader_of(market, quote("50000"));
        passes("provide", world.add_liquidity(market, &provider, quote("50000")));
        (market, provider)
    };
    let position = passes("open", desk.world.open(market, &desk.alice, 0, Long, size("10"), quote("100")));
    let terms = OrderTerms { expires_at: i64::MAX, ..desk.entry(Limit, Long, 1) };
    let before = (desk.pays(), desk.lamports_of_alice());
    let order = passes("place", desk.world.place(market, &desk.alice, position, 7, terms));
    let world = &mut desk.world;
    passes("settle", world.wind_down(market, price("100")));
    refused("a settled market", world.execute(market, &desk.keeper, order), RingfenceError::MarketSettling);
    refused("live", world.cancel(market, &desk.keeper, &desk.alice, order), RingfenceError::OrderLive);
    let gained = world.wealth(market, &desk.alice);
    passes("close", world.close_settled(market, &desk.alice, position));
    let paid_out = world.wealth(market, &desk.alice) - gained;
    let rent_of_position = lamports(world, desk.alice.pubkey());
    let shares = world.shares_of(market, &provider);
    let shares = world.balance(&shares);
    passes("withdraw", world.remove_liquidity(market, &provider, shares));
    let key = world.market_key(market);
    passes("close the market", world.close_market(market));
    assert_eq!(lamports(world, key), 0);
    let token_program = anchor_spl::token::ID;
    let tokens = world.tokens_of(desk.market, &desk.alice);
    let state = world.order(order);
    let cancel = ringfence_client::instructions::cancel_order(
        token_program,
        order,
        &state,
        desk.keeper.pubkey(),
        tokens,
    );
    passes("cancel", world.send(&[cancel], &[&desk.keeper.key]));
    assert_eq!(desk.pays(), before.0 + paid_out);
    assert_eq!(desk.lamports_of_alice(), rent_of_position + RENTS);
    assert_eq!(lamports(&desk.world, order) + lamports(&desk.world, pda::order_escrow(&order)), 0);
}

#[test]
fn who_placed_it_and_the_owner_take_a_live_order_back() {
    let mut desk = Desk::new();
    let position = desk.open(Long);
    let bob = desk.world.trader(1_000);
    passes("delegate", desk.world.set_delegate(&desk.alice, position, bob.pubkey()));
    let terms = desk.entry(Limit, Long, 1);
    let (market, funds) = (desk.market, desk.world.wealth(desk.market, &bob));
    let rent = lamports(&desk.world, bob.pubkey());
    for who in 0..3 {
        let order = passes("place", desk.world.place(market, &bob, position, 7, terms));
        assert_eq!(funds - desk.world.wealth(market, &bob), quote("100.5"), "his own");
        refused(
            "a stranger",
            desk.world.cancel(market, &desk.keeper, &bob, order),
            RingfenceError::OrderLive,
        );
        let cancel = match who {
            0 => desk.world.cancel(market, &bob, &bob, order),
            1 => desk.world.cancel(market, &desk.alice, &bob, order),
            _ => {
                // and once he is no longer the delegate, anybody
                passes("dismiss", desk.world.set_delegate(&desk.alice, position, Pubkey::default()));
                refused("void", desk.execute(order), RingfenceError::OrderVoid);
                desk.world.cancel(market, &desk.keeper, &bob, order)
            }
        };
        let receipt = passes("cancel", cancel);
        let Some(Event::OrderCancelled(event)) = receipt.events.last() else { panic!("{receipt:?}") };
        let end = if who < 2 { OrderEnd::Cancelled } else { OrderEnd::Void };
        assert_eq!((event.end, event.refund), (end, quote("100.5")));
        assert_eq!(desk.world.wealth(market, &bob), funds);
        assert_eq!(lamports(&desk.world, bob.pubkey()), rent);
        desk.ended(order);
    }
    // another delegate's is not touched by it
    passes("delegate", desk.world.set_delegate(&desk.alice, position, bob.pubkey()));
    let own = desk.place(position, 1, terms);
    refused("not his", desk.world.cancel(market, &bob, &desk.alice, own), RingfenceError::OrderLive);
}

/// The delegate's order executes on the owner's position with the delegate's
/// margin, and the rent goes home to the delegate.
#[test]
fn a_delegates_order_is_paid_by_the_delegate() {
    let mut desk = Desk::new();
    let position = desk.open(Long);
    let bob = desk.world.trader(1_000);
    passes("delegate", desk.world.set_delegate(&desk.alice, position, bob.pubkey()));
    let (owner, rent) = (desk.pays(), lamports(&desk.world, bob.pubkey()));
    let terms = desk.any(Limit, Long);
    let order = passes("place", desk.world.place(desk.market, &bob, position, 7, terms));
    desk.reach("95");
    passes("execute", desk.execute(order));
    // as in good_paths: 964.25 more for a fee of 0.482125
    assert_position(&desk.world, position, "20", "1969.25", "199.015375");
    assert_eq!(desk.pays(), owner);
    assert_eq!(desk.world.wealth(desk.market, &bob), quote("899.5"));
    assert_eq!(lamports(&desk.world, bob.pubkey()), rent);
    desk.ended(order);
}
