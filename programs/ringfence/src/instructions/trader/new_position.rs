//! What open_position and create_position both begin with.

use std::cell::RefMut;

use anchor_lang::prelude::*;

use crate::constants::*;
use crate::creation::NewAccount;
use crate::state::{Market, Position, PositionIdentity, Side};
use crate::tokens::NewVault;

/// The accounts of a position that is to be.
pub struct NewPosition<'a, 'info> {
    pub owner: &'a AccountInfo<'info>,
    pub market: Pubkey,
    pub position: &'a AccountInfo<'info>,
    pub vault: &'a AccountInfo<'info>,
    pub collateral_mint: &'a AccountInfo<'info>,
    pub token_program: &'a AccountInfo<'info>,
    /// The default key for none.
    pub referral: Pubkey,
}

impl<'a> NewPosition<'a, '_> {
    /// Makes the position and its vault, both at their canonical addresses,
    /// and counts it in: it has no size yet.
    pub fn create(&self, market: &mut Market, id: u16, side: Side, now: i64) -> Result<RefMut<'a, Position>> {
        let &Self { owner, position, vault, .. } = self;
        let rent = &Rent::get()?;
        let seeds = &[POSITION_SEED, self.market.as_ref(), owner.key.as_ref(), &id.to_le_bytes()];
        let account = NewAccount { name: "position", payer: owner, account: position };
        let (bump, mut created) = account.create::<Position, _>(rent, seeds)?;
        let vault_bump = NewVault {
            name: "position_vault",
            program: self.token_program,
            payer: owner,
            account: vault,
            mint: self.collateral_mint,
            authority: position,
        }
        .create(rent, &[VAULT_SEED, position.key.as_ref()])?;
        let identity = PositionIdentity {
            bump,
            vault_bump,
            id,
            side,
            market: self.market,
            owner: *owner.key,
            vault: *vault.key,
            referral: self.referral,
            generation: market.admit_position()?,
            opened_at: now,
        };
        created.initialize(identity, market);
        Ok(created)
    }
}
