use anchor_lang::prelude::*;

use crate::errors::RingfenceError;
use crate::events::AdminNominated;
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
    emit_cpi!(AdminNominated { admin: ctx.accounts.admin.key(), nominee });
    Ok(())
}
