//! The four instructions of the plain vault.

use anchor_lang::prelude::*;
use anchor_spl::token::{self, CloseAccount, Mint, Token, TokenAccount, Transfer};

pub const ACCOUNT_SEED: &[u8] = b"position";
pub const VAULT_SEED: &[u8] = b"vault";

/// As large as Ringfence's `Position`, and nearly empty.
#[account(zero_copy)]
#[repr(C)]
pub struct Vault {
    pub bump: u8,
    pub reserved_a: [u8; 5],
    pub id: u16,
    pub owner: Pubkey,
    /// Token account, of which this account is the authority.
    pub tokens: Pubkey,
    /// Atoms that were moved in less those moved out.
    pub margin: u64,
    pub reserved_b: [u64; 33],
}

impl Vault {
    pub const SIZE: usize = 8 + size_of::<Self>();
}

#[derive(Accounts)]
#[instruction(id: u16)]
pub struct Open<'info> {
    #[account(mut)]
    pub owner: Signer<'info>,
    #[account(mut)]
    pub owner_token_account: Account<'info, TokenAccount>,
    #[account(
        init,
        payer = owner,
        space = Vault::SIZE,
        seeds = [ACCOUNT_SEED, mint.key().as_ref(), owner.key().as_ref(), &id.to_le_bytes()],
        bump
    )]
    pub vault: AccountLoader<'info, Vault>,
    #[account(
        init,
        payer = owner,
        seeds = [VAULT_SEED, vault.key().as_ref()],
        bump,
        token::mint = mint,
        token::authority = vault
    )]
    pub tokens: Account<'info, TokenAccount>,
    pub mint: Account<'info, Mint>,
    pub token_program: Program<'info, Token>,
    pub system_program: Program<'info, System>,
}

pub fn handle_open(ctx: Context<Open>, id: u16, amount: u64) -> Result<()> {
    let accounts = &ctx.accounts;
    {
        let vault = &mut accounts.vault.load_init()?;
        vault.bump = ctx.bumps.vault;
        vault.id = id;
        vault.owner = accounts.owner.key();
        vault.tokens = accounts.tokens.key();
        vault.margin = amount;
    }
    let transfer = Transfer {
        from: accounts.owner_token_account.to_account_info(),
        to: accounts.tokens.to_account_info(),
        authority: accounts.owner.to_account_info(),
    };
    token::transfer(CpiContext::new(accounts.token_program.key(), transfer), amount)
}

#[derive(Accounts)]
pub struct AddMargin<'info> {
    pub payer: Signer<'info>,
    #[account(mut)]
    pub payer_token_account: Account<'info, TokenAccount>,
    #[account(mut, has_one = tokens)]
    pub vault: AccountLoader<'info, Vault>,
    #[account(mut)]
    pub tokens: Account<'info, TokenAccount>,
    pub token_program: Program<'info, Token>,
}

pub fn handle_add_margin(ctx: Context<AddMargin>, amount: u64) -> Result<()> {
    let accounts = &ctx.accounts;
    {
        let vault = &mut accounts.vault.load_mut()?;
        vault.margin = vault.margin.checked_add(amount).ok_or(ProgramError::ArithmeticOverflow)?;
    }
    let transfer = Transfer {
        from: accounts.payer_token_account.to_account_info(),
        to: accounts.tokens.to_account_info(),
        authority: accounts.payer.to_account_info(),
    };
    token::transfer(CpiContext::new(accounts.token_program.key(), transfer), amount)
}

#[derive(Accounts)]
pub struct RemoveMargin<'info> {
    pub owner: Signer<'info>,
    #[account(mut)]
    pub owner_token_account: Account<'info, TokenAccount>,
    #[account(mut, has_one = owner, has_one = tokens)]
    pub vault: AccountLoader<'info, Vault>,
    #[account(mut)]
    pub tokens: Account<'info, TokenAccount>,
    pub token_program: Program<'info, Token>,
}

pub fn handle_remove_margin(ctx: Context<RemoveMargin>, amount: u64) -> Result<()> {
    let accounts = &ctx.accounts;
    let (mint, id, bump) = {
        let vault = &mut accounts.vault.load_mut()?;
        vault.margin = vault.margin.checked_sub(amount).ok_or(ProgramError::InsufficientFunds)?;
        (accounts.tokens.mint, vault.id, vault.bump)
    };
    let transfer = Transfer {
        from: accounts.tokens.to_account_info(),
        to: accounts.owner_token_account.to_account_info(),
        authority: accounts.vault.to_account_info(),
    };
    let seeds: &[&[u8]] =
        &[ACCOUNT_SEED, mint.as_ref(), accounts.owner.key.as_ref(), &id.to_le_bytes(), &[bump]];
    let signer = &[seeds];
    token::transfer(CpiContext::new_with_signer(accounts.token_program.key(), transfer, signer), amount)
}

#[derive(Accounts)]
pub struct Close<'info> {
    #[account(mut)]
    pub owner: Signer<'info>,
    #[account(mut)]
    pub owner_token_account: Account<'info, TokenAccount>,
    #[account(mut, close = owner, has_one = owner, has_one = tokens)]
    pub vault: AccountLoader<'info, Vault>,
    #[account(mut)]
    pub tokens: Account<'info, TokenAccount>,
    pub token_program: Program<'info, Token>,
}

pub fn handle_close(ctx: Context<Close>) -> Result<()> {
    let accounts = &ctx.accounts;
    let (mint, id, bump) = {
        let vault = accounts.vault.load()?;
        (accounts.tokens.mint, vault.id, vault.bump)
    };
    let seeds: &[&[u8]] =
        &[ACCOUNT_SEED, mint.as_ref(), accounts.owner.key.as_ref(), &id.to_le_bytes(), &[bump]];
    let (signer, program) = (&[seeds], accounts.token_program.key());
    let transfer = Transfer {
        from: accounts.tokens.to_account_info(),
        to: accounts.owner_token_account.to_account_info(),
        authority: accounts.vault.to_account_info(),
    };
    token::transfer(CpiContext::new_with_signer(program, transfer, signer), accounts.tokens.amount)?;
    let close = CloseAccount {
        account: accounts.tokens.to_account_info(),
        destination: accounts.owner.to_account_info(),
        authority: accounts.vault.to_account_info(),
    };
    token::close_account(CpiContext::new_with_signer(program, close, signer))
}
