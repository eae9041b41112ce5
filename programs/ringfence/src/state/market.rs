use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use ringfence_math::{
    self as math, BorrowIndex, FeeSplit, FundingIndex, FundingRate, FundingState, MathError, Ppm, Price,
    Quote, Scale, SideSums, SignedQuote, Size, Skew, TradeDirection,
};

use super::{I128, MarketParams, MarketStatus, OracleConfig, Position, Side, U128};
use crate::constants::*;
use crate::ensure;
use crate::errors::{Result, RingfenceError};
use crate::oracle::PriceReading;

/// What all positions of one side add up to.
#[zero_copy]
#[derive(Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct SideBook {
    /// Σ size, in size units.
    pub open_interest: u64,
    /// Σ entry_notional, in quote atoms.
    pub entry_notional: u64,
    /// Open positions.
    pub positions: u64,
    /// Σ size × funding index at entry.
    pub funding_basis: I128,
}

impl SideBook {
    pub fn sums(&self) -> SideSums {
        SideSums { open_interest: Size(self.open_interest), entry_notional: Quote(self.entry_notional) }
    }
}

/// The last price a market accepted; the next one may not be older.
#[derive(AnchorSerialize, AnchorDeserialize, Pod, Zeroable, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct AcceptedPrice {
    /// 10^-10 quote.
    pub price: u64,
    /// 10^-10 quote, either side of `price`.
    pub confidence: u64,
    /// Exponential moving average, 10^-10 quote.
    pub ema: u64,
    /// Unix seconds, by the publishers' clock.
    pub publish_time: i64,
}

/// One perpetual market: its parameters, its pool, and the sums of its books.
#[account(zero_copy)]
#[derive(Debug)]
#[repr(C)]
pub struct Market {
    pub version: u8,
    pub bump: u8,
    /// `MarketStatus` as a byte.
    pub status: u8,
    pub size_decimals: u8,
    pub quote_decimals: u8,
    pub reserved_a: u8,
    pub index: u16,
    /// ASCII, zero-padded.
    pub name: [u8; MARKET_NAME_LEN],
    pub collateral_mint: Pubkey,
    pub token_program: Pubkey,
    /// Tokens behind `liquidity`, `insurance` and `protocol_fees`.
    pub pool_vault: Pubkey,
    pub lp_mint: Pubkey,
    /// 10^(size_decimals + 10 - quote_decimals): size × price ÷ this = atoms.
    pub notional_divisor: u64,
    pub oracle: OracleConfig,
    pub params: MarketParams,
    pub long: SideBook,
    pub short: SideBook,
    /// 10^-18 of the notional per day; longs pay while it is positive.
    pub funding_rate: i64,
    /// Unix time up to which both indices are advanced.
    pub accrued_at: i64,
    /// Quote atoms × 10^18 per size unit.
    pub funding_index: I128,
    /// Quote atoms × 10^18 per reserved atom.
    pub borrow_index: U128,
    /// Σ reserve × borrow index at entry.
    pub borrow_basis: U128,
    /// Quote atoms owned by the LPs, reserved or not.
    pub liquidity: u64,
    /// Quote atoms of `liquidity` that open positions may win.
    pub reserved: u64,
    /// Quote atoms that cover bad debt and minimum keeper rewards.
    pub insurance: u64,
    /// Quote atoms to be collected for the treasury.
    pub protocol_fees: u64,
    /// LP shares, with the 1,000 locked ones; burns outside the program do not count.
    pub lp_shares: u64,
    /// Positions opened so far; the next one's generation.
    pub next_generation: u64,
    /// Lifetime bad debt in quote atoms, before insurance.
    pub bad_debt: u64,
    pub accepted: AcceptedPrice,
    /// Price at which a settling market closes its positions; 0 before.
    pub settlement_price: u64,
    pub settled_at: i64,
    pub reserved_b: [u64; 30],
}

const _: () = assert!(size_of::<Market>() == 920 && align_of::<Market>() <= 8);

/// What identifies a market, fixed when it is created.
pub struct MarketIdentity {
    pub index: u16,
    pub bump: u8,
    pub name: [u8; MARKET_NAME_LEN],
    pub collateral_mint: Pubkey,
    pub token_program: Pubkey,
    pub pool_vault: Pubkey,
    pub lp_mint: Pubkey,
    pub size_decimals: u8,
    pub quote_decimals: u8,
}

fn valid_name(name: &[u8; MARKET_NAME_LEN]) -> bool {
    let length = name.iter().position(|&byte| byte == 0).unwrap_or(MARKET_NAME_LEN);
    let (text, padding) = name.split_at(length);
    !text.is_empty() && text.iter().all(u8::is_ascii_graphic) && padding.iter().all(|&byte| byte == 0)
}

fn add(total: &mut u64, amount: u64) -> Result<()> {
    *total = total.checked_add(amount).ok_or(RingfenceError::MathOverflow)?;
    Ok(())
}

/// For sums that cannot go below zero unless the books are wrong.
fn subtract(total: &mut u64, amount: u64) -> Result<()> {
    *total = total.checked_sub(amount).ok_or(RingfenceError::InvariantViolated)?;
    Ok(())
}

impl Market {
    pub const SIZE: usize = 8 + size_of::<Self>();

    pub fn initialize(
        &mut self,
        identity: MarketIdentity,
        oracle: OracleConfig,
        params: MarketParams,
        now: i64,
    ) -> Result<()> {
        ensure!(valid_name(&identity.name), RingfenceError::InvalidName);
        ensure!(identity.size_decimals <= MAX_SIZE_DECIMALS, RingfenceError::InvalidDecimals);
        let scale = Scale::new(identity.size_decimals, identity.quote_decimals)
            .map_err(|_| RingfenceError::InvalidDecimals)?;
        oracle.validate()?;
        params.validate()?;
        self.version = ACCOUNT_VERSION;
        self.bump = identity.bump;
        self.index = identity.index;
        self.name = identity.name;
        self.size_decimals = identity.size_decimals;
        self.quote_decimals = identity.quote_decimals;
        self.notional_divisor = scale.divisor();
        self.collateral_mint = identity.collateral_mint;
        self.token_program = identity.token_program;
        self.pool_vault = identity.pool_vault;
        self.lp_mint = identity.lp_mint;
        self.oracle = oracle;
        self.params = params;
        self.accrued_at = now;
        self.next_generation = 1;
        Ok(())
    }

    /// Replaces the parameters; a change of feed forgets when the one before
    /// was last published, which means nothing for the new.
    pub fn set_params(&mut self, params: MarketParams, oracle: OracleConfig) -> Result<()> {
        params.validate()?;
        oracle.validate()?;
        if (oracle.feed_id, oracle.kind) != (self.oracle.feed_id, self.oracle.kind) {
            self.accepted.publish_time = 0;
        }
        self.params = params;
        self.oracle = oracle;
        Ok(())
    }

    /// Hands the protocol's fees out, all of them. Returns the amount.
    pub fn take_protocol_fees(&mut self) -> Result<u64> {
        let amount = core::mem::take(&mut self.protocol_fees);
        ensure!(amount > 0, RingfenceError::ZeroAmount);
        Ok(amount)
    }

    pub fn check_version(&self) -> Result<()> {
        ensure!(self.version == ACCOUNT_VERSION, RingfenceError::UnsupportedVersion);
        Ok(())
    }

    pub fn status(&self) -> Result<MarketStatus> {
        MarketStatus::from_byte(self.status)
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

    fn side_mut(&mut self, side: Side) -> &mut SideBook {
        match side {
            Side::Long => &mut self.long,
            Side::Short => &mut self.short,
        }
    }

    /// Longs less shorts, in size units.
    pub fn skew(&self) -> Skew {
        Skew(i128::from(self.long.open_interest) - i128::from(self.short.open_interest))
    }

    /// Index price with skew impact and half the confidence, against the
    /// trader; refused beyond `acceptable`.
    pub fn fill_price(
        &self,
        reading: &PriceReading,
        direction: TradeDirection,
        size: Size,
        acceptable: Price,
    ) -> Result<Price> {
        let fill = math::fill_price(
            reading.price,
            reading.confidence,
            direction,
            size,
            self.skew(),
            Size(self.params.skew_scale),
        )?;
        ensure!(
            math::is_acceptable(direction, fill, acceptable),
            RingfenceError::SlippageExceeded,
            fill.0,
            acceptable.0
        );
        Ok(fill)
    }

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

    /// Generation for a new position; the count moves on.
    pub fn next_generation(&mut self) -> Result<u64> {
        let generation = self.next_generation;
        add(&mut self.next_generation, 1)?;
        Ok(generation)
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
    /// (skew, rate, reserves, liquidity) changes.
    pub fn accrue(&mut self, now: i64, price: Price) -> Result<()> {
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
    /// will be accepted.
    pub fn observe(&mut self, reading: &PriceReading, now: i64) -> Result<()> {
        self.accrue(now, reading.price)?;
        self.accepted = AcceptedPrice {
            price: reading.price.0,
            confidence: reading.confidence.0,
            ema: reading.ema.0,
            publish_time: reading.publish_time,
        };
        Ok(())
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

    /// Splits a fee that has reached (or is about to reach) the pool vault.
    pub fn collect_fee(&mut self, fee: Quote) -> Result<FeeSplit> {
        let split = math::split_fee(fee, self.params.fee_shares())?;
        add(&mut self.liquidity, split.liquidity.0)?;
        add(&mut self.insurance, split.insurance.0)?;
        add(&mut self.protocol_fees, split.protocol.0)?;
        Ok(split)
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

    /// Mints shares for a deposit. The first one locks `LOCKED_SHARES`, so
    /// that a share can never become so dear that deposits round to nothing.
    /// Returns the shares that the depositor gets.
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
        add(&mut self.liquidity, amount.0)?;
        Ok(minted)
    }

    /// Burns shares; only liquidity that no position has reserved leaves.
    pub fn withdraw(&mut self, shares: u64, reading: &PriceReading) -> Result<Quote> {
        let value = self.pool_value(reading, math::PoolAction::Withdraw)?;
        let amount = math::amount_for_shares(shares, value, self.lp_shares)?;
        ensure!(amount.0 > 0, RingfenceError::WithdrawalTooSmall, shares, value.0);
        let free = self.liquidity.saturating_sub(self.reserved);
        ensure!(amount.0 <= free, RingfenceError::LiquidityReserved, amount.0, free);
        subtract(&mut self.lp_shares, shares)?;
        subtract(&mut self.liquidity, amount.0)?;
        Ok(amount)
    }

    /// What must hold after every change: all that positions can win is there.
    pub fn invariant(&self) -> Result<()> {
        ensure!(
            self.reserved <= self.liquidity,
            RingfenceError::InvariantViolated,
            self.reserved,
            self.liquidity
        );
        Ok(())
    }
}

/// Seeds with which a market signs for its pool vault and its LP mint.
#[macro_export]
macro_rules! market_seeds {
    ($index:expr, $bump:expr) => {
        &[$crate::constants::MARKET_SEED, &$index.to_le_bytes(), &[$bump]]
    };
}
