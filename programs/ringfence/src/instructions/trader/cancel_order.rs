use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::*;
use anchor_spl::token::accessor;
use anchor_spl::token_interface::{TokenAccount, TokenInterface};

use crate::errors::RingfenceError;
use crate::events::{self, OrderCancelled, OrderEnd};
use crate::state::{Order, Position};
use crate::{ensure, order_seeds, tokens};

/// Needs neither the market nor its status: an order's funds come home also
/// after position and market are gone.
#[event_cpi]
#[derive(Accounts)]
pub struct CancelOrder<'info> {
    /// Who placed the order, or the position's owner; anyone once the order is
    /// void or has expired.
    pub canceller: Signer<'info>,
    /// CHECK: who placed the order, and gets the rent of both accounts.
    #[account(mut)]
    pub trader: UncheckedAccount<'info>,
    /// Receives all that the escrow holds: where the trader himself cancels,
    /// any token account; else any of his own. A frozen one holds nothing up.
    #[account(
        mut,
        dup,
        constraint = trader_token_account.key() != escrow.key()
            @ ErrorCode::ConstraintDuplicateMutableAccount
    )]
    pub trader_token_account: Box<InterfaceAccount<'info, TokenAccount>>,
    /// CHECK: the order's position, which may be closed by now.
    pub position: UncheckedAccount<'info>,
    #[account(
        mut,
        close = trader,
        has_one = trader @ RingfenceError::WrongPayee,
        has_one = position @ RingfenceError::WrongPosition,
        has_one = escrow @ RingfenceError::WrongEscrow
    )]
    pub order: AccountLoader<'info, Order>,
    /// CHECK: the order's: its address has been compared when its mint is read.
    #[account(
        mut,
        constraint = *escrow.owner == token_program.key() @ RingfenceError::WrongTokenProgram,
        constraint = trader_token_account.mint == accessor::mint(&escrow)? @ RingfenceError::WrongTokenMint
    )]
    pub escrow: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

impl CancelOrder<'_> {
    fn validate(&self) -> Result<()> {
        self.order.load()?.check_version()?;
        if self.canceller.key == self.trader.key {
            return Ok(());
        }
        tokens::ensure_payee(&self.trader_token_account, self.trader.key)
    }

    /// How the order ends, where the canceller may end it.
    fn end(&self) -> Result<OrderEnd> {
        let order = self.order.load()?;
        if order.has_failed() {
            return Ok(OrderEnd::Failed);
        }
        // At a position's address is that position, or nothing of this program.
        if *self.position.owner != crate::ID {
            return Ok(OrderEnd::Void);
        }
        let data = self.position.try_borrow_data()?;
        let bytes = data.get(8..Position::SIZE).ok_or(RingfenceError::InvariantViolated)?;
        let position: &Position = bytemuck::from_bytes(bytes);
        if !position.honours(&order) {
            return Ok(OrderEnd::Void);
        }
        if order.has_expired(Clock::get()?.unix_timestamp) {
            return Ok(OrderEnd::Expired);
        }
        let canceller = self.canceller.key();
        ensure!(canceller == order.trader || canceller == position.owner, RingfenceError::OrderLive);
        ensure!(!order.is_delayed(), RingfenceError::OrderPending);
        Ok(OrderEnd::Cancelled)
    }
}

#[access_control(ctx.accounts.validate())]
pub fn handle_cancel_order(ctx: Context<CancelOrder>) -> Result<()> {
    let accounts = &ctx.accounts;
    let end = accounts.end()?;
    let order = *accounts.order.load()?;
    let (escrow, authority) = (accounts.escrow.to_account_info(), accounts.order.to_account_info());
    // All that is there: a donation must not keep the escrow from being closed.
    let refund = accessor::amount(&accounts.escrow)?;
    tokens::transfer(
        &accounts.token_program,
        escrow.clone(),
        accounts.trader_token_account.to_account_info(),
        authority.clone(),
        refund,
        Some(order_seeds!(order)),
    )?;
    let rent_home = accounts.trader.to_account_info();
    tokens::close(&accounts.token_program, escrow, rent_home, authority, order_seeds!(order))?;
    events::record(
        &ctx.accounts.event_authority,
        &OrderCancelled {
            market: order.market,
            position: order.position,
            order: accounts.order.key(),
            trader: order.trader,
            canceller: accounts.canceller.key(),
            id: order.id,
            end,
            refund,
        },
    )?;
    Ok(())
}
