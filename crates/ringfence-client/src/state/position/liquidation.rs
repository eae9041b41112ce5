//! What a liquidation would close, and who would get what.

use ringfence_math::{
    self as math, LiquidationInputs, LiquidationOutcome, PositionTerms, Ppm, Price, Quote, Size,
    TradeDirection,
};

use super::Position;
use crate::errors::{Result, RingfenceError};
use crate::oracle::PriceReading;
use crate::state::{Market, Side};

/// What a liquidation closes, and who gets what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CloseOut {
    pub share: PositionTerms,
    /// What its gain or loss is settled at.
    pub settled_at: Price,
    pub notional: Quote,
    pub outcome: LiquidationOutcome,
}

impl Position {
    /// What `liquidate` would do in this market, whose indices are those of
    /// the moment. Errors: the program's, such as `NotLiquidatable`.
    pub fn liquidation(&self, market: &Market, reading: &PriceReading) -> Result<CloseOut> {
        if self.is_empty() {
            return Err(RingfenceError::PositionEmpty);
        }
        let price = self.liquidation_mark(market, reading)?;
        if !self.health(market, price)?.is_liquidatable() {
            return Err(RingfenceError::NotLiquidatable);
        }
        let plan = math::partial_liquidation(
            &self.terms(market)?,
            &market.params.margin_rates(),
            Quote(market.params.min_position_notional),
            price,
            market.scale()?,
        )?;
        let whole = self.close_out(market, reading, Size(self.size), price)?;
        if plan.full || whole.outcome.bad_debt > Quote::ZERO {
            return Ok(whole);
        }
        let part = self.close_out(market, reading, plan.close_size, price)?;
        Ok(if self.leaves_unhealthy(market, &part, price)? { whole } else { part })
    }

    fn close_out(
        &self,
        market: &Market,
        reading: &PriceReading,
        size: Size,
        mark: Price,
    ) -> Result<CloseOut> {
        let scale = market.scale()?;
        let share = self.share(market, size)?;
        let settled_at = self.settled_at(market, reading, size, mark)?;
        let notional = math::notional_ceil(size, mark, scale)?;
        let closing_fee = market.close_fee(math::notional_ceil(size, mark.max(settled_at), scale)?)?;
        let proportional = notional.ppm_ceil(Ppm(market.params.liquidation_fee_ppm))?;
        let least = closing_fee.checked_add(Quote(market.params.min_keeper_reward))?;
        let outcome = math::liquidation_waterfall(&LiquidationInputs {
            margin: share.margin,
            gain: share.gain(settled_at, scale)?,
            fee_due: proportional.max(least),
            closing_fee,
            keeper_share: Ppm(market.params.keeper_share_ppm),
            min_keeper_reward: Quote(market.params.min_keeper_reward),
            insurance: Quote(market.insurance),
        })?;
        Ok(CloseOut { share, settled_at, notional, outcome })
    }

    fn leaves_unhealthy(&self, market: &Market, closed: &CloseOut, price: Price) -> Result<bool> {
        if closed.outcome.bad_debt > Quote::ZERO {
            return Ok(true);
        }
        let mut rest = *self;
        rest.size = Size(self.size).checked_sub(closed.share.size)?.0;
        rest.entry_notional = Quote(self.entry_notional).checked_sub(closed.share.entry_notional)?.0;
        rest.reserve = Quote(self.reserve).checked_sub(closed.share.reserve)?.0;
        rest.margin = closed.outcome.remainder.0;
        Ok(rest.health(market, price)?.is_liquidatable())
    }

    /// The mark, or what a close would fill at where that is worse.
    fn settled_at(&self, market: &Market, reading: &PriceReading, size: Size, mark: Price) -> Result<Price> {
        let side = self.side()?;
        let fill = market.fill_price(reading, TradeDirection::closing(side.into()), size);
        Ok(match (side, fill) {
            (Side::Long, Ok(fill)) => fill.min(mark),
            (Side::Short, Ok(fill)) => fill.max(mark),
            (_, Err(_)) => mark,
        })
    }
}
