use anchor_lang::prelude::*;

use crate::events::{self, MarketMigrated};
use crate::state::Market;

/// Anyone may: a layout has one successor, and nothing to choose.
#[event_cpi]
#[derive(Accounts)]
pub struct MigrateMarket<'info> {
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
}

pub fn handle_migrate_market(ctx: Context<MigrateMarket>) -> Result<()> {
    let event = {
        let market = &mut ctx.accounts.market.load_mut()?;
        let from = market.version;
        market.migrate()?;
        MarketMigrated { market: ctx.accounts.market.key(), from, to: market.version }
    };
    events::record(&ctx.accounts.event_authority, &event)?;
    Ok(())
}
