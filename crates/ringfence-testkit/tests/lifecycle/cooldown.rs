//! A deposit counts at once, and its shares come out after the cool-down.

use anchor_lang::prelude::Pubkey;
use ringfence_client::event::{LiquidityAdded, SharesClaimed};
use ringfence_client::events::Event;
use ringfence_client::state::MarketStatus::{Active, Paused, ReduceOnly};
use ringfence_client::state::Side::Long;
use ringfence_client::{PROGRAM_ID, RingfenceError};
use ringfence_testkit::{MarketId, Trader, World, price, quote, size};

use crate::support::*;

/// A pool of 100,000 and Carol with 5,000.
fn scene() -> (World, MarketId, Trader) {
    let (mut world, market) = still();
    let carol = world.trader_of(market, quote("5000"));
    (world, market, carol)
}

#[test]
fn a_deposit_is_counted_at_once_and_minted_later() {
    let (mut world, market, carol) = scene();
    let now = world.now();
    let receipt = passes("deposit", world.deposit(market, &carol, 7, quote("1000")));
    let (key, market_key) = (world.deposit_key(market, &carol, 7), world.market_key(market));
    let state = world.market_state(market);
    // 1,000 of 100,000 for as many shares: a share an atom
    let expected = LiquidityAdded {
        market: market_key,
        provider: carol.pubkey(),
        deposit: key,
        id: 7,
        amount: 1_000_000_000,
        shares: 1_000_000_000,
        unlocks_at: now + 3_600,
        liquidity: 101_000_000_000,
        lp_shares: 101_000_000_000,
        oracle: state.accepted,
    };
    assert_events(&receipt, &[Event::LiquidityAdded(expected)]);
    assert_eq!((state.liquidity, state.lp_shares), (101_000_000_000, 101_000_000_000));
    assert_eq!((state.deposit_accounts, state.unclaimed_shares), (1, 1_000_000_000));
    // all but the 1,000 locked shares of the first deposit
    assert_eq!(minted(&world, market), 99_999_999_000);
    assert_eq!(shares_held(&mut world, market, &carol), 0);
    assert_eq!(world.wealth(market, &carol), quote("4000"));

    let carol_key = carol.pubkey();
    let seeds: [&[u8]; 4] = [b"deposit", market_key.as_ref(), carol_key.as_ref(), &[7, 0]];
    let (address, bump) = Pubkey::find_program_address(&seeds, &PROGRAM_ID);
    let mut bytes = vec![0xb2, 0x37, 0x0a, 0x09, 0xd6, 0xd0, 0xd3, 0x63]; // sha256("account:LiquidityDeposit")
    bytes.extend([1, bump, 7, 0, 0, 0, 0, 0]);
    bytes.extend(market_key.to_bytes());
    bytes.extend(carol.pubkey().to_bytes());
    bytes.extend(1_000_000_000u64.to_le_bytes()); // atoms
    bytes.extend(1_000_000_000u64.to_le_bytes()); // shares
    bytes.extend(now.to_le_bytes());
    bytes.extend((now + 3_600).to_le_bytes());
    bytes.extend([0; 32]);
    let account = world.svm.get_account(&key).unwrap();
    assert_eq!((address, &account.data), (key, &bytes));
    assert_eq!(account.lamports, rent(144));
    balanced(&world);
}

#[test]
fn shares_come_out_when_the_cool_down_is_over_and_not_a_second_before() {
    let (mut world, market, carol) = scene();
    let before = lamports(&world, carol.pubkey());
    passes("deposit", world.deposit(market, &carol, 7, quote("1000")));
    let key = world.deposit_key(market, &carol, 7);
    assert_eq!(lamports(&world, carol.pubkey()), before - rent(144));
    refused("at once", world.claim_shares(market, &carol, 7), RingfenceError::CooldownNotElapsed);
    world.warp(3_599);
    refused("a second early", world.claim_shares(market, &carol, 7), RingfenceError::CooldownNotElapsed);
    world.warp(1);
    // nobody signs but the payer, who is a stranger, and no price is fresh
    let receipt = passes("in time", world.claim_shares(market, &carol, 7));
    let expected = SharesClaimed {
        market: world.market_key(market),
        provider: carol.pubkey(),
        deposit: key,
        shares: 1_000_000_000,
    };
    assert_events(&receipt, &[Event::SharesClaimed(expected)]);
    assert_eq!(shares_held(&mut world, market, &carol), 1_000_000_000);
    assert_eq!(minted(&world, market), 100_999_999_000);
    let state = world.market_state(market);
    assert_eq!((state.deposit_accounts, state.unclaimed_shares), (0, 0));
    assert_eq!((state.liquidity, state.lp_shares), (101_000_000_000, 101_000_000_000));
    assert!(is_gone(&world, key));
    assert_eq!(lamports(&world, carol.pubkey()), before);
    balanced(&world);

    let again = world.claim_shares(market, &carol, 7);
    refused("again", again, anchor_lang::error::ErrorCode::AccountOwnedByWrongProgram);
    world.refresh(market);
    passes("withdraw", world.remove_liquidity(market, &carol, 1_000_000_000));
    assert_eq!(world.wealth(market, &carol), quote("5000"));
    balanced(&world);
}

#[test]
fn shares_come_out_whatever_the_status() {
    for status in [Active, ReduceOnly, Paused] {
        let (mut world, market, carol) = scene();
        passes("deposit", world.deposit(market, &carol, 0, quote("1000")));
        passes("status", world.set_status(market, status));
        world.warp(HOUR - 1);
        let early = world.claim_shares(market, &carol, 0);
        refused("early", early, RingfenceError::CooldownNotElapsed);
        world.warp(1);
        break_oracle(&mut world, market);
        passes("in time", world.claim_shares(market, &carol, 0));
        assert_eq!(shares_held(&mut world, market, &carol), quote("1000"), "{status:?}");
        balanced(&world);
    }
}

#[test]
fn a_settlement_ends_the_cool_down() {
    let (mut world, market) = still_with(|params| params.liquidity_cooldown_seconds = 2_592_000);
    let carol = world.trader_of(market, quote("1000"));
    passes("deposit", world.deposit(market, &carol, 0, quote("1000")));
    passes("notice", world.give_notice(market));
    let before = world.claim_shares(market, &carol, 0);
    refused("before the settlement", before, RingfenceError::CooldownNotElapsed);
    passes("settle", world.settle_market(market));
    passes("after it, in the same second", world.claim_shares(market, &carol, 0));
    assert_eq!(shares_held(&mut world, market, &carol), quote("1000"));
    passes("withdraw", world.remove_liquidity(market, &carol, quote("1000")));
    assert_eq!(world.wealth(market, &carol), quote("1000"));
    balanced(&world);
}

#[test]
fn deposits_of_one_provider_wait_side_by_side() {
    let (mut world, market, carol) = scene();
    passes("first", world.deposit(market, &carol, 0, quote("1000")));
    world.advance(600);
    passes("second", world.deposit(market, &carol, u16::MAX, quote("500")));
    let state = world.market_state(market);
    assert_eq!((state.deposit_accounts, state.unclaimed_shares), (2, quote("1500")));
    refused("the same id", world.deposit(market, &carol, 0, quote("1")), ALREADY_IN_USE);
    balanced(&world);

    // an hour after the first, 50 minutes after the second
    world.advance(3_000);
    let early = world.claim_shares(market, &carol, u16::MAX);
    refused("the second", early, RingfenceError::CooldownNotElapsed);
    passes("the first", world.claim_shares(market, &carol, 0));
    assert_eq!(shares_held(&mut world, market, &carol), quote("1000"));
    passes("its id is free again", world.deposit(market, &carol, 0, quote("200")));
    balanced(&world);
    world.advance(600);
    passes("the second", world.claim_shares(market, &carol, u16::MAX));
    let early = world.claim_shares(market, &carol, 0);
    refused("the third", early, RingfenceError::CooldownNotElapsed);
    world.advance(3_000);
    passes("the third", world.claim_shares(market, &carol, 0));
    assert_eq!(shares_held(&mut world, market, &carol), quote("1700"));
    balanced(&world);
}

#[test]
fn a_change_of_the_cool_down_is_for_deposits_after_it() {
    for (cooldown, later) in [(2 * DAY, 30 * DAY), (30 * DAY, 63)] {
        let (mut world, market) = still_with(|params| params.liquidity_cooldown_seconds = seconds(cooldown));
        let carol = world.trader_of(market, quote("2000"));
        let deposited = world.now();
        passes("deposit", world.deposit(market, &carol, 0, quote("1000")));
        let change =
            world.propose_params(market, |params, _| params.liquidity_cooldown_seconds = seconds(later));
        passes("propose", change);
        world.advance(DAY);
        passes("apply", world.apply_params(market));
        let key = world.deposit_key(market, &carol, 0);
        assert_eq!(world.read_deposit(&key).unwrap().unlocks_at, deposited + cooldown);
        passes("deposit", world.deposit(market, &carol, 1, quote("1000")));
        let key = world.deposit_key(market, &carol, 1);
        assert_eq!(world.read_deposit(&key).unwrap().unlocks_at, deposited + DAY + later);

        world.warp(cooldown - DAY - 1);
        let early = world.claim_shares(market, &carol, 0);
        refused("early", early, RingfenceError::CooldownNotElapsed);
        world.warp(1);
        passes("in time", world.claim_shares(market, &carol, 0));
        balanced(&world);
    }
}

fn seconds(duration: i64) -> u32 {
    duration.try_into().unwrap()
}

#[test]
fn the_cool_down_is_longer_than_a_price_may_be_old() {
    // a price may be two seconds ahead and 90 behind; a second more is past both
    let mut world = World::new();
    let mut build = |cooldown| {
        let builder = world.market("SOL-PERP").oracle(|oracle| oracle.max_age_open = 90);
        builder.params(|params| params.liquidity_cooldown_seconds = cooldown).try_build()
    };
    refused("none", build(0), RingfenceError::CooldownTooShort);
    refused("as long", build(90), RingfenceError::CooldownTooShort);
    refused("a second less than enough", build(92), RingfenceError::CooldownTooShort);
    let market = passes("enough", build(93));

    let mut propose = |cooldown, age| {
        let before = world.svm.clone();
        let result = world.propose_params(market, |params, oracle| {
            params.liquidity_cooldown_seconds = cooldown;
            oracle.max_age_open = age;
        });
        world.svm = before;
        result
    };
    refused("a shorter cool-down", propose(92, 90), RingfenceError::CooldownTooShort);
    refused("an older price", propose(93, 91), RingfenceError::CooldownTooShort);
    passes("both longer", propose(94, 91));
    passes("a fresher price", propose(92, 89));
    passes("30 days", propose(2_592_000, 90));
    refused("a second more", propose(2_592_001, 90), RingfenceError::ParameterOutOfBounds);
}

#[test]
fn a_deposit_pays_for_the_gain_that_the_pool_already_has() {
    let (mut world, market, carol) = scene();
    let alice = world.trader(1_000);
    // 10 long at 100.5; at 90 they have lost 105
    passes("open", world.open(market, &alice, 0, Long, size("10"), quote("200")));
    world.set_price(market, price("90"));
    passes("deposit", world.deposit(market, &carol, 0, quote("1000")));
    // floor(10^9 × 10^11 ÷ 100,105 × 10^6)
    let key = world.deposit_key(market, &carol, 0);
    assert_eq!(world.read_deposit(&key).unwrap().shares, 998_951_101);
    balanced(&world);
}
