//! A position from its opening to its end.

use ringfence_math::{
    self as math, MarginRates, PositionTerms, Ppm, Price, Quote, Scale, Side, SignedQuote, Size,
};
use serde_json::{Value, json};

use crate::support::{Stage, atoms, text};

const QUOTE: u8 = 6;
const SIZE: u8 = 9;

/// The liquidation price of what `position show` says, by the arithmetic
/// itself: the localnet's markets have 2.5 % of maintenance and 1 % of fee.
fn liquidation_price(shown: &Value) -> Price {
    let quote = |key: &str| atoms(&shown[key], QUOTE);
    let amount = |key: &str| Quote(u64::try_from(quote(key)).unwrap());
    let terms = PositionTerms {
        side: if shown["side"] == "long" { Side::Long } else { Side::Short },
        size: Size(u64::try_from(atoms(&shown["size"], SIZE)).unwrap()),
        entry_notional: amount("entry_notional"),
        margin: amount("margin"),
        funding: SignedQuote(quote("accrued_funding")),
        borrow: amount("accrued_borrow"),
        reserve: amount("largest_gain"),
    };
    let rates = MarginRates {
        initial: Ppm(50_000),
        maintenance: Ppm(25_000),
        liquidation_fee: Ppm(10_000),
        min_keeper_reward: Quote(100_000),
    };
    math::liquidation_price(&terms, &rates, Scale::new(SIZE, QUOTE).unwrap()).unwrap().unwrap()
}

#[test]
fn a_position_is_opened_changed_shown_and_closed() {
    let stage = Stage::new("life");
    let before = stage.funds("trader");
    let opened = stage.effect("trader", "position open SOL long --size 10 --margin 300", "PositionOpened");
    // 150 and the impact of (0 + 10 ÷ 2) ÷ 10,000,000, 0.000075, and half of
    // the confidence of 1 basis point, 0.0075.
    assert_eq!(opened["fill_price"], "150.007575");
    assert_eq!(opened["entry_notional"], "1500.07575");
    // 500 ppm of it is 0.750037875, rounded up.
    assert_eq!(opened["fee"], "0.750038");
    assert_eq!(opened["margin"], "299.249962");
    assert_eq!(opened["side"], "long");
    assert_eq!(before - stage.funds("trader"), 300_000_000);

    let shown = stage.json("trader", "position show SOL-PERP/0");
    assert_eq!(shown["size"], "10");
    assert_eq!(shown["entry_price"], "150.007575");
    assert_eq!(shown["index_price"], "150");
    // 10 × (150 − 150.007575)
    assert_eq!(shown["unrealised_pnl"], "-0.07575");
    assert_eq!(shown["liquidatable"], false);
    assert_eq!(atoms(&shown["liquidation_price"], 10), i128::from(liquidation_price(&shown).0));
    // (1500.07575 − 299.249962) ÷ (10 × 0.965) = 124.4379…
    assert!(text(&shown["liquidation_price"]).starts_with("124.43"), "{shown}");

    let added = stage.effect("trader", "position add-margin SOL/0 50", "MarginAdded");
    assert_eq!(added["margin"], "349.249962");
    let removed = stage.effect("trader", "position remove-margin SOL/0 20.5", "MarginRemoved");
    assert_eq!(removed["margin"], "328.749962");
    let increased =
        stage.effect("trader", "position increase SOL/0 --size 2 --margin 10", "PositionIncreased");
    assert_eq!(increased["size_added"], "2");
    let decreased = stage.effect("trader", "position decrease SOL/0 --size 4", "PositionDecreased");
    assert_eq!(decreased["size_closed"], "4");

    let list = stage.json("trader", "position list");
    assert_eq!(list.as_array().map(Vec::len), Some(1));
    assert_eq!(list[0]["position"], "SOL-PERP/0");
    assert_eq!(list[0]["size"], "8");
    let watched = stage.text("trader", "position watch --count 1 --output json-compact");
    let watched: Value = serde_json::from_str(&watched).expect("a line of JSON");
    assert_eq!(watched[0]["position"], "SOL-PERP/0");

    let closed = stage.effect("trader", "position close SOL/0", "PositionClosed");
    assert_eq!(stage.json("trader", "position list"), json!([]));
    // Everything that was put up came back, less losses and fees.
    let (fees, pnl) = (atoms(&closed["fees_paid"], QUOTE), atoms(&closed["realised_pnl"], QUOTE));
    assert!(fees > 0 && pnl < 0, "{closed}");
    assert_eq!(i128::from(before) - i128::from(stage.funds("trader")), fees - pnl);
}

#[test]
fn leverage_stands_for_a_size() {
    let stage = Stage::new("leverage");
    let line = "position open BTC short --leverage 5 --margin 1000 --id 7";
    let said = stage.text("trader", line);
    // 1000 × 5 ÷ (1 + 5 × 0.0005) = 4987.531172, at 60,000 0.083125519.
    assert!(said.starts_with("Will open BTC-PERP/7: short 0.083125519, margin 1000,"), "{said}");
    let shown = stage.json("trader", "position show BTC-PERP/7");
    assert_eq!((&shown["side"], &shown["size"]), (&json!("short"), &json!("0.083125519")));
    assert_eq!(atoms(&shown["liquidation_price"], 10), i128::from(liquidation_price(&shown).0));
}

#[test]
fn people_are_told_before_and_after() {
    let stage = Stage::new("told");
    let said = stage.text("trader", "position open SOL long --size 1 --margin 50");
    let (before, after) = said.split_once("\nDone").expect("both");
    for words in ["Position opened", "Fill price:", "Afterwards", "Liquidation price:", "Fee:"] {
        assert!(before.contains(words), "{words}: {said}");
        // Said again only where something came out otherwise.
        assert!(after.starts_with(", just so: ") || after.contains(words), "{words}: {said}");
    }
    assert!(before.contains("network fee 0.000005 SOL"), "{said}");
    // The next free number.
    let said = stage.text("trader", "position open SOL long --size 1 --margin 50");
    assert!(said.starts_with("Will open SOL-PERP/1:"), "{said}");
}

#[test]
fn a_dry_run_changes_nothing() {
    let stage = Stage::new("dry");
    let before = stage.funds("trader");
    let said = stage.text("trader", "position open SOL long --size 1 --margin 50 --dry-run");
    assert!(said.starts_with("Would open SOL-PERP/0: long 1, margin 50"), "{said}");
    assert!(said.ends_with("Simulation succeeded; nothing was sent.\n"), "{said}");
    let outcome = stage.json("trader", "position open SOL long --size 1 --margin 50 --dry-run");
    assert_eq!((&outcome["dry_run"], &outcome["signature"]), (&json!(true), &Value::Null));
    assert_eq!(outcome["effects"][0]["event"], "PositionOpened");
    assert_eq!(stage.funds("trader"), before);
    assert_eq!(stage.json("trader", "position list"), json!([]));
    // Nor does one that would fail.
    let error = stage.fail("trader", "position open SOL long --size 1 --margin 1 --dry-run");
    assert!(error.starts_with("Equity would be below the initial margin"), "{error}");
}

#[test]
fn a_fallen_price_makes_a_position_liquidatable_by_anyone() {
    let stage = Stage::new("liquidate");
    stage.text("trader", "position open SOL long --size 10 --margin 150");
    let address = stage.json("trader", "position show SOL/0")["position"].clone();
    let address = text(&address);
    let error = stage.fail("provider", &format!("liquidate {address}"));
    assert!(error.starts_with("Position is healthy"), "{error}");

    stage.localnet.set_price(0, Price(1_370_000_000_000));
    let shown = stage.json("trader", "position show SOL/0");
    assert_eq!((&shown["index_price"], &shown["liquidatable"]), (&json!("137"), &json!(true)));
    let before = stage.funds("provider");
    let liquidated = stage.effect("provider", &format!("liquidate {address}"), "PositionLiquidated");
    let reward = atoms(&liquidated["keeper_reward"], QUOTE);
    assert!(reward >= 100_000, "{liquidated}");
    assert_eq!(i128::from(stage.funds("provider") - before), reward);
    // What is left is the owner's.
    let closed = stage.effect("trader", "position close SOL/0", "PositionClosed");
    assert!(atoms(&closed["paid_out"], QUOTE) > 0, "{closed}");
}

#[test]
fn delegates_trade_and_referrers_earn() {
    let stage = Stage::new("delegate");
    let referrer = stage.localnet.keys().guardian.to_base58_address();
    let file = stage.folder.file("share.toml", "[params]\nreferrer_share_ppm = 200_000\n");
    stage.effect("admin", &format!("market propose SOL --params {file}"), "ParamsProposed");
    stage.effect("admin", "market apply SOL", "ParamsApplied");
    let error =
        stage.fail("trader", &format!("position open SOL long --size 1 --margin 50 --referrer {referrer}"));
    assert!(error.contains("is no referrer in SOL-PERP"), "{error}");
    stage.effect("guardian", "referral create SOL", "ReferralCreated");
    let opened = stage.effect(
        "trader",
        &format!("position open SOL long --size 1 --margin 50 --referrer {referrer}"),
        "PositionOpened",
    );
    assert!(opened["referral"].is_string(), "{opened}");
    let list = stage.json("guardian", "referral list");
    assert_eq!((&list[0]["market"], &list[0]["claimable"]), (&json!("SOL-PERP"), &opened["fee_to_referrer"]));
    let claim = format!("referral claim SOL --referrer {referrer}");
    let claimed = stage.effect("provider", &claim, "ReferralFeesClaimed");
    // 150.0075075 × 500 ppm is 0.07500375375, rounded up 0.075004; a fifth of
    // it, rounded down, is 0.015.
    assert_eq!((&claimed["paid_out"], &claimed["closed"]), (&json!("0.015"), &json!(false)));
    let error = stage.fail("provider", &claim);
    assert!(error.contains("has nothing to take out in SOL-PERP: it has earned 0.015"), "{error}");

    let owner = stage.localnet.keys().trader.to_base58_address();
    let decrease = format!("position decrease SOL/0 --size 0.5 --owner {owner}");
    let error = stage.fail("guardian", &decrease);
    assert!(error.starts_with("Signer is neither owner nor delegate"), "{error}");
    stage.effect("trader", &format!("position delegate SOL/0 {referrer}"), "DelegateChanged");
    stage.effect("guardian", &decrease, "PositionDecreased");
    let changed = stage.effect("trader", "position delegate SOL/0 none", "DelegateChanged");
    assert_eq!(changed["delegate"], Value::Null);
}

trait Address {
    fn to_base58_address(&self) -> String;
}

impl Address for solana_keypair::Keypair {
    fn to_base58_address(&self) -> String {
        solana_signer::Signer::pubkey(self).to_string()
    }
}
