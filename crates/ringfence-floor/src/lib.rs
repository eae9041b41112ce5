//! A plain vault program: what a PDA with a token vault of its own costs where
//! nobody prices, pools or records anything. The benchmark `compute_units`
//! measures Ringfence beside it (docs/compute-units.md).
//!
//! Never deployed, and nothing depends on its state. Plain Anchor on purpose:
//! what its macros cost is in the figures. [`probe`] holds two instructions
//! more, which the benchmark uses to measure calls and system calls.
//!
//! ```text
//! toolchain/build crates/ringfence-floor   ->  target/deploy/ringfence_floor.so
//! ```

#[cfg(sbf_upstream)]
use sbf_builtins as _;

pub mod probe;
pub mod vault;

use anchor_lang::prelude::*;
pub use probe::*;
pub use vault::*;

// The address that `create_with_seed` makes of the system program's, the seed
// "ringfence-floor" and the system program's again: nobody has its key.
declare_id!("47EpAk5gA3u6DUrXoR3P1B1nvvuu1sns2zXfaX3wwX7Y");

#[program]
pub mod ringfence_floor {
    use super::*;

    /// Creates the account and its vault, and moves `amount` atoms in.
    ///
    /// Authority: the owner, who pays for both.
    pub fn open(ctx: Context<Open>, id: u16, amount: u64) -> Result<()> {
        handle_open(ctx, id, amount)
    }

    /// Moves `amount` atoms in.
    ///
    /// Authority: anyone.
    pub fn add_margin(ctx: Context<AddMargin>, amount: u64) -> Result<()> {
        handle_add_margin(ctx, amount)
    }

    /// Moves `amount` atoms out.
    ///
    /// Authority: the owner.
    pub fn remove_margin(ctx: Context<RemoveMargin>, amount: u64) -> Result<()> {
        handle_remove_margin(ctx, amount)
    }

    /// Moves out what the vault holds, closes it and the account.
    ///
    /// Authority: the owner, who gets the rent of both back.
    pub fn close(ctx: Context<Close>) -> Result<()> {
        handle_close(ctx)
    }

    /// Makes the first `calls` of the calls that its accounts describe.
    pub fn probe_calls(ctx: Context<Probe>, calls: u8, accounts_per_call: u8, data: Vec<u8>) -> Result<()> {
        handle_probe_calls(&ctx, calls, accounts_per_call, data)
    }

    /// Makes one system call so many times.
    pub fn probe_syscall(_ctx: Context<Probe>, syscall: Syscall, times: u8) -> Result<()> {
        handle_probe_syscall(syscall, times)
    }
}

#[cfg(test)]
mod tests {
    use anchor_lang::system_program;

    use super::*;

    #[test]
    fn the_address_is_derived_as_its_comment_says() {
        let system = system_program::ID;
        assert_eq!(Pubkey::create_with_seed(&system, "ringfence-floor", &system), Ok(ID));
    }

    #[test]
    fn the_account_is_as_large_as_a_position() {
        assert_eq!(Vault::SIZE, 352);
    }
}
