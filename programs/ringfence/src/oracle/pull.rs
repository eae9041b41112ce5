use anchor_lang::prelude::*;
use pyth_solana_receiver_sdk::price_update::{PriceUpdateV2, VerificationLevel};

use super::RawPrice;
use crate::ensure;
use crate::errors::{Result, RingfenceError};

/// Decodes a `PriceUpdateV2`: owned by the Pyth receiver, verified by two
/// thirds of the guardians, and of the market's feed.
pub(super) fn decode(account: &AccountInfo, feed_id: &[u8; 32]) -> Result<RawPrice> {
    let owner = pyth_solana_receiver_sdk::ID;
    ensure!(*account.owner == owner, RingfenceError::OracleWrongOwner, account.owner, owner);
    let data = account.try_borrow_data().map_err(|_| RingfenceError::OracleMalformed)?;
    let update =
        PriceUpdateV2::try_deserialize(&mut &data[..]).map_err(|_| RingfenceError::OracleMalformed)?;
    ensure!(update.verification_level == VerificationLevel::Full, RingfenceError::OracleNotFullyVerified);
    let message = update.price_message;
    ensure!(message.feed_id == *feed_id, RingfenceError::OracleWrongFeed);
    Ok(RawPrice {
        price: message.price,
        confidence: message.conf,
        ema: message.ema_price,
        exponent: message.exponent,
        publish_time: message.publish_time,
        previous_publish_time: message.prev_publish_time,
        slot: update.posted_slot,
    })
}
