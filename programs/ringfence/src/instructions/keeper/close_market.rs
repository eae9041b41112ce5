use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::*;
use anchor_spl::token::accessor;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};

use crate::constants::*;
use crate::errors::RingfenceError;
use crate::events::{self, MarketClosed};
use crate::state::{Exchange, Market};
use crate::{ensure, market_seeds, tokens};

/// Anyone may: nothing of anybody's is left in it. What insurance, fees,
/// locked shares and roundings leave goes to the treasury, the rent to the
/// admin. The LP mint stays: the token program closes no mints.
#[event_cpi]
#[derive(Accounts)]
pub struct CloseMarket<'info> {
    #[account(has_one = admin @ RingfenceError::WrongPayee)]
    pub exchange: AccountLoader<'info, Exchange>,
    /// CHECK: the exchange's admin, who gets the rent of both accounts.
    #[account(mut)]
    pub admin: UncheckedAccount<'info>,
    #[account(
        mut,
        dup,
        constraint = treasury_token_account.mint == market.load()?.collateral_mint @ RingfenceError::WrongTokenMint,
        constraint = treasury_token_account.owner == exchange.load()?.treasury @ RingfenceError::NotTreasury,
        constraint = treasury_token_account.key() != pool_vault.key()
            @ ErrorCode::ConstraintDuplicateMutableAccount
    )]
    pub treasury_token_account: Box<InterfaceAccount<'info, TokenAccount>>,
    #[account(
        mut,
        close = admin,
        has_one = pool_vault @ RingfenceError::WrongPoolVault,
        has_one = lp_mint @ RingfenceError::WrongLpMint,
        has_one = token_program @ RingfenceError::WrongTokenProgram
    )]
    pub market: AccountLoader<'info, Market>,
    /// CHECK: the address of the market's proposal, where none may wait.
    #[account(seeds = [PARAMS_SEED, market.key().as_ref()], bump)]
    pub proposal: UncheckedAccount<'info>,
    /// CHECK: the market's: its address is compared.
    #[account(mut)]
    pub pool_vault: UncheckedAccount<'info>,
    pub lp_mint: Box<InterfaceAccount<'info, Mint>>,
    pub token_program: Interface<'info, TokenInterface>,
}

impl CloseMarket<'_> {
    fn validate(&self) -> Result<()> {
        let market = self.market.load()?;
        market.check_version()?;
        market.ensure_empty(self.lp_mint.supply)?;
        ensure!(self.proposal.data_is_empty(), RingfenceError::MarketNotEmpty);
        Ok(())
    }
}

#[access_control(ctx.accounts.validate())]
pub fn handle_close_market(ctx: Context<CloseMarket>) -> Result<()> {
    let accounts = &ctx.accounts;
    let (index, bump) = (accounts.market.load()?.index, accounts.market.load()?.bump);
    let (vault, authority) = (accounts.pool_vault.to_account_info(), accounts.market.to_account_info());
    let amount = accessor::amount(&accounts.pool_vault)?;
    let seeds: tokens::Seeds = market_seeds!(index, bump);
    tokens::transfer(
        &accounts.token_program,
        vault.clone(),
        accounts.treasury_token_account.to_account_info(),
        authority.clone(),
        amount,
        Some(seeds),
    )?;
    tokens::close(&accounts.token_program, vault, accounts.admin.to_account_info(), authority, seeds)?;
    let treasury = accounts.exchange.load()?.treasury;
    events::record(
        &ctx.accounts.event_authority,
        &MarketClosed { market: ctx.accounts.market.key(), index, treasury, amount },
    )?;
    Ok(())
}
