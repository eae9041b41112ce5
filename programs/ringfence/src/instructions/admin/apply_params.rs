use anchor_lang::prelude::*;
use ringfence_math::Price;

use crate::errors::RingfenceError;
use crate::events::{self, ParamsApplied};
use crate::state::{Market, ParamsProposal};

#[event_cpi]
#[derive(Accounts)]
pub struct ApplyParams<'info> {
    /// Gets the rent of the proposal back.
    #[account(mut)]
    pub proposer: SystemAccount<'info>,
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    #[account(
        mut,
        close = proposer,
        has_one = market @ RingfenceError::WrongProposal,
        has_one = proposer @ RingfenceError::WrongProposal
    )]
    pub proposal: AccountLoader<'info, ParamsProposal>,
}

impl ApplyParams<'_> {
    fn validate(&self) -> Result<()> {
        self.market.load()?.check_version()?;
        Ok(())
    }
}

#[access_control(ctx.accounts.validate())]
pub fn handle_apply_params(ctx: Context<ApplyParams>) -> Result<()> {
    let accounts = &ctx.accounts;
    let event = {
        let market = &mut accounts.market.load_mut()?;
        let now = Clock::get()?.unix_timestamp;
        // What has run so far ran at the old parameters. The last accepted
        // price does for it: nothing is valued here, and a market whose feed
        // has died must be able to change it.
        let last = Price(market.accepted.price);
        market.accrue(now, last)?;
        accounts.proposal.load()?.apply(market, now)?;
        ParamsApplied { market: accounts.market.key(), params: market.params, oracle: market.oracle }
    };
    events::record(&ctx.accounts.event_authority, &event)?;
    Ok(())
}
