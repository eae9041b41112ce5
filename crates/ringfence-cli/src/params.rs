//! A market's parameters as a person writes them: what `--params` and
//! `--sweep` set, the defaults for the rest, and the program's bounds.

mod bounds;
mod file;
mod keys;
pub mod program;

use std::collections::BTreeMap;
use std::fmt;

use anyhow::{Context, Result};
use ringfence_client::state::{MarketParams, OracleConfig};
use ringfence_math::{PPM, PRICE_DECIMALS, Price, Quote};
use ringfence_testkit::market::{default_oracle, default_params};

pub use file::{DEFAULT_FILE, read};
pub use keys::{KEYS, Key, Unit, key};

/// Decimals of the collateral.
pub const QUOTE_DECIMALS: u8 = 6;
/// Most decimals that sizes get; markets of cheap assets get fewer.
const MAX_SIZE_DECIMALS: u8 = 9;
/// Notional that moves the price by 100 %: the testkit's 10,000,000 at 150.
const SKEW_SCALE_NOTIONAL: u64 = 1_500_000_000_000_000;

/// What the program, or the replay, does not take. A sweep reports it and goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(pub String);

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refusal {}

/// Who set a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A line of the file.
    Line(usize),
    Sweep,
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(number) => write!(f, "line {number}"),
            Self::Sweep => f.write_str("--sweep"),
            Self::Default => f.write_str("default"),
        }
    }
}

/// Everything about a market that a replay does not take from the prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarketSpec {
    pub size_decimals: u8,
    pub params: MarketParams,
    /// Without feed and account, which the simulation makes.
    pub oracle: OracleConfig,
}

/// The parameters that were set; all others keep their defaults.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    entries: BTreeMap<&'static str, Entry>,
}

/// A value as it was written, of which the unit knows the decimals.
#[derive(Clone, Debug)]
struct Entry {
    key: &'static Key,
    text: String,
    origin: Origin,
}

impl Overrides {
    /// Sets a parameter, in place of what was set before. The skew scale has
    /// two keys, of which the later one counts.
    ///
    /// Error: text that is no number of the key's unit.
    pub fn set(&mut self, key: &'static Key, text: &str, origin: Origin) -> Result<()> {
        key.unit.check(text).context(key.name)?;
        if let Some(other) = key.rival() {
            self.entries.remove(other);
        }
        self.entries.insert(key.name, Entry { key, text: text.to_owned(), origin });
        Ok(())
    }

    /// Who set the parameter of this name.
    fn origin(&self, name: &str) -> Origin {
        self.entries.get(name).map_or(Origin::Default, |entry| entry.origin)
    }

    fn number(&self, name: &str) -> Option<u64> {
        let entry = self.entries.get(name)?;
        entry.key.unit.parse(&entry.text).ok()
    }

    /// The market of these parameters, for traders who take up to
    /// `highest_leverage`, at the first `price`.
    ///
    /// Errors: [`Refusal`] for what the program's bounds exclude, naming key,
    /// bound and line.
    pub fn resolve(&self, price: Price, highest_leverage: u32) -> Result<MarketSpec> {
        let (mut params, mut oracle) = (default_params(), default_oracle());
        let (size_decimals, skew_scale) = self.skew_scale(price)?;
        params.skew_scale = skew_scale;

        let initial = self.number("initial_margin_ppm").and_then(|ppm| u32::try_from(ppm).ok());
        let initial = initial.unwrap_or_else(|| fitted_initial_margin(highest_leverage));
        (params.initial_margin_ppm, params.maintenance_margin_ppm, params.liquidation_fee_ppm) =
            (initial, initial / 2, initial / 5);
        for entry in self.entries.values() {
            if let (Some(set), Ok(value)) = (entry.key.set, entry.key.unit.parse(&entry.text)) {
                set(&mut params, &mut oracle, value);
            }
        }
        if self.number("min_position_notional").is_none() {
            params.min_position_notional = minimum_notional(&params).0;
        }
        let spec = MarketSpec { size_decimals, params, oracle };
        self.check(&spec)?;
        Ok(spec)
    }

    /// Size decimals, and the skew scale in them: as many as fit, so that a
    /// cheap asset's sizes stay within 64 bits.
    fn skew_scale(&self, price: Price) -> Result<(u8, u64)> {
        const MOST: u64 = u64::MAX / 64;
        let notional = self.number("skew_scale_notional").unwrap_or(SKEW_SCALE_NOTIONAL);
        let base = self.entries.get("skew_scale");
        let fits = |notional: u64, decimals: u8| {
            let exponent = u32::from(decimals + PRICE_DECIMALS - QUOTE_DECIMALS);
            let size = u128::from(notional) * 10u128.pow(exponent) / u128::from(price.0);
            u64::try_from(size).ok().filter(|size| *size <= MOST)
        };
        let scale = |decimals: u8| {
            // Positions of the default market's size have to fit too.
            fits(SKEW_SCALE_NOTIONAL, decimals).filter(|size| *size > 0)?;
            match base {
                Some(entry) => {
                    let size = crate::decimal::parse_unsigned(&entry.text, decimals).ok()?;
                    (size <= MOST).then_some(size)
                }
                None => fits(notional, decimals),
            }
        };
        (0..=MAX_SIZE_DECIMALS).rev().find_map(|decimals| Some((decimals, scale(decimals)?))).ok_or_else(
            || {
                let (what, name) = ("no size decimals fit a market", self.skew_key());
                match self.origin(name) {
                    Origin::Default => Refusal(format!("{what} at this price")).into(),
                    origin => {
                        let text = self.entries.get(name).map_or("", |entry| entry.text.as_str());
                        Refusal(format!("{origin}: {name}: {what} with a skew scale of {text} at this price"))
                            .into()
                    }
                }
            },
        )
    }

    /// The key that sets the skew scale.
    fn skew_key(&self) -> &'static str {
        if self.entries.contains_key("skew_scale") { "skew_scale" } else { "skew_scale_notional" }
    }
}

/// The initial margin under which a position can be opened at `leverage`: a
/// quarter under its inverse, so that fee, impact and confidence fit in
/// between, and at most the testkit's 5 %. Maintenance margin and liquidation
/// fee default to a half and a fifth of it.
fn fitted_initial_margin(leverage: u32) -> u32 {
    (PPM / 4 * 3 / leverage).min(default_params().initial_margin_ppm)
}

/// The least notional by default: its initial margin can pay a keeper twice over.
fn minimum_notional(params: &MarketParams) -> Quote {
    let doubled = u128::from(params.min_keeper_reward) * 2 * u128::from(PPM);
    let least = doubled / u128::from(params.initial_margin_ppm.max(1));
    Quote(u64::try_from(least).unwrap_or(u64::MAX).max(default_params().min_position_notional))
}

#[cfg(test)]
mod tests;
