use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::*;
use anchor_spl::token_interface::{TokenAccount, TokenInterface};
use ringfence_math::Quote;

use crate::constants::*;
use crate::creation::NewAccount;
use crate::errors::RingfenceError;
use crate::events::{self, LiquidityAdded};
use crate::oracle::{self, Action};
use crate::state::{LiquidityDeposit, Market};
use crate::{ensure, tokens};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct AddLiquidityArgs {
    /// The provider's own number for this deposit in this market.
    pub id: u16,
    /// Quote atoms to deposit.
    pub amount: u64,
    /// Fewest shares to accept for them.
    pub min_shares: u64,
}

#[event_cpi]
#[derive(Accounts)]
#[cfg_attr(feature = "idl-build", instruction(args: AddLiquidityArgs))]
pub struct AddLiquidity<'info> {
    /// Pays deposit and rent; the rent comes back with the shares.
    #[account(mut)]
    pub provider: Signer<'info>,
    #[account(
        mut,
        dup,
        constraint = provider_token_account.mint == market.load()?.collateral_mint @ RingfenceError::WrongTokenMint,
        constraint = provider_token_account.key() != pool_vault.key()
            @ ErrorCode::ConstraintDuplicateMutableAccount
    )]
    pub provider_token_account: Box<InterfaceAccount<'info, TokenAccount>>,
    #[account(
        mut,
        has_one = pool_vault @ RingfenceError::WrongPoolVault,
        has_one = token_program @ RingfenceError::WrongTokenProgram
    )]
    pub market: AccountLoader<'info, Market>,
    /// Keeps the shares until the cool-down is over.
    /// CHECK: made here, at the address of these seeds.
    #[account(mut)]
    #[cfg_attr(
        feature = "idl-build",
        account(seeds = [DEPOSIT_SEED, market.key().as_ref(), provider.key().as_ref(), &args.id.to_le_bytes()], bump)
    )]
    pub deposit: UncheckedAccount<'info>,
    /// CHECK: the market's: its address is compared.
    #[account(mut)]
    pub pool_vault: UncheckedAccount<'info>,
    /// CHECK: `oracle::read` checks the key, the owner and the contents.
    pub oracle: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Program<'info, System>,
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
    let event = {
        let clock = Clock::get()?;
        let market = &mut accounts.market.load_mut()?;
        let reading = oracle::observe(market, &accounts.oracle, Action::AddRisk, &clock)?;
        let shares = market.deposit(Quote(args.amount), &reading)?;
        ensure!(
            shares >= args.min_shares,
            RingfenceError::LiquiditySlippageExceeded,
            shares,
            args.min_shares
        );
        market.invariant()?;
        let cooldown = i64::from(market.params.liquidity_cooldown_seconds);
        let (market_key, provider) = (accounts.market.key(), accounts.provider.key());
        let account = NewAccount { name: "deposit", payer: &accounts.provider, account: &accounts.deposit };
        let seeds = &[DEPOSIT_SEED, market_key.as_ref(), provider.as_ref(), &args.id.to_le_bytes()];
        let (bump, deposit) = &mut account.create::<LiquidityDeposit, _>(&Rent::get()?, seeds)?;
        deposit.version = DEPOSIT_VERSION;
        deposit.bump = *bump;
        deposit.id = args.id;
        deposit.market = market_key;
        deposit.provider = provider;
        deposit.amount = args.amount;
        deposit.shares = shares;
        deposit.deposited_at = clock.unix_timestamp;
        deposit.unlocks_at =
            clock.unix_timestamp.checked_add(cooldown).ok_or(RingfenceError::MathOverflow)?;
        LiquidityAdded {
            market: deposit.market,
            provider: deposit.provider,
            deposit: accounts.deposit.key(),
            id: args.id,
            amount: args.amount,
            shares,
            unlocks_at: deposit.unlocks_at,
            liquidity: market.liquidity,
            lp_shares: market.lp_shares,
            oracle: market.accepted,
        }
    };
    tokens::transfer(
        &accounts.token_program,
        accounts.provider_token_account.to_account_info(),
        accounts.pool_vault.to_account_info(),
        accounts.provider.to_account_info(),
        args.amount,
        None,
    )?;
    events::record(&ctx.accounts.event_authority, &event)?;
    Ok(())
}
