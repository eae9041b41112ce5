use anchor_lang::prelude::*;

use crate::ensure;
use crate::errors::{Result, RingfenceError};

/// What a market lets its users do; ordered from most to least.
///
/// | action | Active | ReduceOnly | Paused | Settling |
/// | --- | --- | --- | --- | --- |
/// | open, increase, create a position, add liquidity, create a referral | yes | no | no | no |
/// | place and execute an order that adds | yes | no | no | no |
/// | place and execute an order that reduces | yes | yes | yes | no |
/// | cancel an order | yes | yes | yes | yes |
/// | remove margin from an open position | yes | yes | no | no |
/// | remove liquidity | yes | yes | no | once no position is open, or after 7 days |
/// | decrease, close, close at the cap, add margin | yes | yes | yes | yes |
/// | liquidate | yes | yes | yes | no: close at the settlement price |
/// | take out what a liquidation left, claim shares and referral fees | yes | yes | yes | yes |
/// | accrue, fund the insurance, collect fees, set a delegate, migrate | yes | yes | yes | yes |
/// | change the status, propose and apply parameters, announce a settlement | yes | yes | yes | no |
/// | settle, once announced | no | yes | yes | no |
/// | close a position of anybody, close the empty market | no | no | no | yes |
///
/// Announcing a settlement makes an active market reduce-only. In Settling
/// every price is the settlement price, without impact, spread or closing fee,
/// and no funding or borrow runs any more.
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

    /// Opening, increasing, by an order too; creating a position or a referral,
    /// adding liquidity.
    pub fn allows_new_risk(self) -> Result<()> {
        ensure!(self == Self::Active, RingfenceError::MarketNotActive);
        Ok(())
    }

    /// Taking margin from an open position. A settled one is closed instead.
    pub fn allows_margin_withdrawal(self) -> Result<()> {
        ensure!(self != Self::Settling, RingfenceError::MarketSettling);
        ensure!(self != Self::Paused, RingfenceError::MarketPaused);
        Ok(())
    }

    /// Taking liquidity out; in Settling only once no position is open.
    pub fn allows_liquidity_withdrawal(self) -> Result<()> {
        ensure!(self != Self::Paused, RingfenceError::MarketPaused);
        Ok(())
    }

    /// Placing and executing an order, before it is known which.
    pub fn allows_order(self, adds: bool) -> Result<()> {
        ensure!(self != Self::Settling, RingfenceError::MarketSettling);
        if adds { self.allows_new_risk() } else { Ok(()) }
    }

    /// A settled position is closed instead, at no fee to its owner.
    pub fn allows_liquidation(self) -> Result<()> {
        ensure!(self != Self::Settling, RingfenceError::MarketSettling);
        Ok(())
    }

    /// What a settlement has made final: status and parameters.
    pub fn allows_governance(self) -> Result<()> {
        ensure!(self != Self::Settling, RingfenceError::MarketSettling);
        Ok(())
    }
}
