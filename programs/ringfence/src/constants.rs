//! Every constant of the program, in one place. Units follow docs/design:
//! quote atoms, 10^-10 prices, parts per million, seconds.

use anchor_lang::prelude::{Pubkey, pubkey};

// --- layout versions, written into each account --------------------------------

pub const EXCHANGE_VERSION: u8 = 1;
/// 2 counts the accounts of a market, so that it can be emptied and closed.
pub const MARKET_VERSION: u8 = 2;
/// 2 has the referral.
pub const POSITION_VERSION: u8 = 2;
pub const PROPOSAL_VERSION: u8 = 1;
pub const DEPOSIT_VERSION: u8 = 1;
pub const REFERRAL_VERSION: u8 = 1;
pub const ORDER_VERSION: u8 = 1;

// --- seeds -----------------------------------------------------------------

pub const EXCHANGE_SEED: &[u8] = b"exchange";
pub const MARKET_SEED: &[u8] = b"market";
pub const PARAMS_SEED: &[u8] = b"params";
pub const POOL_SEED: &[u8] = b"pool";
pub const LP_SEED: &[u8] = b"lp";
pub const POSITION_SEED: &[u8] = b"position";
pub const VAULT_SEED: &[u8] = b"vault";
pub const ORDER_SEED: &[u8] = b"order";
pub const DEPOSIT_SEED: &[u8] = b"deposit";
pub const REFERRAL_SEED: &[u8] = b"referral";
/// Anchor's own, of the account that signs for events.
pub const EVENT_AUTHORITY_SEED: &[u8] = b"__event_authority";

// --- oracle ----------------------------------------------------------------

/// Owners a legacy (push) Pyth price account may have: mainnet and Pythnet,
/// and devnet. The account itself is pinned in the market as well.
pub const PYTH_PUSH_PROGRAMS: [Pubkey; 2] = [
    pubkey!("FsJ3A3u2vn5cTVofAjvy6y5kwABJAqYWpe4975bi2epH"),
    pubkey!("gSbePebfvPy7tRqimPoVecS2UsBvYv46ynrzWocc92s"),
];

/// Bytes of a legacy price account that the Pyth SDK reads (32 publishers).
pub const PYTH_PUSH_ACCOUNT_LEN: usize = 3_312;

/// Feeds publish with exponents from -12 (micro-caps) to 0.
pub const MIN_PRICE_EXPONENT: i32 = -12;
pub const MAX_PRICE_EXPONENT: i32 = 0;

/// Clocks of the cluster and of the publishers may differ by this much.
pub const MAX_FUTURE_SECONDS: i64 = 2;

/// Longest age limit that a market may set, in seconds.
pub const MAX_AGE_LIMIT_SECONDS: u32 = 600;

/// A market's confidence limits stay within 10 % of the price (ppm).
pub const MAX_CONFIDENCE_LIMIT_PPM: u32 = 100_000;

/// A market's EMA divergence limit stays within 90 % of the EMA (ppm).
pub const MAX_DIVERGENCE_LIMIT_PPM: u32 = 900_000;

// --- hard bounds of market parameters ----------------------------------------

/// 0.2 %: leverage of at most 500x.
pub const MIN_INITIAL_MARGIN_PPM: u32 = 2_000;
pub const MAX_INITIAL_MARGIN_PPM: u32 = 1_000_000;
/// 0.1 %.
pub const MIN_MAINTENANCE_MARGIN_PPM: u32 = 1_000;
/// 10 % of the closed notional.
pub const MAX_LIQUIDATION_FEE_PPM: u32 = 100_000;
/// 1 % of the notional.
pub const MAX_TRADE_FEE_PPM: u32 = 10_000;
/// LPs carry the risk: at least half of each fee is theirs.
pub const MAX_NON_LP_FEE_SHARE_PPM: u32 = 500_000;
/// A position reserves 5 % to 1,000 % of its entry notional.
pub const MIN_RESERVE_FACTOR_PPM: u32 = 50_000;
pub const MAX_RESERVE_FACTOR_PPM: u32 = 10_000_000;
/// 1,000 % a year.
pub const MAX_BORROW_RATE_PPM: u32 = 10_000_000;
/// 100 % of the notional a day; and a change of ten times that a day.
pub const MAX_FUNDING_RATE_PPM: u32 = 1_000_000;
pub const MAX_FUNDING_VELOCITY_PPM: u32 = 10_000_000;
/// 30 days.
pub const MAX_LIQUIDITY_COOLDOWN_SECONDS: u32 = 2_592_000;
/// 30 days.
pub const MAX_TIMELOCK_SECONDS: u32 = 2_592_000;

/// A delayed order waits at least this long, in seconds, whatever its market
/// says: more than the clocks of cluster and publishers may differ by.
pub const MIN_ORDER_DELAY_SECONDS: u32 = 3;
/// 10 minutes.
pub const MAX_ORDER_DELAY_SECONDS: u32 = 600;

/// From when providers can leave a settled market in which positions are still
/// open, seconds after the settlement: 7 days.
pub const SETTLEMENT_GRACE_SECONDS: i64 = 604_800;

/// Sizes: at most 12 decimals; the divisor of the notional stays in a u64.
pub const MAX_SIZE_DECIMALS: u8 = 12;
/// Bytes of a market's name, zero-padded ASCII.
pub const MARKET_NAME_LEN: usize = 16;
