use anchor_lang::prelude::*;

use crate::constants::*;
use crate::errors::RingfenceError;
use crate::events::{self, ExchangeInitialized};
use crate::program::Ringfence;
use crate::state::Exchange;

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct InitializeExchangeArgs {
    pub admin: Pubkey,
    /// The default key for none.
    pub guardian: Pubkey,
    pub treasury: Pubkey,
    pub timelock_seconds: u32,
}

#[event_cpi]
#[derive(Accounts)]
pub struct InitializeExchange<'info> {
    /// The program's upgrade authority, so that nobody can be first at it.
    #[account(mut)]
    pub authority: Signer<'info>,
    #[account(init, payer = authority, space = Exchange::SIZE, seeds = [EXCHANGE_SEED], bump)]
    pub exchange: AccountLoader<'info, Exchange>,
    #[account(constraint = ringfence.programdata_address()? == Some(program_data.key()) @ RingfenceError::NotUpgradeAuthority)]
    pub ringfence: Program<'info, Ringfence>,
    #[account(constraint = program_data.upgrade_authority_address == Some(authority.key()) @ RingfenceError::NotUpgradeAuthority)]
    pub program_data: Account<'info, ProgramData>,
    pub system_program: Program<'info, System>,
}

pub fn handle_initialize_exchange(
    ctx: Context<InitializeExchange>,
    args: InitializeExchangeArgs,
) -> Result<()> {
    ctx.accounts.exchange.load_init()?.initialize(
        ctx.bumps.exchange,
        args.admin,
        args.guardian,
        args.treasury,
        args.timelock_seconds,
    )?;
    events::record(
        &ctx.accounts.event_authority,
        &ExchangeInitialized {
            admin: args.admin,
            guardian: args.guardian,
            treasury: args.treasury,
            timelock_seconds: args.timelock_seconds,
        },
    )?;
    Ok(())
}
