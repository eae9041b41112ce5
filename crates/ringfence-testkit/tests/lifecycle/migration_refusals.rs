//! Until they are migrated, accounts of layout 1 are left alone; and nothing
//! but layout 1 is ever migrated.

use ringfence_client::accounts::{Market, Position};
use ringfence_client::state::MarketStatus;
use ringfence_client::state::Side::Long;
use ringfence_client::{
    AddLiquidityArgs, ClosePositionArgs, DecreasePositionArgs, IncreasePositionArgs, Instruction,
    OpenPositionArgs, RemoveLiquidityArgs, RingfenceError, instructions,
};
use ringfence_testkit::{World, quote, size};
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::fixture::Old;
use crate::support::*;

type Named = (&'static str, Instruction);

/// Everything that names the market, each with nothing else in its way.
struct Attempts {
    old: Old,
    of_market: Vec<Named>,
    of_position: Vec<Named>,
    keys: Vec<Keypair>,
}

impl Attempts {
    fn new() -> Self {
        let mut old = Old::new();
        let Old { world, market, alice, bob, carol, long, .. } = &mut old;
        let (market, long) = (*market, *long);
        let (key, accounts) = (world.market_key(market), world.markets[market.0].accounts);
        let admin = world.admin.insecure_clone();

        // A deposit, a referral and a proposal, which layout 1 did not know or
        // that outlive a migration: made under layout 2, which is then undone.
        let before = world.svm.get_account(&key).expect("market");
        passes("migrate", world.migrate_market(key));
        let deposit = AddLiquidityArgs { id: 1, amount: quote("10"), min_shares: 0 };
        let mut deposit = world.add_liquidity_ix(market, carol, deposit);
        deposit.accounts[1].pubkey =
            world.create_token_account(accounts.collateral_mint, carol.pubkey(), quote("20"));
        passes("deposit", world.send(&[deposit], &[&carol.key]));
        passes("referral", world.create_referral(market, bob));
        passes("propose", world.propose_params(market, |_, _| ()));
        world.svm.set_account(key, before).expect("market");

        let open = OpenPositionArgs {
            id: 5,
            side: Long,
            size: size("1"),
            margin: quote("100"),
            acceptable_price: u64::MAX,
        };
        let increase = IncreasePositionArgs { size: size("1"), margin: 0, acceptable_price: u64::MAX };
        let decrease = DecreasePositionArgs { size: size("1"), acceptable_price: 0 };
        let close = ClosePositionArgs { acceptable_price: 0 };
        let second = AddLiquidityArgs { id: 2, amount: quote("10"), min_shares: 0 };
        let withdraw = RemoveLiquidityArgs { shares: 1_000, min_amount: 0 };
        let treasury = world.treasury_account(market);
        let traded = vec![
            ("increase_position", world.increase_ix(market, alice, long, increase)),
            ("decrease_position", world.decrease_ix(market, alice, long, decrease)),
            ("close_position", world.close_ix(market, alice, long, close)),
            ("remove_margin", world.remove_margin_ix(market, alice, long, 1)),
            ("liquidate", world.liquidate_ix(market, bob, long)),
            ("close_at_cap", world.close_at_cap_ix(market, bob, long)),
            ("close_settled", world.close_settled_ix(market, alice, long)),
        ];
        let mut of_market = vec![
            ("open_position", world.open_ix(market, alice, open)),
            ("accrue", world.accrue_ix(market)),
            ("add_liquidity", world.add_liquidity_ix(market, carol, second)),
            ("claim_shares", world.claim_shares_ix(market, carol, 1)),
            ("remove_liquidity", world.remove_liquidity_ix(market, carol, withdraw)),
            ("create_referral", instructions::create_referral(key, alice.pubkey())),
            ("claim_referral_fees", world.claim_referral_fees_ix(market, bob)),
            ("fund_insurance", world.fund_insurance_ix(market, carol, 1)),
            ("collect_protocol_fees", world.collect_protocol_fees_ix(market, treasury)),
            ("set_status", instructions::set_status(admin.pubkey(), key, MarketStatus::Paused)),
            ("announce_settlement", world.announce_settlement_ix(market, i64::MAX)),
            ("settle_market", world.settle_market_ix(market)),
            ("close_market", world.close_market_ix(market, treasury)),
            ("apply_params", instructions::apply_params(admin.pubkey(), key)),
            ("migrate_position", instructions::migrate_position(key, long)),
        ];
        of_market.extend(traded.iter().cloned());
        let mut of_position = traded;
        of_position.push(("add_margin", world.add_margin_ix(market, bob, long, 1)));
        of_position.push(("set_delegate", instructions::set_delegate(long, alice.pubkey(), key)));
        let keys = [&alice.key, &bob.key, &carol.key, &admin].map(Keypair::insecure_clone).into();
        Self { old, of_market, of_position, keys }
    }

    fn all_refused(world: &mut World, attempts: &[Named], keys: &[Keypair], version: u8) {
        let keys: Vec<_> = keys.iter().collect();
        for (what, instruction) in attempts {
            let what = format!("{what} with layout {version}");
            let before = snapshot(world);
            refused(&what, probe(world, instruction, &keys), RingfenceError::UnsupportedVersion);
            assert!(snapshot(world) == before, "{what}");
        }
    }
}

#[test]
fn nothing_is_done_with_a_market_of_another_layout() {
    let Attempts { mut old, of_market, keys, .. } = Attempts::new();
    let key = old.world.market_key(old.market);
    let world = &mut old.world;
    for version in [1, 0, 3] {
        world.edit::<Market>(&key, |market| market.version = version);
        Attempts::all_refused(world, &of_market, &keys, version);
        let admin = world.admin.insecure_clone();
        // what waits can be withdrawn, and then nothing can be proposed anew
        let before = world.svm.clone();
        passes("cancel", world.cancel_params(old.market, &admin));
        let propose = world.propose_params(old.market, |_, _| ());
        refused("propose", propose, RingfenceError::UnsupportedVersion);
        world.svm = before;
    }
}

#[test]
fn nothing_is_done_with_a_position_of_another_layout() {
    let Attempts { mut old, of_position, keys, .. } = Attempts::new();
    let key = old.world.market_key(old.market);
    let world = &mut old.world;
    passes("market", world.migrate_market(key));
    for version in [1, 0, 3] {
        world.edit::<Position>(&old.long, |position| position.version = version);
        Attempts::all_refused(world, &of_position, &keys, version);
    }
}

#[test]
fn a_position_waits_for_its_market() {
    let Old { mut world, market, long, .. } = Old::new();
    let key = world.market_key(market);
    refused("first", world.migrate_position(key, long), RingfenceError::UnsupportedVersion);
    passes("market", world.migrate_market(key));
    passes("then", world.migrate_position(key, long));
    balanced(&world);
}

#[test]
fn nothing_is_migrated_twice() {
    let Old { mut world, market, long, .. } = Old::new();
    let key = world.market_key(market);
    passes("market", world.migrate_market(key));
    passes("position", world.migrate_position(key, long));
    let before = snapshot(&world);
    refused("market", world.migrate_market(key), RingfenceError::NothingToMigrate);
    refused("position", world.migrate_position(key, long), RingfenceError::NothingToMigrate);
    assert!(snapshot(&world) == before);
    assert_eq!(world.market_state(market).position_accounts, 1);
}

#[test]
fn only_layout_1_is_migrated() {
    for version in [0, 3, u8::MAX] {
        let Old { mut world, market, long, .. } = Old::new();
        let key = world.market_key(market);
        world.edit::<Position>(&long, |position| position.version = version);
        world.edit::<Market>(&key, |state| state.version = version);
        refused("market", world.migrate_market(key), RingfenceError::UnsupportedVersion);
        world.edit::<Market>(&key, |state| state.version = 1);
        passes("market", world.migrate_market(key));
        refused("position", world.migrate_position(key, long), RingfenceError::UnsupportedVersion);
    }
}

#[test]
fn new_accounts_have_the_present_layout() {
    let (mut world, market) = still();
    let alice = world.trader(100);
    let position = world.open(market, &alice, 0, Long, size("1"), quote("50")).unwrap();
    let key = world.market_key(market);
    assert_eq!((world.market_state(market).version, world.position(position).version), (2, 2));
    refused("market", world.migrate_market(key), RingfenceError::NothingToMigrate);
    refused("position", world.migrate_position(key, position), RingfenceError::NothingToMigrate);
}
