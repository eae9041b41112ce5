use anchor_lang::prelude::*;
use ringfence_math::{
    self as math, FeeSplit, Health, LiquidationInputs, LiquidationOutcome, PositionTerms, Ppm, Price, Quote,
    Settlement, SignedQuote, Size, TradeDirection,
};

use super::{I128, Market, Side, U128};
use crate::constants::*;
use crate::ensure;
use crate::errors::{Result, RingfenceError};
use crate::oracle::PriceReading;

/// One isolated position. Its vault holds its collateral and nothing else.
#[account(zero_copy)]
#[derive(Debug)]
#[repr(C)]
pub struct Position {
    pub version: u8,
    pub bump: u8,
    /// `Side` as a byte.
    pub side: u8,
    pub vault_bump: u8,
    /// The owner's own number for this position in this market.
    pub id: u16,
    pub reserved_a: [u8; 2],
    pub market: Pubkey,
    pub owner: Pubkey,
    /// May trade and add margin, never withdraw; the default key for none.
    pub delegate: Pubkey,
    /// Token account of this position's collateral.
    pub vault: Pubkey,
    /// Size units; 0 once liquidated or fully decreased.
    pub size: u64,
    /// What the size was entered for, in quote atoms.
    pub entry_notional: u64,
    /// Collateral that counts, in quote atoms; a donation to the vault does not.
    pub margin: u64,
    /// Largest gain, reserved in the pool, in quote atoms.
    pub reserve: u64,
    /// Unique in the market; orders of an earlier generation are void.
    pub generation: u64,
    /// Unix seconds.
    pub opened_at: i64,
    pub entry_funding_index: I128,
    pub entry_borrow_index: U128,
    /// Lifetime totals in quote atoms, for statements; nothing is computed from them.
    pub realised_pnl: I128,
    pub realised_funding: I128,
    pub realised_borrow: u64,
    pub fees_paid: u64,
    pub reserved_b: [u64; 10],
}

const _: () = assert!(size_of::<Position>() == 344 && align_of::<Position>() <= 8);

/// What opening or increasing did.
pub struct Increase {
    pub fill: Price,
    pub entry_notional: Quote,
    pub reserve: Quote,
    pub fee: Quote,
    pub split: FeeSplit,
}

/// What decreasing or closing did.
pub struct Decrease {
    pub fill: Price,
    pub size: Size,
    pub entry_notional: Quote,
    pub reserve: Quote,
    pub pnl: SignedQuote,
    pub settlement: Settlement,
    pub split: FeeSplit,
    pub insurance_cover: Quote,
}

/// What a liquidation did.
pub struct Liquidation {
    /// What the position was judged by.
    pub price: Price,
    /// What its gain or loss was settled at.
    pub settled_at: Price,
    pub size: Size,
    pub notional: Quote,
    pub entry_notional: Quote,
    pub reserve: Quote,
    pub equity: SignedQuote,
    pub maintenance: Quote,
    pub pnl: SignedQuote,
    pub outcome: LiquidationOutcome,
}

/// Identity of a position, fixed when it is opened.
pub struct PositionIdentity {
    pub bump: u8,
    pub vault_bump: u8,
    pub id: u16,
    pub side: Side,
    pub market: Pubkey,
    pub owner: Pubkey,
    pub vault: Pubkey,
    pub generation: u64,
    pub opened_at: i64,
}

impl Position {
    pub const SIZE: usize = 8 + size_of::<Self>();

    pub fn initialize(&mut self, identity: PositionIdentity, market: &Market) {
        self.version = ACCOUNT_VERSION;
        self.bump = identity.bump;
        self.vault_bump = identity.vault_bump;
        self.id = identity.id;
        self.side = identity.side as u8;
        self.market = identity.market;
        self.owner = identity.owner;
        self.vault = identity.vault;
        self.generation = identity.generation;
        self.opened_at = identity.opened_at;
        self.entry_funding_index = market.funding_index;
        self.entry_borrow_index = market.borrow_index;
    }

    pub fn check_version(&self) -> Result<()> {
        ensure!(self.version == ACCOUNT_VERSION, RingfenceError::UnsupportedVersion);
        Ok(())
    }

    pub fn side(&self) -> Result<Side> {
        Side::from_byte(self.side)
    }

    pub fn is_empty(&self) -> bool {
        self.size == 0
    }

    /// The position as the arithmetic sees it.
    pub fn terms(&self) -> Result<PositionTerms> {
        Ok(PositionTerms {
            side: self.side()?.into(),
            size: Size(self.size),
            entry_notional: Quote(self.entry_notional),
            margin: Quote(self.margin),
            funding: SignedQuote::ZERO,
            borrow: Quote::ZERO,
            reserve: Quote(self.reserve),
        })
    }

    pub fn health(&self, market: &Market, price: Price) -> Result<Health> {
        Ok(math::health(&self.terms()?, &market.params.margin_rates(), price, market.scale()?)?)
    }

    /// The price a liquidation judges this position by: the edge of the
    /// confidence interval that favours it, the interval clamped so that a
    /// wild feed cannot protect a bankrupt position for ever.
    pub fn liquidation_mark(&self, market: &Market, reading: &PriceReading) -> Result<Price> {
        let confidence =
            math::clamp_confidence(reading.price, reading.confidence, Ppm(market.oracle.max_confidence_ppm))?;
        Ok(math::edge_for(self.side()?.into(), reading.price, confidence))
    }

    /// Opens (from zero) or increases: `deposit` joins the margin, the fee
    /// leaves it, and the equity must then cover the initial margin at the
    /// edge of the confidence interval that hurts.
    pub fn increase(
        &mut self,
        market: &mut Market,
        size: Size,
        deposit: Quote,
        reading: &PriceReading,
        acceptable: Price,
    ) -> Result<Increase> {
        ensure!(size.0 > 0, RingfenceError::ZeroAmount);
        let (side, scale) = (self.side()?, market.scale()?);
        let fill = market.fill_price(reading, TradeDirection::opening(side.into()), size, acceptable)?;
        let entry_notional = math::entry_notional(side.into(), size, fill, scale)?;
        let reserve = entry_notional.ppm_ceil(Ppm(market.params.reserve_factor_ppm))?;
        let fee = math::notional_ceil(size, fill, scale)?.ppm_ceil(Ppm(market.params.open_fee_ppm))?;

        market.add_exposure(side, size, entry_notional, reserve, reading.price)?;
        self.size = Size(self.size).checked_add(size)?.0;
        self.entry_notional = Quote(self.entry_notional).checked_add(entry_notional)?.0;
        self.reserve = Quote(self.reserve).checked_add(reserve)?.0;
        self.deposit_margin(deposit)?;
        ensure!(fee.0 <= self.margin, RingfenceError::MarginBelowFee, fee.0, self.margin);
        self.margin -= fee.0;
        self.fees_paid = self.fees_paid.saturating_add(fee.0);
        let split = market.collect_fee(fee)?;

        self.ensure_minimum_size(market)?;
        let health =
            self.health(market, math::edge_against(side.into(), reading.price, reading.confidence))?;
        ensure!(
            health.equity >= SignedQuote::from(health.initial),
            RingfenceError::BelowInitialMargin,
            health.equity.0,
            health.initial.0
        );
        ensure!(
            !health.is_liquidatable(),
            RingfenceError::WouldBeLiquidatable,
            health.equity.0,
            health.maintenance.0
        );
        Ok(Increase { fill, entry_notional, reserve, fee, split })
    }

    /// Closes `size` at the fill price. Gains come from the pool, losses and
    /// then the fee from the margin; what is left stays in the vault. A part
    /// may neither worsen the margin ratio nor leave debt behind.
    pub fn decrease(
        &mut self,
        market: &mut Market,
        size: Size,
        reading: &PriceReading,
        acceptable: Price,
    ) -> Result<Decrease> {
        ensure!(size.0 > 0, RingfenceError::ZeroAmount);
        ensure!(size.0 <= self.size, RingfenceError::SizeExceedsPosition, size.0, self.size);
        let before = self.health(market, reading.price)?;
        let closed = self.close_share(market, size, reading, acceptable)?;
        if self.is_empty() {
            market.deregister_position(self.side()?)?;
            return Ok(closed);
        }

        ensure!(closed.settlement.bad_debt == Quote::ZERO, RingfenceError::WouldBeLiquidatable);
        self.ensure_minimum_size(market)?;
        let after = self.health(market, reading.price)?;
        ensure!(!after.is_worse_than(&before)?, RingfenceError::WorseMarginRatio);
        let marked = self.health(market, self.liquidation_mark(market, reading)?)?;
        ensure!(
            !marked.is_liquidatable(),
            RingfenceError::WouldBeLiquidatable,
            marked.equity.0,
            marked.maintenance.0
        );
        Ok(closed)
    }

    fn close_share(
        &mut self,
        market: &mut Market,
        size: Size,
        reading: &PriceReading,
        acceptable: Price,
    ) -> Result<Decrease> {
        let (side, scale) = (self.side()?, market.scale()?);
        let fill = market.fill_price(reading, TradeDirection::closing(side.into()), size, acceptable)?;
        let entry_notional =
            math::entry_notional_share(side.into(), Quote(self.entry_notional), size, Size(self.size))?;
        let reserve = math::reserve_share(Quote(self.reserve), size, Size(self.size))?;
        let share = PositionTerms { size, entry_notional, reserve, ..self.terms()? };
        let pnl = share.gain(fill, scale)?;
        let fee = math::notional_ceil(size, fill, scale)?.ppm_ceil(Ppm(market.params.close_fee_ppm))?;
        let settlement = math::settle(Quote(self.margin), pnl, fee)?;

        market.remove_exposure(side, size, entry_notional, reserve)?;
        market.pay_gain(settlement.gain_paid)?;
        market.receive_loss(settlement.loss_paid)?;
        let split = market.collect_fee(settlement.fee_paid)?;
        let (insurance_cover, _) = math::cover_bad_debt(settlement.bad_debt, Quote(market.insurance))?;
        market.record_bad_debt(settlement.bad_debt, insurance_cover)?;

        self.size -= size.0;
        self.entry_notional -= entry_notional.0;
        self.reserve -= reserve.0;
        self.margin = settlement.margin_after.0;
        self.fees_paid = self.fees_paid.saturating_add(settlement.fee_paid.0);
        self.record_pnl(settlement.gain_paid, settlement.loss_paid);
        Ok(Decrease { fill, size, entry_notional, reserve, pnl, settlement, split, insurance_cover })
    }

    /// Closes all of it where equity is below maintenance, and pays the
    /// keeper. What remains stays in the vault, for the owner alone.
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

        let settled_at = self.settlement_price(market, reading, price)?;
        let gain = self.terms()?.gain(settled_at, market.scale()?)?;
        let (fee_due, closing_fee) = self.liquidation_fees(market, health.notional, price.max(settled_at))?;
        let outcome = math::liquidation_waterfall(&LiquidationInputs {
            margin: Quote(self.margin),
            gain,
            fee_due,
            closing_fee,
            keeper_share: Ppm(market.params.keeper_share_ppm),
            min_keeper_reward: Quote(market.params.min_keeper_reward),
            insurance: Quote(market.insurance),
        })?;
        let side = self.side()?;
        let (size, entry_notional, reserve) =
            (Size(self.size), Quote(self.entry_notional), Quote(self.reserve));
        market.remove_exposure(side, size, entry_notional, reserve)?;
        market.deregister_position(side)?;
        market.pay_gain(outcome.gain_paid)?;
        market.receive_loss(outcome.loss_paid)?;
        market.add_insurance(outcome.insurance_fee)?;
        market.take_insurance(outcome.keeper_from_insurance)?;
        market.record_bad_debt(outcome.bad_debt, outcome.insurance_cover)?;

        (self.size, self.entry_notional, self.reserve) = (0, 0, 0);
        self.margin = outcome.remainder.0;
        let fee = outcome.keeper_from_vault.checked_add(outcome.insurance_fee)?;
        self.fees_paid = self.fees_paid.saturating_add(fee.0);
        self.record_pnl(outcome.gain_paid, outcome.loss_paid);
        Ok(Liquidation {
            price,
            settled_at,
            size,
            notional: health.notional,
            entry_notional,
            reserve,
            equity: health.equity,
            maintenance: health.maintenance,
            pnl: gain,
            outcome,
        })
    }

    /// What a liquidation settles at: the price it was judged by, or what a
    /// close would fill at where that is worse. Otherwise an owner could spare
    /// himself the impact and the spread by liquidating himself.
    fn settlement_price(&self, market: &Market, reading: &PriceReading, mark: Price) -> Result<Price> {
        let (side, size) = (self.side()?, Size(self.size));
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
    /// oneself never costs less. `dearest` is the higher of mark and settlement.
    fn liquidation_fees(&self, market: &Market, notional: Quote, dearest: Price) -> Result<(Quote, Quote)> {
        let proportional = notional.ppm_ceil(Ppm(market.params.liquidation_fee_ppm))?;
        let closing = math::notional_ceil(Size(self.size), dearest, market.scale()?)?
            .ppm_ceil(Ppm(market.params.close_fee_ppm))?;
        let least = closing.checked_add(Quote(market.params.min_keeper_reward))?;
        Ok((proportional.max(least), closing))
    }

    pub fn deposit_margin(&mut self, amount: Quote) -> Result<()> {
        self.margin = Quote(self.margin).checked_add(amount)?.0;
        Ok(())
    }

    /// Takes margin out of an open position: unrealised gains never back it.
    pub fn withdraw_margin(&mut self, market: &Market, amount: Quote, reading: &PriceReading) -> Result<()> {
        self.take_margin(amount)?;
        let price = math::edge_against(self.side()?.into(), reading.price, reading.confidence);
        let health = self.health(market, price)?;
        let losses = health.gain.min(SignedQuote::ZERO);
        let backing = SignedQuote::from(Quote(self.margin)).checked_add(losses)?;
        ensure!(
            backing >= SignedQuote::from(health.initial),
            RingfenceError::BelowInitialMargin,
            backing.0,
            health.initial.0
        );
        ensure!(
            !health.is_liquidatable(),
            RingfenceError::WouldBeLiquidatable,
            health.equity.0,
            health.maintenance.0
        );
        Ok(())
    }

    /// Takes out what a liquidation or a full decrease has left.
    pub fn withdraw_remainder(&mut self, amount: Quote) -> Result<()> {
        ensure!(self.is_empty(), RingfenceError::InvariantViolated);
        self.take_margin(amount)
    }

    fn take_margin(&mut self, amount: Quote) -> Result<()> {
        ensure!(amount.0 > 0, RingfenceError::ZeroAmount);
        ensure!(amount.0 <= self.margin, RingfenceError::AmountExceedsMargin, amount.0, self.margin);
        self.margin -= amount.0;
        Ok(())
    }

    fn ensure_minimum_size(&self, market: &Market) -> Result<()> {
        let minimum = market.params.min_position_notional;
        ensure!(
            self.entry_notional >= minimum,
            RingfenceError::PositionTooSmall,
            self.entry_notional,
            minimum
        );
        Ok(())
    }

    fn record_pnl(&mut self, gain: Quote, loss: Quote) {
        let pnl = i128::from(gain.0) - i128::from(loss.0);
        self.realised_pnl.set(self.realised_pnl.get().saturating_add(pnl));
    }
}

/// Seeds with which a position signs for its vault.
#[macro_export]
macro_rules! position_seeds {
    ($position:expr) => {
        &[
            $crate::constants::POSITION_SEED,
            $position.market.as_ref(),
            $position.owner.as_ref(),
            &$position.id.to_le_bytes(),
            &[$position.bump],
        ]
    };
}
