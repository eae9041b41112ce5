//! The faucet, over HTTP.

use ringfence_client::Pubkey;
use ringfence_localnet::{Localnet, Motion, Options};
use serde_json::{Value, json};
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::support::{options, request, rpc, start, update, wait_for, whole};

fn post(localnet: &Localnet, path: &str, body: &Value) -> (u16, Value) {
    let (status, _, answer) = request(localnet.faucet_url(), "POST", path, &body.to_string());
    (status, answer)
}

#[test]
fn an_airdrop_brings_collateral_and_sol_as_often_as_one_likes() {
    let localnet = start(options());
    let rpc = rpc(localnet.rpc_url());
    let owner = Keypair::new().pubkey();
    let body = json!({ "owner": owner.to_string(), "amount": "1000.5" });
    for (tokens, lamports) in [("1000500000", 10_000_000_000), ("2001000000", 20_000_000_000)] {
        let (status, answer) = post(&localnet, "/airdrop", &body);
        assert_eq!(status, 200, "{answer}");
        let account: Pubkey = answer["token_account"].as_str().unwrap().parse().unwrap();
        assert_eq!(rpc.get_token_account_balance(&account).unwrap().amount, tokens);
        assert_eq!(rpc.get_balance(&owner).unwrap(), lamports);
        assert!(!answer["signature"].as_str().unwrap().is_empty());
    }
    // Issued, not conjured: five keys with 1,000,000 and three pools of
    // 10,000,000 were there before.
    let supply = rpc.get_token_supply(&localnet.mint()).unwrap().amount;
    assert_eq!(supply, (35_000_000_000_000u64 + 2_001_000_000).to_string());
}

#[test]
fn a_wrong_request_is_told_what_is_wrong() {
    let localnet = start(options());
    let owner = Keypair::new().pubkey().to_string();
    for (path, body, status, expected) in [
        ("/airdrop", json!({ "owner": "nobody", "amount": "1" }), 400, "`owner` is not an address"),
        ("/airdrop", json!({ "owner": owner, "amount": "-1" }), 400, "`-1` is negative"),
        ("/airdrop", json!({ "owner": owner, "amount": "0" }), 400, "`0` is not above zero"),
        ("/airdrop", json!({ "owner": owner, "amount": "0.0000001" }), 400, "more than 6 decimals"),
        ("/airdrop", json!({ "owner": owner, "amount": "1000000001" }), 400, "at most 1000000000 at once"),
        ("/airdrop", json!({ "owner": owner, "amount": 5 }), 400, "expected a string"),
        ("/airdrop", json!({ "owner": owner }), 400, "missing field `amount`"),
        ("/airdrop", json!({ "owner": owner, "amount": "1", "mint": "" }), 400, "unknown field `mint`"),
        (
            "/price",
            json!({ "market": "DOGE-PERP", "price": "1" }),
            404,
            "no market `DOGE-PERP`; there are SOL-PERP",
        ),
        ("/price", json!({ "market": "SOL-PERP", "price": "0" }), 400, "`0` is not above zero"),
        (
            "/price",
            json!({ "market": "SOL-PERP", "price": "1000000000" }),
            400,
            "more than a Pyth account can hold",
        ),
        (
            "/price",
            json!({ "market": "SOL-PERP", "price": "1", "confidence": "wide" }),
            400,
            "not a decimal number",
        ),
        ("/halt", json!({ "market": "SOL-PERP", "age": -1 }), 400, "expected u32"),
        ("/halt", json!({ "market": "SOL" }), 404, "no market `SOL`"),
        ("/release", json!({ "market": "" }), 404, "no market ``"),
        ("/nowhere", json!({}), 404, "no such path"),
    ] {
        let (found, answer) = post(&localnet, path, &body);
        let message = answer["error"].as_str().unwrap_or_default();
        assert_eq!(found, status, "{path} {body}: {answer}");
        assert!(message.contains(expected), "{path} {body}: {message}");
    }
    let (status, _, answer) = request(localnet.faucet_url(), "POST", "/airdrop", "owner=me");
    assert_eq!(status, 400, "{answer}");
    let (status, _, _) = request(localnet.faucet_url(), "POST", "/airdrop", &"x".repeat(5_000));
    assert_eq!(status, 413);
    assert!(localnet.is_alive());
}

#[test]
fn prices_are_set_and_released_over_http() {
    let localnet = start(Options { motion: Motion::Walk { seed: 9 }, ..options() });
    let rpc = rpc(localnet.rpc_url());
    let price = || update(&rpc, &localnet.markets()[1].accounts.oracle).price;
    let (status, answer) = post(&localnet, "/price", &json!({ "market": "BTC-PERP", "price": "55555.5" }));
    assert_eq!((status, answer), (200, json!({})));
    assert_eq!(price().0, 555_555_000_000_000);
    std::thread::sleep(std::time::Duration::from_millis(200));
    assert_eq!(price().0, 555_555_000_000_000);
    assert_eq!(post(&localnet, "/release", &json!({ "market": "BTC-PERP" })).0, 200);
    wait_for("it walks", || price().0 != 555_555_000_000_000);
    assert_ne!(localnet.price(0), whole(150));
}

#[test]
fn a_halted_price_grows_old_or_is_old_at_once_and_comes_back() {
    let localnet = start(Options { motion: Motion::Walk { seed: 9 }, ..options() });
    let rpc = rpc(localnet.rpc_url());
    let update = |market: usize| update(&rpc, &localnet.markets()[market].accounts.oracle);
    let halt = |body: Value| assert_eq!(post(&localnet, "/halt", &body).0, 200);

    halt(json!({ "market": "BTC-PERP" }));
    let halted = update(1);
    let other = update(0);
    wait_for("others are published", || update(0).publish_time > other.publish_time);
    assert_eq!(update(1), halted, "not a word of it");

    halt(json!({ "market": "BTC-PERP", "age": 90 }));
    let aged = update(1);
    assert_eq!(aged.price, halted.price);
    let age = localnet.now() - aged.publish_time;
    assert!((90..=92).contains(&age), "{age}");

    assert_eq!(post(&localnet, "/release", &json!({ "market": "BTC-PERP" })).0, 200);
    wait_for("it is fresh, and walks", || {
        let now = update(1);
        now.publish_time > aged.publish_time + 89 && now.price != aged.price
    });
}

#[test]
fn a_price_that_is_set_ends_a_halt_and_a_crash_does_not() {
    let localnet = start(options());
    let rpc = rpc(localnet.rpc_url());
    let update = || update(&rpc, &localnet.markets()[0].accounts.oracle);
    localnet.halt(0, Some(500));
    localnet.crash(500_000);
    assert_eq!(update().price, whole(150));
    assert!(update().publish_time <= localnet.now() - 500);
    localnet.set_price(0, whole(140));
    assert_eq!(update().price, whole(140));
    wait_for("it is published again", || update().publish_time > localnet.now() - 3);
}

#[test]
fn a_price_may_be_as_uncertain_as_one_likes() {
    let localnet = start(options());
    let rpc = rpc(localnet.rpc_url());
    let update = || update(&rpc, &localnet.markets()[0].accounts.oracle);
    // One part in 10,000 of 150, in 10^-10.
    assert_eq!(update().confidence, 150_000_000);
    let body = json!({ "market": "SOL-PERP", "price": "150", "confidence": "4.5" });
    assert_eq!(post(&localnet, "/price", &body).0, 200);
    let wide = update();
    assert_eq!(wide.confidence, 45_000_000_000);
    wait_for("it stays so", || update().publish_time > wide.publish_time);
    assert_eq!(update().confidence, 45_000_000_000);
    localnet.release(0);
    wait_for("it is narrow again", || update().confidence == 150_000_000);
}

#[test]
fn addresses_and_urls_are_there_to_read_from_any_page() {
    let localnet = start(options());
    let (status, head, manifest) = request(localnet.faucet_url(), "GET", "/", "");
    assert_eq!(status, 200);
    assert!(head.contains("access-control-allow-origin: *"), "{head}");
    assert_eq!(manifest, serde_json::to_value(localnet.manifest()).unwrap());
    assert_eq!(manifest["rpc_url"], localnet.rpc_url());

    let (status, head, _) = request(localnet.faucet_url(), "OPTIONS", "/airdrop", "");
    assert_eq!(status, 204);
    assert!(head.contains("access-control-allow-headers: content-type"), "{head}");
}
