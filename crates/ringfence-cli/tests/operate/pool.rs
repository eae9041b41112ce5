//! Deposits, their cool-down, and withdrawals.

use std::thread::sleep;
use std::time::Duration;

use serde_json::json;

use crate::support::{Stage, atoms};

#[test]
fn liquidity_waits_for_its_shares_and_comes_back() {
    let stage = Stage::new("pool");
    // The shortest cool-down: three seconds more than the oldest price that a
    // market opens at.
    let file = stage
        .folder
        .file("short.toml", "[params]\nliquidity_cooldown_seconds = 5\n[oracle]\nmax_age_open = 2\n");
    stage.effect("admin", &format!("market propose ETH --params {file}"), "ParamsProposed");
    stage.effect("trader", "market apply ETH", "ParamsApplied");

    let before = stage.funds("trader");
    let added = stage.effect("trader", "pool add ETH 1000", "LiquidityAdded");
    assert_eq!((&added["paid_in"], &added["id"]), (&json!("1000"), &json!(0)));
    // The pool has no position, so that a share is worth an atom.
    assert_eq!(added["shares"], "1000");
    let shown = stage.json("trader", "pool show ETH");
    assert_eq!(shown["deposits"][0]["shares"], "1000");
    assert_eq!(shown["shares_held"], "0");
    let error = stage.fail("trader", "pool remove ETH all");
    assert!(error.starts_with("no shares of ETH-PERP"), "{error}");

    sleep(Duration::from_secs(6));
    let claimed = stage.effect(
        "guardian",
        &format!("pool claim ETH --provider {}", shown["provider"].as_str().unwrap()),
        "SharesClaimed",
    );
    assert_eq!(claimed["shares"], "1000");
    let error = stage.fail("trader", "pool remove ETH 1000.5");
    assert!(error.starts_with("insufficient funds: 1000.5 shares asked for, 1000 there"), "{error}");
    let removed = stage.effect("trader", "pool remove ETH 400", "LiquidityRemoved");
    assert_eq!(removed["paid_out"], "400");
    stage.effect("trader", "pool remove ETH all", "LiquidityRemoved");
    assert_eq!(stage.funds("trader"), before);
    let shown = stage.json("trader", "pool show ETH");
    assert_eq!((&shown["shares_held"], &shown["deposits"]), (&json!("0"), &json!([])));
}

#[test]
fn shares_are_not_claimed_before_their_time() {
    let stage = Stage::new("early");
    let error = stage.fail("trader", "pool claim SOL");
    assert!(error.contains("has no deposit in SOL-PERP"), "{error}");
    let said = stage.text("trader", "pool add SOL 250.5");
    assert!(
        said.starts_with(
            "Will deposit 250.5 into the pool of SOL-PERP (deposit 0); its shares can be claimed in 1 h\n"
        ),
        "{said}"
    );
    let error = stage.fail("trader", "pool claim SOL");
    assert!(error.starts_with("no shares are released yet: those of deposit 0 are at "), "{error}");
    let shown = stage.json("trader", "pool show SOL");
    assert_eq!(atoms(&shown["liquidity"], 6), 10_000_250_500_000);
    assert_eq!(shown["deposits"][0]["due"], false);
}
