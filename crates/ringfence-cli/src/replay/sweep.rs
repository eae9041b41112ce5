//! `replay --sweep`: one replay for each combination of values, on all cores.

mod axes;
mod heat;
mod svg;
mod tables;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use anyhow::{Result, anyhow, bail, ensure};
use serde::Serialize;
use serde::ser::SerializeMap;

use super::report::Report;
use super::scenario::Scenario;
use crate::params::Refusal;
use crate::progress::Progress;
use crate::simulation::Simulation;
pub use axes::{Axis, parse as axes};

/// More replays than this would not end.
const MOST_CELLS: usize = 10_000;

/// What became of one combination.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Every invariant held.
    Held(Box<Report>),
    /// An invariant broke: which one, and the report up to then.
    Broken(String, Box<Report>),
    /// No market of these parameters, or no position in it, can be: why.
    Refused(String),
}

impl Outcome {
    pub fn report(&self) -> Option<&Report> {
        match self {
            Self::Held(report) | Self::Broken(_, report) => Some(report),
            Self::Refused(_) => None,
        }
    }

    /// `held`, `broken` or `refused`, and why.
    pub fn verdict(&self) -> (&'static str, Option<&str>) {
        match self {
            Self::Held(_) => ("held", None),
            Self::Broken(why, _) => ("broken", Some(why)),
            Self::Refused(why) => ("refused", Some(why)),
        }
    }
}

/// The whole grid, the last axis running fastest.
#[derive(Clone, Debug)]
pub struct Sweep {
    axes: Vec<Axis>,
    outcomes: Vec<Outcome>,
}

/// Runs every combination, `jobs` at a time. The result does not depend on
/// `jobs`: each combination has a machine and a random sequence of its own.
///
/// Errors: too many combinations; a replay that could not run at all.
pub fn run(scenario: &Scenario, axes: Vec<Axis>, jobs: usize) -> Result<Sweep> {
    let cells = axes.iter().try_fold(1usize, |cells, axis| cells.checked_mul(axis.values.len()));
    let cells = cells.filter(|cells| *cells <= MOST_CELLS);
    let Some(cells) = cells else {
        bail!("--sweep: more than {MOST_CELLS} combinations");
    };
    let progress = Progress::new("sweep", "combinations", cells);
    let outcomes = in_parallel(
        cells,
        jobs,
        |done| progress.advance(done),
        |cell| {
            let values = values_of(&axes, cell);
            run_one(scenario, &axes, &values)
        },
    )?;
    Ok(Sweep { axes, outcomes })
}

fn run_one(scenario: &Scenario, axes: &[Axis], values: &[&str]) -> Result<Outcome> {
    let mut scenario = scenario.clone();
    let mut prepare = || {
        axes.iter().zip(values).try_for_each(|(axis, value)| axis.apply(value, &mut scenario))?;
        scenario.setup(scenario.market()?)
    };
    let setup = match prepare() {
        Ok(setup) => setup,
        Err(error) => return Ok(Outcome::Refused(error.downcast::<Refusal>()?.0)),
    };
    let mut simulation = Simulation::new(&setup)?;
    let violation = scenario.run(&mut simulation, None)?;
    let report = Box::new(Report::new(&simulation, scenario.series, violation.is_none()));
    Ok(match violation {
        None => Outcome::Held(report),
        Some(violation) => Outcome::Broken(violation.to_string(), report),
    })
}

/// The values of a cell, one for each axis.
fn values_of(axes: &[Axis], cell: usize) -> Vec<&str> {
    let mut rest = cell;
    let mut values: Vec<&str> = Vec::with_capacity(axes.len());
    for axis in axes.iter().rev() {
        values.push(&axis.values[rest % axis.values.len()]);
        rest /= axis.values.len();
    }
    values.reverse();
    values
}

/// `work` of 0 to `count`, in order, done by `jobs` threads. `report` is told,
/// on this thread, how many are done. The first error in the order of the
/// cells counts; no new cell is begun after one.
fn in_parallel<T: Send>(
    count: usize,
    jobs: usize,
    report: impl Fn(usize),
    work: impl Fn(usize) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let (next, work) = (AtomicUsize::new(0), &work);
    let (sender, receiver) = mpsc::channel();
    let mut results: Vec<Option<Result<T>>> = (0..count).map(|_| None).collect();
    thread::scope(|scope| {
        for _ in 0..jobs.min(count) {
            let (next, sender) = (&next, sender.clone());
            scope.spawn(move || {
                loop {
                    let cell = next.fetch_add(1, Ordering::Relaxed);
                    if cell >= count {
                        break;
                    }
                    let result = work(cell);
                    if result.is_err() {
                        next.store(count, Ordering::Relaxed);
                    }
                    if sender.send((cell, result)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        for (done, (cell, result)) in (1..).zip(receiver) {
            results[cell] = Some(result);
            report(done);
        }
    });
    let mut finished = Vec::with_capacity(count);
    let mut skipped = false;
    for result in results {
        match result {
            Some(result) => finished.push(result?),
            None => skipped = true,
        }
    }
    ensure!(!skipped, "a combination was not run");
    Ok(finished)
}

impl Sweep {
    /// Each cell with its values.
    fn cells(&self) -> impl Iterator<Item = (Vec<&str>, &Outcome)> {
        self.outcomes.iter().enumerate().map(|(cell, outcome)| (values_of(&self.axes, cell), outcome))
    }

    /// `leverage=5 fee=500`.
    fn label(&self, values: &[&str]) -> String {
        let pairs = self.axes.iter().zip(values).map(|(axis, value)| format!("{}={value}", axis.name));
        pairs.collect::<Vec<_>>().join(" ")
    }

    pub fn json(&self, name: &str) -> Result<String> {
        let axes = self.axes.iter().map(|axis| NamedAxis { name: &axis.name, values: &axis.values });
        let cells = self.cells().map(|(values, outcome)| {
            let (verdict, message) = outcome.verdict();
            let values = Values(self.axes.iter().map(|axis| axis.name.as_str()).zip(values).collect());
            Cell { values, verdict, message, report: outcome.report() }
        });
        Ok(serde_json::to_string_pretty(&Document {
            sweep: name,
            axes: axes.collect(),
            cells: cells.collect(),
        })?)
    }

    /// Errors: an invariant that broke in any cell; all cells refused.
    pub fn verdict(&self) -> Result<()> {
        let broken = self.cells().filter_map(|(values, outcome)| match outcome {
            Outcome::Broken(why, _) => Some((values, why)),
            _ => None,
        });
        let broken: Vec<_> = broken.collect();
        if let Some((values, why)) = broken.first() {
            let count = broken.len();
            return Err(anyhow!(
                "{why}, at {} ({count} of {} combinations)",
                self.label(values),
                self.outcomes.len()
            ));
        }
        let refused = self.outcomes.iter().all(|outcome| matches!(outcome, Outcome::Refused(_)));
        if let (true, Some((_, Outcome::Refused(why)))) = (refused, self.cells().next()) {
            bail!("every combination is refused, the first because: {why}");
        }
        Ok(())
    }
}

#[derive(Serialize)]
struct Document<'a> {
    sweep: &'a str,
    axes: Vec<NamedAxis<'a>>,
    cells: Vec<Cell<'a>>,
}

#[derive(Serialize)]
struct NamedAxis<'a> {
    name: &'a str,
    values: &'a [String],
}

#[derive(Serialize)]
struct Cell<'a> {
    values: Values<'a>,
    verdict: &'static str,
    message: Option<&'a str>,
    report: Option<&'a Report>,
}

/// In the order of the axes.
struct Values<'a>(Vec<(&'a str, &'a str)>);

impl Serialize for Values<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        self.0.iter().try_for_each(|(name, value)| map.serialize_entry(name, value))?;
        map.end()
    }
}

#[cfg(test)]
mod tests;
