//! The market of these tests, and how its numbers are asserted.

use anchor_lang::prelude::Pubkey;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use ringfence_client::events::Event;
use ringfence_client::pda;
use ringfence_client::state::{MarketParams, Side};
use ringfence_testkit::{Failure, Feed, MarketId, Receipt, World, price, quote, size};
use solana_instruction::error::InstructionError;
use solana_transaction_error::TransactionError;

/// Errors of both token programs.
pub mod token_error {
    pub const INSUFFICIENT_FUNDS: u32 = 1;
    pub const OWNER_MISMATCH: u32 = 4;
    pub const ACCOUNT_FROZEN: u32 = 17;
}

/// A market in which impact is easy to work out: the index at 100, a skew of
/// 10 moves the price by 1 %; otherwise the defaults (initial 5 %, maintenance
/// 2.5 %, liquidation fee 1 %, half of it the keeper's and at least 0.10, fees
/// 5 bp of which insurance and protocol get 10 % each, reserve 100 %), and a
/// pool of 100,000. Time costs nothing: funding and borrow have their own tests.
pub fn easy() -> (World, MarketId) {
    easy_with(|_| ())
}

pub fn easy_with(change: impl FnOnce(&mut MarketParams)) -> (World, MarketId) {
    let mut world = World::new();
    let market = world
        .market("SOL-PERP")
        .price("100")
        .liquidity(100_000)
        .params(|params| params.skew_scale = size("1000"))
        .params(free_of_charges)
        .params(change)
        .build();
    (world, market)
}

/// Neither funding nor borrow.
pub fn free_of_charges(params: &mut MarketParams) {
    (params.max_funding_rate_ppm, params.max_funding_velocity_ppm) = (0, 0);
    (params.borrow_base_ppm, params.borrow_slope1_ppm, params.borrow_slope2_ppm) = (0, 0, 0);
}

/// A smallest position so near the 995 that 10 are sold for at 100 that a
/// liquidation closes all of them: whatever it left would be too small.
pub fn whole_only(params: &mut MarketParams) {
    params.min_position_notional = quote("990");
}

/// Publishes `index` ± `confidence` now, the average at the index.
pub fn publish(world: &mut World, market: MarketId, index: &str, confidence: &str) {
    let index = price(index);
    let feed = Feed { price: index, confidence: price(confidence), ema: index, publish_time: world.now() };
    world.set_feed(market, feed);
}

#[track_caller]
pub fn balanced(world: &World) {
    world.check_books().unwrap_or_else(|error| panic!("{error}"));
}

/// The pool's numbers, as decimals of the collateral.
#[track_caller]
pub fn assert_pool(
    world: &World,
    market: MarketId,
    liquidity: &str,
    reserved: &str,
    insurance: &str,
    protocol_fees: &str,
) {
    let state = world.market_state(market);
    assert_eq!(state.liquidity, quote(liquidity), "liquidity");
    assert_eq!(state.reserved, quote(reserved), "reserved");
    assert_eq!(state.insurance, quote(insurance), "insurance");
    assert_eq!(state.protocol_fees, quote(protocol_fees), "protocol fees");
    balanced(world);
}

/// One side's sums.
#[track_caller]
pub fn assert_side(
    world: &World,
    market: MarketId,
    side: Side,
    open_interest: &str,
    entry_notional: &str,
    positions: u64,
) {
    let state = world.market_state(market);
    let book = state.side(side);
    assert_eq!(book.open_interest, size(open_interest), "open interest");
    assert_eq!(book.entry_notional, quote(entry_notional), "entry notional");
    assert_eq!(book.positions, positions, "positions");
}

/// A position's numbers.
#[track_caller]
pub fn assert_position(
    world: &World,
    position: Pubkey,
    open: &str,
    entry_notional: &str,
    margin: &str,
    reserve: &str,
) {
    let state = world.position(position);
    assert_eq!(state.size, size(open), "size");
    assert_eq!(state.entry_notional, quote(entry_notional), "entry notional");
    assert_eq!(state.margin, quote(margin), "margin");
    assert_eq!(state.reserve, quote(reserve), "reserve");
    assert_eq!(world.balance(&pda::position_vault(&position)), quote(margin), "vault");
}

/// These events, in this order, and no other; every field counts.
#[track_caller]
pub fn assert_events(receipt: &Receipt, expected: &[Event]) {
    assert_eq!(format!("{:#?}", receipt.events), format!("{expected:#?}"));
}

/// The failure was this error of this instruction.
#[track_caller]
pub fn assert_refused<T: std::fmt::Debug>(result: Result<T, Failure>, index: u8, error: &InstructionError) {
    match result {
        Ok(done) => panic!("expected {error:?}, but it went through: {done:?}"),
        Err(failure) => assert_eq!(
            failure.error,
            TransactionError::InstructionError(index, error.clone()),
            "{}",
            failure.logs.join("\n")
        ),
    }
}

/// Seeded by RINGFENCE_SEED, else by `default`; says which.
pub fn rng(default: u64) -> StdRng {
    let seed = std::env::var("RINGFENCE_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(default);
    println!("RINGFENCE_SEED={seed}");
    StdRng::seed_from_u64(seed)
}

pub fn any_side(rng: &mut StdRng) -> Side {
    if rng.random() { Side::Long } else { Side::Short }
}
