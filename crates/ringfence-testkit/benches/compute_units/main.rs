//! Compute units, account sizes and transaction sizes of every instruction,
//! measured on the compiled program and written to `docs/compute-units.md`.
//!
//! ```text
//! cargo bench -p ringfence-testkit --bench compute_units             # measure and write
//! cargo bench -p ringfence-testkit --bench compute_units -- --check  # measure and compare
//! ```
//!
//! Fails where a median is above its ceiling (`ringfence_testkit::compute`);
//! with `--check` also where a median has risen or the page is out of date.
//! All keys and numbers are seeded: the same bytecode gives the same page.

mod measure;
mod paths;
mod report;
mod stage;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ringfence_testkit::compute::{ceiling, grouped, regressions};
use ringfence_testkit::{ProgramError, program_path};

use crate::measure::{Case, PathUnits};
use crate::report::Report;

/// In the repository.
const PAGE: &str = "docs/compute-units.md";

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
    match run(check) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problems) => {
            for problem in problems {
                eprintln!("{problem}");
            }
            ExitCode::FAILURE
        }
    }
}

fn run(check: bool) -> Result<(), Vec<String>> {
    let program = program_path();
    let fatal = |error: ProgramError| vec![error.to_string()];
    let program_bytes = fs::metadata(&program)
        .map_err(|error| fatal(ProgramError { path: program.clone(), cause: error.to_string() }))?
        .len();

    let mut measured = Vec::new();
    for case in paths::cases() {
        measured.push(case.measure().map_err(fatal)?);
    }
    let page = Report { paths: &measured, program_bytes }.render().map_err(fatal)?;

    let mut problems = above_ceiling(&measured);
    if check {
        problems.extend(out_of_date(&page));
    } else {
        write(&page).map_err(|error| vec![format!("cannot write {PAGE}: {error}")])?;
        println!("wrote {PAGE}");
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// The medians that are above their ceilings, a line each.
fn above_ceiling(measured: &[PathUnits]) -> Vec<String> {
    let judge = |path: &PathUnits| {
        let Case { instruction, name, setting, .. } = &path.case;
        let (units, limit) = (path.units.median(), ceiling(instruction)?);
        let over = setting.is_spl_token() && units > limit;
        over.then(|| {
            let (units, limit) = (grouped(units), grouped(limit));
            format!("{instruction}, {name}, {setting}: median {units} is above its ceiling of {limit}")
        })
    };
    measured.iter().filter_map(judge).collect()
}

/// How the committed page differs from this one.
fn out_of_date(page: &str) -> Vec<String> {
    let committed = match fs::read_to_string(page_path()) {
        Ok(text) => text,
        Err(error) => return vec![format!("cannot read {PAGE}: {error}")],
    };
    let mut problems = regressions(&committed, page);
    // The program's size follows the length of the paths it was built at.
    let comparable = |text: &str| -> Vec<String> {
        text.lines().filter(|line| !line.starts_with("`ringfence.so`")).map(String::from).collect()
    };
    if comparable(&committed) != comparable(page) {
        let first = committed.lines().zip(page.lines()).find(|(old, new)| old != new);
        let (old, new) = first.unwrap_or(("", "another number of lines"));
        problems.push(format!("{PAGE} is out of date:\n- {old}\n+ {new}"));
        problems.push(format!("write it anew with: {}", report::COMMAND));
    }
    problems
}

/// All or nothing: a page is never left half written.
fn write(page: &str) -> std::io::Result<()> {
    let path = page_path();
    let partial = path.with_extension("md.partial");
    fs::write(&partial, page)?;
    fs::rename(partial, path)
}

fn page_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(PAGE)
}
