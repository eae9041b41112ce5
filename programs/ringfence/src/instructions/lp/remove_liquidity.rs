use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};

use crate::errors::RingfenceError;
use crate::events::{self, LiquidityRemoved};
use crate::oracle::{self, Action};
use crate::state::Market;
use crate::{ensure, market_seeds, tokens};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct RemoveLiquidityArgs {
    pub shares: u64,
    /// Fewest quote atoms to accept for them.
    pub min_amount: u64,
}

#[event_cpi]
#[derive(Accounts)]
pub struct RemoveLiquidity<'info> {
    pub provider: Signer<'info>,
    /// Receives the collateral.
    #[account(
        mut,
        dup,
        constraint = provider_token_account.mint == market.load()?.collateral_mint @ RingfenceError::WrongTokenMint,
        constraint = provider_token_account.key() != provider_lp_account.key()
            && provider_token_account.key() != pool_vault.key()
            @ ErrorCode::ConstraintDuplicateMutableAccount
    )]
    pub provider_token_account: Box<InterfaceAccount<'info, TokenAccount>>,
    #[account(mut, dup, constraint = provider_lp_account.mint == lp_mint.key() @ RingfenceError::WrongTokenMint)]
    pub provider_lp_account: Box<InterfaceAccount<'info, TokenAccount>>,
    #[account(
        mut,
        has_one = pool_vault @ RingfenceError::WrongPoolVault,
        has_one = lp_mint @ RingfenceError::WrongLpMint,
        has_one = token_program @ RingfenceError::WrongTokenProgram
    )]
    pub market: AccountLoader<'info, Market>,
    /// CHECK: the market's: its address is compared.
    #[account(mut)]
    pub pool_vault: UncheckedAccount<'info>,
    #[account(mut, dup)]
    pub lp_mint: Box<InterfaceAccount<'info, Mint>>,
    /// CHECK: `oracle::read` checks the key, the owner and the contents.
    pub oracle: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

impl RemoveLiquidity<'_> {
    fn validate(&self, args: &RemoveLiquidityArgs) -> Result<()> {
        let market = self.market.load()?;
        market.check_version()?;
        market.status()?.allows_liquidity_withdrawal()?;
        ensure!(args.shares > 0, RingfenceError::ZeroAmount);
        let held = self.provider_lp_account.amount;
        ensure!(args.shares <= held, RingfenceError::InsufficientShares, args.shares, held);
        Ok(())
    }
}

#[access_control(ctx.accounts.validate(&args))]
pub fn handle_remove_liquidity(ctx: Context<RemoveLiquidity>, args: RemoveLiquidityArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    let (amount, seeds, event) = {
        let market = &mut accounts.market.load_mut()?;
        let clock = Clock::get()?;
        let reading = oracle::observe(market, &accounts.oracle, Action::AddRisk, &clock)?;
        let amount = market.withdraw(args.shares, &reading, clock.unix_timestamp)?.0;
        ensure!(
            amount >= args.min_amount,
            RingfenceError::LiquiditySlippageExceeded,
            amount,
            args.min_amount
        );
        market.invariant()?;
        let event = LiquidityRemoved {
            market: accounts.market.key(),
            provider: accounts.provider.key(),
            amount,
            shares: args.shares,
            liquidity: market.liquidity,
            lp_shares: market.lp_shares,
            oracle: market.accepted,
        };
        (amount, (market.index, market.bump), event)
    };
    tokens::burn(
        &accounts.token_program,
        accounts.lp_mint.to_account_info(),
        accounts.provider_lp_account.to_account_info(),
        accounts.provider.to_account_info(),
        args.shares,
    )?;
    tokens::transfer(
        &accounts.token_program,
        accounts.pool_vault.to_account_info(),
        accounts.provider_token_account.to_account_info(),
        accounts.market.to_account_info(),
        amount,
        Some(market_seeds!(seeds.0, seeds.1)),
    )?;
    events::record(&ctx.accounts.event_authority, &event)?;
    Ok(())
}
