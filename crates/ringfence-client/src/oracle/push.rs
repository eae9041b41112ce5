//! Legacy price accounts of the Pyth oracle program. Offsets as in Pyth's
//! `price_t`; numbers are little-endian.

use solana_pubkey::Pubkey;

use super::{RawPrice, bytes};
use crate::constants::*;
use crate::errors::{Result, RingfenceError};

const MAGIC: (usize, u32) = (0, 0xa1b2_c3d4);
const VERSION: (usize, u32) = (4, 2);
const ACCOUNT_TYPE_PRICE: (usize, u32) = (8, 3);
const PRICE_TYPE: (usize, u8) = (16, 1);
const EXPONENT: usize = 20;
const EMA: usize = 48;
const TIMESTAMP: usize = 96;
const PREVIOUS_TIMESTAMP: usize = 200;
const PRICE: usize = 208;
const CONFIDENCE: usize = 216;
const STATUS_TRADING: (usize, u8) = (224, 1);
const NO_CORPORATE_ACTION: (usize, u8) = (225, 0);
const PUBLISH_SLOT: usize = 232;

pub(super) fn decode(owner: &Pubkey, data: &[u8]) -> Result<RawPrice> {
    if !PYTH_PUSH_PROGRAMS.contains(owner) {
        return Err(RingfenceError::OracleWrongOwner);
    }
    let data = data.get(..PYTH_PUSH_ACCOUNT_LEN).ok_or(RingfenceError::OracleMalformed)?;
    let byte = |(offset, value)| data.get(offset) == Some(&value);
    if !byte(PRICE_TYPE) || !byte(NO_CORPORATE_ACTION) {
        return Err(RingfenceError::OracleMalformed);
    }
    if !byte(STATUS_TRADING) {
        return Err(RingfenceError::OracleNotTrading);
    }
    for (offset, value) in [MAGIC, VERSION, ACCOUNT_TYPE_PRICE] {
        if u32::from_le_bytes(bytes(data, offset)?) != value {
            return Err(RingfenceError::OracleMalformed);
        }
    }
    Ok(RawPrice {
        price: i64::from_le_bytes(bytes(data, PRICE)?),
        confidence: u64::from_le_bytes(bytes(data, CONFIDENCE)?),
        ema: i64::from_le_bytes(bytes(data, EMA)?),
        exponent: i32::from_le_bytes(bytes(data, EXPONENT)?),
        publish_time: i64::from_le_bytes(bytes(data, TIMESTAMP)?),
        previous_publish_time: i64::from_le_bytes(bytes(data, PREVIOUS_TIMESTAMP)?),
        slot: u64::from_le_bytes(bytes(data, PUBLISH_SLOT)?),
    })
}
