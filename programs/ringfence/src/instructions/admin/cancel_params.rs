use anchor_lang::prelude::*;

use crate::ensure;
use crate::errors::RingfenceError;
use crate::events::{self, ParamsCancelled};
use crate::state::{Exchange, Market, ParamsProposal};

#[event_cpi]
#[derive(Accounts)]
pub struct CancelParams<'info> {
    /// The admin or the guardian: what is left as it was is safe.
    pub authority: Signer<'info>,
    pub exchange: AccountLoader<'info, Exchange>,
    /// Gets the rent of the proposal back.
    #[account(mut)]
    pub proposer: SystemAccount<'info>,
    pub market: AccountLoader<'info, Market>,
    #[account(
        mut,
        close = proposer,
        has_one = market @ RingfenceError::WrongProposal,
        has_one = proposer @ RingfenceError::WrongProposal
    )]
    pub proposal: AccountLoader<'info, ParamsProposal>,
}

impl CancelParams<'_> {
    fn validate(&self) -> Result<()> {
        let exchange = self.exchange.load()?;
        let authority = self.authority.key();
        let allowed = authority == exchange.admin || authority == exchange.guardian;
        ensure!(allowed, RingfenceError::NotAdminOrGuardian);
        Ok(())
    }
}

#[access_control(ctx.accounts.validate())]
pub fn handle_cancel_params(ctx: Context<CancelParams>) -> Result<()> {
    events::record(
        &ctx.accounts.event_authority,
        &ParamsCancelled { market: ctx.accounts.market.key(), authority: ctx.accounts.authority.key() },
    )?;
    Ok(())
}
