//! The parameter file: TOML with the sections `[params]` and `[oracle]`.

use std::fs;
use std::ops::Range;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::keys::{Key, Section, Unit, key_of};
use super::{Origin, Overrides};

/// The defaults, each key with its unit, bounds and meaning.
pub const DEFAULT_FILE: &str = include_str!("../../params/default.toml");

/// Reads a file. Errors name the file, the line and the key.
pub fn read(path: &Path) -> Result<Overrides> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let text = String::from_utf8(bytes).ok().with_context(|| format!("{}: not text", path.display()))?;
    parse(&text).with_context(|| path.display().to_string())
}

/// Reads TOML text. Errors: what is no TOML, an unknown section or key, a
/// value of another kind than the key's; each names its line.
pub fn parse(text: &str) -> Result<Overrides> {
    let at = |span: Range<usize>| format!("line {}", line_of(text, span.start));
    let document = match DeTable::parse(text) {
        Ok(document) => document,
        Err(error) => {
            let line = at(error.span().unwrap_or(0..0));
            bail!("{line}: {}", error.message().lines().collect::<Vec<_>>().join(", "));
        }
    };
    let mut overrides = Overrides::default();
    for (name, value) in in_order(document.get_ref()) {
        let section = section(name.get_ref()).with_context(|| at(name.span()))?;
        let DeValue::Table(table) = value.get_ref() else {
            bail!("{}: `{1}` must be a section, [{1}]", at(name.span()), section.name());
        };
        for (name, value) in in_order(table) {
            let key = key_of(section, name.get_ref()).with_context(|| at(name.span()))?;
            if let Some(rival) = key.rival().filter(|rival| overrides.entries.contains_key(rival)) {
                bail!("{}: `{}` and `{rival}` set the same thing", at(name.span()), key.name);
            }
            let line = line_of(text, name.span().start);
            let set = written(key, value.get_ref())
                .and_then(|value| overrides.set(key, &value, Origin::Line(line)));
            set.with_context(|| at(name.span()))?;
        }
    }
    Ok(overrides)
}

/// As the file has them, so that the first error is the first that one reads.
fn in_order<'a, 'text>(table: &'a DeTable<'text>) -> Vec<Item<'a, 'text>> {
    let mut items: Vec<Item<'_, '_>> = table.iter().collect();
    items.sort_by_key(|(name, _)| name.span().start);
    items
}

type Item<'a, 'text> = (&'a Spanned<DeString<'text>>, &'a Spanned<DeValue<'text>>);

fn section(name: &str) -> Result<Section> {
    let found = Section::ALL.into_iter().find(|section| section.name() == name);
    found.with_context(|| {
        format!("unknown section `{}`: there are [params] and [oracle]", name.escape_debug())
    })
}

/// The value as text. Money and sizes are text in the file too: a decimal
/// must not pass through a float.
fn written(key: &Key, value: &DeValue) -> Result<String> {
    let (name, unit) = (key.name, key.unit.name());
    match value {
        DeValue::String(text) if key.unit.is_text() => Ok(text.to_string()),
        DeValue::Boolean(value) if key.unit == Unit::Switch => Ok(value.to_string()),
        _ if key.unit == Unit::Switch => bail!("{name}: true or false expected, found {}", value.type_str()),
        DeValue::Integer(integer) if !key.unit.is_text() => {
            ensure!(integer.radix() == 10, "{name}: a decimal integer of {unit} expected");
            Ok(integer.as_str().to_owned())
        }
        _ if key.unit.is_text() => {
            bail!("{name}: a decimal of {unit} in quotation marks expected, found {}", value.type_str())
        }
        _ => bail!("{name}: an integer of {unit} expected, found {}", value.type_str()),
    }
}

/// Lines count from 1.
fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
}
