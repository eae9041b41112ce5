//! Pyth account -> [`PriceReading`] -> [`Validity`] -> accepted or refused.
//! Nothing outside this module names Pyth.

mod pull;
mod push;
mod validity;

use anchor_lang::prelude::*;
use ringfence_math::Price;
use solana_sysvar::last_restart_slot::LastRestartSlot;
pub use validity::{Action, Validity};

use crate::constants::*;
use crate::ensure;
use crate::errors::{Result, RingfenceError};
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

/// Reads the market's price and judges it for `action`. A price that is not
/// good enough is refused, never replaced by a remembered one.
pub fn read(market: &Market, account: &AccountInfo, action: Action, clock: &Clock) -> Result<PriceReading> {
    let reading = decode(&market.oracle, account)?;
    judge(market, &reading, market.accepted.publish_time, action, clock)?;
    Ok(reading)
}

/// Refuses what is not good enough for `action`, or older than `accepted_time`.
fn judge(
    market: &Market,
    reading: &PriceReading,
    accepted_time: i64,
    action: Action,
    clock: &Clock,
) -> Result<()> {
    let restart = LastRestartSlot::get().map_err(|_| RingfenceError::OracleBeforeRestart)?;
    let validity = Validity::assess(
        reading,
        &market.oracle,
        accepted_time,
        clock.unix_timestamp,
        restart.last_restart_slot,
    );
    if validity > action.accepts() {
        msg!(
            "price {} confidence {} ema {} published {} now {} last accepted {}",
            reading.price.0,
            reading.confidence.0,
            reading.ema.0,
            reading.publish_time,
            clock.unix_timestamp,
            accepted_time
        );
        return Err(validity.into());
    }
    Ok(())
}

/// Reads the market's price and takes it in: the market's indices advance to
/// now before anything changes. In a settling market every price is the
/// settlement price, and the account is not looked at.
pub fn observe(
    market: &mut Market,
    account: &AccountInfo,
    action: Action,
    clock: &Clock,
) -> Result<PriceReading> {
    if let Some(settled) = market.settlement_reading() {
        return Ok(settled);
    }
    let reading = read(market, account, action, clock)?;
    market.observe(&reading, clock.unix_timestamp)?;
    Ok(reading)
}

/// Reads the first price that was published at `since` or later, and takes it
/// in. There is one such price, so nobody chooses it; that the market has
/// accepted a newer one meanwhile is no reason to refuse it. What Pyth's EVM
/// contract calls a unique update.
pub fn observe_first(
    market: &mut Market,
    account: &AccountInfo,
    since: i64,
    clock: &Clock,
) -> Result<PriceReading> {
    let reading = decode(&market.oracle, account)?;
    ensure!(reading.publish_time >= since, RingfenceError::PriceBeforeOrder, reading.publish_time, since);
    ensure!(
        reading.previous_publish_time < since,
        RingfenceError::NotFirstPrice,
        reading.previous_publish_time,
        since
    );
    judge(market, &reading, reading.publish_time, Action::AddRisk, clock)?;
    market.observe(&reading, clock.unix_timestamp)?;
    Ok(reading)
}

/// The price that an account carries, by the rules of the feed that `config`
/// names, not yet judged. Clients read prices with it too.
pub fn decode(config: &OracleConfig, account: &AccountInfo) -> Result<PriceReading> {
    let pinned = config.account != Pubkey::default();
    ensure!(
        !pinned || *account.key == config.account,
        RingfenceError::OracleWrongAccount,
        account.key,
        config.account
    );
    let raw = match config.kind()? {
        OracleKind::PythPull => pull::decode(account, &config.feed_id)?,
        OracleKind::PythPush => push::decode(account)?,
    };
    raw.scaled()
}

impl RawPrice {
    /// To 10^-10 quote. The price and its average round down, the confidence
    /// up: towards the more careful reading.
    fn scaled(&self) -> Result<PriceReading> {
        let range = MIN_PRICE_EXPONENT..=MAX_PRICE_EXPONENT;
        ensure!(
            range.contains(&self.exponent),
            RingfenceError::OracleExponentOutOfRange,
            self.exponent,
            MAX_PRICE_EXPONENT
        );
        let price = u64::try_from(self.price).map_err(|_| RingfenceError::OraclePriceOutOfRange)?;
        // Some feeds have no average yet; the divergence check then refuses them.
        let ema = u64::try_from(self.ema).unwrap_or(0);
        let shift = self.exponent + i32::from(ringfence_math::PRICE_DECIMALS);
        let factor = 10u64.pow(shift.unsigned_abs());
        let scale = |value: u64, up: bool| {
            if shift >= 0 {
                // `checked_mul` multiplies 128 bits, which SBPF has to emulate.
                let fits = value <= u64::MAX / factor;
                fits.then(|| value.wrapping_mul(factor)).ok_or(RingfenceError::OraclePriceOutOfRange)
            } else if up {
                Ok(value.div_ceil(factor))
            } else {
                Ok(value / factor)
            }
        };
        let price = scale(price, false)?;
        ensure!(price > 0, RingfenceError::OraclePriceOutOfRange, price, 0);
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
