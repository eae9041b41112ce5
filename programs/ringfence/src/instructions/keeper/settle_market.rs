use anchor_lang::prelude::*;

use crate::events::{self, MarketSettled};
use crate::oracle::{self, Action};
use crate::state::Market;

/// Anyone may, from the announced time on: so nobody waits for a price.
#[event_cpi]
#[derive(Accounts)]
pub struct SettleMarket<'info> {
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    /// CHECK: `oracle::read` checks the key, the owner and the contents.
    pub oracle: UncheckedAccount<'info>,
}

impl SettleMarket<'_> {
    fn validate(&self) -> Result<()> {
        self.market.load()?.check_version()?;
        Ok(())
    }
}

#[access_control(ctx.accounts.validate())]
pub fn handle_settle_market(ctx: Context<SettleMarket>) -> Result<()> {
    let event = {
        let clock = Clock::get()?;
        let market = &mut ctx.accounts.market.load_mut()?;
        // As good a price as opening needs: it is final, for everybody.
        let reading = oracle::observe(market, &ctx.accounts.oracle, Action::AddRisk, &clock)?;
        market.settle(&reading, clock.unix_timestamp)?;
        MarketSettled {
            market: ctx.accounts.market.key(),
            settlement_price: market.settlement_price,
            settled_at: market.settled_at,
            funding_index: market.funding_index.get(),
            borrow_index: market.borrow_index.get(),
            oracle: market.accepted,
        }
    };
    events::record(&ctx.accounts.event_authority, &event)?;
    Ok(())
}
