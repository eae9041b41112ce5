use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::*;
use anchor_spl::token_interface::{TokenAccount, TokenInterface};

use crate::errors::RingfenceError;
use crate::events::{self, ReferralFeesClaimed};
use crate::state::{Market, Referral};
use crate::{ensure, market_seeds, tokens};

/// Anyone may send the fees where they belong: there is one payee.
#[event_cpi]
#[derive(Accounts)]
pub struct ClaimReferralFees<'info> {
    /// CHECK: the referral's referrer, who gets its rent back where it closes.
    #[account(mut)]
    pub referrer: UncheckedAccount<'info>,
    /// Receives the fees: any token account of the referrer's own.
    #[account(
        mut,
        dup,
        constraint = referrer_token_account.mint == market.load()?.collateral_mint @ RingfenceError::WrongTokenMint,
        constraint = referrer_token_account.key() != pool_vault.key()
            @ ErrorCode::ConstraintDuplicateMutableAccount
    )]
    pub referrer_token_account: Box<InterfaceAccount<'info, TokenAccount>>,
    #[account(
        mut,
        has_one = pool_vault @ RingfenceError::WrongPoolVault,
        has_one = token_program @ RingfenceError::WrongTokenProgram
    )]
    pub market: AccountLoader<'info, Market>,
    #[account(
        mut,
        has_one = referrer @ RingfenceError::WrongPayee,
        has_one = market @ RingfenceError::WrongReferral
    )]
    pub referral: AccountLoader<'info, Referral>,
    /// CHECK: the market's: its address is compared.
    #[account(mut)]
    pub pool_vault: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

impl ClaimReferralFees<'_> {
    fn validate(&self) -> Result<()> {
        self.market.load()?.check_version()?;
        self.referral.load()?.check_version()?;
        tokens::ensure_payee(&self.referrer_token_account, self.referrer.key)
    }
}

#[access_control(ctx.accounts.validate())]
pub fn handle_claim_referral_fees(ctx: Context<ClaimReferralFees>) -> Result<()> {
    let accounts = &ctx.accounts;
    let (amount, closes, index, bump) = {
        let market = &mut accounts.market.load_mut()?;
        let amount = market.take_referral_fees(&mut *accounts.referral.load_mut()?)?;
        // No position is left that could name it.
        let closes = market.is_settling() && market.position_accounts == 0;
        ensure!(amount > 0 || closes, RingfenceError::NothingToCollect);
        if closes {
            market.dismiss_referral()?;
        }
        (amount, closes, market.index, market.bump)
    };
    tokens::transfer(
        &accounts.token_program,
        accounts.pool_vault.to_account_info(),
        accounts.referrer_token_account.to_account_info(),
        accounts.market.to_account_info(),
        amount,
        Some(market_seeds!(index, bump)),
    )?;
    if closes {
        accounts.referral.close(accounts.referrer.to_account_info())?;
    }
    events::record(
        &ctx.accounts.event_authority,
        &ReferralFeesClaimed {
            market: ctx.accounts.market.key(),
            referral: ctx.accounts.referral.key(),
            referrer: ctx.accounts.referrer.key(),
            amount,
            closed: closes,
        },
    )?;
    Ok(())
}
