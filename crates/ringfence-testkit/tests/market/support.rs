//! What the tests of this binary share: refusals, substitutions, probes.

use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::bpf_loader_upgradeable;
use ringfence_client::state::{MarketParams, OracleConfig, OracleKind};
use ringfence_client::{CreateMarketArgs, MarketAccounts, instructions, pda};
use ringfence_testkit::market::{MarketHandle, default_oracle, default_params};
pub use ringfence_testkit::substitution::*;
use ringfence_testkit::{Failure, Feed, MarketId, MintKind, Receipt, Trader, World, price};
use solana_instruction::error::InstructionError;
use solana_signer::Signer;

/// The system program's answer to creating an account that exists.
pub fn already_in_use() -> Refusal {
    Refusal::from(InstructionError::Custom(0))
}

/// Any program but ours.
pub fn foreign_program() -> Pubkey {
    bpf_loader_upgradeable::ID
}

// --- markets ------------------------------------------------------------------------

/// Sound arguments for a market with a pull feed, pinned to `account`.
pub fn market_args(feed_id: [u8; 32], account: Pubkey) -> CreateMarketArgs {
    CreateMarketArgs {
        name: name("SOL-PERP"),
        size_decimals: 9,
        oracle: OracleConfig { feed_id, account, ..default_oracle() },
        params: default_params(),
    }
}

/// Zero-padded.
pub fn name(text: &str) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..text.len()].copy_from_slice(text.as_bytes());
    bytes
}

/// Creates the exchange's next market, past the testkit's builder.
pub fn create(
    world: &mut World,
    mint: Pubkey,
    token_program: Pubkey,
    args: CreateMarketArgs,
) -> Result<Receipt, Failure> {
    let admin = world.admin.insecure_clone();
    let index = world.exchange().market_count;
    let instruction = instructions::create_market(admin.pubkey(), index, mint, token_program, args);
    world.send(&[instruction], &[&admin])
}

/// Creates a market on an oracle account of one's own and makes the world
/// know it; the account is written by whoever calls this.
pub fn market_on(world: &mut World, oracle_account: Pubkey, oracle: OracleConfig) -> MarketId {
    let mint = world.create_mint(&MintKind::Token, 6);
    let args = CreateMarketArgs { oracle, ..market_args([0; 32], Pubkey::default()) };
    let key = pda::market(world.exchange().market_count);
    passes("create_market", create(world, mint, anchor_spl::token::ID, args));
    let accounts = MarketAccounts::new(key, &world.read_market(&key), oracle_account);
    let kind = if oracle.kind == 0 { OracleKind::PythPull } else { OracleKind::PythPush };
    let feed = Feed { price: 0, confidence: 0, ema: 0, publish_time: 0 };
    let feed_id = oracle.feed_id;
    world.markets.push(MarketHandle { accounts, mint: MintKind::Token, kind, feed_id, feed });
    MarketId(world.markets.len() - 1)
}

/// Neither funding nor borrow: time costs nothing.
pub fn free_of_charges(params: &mut MarketParams) {
    (params.max_funding_rate_ppm, params.max_funding_velocity_ppm) = (0, 0);
    (params.borrow_base_ppm, params.borrow_slope1_ppm, params.borrow_slope2_ppm) = (0, 0, 0);
}

/// A market whose fills are at the index to a 10^-10 and cost no fees, as time
/// costs nothing, so that numbers stay easy.
pub fn plain_market(world: &mut World, liquidity_atoms: u64) -> (MarketId, Trader) {
    let market = world
        .market("PLAIN-PERP")
        .params(free_of_charges)
        .params(|params| {
            params.skew_scale = u64::MAX;
            (params.open_fee_ppm, params.close_fee_ppm) = (0, 0);
            params.max_utilisation_ppm = 1_000_000;
        })
        .build();
    let provider = world.trader_of(market, liquidity_atoms);
    passes("first deposit", world.add_liquidity(market, &provider, liquidity_atoms));
    (market, provider)
}

/// Publishes `price` ± `confidence` now, its average with it.
pub fn publish(world: &mut World, market: MarketId, at: &str, confidence: &str) {
    let publish_time = world.now();
    world.set_feed(
        market,
        Feed { price: price(at), confidence: price(confidence), ema: price(at), publish_time },
    );
}
