//! Pyth accounts captured from mainnet and devnet, read by the program in the
//! SVM. The expected values are those decoded in the captures' README, scaled
//! to 10^-10 by hand. They lie beside the repository, or where RINGFENCE_DATA
//! says; without them these tests say so and pass.

use std::path::PathBuf;

use anchor_lang::prelude::Pubkey;
use base64::Engine;
use ringfence_client::state::{AcceptedPrice, OracleConfig, Side};
use ringfence_client::{AddLiquidityArgs, RingfenceError};
use ringfence_testkit::market::default_oracle;
use ringfence_testkit::pyth::RECEIVER;
use ringfence_testkit::{MarketId, Trader, World, price, quote, size};
use solana_account::Account;
use solana_last_restart_slot::LastRestartSlot;

use crate::support::*;

fn data_dir() -> Option<PathBuf> {
    let beside = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
    let dir = std::env::var_os("RINGFENCE_DATA").map_or_else(beside, PathBuf::from);
    if dir.is_dir() {
        return Some(dir);
    }
    println!("skipped: no captured Pyth accounts in {}; set RINGFENCE_DATA", dir.display());
    None
}

/// An account as `solana account --output json` prints it.
fn load(name: &str) -> Option<(Pubkey, Account)> {
    let path = data_dir()?.join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let json: serde_json::Value = serde_json::from_str(&text).expect(name);
    let key = |value: &serde_json::Value| value.as_str().expect(name).parse::<Pubkey>().expect(name);
    let account = &json["account"];
    let data = account["data"][0].as_str().expect(name);
    let account = Account {
        lamports: account["lamports"].as_u64().expect(name),
        data: base64::engine::general_purpose::STANDARD.decode(data).expect(name),
        owner: key(&account["owner"]),
        executable: false,
        rent_epoch: account["rentEpoch"].as_u64().expect(name),
    };
    Some((key(&json["pubkey"]), account))
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Pull,
    Push,
}

/// An account, what it says in 10^-10, and the slot it says it in.
struct Capture {
    name: &'static str,
    kind: Kind,
    says: AcceptedPrice,
    slot: u64,
}

const fn capture(
    name: &'static str,
    kind: Kind,
    (price, confidence, ema): (u64, u64, u64),
    publish_time: i64,
    slot: u64,
) -> Capture {
    Capture { name, kind, says: AcceptedPrice { price, confidence, ema, publish_time }, slot }
}

/// Exponent −8 but for BONK's −10: times 100, or as it is.
const SOUND: [Capture; 10] = [
    capture(
        "pyth-legacy-SOLUSD.json",
        Kind::Push,
        (1_327_245_724_900, 1_351_804_100, 1_335_481_040_000),
        1_720_094_645, // 2024-07-04T12:04:05Z
        275_626_831,
    ),
    capture(
        "pyth-legacy-SOLUSD-20221216.json",
        Kind::Push,
        (134_851_278_900, 70_387_400, 134_972_489_000),
        1_671_190_329, // 2022-12-16T11:32:09Z
        167_203_493,
    ),
    capture(
        "pyth-legacy-USDCUSD.json",
        Kind::Push,
        (10_000_075_000, 2_424_900, 10_000_029_000),
        1_701_981_042, // 2023-12-07T20:30:42Z
        234_590_446,
    ),
    capture(
        "pyth-legacy-BONKUSD.json",
        Kind::Push,
        (145_975, 219, 143_452),
        1_702_120_657, // 2023-12-09T11:17:37Z
        234_897_842,
    ),
    capture(
        "pyth-legacy-devnet-SRMUSD-wideconf.json",
        Kind::Push,
        (2_729_307_300, 8_337_200, 2_727_493_300),
        1_669_049_331, // 2022-11-21T16:48:51Z
        177_088_061,
    ),
    capture(
        "pyth-pull-SOLUSD.json",
        Kind::Pull,
        (2_156_813_706_900, 2_013_446_900, 2_161_602_010_000),
        1_735_984_087,
        311_798_332,
    ),
    capture(
        "pyth-pull-SOLUSD-20240709.json",
        Kind::Pull,
        (1_406_159_370_000, 1_379_369_900, 1_410_668_470_000),
        1_720_533_480,
        276_582_011,
    ),
    capture(
        "pyth-pull-SOLUSD-20240716.json",
        Kind::Pull,
        (1_567_976_909_900, 1_619_727_100, 1_566_092_180_000),
        1_721_133_402,
        277_875_167,
    ),
    capture(
        "pyth-pull-USDCUSD.json",
        Kind::Pull,
        (10_000_499_700, 6_795_600, 10_000_340_900),
        1_747_165_253,
        339_807_895,
    ),
    capture("pyth-pull-BONKUSD.json", Kind::Pull, (345_526, 517, 335_763), 1_717_074_117, 268_841_733),
];

/// Feed ids of the pull accounts; those of the push ones are their addresses.
fn feed_id(name: &str) -> [u8; 32] {
    let hex = match name.split('-').find(|part| part.contains("USD")).expect(name) {
        symbol if symbol.starts_with("SOL") => {
            "ef0d8b6fda2ceba41da15d4095d1da392a0d2f8ed0c6c7bc0f4cfac8c280b56d"
        }
        symbol if symbol.starts_with("USDC") => {
            "eaa020c61cc479712813461ce153894a96a6c00b21ed0cfc2798d1f9a9e9c94a"
        }
        symbol if symbol.starts_with("BONK") => {
            "72b021217ca3fe68922a19aaf990109cb9d84e9ad004b4d2025ad6f529314419"
        }
        symbol if symbol.starts_with("WBTC") => {
            "c9d8b075a5c69303365ae23633d4e085199bf5c520a3b90fed1322a0342ffc33"
        }
        symbol if symbol.starts_with("ETH") => {
            "ff61491a931112ddf1bd8147cd1b641375f79f5825126d665480874634fd0ace"
        }
        symbol => panic!("{symbol}"),
    };
    std::array::from_fn(|byte| u8::from_str_radix(&hex[2 * byte..2 * byte + 2], 16).expect("hex"))
}

struct Scene {
    world: World,
    market: MarketId,
    provider: Trader,
    account: (Pubkey, Account),
}

impl Scene {
    /// A market pinned to the account, at a time and in a slot.
    fn new(name: &str, kind: Kind, now: i64, slot: u64) -> Option<Self> {
        let (key, account) = load(name)?;
        let mut world = World::new();
        world.set_clock(now, slot);
        let feed_id = if kind == Kind::Push { key.to_bytes() } else { feed_id(name) };
        let oracle = OracleConfig { feed_id, account: key, kind: kind as u8, ..default_oracle() };
        let market = market_on(&mut world, key, oracle);
        world.svm.set_account(key, account.clone()).expect(name);
        let provider = world.trader(10_000);
        Some(Self { world, market, provider, account: (key, account) })
    }

    /// What the market remembers of the price after a deposit.
    fn read(&mut self) -> Result<AcceptedPrice, ringfence_testkit::Failure> {
        let args = AddLiquidityArgs { id: 0, amount: quote("1"), min_shares: 0 };
        let deposit = self.world.add_liquidity_ix(self.market, &self.provider, args);
        let before = self.world.svm.clone();
        let result = self.world.send(&[deposit], &[&self.provider.key]);
        let accepted = self.world.market_state(self.market).accepted;
        self.world.svm = before;
        result.map(|_| accepted)
    }
}

#[test]
fn each_account_is_read_to_exactly_what_it_says() {
    for Capture { name, kind, says, slot } in SOUND {
        let Some(mut scene) = Scene::new(name, kind, says.publish_time, slot) else { return };
        for age in [0, 60] {
            scene.world.set_clock(says.publish_time + age, slot + 150);
            assert_eq!(passes(name, scene.read()), says, "{name} at {age} s");
        }
        scene.world.set_clock(says.publish_time + 61, slot + 153);
        refused(name, scene.read(), RingfenceError::OracleStale);
        scene.world.set_clock(says.publish_time - 3, slot);
        refused(name, scene.read(), RingfenceError::OracleFromTheFuture);

        scene.world.set_clock(says.publish_time, slot);
        scene.world.svm.set_sysvar(&LastRestartSlot { last_restart_slot: slot });
        assert_eq!(passes(name, scene.read()), says);
        scene.world.svm.set_sysvar(&LastRestartSlot { last_restart_slot: slot + 1 });
        refused(name, scene.read(), RingfenceError::OracleBeforeRestart);
    }
}

#[test]
fn an_account_of_one_feed_prices_no_market_of_another() {
    for Capture { name, kind, says, slot } in SOUND {
        let Some((key, account)) = load(name) else { return };
        let mut world = World::new();
        world.set_clock(says.publish_time, slot);
        let market = match kind {
            // Pinned to another account, as every push feed is.
            Kind::Push => {
                let other = Pubkey::new_from_array([9; 32]);
                let feed_id = other.to_bytes();
                market_on(
                    &mut world,
                    key,
                    OracleConfig { feed_id, account: other, kind: 1, ..default_oracle() },
                )
            }
            // Pinned to nothing, of another feed.
            Kind::Pull => market_on(&mut world, key, OracleConfig { feed_id: [9; 32], ..default_oracle() }),
        };
        world.svm.set_account(key, account).expect(name);
        let provider = world.trader(10);
        let refusal = if kind == Kind::Push {
            RingfenceError::OracleWrongAccount
        } else {
            RingfenceError::OracleWrongFeed
        };
        refused(name, world.add_liquidity(market, &provider, quote("1")), refusal);
    }
}

#[test]
fn the_feed_that_pyth_stopped_is_refused_though_its_timestamp_is_fresh() {
    // 2024-11-02T08:07:40Z over a price of three months before.
    let scene = Scene::new("pyth-legacy-SOLUSD-unknown.json", Kind::Push, 1_730_534_860, 299_058_484);
    let Some(mut scene) = scene else { return };
    refused("status Unknown", scene.read(), RingfenceError::OracleNotTrading);
}

#[test]
fn a_feed_of_the_first_layout_has_no_average_and_is_refused() {
    let name = "pyth-legacy-devnet-SOLUSD-2021.json";
    // Its timestamp is unset; neither 1970 nor the year it was captured in.
    for now in [0, 60, 1_625_000_000] {
        let Some(mut scene) = Scene::new(name, Kind::Push, now, 64_338_668) else { return };
        refused("no average", scene.read(), RingfenceError::OracleDiverged);
    }
}

#[test]
fn updates_of_another_receiver_are_refused_twice_over() {
    for (name, now, slot) in [
        ("pyth-pull-partial-WBTCUSD-otherowner.json", 1_734_721_494, 308_728_620),
        ("pyth-pull-partial-SOLUSD-otherowner.json", 1_734_648_611, 308_552_311),
        ("pyth-pull-partial-ETHUSD-otherowner.json", 1_750_772_057, 348_900_646),
    ] {
        let Some(mut scene) = Scene::new(name, Kind::Pull, now, slot) else { return };
        refused(name, scene.read(), RingfenceError::OracleWrongOwner);
        // The same bytes in the hands of the right program.
        let (key, mut account) = scene.account.clone();
        account.owner = RECEIVER;
        scene.world.svm.set_account(key, account).expect(name);
        refused(name, scene.read(), RingfenceError::OracleNotFullyVerified);
    }
}

#[test]
fn a_position_is_opened_at_a_real_price() {
    let capture = &SOUND[5];
    assert_eq!(capture.name, "pyth-pull-SOLUSD.json");
    let scene = Scene::new(capture.name, capture.kind, capture.says.publish_time, capture.slot);
    let Some(Scene { mut world, market, provider, .. }) = scene else { return };
    passes("deposit", world.add_liquidity(market, &provider, quote("10000")));
    let trader = world.trader(100);
    let position = passes("open", world.open(market, &trader, 0, Side::Long, size("1"), quote("50")));
    // 215.68137069 × (1 + 0.5 ÷ 10^7) = 215.6813814740685345, and half of the
    // confidence of 0.20134469 = 0.100672345: 215.7820538190685345, up to
    // 215.7820538191. One of it costs ceil to the atom 215.782054.
    let state = world.position(position);
    assert_eq!(state.entry_notional, 215_782_054);
    // 5 bp of it, up: 0.107892.
    assert_eq!(state.margin, quote("50") - 107_892);
    assert_eq!(world.market_state(market).accepted.price, price("215.68137069"));
    world.check_books().unwrap();
}
