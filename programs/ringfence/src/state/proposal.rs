use anchor_lang::prelude::*;

use super::{MarketParams, OracleConfig};

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
}
