//! A deposit that surrounds a price update gains nothing, and no share loses
//! value by a deposit, a claim or a withdrawal.
//!
//! Alice is 10 long from 100.5, and Mallory knows that the price is about to
//! fall from 100 to 80: the pool is worth 100,005 now and 100,205 then.

use ringfence_client::state::Side::{Long, Short};
use ringfence_client::{AddLiquidityArgs, RemoveLiquidityArgs, RingfenceError, instructions};
use ringfence_testkit::{MarketId, Trader, World, price, quote, size};

use crate::support::*;

const STAKE: u64 = 50_000_000_000;
/// floor(50,000 × 10^11 ÷ 100,005).
const SHARES: u64 = 49_997_500_124;

fn scene() -> (World, MarketId, Trader) {
    let (mut world, market) = still();
    let alice = world.trader(1_000);
    passes("open", world.open(market, &alice, 0, Long, size("10"), quote("500")));
    let mallory = world.trader_of(market, STAKE);
    (world, market, mallory)
}

#[test]
fn not_in_one_transaction() {
    let (mut world, market, mallory) = scene();
    let args = AddLiquidityArgs { id: 0, amount: STAKE, min_shares: 0 };
    let deposit = world.add_liquidity_ix(market, &mallory, args);
    let claim = world.claim_shares_ix(market, &mallory, 0);
    let withdraw = RemoveLiquidityArgs { shares: SHARES, min_amount: 0 };
    let withdraw = world.remove_liquidity_ix(market, &mallory, withdraw);
    let before = snapshot(&world);
    let claimed = world.send(&[deposit.clone(), claim, withdraw.clone()], &[&mallory.key]);
    refused("with a claim", claimed, RingfenceError::CooldownNotElapsed);
    let unclaimed = world.send(&[deposit, withdraw], &[&mallory.key]);
    refused("without", unclaimed, RingfenceError::InsufficientShares);
    assert!(snapshot(&world) == before);
}

#[test]
fn not_in_one_slot_nor_at_any_time_of_the_cool_down() {
    let (mut world, market, mallory) = scene();
    let (start, slot) = (world.now(), world.slot());
    passes("deposit", world.deposit(market, &mallory, 0, STAKE));
    let key = world.deposit_key(market, &mallory, 0);
    assert_eq!(world.read_deposit(&key).unwrap().shares, SHARES);
    world.set_price(market, price("80"));
    for elapsed in [0, 1, 59, 60, 61, 1_800, 3_599] {
        world.warp(start + elapsed - world.now());
        if elapsed == 0 {
            world.set_clock(start, slot);
        }
        world.set_price(market, price("80"));
        let claim = world.claim_shares(market, &mallory, 0);
        refused("claim", claim, RingfenceError::CooldownNotElapsed);
        let withdraw = world.remove_liquidity(market, &mallory, 1);
        refused("withdraw", withdraw, RingfenceError::InsufficientShares);
    }
    balanced(&world);
}

#[test]
fn friends_are_no_help() {
    let (mut world, market, mallory) = scene();
    let accounts = world.markets[market.0].accounts;
    let friend = provide(&mut world, market, "1000");
    let friends_shares = shares_held(&mut world, market, &friend);
    passes("deposit", world.deposit(market, &mallory, 0, STAKE));
    world.set_price(market, price("80"));
    let friends = world.shares_of(market, &friend);
    let hers = world.shares_of(market, &mallory);

    // to the friend's account, in his name, or with his right
    let to_friend = instructions::claim_shares(&accounts, mallory.pubkey(), 0, friends);
    refused("to his account", world.send(&[to_friend], &[]), RingfenceError::UnsafePayeeAccount);
    let mut as_friend = instructions::claim_shares(&accounts, mallory.pubkey(), 0, friends);
    as_friend.accounts[0].pubkey = friend.pubkey();
    refused("in his name", world.send(&[as_friend], &[]), RingfenceError::WrongPayee);
    let give = transfer(hers, friends, mallory.pubkey(), 1);
    let given = world.send(&[give], &[&mallory.key]);
    refused("by a transfer", given, token_error::INSUFFICIENT_FUNDS);
    // what he had he may take; of hers nothing comes with it
    let more = world.remove_liquidity(market, &friend, friends_shares + 1);
    refused("more than his", more, RingfenceError::InsufficientShares);
    passes("his own", world.remove_liquidity(market, &friend, friends_shares));
    balanced(&world);
}

#[test]
fn at_the_old_price_again_the_deposit_is_worth_no_more_than_before() {
    let (mut world, market, mallory) = scene();
    passes("deposit", world.deposit(market, &mallory, 0, STAKE));
    world.advance(HOUR / 2);
    world.set_price(market, price("80"));
    passes("others see it", world.accrue(market));
    world.advance(HOUR / 2);
    world.set_price(market, price("100"));
    passes("claim", world.claim_shares(market, &mallory, 0));
    passes("withdraw", world.remove_liquidity(market, &mallory, SHARES));
    // floor(49,997,500,124 × 150,005 ÷ (100,000 + 49,997.500124)): an atom short
    assert_eq!(world.wealth(market, &mallory), STAKE - 1);
    balanced(&world);
}

#[test]
fn at_an_uncertain_price_the_deposit_pays_for_both_edges() {
    let (mut world, market, mallory) = scene();
    let feed = ringfence_testkit::Feed { confidence: price("0.5"), ..world.markets[market.0].feed };
    world.set_feed(market, feed);
    // in at 99.5: PnL −10, worth 100,010; out at 100.5: PnL 0
    passes("deposit", world.deposit(market, &mallory, 0, STAKE));
    let key = world.deposit_key(market, &mallory, 0);
    // floor(50,000 × 10^11 ÷ 100,010)
    let shares = 49_995_000_499;
    assert_eq!(world.read_deposit(&key).unwrap().shares, shares);
    world.advance(HOUR);
    passes("claim", world.claim_shares(market, &mallory, 0));
    passes("withdraw", world.remove_liquidity(market, &mallory, shares));
    // floor(shares × 150,000 ÷ 149,995.000499)
    assert_eq!(world.wealth(market, &mallory), 49_996_666_888);
    balanced(&world);
}

/// The pool's value in 10^-13 atoms, without rounding: liquidity less what the
/// open positions have won, at a price without uncertainty.
fn value(world: &World, market: MarketId) -> i128 {
    let state = world.market_state(market);
    let net = i128::from(state.long.open_interest) - i128::from(state.short.open_interest);
    let entered = i128::from(state.long.entry_notional) - i128::from(state.short.entry_notional);
    let price = i128::from(world.markets[market.0].feed.price);
    (i128::from(state.liquidity) + entered) * 10_000_000_000_000 - net * price
}

#[test]
fn no_share_loses_value_by_a_deposit_a_claim_or_a_withdrawal() {
    let (mut world, market) = bare_with(|_| ());
    let lps: Vec<_> = (0..3).map(|_| world.trader(10_000)).collect();
    let alice = world.trader(5_000);
    let check = |world: &World, before: (i128, u64)| {
        let (value, shares) = (value(world, market), world.market_state(market).lp_shares);
        assert!(value * i128::from(before.1) >= before.0 * i128::from(shares), "{before:?} {value} {shares}");
        balanced(world);
    };
    passes("first", world.deposit(market, &lps[0], 0, quote("7000")));
    passes("long", world.open(market, &alice, 0, Long, size("10"), quote("500")));
    passes("short", world.open(market, &alice, 1, Short, size("3"), quote("500")));
    let mut random = 0x9e37_79b9_7f4a_7c15u64;
    let mut next = |limit: u64| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % limit
    };
    let mut done = [0; 3];
    for round in 0..120u16 {
        let lp = &lps[next(3) as usize];
        world.set_price(market, price("92") + next(price("16")));
        let before = (value(&world, market), world.market_state(market).lp_shares);
        let action = next(3);
        let held = shares_held(&mut world, market, lp);
        let result = match action {
            0 => world.deposit(market, lp, 100 + round, 1 + next(quote("900"))).map(drop),
            1 => {
                world.advance(HOUR);
                let price = world.markets[market.0].feed.price;
                world.set_price(market, price);
                let waiting =
                    (0..300).find(|id| world.read_deposit(&world.deposit_key(market, lp, *id)).is_some());
                waiting.map_or(Ok(()), |id| world.claim_shares(market, lp, id).map(drop))
            }
            _ if held > 0 => world.remove_liquidity(market, lp, 1 + next(held)).map(drop),
            _ => Ok(()),
        };
        done[action as usize] += u32::from(result.is_ok());
        check(&world, before);
    }
    assert!(done.iter().all(|count| *count > 20), "{done:?}");
}
