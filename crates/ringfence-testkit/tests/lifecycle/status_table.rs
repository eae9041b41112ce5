//! What works in which status: the table of `MarketStatus`, instruction by
//! instruction, each in a scene in which nothing else stands in its way.

use std::collections::BTreeSet;

use anchor_lang::prelude::Pubkey;
use ringfence_client::InitializeExchangeArgs;
use ringfence_client::RingfenceError::{self, *};
use ringfence_client::state::Side::Long;
use ringfence_client::state::{MarketStatus, OrderKind, OrderTerms};
use ringfence_testkit::orders;
use ringfence_testkit::{Failure, MarketId, Trader, World, price, quote, size};

use crate::support::*;

/// A market with something of everything in it.
struct Scene {
    world: World,
    market: MarketId,
    /// Owns `open` and `emptied`, and has a referral.
    alice: Trader,
    open: Pubkey,
    emptied: Pubkey,
    /// Orders of `open` that any price triggers: one that adds, one that closes
    /// half of it.
    adding: Pubkey,
    reducing: Pubkey,
    /// Owns the pool, and a deposit of id 9 whose cool-down is over.
    carol: Trader,
    /// Has fees to claim.
    rita: Trader,
}

type Act = fn(&mut Scene) -> Result<(), Failure>;

impl Scene {
    /// 10 long from 100.5; a proposal past its timelock; notice has run out.
    fn new(status: MarketStatus, at: &str) -> Self {
        let (mut world, market) = bare_with(|params| {
            (params.open_fee_ppm, params.close_fee_ppm) = (1_000, 1_000);
            params.referrer_share_ppm = 100_000;
            params.reserve_factor_ppm = 500_000;
        });
        let (alice, carol, rita) = (world.trader(5_000), world.trader(50_000), world.trader(0));
        passes("pool", world.add_liquidity(market, &carol, quote("20000")));
        let referral = passes("referral", world.create_referral(market, &rita));
        let open = world.open_referred(market, &alice, 0, Long, size("10"), quote("200"), referral);
        let open = passes("open", open);
        let emptied = passes("open", world.open(market, &alice, 1, Long, size("2"), quote("50")));
        passes("empty", world.decrease(market, &alice, emptied, size("2")));
        passes("deposit", world.deposit(market, &carol, 9, quote("100")));
        passes("propose", world.propose_params(market, |params, _| params.open_fee_ppm = 2_000));
        let [adding, reducing] = order_terms(&world);
        let adding = passes("place", world.place(market, &alice, open, 0, adding));
        let reducing = passes("place", world.place(market, &alice, open, 1, reducing));
        if status == MarketStatus::Settling {
            settle_at(&mut world, market, at);
        } else {
            passes("status", world.set_status(market, status));
            world.advance(DAY);
            world.set_price(market, price(at));
        }
        assert_eq!(world.market_state(market).status, status as u8);
        Self { world, market, alice, open, emptied, adding, reducing, carol, rita }
    }

    fn key(&self) -> Pubkey {
        self.world.market_key(self.market)
    }

    /// Takes out all that a settled market holds of anybody's.
    fn empty_out(&mut self) {
        let Self { world, market, alice, open, emptied, carol, rita, .. } = self;
        for position in [*open, *emptied] {
            passes("close", world.close_settled(*market, alice, position));
        }
        passes("referral", world.claim_referral_fees(*market, rita));
        passes("shares", world.claim_shares(*market, carol, 9));
        let shares = shares_held(world, *market, carol);
        passes("withdraw", world.remove_liquidity(*market, carol, shares));
        let admin = world.admin.insecure_clone();
        passes("cancel", world.cancel_params(*market, &admin));
    }
}

/// Orders of a long that any price triggers, for as long as it takes.
fn order_terms(world: &World) -> [OrderTerms; 2] {
    let adding = orders::adding(world, OrderKind::Limit, Long, size("1"), quote("50"), u64::MAX);
    let reducing = orders::reducing(world, OrderKind::StopLoss, Long, 500_000, u64::MAX);
    [adding, reducing].map(|terms| OrderTerms { expires_at: i64::MAX, ..terms })
}

/// An instruction (and which case of it), the price of the scene, the refusal
/// in each status from Active to Settling, and what is done.
struct Row {
    instruction: &'static str,
    case: &'static str,
    at: &'static str,
    refusals: [Option<RingfenceError>; 4],
    act: Act,
}

const ALWAYS: [Option<RingfenceError>; 4] = [None; 4];
const ACTIVE_ONLY: [Option<RingfenceError>; 4] =
    [None, Some(MarketNotActive), Some(MarketNotActive), Some(MarketNotActive)];
/// What adds, where a settled market says what it is.
const ACTIVE_UNTIL_SETTLED: [Option<RingfenceError>; 4] =
    [None, Some(MarketNotActive), Some(MarketNotActive), Some(MarketSettling)];
const UNTIL_SETTLED: [Option<RingfenceError>; 4] = [None, None, None, Some(MarketSettling)];
const WHEN_SETTLED: [Option<RingfenceError>; 4] =
    [Some(MarketNotSettling), Some(MarketNotSettling), Some(MarketNotSettling), None];
const NEVER_AGAIN: [Option<RingfenceError>; 4] = [Some(NothingToMigrate); 4];

const fn row(instruction: &'static str, refusals: [Option<RingfenceError>; 4], act: Act) -> Row {
    Row { instruction, case: "", at: "100", refusals, act }
}

/// The same instruction in another case, or at another price.
const fn case(
    instruction: &'static str,
    case: &'static str,
    at: &'static str,
    refusals: [Option<RingfenceError>; 4],
    act: Act,
) -> Row {
    Row { instruction, case, at, refusals, act }
}

const TABLE: [Row; 44] = [
    // traders
    row("open_position", ACTIVE_ONLY, |Scene { world, market, alice, .. }| {
        world.open(*market, alice, 2, Long, size("1"), quote("50")).map(drop)
    }),
    row("increase_position", ACTIVE_ONLY, |Scene { world, market, alice, open, .. }| {
        world.increase(*market, alice, *open, size("1"), quote("50")).map(drop)
    }),
    row("decrease_position", ALWAYS, |Scene { world, market, alice, open, .. }| {
        world.decrease(*market, alice, *open, size("4")).map(drop)
    }),
    row("close_position", ALWAYS, |Scene { world, market, alice, open, .. }| {
        world.close(*market, alice, *open).map(drop)
    }),
    case(
        "close_position",
        "what is emptied",
        "100",
        ALWAYS,
        |Scene { world, market, alice, emptied, .. }| world.close(*market, alice, *emptied).map(drop),
    ),
    row("add_margin", ALWAYS, |Scene { world, market, alice, open, .. }| {
        world.add_margin(*market, alice, *open, 1).map(drop)
    }),
    row(
        "remove_margin",
        [None, None, Some(MarketPaused), Some(MarketSettling)],
        |Scene { world, market, alice, open, .. }| world.remove_margin(*market, alice, *open, 1).map(drop),
    ),
    case(
        "remove_margin",
        "what is emptied",
        "100",
        ALWAYS,
        |Scene { world, market, alice, emptied, .. }| {
            world.remove_margin(*market, alice, *emptied, 1).map(drop)
        },
    ),
    row("set_delegate", ALWAYS, |Scene { world, alice, open, carol, .. }| {
        world.set_delegate(alice, *open, carol.pubkey()).map(drop)
    }),
    row("create_position", ACTIVE_ONLY, |Scene { world, market, alice, .. }| {
        world.create_position(*market, alice, 2, Long).map(drop)
    }),
    case("place_order", "that adds", "100", ACTIVE_UNTIL_SETTLED, |scene| {
        let Scene { world, market, alice, open, .. } = scene;
        let [adding, _] = order_terms(world);
        world.place(*market, alice, *open, 2, adding).map(drop)
    }),
    case("place_order", "that reduces", "100", UNTIL_SETTLED, |scene| {
        let Scene { world, market, alice, open, .. } = scene;
        let [_, reducing] = order_terms(world);
        world.place(*market, alice, *open, 2, reducing).map(drop)
    }),
    row("cancel_order", ALWAYS, |Scene { world, market, alice, adding, .. }| {
        world.cancel(*market, alice, alice, *adding).map(drop)
    }),
    case("cancel_order", "of a closed position, by anyone", "100", ALWAYS, |scene| {
        let Scene { world, market, alice, open, adding, carol, .. } = scene;
        passes("close", world.close(*market, alice, *open));
        world.cancel(*market, carol, alice, *adding).map(drop)
    }),
    // keepers
    case("execute_order", "that adds", "100", ACTIVE_UNTIL_SETTLED, |scene| {
        let Scene { world, market, adding, carol, .. } = scene;
        world.execute(*market, carol, *adding).map(drop)
    }),
    case("execute_order", "that reduces", "100", UNTIL_SETTLED, |scene| {
        let Scene { world, market, reducing, carol, .. } = scene;
        world.execute(*market, carol, *reducing).map(drop)
    }),
    // equity 200 − 1.005 − 175 under 29.05 at 83
    case("liquidate", "", "83", UNTIL_SETTLED, |Scene { world, market, carol, open, .. }| {
        world.liquidate(*market, carol, *open).map(drop)
    }),
    // half of 1,005 over 1,005
    case("close_at_cap", "", "150.75", ALWAYS, |Scene { world, market, carol, open, .. }| {
        world.close_at_cap(*market, carol, *open).map(drop)
    }),
    row("accrue", ALWAYS, |Scene { world, market, .. }| world.accrue(*market).map(drop)),
    row("close_settled", WHEN_SETTLED, |Scene { world, market, alice, open, .. }| {
        world.close_settled(*market, alice, *open).map(drop)
    }),
    case("close_settled", "what is emptied", "100", WHEN_SETTLED, |scene| {
        let Scene { world, market, alice, emptied, .. } = scene;
        world.close_settled(*market, alice, *emptied).map(drop)
    }),
    row("close_market", WHEN_SETTLED, |scene| {
        if scene.world.market_state(scene.market).status == MarketStatus::Settling as u8 {
            scene.empty_out();
        }
        scene.world.close_market(scene.market).map(drop)
    }),
    case(
        "close_market",
        "with something in it",
        "100",
        [Some(MarketNotSettling), Some(MarketNotSettling), Some(MarketNotSettling), Some(MarketNotEmpty)],
        |Scene { world, market, .. }| world.close_market(*market).map(drop),
    ),
    row("migrate_market", NEVER_AGAIN, |scene| scene.world.migrate_market(scene.key()).map(drop)),
    row("migrate_position", NEVER_AGAIN, |scene| {
        scene.world.migrate_position(scene.key(), scene.open).map(drop)
    }),
    // providers
    row("add_liquidity", ACTIVE_ONLY, |Scene { world, market, carol, .. }| {
        world.deposit(*market, carol, 0, quote("10")).map(drop)
    }),
    row("claim_shares", ALWAYS, |Scene { world, market, carol, .. }| {
        world.claim_shares(*market, carol, 9).map(drop)
    }),
    row(
        "remove_liquidity",
        [None, None, Some(MarketPaused), Some(PositionsStillOpen)],
        |Scene { world, market, carol, .. }| world.remove_liquidity(*market, carol, quote("10")).map(drop),
    ),
    case(
        "remove_liquidity",
        "with no position open",
        "100",
        [None, None, Some(MarketPaused), None],
        |Scene { world, market, alice, open, carol, .. }| {
            passes("close", world.close(*market, alice, *open));
            world.remove_liquidity(*market, carol, quote("10")).map(drop)
        },
    ),
    // referrers
    row("create_referral", ACTIVE_ONLY, |Scene { world, market, alice, .. }| {
        world.create_referral(*market, alice).map(drop)
    }),
    row("claim_referral_fees", ALWAYS, |Scene { world, market, rita, .. }| {
        world.claim_referral_fees(*market, rita).map(drop)
    }),
    // governance
    row("set_status", UNTIL_SETTLED, |Scene { world, market, .. }| {
        world.set_status(*market, MarketStatus::Active).map(drop)
    }),
    case(
        "set_status",
        "to Settling",
        "100",
        {
            let unsettled = Some(SettlingNeedsSettlement);
            [unsettled, unsettled, unsettled, Some(MarketSettling)]
        },
        |Scene { world, market, .. }| world.set_status(*market, MarketStatus::Settling).map(drop),
    ),
    row("propose_params", UNTIL_SETTLED, |Scene { world, market, .. }| {
        let admin = world.admin.insecure_clone();
        passes("cancel", world.cancel_params(*market, &admin));
        world.propose_params(*market, |params, _| params.open_fee_ppm = 3_000).map(drop)
    }),
    row("apply_params", UNTIL_SETTLED, |Scene { world, market, .. }| world.apply_params(*market).map(drop)),
    row("cancel_params", ALWAYS, |Scene { world, market, .. }| {
        let guardian = world.guardian.insecure_clone();
        world.cancel_params(*market, &guardian).map(drop)
    }),
    row("announce_settlement", UNTIL_SETTLED, |Scene { world, market, .. }| {
        let settles_at = world.now() + DAY;
        world.announce_settlement(*market, settles_at).map(drop)
    }),
    // the announcement takes an active market to reduce-only
    case("settle_market", "announced", "100", UNTIL_SETTLED, |Scene { world, market, .. }| {
        world.give_notice(*market)?;
        world.settle_market(*market).map(drop)
    }),
    case(
        "settle_market",
        "unannounced",
        "100",
        [
            Some(SettlementNotAnnounced),
            Some(SettlementNotAnnounced),
            Some(SettlementNotAnnounced),
            Some(MarketSettling),
        ],
        |Scene { world, market, .. }| world.settle_market(*market).map(drop),
    ),
    row("fund_insurance", ALWAYS, |Scene { world, market, carol, .. }| {
        world.fund_insurance(*market, carol, 1).map(drop)
    }),
    row("collect_protocol_fees", ALWAYS, |Scene { world, market, .. }| {
        let treasury = world.treasury_account(*market);
        world.collect_protocol_fees(*market, treasury).map(drop)
    }),
    // the exchange, which knows no statuses
    row("create_market", ALWAYS, |scene| scene.world.market("BTC-PERP").try_build().map(drop)),
    row("nominate_admin", ALWAYS, |Scene { world, alice, .. }| {
        let admin = world.admin.insecure_clone();
        world.nominate_admin(&admin, alice.pubkey()).map(drop)
    }),
    row("accept_admin", ALWAYS, |Scene { world, alice, .. }| {
        let admin = world.admin.insecure_clone();
        passes("nominate", world.nominate_admin(&admin, alice.pubkey()));
        world.accept_admin(&alice.key).map(drop)
    }),
];

#[test]
fn each_status_allows_what_its_table_says() {
    use MarketStatus::*;
    for Row { instruction, case, at, refusals, act } in TABLE {
        for (status, refusal) in [Active, ReduceOnly, Paused, Settling].into_iter().zip(refusals) {
            let mut scene = Scene::new(status, at);
            let what = format!("{instruction} {case} in {status:?}");
            match refusal {
                None => passes(&what, act(&mut scene)),
                Some(error) => refused(&what, act(&mut scene), error),
            }
            balanced(&scene.world);
        }
    }
}

#[test]
fn the_exchange_is_initialized_once_whatever_its_markets_do() {
    let mut scene = Scene::new(MarketStatus::Settling, "100");
    let args: InitializeExchangeArgs = scene.world.exchange_args();
    refused("again", scene.world.initialize_exchange(args), ALREADY_IN_USE);
}

/// Instructions that have no row: they exist before any market does.
const WITHOUT_STATUS: [&str; 1] = ["initialize_exchange"];

#[test]
fn every_instruction_of_the_idl_is_in_the_table() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../idl/ringfence.json");
    let text = std::fs::read_to_string(path).expect("the committed IDL");
    let idl: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let of_idl: BTreeSet<_> = idl["instructions"]
        .as_array()
        .expect("instructions")
        .iter()
        .map(|instruction| instruction["name"].as_str().expect("a name"))
        .collect();
    let of_table: BTreeSet<_> = TABLE.iter().map(|row| row.instruction).chain(WITHOUT_STATUS).collect();
    assert_eq!(of_idl, of_table, "say in which status each works");
}

#[test]
fn a_status_that_is_none_is_refused_by_all_that_ask_for_it() {
    use ringfence_client::state::Market;
    let mut scene = Scene::new(MarketStatus::Active, "100");
    let key = scene.key();
    scene.world.edit::<Market>(&key, |market| market.status = 4);
    let Scene { world, market, carol, rita, .. } = &mut scene;
    refused("deposit", world.deposit(*market, carol, 0, 1_000_000), InvalidEnumValue);
    refused("withdraw", world.remove_liquidity(*market, carol, 1), InvalidEnumValue);
    refused("refer", world.create_referral(*market, carol), InvalidEnumValue);
    refused("settle", world.settle_market(*market), InvalidEnumValue);
    refused("set", world.set_status(*market, MarketStatus::Active), InvalidEnumValue);
    refused("apply", world.apply_params(*market), InvalidEnumValue);
    // what is somebody's own comes out
    passes("claim shares", world.claim_shares(*market, carol, 9));
    passes("claim fees", world.claim_referral_fees(*market, rita));
}
