use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::*;
use anchor_spl::token_interface::{TokenAccount, TokenInterface};
use ringfence_math::{Price, Quote, Size};

use crate::errors::RingfenceError;
use crate::events::{self, PositionIncreased};
use crate::oracle::{self, Action};
use crate::state::{Increase, Market, Position, Referral, TradeTerms, credit_referral};
use crate::{ensure, position_seeds, tokens};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct IncreasePositionArgs {
    /// Size units to add.
    pub size: u64,
    /// Margin to add in quote atoms; may be zero.
    pub margin: u64,
    /// Worst fill price: the highest for a long, the lowest for a short.
    pub acceptable_price: u64,
}

#[event_cpi]
#[derive(Accounts)]
pub struct IncreasePosition<'info> {
    /// The owner or the position's delegate.
    pub trader: Signer<'info>,
    /// Pays the margin that is added.
    #[account(
        mut,
        dup,
        constraint = trader_token_account.mint == market.load()?.collateral_mint @ RingfenceError::WrongTokenMint,
        constraint = trader_token_account.key() != position_vault.key()
            && trader_token_account.key() != pool_vault.key()
            @ ErrorCode::ConstraintDuplicateMutableAccount
    )]
    pub trader_token_account: Box<InterfaceAccount<'info, TokenAccount>>,
    #[account(
        mut,
        has_one = pool_vault @ RingfenceError::WrongPoolVault,
        has_one = token_program @ RingfenceError::WrongTokenProgram
    )]
    pub market: AccountLoader<'info, Market>,
    #[account(
        mut,
        constraint = position.load()?.may_trade(&trader.key()) @ RingfenceError::NotOwnerOrDelegate,
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
    /// CHECK: `oracle::read` checks the key, the owner and the contents.
    pub oracle: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

impl IncreasePosition<'_> {
    fn validate(&self) -> Result<()> {
        let market = self.market.load()?;
        market.check_version()?;
        market.status()?.allows_new_risk()?;
        market.ensure_instant_open()?;
        let position = self.position.load()?;
        position.check_version()?;
        ensure!(!position.is_empty(), RingfenceError::PositionEmpty);
        position.ensure_uncommitted_now(&market)?;
        Ok(())
    }
}

#[access_control(ctx.accounts.validate())]
pub fn handle_increase_position(ctx: Context<IncreasePosition>, args: IncreasePositionArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    let event = {
        let market = &mut accounts.market.load_mut()?;
        let position = &mut accounts.position.load_mut()?;
        let reading = oracle::observe(market, &accounts.oracle, Action::AddRisk, &Clock::get()?)?;
        let terms = TradeTerms {
            acceptable: Price(args.acceptable_price),
            referred: position.refers(accounts.trader.key),
        };
        let increase = position.increase(market, Size(args.size), Quote(args.margin), &reading, terms)?;
        credit_referral(position, accounts.referral.as_ref(), increase.split.referrer.0)?;
        market.invariant()?;
        increased(accounts.position.key(), position, market, args.size, args.margin, &increase)
    };
    tokens::transfer(
        &accounts.token_program,
        accounts.trader_token_account.to_account_info(),
        accounts.position_vault.to_account_info(),
        accounts.trader.to_account_info(),
        args.margin,
        None,
    )?;
    let position = *accounts.position.load()?;
    tokens::transfer(
        &accounts.token_program,
        accounts.position_vault.to_account_info(),
        accounts.pool_vault.to_account_info(),
        accounts.position.to_account_info(),
        event.fee,
        Some(position_seeds!(position)),
    )?;
    events::record(&ctx.accounts.event_authority, &event)?;
    Ok(())
}

/// The event of an increase, or of an order that added.
pub(in crate::instructions) fn increased(
    key: Pubkey,
    position: &Position,
    market: &Market,
    size: u64,
    deposit: u64,
    increase: &Increase,
) -> PositionIncreased {
    PositionIncreased {
        market: position.market,
        position: key,
        size,
        fill_price: increase.fill.0,
        entry_notional: increase.entry_notional.0,
        reserve: increase.reserve.0,
        deposit,
        fee: increase.fee.0,
        fee_parts: increase.split.into(),
        margin: position.margin,
        oracle: market.accepted,
    }
}
