use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::*;
use anchor_spl::token_interface::{TokenAccount, TokenInterface};
use ringfence_math::{Price, Quote, Size};

#[cfg(feature = "idl-build")]
use crate::constants::{POSITION_SEED, VAULT_SEED};
use crate::errors::RingfenceError;
use crate::events::{self, PositionOpened};
use crate::instructions::trader::new_position::NewPosition;
use crate::oracle::{self, Action};
use crate::state::{Market, Referral, Side, TradeTerms, credit_referral};
use crate::tokens;

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct OpenPositionArgs {
    /// The owner's own number for this position in this market.
    pub id: u16,
    pub side: Side,
    /// Size units.
    pub size: u64,
    /// Margin to put up in quote atoms; the opening fee is taken from it.
    pub margin: u64,
    /// Worst fill price: the highest for a long, the lowest for a short.
    pub acceptable_price: u64,
}

#[event_cpi]
#[derive(Accounts)]
#[cfg_attr(feature = "idl-build", instruction(args: OpenPositionArgs))]
pub struct OpenPosition<'info> {
    /// Pays margin and rent, and gets back what remains of both.
    #[account(mut)]
    pub owner: Signer<'info>,
    #[account(
        mut,
        dup,
        constraint = owner_token_account.mint == collateral_mint.key() @ RingfenceError::WrongTokenMint,
        constraint = owner_token_account.key() != pool_vault.key()
            @ ErrorCode::ConstraintDuplicateMutableAccount
    )]
    pub owner_token_account: Box<InterfaceAccount<'info, TokenAccount>>,
    #[account(
        mut,
        has_one = collateral_mint @ RingfenceError::WrongCollateralMint,
        has_one = pool_vault @ RingfenceError::WrongPoolVault,
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
    #[account(mut, has_one = market @ RingfenceError::WrongReferral)]
    pub referral: Option<AccountLoader<'info, Referral>>,
    /// CHECK: the market's: its address is compared.
    #[account(mut)]
    pub pool_vault: UncheckedAccount<'info>,
    /// CHECK: the market's, and so a mint.
    pub collateral_mint: UncheckedAccount<'info>,
    /// CHECK: `oracle::read` checks the key, the owner and the contents.
    pub oracle: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Program<'info, System>,
}

impl OpenPosition<'_> {
    fn validate(&self) -> Result<()> {
        let market = self.market.load()?;
        market.check_version()?;
        market.status()?.allows_new_risk()?;
        market.ensure_instant_open()?;
        Ok(())
    }
}

#[access_control(ctx.accounts.validate())]
pub fn handle_open_position(ctx: Context<OpenPosition>, args: OpenPositionArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    let (margin, fee, event) = {
        let clock = Clock::get()?;
        let market = &mut accounts.market.load_mut()?;
        let reading = oracle::observe(market, &accounts.oracle, Action::AddRisk, &clock)?;
        let position = &mut NewPosition {
            owner: &accounts.owner,
            market: accounts.market.key(),
            position: &accounts.position,
            vault: &accounts.position_vault,
            collateral_mint: &accounts.collateral_mint,
            token_program: &accounts.token_program,
            referral: accounts.referral.as_ref().map(|referral| referral.key()).unwrap_or_default(),
        }
        .create(market, args.id, args.side, clock.unix_timestamp)?;
        let terms = TradeTerms {
            acceptable: Price(args.acceptable_price),
            referred: position.refers(accounts.owner.key),
        };
        let opened = position.increase(market, Size(args.size), Quote(args.margin), &reading, terms)?;
        credit_referral(position, accounts.referral.as_ref(), opened.split.referrer.0)?;
        market.invariant()?;
        let event = PositionOpened {
            market: position.market,
            position: accounts.position.key(),
            owner: position.owner,
            referral: position.referral,
            id: position.id,
            generation: position.generation,
            side: args.side,
            size: position.size,
            fill_price: opened.fill.0,
            entry_notional: opened.entry_notional.0,
            reserve: opened.reserve.0,
            deposit: args.margin,
            fee: opened.fee.0,
            fee_parts: opened.split.into(),
            margin: position.margin,
            oracle: market.accepted,
        };
        (position.margin, opened.fee.0, event)
    };
    for (to, amount) in
        [(accounts.position_vault.to_account_info(), margin), (accounts.pool_vault.to_account_info(), fee)]
    {
        tokens::transfer(
            &accounts.token_program,
            accounts.owner_token_account.to_account_info(),
            to,
            accounts.owner.to_account_info(),
            amount,
            None,
        )?;
    }
    events::record(&ctx.accounts.event_authority, &event)?;
    Ok(())
}
