//! The prices: fresh, moving, crashing, and told to who listens.

use std::thread::sleep;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ringfence_client::Pubkey;
use ringfence_localnet::{Crash, Localnet, Motion, Options, Replay, update_account};
use ringfence_math::Price;
use ringfence_testkit::series::{HEADER, Series};
use serde_json::{Value, json};
use solana_account_decoder_client_types::UiAccountEncoding;
use solana_clock::Clock;
use solana_pubsub_client::pubsub_client::PubsubClient;
use solana_rpc_client::rpc_client::RpcClient;
use solana_rpc_client_api::config::RpcAccountInfoConfig;
use solana_rpc_client_api::request::RpcRequest;

use crate::support::{Update, assert_near, options, rpc, start, update, wait_for, whole};

const CLOCK: Pubkey = Pubkey::from_str_const("SysvarC1ock11111111111111111111111111111111");

fn oracle(localnet: &Localnet, market: usize) -> Pubkey {
    localnet.markets()[market].accounts.oracle
}

fn clock(rpc: &RpcClient) -> i64 {
    let data = rpc.get_account_data(&CLOCK).unwrap();
    // Slot, epoch start, epoch, leader schedule epoch, unix timestamp.
    assert_eq!(data.len(), size_of::<Clock>());
    i64::from_le_bytes(data[32..40].try_into().unwrap())
}

fn series(lines: &str) -> Series {
    Series::parse(&format!("{HEADER}\n{lines}")).unwrap()
}

#[test]
fn prices_stay_fresh_by_the_validators_clock_which_is_the_machines() {
    let localnet = start(options());
    let rpc = rpc(localnet.rpc_url());
    let first = update(&rpc, &oracle(&localnet, 0));
    sleep(Duration::from_millis(2_500));
    let later = update(&rpc, &oracle(&localnet, 0));
    assert!(later.publish_time >= first.publish_time + 2, "{first:?} {later:?}");
    assert_eq!(later.price, first.price);
    let now = clock(&rpc);
    assert!((later.publish_time..=later.publish_time + 1).contains(&now), "{later:?} at {now}");
    assert!(localnet.now() >= now);
    let machine = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    assert!(i64::try_from(machine).unwrap().abs_diff(now) <= 1, "{machine} {now}");
}

#[test]
fn a_validator_that_was_held_up_does_not_stay_behind_the_clock() {
    let localnet = start(options());
    let rpc = rpc(localnet.rpc_url());
    let command = |method| {
        let request = RpcRequest::Custom { method };
        rpc.send::<Value>(request, json!([])).unwrap_or_else(|error| panic!("{method}: {error}"));
    };
    command("surfnet_pauseClock");
    sleep(Duration::from_secs(3));
    command("surfnet_resumeClock");
    wait_for("it catches up", || {
        let machine = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        i64::try_from(machine).unwrap().abs_diff(localnet.now()) <= 1
    });
}

#[test]
fn who_listens_on_the_websocket_is_told_every_price() {
    let localnet = start(options());
    let config = RpcAccountInfoConfig { encoding: Some(UiAccountEncoding::Base64), ..Default::default() };
    let (_subscription, updates) =
        PubsubClient::account_subscribe(localnet.ws_url(), &oracle(&localnet, 1), Some(config)).unwrap();
    let next = || {
        let update = updates.recv_timeout(Duration::from_secs(5)).expect("an update");
        Update::decode(&update.value.data.decode().expect("base64"))
    };
    assert_eq!(next().price, whole(60_000), "published again and again");
    localnet.set_price(1, whole(61_234));
    wait_for("the new price arrives", || next().price == whole(61_234));
}

/// Publish time and the one before it: at 93 and 101 of a fully verified update.
fn times(rpc: &RpcClient, key: &Pubkey) -> Option<(i64, i64)> {
    let data = rpc.get_account_data(key).ok()?;
    let number = |offset: usize| i64::from_le_bytes(data[offset..offset + 8].try_into().unwrap());
    Some((number(93), number(101)))
}

#[test]
fn the_first_update_of_each_second_is_kept_where_any_is_taken() {
    let localnet = start(Options { unpinned: vec![0], ..options() });
    let rpc = rpc(localnet.rpc_url());
    let begin = localnet.now();
    wait_for("three seconds", || localnet.now() >= begin + 4);
    let feed = |market: usize| localnet.markets()[market].feed_id;
    for second in begin + 1..=begin + 3 {
        let kept = times(&rpc, &update_account(&feed(0), second)).expect("kept");
        // Twenty publications a second: the one before the first of a second
        // was of the second before.
        assert_eq!(kept, (second, second - 1));
        assert_eq!(times(&rpc, &update_account(&feed(1), second)), None, "pinned");
    }
    // The account of the present price says the truth too: where it was
    // published twice in a second, so was the one before it.
    let now = times(&rpc, &oracle(&localnet, 0)).expect("published");
    assert!(now.1 == now.0 || now.1 == now.0 - 1, "{now:?}");
    localnet.set_price(0, whole(160));
    localnet.set_price(0, whole(161));
    let (published, previous) = times(&rpc, &oracle(&localnet, 0)).expect("published");
    assert!(published - previous <= 1);
}

#[test]
fn a_set_price_is_on_the_chain_at_once_and_is_held_until_released() {
    let localnet = start(Options { motion: Motion::Walk { seed: 3 }, ..options() });
    let rpc = rpc(localnet.rpc_url());
    localnet.set_price(2, whole(2_500));
    assert_eq!(update(&rpc, &oracle(&localnet, 2)).price, whole(2_500));
    sleep(Duration::from_millis(300));
    assert_eq!(update(&rpc, &oracle(&localnet, 2)).price, whole(2_500));
    assert_ne!(update(&rpc, &oracle(&localnet, 0)).price, whole(150), "the others walk on");
    localnet.release(2);
    wait_for("it walks", || update(&rpc, &oracle(&localnet, 2)).price != whole(2_500));
    assert_near(localnet.price(2), whole(2_500), 20_000);
}

#[test]
fn prices_walk_and_then_crash_when_they_are_told_to() {
    let crash = Some(Crash { fall_ppm: 300_000, after: Duration::from_millis(800) });
    let localnet = start(Options { motion: Motion::Walk { seed: 1 }, crash, ..options() });
    let rpc = rpc(localnet.rpc_url());
    let prices = || [0, 1, 2].map(|market| update(&rpc, &oracle(&localnet, market)).price);
    wait_for("they walk", || {
        prices().iter().zip([150, 60_000, 3_000]).all(|(now, first)| *now != whole(first))
    });
    let before = prices();
    for (price, first) in before.into_iter().zip([150, 60_000, 3_000]) {
        assert_near(price, whole(first), 10_000);
    }
    wait_for("they crash", || prices()[0] < whole(120));
    for (price, before) in prices().into_iter().zip(before) {
        // Some steps of 150 ppm on top of the 30 %.
        assert_near(price, Price(before.0 / 10 * 7), 10_000);
    }
    sleep(Duration::from_millis(300));
    assert_near(prices()[0], Price(before[0].0 / 10 * 7), 20_000);
}

#[test]
fn a_series_is_replayed_at_its_speed_and_its_end_stands() {
    // 60 s from 200 to 260 (low at the open, high at the close), then 260.
    let recorded = series("1000,200,260,200,260\n1060,260,260,260,260");
    let replays = vec![Replay { market: 0, series: recorded, speed: 60 }];
    let localnet = start(Options { replays, ..options() });
    let rpc = rpc(localnet.rpc_url());
    let price = || update(&rpc, &oracle(&localnet, 0)).price;
    assert!((whole(200)..whole(260)).contains(&price()), "{:?}", price());
    let begin = localnet.now();
    wait_for("the close", || price() == whole(260));
    assert!(localnet.now() - begin <= 3, "a minute in a second");
    sleep(Duration::from_secs(1));
    assert_eq!(price(), whole(260));
    assert_eq!(update(&rpc, &oracle(&localnet, 1)).price, whole(60_000), "the others stand");
}

#[test]
fn replays_that_make_no_sense_are_refused() {
    let replay = |market, speed| Replay { market, series: series("1000,1,1,1,1"), speed };
    for (replays, expected) in [
        (vec![replay(3, 60)], "no market 3 to replay"),
        (vec![replay(1, 60), replay(1, 1)], "two series for BTC-PERP"),
        (vec![replay(0, 0)], "a series needs a speed above zero"),
    ] {
        assert_eq!(Localnet::start(Options { replays, ..options() }).unwrap_err().to_string(), expected);
    }
}
