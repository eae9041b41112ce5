//! Reading a market's price account as the program reads it. Pyth's two kinds
//! of account are read by their layouts; tests hold them against Pyth's SDKs
//! and the program.

mod pull;
mod push;

pub use pull::RECEIVER;
use ringfence_math::{PRICE_DECIMALS, Price};
use solana_pubkey::Pubkey;

use crate::constants::*;
use crate::errors::{Result, RingfenceError};
pub use crate::generated::validity::{Action, Validity};
use crate::state::{Market, OracleConfig, OracleKind};

/// A price in the program's units, decoded but not yet judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceReading {
    /// Index price, 10^-10 quote, rounded down.
    pub price: Price,
    /// Half-width of the confidence interval, 10^-10 quote, rounded up.
    pub confidence: Price,
    /// Exponential moving average, 10^-10 quote; zero where the feed has none.
    pub ema: Price,
    /// Unix seconds, by the publishers' clock.
    pub publish_time: i64,
    /// When the price before this one was published.
    pub previous_publish_time: i64,
    /// Slot in which the price reached the account.
    pub slot: u64,
}

/// The price in the account `key`. Errors are the program's: wrong account,
/// owner or feed, malformed, not trading.
pub fn decode(config: &OracleConfig, key: &Pubkey, owner: &Pubkey, data: &[u8]) -> Result<PriceReading> {
    if config.account != Pubkey::default() && *key != config.account {
        return Err(RingfenceError::OracleWrongAccount);
    }
    let raw = match config.kind()? {
        OracleKind::PythPull => pull::decode(owner, data, &config.feed_id)?,
        OracleKind::PythPush => push::decode(owner, data)?,
    };
    raw.scaled()
}

/// The worst that the program would find wrong with `reading` at `now`
/// (unix seconds), after the cluster last restarted at `restart_slot`.
pub fn validity(market: &Market, reading: &PriceReading, now: i64, restart_slot: u64) -> Validity {
    Validity::assess(reading, &market.oracle, market.accepted.publish_time, now, restart_slot)
}

/// A feed's numbers before they are scaled.
struct RawPrice {
    price: i64,
    confidence: u64,
    ema: i64,
    exponent: i32,
    publish_time: i64,
    previous_publish_time: i64,
    slot: u64,
}

impl RawPrice {
    /// To 10^-10 quote: price and average rounded down, confidence up.
    fn scaled(&self) -> Result<PriceReading> {
        if !(MIN_PRICE_EXPONENT..=MAX_PRICE_EXPONENT).contains(&self.exponent) {
            return Err(RingfenceError::OracleExponentOutOfRange);
        }
        let out_of_range = RingfenceError::OraclePriceOutOfRange;
        let price = u64::try_from(self.price).map_err(|_| out_of_range)?;
        let ema = u64::try_from(self.ema).unwrap_or(0);
        let shift = self.exponent + i32::from(PRICE_DECIMALS);
        let factor = 10u64.pow(shift.unsigned_abs());
        let scale = |value: u64, up: bool| {
            if shift >= 0 {
                value.checked_mul(factor).ok_or(out_of_range)
            } else if up {
                Ok(value.div_ceil(factor))
            } else {
                Ok(value / factor)
            }
        };
        let price = scale(price, false)?;
        if price == 0 {
            return Err(out_of_range);
        }
        Ok(PriceReading {
            price: Price(price),
            confidence: Price(scale(self.confidence, true)?),
            ema: Price(scale(ema, false)?),
            publish_time: self.publish_time,
            previous_publish_time: self.previous_publish_time,
            slot: self.slot,
        })
    }
}

/// The `N` bytes at `offset`.
fn bytes<const N: usize>(data: &[u8], offset: usize) -> Result<[u8; N]> {
    let found = data.get(offset..).and_then(|rest| rest.first_chunk::<N>());
    found.copied().ok_or(RingfenceError::OracleMalformed)
}
