//! How far a run has come, on standard error: a bar on a terminal, else a line
//! for every tenth.

use std::cell::Cell;
use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

/// Progress of a run of known length.
pub struct Progress {
    name: &'static str,
    unit: &'static str,
    length: usize,
    bar: Option<ProgressBar>,
    tenths: Cell<usize>,
}

impl Progress {
    pub fn new(name: &'static str, unit: &'static str, length: usize) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let template = "{prefix} [{bar:40}] {pos}/{len} {msg} {elapsed} (eta {eta})";
            let style =
                ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
            let bar = ProgressBar::new(length as u64).with_style(style.progress_chars("=> "));
            bar.with_prefix(name).with_message(unit)
        });
        if bar.is_none() {
            eprintln!("{name}: {length} {unit}");
        }
        Self { name, unit, length, bar, tenths: Cell::new(0) }
    }

    /// `done` of the length are done.
    pub fn advance(&self, done: usize) {
        if let Some(bar) = &self.bar {
            bar.set_position(done as u64);
            return;
        }
        let tenths = done * 10 / self.length.max(1);
        if tenths > self.tenths.replace(tenths) {
            eprintln!("{}: {} % ({done}/{} {})", self.name, tenths * 10, self.length, self.unit);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
