use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;

#[cfg(feature = "idl-build")]
use crate::constants::{POSITION_SEED, VAULT_SEED};
use crate::errors::RingfenceError;
use crate::events::{self, PositionCreated};
use crate::instructions::trader::new_position::NewPosition;
use crate::state::{Market, Referral, Side};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct CreatePositionArgs {
    /// The owner's own number for this position in this market.
    pub id: u16,
    pub side: Side,
}

/// An order belongs to a generation of a position, so the position is there
/// first; it has no size, no margin, and no part in the market's books.
#[event_cpi]
#[derive(Accounts)]
#[cfg_attr(feature = "idl-build", instruction(args: CreatePositionArgs))]
pub struct CreatePosition<'info> {
    /// Pays the rent, and gets it back from close_position.
    #[account(mut)]
    pub owner: Signer<'info>,
    #[account(
        mut,
        has_one = collateral_mint @ RingfenceError::WrongCollateralMint,
        has_one = token_program @ RingfenceError::WrongTokenProgram
    )]
    pub market: AccountLoader<'info, Market>,
    /// CHECK: made here, at the address of these seeds.
    #[account(mut)]
    #[cfg_attr(
        feature = "idl-build",
        account(seeds = [POSITION_SEED, market.key().as_ref(), owner.key().as_ref(), &args.id.to_le_bytes()], bump)
    )]
    pub position: UncheckedAccount<'info>,
    /// CHECK: made here, at the address of these seeds.
    #[account(mut)]
    #[cfg_attr(feature = "idl-build", account(seeds = [VAULT_SEED, position.key().as_ref()], bump))]
    pub position_vault: UncheckedAccount<'info>,
    /// Shares in the trading fees of this position from now on; optional.
    #[account(has_one = market @ RingfenceError::WrongReferral)]
    pub referral: Option<AccountLoader<'info, Referral>>,
    /// CHECK: the market's, and so a mint.
    pub collateral_mint: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Program<'info, System>,
}

impl CreatePosition<'_> {
    fn validate(&self) -> Result<()> {
        let market = self.market.load()?;
        market.check_version()?;
        market.status()?.allows_new_risk()?;
        if let Some(referral) = &self.referral {
            referral.load()?.check_version()?;
        }
        Ok(())
    }
}

#[access_control(ctx.accounts.validate())]
pub fn handle_create_position(ctx: Context<CreatePosition>, args: CreatePositionArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    let event = {
        let market = &mut accounts.market.load_mut()?;
        let now = Clock::get()?.unix_timestamp;
        let position = NewPosition {
            owner: &accounts.owner,
            market: accounts.market.key(),
            position: &accounts.position,
            vault: &accounts.position_vault,
            collateral_mint: &accounts.collateral_mint,
            token_program: &accounts.token_program,
            referral: accounts.referral.as_ref().map(|referral| referral.key()).unwrap_or_default(),
        }
        .create(market, args.id, args.side, now)?;
        PositionCreated {
            market: position.market,
            position: accounts.position.key(),
            owner: position.owner,
            referral: position.referral,
            id: position.id,
            generation: position.generation,
            side: args.side,
        }
    };
    events::record(&ctx.accounts.event_authority, &event)?;
    Ok(())
}
