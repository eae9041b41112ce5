//! What the compute units of each instruction go to, function by function,
//! from a register trace of the compiled program. `toolchain/profile` builds
//! the program with its symbols, runs this, and writes docs/profile.md.

#[expect(dead_code, reason = "shared with the benchmark of compute units")]
#[path = "../compute_units/case.rs"]
mod case;
#[path = "../compute_units/paths/mod.rs"]
mod paths;
mod report;
#[expect(dead_code, reason = "shared with the benchmark of compute units")]
#[path = "../compute_units/stage.rs"]
mod stage;
mod symbols;
mod syscalls;
mod trace;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::case::Case;
use crate::report::{Measured, Report};
use crate::stage::{Setting, Stage};
use crate::symbols::Symbols;
use crate::trace::{Profile, Trace};

/// Runs of a path; the one in the middle is shown.
const SAMPLES: usize = 9;

/// The path that stands for an instruction.
const SHOWN: [(&str, &str); 11] = [
    ("open_position", "long"),
    ("increase_position", "long, with margin"),
    ("add_margin", "by the owner"),
    ("remove_margin", "long, unrealised gain"),
    ("decrease_position", "long, part, gain"),
    ("close_position", "long, gain"),
    ("liquidate", "long, part of it"),
    ("liquidate", "long, solvent"),
    ("place_order", "stop-loss of an open position"),
    ("execute_order", "stop-loss, all of a long"),
    ("accrue", "open positions on both sides"),
];

fn main() -> Result<()> {
    let variable = |name: &str| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .with_context(|| format!("{name} is unset: run toolchain/profile"))
    };
    let (traces, program) = (variable("SBF_TRACE_DIR")?, variable("RINGFENCE_PROGRAM")?);
    let linked = variable("RINGFENCE_SYMBOLS")?;
    let symbols = Symbols::read(&linked, &linked.with_extension("so"))?;
    fs::write(&program, symbols::with_sections(&fs::read(linked.with_extension("so"))?)?)?;

    let mut measured = Vec::new();
    for (instruction, name) in SHOWN {
        eprintln!("{instruction}, {name}");
        let cases = paths::cases();
        let case = cases.into_iter().find(|case| {
            case.instruction == instruction && case.name == name && case.setting == Setting::Common
        });
        let case = case.with_context(|| format!("there is no path {instruction}, {name}"))?;
        measured.push(profile(case, &traces, &symbols)?);
    }
    let page = Report(&measured).render();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/profile.md");
    fs::write(&path, page)?;
    println!("wrote docs/profile.md");
    Ok(())
}

fn profile(case: Case, traces: &Path, symbols: &Symbols) -> Result<Measured> {
    let mut stage = Stage::new(case.setting)?;
    let mut runs = Vec::new();
    for _ in 0..SAMPLES {
        stage.reset();
        let call = (case.prepare)(&mut stage);
        stage.wait();
        let program = call.instruction.program_id.to_string();
        Trace::take(traces)?;
        let sent = stage.world.send(&[call.instruction], &[&call.signer]);
        let units = sent.map_err(|failure| anyhow::anyhow!("{failure:#?}"))?.compute_units;
        runs.push((units, program, Trace::take(traces)?));
    }
    runs.sort_by_key(|(units, ..)| *units);
    let (units, program, traces) = runs.swap_remove(SAMPLES / 2);
    ensure!(!traces.is_empty(), "the SVM left no trace");
    let mut profile = Profile::default();
    let mut others = std::collections::BTreeMap::<String, (u64, u64)>::new();
    for trace in &traces {
        if trace.program == program {
            trace.profile(symbols, &mut profile);
        } else {
            let spent = others.entry(trace.program.clone()).or_default();
            *spent = (spent.0 + 1, spent.1 + trace.instructions());
        }
    }
    Ok(Measured { instruction: case.instruction, path: case.name, units, profile, others })
}
