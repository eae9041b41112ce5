//! Markets, positions and orders for tests, written as the program would.

use bytemuck::Zeroable;
use ringfence::state::{self as program, MarketIdentity, OrderIdentity, PositionIdentity};
use ringfence_client::Pubkey;
use ringfence_client::state::{
    Market, MarketParams, OracleConfig, OracleKind, Order, OrderKind, Position, Side,
};

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

/// An order for a reward of 1, at any fill price, that lives an hour: of half
/// the position where it closes, of 1 with a margin of 20 where it adds.
pub fn terms(kind: OrderKind, side: Side, trigger_price: u64, now: i64) -> program::OrderTerms {
    let (adds, delayed) = (kind.adds(), kind == OrderKind::Delayed);
    let buys = adds == (side == Side::Long);
    program::OrderTerms {
        kind: program::OrderKind::from_byte(kind as u8).expect("a kind"),
        size: if adds { UNIT } else { 0 },
        margin: if adds { quote(20) } else { 0 },
        share_ppm: if adds { 0 } else { 500_000 },
        trigger_price,
        acceptable_price: if buys { u64::MAX } else { 1 },
        reward: quote(1),
        expires_at: if delayed { 0 } else { now + 3_600 },
        cancels: None,
    }
}

/// Places an order of a position's owner, as the program does.
pub fn order(
    key: Pubkey,
    position: &mut Position,
    market: &Market,
    id: u8,
    terms: &program::OrderTerms,
    now: i64,
) -> (Pubkey, Order) {
    let address = ringfence_client::pda::order(&key, id);
    let mut order = program::Order::zeroed();
    let identity = OrderIdentity {
        bump: 255,
        id,
        position: key,
        trader: position.owner,
        escrow: ringfence_client::pda::order_escrow(&address),
    };
    let (position, market) = (bytemuck::cast_mut(position), bytemuck::cast_ref(market));
    order.initialize(identity, terms, market, position, now).expect("valid terms");
    (address, bytemuck::cast(order))
}
