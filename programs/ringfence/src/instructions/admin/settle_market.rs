use anchor_lang::prelude::*;

use crate::errors::RingfenceError;
use crate::events::MarketSettled;
use crate::oracle::{self, Action};
use crate::state::{Exchange, Market};

#[event_cpi]
#[derive(Accounts)]
pub struct SettleMarket<'info> {
    pub admin: Signer<'info>,
    #[account(has_one = admin @ RingfenceError::NotAdmin)]
    pub exchange: AccountLoader<'info, Exchange>,
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    /// CHECK: `oracle::read` checks the key, the owner and the contents.
    pub oracle: UncheckedAccount<'info>,
}

impl SettleMarket<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        let (market, exchange) = (self.market.load()?, self.exchange.load()?);
        market.check_version()?;
        exchange.check_version()?;
        market.ensure_notice_given(&exchange, now)?;
        Ok(())
    }
}

#[access_control(ctx.accounts.validate(Clock::get()?.unix_timestamp))]
pub fn handle_settle_market(ctx: Context<SettleMarket>) -> Result<()> {
    let event = {
        let clock = Clock::get()?;
        let market = &mut ctx.accounts.market.load_mut()?;
        // As good a price as opening needs: it is final, for everybody.
        let reading = oracle::observe(market, &ctx.accounts.oracle, Action::AddRisk, &clock)?;
        market.settle(reading.price, clock.unix_timestamp);
        MarketSettled {
            market: ctx.accounts.market.key(),
            settlement_price: market.settlement_price,
            settled_at: market.settled_at,
            funding_index: market.funding_index.get(),
            borrow_index: market.borrow_index.get(),
            oracle: market.accepted,
        }
    };
    emit_cpi!(event);
    Ok(())
}
