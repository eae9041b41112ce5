use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::*;
use anchor_spl::token_interface::{TokenAccount, TokenInterface};
use ringfence_math::Quote;

use crate::errors::RingfenceError;
use crate::events::{self, MarginRemoved};
use crate::oracle::{self, Action};
use crate::state::{Market, Position};
use crate::{position_seeds, tokens};

#[event_cpi]
#[derive(Accounts)]
pub struct RemoveMargin<'info> {
    pub owner: Signer<'info>,
    /// Receives the margin: any token account of the mint.
    #[account(
        mut,
        dup,
        constraint = owner_token_account.mint == market.load()?.collateral_mint @ RingfenceError::WrongTokenMint,
        constraint = owner_token_account.key() != position_vault.key()
            @ ErrorCode::ConstraintDuplicateMutableAccount
    )]
    pub owner_token_account: Box<InterfaceAccount<'info, TokenAccount>>,
    /// Read, not written: margin changes of different positions run in parallel.
    #[account(has_one = token_program @ RingfenceError::WrongTokenProgram)]
    pub market: AccountLoader<'info, Market>,
    #[account(
        mut,
        has_one = owner @ RingfenceError::NotPositionOwner,
        has_one = market @ RingfenceError::WrongMarket,
        constraint = position.load()?.vault == position_vault.key() @ RingfenceError::WrongPositionVault
    )]
    pub position: AccountLoader<'info, Position>,
    /// CHECK: the position's: its address is compared.
    #[account(mut)]
    pub position_vault: UncheckedAccount<'info>,
    /// CHECK: `oracle::read` checks the key, the owner and the contents; not
    /// read where nothing is open any more.
    pub oracle: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

impl RemoveMargin<'_> {
    fn validate(&self) -> Result<()> {
        let market = self.market.load()?;
        market.check_version()?;
        let position = self.position.load()?;
        position.check_version()?;
        // What a liquidation left is its owner's in every status.
        if !position.is_empty() {
            market.status()?.allows_margin_withdrawal()?;
        }
        position.ensure_uncommitted_now(&market)?;
        Ok(())
    }
}

#[access_control(ctx.accounts.validate())]
pub fn handle_remove_margin(ctx: Context<RemoveMargin>, amount: u64) -> Result<()> {
    let accounts = &ctx.accounts;
    {
        // A copy, so that the charges can be counted up to now while the
        // market itself stays unwritten.
        let market = &mut *Box::new(*accounts.market.load()?);
        let position = &mut accounts.position.load_mut()?;
        if position.is_empty() {
            position.withdraw_remainder(Quote(amount))?;
        } else {
            let reading = oracle::observe(market, &accounts.oracle, Action::AddRisk, &Clock::get()?)?;
            position.withdraw_margin(market, Quote(amount), &reading)?;
        }
    }
    let position = *accounts.position.load()?;
    tokens::transfer(
        &accounts.token_program,
        accounts.position_vault.to_account_info(),
        accounts.owner_token_account.to_account_info(),
        accounts.position.to_account_info(),
        amount,
        Some(position_seeds!(position)),
    )?;
    events::record(
        &ctx.accounts.event_authority,
        &MarginRemoved {
            market: position.market,
            position: ctx.accounts.position.key(),
            amount,
            margin: position.margin,
        },
    )?;
    Ok(())
}
