//! Making accounts at program-derived addresses: the work of Anchor's `init`
//! and `bump`, for a quarter of its units (decision 19).

use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::*;
use anchor_lang::solana_program::instruction::{AccountMeta, Instruction};
use anchor_lang::solana_program::program::invoke_signed;
use anchor_lang::system_program::{self, Allocate, Assign};
use anchor_lang::{Discriminator, ZeroCopy};

use crate::tokens::Seeds;

/// Seeds of an address, with its bump.
const MAX_SEEDS: usize = 5;

/// Bytes that every account is charged rent for besides its own.
const ACCOUNT_STORAGE_OVERHEAD: u64 = 128;

/// The system program's `CreateAccount`: its number, lamports, bytes, owner.
const CREATE_ACCOUNT: u32 = 0;
const CREATE_ACCOUNT_LEN: usize = 4 + 8 + 8 + 32;

/// `Rent::exemption_threshold` as it is on every cluster: two years, and one
/// once SIMD-0194 has folded it into the rate.
const TWO: u64 = 2f64.to_bits();
const ONE: u64 = 1f64.to_bits();

/// An account to be made. What somebody has sent to its address already does
/// not hold it up; what exists there does.
pub struct NewAccount<'a, 'info> {
    /// As the accounts struct calls it, for errors.
    pub name: &'static str,
    pub payer: &'a AccountInfo<'info>,
    pub account: &'a AccountInfo<'info>,
    /// The program that it belongs to.
    pub owner: &'a Pubkey,
    pub space: usize,
    pub rent: &'a Rent,
}

impl NewAccount<'_, '_> {
    /// Makes it at the canonical address of `seeds`, and nowhere else. Returns
    /// the bump. Error: `ConstraintSeeds`.
    pub fn create<const N: usize>(&self, seeds: &[&[u8]; N]) -> Result<u8> {
        const { assert!(N < MAX_SEEDS) }
        // A hash and a curve check by syscall: `find_program_address` is
        // charged 1,500 units for each bump that it tries.
        let derived = Pubkey::derive_program_address(seeds, &crate::ID);
        let (address, bump) = derived.ok_or(ErrorCode::ConstraintSeeds)?;
        if address != *self.account.key {
            let error = Error::from(ErrorCode::ConstraintSeeds).with_account_name(self.name);
            return Err(error.with_pubkeys((*self.account.key, address)));
        }
        let bump_seed = [bump];
        let mut signer: [&[u8]; MAX_SEEDS] = [&[]; MAX_SEEDS];
        signer[..N].copy_from_slice(seeds);
        signer[N] = &bump_seed;
        self.create_at(&signer[..=N])?;
        Ok(bump)
    }

    /// Makes it at the address of `seeds`, any bump included, with which it
    /// signs: the runtime derives the address, and refuses another.
    pub fn create_at(&self, seeds: Seeds) -> Result<()> {
        let lamports = minimum_balance(self.rent, self.space);
        if self.account.lamports() == 0 {
            self.create_empty(lamports, seeds)
        } else {
            self.create_funded(lamports, seeds)
        }
    }

    /// Anchor's `create_account`, without its serialiser.
    fn create_empty(&self, lamports: u64, seeds: Seeds) -> Result<()> {
        let mut data = Vec::with_capacity(CREATE_ACCOUNT_LEN);
        data.extend_from_slice(&CREATE_ACCOUNT.to_le_bytes());
        data.extend_from_slice(&lamports.to_le_bytes());
        data.extend_from_slice(&(self.space as u64).to_le_bytes());
        data.extend_from_slice(self.owner.as_ref());
        let accounts =
            vec![AccountMeta::new(*self.payer.key, true), AccountMeta::new(*self.account.key, true)];
        let instruction = Instruction { program_id: system_program::ID, accounts, data };
        let infos = [self.payer.clone(), self.account.clone()];
        Ok(invoke_signed(&instruction, &infos, &[seeds])?)
    }

    fn create_funded(&self, lamports: u64, seeds: Seeds) -> Result<()> {
        let (system, signer) = (system_program::ID, &[seeds]);
        let missing = lamports.saturating_sub(self.account.lamports());
        let accounts = system_program::Transfer { from: self.payer.clone(), to: self.account.clone() };
        system_program::transfer(CpiContext::new(system, accounts), missing)?;
        let accounts = Allocate { account_to_allocate: self.account.clone() };
        system_program::allocate(CpiContext::new_with_signer(system, accounts, signer), self.space as u64)?;
        let accounts = Assign { account_to_assign: self.account.clone() };
        system_program::assign(CpiContext::new_with_signer(system, accounts, signer), self.owner)
    }
}

/// The zeroed data of an account of this program that has just been made, as a
/// `T`, which it is from now on.
pub fn blank<'a, T: ZeroCopy + Discriminator>(account: &'a AccountInfo) -> Result<std::cell::RefMut<'a, T>> {
    let mut data = account.try_borrow_mut_data()?;
    let (discriminator, _) = data.split_at_mut(T::DISCRIMINATOR.len());
    discriminator.copy_from_slice(T::DISCRIMINATOR);
    Ok(std::cell::RefMut::map(data, |data| {
        bytemuck::from_bytes_mut(&mut data[T::DISCRIMINATOR.len()..T::DISCRIMINATOR.len() + size_of::<T>()])
    }))
}

/// Lamports with which an account of `space` bytes is exempt from rent:
/// `Rent::minimum_balance`, without floating point, which the runtime emulates.
#[expect(deprecated, reason = "the fields are what the sysvar holds")]
fn minimum_balance(rent: &Rent, space: usize) -> u64 {
    let whole = |years: u64| {
        let bytes = ACCOUNT_STORAGE_OVERHEAD.checked_add(space as u64)?;
        bytes.checked_mul(rent.lamports_per_byte_year)?.checked_mul(years)
    };
    let exact = match rent.exemption_threshold.to_bits() {
        TWO => whole(2),
        ONE => whole(1),
        _ => None,
    };
    exact.unwrap_or_else(|| rent.minimum_balance(space))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minimum_balances_are_the_runtimes() {
        let spaces = [0, 1, 82, 165, 352, 928, 10_485_760];
        for (rate, years) in [(3_480, 2.0), (6_960, 1.0), (1, 2.0), (3_480, 1.5), (3_480, 0.0), (0, 2.0)] {
            #[expect(deprecated, reason = "the fields are what the sysvar holds")]
            let rent = Rent { lamports_per_byte_year: rate, exemption_threshold: years, burn_percent: 0 };
            for space in spaces {
                assert_eq!(minimum_balance(&rent, space), rent.minimum_balance(space), "{rent:?}, {space}");
            }
        }
        // 128 + 352 bytes at 6,960 lamports each.
        assert_eq!(minimum_balance(&Rent::default(), 352), 3_340_800);
    }
}
