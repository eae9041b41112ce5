//! Markets and positions for tests, written as the program would.

use bytemuck::Zeroable;
use ringfence::state::{self as program, MarketIdentity, PositionIdentity};
use ringfence_client::Pubkey;
use ringfence_client::state::{Market, MarketParams, OracleConfig, OracleKind, Position, Side};

/// 10^-10 quote.
pub const fn price(whole: u64) -> u64 {
    whole * 10_000_000_000
}

/// Quote atoms, six decimals.
pub const fn quote(whole: u64) -> u64 {
    whole * 1_000_000
}

/// Size units, nine decimals.
pub const UNIT: u64 = 1_000_000_000;

pub const NOW: i64 = 1_800_000_000;

/// Maintenance 2.5 %, liquidation fee 1 % (half the keeper's, at least 0.1),
/// initial 5 %, no trading fees, reserve 100 %.
pub fn params() -> MarketParams {
    MarketParams {
        skew_scale: 10_000_000 * UNIT,
        liquidity_cooldown_seconds: 3_600,
        max_open_interest_long: u64::MAX,
        max_open_interest_short: u64::MAX,
        min_position_notional: quote(10),
        min_keeper_reward: quote(1) / 10,
        initial_margin_ppm: 50_000,
        maintenance_margin_ppm: 25_000,
        liquidation_fee_ppm: 10_000,
        keeper_share_ppm: 500_000,
        reserve_factor_ppm: 1_000_000,
        max_utilisation_ppm: 800_000,
        borrow_base_ppm: 20_000,
        borrow_kink_ppm: 800_000,
        borrow_slope1_ppm: 100_000,
        borrow_slope2_ppm: 1_000_000,
        max_funding_rate_ppm: 10_000,
        max_funding_velocity_ppm: 100_000,
        ..MarketParams::default()
    }
}

/// A market with a pinned pull feed and a deep pool.
pub fn market(index: u16) -> (Pubkey, Market) {
    let mut market = program::Market::zeroed();
    let mut name = [0; 16];
    name[..4].copy_from_slice(b"TEST");
    let identity = MarketIdentity {
        index,
        bump: 255,
        name,
        collateral_mint: Pubkey::new_unique(),
        token_program: Pubkey::new_unique(),
        pool_vault: Pubkey::new_unique(),
        lp_mint: Pubkey::new_unique(),
        size_decimals: 9,
        quote_decimals: 6,
    };
    let oracle = OracleConfig {
        feed_id: Pubkey::new_unique().to_bytes(),
        account: Pubkey::new_unique(),
        max_age_open: 60,
        max_age_reduce: 120,
        max_age_liquidate: 300,
        max_confidence_open_ppm: 5_000,
        max_confidence_ppm: 10_000,
        max_confidence_liquidate_ppm: 20_000,
        max_divergence_ppm: 300_000,
        kind: OracleKind::PythPull as u8,
        reserved: [0; 3],
    };
    market
        .initialize(identity, bytemuck::cast(oracle), bytemuck::cast(params()), NOW)
        .expect("valid parameters");
    market.liquidity = quote(1_000_000_000);
    (ringfence_client::pda::market(index), bytemuck::cast(market))
}

/// A position of `size` entered at `entry`, written into the market's books.
pub fn position(
    key: Pubkey,
    market: &mut Market,
    side: Side,
    size: u64,
    entry: u64,
    margin: u64,
) -> (Pubkey, Position) {
    let market: &mut program::Market = bytemuck::cast_mut(market);
    let mut position = program::Position::zeroed();
    let identity = PositionIdentity {
        bump: 255,
        vault_bump: 255,
        id: 0,
        side: program::Side::from_byte(side as u8).expect("a side"),
        market: key,
        owner: Pubkey::new_unique(),
        vault: Pubkey::new_unique(),
        referral: Pubkey::default(),
        generation: market.admit_position().expect("generations"),
        opened_at: NOW,
    };
    position.initialize(identity, market);
    position.size = size;
    let notional = u128::from(size) * u128::from(entry) / u128::from(market.notional_divisor);
    position.entry_notional = u64::try_from(notional).expect("a notional");
    position.reserve = position.entry_notional;
    position.margin = margin;
    market.attach(&position).expect("books");
    (Pubkey::new_unique(), bytemuck::cast(position))
}
