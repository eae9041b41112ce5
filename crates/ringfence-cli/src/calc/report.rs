//! Named results, in the order of the command's contract.

use anyhow::Result;
use serde::{Serialize, Serializer};

use super::Format;

/// One result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// An exact decimal.
    Decimal(String),
    Bool(bool),
    /// There is no such number.
    None,
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Decimal(text) => serializer.serialize_str(text),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::None => serializer.serialize_none(),
        }
    }
}

impl Value {
    fn plain(&self) -> String {
        match self {
            Self::Decimal(text) => text.clone(),
            Self::Bool(value) => value.to_string(),
            Self::None => "none".to_owned(),
        }
    }
}

/// The results of one calculation.
pub struct Report(Vec<(&'static str, Value)>);

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

impl Report {
    /// A command's one result.
    pub fn one(key: &'static str, value: Value) -> Self {
        Self(vec![(key, value)])
    }

    /// A command's several results.
    pub fn several<const N: usize>(entries: [(&'static str, Value); N]) -> Self {
        Self(entries.into())
    }

    /// Without a format given, one value is plain and several are JSON.
    pub fn render(&self, format: Option<Format>) -> Result<String> {
        let single = self.0.len() == 1;
        let format = format.unwrap_or(if single { Format::Plain } else { Format::Json });
        Ok(match format {
            Format::Json => serde_json::to_string_pretty(self)?,
            Format::Plain if single => self.0.iter().map(|(_, value)| value.plain()).collect(),
            Format::Plain => {
                let lines: Vec<String> =
                    self.0.iter().map(|(key, value)| format!("{key}: {}", value.plain())).collect();
                lines.join("\n")
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_is_plain_and_several_are_json_unless_told_otherwise() {
        let one = Report::one("price", Value::Decimal("1.5".to_owned()));
        assert_eq!(one.render(None).unwrap(), "1.5");
        assert_eq!(one.render(Some(Format::Json)).unwrap(), "{\n  \"price\": \"1.5\"\n}");

        let several = Report::several([
            ("zulu", Value::Decimal("-2".to_owned())),
            ("alpha", Value::Bool(true)),
            ("mike", Value::None),
        ]);
        assert_eq!(
            several.render(None).unwrap(),
            "{\n  \"zulu\": \"-2\",\n  \"alpha\": true,\n  \"mike\": null\n}",
            "keys stay in their order"
        );
        assert_eq!(several.render(Some(Format::Plain)).unwrap(), "zulu: -2\nalpha: true\nmike: none");
    }
}
