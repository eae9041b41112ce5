use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::*;
use anchor_spl::token_interface::{TokenAccount, TokenInterface};

use crate::errors::RingfenceError;
use crate::events::{self, PositionLiquidated};
use crate::oracle::{self, Action};
use crate::state::{Market, Position};
use crate::tokens::{self, Netting};
use crate::{market_seeds, position_seeds};

#[event_cpi]
#[derive(Accounts)]
pub struct Liquidate<'info> {
    /// Anyone. No account of the owner is needed, so none can block this.
    pub liquidator: Signer<'info>,
    /// Receives the reward.
    #[account(
        mut,
        dup,
        constraint = liquidator_token_account.mint == market.load()?.collateral_mint @ RingfenceError::WrongTokenMint,
        constraint = liquidator_token_account.key() != position_vault.key()
            && liquidator_token_account.key() != pool_vault.key()
            @ ErrorCode::ConstraintDuplicateMutableAccount
    )]
    pub liquidator_token_account: Box<InterfaceAccount<'info, TokenAccount>>,
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

impl Liquidate<'_> {
    fn validate(&self) -> Result<()> {
        let market = self.market.load()?;
        market.check_version()?;
        market.status()?.allows_liquidation()?;
        self.position.load()?.check_version()?;
        Ok(())
    }

    /// Changes the books; the tokens follow.
    fn liquidate(&self) -> Result<PositionLiquidated> {
        let market = &mut self.market.load_mut()?;
        let position = &mut self.position.load_mut()?;
        let reading = oracle::observe(market, &self.oracle, Action::Liquidate, &Clock::get()?)?;
        let liquidation = position.liquidate(market, &reading)?;
        market.invariant()?;
        let (closed, outcome) = (&liquidation.closed, &liquidation.closed.outcome);
        Ok(PositionLiquidated {
            market: position.market,
            position: self.position.key(),
            owner: position.owner,
            liquidator: self.liquidator.key(),
            size: closed.share.size.0,
            price: liquidation.price.0,
            settled_at: closed.settled_at.0,
            notional: closed.notional.0,
            entry_notional: closed.share.entry_notional.0,
            reserve: closed.share.reserve.0,
            funding: closed.share.funding.0,
            borrow: closed.share.borrow.0,
            equity: liquidation.equity.0,
            maintenance: liquidation.maintenance.0,
            gain: outcome.gain_paid.0,
            loss: outcome.loss_paid.0,
            keeper_from_vault: outcome.keeper_from_vault.0,
            keeper_from_insurance: outcome.keeper_from_insurance.0,
            insurance_fee: outcome.insurance_fee.0,
            bad_debt: outcome.bad_debt.0,
            insurance_cover: outcome.insurance_cover.0,
            remaining_size: position.size,
            generation: position.generation,
            margin: position.margin,
            oracle: market.accepted,
        })
    }
}

#[access_control(ctx.accounts.validate())]
pub fn handle_liquidate(ctx: Context<Liquidate>) -> Result<()> {
    let accounts = &ctx.accounts;
    let event = accounts.liquidate()?;
    let market = (accounts.market.load()?.index, accounts.market.load()?.bump);
    let position = *accounts.position.load()?;
    let (position_seeds, market_seeds) = (position_seeds!(position), market_seeds!(market.0, market.1));
    Netting {
        program: &accounts.token_program,
        vault: accounts.position_vault.to_account_info(),
        pool_vault: accounts.pool_vault.to_account_info(),
        position: accounts.position.to_account_info(),
        market: accounts.market.to_account_info(),
    }
    .settle(event.gain, event.loss + event.insurance_fee, position_seeds, market_seeds)?;
    for (from, authority, amount, seeds) in [
        (
            &accounts.position_vault,
            accounts.position.to_account_info(),
            event.keeper_from_vault,
            position_seeds as tokens::Seeds,
        ),
        (&accounts.pool_vault, accounts.market.to_account_info(), event.keeper_from_insurance, market_seeds),
    ] {
        tokens::transfer(
            &accounts.token_program,
            from.to_account_info(),
            accounts.liquidator_token_account.to_account_info(),
            authority,
            amount,
            Some(seeds),
        )?;
    }
    events::record(&ctx.accounts.event_authority, &event)?;
    Ok(())
}
