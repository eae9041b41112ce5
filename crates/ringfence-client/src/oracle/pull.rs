//! `PriceUpdateV2`, what the Pyth receiver posts.

use borsh::BorshDeserialize;
use solana_pubkey::{Pubkey, pubkey};

use super::{RawPrice, bytes};
use crate::errors::{Result, RingfenceError};

/// The Pyth receiver: owner of every update.
pub const RECEIVER: Pubkey = pubkey!("rec5EKMGg6MxZYaMdyBfgwp4d5rB9T1VQH5pJv5LtFJ");

/// What the data of an update starts with.
const DISCRIMINATOR: [u8; 8] = [0x22, 0xf1, 0x23, 0x63, 0x9d, 0x7e, 0xf4, 0xcd];

#[derive(BorshDeserialize)]
struct PriceUpdate {
    _write_authority: [u8; 32],
    verification: Verification,
    message: PriceMessage,
    posted_slot: u64,
}

/// How many of the guardians' signatures the receiver has looked at.
#[derive(BorshDeserialize, PartialEq)]
enum Verification {
    Partial { _signatures: u8 },
    Full,
}

#[derive(BorshDeserialize)]
struct PriceMessage {
    feed_id: [u8; 32],
    price: i64,
    confidence: u64,
    exponent: i32,
    publish_time: i64,
    previous_publish_time: i64,
    ema_price: i64,
    _ema_confidence: u64,
}

pub(super) fn decode(owner: &Pubkey, data: &[u8], feed_id: &[u8; 32]) -> Result<RawPrice> {
    if *owner != RECEIVER {
        return Err(RingfenceError::OracleWrongOwner);
    }
    if bytes(data, 0)? != DISCRIMINATOR {
        return Err(RingfenceError::OracleMalformed);
    }
    let mut body = data.split_at(DISCRIMINATOR.len()).1;
    let update = PriceUpdate::deserialize(&mut body).map_err(|_| RingfenceError::OracleMalformed)?;
    if update.verification != Verification::Full {
        return Err(RingfenceError::OracleNotFullyVerified);
    }
    let message = update.message;
    if message.feed_id != *feed_id {
        return Err(RingfenceError::OracleWrongFeed);
    }
    Ok(RawPrice {
        price: message.price,
        confidence: message.confidence,
        ema: message.ema_price,
        exponent: message.exponent,
        publish_time: message.publish_time,
        previous_publish_time: message.previous_publish_time,
        slot: update.posted_slot,
    })
}
