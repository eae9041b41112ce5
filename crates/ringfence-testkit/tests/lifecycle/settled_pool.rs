//! What the pool's owners get in the end: their share of what is left once
//! every position is closed, at no price at all.

use anchor_lang::prelude::Pubkey;
use ringfence_client::event::LiquidityRemoved;
use ringfence_client::events::Event;
use ringfence_client::state::Side::{Long, Short};
use ringfence_client::{RemoveLiquidityArgs, RingfenceError};
use ringfence_testkit::{MarketId, Trader, World, price, quote, size};

use crate::support::*;

struct Stage {
    world: World,
    market: MarketId,
    lps: [Trader; 2],
    alice: Trader,
    long: Pubkey,
}

/// 60,000 and 40,000 of two providers; Alice's 10 long from 100.5, which lose
/// 1,005 − 900.000123 = 104.999877 at the settlement.
fn scene() -> Stage {
    let (mut world, market) = bare_with(|_| ());
    let lps = ["60000", "40000"].map(|amount| provide(&mut world, market, amount));
    let alice = world.trader(500);
    let long = world.open(market, &alice, 0, Long, size("10"), quote("500")).unwrap();
    settle_at(&mut world, market, "90.0000123");
    Stage { world, market, lps, alice, long }
}

#[test]
fn liquidity_stays_until_the_last_position_is_closed() {
    let Stage { mut world, market, lps, alice, long } = scene();
    for shares in [1, quote("40000")] {
        let result = world.remove_liquidity(market, &lps[1], shares);
        refused("an open position", result, RingfenceError::PositionsStillOpen);
    }
    // no size is open any more: an account that is left takes nothing
    passes("empty it", world.decrease(market, &alice, long, size("10")));
    assert_eq!(world.market_state(market).position_accounts, 1);
    passes("an emptied one", world.remove_liquidity(market, &lps[1], quote("40000")));
    assert_eq!(world.wealth(market, &lps[1]), 40_041_999_950);
    passes("and it closes", world.close_settled(market, &alice, long));
    assert_eq!(world.wealth(market, &alice), 395_000_123);
    balanced(&world);
}

#[test]
fn each_side_alone_keeps_it() {
    for side in [Long, Short] {
        let (mut world, market) = bare_with(|_| ());
        let (lp, bob) = (provide(&mut world, market, "5000"), world.trader(500));
        let position = world.open(market, &bob, 0, side, size("10"), quote("200")).unwrap();
        settle_at(&mut world, market, "100");
        let result = world.remove_liquidity(market, &lp, 1_000);
        refused("open", result, RingfenceError::PositionsStillOpen);
        passes("close", world.close_settled(market, &bob, position));
        passes("closed", world.remove_liquidity(market, &lp, 1_000));
    }
}

#[test]
fn shares_are_paid_by_the_pool_and_no_price() {
    let Stage { mut world, market, lps, alice, long } = scene();
    passes("close", world.close_settled(market, &alice, long));
    world.warp(400 * DAY);
    break_oracle(&mut world, market);

    // floor(4 × 10^10 × 100,104.999877 ÷ 10^11)
    let args = RemoveLiquidityArgs { shares: quote("40000"), min_amount: 40_041_999_951 };
    let greedy = world.remove_liquidity_ix(market, &lps[1], args);
    let result = world.send(&[greedy], &[&lps[1].key]);
    refused("an atom more", result, RingfenceError::LiquiditySlippageExceeded);
    let receipt = passes("second", world.remove_liquidity(market, &lps[1], quote("40000")));
    let expected = LiquidityRemoved {
        market: world.market_key(market),
        provider: lps[1].pubkey(),
        amount: 40_041_999_950,
        shares: 40_000_000_000,
        liquidity: 60_062_999_927,
        lp_shares: 60_000_000_000,
        oracle: world.market_state(market).accepted,
    };
    assert_events(&receipt, &[Event::LiquidityRemoved(expected)]);
    assert_eq!(world.wealth(market, &lps[1]), 40_041_999_950);
    // floor((6 × 10^10 − 1,000) × 60,062.999927 ÷ (6 × 10^10))
    passes("first", world.remove_liquidity(market, &lps[0], 59_999_999_000));
    assert_eq!(world.wealth(market, &lps[0]), 60_062_998_925);
    // what the locked shares stand for
    let state = world.market_state(market);
    assert_eq!((state.liquidity, state.lp_shares), (1_002, 1_000));
    assert_eq!(minted(&world, market), 0);
    balanced(&world);
}

#[test]
fn a_position_that_nobody_closes_holds_nobody_for_ever() {
    // at 90.0000123 it owes the pool 104.999877, at 250 it has won its reserve
    for (at, last) in [("90.0000123", 60_506_998_868), ("250", 59_396_999_010)] {
        let (mut world, market) = bare_with(|_| ());
        let [first, second] = ["60000", "40000"].map(|amount| provide(&mut world, market, amount));
        let alice = world.trader(500);
        let long = world.open(market, &alice, 0, Long, size("10"), quote("500")).unwrap();
        settle_at(&mut world, market, at);
        world.warp(7 * DAY - 1);
        let early = world.remove_liquidity(market, &second, 1_000);
        refused("early", early, RingfenceError::PositionsStillOpen);
        world.warp(1);
        // its part of 100,000 less the reserve of 1,005, whatever it has won
        passes("after the grace", world.remove_liquidity(market, &second, quote("40000")));
        assert_eq!(world.wealth(market, &second), quote("39598"));
        assert_pool(&world, market, "60402", "1005", "0");
        // what the position is owed is there, and who stays has the rest
        passes("close", world.close_settled(market, &alice, long));
        let gain = if at == "250" { 1_005_000_000 } else { -104_999_877 };
        assert_eq!(i128::from(world.wealth(market, &alice)), 500_000_000 + gain);
        passes("first", world.remove_liquidity(market, &first, 59_999_999_000));
        assert_eq!(world.wealth(market, &first), last);
        balanced(&world);
    }
}

#[test]
fn insurance_is_the_treasurys_once_nothing_is_left_to_insure() {
    let (mut world, market) = still();
    let (payer, alice) = (world.trader(50), world.trader(500));
    passes("fund", world.fund_insurance(market, &payer, quote("50")));
    let long = world.open(market, &alice, 0, Long, size("10"), quote("500")).unwrap();
    let treasury = world.treasury_account(market);
    let nothing = RingfenceError::NothingToCollect;
    refused("active", world.collect_protocol_fees(market, treasury), nothing);
    settle_at(&mut world, market, "100");
    refused("a position is open", world.collect_protocol_fees(market, treasury), nothing);
    passes("close", world.close_settled(market, &alice, long));
    passes("now", world.collect_protocol_fees(market, treasury));
    assert_eq!(world.balance(&treasury), quote("50"));
    assert_pool(&world, market, "100005", "0", "0");
    refused("again", world.collect_protocol_fees(market, treasury), nothing);
}

#[test]
fn an_unclaimed_deposit_has_its_part_as_well() {
    let (mut world, market) = bare_with(|params| params.liquidity_cooldown_seconds = 2_592_000);
    let (carol, dave, alice) = (world.trader(3_000), world.trader(1_000), world.trader(500));
    passes("first", world.deposit(market, &carol, 0, quote("3000")));
    passes("second", world.deposit(market, &dave, 0, quote("1000")));
    let long = world.open(market, &alice, 0, Long, size("10"), quote("500")).unwrap();
    settle_at(&mut world, market, "90.5");
    // Alice loses 100 of 4,000 shared out among as many shares
    passes("close", world.close_settled(market, &alice, long));
    let early = world.remove_liquidity(market, &dave, 1);
    refused("unclaimed", early, RingfenceError::InsufficientShares);
    passes("claim", world.claim_shares(market, &carol, 0));
    passes("withdraw", world.remove_liquidity(market, &carol, 2_999_999_000));
    // floor(2,999.999 × 4,100 ÷ 4,000)
    assert_eq!(world.wealth(market, &carol), 3_074_998_975);
    balanced(&world);
    passes("claim", world.claim_shares(market, &dave, 0));
    passes("withdraw", world.remove_liquidity(market, &dave, quote("1000")));
    assert_eq!(world.wealth(market, &dave), quote("1025"));
    assert_eq!(world.market_state(market).liquidity, 1_025);
    balanced(&world);
}

#[test]
fn nothing_comes_in_any_more() {
    let Stage { mut world, market, alice, long, .. } = scene();
    let (carol, referrer) = (world.trader(1_000), world.trader(0));
    let result = world.deposit(market, &carol, 0, quote("100"));
    refused("deposit", result, RingfenceError::MarketNotActive);
    let result = world.open(market, &carol, 0, Long, size("1"), quote("50"));
    refused("open", result, RingfenceError::MarketNotActive);
    let result = world.increase(market, &alice, long, size("1"), quote("50"));
    refused("increase", result, RingfenceError::MarketNotActive);
    let result = world.create_referral(market, &referrer);
    refused("referral", result, RingfenceError::MarketNotActive);
    world.set_price(market, price("100"));
    balanced(&world);
}

#[test]
fn insurance_and_protocol_fees_are_not_the_providers() {
    let (mut world, market) = bare_with(|params| params.open_fee_ppm = 10_000);
    let (lp, alice) = (provide(&mut world, market, "2000"), world.trader(1_000));
    passes("fund", world.fund_insurance(market, &alice, quote("50")));
    // a fee of 10.05: 1.005 each to insurance and protocol, 8.04 to the pool
    let long = world.open(market, &alice, 0, Long, size("10"), quote("300")).unwrap();
    settle_at(&mut world, market, "100.5");
    passes("close", world.close_settled(market, &alice, long));
    passes("withdraw", world.remove_liquidity(market, &lp, 1_999_999_000));
    // floor(1,999.999 × 2,008.04 ÷ 2,000)
    assert_eq!(world.wealth(market, &lp), 2_008_038_995);
    let state = world.market_state(market);
    assert_eq!((state.insurance, state.protocol_fees), (quote("51.005"), quote("1.005")));
    assert_eq!(world.wealth(market, &alice), quote("939.95"));
    balanced(&world);
}
