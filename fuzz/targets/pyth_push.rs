//! Any bytes as a legacy price account: the program's reading of them, the
//! client's and the aggregate of Pyth's SDK must agree, and nothing panics.
#![no_main]

#[path = "price.rs"]
mod price;

use libfuzzer_sys::fuzz_target;
use pyth_sdk_solana::state::load_price_account;
use ringfence::constants::{PYTH_PUSH_ACCOUNT_LEN, PYTH_PUSH_PROGRAMS};
use ringfence::state::{OracleConfig, OracleKind};

/// Where a price account has its magic, version, kinds and status, which no
/// mutation finds by itself.
const FRAME: [(usize, &[u8]); 5] = [
    (0, &[0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 0, 0, 3, 0, 0, 0]),
    (16, &[1]),
    (20, &[0xf8, 0xff, 0xff, 0xff]),
    (224, &[1]),
    (225, &[0]),
];

fuzz_target!(|data: &[u8]| {
    let config = OracleConfig { kind: OracleKind::PythPush as u8, ..OracleConfig::default() };
    let [owner, _] = PYTH_PUSH_PROGRAMS;
    price::read_alike(&config, owner, data);

    // The same in a whole account; the first byte says which parts of the frame hold.
    let mut account = vec![0; PYTH_PUSH_ACCOUNT_LEN];
    let kept = data.len().min(account.len());
    account[..kept].copy_from_slice(&data[..kept]);
    let broken = data.last().copied().unwrap_or(0);
    for (part, (at, bytes)) in FRAME.into_iter().enumerate() {
        if broken >> part & 1 == 0 {
            account[at..at + bytes.len()].copy_from_slice(bytes);
        }
    }
    let Some(reading) = price::read_alike(&config, owner, &account) else {
        return;
    };
    let feed = load_price_account::<32, ()>(&account).expect("the SDK reads what the program has read");
    price::is_scaled(&reading, feed.agg.price, feed.agg.conf, feed.expo);
    assert_eq!(reading.publish_time, feed.timestamp);
    assert_eq!(reading.slot, feed.agg.pub_slot);
});
