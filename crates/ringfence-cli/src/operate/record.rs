//! Named values in a fixed order: lines for people, objects for programs.

use anyhow::Result;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::Format;
use crate::output;
use crate::table::{Align, Table};

/// One thing that is shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record(Vec<(&'static str, Value)>);

impl Record {
    /// Adds a value; keys are snake_case, decimals are text.
    pub fn with(mut self, key: &'static str, value: impl Into<Value>) -> Self {
        self.0.push((key, value.into()));
        self
    }

    /// Adds what another has.
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// `Key:  value` in two columns.
    pub fn lines(&self) -> Vec<String> {
        let width = self.0.iter().map(|(key, _)| key.len()).max().unwrap_or(0) + 1;
        let line = |(key, value): &(&str, Value)| {
            let label = format!("{}:", label(key));
            format!("{label:<width$}  {}", plain(value))
        };
        self.0.iter().map(line).collect()
    }
}

impl Serialize for Record {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

/// `liquidation_price` as `Liquidation price`.
fn label(key: &str) -> String {
    let text = key.replace('_', " ");
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A value as people read it.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Array(values) if values.is_empty() => "none".to_owned(),
        Value::Array(values) => values.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

fn json<T: Serialize>(value: &T, format: Format) -> Result<String> {
    Ok(match format {
        Format::JsonCompact => serde_json::to_string(value)?,
        _ => serde_json::to_string_pretty(value)?,
    })
}

/// Prints one thing.
pub fn show(record: &Record, format: Format) -> Result<()> {
    output::print(&match format {
        Format::Display => record.lines().join("\n"),
        _ => json(record, format)?,
    })
}

/// Rows under the keys of the first; `none` where there are none.
pub fn table(records: &[Record], none: &str) -> String {
    let Some(first) = records.first() else {
        return none.to_owned();
    };
    let titles: Vec<String> = first.0.iter().map(|(key, _)| label(key)).collect();
    let is_number = |column: usize| {
        let cell = |record: &Record| record.0.get(column).is_none_or(|(_, value)| is_numeric(value));
        records.iter().all(cell)
    };
    let columns: Vec<(&str, Align)> = titles
        .iter()
        .enumerate()
        .map(|(column, title)| (title.as_str(), if is_number(column) { Align::Right } else { Align::Left }))
        .collect();
    let mut table = Table::new(&columns);
    for record in records {
        table.row(record.0.iter().map(|(_, value)| plain(value)));
    }
    table.render()
}

fn is_numeric(value: &Value) -> bool {
    match value {
        Value::Number(_) | Value::Null => true,
        Value::String(text) => {
            text.starts_with(|first: char| first.is_ascii_digit() || first == '-')
                && text.chars().all(|letter| letter.is_ascii_digit() || "-.,%x ".contains(letter))
        }
        _ => false,
    }
}

/// Prints a list.
pub fn list(records: &[Record], none: &str, format: Format) -> Result<()> {
    output::print(&match format {
        Format::Display => table(records, none),
        _ => json(&records, format)?,
    })
}

/// Prints anything serialisable as JSON, or its lines.
pub fn print<T: Serialize>(value: &T, lines: &[String], format: Format) -> Result<()> {
    output::print(&match format {
        Format::Display => lines.join("\n"),
        _ => json(value, format)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_lines_for_people_and_an_object_in_order_for_programs() {
        let record =
            Record::default().with("liquidation_price", "1.5").with("a", Value::Null).with("b", true);
        assert_eq!(
            record.lines(),
            ["Liquidation price:  1.5", "A:                  none", "B:                  yes"]
        );
        assert_eq!(
            json(&record, Format::JsonCompact).unwrap(),
            r#"{"liquidation_price":"1.5","a":null,"b":true}"#
        );
    }

    #[test]
    fn numbers_stand_right_and_words_left_in_a_table() {
        let row = |name: &str, size: &str| Record::default().with("name", name).with("size", size);
        let text = table(&[row("SOL", "1.5"), row("B", "-10")], "nothing");
        assert_eq!(text, "Name  Size\n────  ────\nSOL    1.5\nB      -10");
        assert_eq!(table(&[], "nothing"), "nothing");
    }
}
