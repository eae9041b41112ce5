use anchor_lang::prelude::*;

use crate::constants::*;
use crate::ensure;
use crate::errors::{Result, RingfenceError};

/// The one account of the whole deployment: who governs it, and how slowly.
#[account(zero_copy)]
#[derive(Debug)]
#[repr(C)]
pub struct Exchange {
    pub version: u8,
    pub bump: u8,
    /// Markets created so far, and the index of the next one.
    pub market_count: u16,
    /// Delay between proposing and applying parameters, in seconds.
    pub timelock_seconds: u32,
    pub admin: Pubkey,
    /// Nominated successor of the admin; the default key where there is none.
    pub pending_admin: Pubkey,
    /// May move markets towards safety, and nothing else.
    pub guardian: Pubkey,
    /// Owner of the token accounts that protocol fees are paid to.
    pub treasury: Pubkey,
    pub reserved: [u64; 16],
}

const _: () = assert!(size_of::<Exchange>() == 264 && align_of::<Exchange>() <= 8);

impl Exchange {
    pub const SIZE: usize = 8 + size_of::<Self>();

    pub fn initialize(
        &mut self,
        bump: u8,
        admin: Pubkey,
        guardian: Pubkey,
        treasury: Pubkey,
        timelock_seconds: u32,
    ) -> Result<()> {
        ensure!(
            timelock_seconds <= MAX_TIMELOCK_SECONDS,
            RingfenceError::ParameterOutOfBounds,
            timelock_seconds,
            MAX_TIMELOCK_SECONDS
        );
        ensure!(
            admin != Pubkey::default() && treasury != Pubkey::default(),
            RingfenceError::ParameterOutOfBounds
        );
        self.version = EXCHANGE_VERSION;
        self.bump = bump;
        self.timelock_seconds = timelock_seconds;
        self.admin = admin;
        self.guardian = guardian;
        self.treasury = treasury;
        Ok(())
    }

    pub fn check_version(&self) -> Result<()> {
        ensure!(self.version == EXCHANGE_VERSION, RingfenceError::UnsupportedVersion);
        Ok(())
    }

    /// Index for the next market; the count moves on.
    pub fn next_market_index(&mut self) -> Result<u16> {
        let index = self.market_count;
        self.market_count = index.checked_add(1).ok_or(RingfenceError::MathOverflow)?;
        Ok(index)
    }

    /// Names a successor; the default key takes the nomination back.
    pub fn nominate(&mut self, nominee: Pubkey) {
        self.pending_admin = nominee;
    }

    /// The nominee takes over. Returns the admin before.
    pub fn accept_nomination(&mut self, signer: Pubkey) -> Result<Pubkey> {
        let nominated = signer == self.pending_admin && signer != Pubkey::default();
        ensure!(nominated, RingfenceError::NotPendingAdmin, signer, self.pending_admin);
        self.pending_admin = Pubkey::default();
        Ok(core::mem::replace(&mut self.admin, signer))
    }
}
