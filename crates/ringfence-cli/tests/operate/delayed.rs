//! A market without instant opening: orders at the first price after a delay.

use serde_json::json;
use solana_signer::Signer;

use crate::support::{Stage, text};

impl Stage {
    /// A stage whose SOL-PERP adds size by delayed orders only, at any update
    /// of its feed. Returns it with the flag that names the update.
    fn delayed(name: &str) -> (Self, String) {
        let stage = Self::new(name);
        let oracle = stage.localnet.markets()[0].accounts.oracle;
        let file = stage.folder.file("delayed.toml", "[params]\ninstant_open = false\n");
        let propose = format!("market propose SOL --params {file}");
        let error = stage.fail("admin", &propose);
        assert!(error.contains("FeedCannotDelay"), "a pinned feed: {error}");
        let any = ringfence_client::Pubkey::default();
        let said = stage.text("admin", &format!("{propose} --oracle-account {any}"));
        assert!(said.contains("params.instant_open: true → false"), "{said}");
        stage.effect("admin", "market apply SOL", "ParamsApplied");
        let shown = stage.json("trader", "market show SOL");
        assert_eq!(shown["parameters"]["instant_open"], "false");
        assert_eq!(shown["parameters"]["min_order_delay_seconds"], "0 s");
        (stage, format!("--oracle {oracle}"))
    }
}

#[test]
fn opening_places_a_delayed_order_and_waits_for_the_keeper() {
    let (stage, oracle) = Stage::delayed("delayed");
    let before = (stage.funds("trader"), stage.funds("provider"));
    let open =
        format!("position open SOL long --size 1 --margin 50 --take-profit 165 --stop-loss 140 {oracle}");
    let (outcome, executed) = std::thread::scope(|scope| {
        let keeper = scope.spawn(|| stage.execute(0, 0));
        (stage.json("trader", &open), keeper.join().expect("the keeper"))
    });
    assert!(executed);
    let effects = outcome["effects"].as_array().unwrap();
    let events: Vec<&str> = effects.iter().map(|effect| text(&effect["event"])).collect();
    assert_eq!(events[..4], ["PositionCreated", "OrderPlaced", "OrderPlaced", "OrderPlaced"], "{outcome:#}");
    let event = |name: &str| effects.iter().find(|effect| effect["event"] == name);
    let done = event("OrderExecuted").unwrap_or_else(|| panic!("{outcome:#}"));
    // 150, half the confidence of 0.015, and the impact of half of 1 ÷ 10,000,000.
    assert_eq!((&done["fill_price"], &done["reward"]), (&json!("150.0075075"), &json!("0.1")));
    // The fee of 500 ppm of it is 0.07500375375, rounded up.
    let shown = stage.json("trader", "position show SOL/0");
    assert_eq!((&shown["size"], &shown["margin"]), (&json!("1"), &json!("49.924996")));
    // 50 and three rewards, of which the keeper has earned one.
    assert_eq!(before.0 - stage.funds("trader"), 50_300_000);
    assert_eq!(stage.funds("provider") - before.1, 100_000);
    let list = stage.json("trader", "order list");
    assert_eq!(list.as_array().map(Vec::len), Some(2), "{list}");
}

#[test]
fn a_pending_order_cannot_be_taken_back() {
    let (stage, oracle) = Stage::delayed("pending");
    let error = stage.fail("trader", "order place limit SOL --side long --size 1 --trigger 140");
    assert!(error.starts_with("SOL-PERP adds size by market orders only"), "{error}");
    let said =
        stage.text("trader", &format!("position open SOL long --size 1 --margin 50 --no-wait {oracle}"));
    assert!(said.starts_with("Will open SOL-PERP/0 by a market order: long 1, margin 50,"), "{said}");
    let error = stage.fail("trader", "order cancel SOL/0 0");
    assert!(error.starts_with("a market order cannot be taken back"), "{error}");
    for line in [
        "position close SOL/0",
        "position remove-margin SOL/0 1",
        &format!("position increase SOL/0 --size 1 {oracle}"),
        &format!("order place market SOL/0 --size 1 {oracle}"),
    ] {
        let error = stage.fail("trader", line);
        assert!(error.starts_with("a market order of SOL"), "{line}: {error}");
        // Three seconds of delay and sixty of age, less what has passed.
        assert!(
            error.contains(" for 1 min") || error.contains(" for 5") || error.contains(" for 6"),
            "{error}"
        );
    }
    let list = stage.json("trader", "order list");
    assert_eq!((&list[0]["kind"], &list[0]["state"]), (&json!("market"), &json!("pending")));
    assert!(list[0]["why"].is_string() && list[0]["trigger"].is_null(), "{list}");
    assert_eq!(list[0]["trader"], stage.localnet.keys().trader.pubkey().to_string());
}

#[test]
fn an_order_that_cannot_be_filled_ends_and_says_why() {
    let (stage, oracle) = Stage::delayed("failed");
    let before = (stage.funds("trader"), stage.funds("provider"));
    // A hundred at 150 need 750 of initial margin.
    let open = format!("position open SOL long --size 100 --margin 50 {oracle}");
    let error = std::thread::scope(|scope| {
        let keeper = scope.spawn(|| stage.execute(0, 0));
        let error = stage.fail("trader", &open);
        assert!(keeper.join().expect("the keeper"));
        error
    });
    assert!(
        error.starts_with("the order could not be filled at its price: Equity would be below"),
        "{error}"
    );
    assert_eq!(stage.funds("provider") - before.1, 100_000, "the attempt is paid for");
    let list = stage.json("trader", "order list");
    assert_eq!((&list[0]["state"], &list[0]["reward"]), (&json!("failed"), &json!("0")));
    // Not pending any more: another may be placed, and this one's margin comes home.
    let address = text(&list[0]["address"]);
    let cancelled = stage.effect("provider", &format!("order cancel {address}"), "OrderCancelled");
    assert_eq!((&cancelled["was"], &cancelled["refund"]), (&json!("failed"), &json!("50")));
    stage.effect("trader", "position close SOL/0", "PositionClosed");
    assert_eq!(before.0 - stage.funds("trader"), 100_000);
}
