//! Accounts of layout 1 become accounts of layout 2: which bytes change, and
//! that everything in them works afterwards.

use anchor_lang::prelude::Pubkey;
use ringfence_client::RingfenceError::{self, MarketNotEmpty};
use ringfence_client::accounts::{Exchange, Market};
use ringfence_client::event::{MarketMigrated, PositionMigrated};
use ringfence_client::events::Event;
use ringfence_client::state::Side::Long;
use ringfence_client::{AddLiquidityArgs, RemoveLiquidityArgs, instructions, pda};
use ringfence_testkit::{World, price, quote, size};
use solana_signer::Signer;

use crate::fixture::Old;
use crate::support::*;

fn data(world: &World, key: Pubkey) -> Vec<u8> {
    world.svm.get_account(&key).expect("an account").data
}

/// All of them migrated, by nobody in particular.
fn migrated() -> Old {
    let mut old = Old::new();
    let key = old.world.market_key(old.market);
    passes("market", old.world.migrate_market(key));
    for position in [old.long, old.short, old.emptied] {
        passes("position", old.world.migrate_position(key, position));
    }
    balanced(&old.world);
    old
}

#[test]
fn a_market_keeps_all_but_what_the_layout_adds() {
    // active, reduce-only, paused
    for status in [0u8, 1, 2] {
        let Old { mut world, market, .. } = Old::new();
        let key = world.market_key(market);
        world.edit::<Market>(&key, |state| state.status = status);
        let mut expected = data(&world, key);
        let lamports_before = lamports(&world, key);
        let receipt = passes("migrate", world.migrate_market(key));
        expected[8] = 2; // version
        expected[13] = 1; // positions that nobody has counted
        expected[372..376].copy_from_slice(&63u32.to_le_bytes()); // cool-down: max_age_open + 3
        assert_eq!(data(&world, key), expected);
        assert_eq!(lamports(&world, key), lamports_before);
        assert_events(&receipt, &[Event::MarketMigrated(MarketMigrated { market: key, from: 1, to: 2 })]);
        balanced(&world);
    }
}

#[test]
fn a_longer_cool_down_stays_as_it_is() {
    let Old { mut world, market, .. } = Old::new();
    let key = world.market_key(market);
    world.edit::<Market>(&key, |state| state.params.liquidity_cooldown_seconds = 7_200);
    passes("migrate", world.migrate_market(key));
    assert_eq!(world.market_state(market).params.liquidity_cooldown_seconds, 7_200);
}

#[test]
fn a_position_keeps_all_but_its_version_and_is_counted() {
    let Old { mut world, market, long, short, emptied, .. } = Old::new();
    let key = world.market_key(market);
    passes("market", world.migrate_market(key));
    let mut expected_market = data(&world, key);
    for (count, position) in [long, short, emptied].into_iter().enumerate() {
        let mut expected = data(&world, position);
        let receipt = passes("position", world.migrate_position(key, position));
        expected[8] = 2; // version
        assert_eq!(data(&world, position), expected);
        expected_market[696..704].copy_from_slice(&(count as u64 + 1).to_le_bytes()); // position accounts
        assert_eq!(data(&world, key), expected_market);
        let event = PositionMigrated { market: key, position, from: 1, to: 2 };
        assert_events(&receipt, &[Event::PositionMigrated(event)]);
        balanced(&world);
    }
}

#[test]
fn a_migrated_position_closes_for_what_it_was_worth() {
    let Old { mut world, market, alice, bob, long, short, emptied, .. } = migrated();
    // sold into a skew of 35 of 10^7, less half of 0.05: 130.474967375
    // 9,785.622553 − 11,251.93125 = −1,466.308697; funding 75 × 10^9 × 49 × 10^9
    // ÷ 10^18 = 3,675 atoms; borrow ceil(11,251,931,250 × 60,959,364,443,252 ÷
    // 10^18) = 685,911; fee ceil(9,785.622554 × 0.05 %) = 4.892812
    passes("close", world.close(market, &alice, long));
    assert_eq!(world.wealth(market, &alice), 1_267_379_432);
    balanced(&world);
    for position in [short, emptied] {
        passes("close", world.close(market, &bob, position));
        balanced(&world);
    }
    let state = world.market_state(market);
    assert_eq!((state.position_accounts, state.reserved), (0, 0));
    assert_eq!((state.long.funding_basis.get(), state.borrow_basis.get()), (0, 0));
}

#[test]
fn a_migrated_position_is_traded_and_liquidated() {
    let Old { mut world, market, alice, bob, long, .. } = migrated();
    // Bob is Alice's delegate still
    passes("decrease", world.decrease(market, &bob, long, size("5")));
    world.warp(60);
    world.set_price(market, price("110"));
    // 70 lose 10,501.8025 − 7,700, more than 2,739
    let keeper = world.trader(0);
    passes("liquidate", world.liquidate(market, &keeper, long));
    let position = world.position(long);
    assert_eq!((position.size, position.margin), (0, 0));
    assert!(world.market_state(market).bad_debt > 0);
    balanced(&world);
    passes("close", world.close(market, &alice, long));
    balanced(&world);
}

#[test]
fn a_keeper_migrates_and_liquidates_in_one_transaction() {
    let Old { mut world, market, long, .. } = Old::new();
    let key = world.market_key(market);
    world.set_price(market, price("110"));
    let keeper = world.trader(0);
    let liquidate = world.liquidate_ix(market, &keeper, long);
    let (market_first, then_position) =
        (instructions::migrate_market(key), instructions::migrate_position(key, long));
    passes("all three", world.send(&[market_first, then_position, liquidate], &[&keeper.key]));
    assert_eq!(world.position(long).size, 0);
    assert!(world.wealth(market, &keeper) > 0);
    balanced(&world);
}

#[test]
fn new_positions_follow_the_old_ones() {
    let Old { mut world, market, .. } = migrated();
    let carla = world.trader(1_000);
    let position = world.open(market, &carla, 0, Long, size("1"), quote("100")).unwrap();
    assert_eq!(world.position(position).generation, 4);
    assert_eq!(world.market_state(market).position_accounts, 4);
    balanced(&world);
}

#[test]
fn a_deposit_into_a_migrated_market_waits_like_any_other() {
    // its parameters are from before there was a cool-down
    let Old { mut world, market, .. } = migrated();
    let mallory = world.trader_of(market, quote("1000"));
    let args = AddLiquidityArgs { id: 0, amount: quote("1000"), min_shares: 0 };
    let deposit = world.add_liquidity_ix(market, &mallory, args);
    let claim = world.claim_shares_ix(market, &mallory, 0);
    let args = RemoveLiquidityArgs { shares: 1, min_amount: 0 };
    let withdraw = world.remove_liquidity_ix(market, &mallory, args);
    let at_once = world.send(&[deposit.clone(), claim, withdraw], &[&mallory.key]);
    refused("at once", at_once, RingfenceError::CooldownNotElapsed);
    passes("deposit", world.send(&[deposit], &[&mallory.key]));
    world.warp(62);
    refused("early", world.claim_shares(market, &mallory, 0), RingfenceError::CooldownNotElapsed);
    world.warp(1);
    passes("in time", world.claim_shares(market, &mallory, 0));
    balanced(&world);
}

#[test]
fn a_market_with_a_past_empties_but_stays() {
    // a position of layout 1 could still be somewhere, with money in its vault
    let Old { mut world, market, alice, bob, carol, long, short, emptied } = Old::new();
    let key = world.market_key(market);
    passes("market", world.migrate_market(key));
    for position in [long, short] {
        passes("position", world.migrate_position(key, position));
    }
    settle_at(&mut world, market, "130");
    passes("close", world.close_settled(market, &alice, long));
    passes("close", world.close_settled(market, &bob, short));
    let shares = shares_held(&mut world, market, &carol);
    passes("withdraw", world.remove_liquidity(market, &carol, shares));
    assert_eq!((world.market_state(market).position_accounts, minted(&world, market)), (0, 0));
    refused("one is left", world.close_market(market), MarketNotEmpty);
    // it can be migrated and closed even now
    passes("position", world.migrate_position(key, emptied));
    passes("close", world.close_settled(market, &bob, emptied));
    refused("nobody knows", world.close_market(market), MarketNotEmpty);
    balanced(&world);
}

#[test]
fn a_market_without_a_past_closes() {
    let (mut world, market) = bare_with(|_| ());
    let key = world.market_key(market);
    // what layout 1 wrote for a market in which nobody had traded
    world.edit::<Market>(&key, |state| state.version = 1);
    passes("migrate", world.migrate_market(key));
    assert_eq!(world.market_state(market).uncounted, 0);
    let lp = provide(&mut world, market, "1000");
    let trader = world.trader(100);
    let position = world.open(market, &trader, 0, Long, size("1"), quote("50")).unwrap();
    settle_at(&mut world, market, "100");
    passes("close", world.close_settled(market, &trader, position));
    let shares = shares_held(&mut world, market, &lp);
    passes("withdraw", world.remove_liquidity(market, &lp, shares));
    passes("close", world.close_market(market));
    balanced(&world);
}

#[test]
fn a_migrated_market_is_not_settled_unannounced() {
    let Old { mut world, market, .. } = Old::new();
    let key = world.market_key(market);
    world.edit::<Market>(&key, |state| state.status = 1);
    world.advance(10 * DAY);
    passes("migrate", world.migrate_market(key));
    refused("unannounced", world.settle_market(market), RingfenceError::SettlementNotAnnounced);
    passes("notice", world.give_notice(market));
    passes("announced", world.settle_market(market));
}

#[test]
fn every_account_of_the_migrations_is_checked() {
    use anchor_lang::error::ErrorCode::*;
    let Old { mut world, market, long, .. } = Old::new();
    let key = world.market_key(market);
    let nothing = world.new_key().pubkey();
    let forged_market = forged(&mut world, key);
    let of_market = [
        replaced("a forged market", 0, forged_market, AccountOwnedByWrongProgram),
        replaced("a position for a market", 0, long, AccountDiscriminatorMismatch),
        replaced("nothing", 0, nothing, AccountOwnedByWrongProgram),
        read_only("a read-only market", 0),
    ];
    let instruction = instructions::migrate_market(key);
    let cases: Vec<_> = of_market.into_iter().chain(event_cases(1, nothing)).collect();
    check_substitutions(&mut world, &instruction, &[], cases);

    passes("market", world.migrate_market(key));
    // another market, of the present layout
    world.edit::<Exchange>(&pda::exchange(), |exchange| {
        exchange.market_count = 1;
    });
    let other = world.market("BTC-PERP").build();
    let forged_position = forged(&mut world, long);
    let of_position = [
        replaced("another market", 0, world.market_key(other), RingfenceError::WrongMarket),
        replaced("a forged market", 0, forged_market, AccountOwnedByWrongProgram),
        replaced("a position for a market", 0, long, AccountDiscriminatorMismatch),
        read_only("a read-only market", 0),
        replaced("a forged position", 1, forged_position, AccountOwnedByWrongProgram),
        replaced("a market for a position", 1, world.market_key(other), AccountDiscriminatorMismatch),
        replaced("nothing", 1, nothing, AccountOwnedByWrongProgram),
        read_only("a read-only position", 1),
    ];
    let instruction = instructions::migrate_position(key, long);
    let cases: Vec<_> = of_position.into_iter().chain(event_cases(2, nothing)).collect();
    check_substitutions(&mut world, &instruction, &[], cases);
}
