//! What governance sets per market, with the hard bounds that it cannot leave.

use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use ringfence_math::{BorrowParams, FeeShares, FundingParams, MarginRates, Ppm, Quote, Size};

use crate::constants::*;
use crate::ensure;
use crate::errors::{Result, RingfenceError};

/// Risk parameters of a market. Ratios in ppm, money in quote atoms.
#[derive(AnchorSerialize, AnchorDeserialize, Pod, Zeroable, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct MarketParams {
    /// Size at which skew doubles or zeroes the price, in size units.
    pub skew_scale: u64,
    /// Largest notional of all longs, at the index price.
    pub max_open_interest_long: u64,
    /// Largest notional of all shorts, at the index price.
    pub max_open_interest_short: u64,
    /// Smallest notional of a position, at the fill price.
    pub min_position_notional: u64,
    /// Least a keeper is paid for a liquidation.
    pub min_keeper_reward: u64,
    /// Equity ÷ notional needed after opening, increasing, removing margin.
    pub initial_margin_ppm: u32,
    /// Equity ÷ notional, before the liquidation fee, below which a position is liquidatable.
    pub maintenance_margin_ppm: u32,
    /// Share of the closed notional that a liquidation costs.
    pub liquidation_fee_ppm: u32,
    /// The keeper's share of the liquidation fee; the rest is insurance.
    pub keeper_share_ppm: u32,
    pub open_fee_ppm: u32,
    pub close_fee_ppm: u32,
    /// Share of each trading fee that goes to insurance.
    pub insurance_share_ppm: u32,
    /// Share of each trading fee that goes to the protocol.
    pub protocol_share_ppm: u32,
    /// Share of each trading fee that goes to the position's referrer, where
    /// it has one.
    pub referrer_share_ppm: u32,
    /// Largest gain of a position ÷ its entry notional; the pool reserves it.
    pub reserve_factor_ppm: u32,
    /// Largest reserved ÷ liquidity after an opening.
    pub max_utilisation_ppm: u32,
    /// Borrow rate at zero utilisation, per year.
    pub borrow_base_ppm: u32,
    /// Utilisation at which the slope changes.
    pub borrow_kink_ppm: u32,
    /// Slope of the borrow rate up to the kink: per year, per whole of utilisation.
    pub borrow_slope1_ppm: u32,
    /// Slope of the borrow rate beyond the kink: per year, per whole of utilisation.
    pub borrow_slope2_ppm: u32,
    /// Largest funding rate, per day.
    pub max_funding_rate_ppm: u32,
    /// Change of the funding rate per day, at full skew.
    pub max_funding_velocity_ppm: u32,
    /// Time between adding liquidity and its shares coming out, in seconds;
    /// more than a price that opens may be old.
    pub liquidity_cooldown_seconds: u32,
    /// How long after its placement the price of a delayed order is published
    /// at the earliest, in seconds; at least 3 where this says less.
    pub min_order_delay_seconds: u32,
    /// 1 where size is added by delayed orders only (`instant_open = false`),
    /// 0 where it is added at once too.
    pub delayed_only: u32,
    pub reserved: [u64; 7],
}

const _: () = assert!(size_of::<MarketParams>() == 176 && align_of::<MarketParams>() <= 8);

/// Fails unless `low <= value <= high`.
fn bounded(name: &str, value: u32, low: u32, high: u32) -> Result<()> {
    if value < low || value > high {
        msg!("{}: {} is not in {}..={}", name, value, low, high);
        return Err(RingfenceError::ParameterOutOfBounds);
    }
    Ok(())
}

impl MarketParams {
    /// Checks every hard bound of the program.
    pub fn validate(&self) -> Result<()> {
        bounded(
            "initial_margin_ppm",
            self.initial_margin_ppm,
            MIN_INITIAL_MARGIN_PPM,
            MAX_INITIAL_MARGIN_PPM,
        )?;
        bounded(
            "maintenance_margin_ppm",
            self.maintenance_margin_ppm,
            MIN_MAINTENANCE_MARGIN_PPM,
            self.initial_margin_ppm,
        )?;
        bounded("liquidation_fee_ppm", self.liquidation_fee_ppm, 1, MAX_LIQUIDATION_FEE_PPM)?;
        bounded("keeper_share_ppm", self.keeper_share_ppm, 1, ringfence_math::PPM)?;
        bounded("open_fee_ppm", self.open_fee_ppm, 0, MAX_TRADE_FEE_PPM)?;
        bounded("close_fee_ppm", self.close_fee_ppm, 0, MAX_TRADE_FEE_PPM)?;
        bounded("insurance_share_ppm", self.insurance_share_ppm, 0, MAX_NON_LP_FEE_SHARE_PPM)?;
        bounded("protocol_share_ppm", self.protocol_share_ppm, 0, MAX_NON_LP_FEE_SHARE_PPM)?;
        bounded("referrer_share_ppm", self.referrer_share_ppm, 0, MAX_NON_LP_FEE_SHARE_PPM)?;
        bounded(
            "reserve_factor_ppm",
            self.reserve_factor_ppm,
            MIN_RESERVE_FACTOR_PPM,
            MAX_RESERVE_FACTOR_PPM,
        )?;
        bounded("max_utilisation_ppm", self.max_utilisation_ppm, 1, ringfence_math::PPM)?;
        bounded("borrow_base_ppm", self.borrow_base_ppm, 0, MAX_BORROW_RATE_PPM)?;
        bounded("borrow_kink_ppm", self.borrow_kink_ppm, 1, ringfence_math::PPM - 1)?;
        bounded("borrow_slope1_ppm", self.borrow_slope1_ppm, 0, MAX_BORROW_RATE_PPM)?;
        bounded("borrow_slope2_ppm", self.borrow_slope2_ppm, 0, MAX_BORROW_RATE_PPM)?;
        bounded("max_funding_rate_ppm", self.max_funding_rate_ppm, 0, MAX_FUNDING_RATE_PPM)?;
        bounded("max_funding_velocity_ppm", self.max_funding_velocity_ppm, 0, MAX_FUNDING_VELOCITY_PPM)?;
        bounded(
            "liquidity_cooldown_seconds",
            self.liquidity_cooldown_seconds,
            0,
            MAX_LIQUIDITY_COOLDOWN_SECONDS,
        )?;
        bounded("min_order_delay_seconds", self.min_order_delay_seconds, 0, MAX_ORDER_DELAY_SECONDS)?;
        bounded("delayed_only", self.delayed_only, 0, 1)?;
        self.validate_together()
    }

    /// Bounds that tie parameters to each other.
    fn validate_together(&self) -> Result<()> {
        // A position opened at the limit must not be liquidatable at once.
        let engine = u64::from(self.maintenance_margin_ppm) + u64::from(self.liquidation_fee_ppm);
        ensure!(
            engine < u64::from(self.initial_margin_ppm),
            RingfenceError::ParameterOutOfBounds,
            engine,
            self.initial_margin_ppm
        );
        // Liquidating oneself costs at least what closing does: the part of
        // the liquidation fee that is not the keeper's covers the closing fee.
        let kept = u64::from(self.liquidation_fee_ppm)
            * u64::from(ringfence_math::PPM.saturating_sub(self.keeper_share_ppm));
        let closing = u64::from(self.close_fee_ppm) * u64::from(ringfence_math::PPM);
        ensure!(kept >= closing, RingfenceError::ParameterOutOfBounds, kept, closing);
        let shares = u64::from(self.insurance_share_ppm)
            + u64::from(self.protocol_share_ppm)
            + u64::from(self.referrer_share_ppm);
        ensure!(
            shares <= u64::from(MAX_NON_LP_FEE_SHARE_PPM),
            RingfenceError::ParameterOutOfBounds,
            shares,
            MAX_NON_LP_FEE_SHARE_PPM
        );
        ensure!(self.skew_scale > 0, RingfenceError::ParameterOutOfBounds);
        ensure!(self.min_keeper_reward > 0, RingfenceError::ParameterOutOfBounds);
        // The smallest position can pay a keeper out of its initial margin.
        let least_margin = Quote(self.min_position_notional).ppm_floor(Ppm(self.initial_margin_ppm))?;
        ensure!(
            least_margin.0 >= self.min_keeper_reward,
            RingfenceError::ParameterOutOfBounds,
            least_margin.0,
            self.min_keeper_reward
        );
        ensure!(self.reserved == [0; 7], RingfenceError::ParameterOutOfBounds);
        Ok(())
    }

    pub fn margin_rates(&self) -> MarginRates {
        MarginRates {
            initial: Ppm(self.initial_margin_ppm),
            maintenance: Ppm(self.maintenance_margin_ppm),
            liquidation_fee: Ppm(self.liquidation_fee_ppm),
            min_keeper_reward: Quote(self.min_keeper_reward),
        }
    }

    /// Bounds that tie the parameters to the prices they work with.
    pub fn validate_with(&self, oracle: &OracleConfig) -> Result<()> {
        let least = oracle.least_cooldown();
        ensure!(
            self.liquidity_cooldown_seconds >= least,
            RingfenceError::CooldownTooShort,
            self.liquidity_cooldown_seconds,
            least
        );
        ensure!(self.instant_open() || oracle.takes_any_update(), RingfenceError::FeedCannotDelay);
        Ok(())
    }

    /// Whether positions open and grow at once, and not by delayed orders only.
    pub fn instant_open(&self) -> bool {
        self.delayed_only == 0
    }

    /// Seconds from a delayed order's placement to its price, at least.
    pub fn order_delay(&self) -> i64 {
        i64::from(self.min_order_delay_seconds.max(MIN_ORDER_DELAY_SECONDS))
    }

    /// Shares of a trading fee; the referrer's only where there is one.
    pub fn fee_shares(&self, referred: bool) -> FeeShares {
        FeeShares {
            insurance: Ppm(self.insurance_share_ppm),
            protocol: Ppm(self.protocol_share_ppm),
            referrer: Ppm(if referred { self.referrer_share_ppm } else { 0 }),
        }
    }

    pub fn funding(&self) -> FundingParams {
        FundingParams {
            skew_scale: Size(self.skew_scale),
            max_velocity: Ppm(self.max_funding_velocity_ppm),
            max_rate: Ppm(self.max_funding_rate_ppm),
        }
    }

    pub fn borrow(&self) -> BorrowParams {
        BorrowParams {
            base: Ppm(self.borrow_base_ppm),
            kink: Ppm(self.borrow_kink_ppm),
            slope1: Ppm(self.borrow_slope1_ppm),
            slope2: Ppm(self.borrow_slope2_ppm),
        }
    }
}

/// Where a market's price comes from and when it is good enough.
#[derive(AnchorSerialize, AnchorDeserialize, Pod, Zeroable, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct OracleConfig {
    /// Pyth feed id; for a push feed the account's address.
    pub feed_id: [u8; 32],
    /// The one account to read; for a pull feed the default key means any
    /// fully verified update of the feed.
    pub account: Pubkey,
    /// Oldest price that adds risk, in seconds.
    pub max_age_open: u32,
    /// Oldest price that reduces risk, in seconds.
    pub max_age_reduce: u32,
    /// Oldest price that liquidates, in seconds.
    pub max_age_liquidate: u32,
    /// Widest confidence, ppm of the price, that adds risk.
    pub max_confidence_open_ppm: u32,
    /// Widest confidence that reduces risk; a liquidation clamps its interval here.
    pub max_confidence_ppm: u32,
    /// Widest confidence that liquidates.
    pub max_confidence_liquidate_ppm: u32,
    /// Largest distance of price and EMA, ppm of the EMA.
    pub max_divergence_ppm: u32,
    /// `OracleKind` as a byte.
    pub kind: u8,
    pub reserved: [u8; 3],
}

const _: () = assert!(size_of::<OracleConfig>() == 96 && align_of::<OracleConfig>() <= 8);

/// Which kind of Pyth account a market reads.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum OracleKind {
    /// `PriceUpdateV2` of the Pyth receiver.
    PythPull,
    /// Legacy price account of the Pyth oracle program.
    PythPush,
}

impl OracleConfig {
    pub fn kind(&self) -> Result<OracleKind> {
        match self.kind {
            0 => Ok(OracleKind::PythPull),
            1 => Ok(OracleKind::PythPush),
            _ => Err(RingfenceError::InvalidEnumValue),
        }
    }

    /// Whether any fully verified update of the feed is read, so that the
    /// first one since a given time can be shown at any later time.
    pub fn takes_any_update(&self) -> bool {
        self.kind == OracleKind::PythPull as u8 && self.account == Pubkey::default()
    }

    /// Shortest cool-down of a market with these limits, in seconds: whatever
    /// price a deposit was valued at is too old for the withdrawal.
    pub fn least_cooldown(&self) -> u32 {
        self.max_age_open.saturating_add(MAX_FUTURE_SECONDS as u32).saturating_add(1)
    }

    /// Checks every hard bound of the program.
    pub fn validate(&self) -> Result<()> {
        if self.kind()? == OracleKind::PythPush {
            let pinned = self.account != Pubkey::default() && self.feed_id == self.account.to_bytes();
            ensure!(pinned, RingfenceError::OracleNotPinned);
        }
        ensure!(self.feed_id != [0; 32], RingfenceError::ParameterOutOfBounds);
        bounded("max_age_open", self.max_age_open, 1, MAX_AGE_LIMIT_SECONDS)?;
        bounded("max_age_reduce", self.max_age_reduce, self.max_age_open, MAX_AGE_LIMIT_SECONDS)?;
        bounded("max_age_liquidate", self.max_age_liquidate, self.max_age_reduce, MAX_AGE_LIMIT_SECONDS)?;
        bounded("max_confidence_open_ppm", self.max_confidence_open_ppm, 1, MAX_CONFIDENCE_LIMIT_PPM)?;
        bounded(
            "max_confidence_ppm",
            self.max_confidence_ppm,
            self.max_confidence_open_ppm,
            MAX_CONFIDENCE_LIMIT_PPM,
        )?;
        bounded(
            "max_confidence_liquidate_ppm",
            self.max_confidence_liquidate_ppm,
            self.max_confidence_ppm,
            MAX_CONFIDENCE_LIMIT_PPM,
        )?;
        bounded("max_divergence_ppm", self.max_divergence_ppm, 1, MAX_DIVERGENCE_LIMIT_PPM)?;
        ensure!(self.reserved == [0; 3], RingfenceError::ParameterOutOfBounds);
        Ok(())
    }
}
