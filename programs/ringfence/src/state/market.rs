mod books;
mod pool;
mod settlement;

use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use ringfence_math::{self as math, Price, Quote, Scale, SideSums, Size, Skew, TradeDirection};

use super::{I128, MarketParams, MarketStatus, OracleConfig, Side, U128};
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
    /// 1 where positions of layout 1 may exist that nobody has counted: such
    /// a market can be emptied, but its own accounts stay.
    pub uncounted: u8,
    pub index: u16,
    /// ASCII, zero-padded.
    pub name: [u8; MARKET_NAME_LEN],
    pub collateral_mint: Pubkey,
    pub token_program: Pubkey,
    /// Tokens behind `liquidity`, `insurance`, `protocol_fees` and `referral_fees`.
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
    /// LP shares, the 1,000 locked and the unclaimed ones with them; burns
    /// outside the program do not count.
    pub lp_shares: u64,
    /// Generations given so far, and the next one: to a position when it is
    /// created, liquidated, or emptied.
    pub next_generation: u64,
    /// Lifetime bad debt in quote atoms, before insurance.
    pub bad_debt: u64,
    pub accepted: AcceptedPrice,
    /// Price at which a settling market closes its positions; 0 before.
    pub settlement_price: u64,
    /// Unix seconds; 0 before.
    pub settled_at: i64,
    /// Announced time of settlement, unix seconds; 0 where none is announced.
    pub settles_at: i64,
    /// Position accounts in existence, open or emptied.
    pub position_accounts: u64,
    /// Deposits whose shares have not been claimed, and those shares.
    pub deposit_accounts: u64,
    pub unclaimed_shares: u64,
    /// Referral accounts in existence, and the quote atoms owed to them.
    pub referral_accounts: u64,
    pub referral_fees: u64,
    pub reserved_b: [u64; 24],
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

/// For sums that tokens or accounts back.
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
        params.validate_with(&oracle)?;
        self.version = MARKET_VERSION;
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

    /// Replaces the parameters of a market that is not settling; a change of feed forgets when the one before
    /// was last published, which means nothing for the new.
    pub fn set_params(&mut self, params: MarketParams, oracle: OracleConfig) -> Result<()> {
        self.status()?.allows_governance()?;
        params.validate()?;
        oracle.validate()?;
        params.validate_with(&oracle)?;
        if (oracle.feed_id, oracle.kind) != (self.oracle.feed_id, self.oracle.kind) {
            self.accepted.publish_time = 0;
        }
        self.params = params;
        self.oracle = oracle;
        Ok(())
    }

    pub fn check_version(&self) -> Result<()> {
        ensure!(self.version == MARKET_VERSION, RingfenceError::UnsupportedVersion);
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

    /// Whether size may be added at once.
    pub fn ensure_instant_open(&self) -> Result<()> {
        ensure!(self.params.instant_open(), RingfenceError::InstantOpenDisabled);
        Ok(())
    }

    /// The last price that was accepted, as a reading.
    pub fn accepted_reading(&self) -> PriceReading {
        let AcceptedPrice { price, confidence, ema, publish_time } = self.accepted;
        PriceReading {
            price: Price(price),
            confidence: Price(confidence),
            ema: Price(ema),
            publish_time,
            previous_publish_time: publish_time,
            slot: 0,
        }
    }

    /// Index price with skew impact and half the confidence, against the
    /// trader; the settlement price once there is one. Refused beyond `acceptable`.
    pub fn fill_price(
        &self,
        reading: &PriceReading,
        direction: TradeDirection,
        size: Size,
        acceptable: Price,
    ) -> Result<Price> {
        let fill = if self.is_settling() {
            reading.price
        } else {
            math::fill_price(
                reading.price,
                reading.confidence,
                direction,
                size,
                self.skew(),
                Size(self.params.skew_scale),
            )?
        };
        ensure!(
            math::is_acceptable(direction, fill, acceptable),
            RingfenceError::SlippageExceeded,
            fill.0,
            acceptable.0
        );
        Ok(fill)
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
