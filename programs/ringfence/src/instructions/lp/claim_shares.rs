use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};

use crate::errors::RingfenceError;
use crate::events::{self, SharesClaimed};
use crate::state::{LiquidityDeposit, Market};
use crate::{market_seeds, tokens};

/// Anyone may send the shares where they belong: there is one payee.
#[event_cpi]
#[derive(Accounts)]
pub struct ClaimShares<'info> {
    /// CHECK: the deposit's provider, who gets its rent back.
    #[account(mut)]
    pub provider: UncheckedAccount<'info>,
    /// Receives the shares: any token account of the provider's own.
    #[account(mut, dup, constraint = provider_lp_account.mint == lp_mint.key() @ RingfenceError::WrongTokenMint)]
    pub provider_lp_account: Box<InterfaceAccount<'info, TokenAccount>>,
    #[account(
        mut,
        has_one = lp_mint @ RingfenceError::WrongLpMint,
        has_one = token_program @ RingfenceError::WrongTokenProgram
    )]
    pub market: AccountLoader<'info, Market>,
    #[account(
        mut,
        close = provider,
        has_one = provider @ RingfenceError::WrongPayee,
        has_one = market @ RingfenceError::WrongDeposit
    )]
    pub deposit: AccountLoader<'info, LiquidityDeposit>,
    #[account(mut, dup)]
    pub lp_mint: Box<InterfaceAccount<'info, Mint>>,
    pub token_program: Interface<'info, TokenInterface>,
}

impl ClaimShares<'_> {
    fn validate(&self) -> Result<()> {
        self.market.load()?.check_version()?;
        self.deposit.load()?.check_version()?;
        tokens::ensure_payee(&self.provider_lp_account, self.provider.key)
    }
}

#[access_control(ctx.accounts.validate())]
pub fn handle_claim_shares(ctx: Context<ClaimShares>) -> Result<()> {
    let accounts = &ctx.accounts;
    let (event, index, bump) = {
        let market = &mut accounts.market.load_mut()?;
        let shares = market.release(&*accounts.deposit.load()?, Clock::get()?.unix_timestamp)?;
        let event = SharesClaimed {
            market: accounts.market.key(),
            provider: accounts.provider.key(),
            deposit: accounts.deposit.key(),
            shares,
        };
        (event, market.index, market.bump)
    };
    tokens::mint(
        &accounts.token_program,
        accounts.lp_mint.to_account_info(),
        accounts.provider_lp_account.to_account_info(),
        accounts.market.to_account_info(),
        event.shares,
        market_seeds!(index, bump),
    )?;
    events::record(&ctx.accounts.event_authority, &event)?;
    Ok(())
}
