use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};

use crate::constants::*;
use crate::errors::RingfenceError;
use crate::events::{self, MarketCreated};
use crate::state::{Exchange, Market, MarketIdentity, MarketParams, OracleConfig};
use crate::tokens;

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct CreateMarketArgs {
    /// ASCII, zero-padded.
    pub name: [u8; 16],
    /// Decimals of a size unit of the base asset.
    pub size_decimals: u8,
    pub oracle: OracleConfig,
    pub params: MarketParams,
}

#[event_cpi]
#[derive(Accounts)]
pub struct CreateMarket<'info> {
    #[account(mut)]
    pub admin: Signer<'info>,
    #[account(mut, has_one = admin @ RingfenceError::NotAdmin)]
    pub exchange: AccountLoader<'info, Exchange>,
    #[account(
        init,
        payer = admin,
        space = Market::SIZE,
        seeds = [MARKET_SEED, &exchange.load()?.market_count.to_le_bytes()],
        bump
    )]
    pub market: AccountLoader<'info, Market>,
    #[account(mint::token_program = token_program)]
    pub collateral_mint: Box<InterfaceAccount<'info, Mint>>,
    #[account(
        init,
        payer = admin,
        seeds = [POOL_SEED, market.key().as_ref()],
        bump,
        token::mint = collateral_mint,
        token::authority = market,
        token::token_program = token_program
    )]
    pub pool_vault: Box<InterfaceAccount<'info, TokenAccount>>,
    #[account(
        init,
        payer = admin,
        seeds = [LP_SEED, market.key().as_ref()],
        bump,
        mint::decimals = collateral_mint.decimals,
        mint::authority = market,
        mint::token_program = token_program
    )]
    pub lp_mint: Box<InterfaceAccount<'info, Mint>>,
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Program<'info, System>,
}

impl CreateMarket<'_> {
    fn validate(&self) -> Result<()> {
        self.exchange.load()?.check_version()?;
        tokens::ensure_safe_mint(self.collateral_mint.as_ref().as_ref())
    }
}

#[access_control(ctx.accounts.validate())]
pub fn handle_create_market(ctx: Context<CreateMarket>, args: CreateMarketArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    let index = accounts.exchange.load_mut()?.next_market_index()?;
    let identity = MarketIdentity {
        index,
        bump: ctx.bumps.market,
        name: args.name,
        collateral_mint: accounts.collateral_mint.key(),
        token_program: accounts.token_program.key(),
        pool_vault: accounts.pool_vault.key(),
        lp_mint: accounts.lp_mint.key(),
        size_decimals: args.size_decimals,
        quote_decimals: accounts.collateral_mint.decimals,
    };
    accounts.market.load_init()?.initialize(
        identity,
        args.oracle,
        args.params,
        Clock::get()?.unix_timestamp,
    )?;
    events::record(
        &ctx.accounts.event_authority,
        &MarketCreated {
            market: ctx.accounts.market.key(),
            index,
            name: args.name,
            collateral_mint: ctx.accounts.collateral_mint.key(),
            lp_mint: ctx.accounts.lp_mint.key(),
            size_decimals: args.size_decimals,
            quote_decimals: ctx.accounts.collateral_mint.decimals,
            oracle: args.oracle,
            params: args.params,
        },
    )?;
    Ok(())
}
