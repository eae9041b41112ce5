//! What a test says of a market, a position, events: once for all binaries.

use anchor_lang::prelude::Pubkey;
use ringfence_client::events::Event;

use crate::decimal::{quote, size};
use crate::market::MarketId;
use crate::tx::Receipt;
use crate::world::World;

/// The books, recomputed, are what the accounts say.
#[track_caller]
pub fn balanced(world: &World) {
    world.check_books().unwrap_or_else(|error| panic!("{error}"));
}

/// The pool's numbers, as decimals of the collateral.
#[track_caller]
pub fn assert_pool(world: &World, market: MarketId, liquidity: &str, reserved: &str, insurance: &str) {
    let state = world.market_state(market);
    assert_eq!(state.liquidity, quote(liquidity), "liquidity");
    assert_eq!(state.reserved, quote(reserved), "reserved");
    assert_eq!(state.insurance, quote(insurance), "insurance");
    balanced(world);
}

/// A position's numbers, and that its vault holds its margin.
#[track_caller]
pub fn assert_position(world: &World, key: Pubkey, open: &str, entry_notional: &str, margin: &str) {
    let state = world.position(key);
    assert_eq!(state.size, size(open), "size");
    assert_eq!(state.entry_notional, quote(entry_notional), "entry notional");
    assert_eq!(state.margin, quote(margin), "margin");
    assert_eq!(world.vault_balance(key), quote(margin), "vault");
}

/// These events, in this order, and no other; every field counts.
#[track_caller]
pub fn assert_events(receipt: &Receipt, expected: &[Event]) {
    assert_eq!(format!("{:#?}", receipt.events), format!("{expected:#?}"));
}

/// 0 where there is no account.
pub fn lamports(world: &World, key: Pubkey) -> u64 {
    world.svm.get_account(&key).map_or(0, |account| account.lamports)
}
