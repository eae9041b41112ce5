//! Compute units, account sizes and transaction sizes of every instruction,
//! measured on the compiled program and written to `docs/compute-units.md`.
//!
//! ```text
//! cargo bench -p ringfence-testkit --bench compute_units             # measure and write
//! cargo bench -p ringfence-testkit --bench compute_units -- --check  # measure and compare
//! ```
//!
//! Fails where a median is above its ceiling (`ringfence_testkit::compute`),
//! grows with how many positions or markets there are, or a transaction is too
//! large; with `--check` also where a median has risen or the page is out of
//! date. Needs both programs:
//!
//! ```text
//! toolchain/build programs/ringfence
//! toolchain/build crates/ringfence-floor
//! ```
//!
//! All keys and numbers are seeded: the same bytecode gives the same page.

mod calls;
mod case;
mod measure;
mod paths;
mod plain;
mod report;
mod runtime;
mod stage;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ringfence_testkit::compute::{ceiling, grouped, regressions};
use ringfence_testkit::growth::{self, Growth};
use ringfence_testkit::{ProgramError, program_path, wire};

use crate::case::Case;
use crate::measure::PathUnits;
use crate::report::Report;
use crate::runtime::Probe;

/// How many random books the arithmetic is tried on.
const RANDOM_BOOKS: u64 = 100;

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

    let plain_vault = plain::program().map_err(|problem| vec![problem])?;
    let measure = |case: Case| case.measure().map_err(fatal);
    let paths = paths::cases().into_iter().map(measure).collect::<Result<Vec<_>, _>>()?;
    let plain = plain::cases(&plain_vault).into_iter().map(measure).collect::<Result<Vec<_>, _>>()?;
    let report = Report {
        paths: &paths,
        plain: &plain,
        growth: &growth::compare(RANDOM_BOOKS).map_err(fatal)?,
        program_bytes,
    };
    let page = report.render(Probe::new(&plain_vault).map_err(fatal)?).map_err(fatal)?;

    let mut problems = above_ceiling(&paths);
    problems.extend(growing(report.growth));
    problems.extend(too_large());
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

/// The steps that cost more among many, a line each.
fn growing(table: &[Growth]) -> Vec<String> {
    let grows = |growth: &&Growth| !growth.is_flat();
    let name = |growth: &Growth| format!("{} grows with what else there is: {:?}", growth.step, growth.units);
    table.iter().filter(grows).map(name).collect()
}

/// The transactions that do not fit, a line each.
fn too_large() -> Vec<String> {
    let all = wire::every_instruction();
    let complete = all.iter().map(|it| (it.name, it.complete()));
    complete
        .chain(wire::combinations())
        .filter(|(_, bytes)| *bytes > wire::MAX_TRANSACTION_BYTES)
        .map(|(what, bytes)| format!("{what}: {bytes} bytes do not fit into a transaction"))
        .collect()
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
