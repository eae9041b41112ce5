//! Where an order's funds lie: at any of the addresses that its seeds give,
//! whatever has been sent there, and whatever becomes of its trader's account.

use anchor_lang::prelude::Pubkey;
use ringfence_client::constants::VAULT_SEED;
use ringfence_client::state::OrderKind::*;
use ringfence_client::state::OrderTerms;
use ringfence_client::state::Side::Long;
use ringfence_client::{Instruction, PROGRAM_ID, pda};
use ringfence_testkit::quote;
use solana_account::Account;
use solana_instruction::error::InstructionError;
use solana_signer::Signer;

use crate::support::*;

const ACCOUNT_FROZEN: u32 = 17;

/// Placing with this escrow and bump: the discriminator, the order's number,
/// and then the bump; the sixth account.
fn placed_at(desk: &mut Desk, position: Pubkey, terms: OrderTerms, escrow: Pubkey, bump: u8) -> Instruction {
    let mut place = desk.world.place_ix(desk.market, &desk.alice, position, 7, terms);
    place.data[9] = bump;
    place.accounts[5].pubkey = escrow;
    place
}

/// The highest bumps that give an address, and one that gives none.
fn bumps(order: &Pubkey) -> (Vec<(u8, Pubkey)>, u8) {
    let at = |bump: u8| Pubkey::create_program_address(&[VAULT_SEED, order.as_ref(), &[bump]], &PROGRAM_ID);
    let some = (0..=255).rev().filter_map(|bump| Some((bump, at(bump).ok()?))).take(3).collect();
    let none = (0..=255).find(|bump| at(*bump).is_err()).expect("about half of them give none");
    (some, none)
}

#[test]
fn any_bump_that_gives_an_address_will_do() {
    let mut desk = Desk::new();
    let position = desk.open(Long);
    let order = pda::order(&position, 7);
    let (some, none) = bumps(&order);
    assert_eq!(some[0].1, pda::order_escrow(&order), "the one that clients search for");
    let alice = desk.alice.key.insecure_clone();
    let terms = desk.any(Limit, Long);
    for (bump, escrow) in &some {
        for ends in 0..2 {
            let before = (desk.pays(), desk.lamports_of_alice());
            let place = placed_at(&mut desk, position, terms, *escrow, *bump);
            passes("place", desk.world.send(&[place], &[&alice]));
            assert_eq!(desk.world.order(order).escrow, *escrow);
            assert_eq!(desk.world.balance(escrow), quote("100.5"));
            desk.reach("100");
            if ends == 0 {
                passes("execute", desk.what_if(|desk| desk.execute(order)));
            }
            passes("cancel", desk.cancel(order));
            assert_eq!((desk.pays(), desk.lamports_of_alice()), before);
            assert_eq!(lamports(&desk.world, *escrow), 0);
            desk.ended(order);
        }
    }
    // an address and another's bump, in both states that an address can be in
    for exists in [false, true] {
        for (bump, escrow) in
            [(some[1].0, some[0].1), (some[0].0, some[1].1), (some[0].0, Pubkey::new_unique())]
        {
            if exists {
                let account = Account { lamports: 5, ..Account::default() };
                desk.world.svm.set_account(escrow, account).expect("an account");
            }
            let place = placed_at(&mut desk, position, terms, escrow, bump);
            let result = desk.world.send(&[place], &[&alice]);
            refused("not its bump", result, InstructionError::PrivilegeEscalation);
        }
    }
    let place = placed_at(&mut desk, position, terms, some[0].1, none);
    assert!(desk.world.send(&[place], &[&alice]).is_err(), "no address at all");
    // another order's, or somebody's tokens
    let other = desk.place(position, 8, terms);
    let tokens = desk.world.tokens_of(desk.market, &desk.alice);
    for escrow in [pda::order_escrow(&other), tokens, pda::position_vault(&position)] {
        let place = placed_at(&mut desk, position, terms, escrow, some[0].0);
        assert!(desk.world.send(&[place], &[&alice]).is_err(), "not its own");
    }
    balanced(&desk.world);
}

/// A signature of its own would let it be made anywhere: of a new key, or of the
/// trader's own wallet, which would be a token account from then on.
#[test]
fn an_escrow_does_not_sign_for_itself() {
    let mut desk = Desk::new();
    let position = desk.open(Long);
    let terms = desk.any(Limit, Long);
    let (fresh, alice) = (desk.world.new_key(), desk.alice.key.insecure_clone());
    let bump = pda::order_escrow_and_bump(&pda::order(&position, 7)).1;
    for escrow in [&fresh, &alice] {
        let mut place = placed_at(&mut desk, position, terms, escrow.pubkey(), bump);
        place.accounts[5].is_signer = true;
        let result = desk.world.send(&[place], &[&alice, escrow]);
        refused("signed", result, ringfence_client::RingfenceError::WrongEscrow);
    }
}

/// Lamports that somebody sent to the addresses before, or to the accounts
/// after, come home with the rent.
#[test]
fn lamports_sent_there_hold_nothing_up() {
    for sent in [1, 890_880, 2_039_280, 2_839_680, 50_000_000] {
        for (before, executes) in [(true, true), (true, false), (false, true), (false, false)] {
            let mut desk = Desk::new();
            let position = desk.open(Long);
            let order = pda::order(&position, 7);
            let keys = [order, pda::order_escrow(&order)];
            let send = |desk: &mut Desk| {
                for key in keys {
                    let mut account = desk.world.svm.get_account(&key).unwrap_or_default();
                    account.lamports += sent;
                    desk.world.svm.set_account(key, account).expect("an account");
                }
            };
            let rent = desk.lamports_of_alice();
            if before {
                send(&mut desk);
            }
            assert_eq!(desk.place(position, 7, desk.any(Limit, Long)), order);
            if !before {
                send(&mut desk);
            }
            desk.reach("100");
            if executes {
                passes("execute", desk.execute(order));
            } else {
                passes("cancel", desk.cancel(order));
            }
            assert_eq!(desk.lamports_of_alice(), rent + 2 * sent, "{sent}, before {before}, {executes}");
            desk.ended(order);
        }
    }
}

/// Tokens sent to the escrow go where its margin goes, and the reward stays
/// what it was.
#[test]
fn a_donation_to_the_escrow_is_the_traders() {
    // half sold at 100.75: 99.4975 + 503.75 − 502.5, and a fee of 0.251875; 10
    // more bought at 101.5, for a fee of 0.5075
    for (kind, left) in [(StopLoss, "100.495625"), (Limit, "198.99")] {
        let mut desk = Desk::new();
        let position = desk.open(Long);
        let order = desk.place(position, 7, desk.any(kind, Long));
        let margin = desk.world.order(order).margin;
        desk.world.donate(pda::order_escrow(&order), 123_456);
        balanced(&desk.world);
        desk.reach("100");
        let paid = desk.pays();
        desk.what_if(|desk| {
            passes("cancel", desk.cancel(order));
            assert_eq!(desk.pays() - paid, margin + quote(REWARD) + 123_456);
            desk.ended(order);
        });
        passes("execute", desk.execute(order));
        assert_eq!(desk.earned(), quote(REWARD));
        assert_eq!(desk.world.position(position).margin, quote(left));
        assert_eq!(desk.world.vault_balance(position), quote(left) + 123_456, "not margin");
        desk.ended(order);
        // and comes out with a close
        let (market, alice) = (desk.market, &desk.alice);
        passes("close", desk.world.close(market, alice, position));
        balanced(&desk.world);
    }
}

/// A donation does not make up for a margin that is an atom short; it goes
/// home with it.
#[test]
fn a_donation_is_no_margin() {
    let mut desk = Desk::new();
    let position = desk.created(Long);
    let funds = desk.pays();
    let terms = OrderTerms { margin: quote("55.502499"), ..desk.any(Delayed, Long) };
    let order = desk.place(position, 7, terms);
    desk.world.donate(pda::order_escrow(&order), quote("1000"));
    desk.world.warp(3);
    desk.world.refresh(desk.market);
    passes("an atom short", desk.execute(order));
    assert_eq!((desk.world.position(position).size, desk.earned()), (0, quote(REWARD)));
    balanced(&desk.world);
    passes("home", desk.sweep(order));
    assert_eq!(desk.pays(), funds - quote(REWARD) + quote("1000"));
    desk.ended(order);
}

#[test]
fn no_account_of_the_traders_is_needed_to_execute() {
    for kind in [TakeProfit, StopLoss, Limit, Stop, Delayed] {
        for gone in [false, true] {
            let mut desk = Desk::new();
            let position = desk.open(Long);
            let order = desk.place(position, 7, desk.any(kind, Long));
            let tokens = desk.world.tokens_of(desk.market, &desk.alice);
            let frozen = desk.world.svm.get_account(&tokens).expect("tokens");
            if gone {
                desk.world.svm.set_account(tokens, Account::default()).expect("gone");
            } else {
                desk.world.freeze(tokens);
            }
            desk.world.warp(3);
            desk.world.refresh(desk.market);
            passes("execute", desk.execute(order));
            desk.world.svm.set_account(tokens, frozen).expect("tokens");
            desk.ended(order);
        }
    }
}

#[test]
fn a_frozen_account_is_replaced_by_another_of_the_same_owner() {
    let mut desk = Desk::new();
    let position = desk.open(Long);
    let order = desk.place(position, 7, desk.entry(Limit, Long, 1));
    let tokens = desk.world.tokens_of(desk.market, &desk.alice);
    desk.world.freeze(tokens);
    refused("frozen", desk.cancel(order), ACCOUNT_FROZEN);
    let mint = desk.world.markets[desk.market.0].accounts.collateral_mint;
    let other = desk.world.create_token_account(mint, desk.alice.pubkey(), 0);
    let mut cancel = desk.world.cancel_ix(desk.market, &desk.alice, &desk.alice, order);
    cancel.accounts[2].pubkey = other;
    let alice = desk.alice.key.insecure_clone();
    passes("another", desk.world.send(&[cancel], &[&alice]));
    assert_eq!(desk.world.balance(&other), quote("100.5"));
    desk.ended(order);

    // a keeper whose account is frozen has another one too
    let order = passes_with_another(&mut desk, position);
    desk.ended(order);
}

/// Placed out of alice's new account, executed by a keeper with a frozen one.
fn passes_with_another(desk: &mut Desk, position: Pubkey) -> Pubkey {
    let mint = desk.world.markets[desk.market.0].accounts.collateral_mint;
    let funds = desk.world.create_token_account(mint, desk.alice.pubkey(), quote("200"));
    let terms = desk.any(Limit, Long);
    let mut place = desk.world.place_ix(desk.market, &desk.alice, position, 8, terms);
    place.accounts[1].pubkey = funds;
    let alice = desk.alice.key.insecure_clone();
    passes("place", desk.world.send(&[place], &[&alice]));
    let order = pda::order(&position, 8);
    desk.reach("100");
    let tokens = desk.world.tokens_of(desk.market, &desk.keeper);
    desk.world.freeze(tokens);
    refused("frozen", desk.execute(order), ACCOUNT_FROZEN);
    let other = desk.world.create_token_account(mint, desk.keeper.pubkey(), 0);
    let mut execute = desk.execute_ix(order);
    execute.accounts[1].pubkey = other;
    let keeper = desk.keeper.key.insecure_clone();
    passes("another", desk.world.send(&[execute], &[&keeper]));
    assert_eq!(desk.world.balance(&other), quote(REWARD));
    order
}
