mod liquidation;
mod orders;

use anchor_lang::prelude::*;
pub use liquidation::{CloseOut, Liquidation};
use ringfence_math::{
    self as math, BorrowIndex, FeeSplit, FundingIndex, Health, PositionTerms, Ppm, Price, Quote, Settlement,
    SignedQuote, Size, TradeDirection,
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
    /// Unique in the market, and a new one after every liquidation and when
    /// the position empties; orders of an earlier generation are void.
    pub generation: u64,
    /// When it was opened, or last had size added to none; when it was created
    /// where it never had any. Unix seconds.
    pub opened_at: i64,
    pub entry_funding_index: I128,
    pub entry_borrow_index: U128,
    /// Lifetime totals in quote atoms, for statements; nothing is computed
    /// from them. The PnL has funding and borrow in it.
    pub realised_pnl: I128,
    pub realised_funding: I128,
    pub realised_borrow: u64,
    pub fees_paid: u64,
    /// The `Referral` whose referrer shares in the trading fees, chosen by the
    /// owner when he opened; the default key for none.
    pub referral: Pubkey,
    /// Orders that an executed partner has ended, a bit for each number.
    pub void_orders: [u64; 4],
    /// Until when a delayed order is pending, unix seconds; its owner can
    /// neither close nor take margin out before it has executed or expired.
    pub committed_until: i64,
    pub reserved_b: [u64; 1],
}

const _: () = assert!(size_of::<Position>() == 344 && align_of::<Position>() <= 8);

/// What a trade is done on, besides its size.
#[derive(Clone, Copy)]
pub struct TradeTerms {
    /// Worst fill price.
    pub acceptable: Price,
    /// Whether the position's referrer shares in the fee.
    pub referred: bool,
}

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
    /// What was closed, with the charges that came with it.
    pub share: PositionTerms,
    pub settlement: Settlement,
    pub split: FeeSplit,
    pub insurance_cover: Quote,
}

/// What closing at the cap did.
pub struct CapClose {
    pub price: Price,
    pub share: PositionTerms,
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
    /// The default key for none.
    pub referral: Pubkey,
    pub generation: u64,
    pub opened_at: i64,
}

impl Position {
    pub const SIZE: usize = 8 + size_of::<Self>();

    pub fn initialize(&mut self, identity: PositionIdentity, market: &Market) {
        self.version = POSITION_VERSION;
        self.bump = identity.bump;
        self.vault_bump = identity.vault_bump;
        self.id = identity.id;
        self.side = identity.side as u8;
        self.market = identity.market;
        self.owner = identity.owner;
        self.vault = identity.vault;
        self.referral = identity.referral;
        self.generation = identity.generation;
        self.opened_at = identity.opened_at;
        self.entry_funding_index = market.funding_index;
        self.entry_borrow_index = market.borrow_index;
    }

    pub fn check_version(&self) -> Result<()> {
        ensure!(self.version == POSITION_VERSION, RingfenceError::UnsupportedVersion);
        Ok(())
    }

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

    /// Whether a trade of `trader` pays a referrer. A delegate's does not: he
    /// could be the referrer, and trade for the fees.
    pub fn refers(&self, trader: &Pubkey) -> bool {
        self.referral != Pubkey::default() && *trader == self.owner
    }

    /// From layout 1, which had no referral.
    pub fn migrate(&mut self, market: &mut Market) -> Result<()> {
        ensure!(self.version != POSITION_VERSION, RingfenceError::NothingToMigrate);
        ensure!(self.version == 1, RingfenceError::UnsupportedVersion);
        market.adopt_position()?;
        self.referral = Pubkey::default();
        self.version = POSITION_VERSION;
        Ok(())
    }

    /// Its part of the market's Σ size × funding index at entry.
    pub fn funding_basis(&self) -> Result<i128> {
        Ok(FundingIndex(self.entry_funding_index.get()).basis(Size(self.size))?)
    }

    /// Its part of the market's Σ reserve × borrow index at entry.
    pub fn borrow_basis(&self) -> Result<u128> {
        Ok(BorrowIndex(self.entry_borrow_index.get()).basis(Quote(self.reserve))?)
    }

    /// The position as the arithmetic sees it, with what has accrued.
    pub fn terms(&self, market: &Market) -> Result<PositionTerms> {
        self.share(market, Size(self.size))
    }

    /// `size` of it as the arithmetic sees it: that part of the entry notional,
    /// of the reserve and of the charges, and all of the margin.
    fn share(&self, market: &Market, size: Size) -> Result<PositionTerms> {
        let side = self.side()?.into();
        let whole = Size(self.size);
        let reserve = math::reserve_share(Quote(self.reserve), size, whole)?;
        let (funding_now, borrow_now) =
            (FundingIndex(market.funding_index.get()), BorrowIndex(market.borrow_index.get()));
        Ok(PositionTerms {
            side,
            size,
            entry_notional: math::entry_notional_share(side, Quote(self.entry_notional), size, whole)?,
            margin: Quote(self.margin),
            funding: math::funding_owed(
                side,
                size,
                funding_now,
                FundingIndex(self.entry_funding_index.get()),
            )?,
            borrow: math::borrow_owed(reserve, borrow_now, BorrowIndex(self.entry_borrow_index.get()))?,
            reserve,
        })
    }

    pub fn health(&self, market: &Market, price: Price) -> Result<Health> {
        Ok(math::health(&self.terms(market)?, &market.params.margin_rates(), price, market.scale()?)?)
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
        terms: TradeTerms,
    ) -> Result<Increase> {
        ensure!(size.0 > 0, RingfenceError::ZeroAmount);
        let (side, scale) = (self.side()?, market.scale()?);
        let fill =
            market.fill_price(reading, TradeDirection::opening(side.into()), size, terms.acceptable)?;
        let entry_notional = math::entry_notional(side.into(), size, fill, scale)?;
        let reserve = entry_notional.ppm_ceil(Ppm(market.params.reserve_factor_ppm))?;
        let fee = math::notional_ceil(size, fill, scale)?.ppm_ceil(Ppm(market.params.open_fee_ppm))?;

        market.detach(self)?;
        let (size_before, reserve_before) = (Size(self.size), Quote(self.reserve));
        self.size = size_before.checked_add(size)?.0;
        self.entry_notional = Quote(self.entry_notional).checked_add(entry_notional)?.0;
        self.reserve = reserve_before.checked_add(reserve)?.0;
        self.ensure_minimum_size(market)?;
        self.blend_indices(market, size_before, reserve_before)?;
        market.attach(self)?;
        market.ensure_within_limits(side, reading.price)?;
        self.deposit_margin(deposit)?;
        ensure!(fee.0 <= self.margin, RingfenceError::MarginBelowFee, fee.0, self.margin);
        self.margin -= fee.0;
        self.fees_paid = self.fees_paid.saturating_add(fee.0);
        let split = market.collect_fee(fee, terms.referred)?;

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

    /// Moves the entry indices so that what has accrued stays what it is on
    /// the larger size and reserve.
    fn blend_indices(&mut self, market: &Market, size_before: Size, reserve_before: Quote) -> Result<()> {
        let funding = math::blend_funding_index(
            self.side()?.into(),
            FundingIndex(market.funding_index.get()),
            FundingIndex(self.entry_funding_index.get()),
            size_before,
            Size(self.size),
        )?;
        let borrow = math::blend_borrow_index(
            BorrowIndex(market.borrow_index.get()),
            BorrowIndex(self.entry_borrow_index.get()),
            reserve_before,
            Quote(self.reserve),
        )?;
        self.entry_funding_index.set(funding.0);
        self.entry_borrow_index.set(borrow.0);
        Ok(())
    }

    /// Closes `size` at the fill price. Gains come from the pool, losses and
    /// then the fee from the margin; what is left stays in the vault. A part
    /// may neither worsen the margin ratio nor leave debt behind.
    pub fn decrease(
        &mut self,
        market: &mut Market,
        size: Size,
        reading: &PriceReading,
        terms: TradeTerms,
    ) -> Result<Decrease> {
        ensure!(size.0 > 0, RingfenceError::ZeroAmount);
        ensure!(size.0 <= self.size, RingfenceError::SizeExceedsPosition, size.0, self.size);
        if size.0 == self.size {
            let closed = self.close_share(market, size, reading, terms)?;
            self.start_generation(market)?;
            return Ok(closed);
        }

        let before = self.health(market, reading.price)?;
        let closed = self.close_share(market, size, reading, terms)?;
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

    /// Closes all that is open, before the account itself goes.
    pub fn close(
        &mut self,
        market: &mut Market,
        reading: &PriceReading,
        terms: TradeTerms,
    ) -> Result<Decrease> {
        ensure!(!self.is_empty(), RingfenceError::PositionEmpty);
        self.close_share(market, Size(self.size), reading, terms)
    }

    fn close_share(
        &mut self,
        market: &mut Market,
        size: Size,
        reading: &PriceReading,
        terms: TradeTerms,
    ) -> Result<Decrease> {
        let (side, scale) = (self.side()?, market.scale()?);
        let fill =
            market.fill_price(reading, TradeDirection::closing(side.into()), size, terms.acceptable)?;
        let share = self.share(market, size)?;
        let gain = share.gain(fill, scale)?;
        let fee = market.close_fee(math::notional_ceil(size, fill, scale)?)?;
        let settlement = math::settle(Quote(self.margin), gain, fee)?;

        self.reduce(market, &share)?;
        market.pay_gain(settlement.gain_paid)?;
        market.receive_loss(settlement.loss_paid)?;
        let split = market.collect_fee(settlement.fee_paid, terms.referred)?;
        let (insurance_cover, _) = math::cover_bad_debt(settlement.bad_debt, Quote(market.insurance))?;
        market.record_bad_debt(settlement.bad_debt, insurance_cover)?;
        self.margin = settlement.margin_after.0;
        self.record(&share, settlement.gain_paid, settlement.loss_paid, settlement.fee_paid);
        Ok(Decrease { fill, share, settlement, split, insurance_cover })
    }

    /// Gives `share` of the position up, in its own books and the market's.
    fn reduce(&mut self, market: &mut Market, share: &PositionTerms) -> Result<()> {
        market.detach(self)?;
        self.size = Size(self.size).checked_sub(share.size)?.0;
        self.entry_notional = Quote(self.entry_notional).checked_sub(share.entry_notional)?.0;
        self.reserve = Quote(self.reserve).checked_sub(share.reserve)?.0;
        market.attach(self)
    }

    /// Closes a position whose gain has reached its reserve even at the edge
    /// of the confidence interval that hurts it: all of the reserve joins the
    /// margin, and no fee is taken.
    pub fn close_at_cap(&mut self, market: &mut Market, reading: &PriceReading) -> Result<CapClose> {
        ensure!(!self.is_empty(), RingfenceError::PositionEmpty);
        let price = math::edge_against(self.side()?.into(), reading.price, reading.confidence);
        let share = self.terms(market)?;
        let gain = share.gain(price, market.scale()?)?;
        let cap = SignedQuote::from(share.reserve);
        ensure!(gain == cap, RingfenceError::GainBelowCap, gain.0, cap.0);
        self.reduce(market, &share)?;
        market.pay_gain(share.reserve)?;
        self.deposit_margin(share.reserve)?;
        self.record(&share, share.reserve, Quote::ZERO, Quote::ZERO);
        self.start_generation(market)?;
        Ok(CapClose { price, share })
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

    /// Adds to the lifetime totals. Statistics: they saturate, so that they
    /// can never keep a position from being closed.
    /// The PnL is what was paid: bad debt is no part of it.
    fn record(&mut self, share: &PositionTerms, gain_paid: Quote, loss_paid: Quote, fee: Quote) {
        let add = |total: &mut I128, amount: i128| total.set(total.get().saturating_add(amount));
        add(&mut self.realised_pnl, i128::from(gain_paid.0) - i128::from(loss_paid.0));
        add(&mut self.realised_funding, share.funding.0);
        self.realised_borrow = self.realised_borrow.saturating_add(share.borrow.0);
        self.fees_paid = self.fees_paid.saturating_add(fee.0);
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
