//! `--sweep`: which parameters take which values.

use anyhow::{Context, Result, bail, ensure};

use super::super::scenario::Scenario;
use crate::decimal;
use crate::params::{Key, Origin, key};

/// More values of one name than this are a slip of the pen.
const MOST_VALUES: usize = 1_000;

/// A parameter and the values that it takes in turn.
#[derive(Clone, Debug)]
pub struct Axis {
    /// As it was written.
    pub name: String,
    target: Target,
    /// Decimals in the parameter's unit.
    pub values: Vec<String>,
}

/// What an axis sets.
#[derive(Clone, Copy, Debug)]
enum Target {
    /// Of all traders.
    Leverage,
    Keys(&'static [&'static str]),
    Key(&'static Key),
}

impl Target {
    fn named(name: &str) -> Result<Self> {
        let key = match name {
            "leverage" => return Ok(Self::Leverage),
            "maintenance" => return Ok(Self::Keys(&["maintenance_margin_ppm"])),
            "fee" => return Ok(Self::Keys(&["open_fee_ppm", "close_fee_ppm"])),
            _ => key(name).with_context(|| {
                format!(
                    "unknown name `{}`: leverage, maintenance, fee, or one of --print-params",
                    name.escape_debug()
                )
            })?,
        };
        if let Some(why) = key.idle {
            bail!("{name}: nothing to sweep, {why}");
        }
        Ok(Self::Key(key))
    }

    fn keys(self) -> Vec<&'static Key> {
        match self {
            Self::Leverage => Vec::new(),
            Self::Keys(names) => names.iter().filter_map(|name| key(name)).collect(),
            Self::Key(key) => vec![key],
        }
    }

    fn decimals(self) -> u8 {
        self.keys().first().map_or(0, |key| key.unit.decimals())
    }
}

/// Reads `NAME=VALUES,NAME=VALUES`, where VALUES are separated by colons or
/// commas and can be `LOW..HIGH/STEP`, both ends included.
///
/// Errors: a name that is unknown or comes twice, also in another guise; no
/// value, one that is no number, or the same twice.
pub fn parse(grids: &[String]) -> Result<Vec<Axis>> {
    let mut axes: Vec<Axis> = Vec::new();
    for piece in grids.iter().flat_map(|grid| grid.split(',')) {
        let values = match piece.split_once('=') {
            Some((name, values)) => {
                let target = Target::named(name)?;
                axes.push(Axis { name: name.to_owned(), target, values: Vec::new() });
                values
            }
            None => piece,
        };
        let Some(axis) = axes.last_mut() else {
            bail!("`{}`: NAME=VALUE:VALUE… expected", piece.escape_debug());
        };
        for value in values.split(':') {
            axis.add(value).with_context(|| axis.name.clone())?;
        }
    }
    check_names(&axes)?;
    Ok(axes)
}

/// No parameter may be set by two axes.
fn check_names(axes: &[Axis]) -> Result<()> {
    let mut taken: Vec<(&str, &str)> = Vec::new();
    for axis in axes {
        let keys = axis.target.keys();
        let mut sets: Vec<&str> =
            keys.iter().flat_map(|key| [Some(key.name), key.rival()]).flatten().collect();
        if keys.is_empty() {
            sets.push("leverage");
        }
        if let Some((_, other)) = taken.iter().find(|(set, _)| sets.contains(set)) {
            ensure!(*other != axis.name, "{other} comes twice");
            bail!("{} and {other} set the same parameter", axis.name);
        }
        taken.extend(sets.into_iter().map(|set| (set, axis.name.as_str())));
    }
    Ok(())
}

impl Axis {
    fn add(&mut self, text: &str) -> Result<()> {
        let decimals = self.target.decimals();
        let number = |text: &str| {
            let number = decimal::parse(text, decimals)?;
            ensure!(number >= 0, "`{text}` is negative");
            Ok(number)
        };
        let values = match text.split_once("..") {
            None => vec![number(text)?],
            Some((low, rest)) => {
                let (high, step) =
                    rest.split_once('/').with_context(|| format!("`{text}`: LOW..HIGH/STEP expected"))?;
                let (low, high, step) = (number(low)?, number(high)?, number(step)?);
                ensure!(step > 0 && low <= high, "`{text}`: LOW..HIGH/STEP expected");
                ensure!(
                    (high - low) / step < MOST_VALUES as i128,
                    "`{text}` is more than {MOST_VALUES} values"
                );
                (0..=(high - low) / step).map(|index| low + index * step).collect()
            }
        };
        for value in values {
            let text = decimal::format(value, decimals);
            ensure!(!self.values.contains(&text), "{text} comes twice");
            ensure!(self.values.len() < MOST_VALUES, "more than {MOST_VALUES} values");
            self.values.push(text);
        }
        Ok(())
    }

    /// Sets a value in a scenario. Error: a leverage that no replay takes.
    pub fn apply(&self, value: &str, scenario: &mut Scenario) -> Result<()> {
        if let Target::Leverage = self.target {
            let leverage = value.parse().ok().filter(|leverage| (1..=100).contains(leverage));
            scenario.leverages = vec![
                leverage
                    .ok_or_else(|| crate::params::Refusal(format!("leverage: {value} is not 1 to 100")))?,
            ];
        }
        for key in self.target.keys() {
            scenario.overrides.set(key, value, Origin::Sweep)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axes(grids: &[&str]) -> Result<Vec<(String, Vec<String>)>> {
        let grids: Vec<String> = grids.iter().map(|grid| (*grid).to_owned()).collect();
        Ok(parse(&grids)?.into_iter().map(|axis| (axis.name, axis.values)).collect())
    }

    #[test]
    fn names_take_values_by_colon_comma_range_and_flag() {
        let expected = |pairs: &[(&str, &[&str])]| -> Vec<(String, Vec<String>)> {
            let own = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
            pairs.iter().map(|(name, values)| ((*name).to_owned(), own(values))).collect()
        };
        for grids in [
            &["leverage=2:5:10,fee=500:1000"][..],
            &["leverage=2,5,10,fee=500,1000"],
            &["leverage=2,5:10", "fee=500..1000/500"],
            &["leverage=2", "5,10", "fee=500..1499/500"],
        ] {
            let read = axes(grids).unwrap();
            assert_eq!(read, expected(&[("leverage", &["2", "5", "10"]), ("fee", &["500", "1000"])]));
        }
        let money = axes(&["min_keeper_reward=0.10:1..2/0.5,skew_scale=0.5"]).unwrap();
        assert_eq!(
            money,
            expected(&[("min_keeper_reward", &["0.1", "1", "1.5", "2"]), ("skew_scale", &["0.5"])])
        );
    }

    #[test]
    fn what_is_no_grid_is_named() {
        for (grid, error) in [
            ("2:5", "`2:5`: NAME=VALUE:VALUE… expected"),
            ("", "``: NAME=VALUE:VALUE… expected"),
            ("speed=1", "unknown name `speed`: leverage, maintenance, fee, or one of --print-params"),
            ("fee=", "fee: `` is not a decimal number"),
            ("fee=1,", "fee: `` is not a decimal number"),
            ("fee=-1", "fee: `-1` is negative"),
            ("fee=0.5", "fee: `0.5` has more than 0 decimals"),
            ("fee=1:01", "fee: 1 comes twice"),
            ("fee=1..5", "fee: `1..5`: LOW..HIGH/STEP expected"),
            ("fee=5..1/1", "fee: `5..1/1`: LOW..HIGH/STEP expected"),
            ("fee=1..5/0", "fee: `1..5/0`: LOW..HIGH/STEP expected"),
            ("fee=0..1000/1", "fee: `0..1000/1` is more than 1000 values"),
            ("fee=1,leverage=2,fee=3", "fee comes twice"),
            ("leverage=1,leverage=2", "leverage comes twice"),
            ("fee=1,close_fee_ppm=2", "close_fee_ppm and fee set the same parameter"),
            (
                "maintenance_margin_ppm=1,maintenance=2",
                "maintenance and maintenance_margin_ppm set the same parameter",
            ),
            (
                "skew_scale=1,skew_scale_notional=2",
                "skew_scale_notional and skew_scale set the same parameter",
            ),
            ("max_age_open=1", "max_age_open: nothing to sweep, a replay's prices are always fresh"),
        ] {
            assert_eq!(format!("{:#}", axes(&[grid]).unwrap_err()), error);
        }
        assert_eq!(axes(&["fee=0..999/1"]).unwrap()[0].1.len(), 1_000);
    }
}
