//! What the tests of this binary share: a market of easy numbers, balances,
//! token accounts that nobody should pay into.

use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::bpf_loader_upgradeable;
use ringfence_client::state::MarketParams;
use ringfence_client::{AccountMeta, Instruction};
pub use ringfence_testkit::asserts::*;
pub use ringfence_testkit::substitution::*;
use ringfence_testkit::tokens::read_mint;
use ringfence_testkit::{MarketId, Trader, World, price, quote, size};
use solana_account::Account;

pub const HOUR: i64 = 3_600;
pub const DAY: i64 = 86_400;

/// Errors of both token programs.
pub mod token_error {
    pub const INSUFFICIENT_FUNDS: u32 = 1;
    pub const ACCOUNT_FROZEN: u32 = 17;
}

/// The system program's answer to creating an account that exists.
pub const ALREADY_IN_USE: u32 = 0;

// --- markets ------------------------------------------------------------------------

/// A market without fees, funding and borrow, the index at 100 and the pool
/// empty. A skew of 10 moves the price by 1 %: 10 long open at 100.5 and 10
/// short at 99.5. Its notice is a day, its cool-down an hour.
pub fn bare_with(change: impl FnOnce(&mut MarketParams)) -> (World, MarketId) {
    let mut world = World::new();
    let market = world
        .market("SOL-PERP")
        .price("100")
        .params(|params| {
            params.skew_scale = size("1000");
            (params.open_fee_ppm, params.close_fee_ppm) = (0, 0);
            (params.borrow_base_ppm, params.borrow_slope1_ppm, params.borrow_slope2_ppm) = (0, 0, 0);
            (params.max_funding_velocity_ppm, params.max_funding_rate_ppm) = (0, 0);
            params.max_utilisation_ppm = 1_000_000;
        })
        .params(change)
        .build();
    (world, market)
}

/// The same with 100,000 in the pool: a share an atom.
pub fn still_with(change: impl FnOnce(&mut MarketParams)) -> (World, MarketId) {
    let (mut world, market) = bare_with(change);
    provide(&mut world, market, "100000");
    (world, market)
}

pub fn still() -> (World, MarketId) {
    still_with(|_| ())
}

/// A provider whose shares are out.
pub fn provide(world: &mut World, market: MarketId, amount: &str) -> Trader {
    let provider = world.trader_of(market, quote(amount));
    passes("deposit", world.add_liquidity(market, &provider, quote(amount)));
    provider
}

/// Settles at a price, after notice.
#[track_caller]
pub fn settle_at(world: &mut World, market: MarketId, at: &str) {
    passes("settle", world.wind_down(market, price(at)));
    balanced(world);
}

// --- books ----------------------------------------------------------------------------

/// Shares that are minted.
pub fn minted(world: &World, market: MarketId) -> u64 {
    let mint = world.svm.get_account(&world.markets[market.0].accounts.lp_mint).expect("LP mint");
    read_mint(&mint).expect("LP mint").supply
}

pub fn shares_held(world: &mut World, market: MarketId, holder: &Trader) -> u64 {
    let account = world.shares_of(market, holder);
    world.balance(&account)
}

// --- accounts -----------------------------------------------------------------------

/// Rent of an account with this many bytes: 6,960 lamports for each of them
/// and for 128 more.
pub fn rent(bytes: u64) -> u64 {
    (128 + bytes) * 6_960
}

pub fn is_gone(world: &World, key: Pubkey) -> bool {
    lamports(world, key) == 0
}

/// A copy of an account's bytes under another key, owned by a foreign program.
pub fn forged(world: &mut World, original: Pubkey) -> Pubkey {
    copy_of(world, original, bpf_loader_upgradeable::ID)
}

/// Somebody's token account that `spender` may spend a million from.
pub fn with_delegate(world: &mut World, mint: Pubkey, owner: Pubkey, spender: Pubkey) -> Pubkey {
    let key = world.create_token_account(mint, owner, 0);
    edit_token(world, key, |data| {
        data[72..76].copy_from_slice(&1u32.to_le_bytes());
        data[76..108].copy_from_slice(spender.as_ref());
        data[121..129].copy_from_slice(&1_000_000u64.to_le_bytes());
    });
    key
}

/// Somebody's token account that `closer` may close.
pub fn with_close_authority(world: &mut World, mint: Pubkey, owner: Pubkey, closer: Pubkey) -> Pubkey {
    let key = world.create_token_account(mint, owner, 0);
    edit_token(world, key, |data| {
        data[129..133].copy_from_slice(&1u32.to_le_bytes());
        data[133..165].copy_from_slice(closer.as_ref());
    });
    key
}

fn edit_token(world: &mut World, key: Pubkey, change: impl FnOnce(&mut [u8])) {
    let mut account = world.svm.get_account(&key).expect("token account");
    change(&mut account.data);
    world.svm.set_account(key, account).expect("token account");
}

/// Token's own transfer.
pub fn transfer(from: Pubkey, to: Pubkey, owner: Pubkey, amount: u64) -> Instruction {
    let mut data = vec![3];
    data.extend(amount.to_le_bytes());
    let accounts = vec![
        AccountMeta::new(from, false),
        AccountMeta::new(to, false),
        AccountMeta::new_readonly(owner, true),
    ];
    Instruction { program_id: anchor_spl::token::ID, accounts, data }
}

/// Fills the market's price account with what no price account looks like.
pub fn break_oracle(world: &mut World, market: MarketId) {
    let key = world.markets[market.0].accounts.oracle;
    let account = Account { lamports: 1_000_000_000, data: vec![7; 40], ..Account::default() };
    world.svm.set_account(key, account).expect("oracle account");
}
