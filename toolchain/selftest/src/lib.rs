//! The toolchain's self-test, the host: runs the program of `program/` as
//! bytecode in LiteSVM and holds what it gives against the same operations run
//! natively. The tests are in `tests/`.

mod bytecode;
pub mod operands;

use std::fmt;

use ringfence_selftest::{DIGEST_BYTES, GROUPS, Group, Operation, Output, Reply};

pub use bytecode::{Bytecode, Case};

/// Where bytecode and native code part.
#[derive(Debug)]
pub struct Disagreement {
    pub operation: &'static str,
    pub case: Case,
    pub bytecode: String,
    pub native: String,
}

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (a, b) = self.case;
        writeln!(f, "`{}` of\n  a = {a} ({a:#x})", self.operation)?;
        writeln!(f, "  b = {b} ({b:#x})\ngave")?;
        writeln!(f, "  bytecode: {}\n  native:   {}", self.bytecode, self.native)?;
        write!(f, "(where the program's source has changed, build it anew: {})", bytecode::BUILD)
    }
}

/// The group of that name, with its place in instruction data.
///
/// # Panics
/// Where there is none.
pub fn group(name: &str) -> (usize, &'static Group) {
    GROUPS
        .iter()
        .enumerate()
        .find(|(_, group)| group.name == name)
        .unwrap_or_else(|| panic!("no group {name}"))
}

/// Runs every operation of a group on every case, both ways.
///
/// # Errors
/// The first disagreement.
pub fn compare_group(bytecode: &mut Bytecode, name: &str, cases: &[Case]) -> Result<(), Box<Disagreement>> {
    let (number, group) = group(name);
    for (index, operation) in group.operations.iter().enumerate() {
        let id = [number, index].map(|part| u8::try_from(part).expect("a table of under 256"));
        let (trapping, fine): (Vec<Case>, Vec<Case>) =
            cases.iter().partition(|&&(a, b)| (operation.traps)(a, b));
        for batch in fine.chunks(group.batch) {
            compare_batch(bytecode, id, operation, batch)?;
        }
        for case in trapping {
            if let Ok(output) = bytecode.run(id, Reply::Output, &[case]) {
                return Err(Box::new(Disagreement {
                    operation: operation.name,
                    case,
                    bytecode: format!("{} bytes, {}", output.len(), hex(&output)),
                    native: "an abort".into(),
                }));
            }
        }
    }
    Ok(())
}

fn compare_batch(
    bytecode: &mut Bytecode,
    id: [u8; 2],
    operation: &Operation,
    batch: &[Case],
) -> Result<(), Box<Disagreement>> {
    let mut output = Output::new();
    let digests: Vec<u8> = batch
        .iter()
        .flat_map(|&(a, b)| {
            output.clear();
            (operation.run)(a, b, &mut output);
            output.digest().to_le_bytes()
        })
        .collect();
    let given = bytecode.run(id, Reply::Digests, batch);
    if given.as_ref() == Ok(&digests) {
        return Ok(());
    }
    // One case at a time, in full, to name the one that differs.
    let failure = given.as_ref().err().cloned();
    let given = given.unwrap_or_default();
    for (at, &(a, b)) in batch.iter().enumerate() {
        output.clear();
        (operation.run)(a, b, &mut output);
        let alone = bytecode.run(id, Reply::Output, &[(a, b)]);
        if alone.as_deref() != Ok(output.bytes()) {
            let (bytecode, native) = difference(&alone, output.bytes());
            return Err(Box::new(Disagreement { operation: operation.name, case: (a, b), bytecode, native }));
        }
        let range = at * DIGEST_BYTES..(at + 1) * DIGEST_BYTES;
        if given.get(range.clone()).is_some_and(|digest| *digest != digests[range]) {
            return Err(Box::new(Disagreement {
                operation: operation.name,
                case: (a, b),
                bytecode: "another result among other cases than alone".into(),
                native: hex(output.bytes()),
            }));
        }
    }
    Err(Box::new(Disagreement {
        operation: operation.name,
        case: batch[0],
        bytecode: format!(
            "none that differs alone, but for {} cases together {}",
            batch.len(),
            failure.unwrap_or_else(|| format!("{} digests", given.len() / DIGEST_BYTES)),
        ),
        native: "results".into(),
    }))
}

/// Both results in words, long ones from where they part.
fn difference(bytecode: &Result<Vec<u8>, String>, native: &[u8]) -> (String, String) {
    let bytecode = match bytecode {
        Ok(bytes) => bytes,
        Err(failure) => return (failure.clone(), hex(native)),
    };
    let same = bytecode.iter().zip(native).take_while(|(a, b)| a == b).count();
    let from = if native.len() > 64 { same } else { 0 };
    let show = |bytes: &[u8]| {
        let shown = bytes.get(from..).unwrap_or_default();
        format!("{} bytes, from byte {from}: {}", bytes.len(), hex(shown))
    };
    (show(bytecode), show(native))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().take(64).map(|byte| format!("{byte:02x}")).collect()
}
