//! A position as the arithmetic sees it.

mod liquidation;

pub use liquidation::CloseOut;
use ringfence_math::{
    self as math, BorrowIndex, FundingIndex, Health, PositionTerms, Ppm, Price, Quote, Size,
};
use solana_pubkey::Pubkey;

use super::{Market, Position, Side};
use crate::errors::Result;
use crate::oracle::PriceReading;

impl Position {
    pub fn side(&self) -> Result<Side> {
        Side::from_byte(self.side)
    }

    pub fn is_empty(&self) -> bool {
        self.size == 0
    }

    /// The owner, or the delegate where there is one.
    pub fn may_trade(&self, key: &Pubkey) -> bool {
        *key == self.owner || (*key == self.delegate && self.delegate != Pubkey::default())
    }

    /// Whether a trade of `trader` pays a referrer: the owner's do, a
    /// delegate's do not.
    pub fn refers(&self, trader: &Pubkey) -> bool {
        self.referral != Pubkey::default() && *trader == self.owner
    }

    /// All of it, with what has accrued.
    pub fn terms(&self, market: &Market) -> Result<PositionTerms> {
        self.share(market, Size(self.size))
    }

    /// `size` of it: that part of the entry notional, of the reserve and of
    /// the charges, and all of the margin.
    fn share(&self, market: &Market, size: Size) -> Result<PositionTerms> {
        let (side, whole) = (self.side()?.into(), Size(self.size));
        let reserve = math::reserve_share(Quote(self.reserve), size, whole)?;
        let (funding_now, borrow_now) =
            (FundingIndex(market.funding_index.get()), BorrowIndex(market.borrow_index.get()));
        let (funding_entry, borrow_entry) =
            (FundingIndex(self.entry_funding_index.get()), BorrowIndex(self.entry_borrow_index.get()));
        Ok(PositionTerms {
            side,
            size,
            entry_notional: math::entry_notional_share(side, Quote(self.entry_notional), size, whole)?,
            margin: Quote(self.margin),
            funding: math::funding_owed(side, size, funding_now, funding_entry)?,
            borrow: math::borrow_owed(reserve, borrow_now, borrow_entry)?,
            reserve,
        })
    }

    pub fn health(&self, market: &Market, price: Price) -> Result<Health> {
        Ok(math::health(&self.terms(market)?, &market.params.margin_rates(), price, market.scale()?)?)
    }

    /// The price a liquidation judges this position by: the edge of the
    /// confidence interval that favours it, the interval clamped.
    pub fn liquidation_mark(&self, market: &Market, reading: &PriceReading) -> Result<Price> {
        let limit = Ppm(market.oracle.max_confidence_ppm);
        let confidence = math::clamp_confidence(reading.price, reading.confidence, limit)?;
        Ok(math::edge_for(self.side()?.into(), reading.price, confidence))
    }
}
