use anchor_lang::prelude::*;

use crate::ensure;
use crate::errors::RingfenceError;
use crate::events::{self, StatusChanged};
use crate::state::{Exchange, Market, MarketStatus};

#[event_cpi]
#[derive(Accounts)]
pub struct SetStatus<'info> {
    /// The admin, or the guardian towards safety.
    pub authority: Signer<'info>,
    pub exchange: AccountLoader<'info, Exchange>,
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
}

impl SetStatus<'_> {
    fn validate(&self, status: MarketStatus) -> Result<()> {
        let market = self.market.load()?;
        market.check_version()?;
        let exchange = self.exchange.load()?;
        exchange.check_version()?;
        market.status()?.allows_governance()?;
        let authority = self.authority.key();
        if authority != exchange.admin {
            ensure!(authority == exchange.guardian, RingfenceError::NotAdminOrGuardian);
            ensure!(status > market.status()?, RingfenceError::GuardianCannotRelax);
        }
        Ok(())
    }
}

#[access_control(ctx.accounts.validate(status))]
pub fn handle_set_status(ctx: Context<SetStatus>, status: MarketStatus) -> Result<()> {
    let before = {
        let market = &mut ctx.accounts.market.load_mut()?;
        let before = market.status()?;
        market.set_status(status)?;
        before
    };
    events::record(
        &ctx.accounts.event_authority,
        &StatusChanged {
            market: ctx.accounts.market.key(),
            authority: ctx.accounts.authority.key(),
            before,
            after: status,
        },
    )?;
    Ok(())
}
