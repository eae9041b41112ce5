//! Parameters as the arithmetic takes them.

use ringfence_math::{BorrowParams, FundingParams, MarginRates, Ppm, Quote, Size};
use solana_pubkey::Pubkey;

use super::{MarketParams, OracleConfig};
use crate::constants::MIN_ORDER_DELAY_SECONDS;
use crate::errors::{Result, RingfenceError};

/// Which kind of Pyth account a market reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
}

impl OracleConfig {
    /// Whether any fully verified update of the feed is read: what delayed
    /// orders need.
    pub fn takes_any_update(&self) -> bool {
        self.kind == OracleKind::PythPull as u8 && self.account == Pubkey::default()
    }
}

impl MarketParams {
    /// Whether positions open and grow at once, and not by delayed orders only.
    pub fn instant_open(&self) -> bool {
        self.delayed_only == 0
    }

    /// Seconds from a delayed order's placement to its price, at least.
    pub fn order_delay(&self) -> i64 {
        i64::from(self.min_order_delay_seconds.max(MIN_ORDER_DELAY_SECONDS))
    }

    pub fn margin_rates(&self) -> MarginRates {
        MarginRates {
            initial: Ppm(self.initial_margin_ppm),
            maintenance: Ppm(self.maintenance_margin_ppm),
            liquidation_fee: Ppm(self.liquidation_fee_ppm),
            min_keeper_reward: Quote(self.min_keeper_reward),
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
