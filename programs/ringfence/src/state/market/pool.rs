//! The pool: fees and losses come in, gains go out, shares are what is left.

use ringfence_math::{
    self as math, BorrowIndex, FeeSplit, FundingIndex, MathError, Ppm, Quote, SignedQuote, Size,
};

use super::{Market, add, subtract};
use crate::constants::SETTLEMENT_GRACE_SECONDS;
use crate::ensure;
use crate::errors::{Result, RingfenceError};
use crate::oracle::PriceReading;
use crate::state::{LiquidityDeposit, Referral};

impl Market {
    /// The fee for closing `notional`, in quote atoms, rounded up; a
    /// settlement is free.
    pub fn close_fee(&self, notional: Quote) -> Result<Quote> {
        if self.is_settling() {
            return Ok(Quote::ZERO);
        }
        Ok(notional.ppm_ceil(Ppm(self.params.close_fee_ppm))?)
    }

    /// Splits a fee that has reached (or is about to reach) the pool vault;
    /// the referrer's share is the pool's where there is none.
    pub fn collect_fee(&mut self, fee: Quote, referred: bool) -> Result<FeeSplit> {
        let split = math::split_fee(fee, self.params.fee_shares(referred))?;
        add(&mut self.liquidity, split.liquidity.0)?;
        add(&mut self.insurance, split.insurance.0)?;
        add(&mut self.protocol_fees, split.protocol.0)?;
        add(&mut self.referral_fees, split.referrer.0)?;
        Ok(split)
    }

    /// Hands the protocol's fees out, all of them, and the insurance of a
    /// settled market in which nothing is left to insure. Returns both.
    pub fn take_protocol_fees(&mut self) -> Result<(u64, u64)> {
        let fees = core::mem::take(&mut self.protocol_fees);
        let mut insurance = 0;
        if self.is_settling() && self.open_positions()? == 0 {
            insurance = core::mem::take(&mut self.insurance);
        }
        ensure!(fees > 0 || insurance > 0, RingfenceError::NothingToCollect);
        Ok((fees, insurance))
    }

    pub fn admit_referral(&mut self) -> Result<()> {
        add(&mut self.referral_accounts, 1)
    }

    pub fn dismiss_referral(&mut self) -> Result<()> {
        subtract(&mut self.referral_accounts, 1)
    }

    /// Hands a referrer's fees out. Returns the amount.
    pub fn take_referral_fees(&mut self, referral: &mut Referral) -> Result<u64> {
        let amount = core::mem::take(&mut referral.fees);
        subtract(&mut self.referral_fees, amount)?;
        Ok(amount)
    }

    /// The pool pays a position's gain.
    pub fn pay_gain(&mut self, gain: Quote) -> Result<()> {
        subtract(&mut self.liquidity, gain.0)
    }

    /// The pool receives a position's loss.
    pub fn receive_loss(&mut self, loss: Quote) -> Result<()> {
        add(&mut self.liquidity, loss.0)
    }

    pub fn add_insurance(&mut self, amount: Quote) -> Result<()> {
        add(&mut self.insurance, amount.0)
    }

    pub fn take_insurance(&mut self, amount: Quote) -> Result<()> {
        subtract(&mut self.insurance, amount.0)
    }

    /// A loss that its vault could not pay; `cover` of it is insured.
    pub fn record_bad_debt(&mut self, bad_debt: Quote, cover: Quote) -> Result<()> {
        self.take_insurance(cover)?;
        self.receive_loss(cover)?;
        // A statistic: it must never keep a position from being closed.
        self.bad_debt = self.bad_debt.saturating_add(bad_debt.0);
        Ok(())
    }

    /// What the LPs' shares are worth, at the edge that favours the pool, and
    /// with the charges that have accrued but not been paid where that does.
    pub fn pool_value(&self, reading: &PriceReading, action: math::PoolAction) -> Result<Quote> {
        let charges = self.accrued_charges()?.0;
        let counted = match action {
            math::PoolAction::Deposit => charges.max(0),
            math::PoolAction::Withdraw => charges.min(0),
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

    /// Takes a deposit in. The first one locks `LOCKED_SHARES`, so that a
    /// share can never become so dear that deposits round to nothing. Returns
    /// the shares that the depositor can claim after the cool-down.
    pub fn deposit(&mut self, amount: Quote, reading: &PriceReading) -> Result<u64> {
        let (value, locked) = if self.lp_shares == 0 {
            (Quote::ZERO, math::LOCKED_SHARES)
        } else {
            (self.pool_value(reading, math::PoolAction::Deposit)?, 0)
        };
        let shares =
            math::shares_for_deposit(amount, value, self.lp_shares).map_err(|error| match error {
                MathError::InvalidParameter => RingfenceError::DepositTooSmall,
                MathError::DivisionByZero => RingfenceError::PoolInsolvent,
                other => other.into(),
            })?;
        let minted = shares.checked_sub(locked).ok_or(RingfenceError::DepositTooSmall)?;
        add(&mut self.lp_shares, shares)?;
        add(&mut self.unclaimed_shares, minted)?;
        add(&mut self.deposit_accounts, 1)?;
        add(&mut self.liquidity, amount.0)?;
        Ok(minted)
    }

    /// Releases a deposit's shares, to be minted. Settlement has ended the
    /// cool-down: there is no price left to wait for.
    pub fn release(&mut self, deposit: &LiquidityDeposit, now: i64) -> Result<u64> {
        ensure!(
            now >= deposit.unlocks_at || self.is_settling(),
            RingfenceError::CooldownNotElapsed,
            now,
            deposit.unlocks_at
        );
        subtract(&mut self.unclaimed_shares, deposit.shares)?;
        subtract(&mut self.deposit_accounts, 1)?;
        Ok(deposit.shares)
    }

    /// Burns shares; only liquidity that no position has reserved leaves. In
    /// settlement the last position closes first: what each costs or brings
    /// the pool is certain only then. Where one cannot be closed, providers
    /// are not held for ever: after the grace they can have their part of what
    /// no position can win.
    pub fn withdraw(&mut self, shares: u64, reading: &PriceReading, now: i64) -> Result<Quote> {
        let mut value = self.pool_value(reading, math::PoolAction::Withdraw)?;
        let open = self.open_positions()?;
        if self.is_settling() && open > 0 {
            let leaves_at = self.settled_at.saturating_add(SETTLEMENT_GRACE_SECONDS);
            ensure!(now >= leaves_at, RingfenceError::PositionsStillOpen, now, leaves_at);
            value = value.min(Quote(self.liquidity.saturating_sub(self.reserved)));
        }
        let amount = math::amount_for_shares(shares, value, self.lp_shares)?;
        ensure!(amount.0 > 0, RingfenceError::WithdrawalTooSmall, shares, value.0);
        let free = self.liquidity.saturating_sub(self.reserved);
        ensure!(amount.0 <= free, RingfenceError::LiquidityReserved, amount.0, free);
        subtract(&mut self.lp_shares, shares)?;
        subtract(&mut self.liquidity, amount.0)?;
        Ok(amount)
    }

    /// What all positions together owe the pool for funding and borrow, in
    /// quote atoms, rounded down.
    fn accrued_charges(&self) -> Result<SignedQuote> {
        Ok(math::accrued_charges(
            FundingIndex(self.funding_index.get()),
            (Size(self.long.open_interest), self.long.funding_basis.get()),
            (Size(self.short.open_interest), self.short.funding_basis.get()),
            BorrowIndex(self.borrow_index.get()),
            (Quote(self.reserved), self.borrow_basis.get()),
        )?)
    }
}
