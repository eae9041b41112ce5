use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};
use ringfence_math::Quote;

use crate::errors::RingfenceError;
use crate::events::LiquidityAdded;
use crate::oracle::{self, Action};
use crate::state::Market;
use crate::{ensure, market_seeds, tokens};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct AddLiquidityArgs {
    /// Quote atoms to deposit.
    pub amount: u64,
    /// Fewest shares to accept for them.
    pub min_shares: u64,
}

#[event_cpi]
#[derive(Accounts)]
pub struct AddLiquidity<'info> {
    pub provider: Signer<'info>,
    #[account(mut, constraint = provider_token_account.mint == pool_vault.mint @ RingfenceError::WrongTokenMint)]
    pub provider_token_account: Box<InterfaceAccount<'info, TokenAccount>>,
    /// Receives the shares.
    #[account(mut, constraint = provider_lp_account.mint == lp_mint.key() @ RingfenceError::WrongTokenMint)]
    pub provider_lp_account: Box<InterfaceAccount<'info, TokenAccount>>,
    #[account(
        mut,
        has_one = pool_vault @ RingfenceError::WrongPoolVault,
        has_one = lp_mint @ RingfenceError::WrongLpMint,
        has_one = token_program @ RingfenceError::WrongTokenProgram
    )]
    pub market: AccountLoader<'info, Market>,
    #[account(mut)]
    pub pool_vault: Box<InterfaceAccount<'info, TokenAccount>>,
    #[account(mut)]
    pub lp_mint: Box<InterfaceAccount<'info, Mint>>,
    /// CHECK: `oracle::read` checks the key, the owner and the contents.
    pub oracle: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

impl AddLiquidity<'_> {
    fn validate(&self, args: &AddLiquidityArgs) -> Result<()> {
        let market = self.market.load()?;
        market.check_version()?;
        market.status()?.allows_new_risk()?;
        ensure!(args.amount > 0, RingfenceError::ZeroAmount);
        Ok(())
    }
}

#[access_control(ctx.accounts.validate(&args))]
pub fn handle_add_liquidity(ctx: Context<AddLiquidity>, args: AddLiquidityArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    let (shares, seeds, event) = {
        let market = &mut accounts.market.load_mut()?;
        let reading = oracle::observe(market, &accounts.oracle, Action::AddRisk, &Clock::get()?)?;
        let shares = market.deposit(Quote(args.amount), &reading)?;
        ensure!(
            shares >= args.min_shares,
            RingfenceError::LiquiditySlippageExceeded,
            shares,
            args.min_shares
        );
        market.invariant()?;
        let event = LiquidityAdded {
            market: accounts.market.key(),
            provider: accounts.provider.key(),
            amount: args.amount,
            shares,
            liquidity: market.liquidity,
            lp_shares: market.lp_shares,
            oracle: market.accepted,
        };
        (shares, (market.index, market.bump), event)
    };
    tokens::transfer(
        &accounts.token_program,
        accounts.provider_token_account.to_account_info(),
        accounts.pool_vault.to_account_info(),
        accounts.provider.to_account_info(),
        args.amount,
        None,
    )?;
    tokens::mint(
        &accounts.token_program,
        accounts.lp_mint.to_account_info(),
        accounts.provider_lp_account.to_account_info(),
        accounts.market.to_account_info(),
        shares,
        market_seeds!(seeds.0, seeds.1),
    )?;
    emit_cpi!(event);
    Ok(())
}
