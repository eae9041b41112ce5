use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::*;
use anchor_spl::token_interface::{TokenAccount, TokenInterface};
use ringfence_math::Quote;

use crate::errors::RingfenceError;
use crate::events::{self, InsuranceFunded};
use crate::state::Market;
use crate::{ensure, tokens};

#[event_cpi]
#[derive(Accounts)]
pub struct FundInsurance<'info> {
    /// Anyone: insurance can be given, not taken.
    pub payer: Signer<'info>,
    #[account(
        mut,
        dup,
        constraint = payer_token_account.mint == market.load()?.collateral_mint @ RingfenceError::WrongTokenMint,
        constraint = payer_token_account.key() != pool_vault.key()
            @ ErrorCode::ConstraintDuplicateMutableAccount
    )]
    pub payer_token_account: Box<InterfaceAccount<'info, TokenAccount>>,
    #[account(
        mut,
        has_one = pool_vault @ RingfenceError::WrongPoolVault,
        has_one = token_program @ RingfenceError::WrongTokenProgram
    )]
    pub market: AccountLoader<'info, Market>,
    /// CHECK: the market's: its address is compared.
    #[account(mut)]
    pub pool_vault: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

impl FundInsurance<'_> {
    fn validate(&self, amount: u64) -> Result<()> {
        self.market.load()?.check_version()?;
        ensure!(amount > 0, RingfenceError::ZeroAmount);
        Ok(())
    }
}

#[access_control(ctx.accounts.validate(amount))]
pub fn handle_fund_insurance(ctx: Context<FundInsurance>, amount: u64) -> Result<()> {
    let accounts = &ctx.accounts;
    let insurance = {
        let market = &mut accounts.market.load_mut()?;
        market.add_insurance(Quote(amount))?;
        market.insurance
    };
    tokens::transfer(
        &accounts.token_program,
        accounts.payer_token_account.to_account_info(),
        accounts.pool_vault.to_account_info(),
        accounts.payer.to_account_info(),
        amount,
        None,
    )?;
    events::record(
        &ctx.accounts.event_authority,
        &InsuranceFunded {
            market: ctx.accounts.market.key(),
            payer: ctx.accounts.payer.key(),
            amount,
            insurance,
        },
    )?;
    Ok(())
}
