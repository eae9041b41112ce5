use anchor_lang::prelude::*;

use crate::errors::RingfenceError;
use crate::events::{self, PositionMigrated};
use crate::state::{Market, Position};

/// Anyone may: a layout has one successor, and nothing to choose. The market
/// goes first.
#[event_cpi]
#[derive(Accounts)]
pub struct MigratePosition<'info> {
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    #[account(mut, has_one = market @ RingfenceError::WrongMarket)]
    pub position: AccountLoader<'info, Position>,
}

impl MigratePosition<'_> {
    fn validate(&self) -> Result<()> {
        self.market.load()?.check_version()?;
        Ok(())
    }
}

#[access_control(ctx.accounts.validate())]
pub fn handle_migrate_position(ctx: Context<MigratePosition>) -> Result<()> {
    let event = {
        let market = &mut ctx.accounts.market.load_mut()?;
        let position = &mut ctx.accounts.position.load_mut()?;
        let from = position.version;
        position.migrate(market)?;
        PositionMigrated {
            market: position.market,
            position: ctx.accounts.position.key(),
            from,
            to: position.version,
        }
    };
    events::record(&ctx.accounts.event_authority, &event)?;
    Ok(())
}
