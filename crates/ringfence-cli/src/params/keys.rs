//! The keys of a parameter file: name, unit and the program's own bounds.

use anyhow::{Result, bail, ensure};
use ringfence_client::constants::*;
use ringfence_client::state::{MarketParams, OracleConfig};
use ringfence_math::PPM;

use crate::decimal;

use super::QUOTE_DECIMALS;

/// The part of the file that a key stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    Params,
    Oracle,
}

impl Section {
    pub const ALL: [Self; 2] = [Self::Params, Self::Oracle];

    pub fn name(self) -> &'static str {
        match self {
            Self::Params => "params",
            Self::Oracle => "oracle",
        }
    }
}

/// What a key's value counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Ppm,
    Seconds,
    /// Decimal text of quote, six decimals.
    Quote,
    /// Decimal text of base, as many decimals as sizes have; nine here.
    Base,
    /// `true`, which is 1, or `false`.
    Switch,
}

impl Unit {
    pub fn name(self) -> &'static str {
        match self {
            Self::Ppm => "ppm",
            Self::Seconds => "seconds",
            Self::Quote => "quote",
            Self::Base => "base",
            Self::Switch => "switch",
        }
    }

    /// Whether a file writes it as text, so that no decimal passes through a float.
    pub fn is_text(self) -> bool {
        matches!(self, Self::Quote | Self::Base)
    }

    pub fn decimals(self) -> u8 {
        match self {
            Self::Ppm | Self::Seconds | Self::Switch => 0,
            Self::Quote => QUOTE_DECIMALS,
            Self::Base => super::MAX_SIZE_DECIMALS,
        }
    }

    /// Errors: no decimal, a sign, more decimals than the unit has. A size may
    /// have more than 64 bits: of a cheap asset it gets fewer decimals.
    pub fn check(self, text: &str) -> Result<()> {
        if self != Self::Base {
            return self.parse(text).map(drop);
        }
        ensure!(decimal::parse(text, self.decimals())? >= 0, "`{text}` is negative");
        Ok(())
    }

    /// Errors: those of [`Self::check`], over 64 bits.
    pub fn parse(self, text: &str) -> Result<u64> {
        if self == Self::Switch {
            return match text {
                "true" => Ok(1),
                "false" => Ok(0),
                _ => bail!("`{text}` is neither true nor false"),
            };
        }
        decimal::parse_unsigned(text, self.decimals())
    }

    pub fn format(self, value: u64) -> String {
        if self == Self::Switch {
            return (value != 0).to_string();
        }
        decimal::format(i128::from(value), self.decimals())
    }

    /// With commas between thousands.
    pub fn readable(self, value: u64) -> String {
        if self == Self::Switch {
            return self.format(value);
        }
        let text = self.format(value);
        let shown = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        let shown = u8::try_from(shown).unwrap_or(u8::MAX);
        decimal::format_readable(i128::from(value), self.decimals(), shown)
    }
}

type Setter = fn(&mut MarketParams, &mut OracleConfig, u64);
type Getter = fn(&MarketParams, &OracleConfig) -> u64;

/// One parameter.
#[derive(Debug)]
pub struct Key {
    pub name: &'static str,
    pub section: Section,
    pub unit: Unit,
    /// The program's bounds, in the unit's integers.
    pub low: u64,
    pub high: u64,
    /// Why it changes nothing in a replay.
    pub idle: Option<&'static str>,
    /// Whether a new market's file may leave it out.
    pub optional: bool,
    /// None where the value depends on the price.
    pub set: Option<Setter>,
    pub get: Option<Getter>,
}

impl Key {
    /// The other key of the same parameter.
    pub fn rival(&self) -> Option<&'static str> {
        match self.name {
            "skew_scale" => Some("skew_scale_notional"),
            "skew_scale_notional" => Some("skew_scale"),
            _ => None,
        }
    }

    /// `2,000 to 1,000,000`, or `0.000001 or more` where 64 bits are the bound.
    pub fn bounds(&self) -> String {
        if self.unit == Unit::Switch {
            return "true or false".to_owned();
        }
        let low = self.unit.readable(self.low);
        if self.high == u64::MAX {
            format!("{low} or more")
        } else {
            format!("{low} to {}", self.unit.readable(self.high))
        }
    }

    const fn idle(mut self, why: &'static str) -> Self {
        self.idle = Some(why);
        self
    }

    const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }
}

/// A 32-bit field cannot hold more; the bounds then refuse it.
fn narrow(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

macro_rules! ratio {
    (params.$name:ident, $unit:ident, $low:expr, $high:expr) => {
        Key {
            name: stringify!($name),
            section: Section::Params,
            unit: Unit::$unit,
            low: $low as u64,
            high: $high as u64,
            idle: None,
            optional: false,
            set: Some(|params, _, value| params.$name = narrow(value)),
            get: Some(|params, _| u64::from(params.$name)),
        }
    };
    (oracle.$name:ident, $unit:ident, $low:expr, $high:expr) => {
        Key {
            name: stringify!($name),
            section: Section::Oracle,
            unit: Unit::$unit,
            low: $low as u64,
            high: $high as u64,
            idle: None,
            optional: false,
            set: Some(|_, oracle, value| oracle.$name = narrow(value)),
            get: Some(|_, oracle| u64::from(oracle.$name)),
        }
    };
}

macro_rules! money {
    ($name:ident, $low:expr) => {
        Key {
            name: stringify!($name),
            section: Section::Params,
            unit: Unit::Quote,
            low: $low,
            high: u64::MAX,
            idle: None,
            optional: false,
            set: Some(|params, _, value| params.$name = value),
            get: Some(|params, _| params.$name),
        }
    };
}

/// Depends on the price, so that [`super::Overrides::resolve`] sets it.
const fn skew(name: &'static str, unit: Unit) -> Key {
    Key {
        name,
        section: Section::Params,
        unit,
        low: 1,
        high: u64::MAX,
        idle: None,
        optional: false,
        set: None,
        get: None,
    }
}

/// On chain its inverse is stored, so that zero is what markets had before.
const INSTANT_OPEN: Key = Key {
    name: "instant_open",
    section: Section::Params,
    unit: Unit::Switch,
    low: 0,
    high: 1,
    idle: None,
    optional: true,
    set: Some(|params, _, value| params.delayed_only = u32::from(value == 0)),
    get: Some(|params, _| u64::from(params.instant_open())),
};

const FRESH: &str = "a replay's prices are always fresh";
const NARROW: &str = "a replay's feed is always narrower";
const NO_REFERRER: &str = "a replay's traders have no referrers";
const AT_ONCE: &str = "a replay's traders open at once";
const LP_STAYS: &str = "a replay's pool provider stays to the end";

/// Every parameter, in the order of the annotated file.
pub static KEYS: [Key; 33] = [
    skew("skew_scale_notional", Unit::Quote),
    skew("skew_scale", Unit::Base),
    money!(max_open_interest_long, 0),
    money!(max_open_interest_short, 0),
    money!(min_position_notional, 0),
    money!(min_keeper_reward, 1),
    ratio!(params.initial_margin_ppm, Ppm, MIN_INITIAL_MARGIN_PPM, MAX_INITIAL_MARGIN_PPM),
    ratio!(params.maintenance_margin_ppm, Ppm, MIN_MAINTENANCE_MARGIN_PPM, MAX_INITIAL_MARGIN_PPM),
    ratio!(params.liquidation_fee_ppm, Ppm, 1, MAX_LIQUIDATION_FEE_PPM),
    ratio!(params.keeper_share_ppm, Ppm, 1, PPM),
    ratio!(params.open_fee_ppm, Ppm, 0, MAX_TRADE_FEE_PPM),
    ratio!(params.close_fee_ppm, Ppm, 0, MAX_TRADE_FEE_PPM),
    ratio!(params.insurance_share_ppm, Ppm, 0, MAX_NON_LP_FEE_SHARE_PPM),
    ratio!(params.protocol_share_ppm, Ppm, 0, MAX_NON_LP_FEE_SHARE_PPM),
    ratio!(params.referrer_share_ppm, Ppm, 0, MAX_NON_LP_FEE_SHARE_PPM).idle(NO_REFERRER),
    ratio!(params.reserve_factor_ppm, Ppm, MIN_RESERVE_FACTOR_PPM, MAX_RESERVE_FACTOR_PPM),
    ratio!(params.max_utilisation_ppm, Ppm, 1, PPM),
    ratio!(params.borrow_base_ppm, Ppm, 0, MAX_BORROW_RATE_PPM),
    ratio!(params.borrow_kink_ppm, Ppm, 1, PPM - 1),
    ratio!(params.borrow_slope1_ppm, Ppm, 0, MAX_BORROW_RATE_PPM),
    ratio!(params.borrow_slope2_ppm, Ppm, 0, MAX_BORROW_RATE_PPM),
    ratio!(params.max_funding_rate_ppm, Ppm, 0, MAX_FUNDING_RATE_PPM),
    ratio!(params.max_funding_velocity_ppm, Ppm, 0, MAX_FUNDING_VELOCITY_PPM),
    ratio!(params.liquidity_cooldown_seconds, Seconds, 0, MAX_LIQUIDITY_COOLDOWN_SECONDS).idle(LP_STAYS),
    INSTANT_OPEN,
    ratio!(params.min_order_delay_seconds, Seconds, 0, MAX_ORDER_DELAY_SECONDS).idle(AT_ONCE).optional(),
    ratio!(oracle.max_age_open, Seconds, 1, MAX_AGE_LIMIT_SECONDS).idle(FRESH),
    ratio!(oracle.max_age_reduce, Seconds, 1, MAX_AGE_LIMIT_SECONDS).idle(FRESH),
    ratio!(oracle.max_age_liquidate, Seconds, 1, MAX_AGE_LIMIT_SECONDS).idle(FRESH),
    ratio!(oracle.max_confidence_open_ppm, Ppm, 1, MAX_CONFIDENCE_LIMIT_PPM).idle(NARROW),
    ratio!(oracle.max_confidence_ppm, Ppm, 1, MAX_CONFIDENCE_LIMIT_PPM).idle(NARROW),
    ratio!(oracle.max_confidence_liquidate_ppm, Ppm, 1, MAX_CONFIDENCE_LIMIT_PPM).idle(NARROW),
    ratio!(oracle.max_divergence_ppm, Ppm, 1, MAX_DIVERGENCE_LIMIT_PPM),
];

/// The key of this name.
pub fn key(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

/// The key of this name in this section. Error: there is none; names the
/// section that it belongs into.
pub fn key_of(section: Section, name: &str) -> Result<&'static Key> {
    let Some(key) = key(name) else {
        bail!("unknown key `{}` in [{}]", name.escape_debug(), section.name());
    };
    ensure!(key.section == section, "`{name}` belongs into [{}]", key.section.name());
    Ok(key)
}
