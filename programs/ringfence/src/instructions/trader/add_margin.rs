use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::*;
use anchor_spl::token::accessor;
use anchor_spl::token_interface::{TokenAccount, TokenInterface};
use ringfence_math::Quote;

use crate::errors::RingfenceError;
use crate::events::{self, MarginAdded};
use crate::state::Position;
use crate::{ensure, tokens};

#[event_cpi]
#[derive(Accounts)]
pub struct AddMargin<'info> {
    /// Anyone: margin can be given, not taken. No market and no price are
    /// needed, so this works in every status and with every oracle.
    pub payer: Signer<'info>,
    #[account(
        mut,
        dup,
        constraint = payer_token_account.key() != position_vault.key()
            @ ErrorCode::ConstraintDuplicateMutableAccount
    )]
    pub payer_token_account: Box<InterfaceAccount<'info, TokenAccount>>,
    #[account(mut, constraint = position.load()?.vault == position_vault.key() @ RingfenceError::WrongPositionVault)]
    pub position: AccountLoader<'info, Position>,
    /// CHECK: the position's: its address has been compared when its mint is read.
    #[account(
        mut,
        constraint = *position_vault.owner == token_program.key() @ RingfenceError::WrongTokenProgram,
        constraint = payer_token_account.mint == accessor::mint(&position_vault)? @ RingfenceError::WrongTokenMint
    )]
    pub position_vault: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

impl AddMargin<'_> {
    fn validate(&self, amount: u64) -> Result<()> {
        let position = self.position.load()?;
        position.check_version()?;
        ensure!(!position.is_empty(), RingfenceError::PositionEmpty);
        ensure!(amount > 0, RingfenceError::ZeroAmount);
        Ok(())
    }
}

#[access_control(ctx.accounts.validate(amount))]
pub fn handle_add_margin(ctx: Context<AddMargin>, amount: u64) -> Result<()> {
    let accounts = &ctx.accounts;
    let event = {
        let position = &mut accounts.position.load_mut()?;
        position.deposit_margin(Quote(amount))?;
        MarginAdded {
            market: position.market,
            position: accounts.position.key(),
            payer: accounts.payer.key(),
            amount,
            margin: position.margin,
        }
    };
    tokens::transfer(
        &accounts.token_program,
        accounts.payer_token_account.to_account_info(),
        accounts.position_vault.to_account_info(),
        accounts.payer.to_account_info(),
        amount,
        None,
    )?;
    events::record(&ctx.accounts.event_authority, &event)?;
    Ok(())
}
