use anchor_lang::prelude::*;

use super::{Exchange, Market, MarketParams, OracleConfig};
use crate::constants::PROPOSAL_VERSION;
use crate::ensure;
use crate::errors::{Result, RingfenceError};

/// Parameters that wait for their timelock. Anyone applies them after `eta`.
#[account(zero_copy)]
#[derive(Debug)]
#[repr(C)]
pub struct ParamsProposal {
    pub version: u8,
    pub bump: u8,
    pub reserved_a: [u8; 6],
    pub market: Pubkey,
    pub proposer: Pubkey,
    /// Earliest time at which the parameters can be applied, unix seconds.
    pub eta: i64,
    pub params: MarketParams,
    pub oracle: OracleConfig,
    pub reserved: [u64; 8],
}

const _: () = assert!(size_of::<ParamsProposal>() == 416 && align_of::<ParamsProposal>() <= 8);

impl ParamsProposal {
    pub const SIZE: usize = 8 + size_of::<Self>();

    /// Sets the proposal; the timelock starts.
    pub fn propose(
        &mut self,
        bump: u8,
        market: Pubkey,
        exchange: &Exchange,
        params: MarketParams,
        oracle: OracleConfig,
        now: i64,
    ) -> Result<()> {
        params.validate()?;
        oracle.validate()?;
        params.validate_with(&oracle)?;
        let eta =
            now.checked_add(i64::from(exchange.timelock_seconds)).ok_or(RingfenceError::MathOverflow)?;
        self.version = PROPOSAL_VERSION;
        self.bump = bump;
        self.market = market;
        self.proposer = exchange.admin;
        self.eta = eta;
        self.params = params;
        self.oracle = oracle;
        Ok(())
    }

    /// Puts the parameters into the market once the timelock has run out.
    pub fn apply(&self, market: &mut Market, now: i64) -> Result<()> {
        ensure!(self.version == PROPOSAL_VERSION, RingfenceError::UnsupportedVersion);
        ensure!(now >= self.eta, RingfenceError::TimelockNotElapsed, now, self.eta);
        market.set_params(self.params, self.oracle)
    }
}
