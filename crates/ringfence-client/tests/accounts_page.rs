//! docs/accounts.md against the code: seeds, sizes, the offset of every field,
//! and every bound of every parameter, tried at both ends.

use std::collections::BTreeMap;
use std::mem::offset_of;

use ringfence::errors::RingfenceError;
use ringfence::state::{
    AcceptedPrice, Exchange, LiquidityDeposit, Market, MarketParams, OracleConfig, Order, ParamsProposal,
    Position, Referral, SideBook,
};
use ringfence_client::{PROGRAM_ID, Pubkey, pda};

const PAGE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/accounts.md"));

/// Bytes of an account before its structure.
const DISCRIMINATOR: usize = 8;

/// The rows of the first table under a heading, as cells without quoting.
fn table(heading: &str) -> Vec<Vec<String>> {
    let section = PAGE.lines().skip_while(|line| *line != heading).skip(1);
    let rows = section.skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    let cells = |row: &str| {
        row.trim_matches('|').split(" | ").map(|cell| cell.trim().trim_matches('`').to_owned()).collect()
    };
    let rows: Vec<Vec<String>> = rows.skip(2).map(cells).collect();
    assert!(!rows.is_empty(), "no table under {heading}");
    rows
}

fn bytes_of(kind: &str) -> usize {
    if let Some((element, count)) = kind.strip_prefix('[').and_then(|kind| kind.split_once("; ")) {
        return bytes_of(element) * count.trim_end_matches(']').parse::<usize>().unwrap();
    }
    match kind {
        "u8" => 1,
        "u16" => 2,
        "u32" => 4,
        "u64" | "i64" => 8,
        "I128" | "U128" => 16,
        "Pubkey" => size_of::<Pubkey>(),
        "OracleConfig" => size_of::<OracleConfig>(),
        "MarketParams" => size_of::<MarketParams>(),
        "SideBook" => size_of::<SideBook>(),
        "AcceptedPrice" => size_of::<AcceptedPrice>(),
        _ => panic!("unknown type {kind}"),
    }
}

/// The table covers the structure byte by byte, and each field is where the
/// compiler has put it.
fn check_fields(heading: &str, start: usize, size: usize, fields: &[(&str, usize)]) {
    let rows = table(heading);
    let names: Vec<_> = rows.iter().map(|row| row[1].as_str()).collect();
    let expected: Vec<_> = fields.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, expected, "{heading}");
    let mut next = start;
    for (row, (name, offset)) in rows.iter().zip(fields) {
        assert_eq!(row[0], next.to_string(), "{heading}: bytes before {name}");
        assert_eq!(next, start + offset, "{heading}: {name}");
        next += bytes_of(&row[2]);
    }
    assert_eq!(next, start + size, "{heading}: its end");
}

macro_rules! fields {
    ($heading:literal, $start:expr, $type:ty: $($field:ident)*) => {
        check_fields($heading, $start, size_of::<$type>(), &[
            $((stringify!($field), offset_of!($type, $field))),*
        ])
    };
}

#[test]
fn every_field_is_at_its_offset() {
    fields!("## `Exchange`", DISCRIMINATOR, Exchange: version bump market_count timelock_seconds admin
        pending_admin guardian treasury reserved);
    fields!("## `Market`", DISCRIMINATOR, Market: version bump status size_decimals quote_decimals uncounted
        index name collateral_mint token_program pool_vault lp_mint notional_divisor oracle params long
        short funding_rate accrued_at funding_index borrow_index borrow_basis liquidity reserved insurance
        protocol_fees lp_shares next_generation bad_debt accepted settlement_price settled_at settles_at
        position_accounts deposit_accounts unclaimed_shares referral_accounts referral_fees reserved_b);
    fields!("### `SideBook`", 0, SideBook: open_interest entry_notional positions funding_basis);
    fields!("### `AcceptedPrice`", 0, AcceptedPrice: price confidence ema publish_time);
    fields!("## `Position`", DISCRIMINATOR, Position: version bump side vault_bump id reserved_a market owner
        delegate vault size entry_notional margin reserve generation opened_at entry_funding_index
        entry_borrow_index realised_pnl realised_funding realised_borrow fees_paid referral void_orders
        committed_until reserved_b);
    fields!("## `LiquidityDeposit`", DISCRIMINATOR, LiquidityDeposit: version bump id reserved_a market
        provider amount shares deposited_at unlocks_at reserved_b);
    fields!("## `Referral`", DISCRIMINATOR, Referral: version bump reserved_a market referrer fees
        fees_earned reserved_b);
    fields!("## `ParamsProposal`", DISCRIMINATOR, ParamsProposal: version bump reserved_a market proposer eta
        params oracle reserved);
    fields!("## `Order`", DISCRIMINATOR, Order: version bump id kind trigger_above has_partner
        partner failed market position trader escrow generation size margin share_ppm reserved_b
        trigger_price acceptable_price reward placed_at not_before expires_at reserved_c);
    fields!("## `MarketParams`", 0, MarketParams: skew_scale max_open_interest_long max_open_interest_short
        min_position_notional min_keeper_reward initial_margin_ppm maintenance_margin_ppm liquidation_fee_ppm
        keeper_share_ppm open_fee_ppm close_fee_ppm insurance_share_ppm protocol_share_ppm
        referrer_share_ppm reserve_factor_ppm max_utilisation_ppm borrow_base_ppm borrow_kink_ppm
        borrow_slope1_ppm borrow_slope2_ppm max_funding_rate_ppm max_funding_velocity_ppm
        liquidity_cooldown_seconds min_order_delay_seconds delayed_only reserved);
    fields!("## `OracleConfig`", 0, OracleConfig: feed_id account max_age_open max_age_reduce
        max_age_liquidate max_confidence_open_ppm max_confidence_ppm max_confidence_liquidate_ppm
        max_divergence_ppm kind reserved);
}

#[test]
fn every_account_has_its_size_and_its_seeds() {
    const NAMES: [&str; 6] = ["market", "order", "owner", "position", "provider", "referrer"];
    let keys: BTreeMap<_, _> =
        NAMES.into_iter().zip(1u8..).map(|(name, n)| (name, Pubkey::new_from_array([n; 32]))).collect();
    let [market, order, owner, position, provider, referrer] = NAMES.map(|name| keys[name]);
    let expected = [
        ("Exchange", Exchange::SIZE, pda::exchange()),
        ("Market", Market::SIZE, pda::market(7)),
        ("pool vault", 0, pda::pool_vault(&market)),
        ("LP mint", 0, pda::lp_mint(&market)),
        ("Position", Position::SIZE, pda::position(&market, &owner, 7)),
        ("position vault", 0, pda::position_vault(&position)),
        ("LiquidityDeposit", LiquidityDeposit::SIZE, pda::liquidity_deposit(&market, &provider, 7)),
        ("Referral", Referral::SIZE, pda::referral(&market, &referrer)),
        ("ParamsProposal", ParamsProposal::SIZE, pda::params_proposal(&market)),
        ("Order", Order::SIZE, pda::order(&position, 7)),
        ("order escrow", 0, pda::order_escrow(&order)),
    ];
    let rows = table("# Accounts and parameters");
    assert_eq!(rows.len(), expected.len());
    for (row, (name, size, address)) in rows.iter().zip(expected) {
        assert_eq!(row[0], name);
        if size > 0 {
            assert_eq!(row[2], size.to_string(), "{name}");
        }
        let seeds: Vec<Vec<u8>> = row[1].split(", ").map(|seed| seed_bytes(seed, &keys)).collect();
        let seeds: Vec<&[u8]> = seeds.iter().map(Vec::as_slice).collect();
        assert_eq!(Pubkey::find_program_address(&seeds, &PROGRAM_ID).0, address, "{name}");
    }
}

/// Numbers among the seeds are 7.
fn seed_bytes(seed: &str, keys: &BTreeMap<&str, Pubkey>) -> Vec<u8> {
    match seed.trim_matches('`') {
        number if number.ends_with("(u16)") => 7u16.to_le_bytes().to_vec(),
        number if number.ends_with("(u8)") => vec![7],
        text if text.starts_with('"') => text.trim_matches('"').as_bytes().to_vec(),
        name => keys[name].as_ref().to_vec(),
    }
}

/// The ends of `1 to 600`, `a to 600`, `at least 1`; a name stands for the
/// value that the parameter has.
fn bounds(cell: &str, value: impl Fn(&str) -> u64) -> Option<(u64, Option<u64>)> {
    let end = |text: &str| {
        let text = text.trim().trim_matches('`');
        text.replace(',', "").parse().unwrap_or_else(|_| value(text))
    };
    if let Some(least) = cell.strip_prefix("at least ") {
        return Some((end(least), None));
    }
    let (low, high) = cell.split_once(" to ")?;
    Some((end(low), Some(end(high))))
}

/// Reads and writes numeric fields by name.
macro_rules! numbers {
    ($type:ty: $($field:ident)*) => {
        (
            |all: &$type, name: &str| -> u64 {
                match name {
                    $(stringify!($field) => u64::from(all.$field),)*
                    _ => panic!("no parameter {name}"),
                }
            },
            |all: &mut $type, name: &str, value: u64| match name {
                $(stringify!($field) => all.$field = value.try_into().unwrap(),)*
                _ => panic!("no parameter {name}"),
            },
        )
    };
}

/// Parameters that let each other one be at either of its bounds.
fn permissive(name: &str, low: bool) -> MarketParams {
    let tied = name == "initial_margin_ppm" && low;
    MarketParams {
        skew_scale: 1,
        min_position_notional: u64::MAX,
        min_keeper_reward: 1,
        initial_margin_ppm: 1_000_000,
        maintenance_margin_ppm: 1_000,
        liquidation_fee_ppm: if tied { 1 } else { 100_000 },
        keeper_share_ppm: 1,
        reserve_factor_ppm: 50_000,
        max_utilisation_ppm: 1,
        borrow_kink_ppm: 1,
        ..MarketParams::default()
    }
}

#[test]
fn every_bound_of_a_market_parameter_is_the_programs() {
    let (get, set) = numbers!(MarketParams: skew_scale max_open_interest_long max_open_interest_short
        min_position_notional min_keeper_reward initial_margin_ppm maintenance_margin_ppm liquidation_fee_ppm
        keeper_share_ppm open_fee_ppm close_fee_ppm insurance_share_ppm protocol_share_ppm
        referrer_share_ppm reserve_factor_ppm max_utilisation_ppm borrow_base_ppm borrow_kink_ppm
        borrow_slope1_ppm borrow_slope2_ppm max_funding_rate_ppm max_funding_velocity_ppm
        liquidity_cooldown_seconds min_order_delay_seconds delayed_only);
    let refused = Err(RingfenceError::ParameterOutOfBounds);
    let mut bounded = 0;
    for row in table("## `MarketParams`") {
        let (name, cell) = (row[1].as_str(), row[3].as_str());
        let with = |low, value| {
            let mut params = permissive(name, low);
            set(&mut params, name, value);
            params.validate()
        };
        match bounds(cell, |other| get(&permissive(name, false), other)) {
            Some((low, high)) => {
                bounded += 1;
                assert_eq!(with(true, low), Ok(()), "{name} at {low}");
                if low > 0 {
                    assert_eq!(with(true, low - 1), refused, "{name} below {low}");
                }
                let Some(high) = high else {
                    continue;
                };
                // The one whose end another bound (2) hides.
                let tied = name == "maintenance_margin_ppm";
                let fee = u64::from(permissive(name, false).liquidation_fee_ppm);
                let high = if tied { high - fee - 1 } else { high };
                assert_eq!(with(false, high), Ok(()), "{name} at {high}");
                assert_eq!(with(false, high + 1), refused, "{name} above {high}");
            }
            None if cell == "any" => {
                for value in [0, u64::MAX] {
                    let tied = name == "min_position_notional" && value == 0;
                    assert_eq!(with(false, value).is_err(), tied, "{name} at {value}");
                }
            }
            None => assert_eq!((name, cell), ("reserved", "zero")),
        }
    }
    assert_eq!(bounded, 22);
    assert_eq!(MarketParams { reserved: [1; 7], ..permissive("", false) }.validate(), refused);
}

/// What the page lists under the table of parameters, by its number.
#[test]
fn bounds_that_tie_parameters_together_are_the_programs() {
    let base = permissive("", false);
    let check = |within: MarketParams, beyond: MarketParams| {
        assert_eq!(within.validate(), Ok(()));
        assert_eq!(beyond.validate(), Err(RingfenceError::ParameterOutOfBounds));
    };
    // 1: 5 % of 199 is 9.95, of 200 it is 10
    let small = MarketParams {
        initial_margin_ppm: 50_000,
        liquidation_fee_ppm: 10_000,
        min_keeper_reward: 10,
        ..base
    };
    let smallest = |notional| MarketParams { min_position_notional: notional, ..small };
    check(smallest(200), smallest(199));
    // 2: 3.9999 % + 1 % is under 5 %
    let margins = MarketParams { initial_margin_ppm: 50_000, liquidation_fee_ppm: 10_000, ..base };
    let maintained = |ppm| MarketParams { maintenance_margin_ppm: ppm, ..margins };
    check(maintained(39_999), maintained(40_000));
    // 3: 1 % × (1 − 50 %) is 0.5 %
    let fees = MarketParams { liquidation_fee_ppm: 10_000, keeper_share_ppm: 500_000, ..base };
    let closed = |ppm| MarketParams { close_fee_ppm: ppm, ..fees };
    check(closed(5_000), closed(5_001));
    // 4: 20 % + 20 % + 10 %
    let shares = MarketParams { insurance_share_ppm: 200_000, protocol_share_ppm: 200_000, ..base };
    let referred = |ppm| MarketParams { referrer_share_ppm: ppm, ..shares };
    check(referred(100_000), referred(100_001));
    // 5
    let oracle = OracleConfig { max_age_open: 60, ..narrow() };
    let cooled =
        |seconds| MarketParams { liquidity_cooldown_seconds: seconds, ..base }.validate_with(&oracle);
    assert_eq!((cooled(63), cooled(62)), (Ok(()), Err(RingfenceError::CooldownTooShort)));
    // 6: an update that nobody pins
    let delayed = MarketParams { delayed_only: 1, liquidity_cooldown_seconds: 63, ..base };
    let fixed = OracleConfig { account: Pubkey::new_from_array([1; 32]), ..oracle };
    assert_eq!(delayed.validate_with(&oracle), Ok(()));
    assert_eq!(delayed.validate_with(&fixed), Err(RingfenceError::FeedCannotDelay));
    assert_eq!(MarketParams { delayed_only: 0, ..delayed }.validate_with(&fixed), Ok(()));
    // 7
    let pinned = OracleConfig { kind: 1, account: Pubkey::new_from_array([1; 32]), ..narrow() };
    assert_eq!(pinned.validate(), Ok(()));
    for account in [Pubkey::new_from_array([2; 32]), Pubkey::default()] {
        let config = OracleConfig { account, ..pinned };
        assert_eq!(config.validate(), Err(RingfenceError::OracleNotPinned));
    }
}

/// A pull feed whose limits are as wide apart as they go.
fn narrow() -> OracleConfig {
    OracleConfig {
        feed_id: [1; 32],
        max_age_open: 1,
        max_age_reduce: 600,
        max_age_liquidate: 600,
        max_confidence_open_ppm: 1,
        max_confidence_ppm: 100_000,
        max_confidence_liquidate_ppm: 100_000,
        max_divergence_ppm: 1,
        ..OracleConfig::default()
    }
}

#[test]
fn every_bound_of_the_oracle_is_the_programs() {
    let (get, set) = numbers!(OracleConfig: max_age_open max_age_reduce max_age_liquidate
        max_confidence_open_ppm max_confidence_ppm max_confidence_liquidate_ppm max_divergence_ppm kind);
    // Room below what a bound is tied to, and an account that suits both kinds.
    let base = OracleConfig {
        account: Pubkey::new_from_array([1; 32]),
        max_age_open: 5,
        max_confidence_open_ppm: 5,
        ..narrow()
    };
    let mut bounded = 0;
    for row in table("## `OracleConfig`") {
        let (name, cell) = (row[1].as_str(), row[3].as_str());
        let Some((low, Some(high))) = bounds(cell, |other| get(&base, other)) else {
            assert!(["feed_id", "account", "reserved"].contains(&name), "{name}: {cell}");
            continue;
        };
        bounded += 1;
        let with = |value| {
            let mut config = base;
            set(&mut config, name, value);
            config.validate()
        };
        assert_eq!((with(low), with(high)), (Ok(()), Ok(())), "{name} at {low} and {high}");
        assert!(low == 0 || with(low - 1).is_err(), "{name} below {low}");
        assert!(with(high + 1).is_err(), "{name} above {high}");
    }
    assert_eq!(bounded, 8);
    let no_feed = OracleConfig { feed_id: [0; 32], ..narrow() };
    let reserved = OracleConfig { reserved: [0, 0, 1], ..narrow() };
    for config in [no_feed, reserved] {
        assert_eq!(config.validate(), Err(RingfenceError::ParameterOutOfBounds));
    }
}
