use anchor_lang::prelude::*;

use crate::errors::RingfenceError;
use crate::events::{self, AdminNominated};
use crate::state::Exchange;

#[event_cpi]
#[derive(Accounts)]
pub struct NominateAdmin<'info> {
    pub admin: Signer<'info>,
    #[account(mut, has_one = admin @ RingfenceError::NotAdmin)]
    pub exchange: AccountLoader<'info, Exchange>,
}

pub fn handle_nominate_admin(ctx: Context<NominateAdmin>, nominee: Pubkey) -> Result<()> {
    ctx.accounts.exchange.load_mut()?.nominate(nominee);
    events::record(
        &ctx.accounts.event_authority,
        &AdminNominated { admin: ctx.accounts.admin.key(), nominee },
    )?;
    Ok(())
}
