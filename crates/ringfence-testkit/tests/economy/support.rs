//! What the tests of this binary share: a market of easy numbers, refusals,
//! probes, substitutions.

use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::bpf_loader_upgradeable;
use ringfence_client::state::MarketParams;
pub use ringfence_testkit::asserts::*;
pub use ringfence_testkit::substitution::*;
use ringfence_testkit::{MarketId, Options, World, size};

pub const DAY: i64 = 86_400;
pub const YEAR: i64 = 365 * DAY;

/// Errors of both token programs.
pub mod token_error {
    pub const INSUFFICIENT_FUNDS: u32 = 1;
    pub const OWNER_MISMATCH: u32 = 4;
}

// --- markets ------------------------------------------------------------------------

/// A market in which charges are easy to work out: the index at 100, a pool of
/// 100,000, no fees and no borrow. A skew of 10 moves the price by 1 % and the
/// funding rate by 1 % a day, each day, to at most 10 %.
pub fn calm() -> (World, MarketId) {
    calm_with(|_| ())
}

pub fn calm_with(change: impl FnOnce(&mut MarketParams)) -> (World, MarketId) {
    build(World::new(), 100_000, change)
}

/// The same for thousands of transactions: without signatures and logs.
pub fn quick_with(liquidity: u64, change: impl FnOnce(&mut MarketParams)) -> (World, MarketId) {
    let options = Options { signatures: false, logs: false, ..Options::default() };
    build(World::with(options).unwrap_or_else(|error| panic!("{error}")), liquidity, change)
}

pub fn build(mut world: World, liquidity: u64, change: impl FnOnce(&mut MarketParams)) -> (World, MarketId) {
    let market = world
        .market("SOL-PERP")
        .price("100")
        .liquidity(liquidity)
        .params(|params| {
            params.skew_scale = size("1000");
            (params.open_fee_ppm, params.close_fee_ppm) = (0, 0);
            (params.borrow_base_ppm, params.borrow_slope1_ppm, params.borrow_slope2_ppm) = (0, 0, 0);
            params.max_funding_velocity_ppm = 1_000_000;
            params.max_funding_rate_ppm = 100_000;
            params.max_utilisation_ppm = 1_000_000;
        })
        .params(change)
        .build();
    (world, market)
}

/// No funding.
pub fn unfunded(params: &mut MarketParams) {
    (params.max_funding_velocity_ppm, params.max_funding_rate_ppm) = (0, 0);
}

/// Funding rate, funding index and borrow index.
pub fn indices(world: &World, market: MarketId) -> (i64, i128, u128) {
    let state = world.market_state(market);
    (state.funding_rate, state.funding_index.get(), state.borrow_index.get())
}

/// Random numbers without a crate: splitmix64 (Steele et al. 2014).
pub struct Rng(u64);

impl Rng {
    /// Seeded by RINGFENCE_SEED, else by `default`; says which.
    pub fn new(default: u64) -> Self {
        let seed = std::env::var("RINGFENCE_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(default);
        println!("RINGFENCE_SEED={seed}");
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform in `low..=high`.
    pub fn range(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low + 1)
    }
}

// --- accounts -----------------------------------------------------------------------

/// A copy of an account's bytes under another key, owned by a foreign program.
pub fn forged(world: &mut World, original: Pubkey) -> Pubkey {
    copy_of(world, original, bpf_loader_upgradeable::ID)
}
