use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;

use crate::errors::RingfenceError;
use crate::events::{self, PositionCapped};
use crate::oracle::{self, Action};
use crate::state::{Market, Position};
use crate::{market_seeds, tokens};

#[event_cpi]
#[derive(Accounts)]
pub struct CloseAtCap<'info> {
    /// Anyone; nothing is paid for it. It frees the pool's reserve.
    pub caller: Signer<'info>,
    #[account(
        mut,
        has_one = pool_vault @ RingfenceError::WrongPoolVault,
        has_one = token_program @ RingfenceError::WrongTokenProgram
    )]
    pub market: AccountLoader<'info, Market>,
    #[account(
        mut,
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
    /// CHECK: `oracle::read` checks the key, the owner and the contents.
    pub oracle: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

impl CloseAtCap<'_> {
    fn validate(&self) -> Result<()> {
        let market = self.market.load()?;
        market.check_version()?;
        let position = self.position.load()?;
        position.check_version()?;
        position.ensure_uncommitted(&market, Clock::get()?.unix_timestamp)?;
        Ok(())
    }
}

#[access_control(ctx.accounts.validate())]
pub fn handle_close_at_cap(ctx: Context<CloseAtCap>) -> Result<()> {
    let accounts = &ctx.accounts;
    let event = {
        let market = &mut accounts.market.load_mut()?;
        let position = &mut accounts.position.load_mut()?;
        let reading = oracle::observe(market, &accounts.oracle, Action::ReduceRisk, &Clock::get()?)?;
        let closed = position.close_at_cap(market, &reading)?;
        market.invariant()?;
        PositionCapped {
            market: position.market,
            position: accounts.position.key(),
            owner: position.owner,
            caller: accounts.caller.key(),
            size: closed.share.size.0,
            price: closed.price.0,
            entry_notional: closed.share.entry_notional.0,
            funding: closed.share.funding.0,
            borrow: closed.share.borrow.0,
            gain: closed.share.reserve.0,
            margin: position.margin,
            oracle: market.accepted,
        }
    };
    let (index, bump) = (accounts.market.load()?.index, accounts.market.load()?.bump);
    tokens::transfer(
        &accounts.token_program,
        accounts.pool_vault.to_account_info(),
        accounts.position_vault.to_account_info(),
        accounts.market.to_account_info(),
        event.gain,
        Some(market_seeds!(index, bump)),
    )?;
    events::record(&ctx.accounts.event_authority, &event)?;
    Ok(())
}
