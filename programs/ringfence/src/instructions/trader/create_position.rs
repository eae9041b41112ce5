use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};

use crate::constants::*;
use crate::errors::RingfenceError;
use crate::events::{self, PositionCreated};
use crate::state::{Market, Position, PositionIdentity, Referral, Side};

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
#[instruction(args: CreatePositionArgs)]
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
    #[account(
        init,
        payer = owner,
        space = Position::SIZE,
        seeds = [POSITION_SEED, market.key().as_ref(), owner.key().as_ref(), &args.id.to_le_bytes()],
        bump
    )]
    pub position: AccountLoader<'info, Position>,
    #[account(
        init,
        payer = owner,
        seeds = [VAULT_SEED, position.key().as_ref()],
        bump,
        token::mint = collateral_mint,
        token::authority = position,
        token::token_program = token_program
    )]
    pub position_vault: Box<InterfaceAccount<'info, TokenAccount>>,
    /// Shares in the trading fees of this position from now on; optional.
    #[account(has_one = market @ RingfenceError::WrongReferral)]
    pub referral: Option<AccountLoader<'info, Referral>>,
    pub collateral_mint: Box<InterfaceAccount<'info, Mint>>,
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
        let position = &mut accounts.position.load_init()?;
        let identity = PositionIdentity {
            bump: ctx.bumps.position,
            vault_bump: ctx.bumps.position_vault,
            id: args.id,
            side: args.side,
            market: accounts.market.key(),
            owner: accounts.owner.key(),
            vault: accounts.position_vault.key(),
            referral: accounts.referral.as_ref().map(|referral| referral.key()).unwrap_or_default(),
            generation: market.admit_position()?,
            opened_at: Clock::get()?.unix_timestamp,
        };
        position.initialize(identity, market);
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
