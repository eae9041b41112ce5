//! The end of a market: notice, one price for all, and empty books.

use ringfence_math::Price;

use super::{Market, add};
use crate::constants::*;
use crate::ensure;
use crate::errors::{Result, RingfenceError};
use crate::oracle::PriceReading;
use crate::state::{Exchange, MarketStatus};

impl Market {
    pub fn is_settling(&self) -> bool {
        self.status == MarketStatus::Settling as u8
    }

    /// Changes the status of a market that is not settling, to anything but
    /// that. Active takes an announced settlement back.
    pub fn set_status(&mut self, status: MarketStatus) -> Result<()> {
        self.status()?.allows_governance()?;
        ensure!(status != MarketStatus::Settling, RingfenceError::SettlingNeedsSettlement);
        if status == MarketStatus::Active {
            self.settles_at = 0;
        }
        self.status = status as u8;
        Ok(())
    }

    /// Announces a settlement, no sooner than the exchange's timelock allows;
    /// until then traders can close by themselves. Announcing it again moves
    /// it, under the same notice.
    pub fn announce_settlement(&mut self, exchange: &Exchange, settles_at: i64, now: i64) -> Result<()> {
        let status = self.status()?;
        status.allows_governance()?;
        let earliest =
            now.checked_add(i64::from(exchange.timelock_seconds)).ok_or(RingfenceError::MathOverflow)?;
        ensure!(settles_at >= earliest, RingfenceError::NoticeTooShort, settles_at, earliest);
        self.status = status.max(MarketStatus::ReduceOnly) as u8;
        self.settles_at = settles_at;
        Ok(())
    }

    /// Fixes the price at which every position ends: one published since the
    /// announced time, so that nobody chooses it. The indices have been
    /// advanced to `now` and stand still from here.
    pub fn settle(&mut self, reading: &PriceReading, now: i64) -> Result<()> {
        self.status()?.allows_governance()?;
        ensure!(self.settles_at > 0, RingfenceError::SettlementNotAnnounced);
        ensure!(now >= self.settles_at, RingfenceError::NoticeNotElapsed, now, self.settles_at);
        ensure!(
            reading.publish_time >= self.settles_at,
            RingfenceError::PriceBeforeSettlement,
            reading.publish_time,
            self.settles_at
        );
        self.settlement_price = reading.price.0;
        self.settled_at = now;
        self.status = MarketStatus::Settling as u8;
        Ok(())
    }

    /// The settlement price in place of the oracle's, without uncertainty;
    /// none while the market is not settling.
    pub fn settlement_reading(&self) -> Option<PriceReading> {
        self.is_settling().then_some(PriceReading {
            price: Price(self.settlement_price),
            confidence: Price(0),
            ema: Price(self.settlement_price),
            publish_time: self.accepted.publish_time,
            previous_publish_time: self.accepted.publish_time,
            slot: 0,
        })
    }

    /// Whether nothing depends on this market any more but what it can hand
    /// to the treasury. `minted` is the supply of its LP mint.
    pub fn ensure_empty(&self, minted: u64) -> Result<()> {
        ensure!(self.is_settling(), RingfenceError::MarketNotSettling);
        for (what, left) in [
            ("positions", self.position_accounts),
            ("positions of layout 1 perhaps", self.uncounted.into()),
            ("deposits", self.deposit_accounts),
            ("referrals", self.referral_accounts),
            ("shares", minted),
        ] {
            if left > 0 {
                anchor_lang::prelude::msg!("{}: {}", what, left);
                return Err(RingfenceError::MarketNotEmpty);
            }
        }
        Ok(())
    }

    /// From layout 1, which did not count accounts, and took any cool-down.
    pub fn migrate(&mut self) -> Result<()> {
        ensure!(self.version != MARKET_VERSION, RingfenceError::NothingToMigrate);
        ensure!(self.version == 1, RingfenceError::UnsupportedVersion);
        // Emptied positions of layout 1 are in no sum.
        self.uncounted = u8::from(self.next_generation > 1);
        self.settles_at = 0;
        let least = self.oracle.least_cooldown();
        self.params.liquidity_cooldown_seconds = self.params.liquidity_cooldown_seconds.max(least);
        self.position_accounts = 0;
        self.deposit_accounts = 0;
        self.unclaimed_shares = 0;
        self.referral_accounts = 0;
        self.referral_fees = 0;
        self.version = MARKET_VERSION;
        Ok(())
    }

    /// Counts a position of layout 1 that is being migrated.
    pub fn adopt_position(&mut self) -> Result<()> {
        add(&mut self.position_accounts, 1)
    }
}
