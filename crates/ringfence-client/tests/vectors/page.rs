//! One file of vectors: groups of cases, a case an array of texts.

use std::path::PathBuf;

use ringfence_math::MathError;

/// A case: what goes in, then what comes out. A failure is `!` and its name.
pub type Row = Vec<String>;

/// The texts of what is given, one after the other.
#[macro_export]
macro_rules! row {
    ($($value:expr),* $(,)?) => { vec![$($value.to_string()),*] };
}

/// The texts of a result, or of why there is none.
pub fn outcome<T>(result: Result<T, MathError>, texts: impl FnOnce(T) -> Row) -> Row {
    match result {
        Ok(value) => texts(value),
        Err(error) => vec![format!("!{error:?}")],
    }
}

/// An optional number; `-` for none.
pub fn maybe(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

/// Bytes in hexadecimal, without the zeros at the end.
pub fn hex(bytes: &[u8]) -> String {
    let length = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    bytes[..length].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Groups of cases, by the name of what they are cases of.
#[derive(Default)]
pub struct Page(Vec<(&'static str, Vec<Row>)>);

impl Page {
    pub fn group(&mut self, name: &'static str, rows: Vec<Row>) {
        assert!(!rows.is_empty(), "{name}");
        self.0.push((name, rows));
    }

    /// A case a line, so that a change shows where it is.
    fn text(&self) -> String {
        let groups = self.0.iter().map(|(name, rows)| {
            let rows: Vec<_> = rows.iter().map(|row| serde_json::to_string(row).expect("texts")).collect();
            format!("\"{name}\": [\n{}\n]", rows.join(",\n"))
        });
        format!("{{\n{}\n}}\n", groups.collect::<Vec<_>>().join(",\n"))
    }

    /// Writes the file where `RINGFENCE_WRITE` is set, else compares.
    #[track_caller]
    pub fn check(&self, file: &str) {
        let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../clients/ts/vectors")).join(file);
        let text = self.text();
        if std::env::var_os("RINGFENCE_WRITE").is_some() {
            return std::fs::write(&path, text).expect(file);
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == text,
            "clients/ts/vectors/{file} is out of date: run again with RINGFENCE_WRITE=1"
        );
    }
}
