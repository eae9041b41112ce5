use anchor_lang::prelude::*;
use anchor_spl::token_interface::{TokenAccount, TokenInterface};
use ringfence_math::{Price, Quote, Size};

use crate::errors::RingfenceError;
use crate::events::{OrderExecuted, PositionDecreased, PositionIncreased};
use crate::instructions::trader::decrease_position::decreased;
use crate::instructions::trader::increase_position::increased;
use crate::oracle::{self, Action};
use crate::state::{Market, Order, OrderKind, Position, Referral, TradeTerms, credit_referral};
use crate::tokens::{self, Netting};
use crate::{ensure, market_seeds, order_seeds, position_seeds};

#[event_cpi]
#[derive(Accounts)]
pub struct ExecuteOrder<'info> {
    /// Anyone. No token account of the trader is needed, so none can block this.
    pub executor: Signer<'info>,
    /// Receives the reward.
    #[account(mut, constraint = executor_token_account.mint == position_vault.mint @ RingfenceError::WrongTokenMint)]
    pub executor_token_account: Box<InterfaceAccount<'info, TokenAccount>>,
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
    #[account(mut)]
    pub position_vault: Box<InterfaceAccount<'info, TokenAccount>>,
    #[account(
        mut,
        close = trader,
        has_one = trader @ RingfenceError::WrongPayee,
        has_one = position @ RingfenceError::WrongPosition,
        has_one = escrow @ RingfenceError::WrongEscrow
    )]
    pub order: AccountLoader<'info, Order>,
    #[account(mut)]
    pub escrow: Box<InterfaceAccount<'info, TokenAccount>>,
    /// CHECK: who placed the order, and gets the rent of both accounts.
    #[account(mut)]
    pub trader: UncheckedAccount<'info>,
    /// The one that the position names; none where it names none.
    #[account(mut)]
    pub referral: Option<AccountLoader<'info, Referral>>,
    #[account(mut)]
    pub pool_vault: Box<InterfaceAccount<'info, TokenAccount>>,
    /// CHECK: `oracle::read` checks the key, the owner and the contents.
    pub oracle: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

/// What an order's execution did to the position.
enum Trade {
    Added(PositionIncreased),
    Closed(PositionDecreased),
}

impl ExecuteOrder<'_> {
    fn validate(&self) -> Result<()> {
        let market = self.market.load()?;
        market.check_version()?;
        let order = self.order.load()?;
        order.check_version()?;
        let kind = order.kind()?;
        market.status()?.allows_order(kind.adds())?;
        if matches!(kind, OrderKind::Limit | OrderKind::Stop) {
            market.ensure_instant_open()?;
        }
        self.position.load()?.check_version()?;
        Ok(())
    }

    /// Changes the books; the tokens follow. Returns the trade, and when its
    /// price was published.
    fn trade(&self, order: &Order) -> Result<(Trade, i64)> {
        let clock = Clock::get()?;
        let market = &mut self.market.load_mut()?;
        let position = &mut self.position.load_mut()?;
        order.ensure_stands(position, clock.unix_timestamp)?;
        let kind = order.kind()?;
        let reading = match kind {
            OrderKind::TakeProfit | OrderKind::StopLoss => {
                oracle::observe(market, &self.oracle, Action::ReduceByOrder, &clock)?
            }
            OrderKind::Limit | OrderKind::Stop => {
                oracle::observe(market, &self.oracle, Action::AddRisk, &clock)?
            }
            OrderKind::Delayed => oracle::observe_first(market, &self.oracle, order.not_before, &clock)?,
        };
        order.ensure_triggered(&reading)?;
        let terms = TradeTerms {
            acceptable: Price(order.acceptable_price),
            referred: position.refers(&order.trader),
        };
        let key = self.position.key();
        let (trade, split) = if kind.adds() {
            position.begin(clock.unix_timestamp);
            let (size, margin) = (Size(order.size), Quote(order.margin));
            let added = position.increase(market, size, margin, &reading, terms)?;
            if kind == OrderKind::Delayed {
                position.ensure_healthy_now(market)?;
            }
            let event = increased(key, position, market, size.0, margin.0, &added);
            (Trade::Added(event), added.split)
        } else {
            ensure!(!position.is_empty(), RingfenceError::PositionEmpty);
            let size = order.share_of(Size(position.size))?;
            if size.0 == position.size {
                position.ensure_uncommitted(market, clock.unix_timestamp)?;
            }
            let closed = position.decrease(market, size, &reading, terms)?;
            (Trade::Closed(decreased(key, position, market, &closed)), closed.split)
        };
        credit_referral(position, self.referral.as_ref(), split.referrer.0)?;
        position.settle_order(order);
        market.invariant()?;
        Ok((trade, reading.publish_time))
    }

    /// The reward to the executor; the margin, and what was donated, into the
    /// position's vault; the rent home. Returns what went into the vault.
    fn empty_escrow(&self, order: &Order) -> Result<u64> {
        let to_vault =
            self.escrow.amount.checked_sub(order.reward).ok_or(RingfenceError::InvariantViolated)?;
        for (to, amount) in [(&self.executor_token_account, order.reward), (&self.position_vault, to_vault)] {
            tokens::transfer(
                &self.token_program,
                self.escrow.to_account_info(),
                to.to_account_info(),
                self.order.to_account_info(),
                amount,
                Some(order_seeds!(order)),
            )?;
        }
        tokens::close(
            &self.token_program,
            self.escrow.to_account_info(),
            self.trader.to_account_info(),
            self.order.to_account_info(),
            order_seeds!(order),
        )?;
        Ok(to_vault)
    }
}

#[access_control(ctx.accounts.validate())]
pub fn handle_execute_order(ctx: Context<ExecuteOrder>) -> Result<()> {
    let accounts = &ctx.accounts;
    let order = *accounts.order.load()?;
    let (trade, publish_time) = accounts.trade(&order)?;
    // First the margin comes in, of which a fee may be due.
    let to_vault = accounts.empty_escrow(&order)?;
    let (size, fill_price, gain, owed) = match &trade {
        Trade::Added(event) => (event.size, event.fill_price, 0, event.fee),
        Trade::Closed(event) => (event.size, event.fill_price, event.gain, event.loss + event.fee),
    };
    let market = (accounts.market.load()?.index, accounts.market.load()?.bump);
    let position = *accounts.position.load()?;
    Netting {
        program: &accounts.token_program,
        vault: accounts.position_vault.to_account_info(),
        pool_vault: accounts.pool_vault.to_account_info(),
        position: accounts.position.to_account_info(),
        market: accounts.market.to_account_info(),
    }
    .settle(gain, owed, position_seeds!(position), market_seeds!(market.0, market.1))?;
    match trade {
        Trade::Added(event) => emit_cpi!(event),
        Trade::Closed(event) => emit_cpi!(event),
    }
    emit_cpi!(OrderExecuted {
        market: order.market,
        position: order.position,
        order: accounts.order.key(),
        trader: order.trader,
        executor: accounts.executor.key(),
        id: order.id,
        kind: order.kind()?,
        size,
        fill_price,
        reward: order.reward,
        to_vault,
        publish_time,
    });
    Ok(())
}
