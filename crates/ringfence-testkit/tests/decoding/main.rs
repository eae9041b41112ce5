//! Every account and every event that the compiled program writes, decoded by
//! the client, which has no Anchor, and by the program's own crate: both print
//! the same. The scenario touches every instruction.

use std::collections::BTreeSet;
use std::fmt::Debug;

use anchor_lang::event::EVENT_IX_TAG_LE;
use anchor_lang::{AnchorDeserialize, Discriminator};
use bytemuck::Pod;
use ringfence::{events, state};
use ringfence_client::accounts::{Market, Position, decode};
use ringfence_client::state::MarketStatus;
use ringfence_client::state::Side::{Long, Short};
use ringfence_client::{PROGRAM_ID, Pubkey, accounts};
use ringfence_testkit::substitution::passes;
use ringfence_testkit::{Options, World, price, quote, size};
use solana_signer::Signer;

/// A run of the world, with what the program's accounts were on the way.
struct Run {
    world: World,
    accounts: Vec<Vec<u8>>,
}

impl Run {
    fn keep_accounts(&mut self) {
        let all = self.world.svm.get_program_accounts(&PROGRAM_ID);
        self.accounts.extend(all.into_iter().map(|(_, account)| account.data));
    }

    fn of_everything() -> Self {
        let mut world = World::with(Options { exchange: false, ..Options::default() }).expect("the program");
        world.recorded = Some(Vec::new());
        let args = world.exchange_args();
        passes("exchange", world.initialize_exchange(args));
        let mut run = Self { world, accounts: Vec::new() };
        run.governance();
        run.trading();
        run.end();
        run
    }

    fn governance(&mut self) {
        let world = &mut self.world;
        let (admin, guardian) = (world.admin.insecure_clone(), world.guardian.insecure_clone());
        passes("nominate", world.nominate_admin(&admin, admin.pubkey()));
        passes("accept", world.accept_admin(&admin));
        let market = world.market("GOVERNED").build();
        passes("propose", world.propose_params(market, |params, _| params.open_fee_ppm = 77));
        self.keep_accounts();
        let world = &mut self.world;
        world.advance(86_400);
        passes("apply", world.apply_params(market));
        passes("propose", world.propose_params(market, |params, _| params.open_fee_ppm = 78));
        passes("cancel", world.cancel_params(market, &guardian));
        passes("status", world.set_status(market, MarketStatus::Paused));
        let key = world.market_key(market);
        world.edit::<Market>(&key, |market| market.version = 1);
        passes("migrate", world.migrate_market(key));
        self.keep_accounts();
    }

    fn trading(&mut self) {
        let world = &mut self.world;
        let market = world
            .market("TRADED")
            .price("100")
            .params(|params| {
                params.skew_scale = size("100000");
                params.referrer_share_ppm = 100_000;
                (params.open_fee_ppm, params.close_fee_ppm) = (1_000, 1_000);
                params.reserve_factor_ppm = 500_000;
            })
            .build();
        let [alice, bob, carol, lp, ron] = [(); 5].map(|()| world.trader(1_000_000));
        passes("deposit", world.add_liquidity(market, &lp, quote("500000")));
        passes("deposit", world.deposit(market, &lp, 7, quote("1000")));
        passes("withdraw", world.remove_liquidity(market, &lp, 1_000_000));
        passes("fund", world.fund_insurance(market, &lp, quote("50")));
        let referral = passes("referral", world.create_referral(market, &ron));
        let opened = world.open_referred(market, &alice, 1, Long, size("10"), quote("500"), referral);
        let first = passes("open", opened);
        let short = passes("open", world.open(market, &bob, 2, Short, size("10"), quote("900")));
        let long = passes("open", world.open(market, &carol, 3, Long, size("10"), quote("60")));
        passes("increase", world.increase(market, &alice, first, size("1"), quote("50")));
        passes("add", world.add_margin(market, &bob, short, quote("5")));
        passes("remove", world.remove_margin(market, &bob, short, quote("4")));
        passes("delegate", world.set_delegate(&alice, first, bob.pubkey()));
        world.advance(3_600);
        passes("accrue", world.accrue(market));
        self.keep_accounts();

        let world = &mut self.world;
        passes("decrease", world.decrease(market, &alice, first, size("2")));
        let referred = passes("claim", world.claim_referral_fees(market, &ron));
        assert!(!referred.events.is_empty());
        world.set_price(market, price("96"));
        passes("liquidate", world.liquidate(market, &lp, long));
        world.set_price(market, price("45"));
        passes("cap", world.close_at_cap(market, &lp, short));
        world.set_price(market, price("99"));
        passes("close", world.close(market, &alice, first));
        let treasury = world.treasury_account(market);
        passes("collect", world.collect_protocol_fees(market, treasury));
        let key = world.market_key(market);
        world.edit::<Position>(&short, |position| position.version = 1);
        world.edit::<Market>(&key, |market| market.position_accounts -= 1);
        passes("migrate", world.migrate_position(key, short));
        self.keep_accounts();
    }

    fn end(&mut self) {
        let world = &mut self.world;
        let market = world.market("ENDING").price("100").build();
        let owner = world.trader(10_000);
        passes("deposit", world.add_liquidity(market, &owner, quote("5000")));
        let position = passes("open", world.open(market, &owner, 0, Long, size("1"), quote("50")));
        passes("settle", world.wind_down(market, price("101")));
        self.keep_accounts();
        let world = &mut self.world;
        passes("close", world.close_settled(market, &owner, position));
        let shares = world.shares_of(market, &owner);
        let held = world.balance(&shares);
        passes("withdraw", world.remove_liquidity(market, &owner, held));
        passes("close", world.close_market(market));
        self.keep_accounts();
    }
}

/// The account as both print it, if it is one of this type.
fn same_account<Ours, Theirs>(data: &[u8]) -> bool
where
    Ours: Pod + ringfence_client::Discriminator + Debug,
    Theirs: Pod + Discriminator + Debug,
{
    let Some(body) = data.strip_prefix(Theirs::DISCRIMINATOR) else { return false };
    let theirs: Theirs = bytemuck::pod_read_unaligned(body);
    let ours: Ours = decode(data).expect("an account of this type");
    assert_eq!(format!("{ours:?}"), format!("{theirs:?}"));
    true
}

#[test]
fn accounts_of_the_bytecode_are_read_alike() {
    let run = Run::of_everything();
    let mut seen = BTreeSet::new();
    for data in &run.accounts {
        let mut known = false;
        macro_rules! kinds {
            ($($name:ident)*) => {$(
                if same_account::<accounts::$name, state::$name>(data) {
                    known = true;
                    seen.insert(stringify!($name));
                }
            )*};
        }
        kinds!(Exchange LiquidityDeposit Market ParamsProposal Position Referral);
        assert!(known, "an account that nobody knows");
    }
    assert_eq!(seen.len(), 6, "{seen:?}");
}

/// The event as the program's own crate prints it, if it is of this type.
fn printed<T: AnchorDeserialize + Discriminator + Debug>(data: &[u8]) -> Option<String> {
    let mut body = data.strip_prefix(T::DISCRIMINATOR)?;
    let event = T::deserialize(&mut body).expect("an event of this type");
    assert!(body.is_empty(), "bytes left over");
    Some(format!("{event:?}"))
}

#[test]
fn events_of_the_bytecode_are_read_alike() {
    let run = Run::of_everything();
    let mut seen = BTreeSet::new();
    for data in run.world.recorded.as_ref().expect("a record") {
        let Some(event) = data.strip_prefix(EVENT_IX_TAG_LE) else {
            assert!(ringfence_client::events::decode(data).is_none(), "a call that is no event");
            continue;
        };
        let ours = format!("{:?}", ringfence_client::events::decode(data).expect("an event"));
        macro_rules! kinds {
            ($($name:ident)*) => {{
                $(if let Some(theirs) = printed::<events::$name>(event) {
                    assert_eq!(ours, format!("{}({theirs})", stringify!($name)));
                    seen.insert(stringify!($name));
                })*
                [$(stringify!($name)),*].len()
            }};
        }
        let all = kinds!(AdminAccepted AdminNominated DelegateChanged ExchangeInitialized FundingAccrued
            InsuranceFunded LiquidityAdded LiquidityRemoved MarginAdded MarginRemoved MarketClosed
            MarketCreated MarketMigrated MarketSettled ParamsApplied ParamsCancelled ParamsProposed
            PositionCapped PositionClosed PositionDecreased PositionIncreased PositionLiquidated
            PositionMigrated PositionOpened ProtocolFeesCollected ReferralCreated ReferralFeesClaimed
            SettlementAnnounced SharesClaimed StatusChanged);
        assert_eq!(all, 30);
    }
    assert_eq!(seen.len(), 30, "{seen:?}");
}

/// Nothing of the program's is left undecoded by address either.
#[test]
fn every_account_has_the_address_that_its_fields_give() {
    let run = Run::of_everything();
    let mut found = 0;
    for (key, account) in run.world.svm.get_program_accounts(&PROGRAM_ID) {
        if let Some(position) = decode::<Position>(&account.data) {
            let Position { market, owner, id, .. } = position;
            assert_eq!(key, ringfence_client::pda::position(&market, &owner, id));
            assert_eq!(position.vault, ringfence_client::pda::position_vault(&key));
            found += 1;
        } else if let Some(market) = decode::<Market>(&account.data) {
            let vault: Pubkey = ringfence_client::pda::pool_vault(&key);
            assert_eq!((key, market.pool_vault), (ringfence_client::pda::market(market.index), vault));
            found += 1;
        }
    }
    assert!(found >= 4, "{found}");
}
