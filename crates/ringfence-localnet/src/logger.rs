//! What the publisher and the validator have to say, on standard error.

use std::io::Write;

use log::{LevelFilter, Log, Metadata, Record};

struct Stderr;

/// Shows this crate's messages, and the errors of others.
pub fn install() {
    // Refused only where a logger is installed already.
    if log::set_logger(&Stderr).is_ok() {
        log::set_max_level(LevelFilter::Info);
    }
}

impl Log for Stderr {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let ours = metadata.target().starts_with("ringfence_localnet");
        metadata.level() <= if ours { LevelFilter::Info } else { LevelFilter::Error }
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let level = record.level().as_str().to_lowercase();
            // Nobody may be listening any more.
            let _ = writeln!(std::io::stderr(), "{level}: {}", record.args());
        }
    }

    fn flush(&self) {}
}
