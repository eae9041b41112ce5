//! What anyone may pay into on somebody's behalf: his own token account, that
//! nobody else can spend from or close.

use anchor_lang::error::ErrorCode::*;
use anchor_lang::prelude::Pubkey;
use ringfence_client::RingfenceError::{UnsafePayeeAccount, WrongTokenMint};
use ringfence_testkit::{MintKind, World};
use solana_signer::Signer;

use crate::support::*;

/// Wrong accounts in place of the payee's own at `index`.
pub fn payee_cases(world: &mut World, mint: Pubkey, payee: Pubkey, index: usize) -> Vec<Case> {
    let thief = world.new_key().pubkey();
    let thiefs = world.create_token_account(mint, thief, 0);
    let delegated = with_delegate(world, mint, payee, thief);
    let delegated_to_nobody = with_delegate(world, mint, payee, Pubkey::default());
    let closable = with_close_authority(world, mint, payee, thief);
    let other_mint = world.create_mint(&MintKind::Token, 6);
    let of_other_mint = world.create_token_account(other_mint, payee, 0);
    let of_payee = world.create_token_account(mint, payee, 0);
    let forged = forged(world, of_payee);
    vec![
        replaced("a thief's token account", index, thiefs, UnsafePayeeAccount),
        replaced("his own, delegated", index, delegated, UnsafePayeeAccount),
        replaced("his own, delegated to the default key", index, delegated_to_nobody, UnsafePayeeAccount),
        replaced("his own, with a close authority", index, closable, UnsafePayeeAccount),
        replaced("his own of another mint", index, of_other_mint, WrongTokenMint),
        replaced("a forged token account", index, forged, AccountOwnedByWrongProgram),
        replaced("no token account", index, thief, AccountNotInitialized),
        read_only("read-only", index),
    ]
}
