//! Making accounts at program-derived addresses: the work of Anchor's `init`
//! and `bump` (decision 19 says what it saves, and which checks are where).

use std::cell::RefMut;

use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::*;
use anchor_lang::solana_program::instruction::{AccountMeta, Instruction};
use anchor_lang::solana_program::program::invoke_signed;
use anchor_lang::{Discriminator, ZeroCopy, system_program};

use crate::tokens::Seeds;

/// Seeds of an address, with its bump.
const MAX_SEEDS: usize = 5;

/// Bytes that every account is charged rent for besides its own.
const ACCOUNT_STORAGE_OVERHEAD: u64 = 128;

/// Two instructions of the system program: the second (SIMD-0312) is for an
/// address that somebody has sent lamports to. Both are followed by lamports,
/// bytes and owner.
const CREATE_ACCOUNT: u32 = 0;
const CREATE_ACCOUNT_ALLOW_PREFUND: u32 = 13;
const CREATE_ACCOUNT_LEN: usize = 4 + 8 + 8 + 32;

/// `Rent::exemption_threshold` as it is on every cluster: two years, and one
/// once SIMD-0194 has folded it into the rate.
const TWO: u64 = 2f64.to_bits();
const ONE: u64 = 1f64.to_bits();

/// An account to be made. What somebody has sent to its address already does
/// not hold it up; an account that exists there does.
pub struct NewAccount<'a, 'info> {
    /// As the accounts struct calls it, for errors.
    pub name: &'static str,
    pub payer: &'a AccountInfo<'info>,
    pub account: &'a AccountInfo<'info>,
}

impl<'a> NewAccount<'a, '_> {
    /// Makes a `T` of this program at the canonical address of `seeds`, and
    /// nowhere else: all zeros but for its discriminator. Returns the bump,
    /// and the `T`. Error: `ConstraintSeeds`.
    pub fn create<T, const N: usize>(&self, rent: &Rent, seeds: &[&[u8]; N]) -> Result<(u8, RefMut<'a, T>)>
    where
        T: ZeroCopy + Discriminator,
    {
        let start = T::DISCRIMINATOR.len();
        let end = start + size_of::<T>();
        let bump = self.allocate(rent, &crate::ID, end, seeds)?;
        let mut data = self.account.try_borrow_mut_data()?;
        data[..start].copy_from_slice(T::DISCRIMINATOR);
        Ok((bump, RefMut::map(data, |data| bytemuck::from_bytes_mut(&mut data[start..end]))))
    }

    /// Makes `space` bytes of zeros for the program `owner` at the canonical
    /// address of `seeds`. Returns the bump. Error: `ConstraintSeeds`.
    pub fn allocate<const N: usize>(
        &self,
        rent: &Rent,
        owner: &Pubkey,
        space: usize,
        seeds: &[&[u8]; N],
    ) -> Result<u8> {
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
        self.allocate_at(rent, owner, space, &signer[..=N])?;
        Ok(bump)
    }

    /// The same at the address of `seeds`, any bump included, with which the
    /// account signs: the runtime derives the address, and refuses another. Not
    /// so where it has signed the transaction: the caller has ruled that out.
    pub fn allocate_at(&self, rent: &Rent, owner: &Pubkey, space: usize, seeds: Seeds) -> Result<()> {
        let there = self.account.lamports();
        let missing = minimum_balance(rent, space).saturating_sub(there);
        let payer = || AccountMeta::new(*self.payer.key, true);
        let account = AccountMeta::new(*self.account.key, true);
        let (number, accounts) = match (there, missing) {
            (0, _) => (CREATE_ACCOUNT, vec![payer(), account]),
            (_, 0) => (CREATE_ACCOUNT_ALLOW_PREFUND, vec![account]),
            _ => (CREATE_ACCOUNT_ALLOW_PREFUND, vec![account, payer()]),
        };
        let mut data = Vec::with_capacity(CREATE_ACCOUNT_LEN);
        data.extend_from_slice(&number.to_le_bytes());
        data.extend_from_slice(&missing.to_le_bytes());
        data.extend_from_slice(&(space as u64).to_le_bytes());
        data.extend_from_slice(owner.as_ref());
        let instruction = Instruction { program_id: system_program::ID, accounts, data };
        let infos = [self.payer.clone(), self.account.clone()];
        Ok(invoke_signed(&instruction, &infos, &[seeds])?)
    }
}

/// Lamports with which an account of `space` bytes is exempt from rent:
/// `Rent::minimum_balance`, without floating point, which SBPF does not have.
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
