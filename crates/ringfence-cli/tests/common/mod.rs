//! Running the binary.

#![allow(dead_code)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// The root of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// `ringfence` with these arguments, in the root of the workspace.
pub fn ringfence<Text: AsRef<str>>(args: &[Text]) -> Output {
    let args = args.iter().map(AsRef::as_ref);
    Command::new(env!("CARGO_BIN_EXE_ringfence")).args(args).current_dir(root()).output().expect("the binary")
}

/// Arguments from a line without quotes.
pub fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("text")
}

/// Standard output of a run that must succeed.
pub fn succeed<Text: AsRef<str>>(args: &[Text]) -> String {
    let output = ringfence(args);
    assert!(output.status.success(), "{}", stderr(&output));
    stdout(&output)
}

pub fn json<Text: AsRef<str>>(args: &[Text]) -> Value {
    let text = succeed(args);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// The one `error:` line of a run that must fail with code 1 and print nothing.
pub fn fail<Text: AsRef<str>>(args: &[Text]) -> String {
    let output = ringfence(args);
    let errors = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert_eq!(stdout(&output), "");
    let line = errors.strip_suffix('\n').expect("a line");
    assert!(!line.contains('\n'), "one line expected: {errors}");
    line.strip_prefix("error: ").unwrap_or_else(|| panic!("no error line: {errors}")).to_owned()
}

/// A count or amount of a report.
pub fn number(report: &Value, key: &str) -> u64 {
    report[key].as_u64().unwrap_or_else(|| panic!("{key} in {report}"))
}

/// The first line of a price history.
pub const HEADER: &str = "unix_seconds,open,high,low,close";

/// Two days of hours around 100, with a crash of 40 % inside one of them.
pub fn crash() -> String {
    let mut text = format!("{HEADER}\n");
    let mut open = 10_000;
    for hour in 0..48 {
        let close = if hour == 30 { 7_000 } else { open + [70, -40, 55, -95, 10][hour % 5] };
        let low = if hour == 30 { 6_000 } else { open.min(close) - 35 };
        let high = open.max(close) + 45;
        let time = 1_700_000_000 + hour * 3_600;
        let price = |cents: i32| format!("{}.{:02}", cents / 100, cents % 100);
        text += &format!("{time},{},{},{},{}\n", price(open), price(high), price(low), price(close));
        open = close;
    }
    text
}

/// A folder of this test's own, removed at the end.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("ringfence-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a temporary folder");
        Self(path)
    }

    pub fn path(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }

    pub fn file(&self, name: &str, contents: &str) -> String {
        std::fs::write(self.0.join(name), contents).expect("a temporary file");
        self.path(name)
    }

    pub fn is_empty(&self) -> bool {
        std::fs::read_dir(&self.0).expect("the folder").next().is_none()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
