//! What a position knows of the orders placed for it.

use anchor_lang::prelude::{Clock, SolanaSysvar};

use super::Position;
use crate::ensure;
use crate::errors::{Result, RingfenceError};
use crate::state::{Market, MarketStatus, Order};

impl Position {
    /// Takes a new order in. Its number may have been void before; a delayed
    /// one commits the position, one at a time.
    pub(in crate::state) fn admit_order(&mut self, order: &Order, market: &Market, now: i64) -> Result<()> {
        let (word, bit) = void_bit(order.id);
        self.void_orders[word] &= !bit;
        if order.is_delayed() {
            self.ensure_uncommitted(market, now)?;
            self.committed_until = order.expires_at;
        }
        Ok(())
    }

    /// Whether an order still stands: placed in this generation, not tried in
    /// vain, not ended by its partner, and by somebody who may still trade. A delayed order is a
    /// commitment: neither executing an order that names it nor dismissing the
    /// delegate who made it undoes it.
    pub fn honours(&self, order: &Order) -> bool {
        let (word, bit) = void_bit(order.id);
        let revoked = self.void_orders[word] & bit != 0 || !self.may_trade(&order.trader);
        self.generation == order.generation && !order.has_failed() && (order.is_delayed() || !revoked)
    }

    /// What an order's execution means for others: its partner ends, and the
    /// commitment of a delayed one.
    pub fn settle_order(&mut self, order: &Order) {
        if let Some(partner) = order.partner() {
            let (word, bit) = void_bit(partner);
            self.void_orders[word] |= bit;
        }
        if order.is_delayed() {
            self.release();
        }
    }

    /// The delayed order that was pending no longer is.
    pub fn release(&mut self) {
        self.committed_until = 0;
    }

    /// Refuses what would take back a pending delayed order, once its price can
    /// be known: an order that can be taken back is a free option against the
    /// pool. Where the market opens nothing, no order can execute.
    pub fn ensure_uncommitted(&self, market: &Market, now: i64) -> Result<()> {
        let free = now > self.committed_until || market.status()? != MarketStatus::Active;
        ensure!(free, RingfenceError::OrderPending, now, self.committed_until);
        Ok(())
    }

    /// The same now. The clock is asked only where an order was delayed.
    pub fn ensure_uncommitted_now(&self, market: &Market) -> anchor_lang::Result<()> {
        if self.committed_until == 0 {
            return Ok(());
        }
        Ok(self.ensure_uncommitted(market, Clock::get()?.unix_timestamp)?)
    }

    /// A position of no size is about to get some.
    pub fn begin(&mut self, now: i64) {
        if self.is_empty() {
            self.opened_at = now;
        }
    }

    /// Makes every order placed so far void.
    pub(in crate::state) fn start_generation(&mut self, market: &mut Market) -> Result<()> {
        self.generation = market.new_generation()?;
        self.void_orders = [0; 4];
        self.committed_until = 0;
        Ok(())
    }

    /// Where the last price that the market accepted is newer than the one
    /// that was traded at, that one must not liquidate the position either.
    pub fn ensure_healthy_now(&self, market: &Market) -> Result<()> {
        let price = self.liquidation_mark(market, &market.accepted_reading())?;
        let health = self.health(market, price)?;
        ensure!(
            !health.is_liquidatable(),
            RingfenceError::WouldBeLiquidatable,
            health.equity.0,
            health.maintenance.0
        );
        Ok(())
    }
}

/// Where in `void_orders` an order's number lies.
fn void_bit(id: u8) -> (usize, u64) {
    (usize::from(id / 64), 1 << (id % 64))
}
