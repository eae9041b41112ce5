use anchor_lang::prelude::*;

use crate::constants::DEPOSIT_VERSION;
use crate::ensure;
use crate::errors::{Result, RingfenceError};

/// A deposit into a pool whose shares wait for their cool-down. They count as
/// the pool's from the start, and are minted when they are claimed.
#[account(zero_copy)]
#[derive(Debug)]
#[repr(C)]
pub struct LiquidityDeposit {
    pub version: u8,
    pub bump: u8,
    /// The provider's own number for this deposit in this market.
    pub id: u16,
    pub reserved_a: [u8; 4],
    pub market: Pubkey,
    /// Gets the shares, and the rent back.
    pub provider: Pubkey,
    /// Quote atoms.
    pub amount: u64,
    pub shares: u64,
    /// Unix seconds.
    pub deposited_at: i64,
    /// From when the shares can be claimed, unix seconds.
    pub unlocks_at: i64,
    pub reserved_b: [u64; 4],
}

const _: () = assert!(size_of::<LiquidityDeposit>() == 136 && align_of::<LiquidityDeposit>() <= 8);

impl LiquidityDeposit {
    pub const SIZE: usize = 8 + size_of::<Self>();

    pub fn check_version(&self) -> Result<()> {
        ensure!(self.version == DEPOSIT_VERSION, RingfenceError::UnsupportedVersion);
        Ok(())
    }
}
