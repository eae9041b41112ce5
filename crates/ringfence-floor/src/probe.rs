//! What the runtime charges for one thing, by difference: the benchmark has it
//! done once and twice. All else in the two transactions is the same.

use anchor_lang::prelude::*;
use anchor_lang::solana_program::instruction::{AccountMeta, Instruction};
use anchor_lang::solana_program::program::invoke;
use solana_sysvar::last_restart_slot::LastRestartSlot;

pub const PROBE_SEED: &[u8] = b"probe";

/// What `probe_calls` needs are remaining accounts: the program to be called,
/// then those of each call, one call after the other.
#[derive(Accounts)]
pub struct Probe {}

/// Something that only the runtime can do.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syscall {
    /// None: what the loop itself takes.
    Nothing,
    Clock,
    Rent,
    LastRestartSlot,
    /// Derives the address of `PROBE_SEED`, `seed` and a bump that fits.
    CreateAddress {
        seed: u8,
        bump: u8,
    },
    /// Searches the bump of `PROBE_SEED` and `seed`.
    FindAddress {
        seed: u8,
    },
}

pub fn handle_probe_calls(
    ctx: &Context<Probe>,
    calls: u8,
    accounts_per_call: u8,
    data: Vec<u8>,
) -> Result<()> {
    let (program, accounts) =
        ctx.remaining_accounts.split_first().ok_or(ProgramError::NotEnoughAccountKeys)?;
    // All of them are prepared, so that two transactions differ in nothing but
    // how many are made.
    let prepare = |group: &[AccountInfo]| {
        let meta = |account: &AccountInfo| AccountMeta {
            pubkey: *account.key,
            is_signer: account.is_signer,
            is_writable: account.is_writable,
        };
        let accounts = group.iter().map(meta).collect();
        Instruction { program_id: *program.key, accounts, data: data.clone() }
    };
    let groups = || accounts.chunks_exact(usize::from(accounts_per_call).max(1));
    let prepared: Vec<Instruction> = groups().map(prepare).collect();
    for (instruction, group) in prepared.iter().zip(groups()).take(usize::from(calls)) {
        invoke(instruction, group)?;
    }
    Ok(())
}

pub fn handle_probe_syscall(syscall: Syscall, times: u8) -> Result<()> {
    match syscall {
        Syscall::Nothing => repeat(times, || Ok(())),
        Syscall::Clock => repeat(times, Clock::get),
        Syscall::Rent => repeat(times, Rent::get),
        Syscall::LastRestartSlot => repeat(times, LastRestartSlot::get),
        Syscall::CreateAddress { seed, bump } => repeat(times, || {
            let address = Pubkey::create_program_address(&[PROBE_SEED, &[seed], &[bump]], &crate::ID);
            address.map_err(|_| ProgramError::InvalidSeeds)
        }),
        Syscall::FindAddress { seed } => {
            repeat(times, || Ok(Pubkey::find_program_address(&[PROBE_SEED, &[seed]], &crate::ID)))
        }
    }
}

/// A call of its own for each time, whatever the optimiser knows.
fn repeat<T>(times: u8, call: impl Fn() -> core::result::Result<T, ProgramError>) -> Result<()> {
    for _ in 0..times {
        core::hint::black_box(call()?);
    }
    Ok(())
}
