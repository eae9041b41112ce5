use anchor_lang::prelude::*;

use crate::events::{self, FundingAccrued};
use crate::oracle::{self, Action};
use crate::state::Market;

/// Needs no signer: whoever pays for the transaction may.
#[event_cpi]
#[derive(Accounts)]
pub struct Accrue<'info> {
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    /// CHECK: `oracle::read` checks the key, the owner and the contents.
    pub oracle: UncheckedAccount<'info>,
}

impl Accrue<'_> {
    fn validate(&self) -> Result<()> {
        self.market.load()?.check_version()?;
        Ok(())
    }
}

#[access_control(ctx.accounts.validate())]
pub fn handle_accrue(ctx: Context<Accrue>) -> Result<()> {
    let event = {
        let market = &mut ctx.accounts.market.load_mut()?;
        oracle::observe(market, &ctx.accounts.oracle, Action::ReduceRisk, &Clock::get()?)?;
        FundingAccrued {
            market: ctx.accounts.market.key(),
            funding_rate: market.funding_rate,
            funding_index: market.funding_index.get(),
            borrow_index: market.borrow_index.get(),
            accrued_at: market.accrued_at,
            oracle: market.accepted,
        }
    };
    events::record(&ctx.accounts.event_authority, &event)?;
    Ok(())
}
