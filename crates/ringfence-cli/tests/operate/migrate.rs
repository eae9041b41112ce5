//! Migrations: what is missing is made, once.

use ringfence_client::{Pubkey, pda};
use ringfence_localnet::Options;
use serde_json::json;
use solana_rpc_client::rpc_client::RpcClient;
use solana_rpc_client_api::request::RpcRequest;
use solana_signer::Signer;

use crate::support::{Stage, text};

/// The committed parameters of the localnet.
fn params() -> String {
    let path = crate::common::root().join("migrations/params/localnet-sol.toml");
    std::fs::read_to_string(path).expect("the parameters of the localnet")
}

/// A file for the running localnet with one market of its own and one more.
fn file(stage: &Stage) -> String {
    let keys = stage.localnet.keys();
    let sol = &stage.localnet.markets()[0];
    let feed: String = sol.feed_id.iter().map(|byte| format!("{byte:02x}")).collect();
    let market = |name: &str, file: &str| {
        format!(
            "[[market]]\nname = \"{name}\"\nmint = \"{}\"\nsize_decimals = 9\nfeed = \"{feed}\"\noracle_account = \"{}\"\noracle_kind = \"pull\"\nparams = \"{file}\"\n",
            stage.localnet.mint(),
            sol.accounts.oracle
        )
    };
    let text = format!(
        "[exchange]\nadmin = \"{}\"\nguardian = \"{}\"\ntreasury = \"{}\"\ntimelock_seconds = 0\n{}{}",
        keys.admin.pubkey(),
        keys.guardian.pubkey(),
        keys.treasury.pubkey(),
        market("SOL-PERP", "sol.toml"),
        market("SOL2-PERP", "sol2.toml"),
    );
    stage.folder.file("sol.toml", &params().replace("open_fee_ppm = 500", "open_fee_ppm = 450"));
    stage.folder.file("sol2.toml", &params());
    stage.folder.file("cluster.toml", &text)
}

#[test]
fn a_migration_does_its_work_once() {
    let stage = Stage::new("migrate");
    let file = file(&stage);
    let planned = stage.json("admin", &format!("migrate {file} --dry-run"));
    assert_eq!(planned["steps"].as_array().map(Vec::len), Some(2), "{planned}");
    assert_eq!(stage.json("admin", "market list").as_array().map(Vec::len), Some(3));

    let done = stage.json("admin", &format!("migrate {file}"));
    let actions: Vec<&str> =
        done["steps"].as_array().unwrap().iter().map(|step| text(&step["action"])).collect();
    assert_eq!(
        actions,
        [
            "propose for SOL-PERP: params.open_fee_ppm 500 ppm → 450 ppm",
            "apply the proposed parameters of SOL-PERP",
            "create the market SOL2-PERP"
        ]
    );
    let list = stage.json("admin", "market list");
    assert_eq!((list.as_array().map(Vec::len), &list[3]["name"]), (Some(4), &json!("SOL2-PERP")));
    assert_eq!(stage.json("admin", "market show SOL-PERP")["parameters"]["open_fee_ppm"], "450 ppm");

    let again = stage.json("admin", &format!("migrate {file}"));
    assert_eq!((&again["steps"], &again["notes"]), (&json!([]), &json!([])), "{again}");
    assert_eq!(stage.json("admin", "market list"), list);
    let said = stage.text("admin", &format!("migrate {file}"));
    assert_eq!(said, "Nothing to do: the cluster is as the file describes it.\n");
}

/// The committed file, which names addresses that every localnet has.
fn committed() -> String {
    crate::common::root().join("migrations/localnet.toml").display().to_string()
}

/// Makes an account what it was before anything was there.
fn wipe(stage: &Stage, key: Pubkey) {
    let rpc = RpcClient::new(stage.localnet.rpc_url().to_owned());
    let system = Pubkey::default().to_string();
    let params = json!([key.to_string(), { "lamports": 0, "data": "", "owner": system }]);
    let method = RpcRequest::Custom { method: "surfnet_setAccount" };
    rpc.send::<serde_json::Value>(method, params).expect("an account that is gone");
}

#[test]
fn the_localnets_own_file_describes_the_localnet() {
    let stage = Stage::new("migrate-committed");
    let report = stage.json("admin", &format!("migrate {}", committed()));
    assert_eq!((&report["steps"], &report["notes"]), (&json!([]), &json!([])), "{report}");
}

#[test]
fn a_cluster_with_nothing_but_the_program_gets_everything() {
    let stage = Stage::with("migrate-nothing", Options { liquidity: 0, ..Options::default() });
    wipe(&stage, pda::exchange());
    for market in stage.localnet.markets() {
        let accounts = market.accounts;
        for key in [accounts.market, accounts.pool_vault, accounts.lp_mint] {
            wipe(&stage, key);
        }
    }
    let error = stage.fail("admin", "market list");
    assert!(error.starts_with("no exchange at http://127.0.0.1:"), "{error}");
    let error = stage.fail("trader", "exchange init --timelock 0");
    assert!(error.starts_with("Signer is not the program's upgrade authority"), "{error}");

    let planned = stage.json("admin", &format!("migrate {} --dry-run", committed()));
    assert_eq!(planned["steps"].as_array().map(Vec::len), Some(4), "{planned}");
    let done = stage.json("admin", &format!("migrate {}", committed()));
    let actions: Vec<&str> =
        done["steps"].as_array().unwrap().iter().map(|step| text(&step["action"])).collect();
    assert!(actions[0].starts_with("make the exchange, governed by "), "{done}");
    let created = ["SOL-PERP", "BTC-PERP", "ETH-PERP"].map(|name| format!("create the market {name}"));
    assert_eq!(actions[1..], created);
    let again = stage.json("admin", &format!("migrate {}", committed()));
    assert_eq!((&again["steps"], &again["notes"]), (&json!([]), &json!([])), "{again}");

    let error = stage.fail("admin", "exchange init --timelock 0");
    assert!(error.starts_with("there is an exchange already"), "{error}");
    stage.effect("provider", "pool add SOL 1000000", "LiquidityAdded");
    stage.effect("trader", "position open SOL long --size 1 --margin 50", "PositionOpened");
}

#[test]
fn a_timelock_is_waited_for_not_worked_around() {
    let stage = Stage::with("migrate-timelock", Options { timelock_seconds: 3_600, ..Options::default() });
    let file = file(&stage);
    let done = stage.json("admin", &format!("migrate {file}"));
    let notes = done["notes"].to_string();
    assert!(notes.contains("timelock_seconds is 3600, the file says 0"), "{done}");
    assert!(notes.contains("SOL-PERP's proposal waits for its timelock"), "{done}");
    assert_eq!(done["steps"].as_array().map(Vec::len), Some(2), "{done}");
    let again = stage.json("admin", &format!("migrate {file}"));
    assert_eq!(again["steps"], json!([]), "what waits is not proposed again");
    assert_eq!(stage.json("admin", "market show SOL-PERP")["parameters"]["open_fee_ppm"], "500 ppm");
}

#[test]
fn a_file_that_is_none_is_refused_with_its_line() {
    let stage = Stage::new("migrate-file");
    let file = stage.folder.file("bad.toml", "[exchange]\ntimelock_seconds = 0\nowner = \"me\"\n");
    let error = stage.fail("admin", &format!("migrate {file}"));
    assert!(error.contains("line 3") && error.contains("unknown field `owner`"), "{error}");
    let file = stage.folder.file("key.toml", "[exchange]\ntimelock_seconds = 0\nadmin = \"me\"\n");
    let error = stage.fail("admin", &format!("migrate {file}"));
    assert!(error.contains("line 3") && error.contains("`me` is no address"), "{error}");
}

#[test]
fn a_new_market_can_be_traded_at_once() {
    let stage = Stage::new("create");
    let sol = &stage.localnet.markets()[0];
    let feed: String = sol.feed_id.iter().map(|byte| format!("{byte:02x}")).collect();
    let file = stage.folder.file("new.toml", &params());
    // Not pinned: any update of the feed will do, and is named.
    let create = format!(
        "market create NEW-PERP --mint {} --size-decimals 6 --feed {feed} --params {file}",
        stage.localnet.mint()
    );
    let created = stage.effect("admin", &create, "MarketCreated");
    assert_eq!((&created["name"], &created["index"]), (&json!("NEW-PERP"), &json!(3)));
    let error = stage.fail("trader", "pool add NEW 1000000");
    assert!(error.contains("name the account by --oracle"), "{error}");
    let oracle = sol.accounts.oracle;
    stage.effect("provider", &format!("pool add NEW 1000000 --oracle {oracle}"), "LiquidityAdded");
    let open = format!("position open NEW long --size 1.5 --margin 50 --oracle {oracle}");
    let opened = stage.effect("trader", &open, "PositionOpened");
    assert_eq!((&opened["size"], &opened["index_price"]), (&json!("1.5"), &json!("150")));
    let shown = stage.json("trader", "position show NEW-PERP/0");
    assert_eq!(shown["price_source"], "last accepted");
}
