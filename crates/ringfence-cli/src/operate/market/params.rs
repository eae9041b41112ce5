//! A market's parameters in a TOML file, by the program's own names: the
//! sections `[params]` and `[oracle]` of `ringfence replay --params`.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use ringfence_client::decimal;
use ringfence_client::state::{MarketParams, OracleConfig};
use toml::{Table, Value};

use crate::operate::amount::Units;
use crate::params::{KEYS, Key, Unit};

/// All that governance can change about a market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameters {
    pub params: MarketParams,
    pub oracle: OracleConfig,
}

/// The other key of the skew scale, which needs a price to become a size.
const BY_PRICE: &str = "skew_scale_notional";

/// A parameter, as `ringfence replay --params` knows it too.
#[derive(Clone, Copy)]
struct Field(&'static Key);

/// Every parameter that a market stores.
fn fields() -> impl Iterator<Item = Field> {
    KEYS.iter().filter(|key| key.name != BY_PRICE).map(Field)
}

impl Field {
    fn section(self) -> &'static str {
        self.0.section.name()
    }

    fn name(self) -> &'static str {
        self.0.name
    }

    fn key(self) -> String {
        format!("{}.{}", self.section(), self.name())
    }

    fn get(self, from: &Parameters) -> u64 {
        self.0.get.map_or(from.params.skew_scale, |get| get(&from.params, &from.oracle))
    }

    fn set(self, to: &mut Parameters, value: u64) {
        match self.0.set {
            Some(set) => set(&mut to.params, &mut to.oracle, value),
            None => to.params.skew_scale = value,
        }
    }

    fn parse(self, value: &Value, units: Units) -> Result<u64> {
        let parsed = match (self.0.unit, value) {
            (Unit::Ppm | Unit::Seconds, Value::Integer(value)) => {
                let narrow = u32::try_from(*value).map(u64::from);
                narrow.ok().context("an integer from 0 to 4,294,967,295 expected")
            }
            (Unit::Switch, Value::Boolean(value)) => Ok(u64::from(*value)),
            (Unit::Switch, _) => bail!("{}: true or false expected", self.key()),
            (Unit::Quote, Value::String(text)) => decimal::parse_unsigned(text, units.quote_decimals),
            (Unit::Base, Value::String(text)) => decimal::parse_unsigned(text, units.size_decimals),
            (Unit::Quote | Unit::Base, _) => bail!("{}: a decimal in quotation marks expected", self.key()),
            _ => bail!("{}: an integer expected", self.key()),
        };
        parsed.with_context(|| self.key())
    }

    fn format(self, value: u64, units: Units) -> String {
        match self.0.unit {
            Unit::Ppm => format!("{value} ppm"),
            Unit::Seconds => format!("{value} s"),
            Unit::Quote => units.quote(value),
            Unit::Base => units.size(value),
            Unit::Switch => self.0.unit.format(value),
        }
    }
}

/// A file's keys, not yet numbers: those depend on the market's decimals.
#[derive(Clone, Debug)]
pub struct ParamsFile {
    shown: String,
    table: Table,
}

impl ParamsFile {
    /// Errors: what cannot be read, is no TOML, or has a key that no
    /// parameter has.
    pub fn read(path: &Path) -> Result<Self> {
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
        Self::parse(&shown, &text)
    }

    fn parse(shown: &str, text: &str) -> Result<Self> {
        let table: Table = text.parse().with_context(|| format!("{shown} is no TOML"))?;
        for (section, keys) in &table {
            let Value::Table(keys) = keys else {
                bail!("{shown}: `{section}` stands outside [params] and [oracle]");
            };
            ensure!(matches!(section.as_str(), "params" | "oracle"), "{shown}: unknown section [{section}]");
            for name in keys.keys() {
                ensure!(name != BY_PRICE, "{shown}: {BY_PRICE} needs a price: give skew_scale");
                let known = fields().any(|field| field.section() == section && field.name() == name);
                ensure!(known, "{shown}: unknown key `{name}` in [{section}]");
            }
        }
        Ok(Self { shown: shown.to_owned(), table })
    }

    fn value(&self, field: Field) -> Option<&Value> {
        self.table.get(field.section())?.get(field.name())
    }

    /// Sets what the file has and leaves the rest. Errors: a value of the
    /// wrong kind, and whatever the program's bounds exclude.
    pub fn apply(&self, parameters: &mut Parameters, units: Units) -> Result<()> {
        for field in fields() {
            if let Some(value) = self.value(field) {
                let value = field.parse(value, units).with_context(|| self.shown.clone())?;
                field.set(parameters, value);
            }
        }
        Ok(())
    }

    /// For a new market, which has nothing to keep. Error: a key is missing
    /// that must not be.
    pub fn all(&self, oracle: OracleConfig, units: Units) -> Result<Parameters> {
        let missing: Vec<String> = fields()
            .filter(|field| !field.0.optional && self.value(*field).is_none())
            .map(Field::key)
            .collect();
        ensure!(missing.is_empty(), "{}: a new market needs {} too", self.shown, missing.join(", "));
        let mut parameters = Parameters { params: MarketParams::default(), oracle };
        self.apply(&mut parameters, units)?;
        Ok(parameters)
    }
}

/// What differs: key, before, after.
pub fn differences(before: &Parameters, after: &Parameters, units: Units) -> Vec<(String, String, String)> {
    let mut lines: Vec<_> = fields()
        .filter(|field| field.get(before) != field.get(after))
        .map(|field| {
            let show = |parameters| field.format(field.get(parameters), units);
            (field.key(), show(before), show(after))
        })
        .collect();
    let hex = |id: &[u8; 32]| id.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let (old, new) = (&before.oracle, &after.oracle);
    for (key, old, new) in [
        ("oracle.feed", hex(&old.feed_id), hex(&new.feed_id)),
        ("oracle.account", old.account.to_string(), new.account.to_string()),
        ("oracle.kind", old.kind.to_string(), new.kind.to_string()),
    ] {
        if old != new {
            lines.push((key.to_owned(), old, new));
        }
    }
    lines
}

/// Every parameter with its name and value, section by section.
pub fn listed(parameters: &Parameters, units: Units) -> impl Iterator<Item = (&'static str, String)> {
    let parameters = *parameters;
    fields().map(move |field| (field.name(), field.format(field.get(&parameters), units)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytemuck::Zeroable;

    const UNITS: Units = Units { size_decimals: 9, quote_decimals: 6 };

    fn zero() -> Parameters {
        Parameters { params: MarketParams::zeroed(), oracle: OracleConfig::zeroed() }
    }

    fn apply(text: &str) -> Result<Parameters> {
        let mut parameters = zero();
        ParamsFile::parse("file", text)?.apply(&mut parameters, UNITS)?;
        Ok(parameters)
    }

    #[test]
    fn values_are_in_the_units_of_the_market() {
        let text = "[params]\nskew_scale = \"2.5\"\nmin_keeper_reward = \"0.1\"\nopen_fee_ppm = 500\n[oracle]\nmax_age_open = 60";
        let set = apply(text).unwrap();
        assert_eq!(set.params.skew_scale, 2_500_000_000);
        assert_eq!(set.params.min_keeper_reward, 100_000);
        assert_eq!(set.params.open_fee_ppm, 500);
        assert_eq!(set.oracle.max_age_open, 60);
        let lines = differences(&zero(), &set, UNITS);
        let fee = ("params.open_fee_ppm".to_owned(), "0 ppm".to_owned(), "500 ppm".to_owned());
        assert_eq!(lines.len(), 4);
        assert!(lines.contains(&fee), "{lines:?}");
        assert!(differences(&set, &set, UNITS).is_empty());
    }

    #[test]
    fn instant_open_is_the_inverse_of_what_is_stored() {
        let set = apply("[params]\ninstant_open = false\nmin_order_delay_seconds = 5").unwrap();
        assert_eq!((set.params.delayed_only, set.params.min_order_delay_seconds), (1, 5));
        let change = ("params.instant_open".to_owned(), "true".to_owned(), "false".to_owned());
        assert!(differences(&zero(), &set, UNITS).contains(&change));
        assert!(listed(&set, UNITS).any(|(name, value)| name == "instant_open" && value == "false"));
        assert_eq!(apply("[params]\ninstant_open = true").unwrap(), zero());
    }

    #[test]
    fn what_is_no_parameter_is_refused_by_name() {
        for (text, message) in [
            ("[params]\nopen_fee = 1", "unknown key `open_fee` in [params]"),
            ("[fees]\nopen = 1", "unknown section [fees]"),
            ("open_fee_ppm = 1", "outside [params] and [oracle]"),
            ("[params]\nskew_scale_notional = \"1\"", "give skew_scale"),
            ("[params]\nskew_scale = 1", "params.skew_scale: a decimal in quotation marks expected"),
            ("[params]\nopen_fee_ppm = \"1\"", "params.open_fee_ppm: an integer expected"),
            ("[params]\ninstant_open = 1", "params.instant_open: true or false expected"),
            ("[params]\nopen_fee_ppm = -1", "params.open_fee_ppm"),
            ("[params]\nmin_keeper_reward = \"0.0000001\"", "more than 6 decimals"),
            ("params", "is no TOML"),
        ] {
            let error = format!("{:#}", apply(text).unwrap_err());
            assert!(error.contains(message), "{text}: {error}");
        }
    }

    #[test]
    fn a_new_market_needs_every_key() {
        let file = ParamsFile::parse("file", "[params]\nopen_fee_ppm = 1").unwrap();
        let error = file.all(OracleConfig::zeroed(), UNITS).unwrap_err().to_string();
        assert!(
            error.contains("params.skew_scale") && error.contains("oracle.max_divergence_ppm"),
            "{error}"
        );
        assert!(!error.contains("open_fee_ppm"), "{error}");
        // Files from before there were orders go on making markets.
        assert!(!error.contains("instant_open") && !error.contains("min_order_delay"), "{error}");
    }
}
