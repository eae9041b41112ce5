//! How fast `ringfence replay` is, as ratios against bare LiteSVM loops in the
//! same run: rates alone say more about the machine than about the replay.
//!
//! ```text
//! cargo bench --workspace --bench replay_speed             # measure and print
//! cargo bench --workspace --bench replay_speed -- --check  # fail below the bounds
//! ```
//!
//! Rates are per second of processor time, so that what else runs on the machine
//! takes little from them. Everything is run in turn, round after round, and the
//! best of each counts. How much faster many jobs are than one is wall time, and
//! needs free cores: it has no bound. No part of CI: five rounds take minutes.
//! Needs the compiled program: `toolchain/build programs/ringfence`.

mod bare;
mod clock;
mod report;
mod runs;

use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::time::Duration;

use bare::Loop;
use report::Measured;

const ROUNDS: usize = 5;
const LOOP_TIME: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let mut check = false;
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--check" => check = true,
            // Cargo's own.
            "--bench" => {}
            other => {
                eprintln!("unknown argument {other}; there is only --check");
                return ExitCode::from(2);
            }
        }
    }
    let measured = match measure() {
        Ok(measured) => measured,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::FAILURE;
        }
    };
    println!("{}", measured.table());
    let failures = measured.failures();
    failures.iter().for_each(|failure| eprintln!("below the bound: {failure}"));
    if check && !failures.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn measure() -> std::io::Result<Measured> {
    let file = std::env::temp_dir().join(format!("ringfence-replay-speed-{}.csv", std::process::id()));
    std::fs::write(&file, runs::prices())?;
    let prices = file.display().to_string();
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let mut loops = [Loop::signed(), Loop::lamports(), Loop::tokens(), Loop::add_margin()];
    let mut best = Measured { cores, ..Measured::default() };
    for round in 1..=ROUNDS {
        eprintln!("round {round} of {ROUNDS}, load {}", load());
        for (bare, pace) in loops.iter_mut().zip(&mut best.loops) {
            *pace = pace.faster(bare.run(LOOP_TIME));
        }
        let (replay, svm_share) = runs::replay(&prices);
        best.replay = best.replay.faster(replay);
        best.svm_share = best.svm_share.max(svm_share);
        let [one, all] = [1, cores].map(|jobs| runs::sweep(&prices, jobs));
        best.sweep = best.sweep.faster(one.0);
        best.all_cores = best.all_cores.faster(all.0);
        best.speed_up = best.speed_up.max(one.1.as_secs_f64() / all.1.as_secs_f64());
    }
    std::fs::remove_file(&file)?;
    Ok(best)
}

/// Of the last minute, where the system says so.
fn load() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").ok();
    load.and_then(|text| Some(text.split_whitespace().next()?.to_owned())).unwrap_or("unknown".to_owned())
}
