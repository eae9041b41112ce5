use anchor_lang::prelude::*;

use super::Position;
use crate::constants::REFERRAL_VERSION;
use crate::ensure;
use crate::errors::{Result, RingfenceError};

/// What a referrer has earned in one market and not taken out. A number and
/// no token account of his, so that none of his can block a trade.
#[account(zero_copy)]
#[derive(Debug)]
#[repr(C)]
pub struct Referral {
    pub version: u8,
    pub bump: u8,
    pub reserved_a: [u8; 6],
    pub market: Pubkey,
    pub referrer: Pubkey,
    /// Quote atoms in the pool vault that are his.
    pub fees: u64,
    /// Lifetime total in quote atoms, a statistic.
    pub fees_earned: u64,
    pub reserved_b: [u64; 4],
}

const _: () = assert!(size_of::<Referral>() == 120 && align_of::<Referral>() <= 8);

impl Referral {
    pub const SIZE: usize = 8 + size_of::<Self>();

    pub fn initialize(&mut self, bump: u8, market: Pubkey, referrer: Pubkey) {
        self.version = REFERRAL_VERSION;
        self.bump = bump;
        self.market = market;
        self.referrer = referrer;
    }

    pub fn check_version(&self) -> Result<()> {
        ensure!(self.version == REFERRAL_VERSION, RingfenceError::UnsupportedVersion);
        Ok(())
    }

    fn credit(&mut self, amount: u64) -> Result<()> {
        self.check_version()?;
        self.fees = self.fees.checked_add(amount).ok_or(RingfenceError::MathOverflow)?;
        self.fees_earned = self.fees_earned.saturating_add(amount);
        Ok(())
    }
}

/// Refuses another account than the one that the position names, and any where
/// it names none.
pub fn ensure_named(position: &Position, referral: Option<&AccountLoader<Referral>>) -> Result<()> {
    let key = referral.map(|account| account.key()).unwrap_or_default();
    ensure!(key == position.referral, RingfenceError::WrongReferral, key, position.referral);
    Ok(())
}

/// Credits the referrer's part of a fee, to the account that the position
/// names: nobody can send it elsewhere.
pub fn credit_referral(
    position: &Position,
    referral: Option<&AccountLoader<Referral>>,
    amount: u64,
) -> anchor_lang::Result<()> {
    ensure_named(position, referral)?;
    if let Some(account) = referral {
        account.load_mut()?.credit(amount)?;
    }
    Ok(())
}
