use anchor_lang::AccountsClose;
use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::*;
use anchor_spl::token::accessor;
use anchor_spl::token_interface::{TokenAccount, TokenInterface};
use ringfence_math::{Price, Quote, Size};

use crate::errors::RingfenceError;
use crate::events::{self, FeeParts, OrderExecuted, OrderFailed, PositionDecreased, PositionIncreased};
use crate::instructions::trader::decrease_position::decreased;
use crate::instructions::trader::increase_position::increased;
use crate::oracle::{self, Action, PriceReading};
use crate::state::{Market, Order, OrderKind, Position, Referral, TradeTerms, credit_referral, ensure_named};
use crate::tokens::{self, Netting};
use crate::{ensure, market_seeds, order_seeds, position_seeds};

#[event_cpi]
#[derive(Accounts)]
pub struct ExecuteOrder<'info> {
    /// Anyone. No token account of the trader is needed, so none can block this.
    pub executor: Signer<'info>,
    /// Receives the reward.
    #[account(
        mut,
        dup,
        constraint = executor_token_account.mint == market.load()?.collateral_mint @ RingfenceError::WrongTokenMint,
        constraint = executor_token_account.key() != position_vault.key()
            && executor_token_account.key() != escrow.key()
            && executor_token_account.key() != pool_vault.key()
            @ ErrorCode::ConstraintDuplicateMutableAccount
    )]
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
    /// CHECK: the position's: its address is compared.
    #[account(mut)]
    pub position_vault: UncheckedAccount<'info>,
    #[account(
        mut,
        has_one = trader @ RingfenceError::WrongPayee,
        has_one = position @ RingfenceError::WrongPosition,
        has_one = escrow @ RingfenceError::WrongEscrow
    )]
    pub order: AccountLoader<'info, Order>,
    /// CHECK: the order's: its address is compared.
    #[account(mut)]
    pub escrow: UncheckedAccount<'info>,
    /// CHECK: who placed the order, and gets the rent of both accounts.
    #[account(mut)]
    pub trader: UncheckedAccount<'info>,
    /// The one that the position names; none where it names none.
    #[account(mut)]
    pub referral: Option<AccountLoader<'info, Referral>>,
    /// CHECK: the market's: its address is compared.
    #[account(mut)]
    pub pool_vault: UncheckedAccount<'info>,
    /// CHECK: `oracle::read` checks the key, the owner and the contents.
    pub oracle: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

/// What an order's execution did to the position.
enum Trade {
    Added(PositionIncreased),
    Closed(PositionDecreased),
    /// Nothing, and it never will: a delayed order has one attempt.
    Failed(RingfenceError),
}

impl Trade {
    /// Where its fee goes; none where nothing was traded.
    fn fee_parts(&self) -> Option<&FeeParts> {
        match self {
            Self::Added(event) => Some(&event.fee_parts),
            Self::Closed(event) => Some(&event.fee_parts),
            Self::Failed(_) => None,
        }
    }
}

/// What the trade is done on: as if the order's trader had signed it.
fn terms(order: &Order, position: &Position) -> TradeTerms {
    TradeTerms { acceptable: Price(order.acceptable_price), referred: position.refers(&order.trader) }
}

impl<'info> ExecuteOrder<'info> {
    fn validate(&self) -> Result<()> {
        let market = self.market.load()?;
        market.check_version()?;
        let order = self.order.load()?;
        order.check_version()?;
        let kind = order.kind()?;
        market.status()?.allows_order(kind.adds())?;
        let position = self.position.load()?;
        position.check_version()?;
        if matches!(kind, OrderKind::Limit | OrderKind::Stop) {
            market.ensure_instant_open()?;
            position.ensure_uncommitted_now(&market)?;
        }
        // Before anything is tried: nobody makes an attempt fail by this.
        ensure_named(&position, self.referral.as_ref())?;
        Ok(())
    }

    /// Changes the books; the tokens follow. Returns the trade, and when its
    /// price was published.
    fn trade(&self, order: &Order) -> Result<(Trade, i64)> {
        let clock = Clock::get()?;
        let market = &mut self.market.load_mut()?;
        let position = &mut self.position.load_mut()?;
        order.ensure_stands(position, clock.unix_timestamp)?;
        let reading = match order.kind()? {
            OrderKind::TakeProfit | OrderKind::StopLoss => {
                oracle::observe(market, &self.oracle, Action::ReduceByOrder, &clock)?
            }
            OrderKind::Limit | OrderKind::Stop => {
                oracle::observe(market, &self.oracle, Action::AddRisk, &clock)?
            }
            OrderKind::Delayed => oracle::observe_first(market, &self.oracle, order.not_before, &clock)?,
        };
        order.ensure_triggered(&reading)?;
        let trade = match order.kind()? {
            OrderKind::TakeProfit | OrderKind::StopLoss => {
                self.close(order, market, position, &reading, clock.unix_timestamp)?
            }
            OrderKind::Limit | OrderKind::Stop => {
                self.add(order, market, position, &reading, clock.unix_timestamp)?
            }
            OrderKind::Delayed => self.try_to_add(order, market, position, &reading, clock.unix_timestamp),
        };
        if let Some(parts) = trade.fee_parts() {
            credit_referral(position, self.referral.as_ref(), parts.referrer)?;
            position.settle_order(order);
        }
        market.invariant()?;
        Ok((trade, reading.publish_time))
    }

    /// Adds, or ends the order for good. One that could be tried again until
    /// it fits would be its trader's option: he makes it fit once it has
    /// turned out well, and lets it expire otherwise.
    fn try_to_add(
        &self,
        order: &Order,
        market: &mut Market,
        position: &mut Position,
        reading: &PriceReading,
        now: i64,
    ) -> Trade {
        let before = Box::new((*market, *position));
        let added = self.add(order, market, position, reading, now).and_then(|trade| {
            position.ensure_healthy_now(market)?;
            Ok(trade)
        });
        added.unwrap_or_else(|error| {
            (*market, *position) = *before;
            position.release();
            Trade::Failed(error)
        })
    }

    fn add(
        &self,
        order: &Order,
        market: &mut Market,
        position: &mut Position,
        reading: &PriceReading,
        now: i64,
    ) -> crate::errors::Result<Trade> {
        position.begin(now);
        let (size, margin) = (Size(order.size), Quote(order.margin));
        let added = position.increase(market, size, margin, reading, terms(order, position))?;
        let key = self.position.key();
        Ok(Trade::Added(increased(key, position, market, size.0, margin.0, &added)))
    }

    fn close(
        &self,
        order: &Order,
        market: &mut Market,
        position: &mut Position,
        reading: &PriceReading,
        now: i64,
    ) -> crate::errors::Result<Trade> {
        ensure!(!position.is_empty(), RingfenceError::PositionEmpty);
        let size = order.share_of(Size(position.size))?;
        if size.0 == position.size {
            position.ensure_uncommitted(market, now)?;
        }
        let closed = position.decrease(market, size, reading, terms(order, position))?;
        Ok(Trade::Closed(decreased(self.position.key(), position, market, &closed)))
    }

    /// The reward to the executor.
    fn pay_reward(&self, order: &Order) -> Result<()> {
        self.pay(order, self.executor_token_account.to_account_info(), order.reward)
    }

    /// The margin, and what was donated, into the position's vault; the rent
    /// home. Returns what went into the vault.
    fn empty_escrow(&self, order: &Order) -> Result<u64> {
        let to_vault = accessor::amount(&self.escrow)?;
        self.pay(order, self.position_vault.to_account_info(), to_vault)?;
        tokens::close(
            &self.token_program,
            self.escrow.to_account_info(),
            self.trader.to_account_info(),
            self.order.to_account_info(),
            order_seeds!(order),
        )?;
        self.order.close(self.trader.to_account_info())?;
        Ok(to_vault)
    }

    /// From the escrow.
    fn pay(&self, order: &Order, to: AccountInfo<'info>, amount: u64) -> Result<()> {
        tokens::transfer(
            &self.token_program,
            self.escrow.to_account_info(),
            to,
            self.order.to_account_info(),
            amount,
            Some(order_seeds!(order)),
        )
    }
}

#[access_control(ctx.accounts.validate())]
pub fn handle_execute_order(ctx: Context<ExecuteOrder>) -> Result<()> {
    let accounts = &ctx.accounts;
    let order = *accounts.order.load()?;
    let (trade, publish_time) = accounts.trade(&order)?;
    accounts.pay_reward(&order)?;
    let (size, fill_price, gain, owed) = match &trade {
        Trade::Added(event) => (event.size, event.fill_price, 0, event.fee),
        Trade::Closed(event) => (event.size, event.fill_price, event.gain, event.loss + event.fee),
        Trade::Failed(error) => {
            accounts.order.load_mut()?.fail();
            events::record(
                &ctx.accounts.event_authority,
                &OrderFailed {
                    market: order.market,
                    position: order.position,
                    order: accounts.order.key(),
                    trader: order.trader,
                    executor: accounts.executor.key(),
                    id: order.id,
                    error: (*error).into(),
                    reward: order.reward,
                    publish_time,
                },
            )?;
            return Ok(());
        }
    };
    // First the margin comes in, of which a fee may be due.
    let to_vault = accounts.empty_escrow(&order)?;
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
        Trade::Added(event) => events::record(&ctx.accounts.event_authority, &event)?,
        Trade::Closed(event) => events::record(&ctx.accounts.event_authority, &event)?,
        Trade::Failed(_) => {}
    }
    events::record(
        &ctx.accounts.event_authority,
        &OrderExecuted {
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
        },
    )?;
    Ok(())
}
