use anchor_lang::prelude::*;

use crate::events::{self, AdminAccepted};
use crate::state::Exchange;

#[event_cpi]
#[derive(Accounts)]
pub struct AcceptAdmin<'info> {
    /// The nominee, so that the role cannot go to a key that nobody holds.
    pub nominee: Signer<'info>,
    #[account(mut)]
    pub exchange: AccountLoader<'info, Exchange>,
}

pub fn handle_accept_admin(ctx: Context<AcceptAdmin>) -> Result<()> {
    let admin = ctx.accounts.nominee.key();
    let before = ctx.accounts.exchange.load_mut()?.accept_nomination(admin)?;
    events::record(&ctx.accounts.event_authority, &AdminAccepted { before, admin })?;
    Ok(())
}
