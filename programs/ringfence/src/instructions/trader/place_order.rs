use anchor_lang::prelude::*;
use anchor_spl::token_interface::{TokenAccount, TokenInterface};

use crate::constants::{ORDER_SEED, VAULT_SEED};
use crate::creation::NewAccount;
use crate::errors::RingfenceError;
use crate::events::{self, OrderPlaced};
use crate::state::{Market, Order, OrderIdentity, OrderTerms, Position};
use crate::tokens::{self, NewVault};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct PlaceOrderArgs {
    /// The trader's own number for this order of this position.
    pub id: u8,
    /// Bump with which `["vault", order]` is an address.
    pub escrow_bump: u8,
    pub terms: OrderTerms,
}

#[event_cpi]
#[derive(Accounts)]
pub struct PlaceOrder<'info> {
    /// The owner or the position's delegate; pays margin, reward and rent, and
    /// gets back what the order does not use.
    #[account(mut)]
    pub trader: Signer<'info>,
    #[account(mut, dup, constraint = trader_token_account.mint == collateral_mint.key() @ RingfenceError::WrongTokenMint)]
    pub trader_token_account: Box<InterfaceAccount<'info, TokenAccount>>,
    /// Read, not written: orders of different positions are placed in parallel.
    #[account(
        has_one = collateral_mint @ RingfenceError::WrongCollateralMint,
        has_one = token_program @ RingfenceError::WrongTokenProgram
    )]
    pub market: AccountLoader<'info, Market>,
    #[account(
        mut,
        constraint = position.load()?.may_trade(&trader.key()) @ RingfenceError::NotOwnerOrDelegate,
        has_one = market @ RingfenceError::WrongMarket
    )]
    pub position: AccountLoader<'info, Position>,
    /// CHECK: made here, at the address of these seeds.
    #[account(mut)]
    pub order: UncheckedAccount<'info>,
    /// CHECK: created here, so it is at the address that its seeds and the bump
    /// passed in give; which of these bumps does not matter, as the order
    /// remembers the address. What signs for itself could be made anywhere, and
    /// of the trader's own wallet.
    #[account(mut, constraint = !escrow.is_signer @ RingfenceError::WrongEscrow)]
    pub escrow: UncheckedAccount<'info>,
    /// CHECK: the market's, and so a mint.
    pub collateral_mint: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Program<'info, System>,
}

impl PlaceOrder<'_> {
    fn validate(&self, args: &PlaceOrderArgs) -> Result<()> {
        let market = self.market.load()?;
        market.check_version()?;
        market.status()?.allows_order(args.terms.kind.adds())?;
        self.position.load()?.check_version()?;
        Ok(())
    }
}

#[access_control(ctx.accounts.validate(&args))]
pub fn handle_place_order(ctx: Context<PlaceOrder>, args: PlaceOrderArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    let terms = args.terms;
    let rent = &Rent::get()?;
    let position_key = accounts.position.key();
    let event = {
        let account = NewAccount { name: "order", payer: &accounts.trader, account: &accounts.order };
        let (bump, order) =
            &mut account.create::<Order, _>(rent, &[ORDER_SEED, position_key.as_ref(), &[args.id]])?;
        let identity = OrderIdentity {
            bump: *bump,
            id: args.id,
            position: position_key,
            trader: accounts.trader.key(),
            escrow: accounts.escrow.key(),
        };
        let (market, position) = (&accounts.market.load()?, &mut accounts.position.load_mut()?);
        order.initialize(identity, &terms, market, position, Clock::get()?.unix_timestamp)?;
        OrderPlaced {
            market: order.market,
            position: order.position,
            order: accounts.order.key(),
            trader: order.trader,
            id: order.id,
            generation: order.generation,
            terms,
            not_before: order.not_before,
            expires_at: order.expires_at,
        }
    };
    NewVault {
        name: "escrow",
        program: &accounts.token_program,
        payer: &accounts.trader,
        account: &accounts.escrow,
        mint: &accounts.collateral_mint,
        authority: &accounts.order,
    }
    .create_at(rent, &[VAULT_SEED, event.order.as_ref(), &[args.escrow_bump]])?;
    tokens::transfer(
        &accounts.token_program,
        accounts.trader_token_account.to_account_info(),
        accounts.escrow.to_account_info(),
        accounts.trader.to_account_info(),
        terms.margin.checked_add(terms.reward).ok_or(RingfenceError::MathOverflow)?,
        None,
    )?;
    events::record(&ctx.accounts.event_authority, &event)?;
    Ok(())
}
