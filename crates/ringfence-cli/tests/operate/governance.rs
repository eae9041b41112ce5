//! The exchange, parameters, and the end of a market.

use ringfence_localnet::Options;
use serde_json::{Value, json};
use solana_signer::Signer;

use crate::support::{Stage, text};

#[test]
fn exchange_and_markets_are_shown() {
    let stage = Stage::new("show");
    let keys = stage.localnet.keys();
    let exchange = stage.json("trader", "exchange show");
    assert_eq!(exchange["admin"], keys.admin.pubkey().to_string());
    assert_eq!(exchange["treasury"], keys.treasury.pubkey().to_string());
    assert_eq!((&exchange["markets_created"], &exchange["pending_admin"]), (&json!(3), &Value::Null));

    let list = stage.json("trader", "market list");
    let names: Vec<&str> = list.as_array().unwrap().iter().map(|row| text(&row["name"])).collect();
    assert_eq!(names, ["SOL-PERP", "BTC-PERP", "ETH-PERP"]);
    let prices: Vec<&str> = list.as_array().unwrap().iter().map(|row| text(&row["price"])).collect();
    assert_eq!(prices, ["150", "60000", "3000"]);
    assert_eq!(list[0]["liquidity"], "10000000");
    assert!(stage.text("trader", "market list").lines().nth(2).unwrap().contains("SOL-PERP"));

    let address = stage.localnet.markets()[1].accounts.market.to_string();
    for name in ["BTC-PERP", "btc", "1", &address] {
        let shown = stage.json("trader", &format!("market show {name}"));
        assert_eq!((&shown["market"], &shown["status"]), (&json!(address), &json!("active")), "{name}");
        assert_eq!(shown["parameters"]["initial_margin_ppm"], "50000 ppm");
        assert_eq!(shown["parameters"]["min_keeper_reward"], "0.1");
        assert_eq!(shown["parameters"]["liquidity_cooldown_seconds"], "3600 s");
    }
    let error = stage.fail("trader", "market show DOGE");
    assert_eq!(error, "no market `DOGE`: there are SOL-PERP, BTC-PERP, ETH-PERP");
}

#[test]
fn parameters_wait_for_their_timelock() {
    let stage = Stage::with("timelock", Options { timelock_seconds: 3_600, ..Options::default() });
    let file = stage.folder.file("fee.toml", "[params]\nopen_fee_ppm = 400\n");
    let propose = format!("market propose SOL --params {file}");
    let error = stage.fail("trader", &propose);
    assert!(error.starts_with("the exchange's admin is "), "{error}");
    let said = stage.text("admin", &propose);
    assert!(said.starts_with("params.open_fee_ppm: 500 ppm → 400 ppm\nWill propose 1 changes"), "{said}");
    let error = stage.fail("admin", &propose);
    assert!(error.starts_with("SOL-PERP has a proposal already"), "{error}");
    let error = stage.fail("trader", "market apply SOL");
    assert!(error.starts_with("SOL-PERP's proposal waits for its timelock"), "{error}");
    stage.effect("guardian", "market cancel SOL", "ParamsCancelled");
    let error = stage.fail("trader", "market apply SOL");
    assert!(error.starts_with("SOL-PERP has no proposal"), "{error}");

    // What the program would refuse is not even sent.
    let file = stage.folder.file("wild.toml", "[params]\nopen_fee_ppm = 10001\n");
    let output = stage.run("admin", &format!("market propose SOL --params {file}"));
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("Parameter out of the program's bounds"));
}

#[test]
fn a_market_settles_and_its_positions_are_closed_by_anyone() {
    let stage = Stage::new("settle");
    stage.text("trader", "position open ETH short --size 1 --margin 500");
    let error = stage.fail("admin", "market settle ETH");
    assert!(error.starts_with("No settlement is announced"), "{error}");
    let error = stage.fail("trader", "market status ETH paused");
    assert!(error.starts_with("Signer is neither admin nor guardian"), "{error}");
    stage.effect("guardian", "market status ETH reduce-only", "StatusChanged");
    let error = stage.fail("trader", "position open ETH long --size 1 --margin 500");
    assert!(error.starts_with("Market is not open to new risk"), "{error}");
    let error = stage.fail("trader", "market announce ETH");
    assert!(error.starts_with("the exchange's admin is "), "{error}");
    stage.effect("admin", "market announce ETH --notice 3600", "SettlementAnnounced");
    let error = stage.fail("trader", "market settle ETH");
    assert!(error.starts_with("ETH-PERP settles from "), "{error}");
    // Announced anew it moves.
    stage.effect("admin", "market announce ETH --notice 2", "SettlementAnnounced");
    std::thread::sleep(std::time::Duration::from_secs(4));
    let settled = stage.effect("trader", "market settle ETH", "MarketSettled");
    assert_eq!(settled["settlement_price"], "3000");
    assert_eq!(stage.json("trader", "market show ETH")["status"], "settling");

    let owner = stage.localnet.keys().trader.pubkey();
    let before = stage.funds("trader");
    let closed =
        stage.effect("guardian", &format!("position close-settled ETH/0 --owner {owner}"), "PositionClosed");
    let paid = ringfence_client::decimal::parse_unsigned(text(&closed["paid_out"]), 6).unwrap();
    assert_eq!(stage.funds("trader") - before, paid);
    // The provider's shares are still about.
    let error = stage.fail("admin", "market close ETH");
    assert!(error.starts_with("Market still has positions, deposits"), "{error}");
}

#[test]
fn the_admin_hands_over_and_fees_go_to_the_treasury() {
    let stage = Stage::new("admin");
    let nominee = stage.localnet.keys().guardian.pubkey();
    let error = stage.fail("trader", &format!("exchange nominate {nominee}"));
    assert!(error.starts_with("Signer is not the exchange's admin"), "{error}");
    stage.effect("admin", &format!("exchange nominate {nominee}"), "AdminNominated");
    let error = stage.fail("trader", "exchange accept");
    assert!(error.starts_with("Nobody, or somebody else, is nominated"), "{error}");
    stage.effect("guardian", "exchange accept", "AdminAccepted");
    assert_eq!(stage.json("trader", "exchange show")["admin"], nominee.to_string());

    stage.text("trader", "position open SOL long --size 10 --margin 300");
    // The fee is 0.750038, of which a tenth, rounded down, is the protocol's.
    let before = stage.funds("treasury");
    let collected = stage.effect("trader", "exchange collect-fees SOL", "ProtocolFeesCollected");
    assert_eq!(collected["fees_paid_out"], "0.075003");
    assert_eq!(stage.funds("treasury") - before, 75_003);
    let funded = stage.effect("trader", "market fund-insurance SOL 2", "InsuranceFunded");
    // The insurance has another tenth already.
    assert_eq!(funded["insurance"], "2.075003");
}
