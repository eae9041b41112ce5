use anchor_lang::prelude::*;
use anchor_spl::token_interface::{TokenAccount, TokenInterface};
use ringfence_math::{Price, Size};

use super::decreased;
use crate::errors::RingfenceError;
use crate::events::{PositionClosed, PositionDecreased};
use crate::oracle::{self, Action};
use crate::state::{Market, Position};
use crate::tokens::{self, Netting};
use crate::{market_seeds, position_seeds};

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
    #[account(mut, constraint = owner_token_account.mint == position_vault.mint @ RingfenceError::WrongTokenMint)]
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
    #[account(mut)]
    pub position_vault: Box<InterfaceAccount<'info, TokenAccount>>,
    #[account(mut)]
    pub pool_vault: Box<InterfaceAccount<'info, TokenAccount>>,
    /// CHECK: `oracle::read` checks the key, the owner and the contents; not
    /// read where nothing is open any more.
    pub oracle: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

impl ClosePosition<'_> {
    fn validate(&self) -> Result<()> {
        self.market.load()?.check_version()?;
        self.position.load()?.check_version()?;
        Ok(())
    }

    /// Closes what is open; none where the position is empty already.
    fn close_open_size(&self, acceptable: Price) -> Result<Option<PositionDecreased>> {
        let market = &mut self.market.load_mut()?;
        let position = &mut self.position.load_mut()?;
        if position.is_empty() {
            return Ok(None);
        }
        let reading = oracle::observe(market, &self.oracle, Action::ReduceRisk, &Clock::get()?)?;
        let size = Size(position.size);
        let decrease = position.decrease(market, size, &reading, acceptable)?;
        market.invariant()?;
        Ok(Some(decreased(self.position.key(), position, market, &decrease)))
    }
}

#[access_control(ctx.accounts.validate())]
pub fn handle_close_position(ctx: Context<ClosePosition>, args: ClosePositionArgs) -> Result<()> {
    let accounts = &mut *ctx.accounts;
    let closed = accounts.close_open_size(Price(args.acceptable_price))?;
    let market = (accounts.market.load()?.index, accounts.market.load()?.bump);
    let position = *accounts.position.load()?;
    if let Some(event) = &closed {
        Netting {
            program: &accounts.token_program,
            vault: accounts.position_vault.to_account_info(),
            pool_vault: accounts.pool_vault.to_account_info(),
            position: accounts.position.to_account_info(),
            market: accounts.market.to_account_info(),
        }
        .settle(
            event.gain,
            event.loss + event.fee,
            position_seeds!(position),
            market_seeds!(market.0, market.1),
        )?;
        accounts.position_vault.reload()?;
    }

    // All that is there, not the margin alone: a donation must not keep the
    // vault from being closed.
    let payout = accounts.position_vault.amount;
    let vault = accounts.position_vault.to_account_info();
    let authority = accounts.position.to_account_info();
    let seeds = position_seeds!(position);
    tokens::transfer(
        &accounts.token_program,
        vault.clone(),
        accounts.owner_token_account.to_account_info(),
        authority.clone(),
        payout,
        Some(seeds),
    )?;
    tokens::close(&accounts.token_program, vault, accounts.owner.to_account_info(), authority, seeds)?;
    if let Some(event) = closed {
        emit_cpi!(event);
    }
    emit_cpi!(PositionClosed {
        market: position.market,
        position: ctx.accounts.position.key(),
        owner: position.owner,
        generation: position.generation,
        payout,
        surplus: payout.saturating_sub(position.margin),
        realised_pnl: position.realised_pnl.get(),
        fees_paid: position.fees_paid,
    });
    Ok(())
}
