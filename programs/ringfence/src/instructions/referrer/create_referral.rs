use anchor_lang::prelude::*;

use crate::constants::*;
use crate::events::{self, ReferralCreated};
use crate::state::{Market, Referral};

#[event_cpi]
#[derive(Accounts)]
pub struct CreateReferral<'info> {
    /// Pays the rent, which comes back once the market has settled.
    #[account(mut)]
    pub referrer: Signer<'info>,
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    #[account(
        init,
        payer = referrer,
        space = Referral::SIZE,
        seeds = [REFERRAL_SEED, market.key().as_ref(), referrer.key().as_ref()],
        bump
    )]
    pub referral: AccountLoader<'info, Referral>,
    pub system_program: Program<'info, System>,
}

impl CreateReferral<'_> {
    fn validate(&self) -> Result<()> {
        let market = self.market.load()?;
        market.check_version()?;
        market.status()?.allows_new_risk()?;
        Ok(())
    }
}

#[access_control(ctx.accounts.validate())]
pub fn handle_create_referral(ctx: Context<CreateReferral>) -> Result<()> {
    let accounts = &ctx.accounts;
    let (market, referrer) = (accounts.market.key(), accounts.referrer.key());
    accounts.market.load_mut()?.admit_referral()?;
    accounts.referral.load_init()?.initialize(ctx.bumps.referral, market, referrer);
    events::record(
        &ctx.accounts.event_authority,
        &ReferralCreated { market, referral: ctx.accounts.referral.key(), referrer },
    )?;
    Ok(())
}
