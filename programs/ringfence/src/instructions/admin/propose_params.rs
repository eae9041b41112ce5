use anchor_lang::prelude::*;

use crate::constants::*;
use crate::errors::RingfenceError;
use crate::events::{self, ParamsProposed};
use crate::state::{Exchange, Market, MarketParams, OracleConfig, ParamsProposal};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct ProposeParamsArgs {
    pub params: MarketParams,
    pub oracle: OracleConfig,
}

#[event_cpi]
#[derive(Accounts)]
pub struct ProposeParams<'info> {
    /// Pays the rent, which comes back when the proposal is applied or cancelled.
    #[account(mut)]
    pub admin: Signer<'info>,
    #[account(has_one = admin @ RingfenceError::NotAdmin)]
    pub exchange: AccountLoader<'info, Exchange>,
    pub market: AccountLoader<'info, Market>,
    /// One per market: cancel what waits before proposing anew.
    #[account(
        init,
        payer = admin,
        space = ParamsProposal::SIZE,
        seeds = [PARAMS_SEED, market.key().as_ref()],
        bump
    )]
    pub proposal: AccountLoader<'info, ParamsProposal>,
    pub system_program: Program<'info, System>,
}

impl ProposeParams<'_> {
    fn validate(&self) -> Result<()> {
        let market = self.market.load()?;
        market.check_version()?;
        market.status()?.allows_governance()?;
        Ok(())
    }
}

#[access_control(ctx.accounts.validate())]
pub fn handle_propose_params(ctx: Context<ProposeParams>, args: ProposeParamsArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    let event = {
        let proposal = &mut accounts.proposal.load_init()?;
        let exchange = accounts.exchange.load()?;
        let now = Clock::get()?.unix_timestamp;
        proposal.propose(
            ctx.bumps.proposal,
            accounts.market.key(),
            &exchange,
            args.params,
            args.oracle,
            now,
        )?;
        ParamsProposed {
            market: proposal.market,
            proposer: proposal.proposer,
            eta: proposal.eta,
            params: args.params,
            oracle: args.oracle,
        }
    };
    events::record(&ctx.accounts.event_authority, &event)?;
    Ok(())
}
