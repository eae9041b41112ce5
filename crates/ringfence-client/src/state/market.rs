//! What a market says about itself, its pool and its indices.

use ringfence_math::{
    self as math, BorrowIndex, FundingIndex, FundingRate, FundingState, PoolAction, Ppm, Price, Quote, Scale,
    SideSums, SignedQuote, Size, Skew, TradeDirection,
};

use super::{Market, MarketStatus, Side, SideBook};
use crate::errors::{Result, RingfenceError};
use crate::oracle::PriceReading;

impl SideBook {
    pub fn sums(&self) -> SideSums {
        SideSums { open_interest: Size(self.open_interest), entry_notional: Quote(self.entry_notional) }
    }
}

impl Market {
    pub fn status(&self) -> Result<MarketStatus> {
        MarketStatus::from_byte(self.status)
    }

    pub fn is_settling(&self) -> bool {
        self.status == MarketStatus::Settling as u8
    }

    pub fn scale(&self) -> Result<Scale> {
        Ok(Scale::from_divisor(self.notional_divisor)?)
    }

    pub fn side(&self, side: Side) -> &SideBook {
        match side {
            Side::Long => &self.long,
            Side::Short => &self.short,
        }
    }

    /// Longs less shorts, in size units.
    pub fn skew(&self) -> Skew {
        Skew(i128::from(self.long.open_interest) - i128::from(self.short.open_interest))
    }

    /// Positions that are open, on both sides.
    pub fn open_positions(&self) -> Result<u64> {
        self.long.positions.checked_add(self.short.positions).ok_or(RingfenceError::MathOverflow)
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

    /// Index price with skew impact and half the confidence, against the
    /// trader; the settlement price once there is one.
    pub fn fill_price(&self, reading: &PriceReading, direction: TradeDirection, size: Size) -> Result<Price> {
        if self.is_settling() {
            return Ok(reading.price);
        }
        let skew_scale = Size(self.params.skew_scale);
        Ok(math::fill_price(reading.price, reading.confidence, direction, size, self.skew(), skew_scale)?)
    }

    /// The fee for closing `notional`, in quote atoms, rounded up; a
    /// settlement is free.
    pub fn close_fee(&self, notional: Quote) -> Result<Quote> {
        if self.is_settling() {
            return Ok(Quote::ZERO);
        }
        Ok(notional.ppm_ceil(Ppm(self.params.close_fee_ppm))?)
    }

    /// Advances both indices to `now`, as the program does before anything
    /// that they depend on changes. Settlement has ended them.
    pub fn accrue(&mut self, now: i64, price: Price) -> Result<()> {
        let seconds = u64::try_from(now.saturating_sub(self.accrued_at)).unwrap_or(0);
        if self.is_settling() || seconds == 0 {
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
        let borrow = math::advance_borrow(
            BorrowIndex(self.borrow_index.get()),
            &self.params.borrow(),
            Quote(self.reserved),
            Quote(self.liquidity),
            seconds,
        )?;
        self.funding_rate = funding.rate.0;
        self.funding_index.set(funding.index.0);
        self.borrow_index.set(borrow.0);
        self.accrued_at = now;
        Ok(())
    }

    /// What the LPs' shares are worth, at the edge that favours the pool, and
    /// with the charges that have accrued but not been paid where that does.
    pub fn pool_value(&self, reading: &PriceReading, action: PoolAction) -> Result<Quote> {
        let charges = math::accrued_charges(
            FundingIndex(self.funding_index.get()),
            (Size(self.long.open_interest), self.long.funding_basis.get()),
            (Size(self.short.open_interest), self.short.funding_basis.get()),
            BorrowIndex(self.borrow_index.get()),
            (Quote(self.reserved), self.borrow_basis.get()),
        )?
        .0;
        let counted = match action {
            PoolAction::Deposit => charges.max(0),
            PoolAction::Withdraw => charges.min(0),
        };
        let liquidity = SignedQuote(i128::from(self.liquidity).saturating_add(counted)).positive_part()?;
        Ok(math::pool_value(
            liquidity,
            Quote(self.reserved),
            self.long.sums(),
            self.short.sums(),
            math::confidence_edge_low(reading.price, reading.confidence),
            math::confidence_edge_high(reading.price, reading.confidence),
            action,
            self.scale()?,
        )?)
    }
}
