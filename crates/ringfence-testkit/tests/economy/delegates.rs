//! A delegate trades and tops up; nothing of it ever takes value out.

use anchor_lang::prelude::Pubkey;
use ringfence_client::event::DelegateChanged;
use ringfence_client::events::Event;
use ringfence_client::state::Side::{Long, Short};
use ringfence_client::{
    ClosePositionArgs, DecreasePositionArgs, IncreasePositionArgs, RingfenceError, instructions, pda,
};
use ringfence_testkit::{MarketId, Options, Trader, World, quote, size};
use solana_signer::Signer;

use crate::support::*;

/// Alice's 10 long, and Dora, her delegate.
fn scene() -> (World, MarketId, Trader, Trader, Pubkey) {
    let (mut world, market) = calm();
    let (alice, dora) = (world.trader(1_000), world.trader(500));
    let position = world.open(market, &alice, 0, Long, size("10"), quote("200")).unwrap();
    passes("set", world.set_delegate(&alice, position, dora.pubkey()));
    (world, market, alice, dora, position)
}

#[test]
fn the_owner_names_and_dismisses_a_delegate() {
    let (mut world, market, alice, dora, position) = scene();
    assert_eq!(world.position(position).delegate, dora.pubkey());
    let other = world.trader(0);
    let receipt = passes("replace", world.set_delegate(&alice, position, other.pubkey()));
    let event = DelegateChanged { position, delegate: other.pubkey() };
    assert_events(&receipt, &[Event::DelegateChanged(event)]);
    let replaced = world.decrease(market, &dora, position, size("1"));
    refused("replaced", replaced, RingfenceError::NotOwnerOrDelegate);
    passes("the new one", world.decrease(market, &other, position, size("1")));
    passes("dismiss", world.set_delegate(&alice, position, Pubkey::default()));
    let dismissed = world.decrease(market, &other, position, size("1"));
    refused("dismissed", dismissed, RingfenceError::NotOwnerOrDelegate);
    passes("the owner still", world.decrease(market, &alice, position, size("1")));
    balanced(&world);
}

#[test]
fn a_delegate_increases_out_of_its_own_pocket() {
    let (mut world, market, alice, dora, position) = scene();
    let hers = world.wealth(market, &alice);
    passes("increase", world.increase(market, &dora, position, size("2"), quote("30")));
    assert_eq!(world.wealth(market, &dora), quote("470"));
    assert_eq!(world.wealth(market, &alice), hers);
    // fill 100 × (1 + 11 ÷ 1,000) = 101.1: entry + 202.2
    assert_position(&world, position, "12", "1207.2", "230");
    balanced(&world);
}

#[test]
fn a_delegate_cannot_spend_the_owners_tokens() {
    let (mut world, market, alice, dora, position) = scene();
    let hers = world.tokens_of(market, &alice);
    let args = IncreasePositionArgs { size: size("2"), margin: quote("30"), acceptable_price: u64::MAX };
    let accounts = world.markets[market.0].accounts;
    let instruction = instructions::increase_position(&accounts, position, dora.pubkey(), hers, None, args);
    let result = world.send(&[instruction], &[&dora.key]);
    refused("the owner's tokens", result, token_error::OWNER_MISMATCH);
}

#[test]
fn a_delegate_decreases_and_the_proceeds_stay_in_the_vault() {
    let (mut world, market, alice, dora, position) = scene();
    // sold into a skew of 10: 4 at 100.8: 403.2 − 402
    passes("decrease", world.decrease(market, &dora, position, size("4")));
    assert_position(&world, position, "6", "603", "201.2");
    // the rest at 100.3: 601.8 − 603
    passes("all of it", world.decrease(market, &dora, position, size("6")));
    assert_position(&world, position, "0", "0", "200");
    assert_eq!(world.wealth(market, &dora), quote("500"));
    passes("the owner closes", world.close(market, &alice, position));
    assert_eq!(world.wealth(market, &alice), quote("1000"));
    balanced(&world);
}

#[test]
fn a_delegate_takes_nothing_out() {
    let (mut world, market, alice, dora, position) = scene();
    let accounts = world.markets[market.0].accounts;
    for tokens in [world.tokens_of(market, &dora), world.tokens_of(market, &alice)] {
        let args = ClosePositionArgs { acceptable_price: 0 };
        let close = instructions::close_position(&accounts, position, dora.pubkey(), tokens, None, args);
        let result = world.send(&[close], &[&dora.key]);
        refused("close", result, RingfenceError::NotPositionOwner);
        let remove = instructions::remove_margin(&accounts, position, dora.pubkey(), tokens, 1);
        let result = world.send(&[remove], &[&dora.key]);
        refused("remove margin", result, RingfenceError::NotPositionOwner);
    }
    let heir = world.new_key().pubkey();
    let result = world.set_delegate(&dora, position, heir);
    refused("set a delegate", result, RingfenceError::NotPositionOwner);

    // nor from what a full decrease has left
    passes("decrease", world.decrease(market, &dora, position, size("10")));
    let tokens = world.tokens_of(market, &dora);
    let remove = instructions::remove_margin(&accounts, position, dora.pubkey(), tokens, 1);
    refused("the rest", world.send(&[remove], &[&dora.key]), RingfenceError::NotPositionOwner);
    assert_eq!(world.position(position).margin, quote("200"));
}

#[test]
fn a_delegate_is_bound_by_the_owners_margin_rules() {
    let (mut world, market, _alice, dora, position) = scene();
    // 40 more: skew 10 → 50, mean 30: 103 → entry 4,120 + 1,005 = 5,125; at 100
    // 5,000: equity 200 − 125 under 250
    let result = world.increase(market, &dora, position, size("40"), 0);
    refused("too much", result, RingfenceError::BelowInitialMargin);
}

#[test]
fn a_delegate_of_one_position_is_nobody_to_another() {
    let (mut world, market, alice, dora, _) = scene();
    let second = world.open(market, &alice, 1, Short, size("2"), quote("50")).unwrap();
    let result = world.increase(market, &dora, second, size("1"), quote("10"));
    refused("increase", result, RingfenceError::NotOwnerOrDelegate);
    let result = world.decrease(market, &dora, second, size("1"));
    refused("decrease", result, RingfenceError::NotOwnerOrDelegate);
    let stranger = world.trader(100);
    let result = world.set_delegate(&stranger, second, stranger.pubkey());
    refused("set", result, RingfenceError::NotPositionOwner);
}

#[test]
fn a_reopened_position_has_no_delegate() {
    let (mut world, market, alice, dora, position) = scene();
    passes("close", world.close(market, &alice, position));
    let again = world.open(market, &alice, 0, Long, size("10"), quote("200")).unwrap();
    assert_eq!((again, world.position(again).delegate), (position, Pubkey::default()));
    let result = world.decrease(market, &dora, again, size("1"));
    refused("the one before", result, RingfenceError::NotOwnerOrDelegate);
}

#[test]
fn the_default_key_is_never_a_delegate() {
    // in a world that checks no signatures even the default key can "sign"
    let options = Options { signatures: false, ..Options::default() };
    let (mut world, market) = build(World::with(options).unwrap(), 100_000, |_| ());
    let alice = world.trader(1_000);
    let position = world.open(market, &alice, 0, Long, size("10"), quote("200")).unwrap();
    assert_eq!(world.position(position).delegate, Pubkey::default());
    let (accounts, tokens) = (world.markets[market.0].accounts, world.tokens_of(market, &alice));
    let args = DecreasePositionArgs { size: size("1"), acceptable_price: 0 };
    let decrease = instructions::decrease_position(&accounts, position, Pubkey::default(), None, args);
    refused("decrease", world.send(&[decrease], &[]), RingfenceError::NotOwnerOrDelegate);
    let args = IncreasePositionArgs { size: size("1"), margin: 0, acceptable_price: u64::MAX };
    let increase =
        instructions::increase_position(&accounts, position, Pubkey::default(), tokens, None, args);
    refused("increase", world.send(&[increase], &[]), RingfenceError::NotOwnerOrDelegate);
}

#[test]
fn every_account_of_set_delegate_is_checked() {
    use anchor_lang::error::ErrorCode::*;
    let (mut world, market, alice, dora, position) = scene();
    let bob = world.trader(1_000);
    let bobs = world.open(market, &bob, 0, Long, size("1"), quote("50")).unwrap();
    let (forged_position, nothing) = (forged(&mut world, position), world.new_key().pubkey());
    let cases = [
        replaced("the delegate", 0, dora.pubkey(), RingfenceError::NotPositionOwner),
        replaced("another owner", 0, bob.pubkey(), RingfenceError::NotPositionOwner),
        unsigned("no signature", 0),
        replaced("another's position", 1, bobs, RingfenceError::NotPositionOwner),
        replaced("a market for a position", 1, world.market_key(market), AccountDiscriminatorMismatch),
        replaced("a forged position", 1, forged_position, AccountOwnedByWrongProgram),
        replaced("no position", 1, pda::position(&nothing, &nothing, 0), AccountOwnedByWrongProgram),
        read_only("a read-only position", 1),
    ];
    let instruction = instructions::set_delegate(position, alice.pubkey(), nothing);
    let cases = cases.into_iter().chain(event_cases(2, nothing));
    check_substitutions(&mut world, &instruction, &[&alice.key, &dora.key, &bob.key], cases);
}
