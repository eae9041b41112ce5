use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use ringfence_math::{Price, Size};

use crate::errors::RingfenceError;
use crate::events::{self, PositionDecreased};
use crate::oracle::{self, Action};
use crate::state::{Decrease, Market, Position, Referral, TradeTerms, credit_referral};
use crate::tokens::Netting;
use crate::{ensure, market_seeds, position_seeds};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct DecreasePositionArgs {
    /// Size units to close; all of them empties the position and leaves the
    /// proceeds in its vault.
    pub size: u64,
    /// Worst fill price: the lowest for a long, the highest for a short.
    pub acceptable_price: u64,
}

#[event_cpi]
#[derive(Accounts)]
pub struct DecreasePosition<'info> {
    /// The owner or the position's delegate.
    pub trader: Signer<'info>,
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

impl DecreasePosition<'_> {
    fn validate(&self, args: &DecreasePositionArgs) -> Result<()> {
        let market = self.market.load()?;
        market.check_version()?;
        let position = self.position.load()?;
        position.check_version()?;
        ensure!(!position.is_empty(), RingfenceError::PositionEmpty);
        if args.size == position.size {
            position.ensure_uncommitted_now(&market)?;
        }
        Ok(())
    }
}

#[access_control(ctx.accounts.validate(&args))]
pub fn handle_decrease_position(ctx: Context<DecreasePosition>, args: DecreasePositionArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    let event = {
        let market = &mut accounts.market.load_mut()?;
        let position = &mut accounts.position.load_mut()?;
        let reading = oracle::observe(market, &accounts.oracle, Action::ReduceRisk, &Clock::get()?)?;
        let terms = TradeTerms {
            acceptable: Price(args.acceptable_price),
            referred: position.refers(accounts.trader.key),
        };
        let decrease = position.decrease(market, Size(args.size), &reading, terms)?;
        credit_referral(position, accounts.referral.as_ref(), decrease.split.referrer.0)?;
        market.invariant()?;
        decreased(accounts.position.key(), position, market, &decrease)
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
    .settle(
        event.gain,
        event.loss + event.fee,
        position_seeds!(position),
        market_seeds!(market.0, market.1),
    )?;
    events::record(&ctx.accounts.event_authority, &event)?;
    Ok(())
}

/// The event of a decrease, or of the size that a close still had open.
pub(in crate::instructions) fn decreased(
    key: Pubkey,
    position: &Position,
    market: &Market,
    decrease: &Decrease,
) -> PositionDecreased {
    PositionDecreased {
        market: position.market,
        position: key,
        size: decrease.share.size.0,
        fill_price: decrease.fill.0,
        entry_notional: decrease.share.entry_notional.0,
        reserve: decrease.share.reserve.0,
        funding: decrease.share.funding.0,
        borrow: decrease.share.borrow.0,
        gain: decrease.settlement.gain_paid.0,
        loss: decrease.settlement.loss_paid.0,
        fee: decrease.settlement.fee_paid.0,
        fee_parts: decrease.split.into(),
        fee_forgiven: decrease.settlement.fee_forgiven.0,
        bad_debt: decrease.settlement.bad_debt.0,
        insurance_cover: decrease.insurance_cover.0,
        margin: position.margin,
        oracle: market.accepted,
    }
}
