//! `ringfence replay` itself, run as its users run it.

use std::process::Command;
use std::time::Duration;

use ringfence_testkit::random::Random;
use serde_json::Value;

use crate::bare::Pace;
use crate::clock::Stopwatch;

/// Cells of the sweep: two for each core of a small machine, all alike but for
/// a fee, so that no core waits for a longer one.
const SWEEP: &str = "open_fee_ppm=500:501:502:503";

/// Sixteen days of hours: a walk of at most 2 % an hour, and one crash.
pub fn prices() -> String {
    const HOURS: i64 = 384;
    let mut random = Random::new(1);
    let mut text = "unix_seconds,open,high,low,close\n".to_owned();
    let mut open: u64 = 10_000;
    for hour in 0..HOURS {
        let step = if hour == HOURS / 2 { 650 } else { random.between(980, 1_020) };
        let close = (open * step / 1_000).max(1_000);
        let (low, high) = (open.min(close) * 995 / 1_000, open.max(close) * 1_005 / 1_000);
        let cells = [open, high, low, close].map(|cents| format!("{}.{:02}", cents / 100, cents % 100));
        text += &format!("{},{}\n", 1_700_000_000 + hour * 3_600, cells.join(","));
        open = close;
    }
    text
}

/// One replay, the command from start to end; and the SVM's share of its time.
pub fn replay(prices: &str) -> (Pace, f64) {
    let clock = Stopwatch::start();
    let report = report(&["--prices", prices]);
    let processor = clock.processor();
    let [all, svm] =
        ["seconds", "svm_seconds"].map(|key| report[key].as_f64().expect("a time in the report"));
    (Pace { processor, ..counted(&report) }, svm / all)
}

/// The cells of a sweep by so many jobs, and how long it took.
pub fn sweep(prices: &str, jobs: usize) -> (Pace, Duration) {
    let clock = Stopwatch::start();
    let document = report(&["--prices", prices, "--sweep", SWEEP, "--jobs", &jobs.to_string()]);
    let (processor, wall) = (clock.processor(), clock.wall());
    let cells = document["cells"].as_array().expect("cells").iter().map(|cell| counted(&cell["report"]));
    let sum = cells.fold(Pace::default(), |sum, cell| Pace {
        transactions: sum.transactions + cell.transactions,
        compute_units: sum.compute_units + cell.compute_units,
        ..sum
    });
    (Pace { processor, ..sum }, wall)
}

/// Transactions and compute units, by the medians.
fn counted(report: &Value) -> Pace {
    let spreads = report["compute_units"].as_object().expect("compute units").values();
    let units = spreads.map(|spread| {
        spread["count"].as_u64().unwrap_or_default() * spread["median"].as_u64().unwrap_or_default()
    });
    let transactions = report["transactions"].as_u64().expect("transactions");
    Pace { transactions, compute_units: units.sum(), ..Pace::default() }
}

fn report(args: &[&str]) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ringfence"));
    command
        .args(["replay", "--output", "json", "--program"])
        .arg(ringfence_testkit::program_path())
        .args(args);
    let output = command.output().expect("the binary");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("a report")
}
