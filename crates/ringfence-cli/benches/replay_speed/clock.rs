//! Processor time: what else runs on the machine takes none of ours.

use std::fs;
use std::time::{Duration, Instant};

/// Linux counts in hundredths of a second.
const TICKS_PER_SECOND: f64 = 100.0;

/// Since a moment.
pub struct Stopwatch {
    started: Instant,
    ticks: Option<u64>,
}

impl Stopwatch {
    pub fn start() -> Self {
        Self { started: Instant::now(), ticks: ticks() }
    }

    pub fn wall(&self) -> Duration {
        self.started.elapsed()
    }

    /// Of this process and of the children that it has waited for, all threads;
    /// wall time where the system does not say.
    pub fn processor(&self) -> Duration {
        let ticks = self.ticks.zip(ticks()).map(|(before, now)| now - before);
        ticks.map_or_else(|| self.wall(), |ticks| Duration::from_secs_f64(ticks as f64 / TICKS_PER_SECOND))
    }
}

/// User and system time, own and children's: fields 14 to 17 of proc(5)'s
/// `stat`, in which the second is the only one with blanks.
fn ticks() -> Option<u64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    fields.split_whitespace().skip(11).take(4).map(|field| field.parse::<u64>().ok()).sum()
}
