use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::*;
use anchor_spl::token_interface::{TokenAccount, TokenInterface};
use ringfence_math::Price;

use crate::errors::RingfenceError;
use crate::events;
use crate::instructions::trader::closing::Closing;
use crate::state::{Market, Position, Side};
use crate::tokens;

/// Anyone may: price and payee are fixed, and a market is empty only once the
/// last position is gone, its owner with us or not.
#[event_cpi]
#[derive(Accounts)]
pub struct CloseSettled<'info> {
    /// CHECK: the position's owner, who gets the rent of both accounts.
    #[account(mut)]
    pub owner: UncheckedAccount<'info>,
    /// Receives all that the vault holds: any token account of the owner's
    /// own, so that a frozen one holds nothing up.
    #[account(
        mut,
        dup,
        constraint = owner_token_account.mint == market.load()?.collateral_mint @ RingfenceError::WrongTokenMint,
        constraint = owner_token_account.key() != position_vault.key()
            && owner_token_account.key() != pool_vault.key()
            @ ErrorCode::ConstraintDuplicateMutableAccount
    )]
    pub owner_token_account: Box<InterfaceAccount<'info, TokenAccount>>,
    #[account(
        mut,
        has_one = pool_vault @ RingfenceError::WrongPoolVault,
        has_one = token_program @ RingfenceError::WrongTokenProgram
    )]
    pub market: AccountLoader<'info, Market>,
    #[account(
        mut,
        close = owner,
        has_one = owner @ RingfenceError::WrongPayee,
        has_one = market @ RingfenceError::WrongMarket,
        constraint = position.load()?.vault == position_vault.key() @ RingfenceError::WrongPositionVault
    )]
    pub position: AccountLoader<'info, Position>,
    /// CHECK: the position's: its address is compared.
    #[account(mut)]
    pub position_vault: UncheckedAccount<'info>,
    /// CHECK: the market's: its address is compared.
    #[account(mut)]
    pub pool_vault: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

impl CloseSettled<'_> {
    fn validate(&self) -> Result<()> {
        self.market.load()?.check_version()?;
        self.position.load()?.check_version()?;
        tokens::ensure_payee(&self.owner_token_account, self.owner.key)
    }
}

#[access_control(ctx.accounts.validate())]
pub fn handle_close_settled(ctx: Context<CloseSettled>) -> Result<()> {
    let accounts = &mut *ctx.accounts;
    let any = match accounts.position.load()?.side()? {
        Side::Long => Price(0),
        Side::Short => Price(u64::MAX),
    };
    let settled = accounts.market.load()?.settlement_reading().ok_or(RingfenceError::MarketNotSettling)?;
    let closing = Closing {
        market: &accounts.market,
        position: &accounts.position,
        position_vault: accounts.position_vault.to_account_info(),
        pool_vault: accounts.pool_vault.to_account_info(),
        referral: None,
        owner: accounts.owner.to_account_info(),
        owner_token_account: accounts.owner_token_account.to_account_info(),
        token_program: accounts.token_program.to_account_info(),
    };
    let (closed, end) = closing.run(any, |_| Ok(settled))?;
    if let Some(event) = closed {
        events::record(&ctx.accounts.event_authority, &event)?;
    }
    events::record(&ctx.accounts.event_authority, &end)?;
    Ok(())
}
