//! Addresses derived from the program's seeds.

use solana_pubkey::Pubkey;
use solana_sdk_ids::bpf_loader_upgradeable;

use crate::PROGRAM_ID;
use crate::constants::*;

fn derive(seeds: &[&[u8]]) -> Pubkey {
    Pubkey::find_program_address(seeds, &PROGRAM_ID).0
}

pub fn exchange() -> Pubkey {
    derive(&[EXCHANGE_SEED])
}

pub fn market(index: u16) -> Pubkey {
    derive(&[MARKET_SEED, &index.to_le_bytes()])
}

pub fn params_proposal(market: &Pubkey) -> Pubkey {
    derive(&[PARAMS_SEED, market.as_ref()])
}

pub fn pool_vault(market: &Pubkey) -> Pubkey {
    derive(&[POOL_SEED, market.as_ref()])
}

pub fn lp_mint(market: &Pubkey) -> Pubkey {
    derive(&[LP_SEED, market.as_ref()])
}

pub fn position(market: &Pubkey, owner: &Pubkey, id: u16) -> Pubkey {
    derive(&[POSITION_SEED, market.as_ref(), owner.as_ref(), &id.to_le_bytes()])
}

pub fn position_vault(position: &Pubkey) -> Pubkey {
    derive(&[VAULT_SEED, position.as_ref()])
}

pub fn order(position: &Pubkey, id: u8) -> Pubkey {
    derive(&[ORDER_SEED, position.as_ref(), &[id]])
}

/// Token account of an order's margin and reward.
pub fn order_escrow(order: &Pubkey) -> Pubkey {
    order_escrow_and_bump(order).0
}

/// The escrow with its bump, which place_order takes.
pub fn order_escrow_and_bump(order: &Pubkey) -> (Pubkey, u8) {
    Pubkey::find_program_address(&[VAULT_SEED, order.as_ref()], &PROGRAM_ID)
}

pub fn liquidity_deposit(market: &Pubkey, provider: &Pubkey, id: u16) -> Pubkey {
    derive(&[DEPOSIT_SEED, market.as_ref(), provider.as_ref(), &id.to_le_bytes()])
}

pub fn referral(market: &Pubkey, referrer: &Pubkey) -> Pubkey {
    derive(&[REFERRAL_SEED, market.as_ref(), referrer.as_ref()])
}

/// Signs the self-CPI that carries events.
pub fn event_authority() -> Pubkey {
    derive(&[b"__event_authority"])
}

/// Where the upgradeable loader keeps the program's bytecode and authority.
pub fn program_data() -> Pubkey {
    Pubkey::find_program_address(&[PROGRAM_ID.as_ref()], &bpf_loader_upgradeable::ID).0
}
