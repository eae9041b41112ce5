use anchor_lang::prelude::*;

use crate::errors::RingfenceError;
use crate::events::{self, DelegateChanged};
use crate::state::Position;

#[event_cpi]
#[derive(Accounts)]
pub struct SetDelegate<'info> {
    pub owner: Signer<'info>,
    #[account(mut, has_one = owner @ RingfenceError::NotPositionOwner)]
    pub position: AccountLoader<'info, Position>,
}

impl SetDelegate<'_> {
    fn validate(&self) -> Result<()> {
        self.position.load()?.check_version()?;
        Ok(())
    }
}

#[access_control(ctx.accounts.validate())]
pub fn handle_set_delegate(ctx: Context<SetDelegate>, delegate: Pubkey) -> Result<()> {
    ctx.accounts.position.load_mut()?.delegate = delegate;
    events::record(
        &ctx.accounts.event_authority,
        &DelegateChanged { position: ctx.accounts.position.key(), delegate },
    )?;
    Ok(())
}
