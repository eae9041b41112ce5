use anchor_lang::prelude::*;

use crate::ensure;
use crate::errors::{Result, RingfenceError};

/// What a market lets its users do; ordered from most to least.
///
/// | action | Active | ReduceOnly | Paused | Settling |
/// | --- | --- | --- | --- | --- |
/// | open, increase, add liquidity | yes | no | no | no |
/// | remove margin, remove liquidity | yes | yes | no | no |
/// | decrease, close, add margin, liquidate | yes | yes | yes | yes |
/// | take out what a liquidation left | yes | yes | yes | yes |
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum MarketStatus {
    Active,
    ReduceOnly,
    Paused,
    Settling,
}

impl MarketStatus {
    pub fn from_byte(byte: u8) -> Result<Self> {
        match byte {
            0 => Ok(Self::Active),
            1 => Ok(Self::ReduceOnly),
            2 => Ok(Self::Paused),
            3 => Ok(Self::Settling),
            _ => Err(RingfenceError::InvalidEnumValue),
        }
    }

    /// Opening, increasing, adding liquidity.
    pub fn allows_new_risk(self) -> Result<()> {
        ensure!(self == Self::Active, RingfenceError::MarketNotActive);
        Ok(())
    }

    /// Taking margin from an open position, taking liquidity out.
    pub fn allows_withdrawal(self) -> Result<()> {
        ensure!(self <= Self::ReduceOnly, RingfenceError::MarketPaused);
        Ok(())
    }
}
