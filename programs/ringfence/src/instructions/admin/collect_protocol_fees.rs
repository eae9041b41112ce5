use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::*;
use anchor_spl::token_interface::{TokenAccount, TokenInterface};

use crate::errors::RingfenceError;
use crate::events::{self, ProtocolFeesCollected};
use crate::state::{Exchange, Market};
use crate::{market_seeds, tokens};

/// Anyone may send the fees where they belong: there is one destination.
#[event_cpi]
#[derive(Accounts)]
pub struct CollectProtocolFees<'info> {
    pub exchange: AccountLoader<'info, Exchange>,
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
        has_one = pool_vault @ RingfenceError::WrongPoolVault,
        has_one = token_program @ RingfenceError::WrongTokenProgram
    )]
    pub market: AccountLoader<'info, Market>,
    /// CHECK: the market's: its address is compared.
    #[account(mut)]
    pub pool_vault: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

impl CollectProtocolFees<'_> {
    fn validate(&self) -> Result<()> {
        self.market.load()?.check_version()?;
        Ok(())
    }
}

#[access_control(ctx.accounts.validate())]
pub fn handle_collect_protocol_fees(ctx: Context<CollectProtocolFees>) -> Result<()> {
    let accounts = &ctx.accounts;
    let ((fees, insurance), index, bump) = {
        let market = &mut accounts.market.load_mut()?;
        (market.take_protocol_fees()?, market.index, market.bump)
    };
    tokens::transfer(
        &accounts.token_program,
        accounts.pool_vault.to_account_info(),
        accounts.treasury_token_account.to_account_info(),
        accounts.market.to_account_info(),
        fees.checked_add(insurance).ok_or(RingfenceError::MathOverflow)?,
        Some(market_seeds!(index, bump)),
    )?;
    let treasury = ctx.accounts.exchange.load()?.treasury;
    events::record(
        &ctx.accounts.event_authority,
        &ProtocolFeesCollected { market: ctx.accounts.market.key(), treasury, fees, insurance },
    )?;
    Ok(())
}
