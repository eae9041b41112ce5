use anchor_lang::prelude::*;
use pyth_sdk_solana::state::load_price_account;

use super::RawPrice;
use crate::constants::*;
use crate::ensure;
use crate::errors::{Result, RingfenceError};

// The SDK reads these bytes as Rust enums, which no other value may become:
// they are judged as bytes first.
const PRICE_TYPE: (usize, u8) = (16, 1);
const STATUS_TRADING: (usize, u8) = (224, 1);
const NO_CORPORATE_ACTION: (usize, u8) = (225, 0);

/// Decodes a legacy price account: owned by the Pyth oracle program, a price,
/// and trading. The aggregate is read as it is: the SDK's own getter falls
/// back to the previous price where the status is anything but trading.
pub(super) fn decode(account: &AccountInfo) -> Result<RawPrice> {
    let owned = PYTH_PUSH_PROGRAMS.contains(account.owner);
    ensure!(owned, RingfenceError::OracleWrongOwner, account.owner, PYTH_PUSH_PROGRAMS[0]);
    let data = account.try_borrow_data().map_err(|_| RingfenceError::OracleMalformed)?;
    let bytes = data.get(..PYTH_PUSH_ACCOUNT_LEN).ok_or(RingfenceError::OracleMalformed)?;
    let says = |(offset, value): (usize, u8)| bytes.get(offset) == Some(&value);
    ensure!(says(PRICE_TYPE) && says(NO_CORPORATE_ACTION), RingfenceError::OracleMalformed);
    ensure!(says(STATUS_TRADING), RingfenceError::OracleNotTrading);
    let feed = load_price_account::<32, ()>(bytes).map_err(|_| RingfenceError::OracleMalformed)?;
    Ok(RawPrice {
        price: feed.agg.price,
        confidence: feed.agg.conf,
        ema: feed.ema_price.val,
        exponent: feed.expo,
        publish_time: feed.timestamp,
        previous_publish_time: feed.prev_timestamp,
        slot: feed.agg.pub_slot,
    })
}
