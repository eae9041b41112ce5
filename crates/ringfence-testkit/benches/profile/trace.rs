//! What a transaction executed, instruction by instruction.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::symbols::Symbols;
use crate::syscalls;

const REGISTERS: usize = 12;
/// The register that the trace keeps the instruction's number in.
const COUNTER: usize = 11;

const CALL: u8 = 0x85;
const CALL_REGISTER: u8 = 0x8d;
const EXIT: u8 = 0x95;

/// One invocation of one program.
pub struct Trace {
    pub program: String,
    registers: Vec<[u64; REGISTERS]>,
    instructions: Vec<[u8; 8]>,
}

/// What a function took.
#[derive(Clone, Copy, Default)]
pub struct Spent {
    pub calls: u64,
    /// Instructions of its own, those of what was inlined into it included.
    pub own: u64,
    /// With all that it called.
    pub total: u64,
}

#[derive(Default)]
pub struct Profile {
    pub functions: BTreeMap<String, Spent>,
    /// Calls and units by syscall, as far as they follow from its operands.
    pub syscalls: BTreeMap<&'static str, (u64, u64)>,
}

impl Trace {
    /// Those that the SVM has left in `folder` (litesvm's register tracing),
    /// which is emptied.
    pub fn take(folder: &Path) -> Result<Vec<Self>> {
        let mut traces = Vec::new();
        for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "program_id") {
                traces.push(Self::read(&path)?);
            }
        }
        fs::remove_dir_all(folder)?;
        fs::create_dir(folder)?;
        Ok(traces)
    }

    fn read(path: &Path) -> Result<Self> {
        let instructions = fs::read(path.with_extension("insns"))?.as_chunks::<8>().0.to_vec();
        let bytes = fs::read(path.with_extension("regs"))?;
        let words: Vec<u64> = bytes.as_chunks::<8>().0.iter().copied().map(u64::from_le_bytes).collect();
        let registers = words.as_chunks::<REGISTERS>().0.to_vec();
        ensure!(registers.len() == instructions.len(), "{} is cut short", path.display());
        Ok(Self { program: fs::read_to_string(path)?, registers, instructions })
    }

    /// Units that its instructions were charged, syscalls apart.
    pub fn instructions(&self) -> u64 {
        self.instructions.len() as u64
    }

    /// Attributes each instruction to its function and those that called it.
    pub fn profile(&self, symbols: &Symbols, into: &mut Profile) {
        let mut stack: Vec<u64> = Vec::new();
        let mut called = true;
        for (registers, instruction) in self.registers.iter().zip(&self.instructions) {
            let counter = registers[COUNTER];
            if called {
                let start = symbols.start(counter);
                stack.push(start);
                into.at(symbols, start).calls += 1;
            }
            let own = *stack.last().expect("a function is running");
            into.at(symbols, own).own += 1;
            let mut counted: Vec<u64> = stack.clone();
            counted.sort_unstable();
            counted.dedup();
            for function in counted {
                into.at(symbols, function).total += 1;
            }
            called = match instruction[0] {
                // Source register 0 is a syscall, by the hash of its name.
                CALL if instruction[1] >> 4 == 0 => {
                    let hash =
                        u32::from_le_bytes([instruction[4], instruction[5], instruction[6], instruction[7]]);
                    let (name, units) = syscalls::cost(hash, registers);
                    let spent = into.syscalls.entry(name).or_default();
                    *spent = (spent.0 + 1, spent.1 + units);
                    false
                }
                CALL | CALL_REGISTER => true,
                EXIT => {
                    stack.pop();
                    false
                }
                _ => false,
            };
        }
    }
}

impl Profile {
    fn at(&mut self, symbols: &Symbols, start: u64) -> &mut Spent {
        self.functions.entry(symbols.name(start).to_owned()).or_default()
    }
}
