//! The sums over a market's positions, and the indices that they pay by.

use ringfence_math::{
    self as math, BorrowIndex, FundingIndex, FundingRate, FundingState, Ppm, Price, Quote, Size,
};

use super::{AcceptedPrice, Market, add, subtract};
use crate::ensure;
use crate::errors::{Result, RingfenceError};
use crate::oracle::PriceReading;
use crate::state::{Position, Side};

impl Market {
    /// Takes a position's part out of every sum, before it changes.
    pub fn detach(&mut self, position: &Position) -> Result<()> {
        if position.is_empty() {
            return Ok(());
        }
        let book = self.side_mut(position.side()?);
        subtract(&mut book.positions, 1)?;
        subtract(&mut book.open_interest, position.size)?;
        subtract(&mut book.entry_notional, position.entry_notional)?;
        let basis = book.funding_basis.get().checked_sub(position.funding_basis()?);
        book.funding_basis.set(basis.ok_or(RingfenceError::InvariantViolated)?);
        subtract(&mut self.reserved, position.reserve)?;
        let basis = self.borrow_basis.get().checked_sub(position.borrow_basis()?);
        self.borrow_basis.set(basis.ok_or(RingfenceError::InvariantViolated)?);
        Ok(())
    }

    /// Puts a position's part into every sum, after it has changed.
    pub fn attach(&mut self, position: &Position) -> Result<()> {
        if position.is_empty() {
            return Ok(());
        }
        let book = self.side_mut(position.side()?);
        add(&mut book.positions, 1)?;
        add(&mut book.open_interest, position.size)?;
        add(&mut book.entry_notional, position.entry_notional)?;
        let basis = book.funding_basis.get().checked_add(position.funding_basis()?);
        book.funding_basis.set(basis.ok_or(RingfenceError::MathOverflow)?);
        add(&mut self.reserved, position.reserve)?;
        let basis = self.borrow_basis.get().checked_add(position.borrow_basis()?);
        self.borrow_basis.set(basis.ok_or(RingfenceError::MathOverflow)?);
        Ok(())
    }

    /// Counts a new position's account. Returns its generation.
    pub fn admit_position(&mut self) -> Result<u64> {
        add(&mut self.position_accounts, 1)?;
        self.new_generation()
    }

    /// A generation that no position of this market has had.
    pub fn new_generation(&mut self) -> Result<u64> {
        let generation = self.next_generation;
        add(&mut self.next_generation, 1)?;
        Ok(generation)
    }

    /// Counts the account of an empty position out, before it is closed.
    pub fn dismiss_position(&mut self, position: &Position) -> Result<()> {
        ensure!(position.is_empty(), RingfenceError::InvariantViolated);
        subtract(&mut self.position_accounts, 1)
    }

    /// Positions that are open, on both sides.
    pub fn open_positions(&self) -> Result<u64> {
        self.long.positions.checked_add(self.short.positions).ok_or(RingfenceError::MathOverflow)
    }

    /// What opening and increasing must leave room for: the open interest of
    /// the side at the index price, and the reserves within the pool's limit.
    pub fn ensure_within_limits(&self, side: Side, index: Price) -> Result<()> {
        let open_interest = math::notional_ceil(Size(self.side(side).open_interest), index, self.scale()?)?;
        let limit = match side {
            Side::Long => self.params.max_open_interest_long,
            Side::Short => self.params.max_open_interest_short,
        };
        ensure!(open_interest.0 <= limit, RingfenceError::OpenInterestLimit, open_interest.0, limit);
        let usable = Quote(self.liquidity).ppm_floor(Ppm(self.params.max_utilisation_ppm))?;
        ensure!(self.reserved <= usable.0, RingfenceError::InsufficientLiquidity, self.reserved, usable.0);
        Ok(())
    }

    /// Advances both indices to `now`, before anything that they depend on
    /// (skew, rate, reserves, liquidity) changes. Settlement has ended them.
    pub fn accrue(&mut self, now: i64, price: Price) -> Result<()> {
        if self.is_settling() {
            return Ok(());
        }
        let seconds = u64::try_from(now.saturating_sub(self.accrued_at)).unwrap_or(0);
        if seconds == 0 {
            return Ok(());
        }
        let funding = math::advance_funding(
            FundingState {
                rate: FundingRate(self.funding_rate),
                index: FundingIndex(self.funding_index.get()),
            },
            &self.params.funding(),
            self.skew(),
            price,
            seconds,
            self.scale()?,
        )?;
        self.funding_rate = funding.rate.0;
        self.funding_index.set(funding.index.0);
        let borrow = math::advance_borrow(
            BorrowIndex(self.borrow_index.get()),
            &self.params.borrow(),
            Quote(self.reserved),
            Quote(self.liquidity),
            seconds,
        )?;
        self.borrow_index.set(borrow.0);
        self.accrued_at = now;
        Ok(())
    }

    /// Takes a price in: indices advance to `now`, and none that is older
    /// will be accepted. One that is older already (a delayed order's) leaves
    /// the newer one where it is.
    pub fn observe(&mut self, reading: &PriceReading, now: i64) -> Result<()> {
        if reading.publish_time < self.accepted.publish_time {
            return self.accrue(now, Price(self.accepted.price));
        }
        self.accrue(now, reading.price)?;
        self.accepted = AcceptedPrice {
            price: reading.price.0,
            confidence: reading.confidence.0,
            ema: reading.ema.0,
            publish_time: reading.publish_time,
        };
        Ok(())
    }
}
