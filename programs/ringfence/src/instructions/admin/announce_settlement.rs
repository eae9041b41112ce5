use anchor_lang::prelude::*;

use crate::errors::RingfenceError;
use crate::events::{self, SettlementAnnounced};
use crate::state::{Exchange, Market};

#[event_cpi]
#[derive(Accounts)]
pub struct AnnounceSettlement<'info> {
    pub admin: Signer<'info>,
    #[account(has_one = admin @ RingfenceError::NotAdmin)]
    pub exchange: AccountLoader<'info, Exchange>,
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
}

impl AnnounceSettlement<'_> {
    fn validate(&self) -> Result<()> {
        self.market.load()?.check_version()?;
        self.exchange.load()?.check_version()?;
        Ok(())
    }
}

#[access_control(ctx.accounts.validate())]
pub fn handle_announce_settlement(ctx: Context<AnnounceSettlement>, settles_at: i64) -> Result<()> {
    let event = {
        let market = &mut ctx.accounts.market.load_mut()?;
        let before = market.status()?;
        let exchange = ctx.accounts.exchange.load()?;
        market.announce_settlement(&exchange, settles_at, Clock::get()?.unix_timestamp)?;
        SettlementAnnounced { market: ctx.accounts.market.key(), settles_at, before, after: market.status()? }
    };
    events::record(&ctx.accounts.event_authority, &event)?;
    Ok(())
}
