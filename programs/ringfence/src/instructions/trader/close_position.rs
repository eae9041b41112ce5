use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::*;
use anchor_spl::token_interface::{TokenAccount, TokenInterface};
use ringfence_math::Price;

use super::closing::Closing;
use crate::errors::RingfenceError;
use crate::events;
use crate::oracle::{self, Action};
use crate::state::{Market, Position, Referral};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct ClosePositionArgs {
    /// Worst fill price: the lowest for a long, the highest for a short.
    /// Not looked at where nothing is open any more.
    pub acceptable_price: u64,
}

#[event_cpi]
#[derive(Accounts)]
pub struct ClosePosition<'info> {
    /// Receives the rent of both accounts.
    #[account(mut)]
    pub owner: Signer<'info>,
    /// Receives all that the vault holds. Any token account of the mint, so
    /// that a frozen one does not lock the position.
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
        has_one = owner @ RingfenceError::NotPositionOwner,
        has_one = market @ RingfenceError::WrongMarket,
        constraint = position.load()?.vault == position_vault.key() @ RingfenceError::WrongPositionVault
    )]
    pub position: AccountLoader<'info, Position>,
    /// CHECK: the position's: its address is compared.
    #[account(mut)]
    pub position_vault: UncheckedAccount<'info>,
    /// The one that the position names; none where it names none.
    #[account(mut)]
    pub referral: Option<AccountLoader<'info, Referral>>,
    /// CHECK: the market's: its address is compared.
    #[account(mut)]
    pub pool_vault: UncheckedAccount<'info>,
    /// CHECK: `oracle::read` checks the key, the owner and the contents; not
    /// read where nothing is open any more, or the market is settling.
    pub oracle: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

impl ClosePosition<'_> {
    fn validate(&self) -> Result<()> {
        let market = self.market.load()?;
        market.check_version()?;
        let position = self.position.load()?;
        position.check_version()?;
        position.ensure_uncommitted_now(&market)?;
        Ok(())
    }
}

#[access_control(ctx.accounts.validate())]
pub fn handle_close_position(ctx: Context<ClosePosition>, args: ClosePositionArgs) -> Result<()> {
    let accounts = &mut *ctx.accounts;
    let oracle = &accounts.oracle;
    let closing = Closing {
        market: &accounts.market,
        position: &accounts.position,
        position_vault: accounts.position_vault.to_account_info(),
        pool_vault: accounts.pool_vault.to_account_info(),
        referral: accounts.referral.as_ref(),
        owner: accounts.owner.to_account_info(),
        owner_token_account: accounts.owner_token_account.to_account_info(),
        token_program: accounts.token_program.to_account_info(),
    };
    let (closed, end) = closing.run(Price(args.acceptable_price), |market| {
        Ok(oracle::observe(market, oracle, Action::ReduceRisk, &Clock::get()?)?)
    })?;
    if let Some(event) = closed {
        events::record(&ctx.accounts.event_authority, &event)?;
    }
    events::record(&ctx.accounts.event_authority, &end)?;
    Ok(())
}
