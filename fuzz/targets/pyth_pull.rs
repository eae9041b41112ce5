//! Any bytes as a `PriceUpdateV2`: the program's reading of them, the client's
//! and what Pyth's SDK takes them for must agree, and nothing panics.
#![no_main]

#[path = "price.rs"]
mod price;

use anchor_lang::AccountDeserialize;
use libfuzzer_sys::fuzz_target;
use pyth_solana_receiver_sdk::price_update::{PriceUpdateV2, VerificationLevel};
use ringfence::state::{OracleConfig, OracleKind};

fuzz_target!(|data: &[u8]| {
    let owner = pyth_solana_receiver_sdk::ID;
    // A feed id that the bytes can name: where the SDK finds one, that one.
    let update = PriceUpdateV2::try_deserialize(&mut &*data).ok();
    let feed_id = update.as_ref().map_or([7; 32], |update| update.price_message.feed_id);
    let config = OracleConfig { feed_id, kind: OracleKind::PythPull as u8, ..OracleConfig::default() };
    let Some(reading) = price::read_alike(&config, owner, data) else {
        return;
    };
    let update = update.expect("the SDK reads what the program has read");
    assert_eq!(update.verification_level, VerificationLevel::Full);
    price::is_scaled(
        &reading,
        update.price_message.price,
        update.price_message.conf,
        update.price_message.exponent,
    );
    assert_eq!(reading.publish_time, update.price_message.publish_time);
    assert_eq!(reading.slot, update.posted_slot);
});
