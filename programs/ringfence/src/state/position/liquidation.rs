//! What a liquidation judges, closes, and takes.

use ringfence_math::{
    self as math, LiquidationInputs, LiquidationOutcome, PositionTerms, Ppm, Price, Quote, SignedQuote, Size,
    TradeDirection,
};

use super::Position;
use crate::ensure;
use crate::errors::{Result, RingfenceError};
use crate::oracle::PriceReading;
use crate::state::{Market, Side};

/// What a liquidation closes, and who gets what.
#[derive(Clone, Copy)]
pub struct CloseOut {
    pub share: PositionTerms,
    /// What its gain or loss is settled at.
    pub settled_at: Price,
    pub notional: Quote,
    pub outcome: LiquidationOutcome,
}

/// What a liquidation did; equity and maintenance as they were before.
pub struct Liquidation {
    /// What the position was judged by.
    pub price: Price,
    pub equity: SignedQuote,
    pub maintenance: Quote,
    pub closed: CloseOut,
}

impl Position {
    /// The price a liquidation judges this position by: the edge of the
    /// confidence interval that favours it, the interval clamped so that a
    /// wild feed cannot protect a bankrupt position for ever.
    pub fn liquidation_mark(&self, market: &Market, reading: &PriceReading) -> Result<Price> {
        let confidence =
            math::clamp_confidence(reading.price, reading.confidence, Ppm(market.oracle.max_confidence_ppm))?;
        Ok(math::edge_for(self.side()?.into(), reading.price, confidence))
    }

    /// Where equity is below maintenance, closes as much as restores the
    /// initial margin ratio, or all of it where that cannot or too little
    /// would be left; and pays the keeper. What remains stays in the vault.
    pub fn liquidate(&mut self, market: &mut Market, reading: &PriceReading) -> Result<Liquidation> {
        ensure!(!self.is_empty(), RingfenceError::PositionEmpty);
        let price = self.liquidation_mark(market, reading)?;
        let health = self.health(market, price)?;
        ensure!(
            health.is_liquidatable(),
            RingfenceError::NotLiquidatable,
            health.equity.0,
            health.maintenance.0
        );

        let plan = math::partial_liquidation(
            &self.terms(market)?,
            &market.params.margin_rates(),
            Quote(market.params.min_position_notional),
            price,
            market.scale()?,
        )?;
        let whole = self.close_out(market, reading, Size(self.size), price)?;
        // Where closing all of it leaves debt, there is no health to restore.
        let mut closed = whole;
        if !plan.full && whole.outcome.bad_debt == Quote::ZERO {
            let part = self.close_out(market, reading, plan.close_size, price)?;
            if !self.leaves_unhealthy(market, &part, price)? {
                closed = part;
            }
        }
        let outcome = closed.outcome;
        self.reduce(market, &closed.share)?;
        market.pay_gain(outcome.gain_paid)?;
        market.receive_loss(outcome.loss_paid)?;
        market.add_insurance(outcome.insurance_fee)?;
        market.take_insurance(outcome.keeper_from_insurance)?;
        market.record_bad_debt(outcome.bad_debt, outcome.insurance_cover)?;
        self.margin = outcome.remainder.0;
        let fee = outcome.keeper_from_vault.checked_add(outcome.insurance_fee)?;
        self.record(&closed.share, outcome.gain_paid, outcome.loss_paid, fee);
        self.start_generation(market)?;
        Ok(Liquidation { price, equity: health.equity, maintenance: health.maintenance, closed })
    }

    /// What liquidating `size` of it, judged at `mark`, would do; changes nothing.
    fn close_out(
        &self,
        market: &Market,
        reading: &PriceReading,
        size: Size,
        mark: Price,
    ) -> Result<CloseOut> {
        let scale = market.scale()?;
        let share = self.share(market, size)?;
        let settled_at = self.settlement_price(market, reading, size, mark)?;
        let gain = share.gain(settled_at, scale)?;
        let notional = math::notional_ceil(size, mark, scale)?;
        let dearest = math::notional_ceil(size, mark.max(settled_at), scale)?;
        let (fee_due, closing_fee) = self.liquidation_fees(market, notional, dearest)?;
        let outcome = math::liquidation_waterfall(&LiquidationInputs {
            margin: share.margin,
            gain,
            fee_due,
            closing_fee,
            keeper_share: Ppm(market.params.keeper_share_ppm),
            min_keeper_reward: Quote(market.params.min_keeper_reward),
            insurance: Quote(market.insurance),
        })?;
        Ok(CloseOut { share, settled_at, notional, outcome })
    }

    /// Whether what `closed` leaves open would still be liquidatable, or in debt.
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

    /// What a liquidation settles at: the price it was judged by, or what a
    /// close would fill at where that is worse. Otherwise an owner could spare
    /// himself the impact and the spread by liquidating himself.
    fn settlement_price(
        &self,
        market: &Market,
        reading: &PriceReading,
        size: Size,
        mark: Price,
    ) -> Result<Price> {
        let side = self.side()?;
        let direction = TradeDirection::closing(side.into());
        let any = if direction == TradeDirection::Buy { Price(u64::MAX) } else { Price(0) };
        Ok(match (side, market.fill_price(reading, direction, size, any)) {
            (Side::Long, Ok(fill)) => fill.min(mark),
            (Side::Short, Ok(fill)) => fill.max(mark),
            // A skew that leaves nothing to sell for must not stop this.
            (_, Err(_)) => mark,
        })
    }

    /// The fee of a liquidation, and the fee of a close that is part of it:
    /// what does not go to the keeper is at least that, so that liquidating
    /// oneself never costs less. `dearest` is the notional at the higher of
    /// mark and settlement.
    fn liquidation_fees(&self, market: &Market, notional: Quote, dearest: Quote) -> Result<(Quote, Quote)> {
        let proportional = notional.ppm_ceil(Ppm(market.params.liquidation_fee_ppm))?;
        let closing = market.close_fee(dearest)?;
        let least = closing.checked_add(Quote(market.params.min_keeper_reward))?;
        Ok((proportional.max(least), closing))
    }
}
