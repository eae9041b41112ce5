//! Orders: their account has a layout, but no instruction that makes one yet,
//! so the IDL does not have it.

use bytemuck::{Pod, Zeroable};
use solana_pubkey::Pubkey;

use crate::Discriminator;

/// A trigger or delayed order, good for one generation of its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
#[repr(C)]
pub struct Order {
    pub version: u8,
    pub bump: u8,
    pub id: u8,
    /// Take-profit, stop-loss, limit, stop, or delayed market.
    pub kind: u8,
    pub side: u8,
    /// Whether the index price triggers at or above (1) or at or below (0).
    pub trigger_above: u8,
    pub escrow_bump: u8,
    pub reserved_a: u8,
    pub market: Pubkey,
    pub position: Pubkey,
    pub owner: Pubkey,
    /// Token account that holds an entry order's margin and the reward.
    pub escrow: Pubkey,
    /// Generation of the position that the order was placed for.
    pub generation: u64,
    pub size: u64,
    pub margin: u64,
    /// Index price that triggers, 10^-10 quote.
    pub trigger_price: u64,
    /// Worst fill price, 10^-10 quote.
    pub acceptable_price: u64,
    /// Prepaid reward of whoever executes, in quote atoms.
    pub reward: u64,
    pub placed_at: i64,
    pub not_before: i64,
    pub expires_at: i64,
    pub reserved: [u64; 8],
}

const _: () = assert!(size_of::<Order>() == 272 && align_of::<Order>() <= 8);

impl Discriminator for Order {
    const DISCRIMINATOR: &'static [u8] = &[134, 173, 223, 185, 77, 86, 28, 51];
}

impl Order {
    pub const SIZE: usize = 8 + size_of::<Self>();
}
