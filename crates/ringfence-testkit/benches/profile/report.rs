//! The page that the profiles become.

use std::collections::BTreeMap;
use std::fmt::Write;

use anchor_spl::{token, token_2022};
use ringfence_testkit::compute::grouped;

use crate::trace::Profile;

/// A function with less than this share of an instruction is not named.
const LEAST_PERMILLE: u64 = 8;

/// What a function is for, by how its name begins or what is in it; the first
/// that fits.
const AREAS: [(&str, &[&str]); 6] = [
    ("entry and accounts", &["entrypoint", "anchor_lang::Accounts<", "anchor_lang", "AccountDeserialize"]),
    (
        "new accounts",
        &["ringfence::creation", "ringfence::tokens::NewVault", "NewPosition", "initialize_account3"],
    ),
    (
        "calls and events",
        &["solana_invoke", "ringfence::tokens", "ringfence::events", "anchor_spl", "spl_token"],
    ),
    ("oracle", &["ringfence::oracle", "pyth"]),
    ("arithmetic and books", &["ringfence_math", "ringfence::state", "__multi3"]),
    ("handler", &["__private::__global", "ringfence::instructions"]),
];
/// Of the compiler and its library.
const OTHERS: &str = "others";

const HEAD: &str = "\
What the compute units of each instruction go to, from a register trace of the bytecode in LiteSVM.
`toolchain/profile` builds the program with its symbols, traces one transaction of each path (the
middle one of nine), and writes this page; it is not checked, since names change with every compiler.
Units are of that build, whose code the linker has not gone over once more: they differ by a few, if
at all, from [compute-units.md](compute-units.md). Why what is left is needed: [performance.md](performance.md).

- *Units* of a function are its own instructions, those inlined into it included.
- *Syscalls* are charged as Agave 4.2 does, without what depends on memory: 1 unit for each 250 bytes
  that a call carries, one for each two bytes that a hash reads. These, and builtin programs (150 for
  each call of the system program), are in the last line.
- The program's calls of itself for events are traced and counted with it.
";

pub struct Measured {
    pub instruction: &'static str,
    pub path: String,
    /// Of the whole transaction.
    pub units: u64,
    /// Of this program, its call of itself for the event included.
    pub profile: Profile,
    /// Calls and instructions of the other programs that are bytecode.
    pub others: BTreeMap<String, (u64, u64)>,
}

impl Measured {
    fn own(&self) -> u64 {
        self.profile.functions.values().map(|spent| spent.own).sum()
    }

    fn callees(&self) -> u64 {
        self.others.values().map(|(_, units)| units).sum()
    }

    fn syscalls(&self) -> u64 {
        self.profile.syscalls.values().map(|(_, units)| units).sum()
    }

    /// Builtin programs, what CPIs carry, what hashes read, other syscalls.
    fn rest(&self) -> i64 {
        self.units.cast_signed() - (self.own() + self.callees() + self.syscalls()).cast_signed()
    }

    fn area(&self, area: &str) -> u64 {
        let functions = self.profile.functions.iter().filter(|(name, _)| area_of(name) == area);
        functions.map(|(_, spent)| spent.own).sum()
    }
}

fn area_of(name: &str) -> &'static str {
    let fits = |patterns: &[&str]| patterns.iter().any(|pattern| name.contains(pattern));
    AREAS.iter().find(|(_, patterns)| fits(patterns)).map_or(OTHERS, |(area, _)| area)
}

pub struct Report<'a>(pub &'a [Measured]);

impl Report<'_> {
    pub fn render(&self) -> String {
        let mut page = String::new();
        self.write(&mut page).expect("writing to a string");
        page
    }

    fn write(&self, page: &mut String) -> std::fmt::Result {
        writeln!(page, "# Profile\n\n<!-- Generated: do not edit. Written by `toolchain/profile`. -->\n")?;
        writeln!(page, "{HEAD}\n## By area\n")?;
        self.areas(page)?;
        for measured in self.0 {
            functions(page, measured)?;
        }
        Ok(())
    }

    fn areas(&self, page: &mut String) -> std::fmt::Result {
        let areas: Vec<_> = AREAS.iter().map(|(area, _)| *area).chain([OTHERS]).collect();
        writeln!(page, "| path | units | syscalls, programs called | {} |", areas.join(" | "))?;
        writeln!(page, "| --- |{}", " ---: |".repeat(areas.len() + 2))?;
        for measured in self.0 {
            let Measured { instruction, path, units, .. } = measured;
            let cells: Vec<_> = areas.iter().map(|area| grouped(measured.area(area))).collect();
            let runtime = grouped(units - measured.own());
            writeln!(
                page,
                "| {instruction}: {path} | {} | {runtime} | {} |",
                grouped(*units),
                cells.join(" | ")
            )?;
        }
        writeln!(page)
    }
}

fn functions(page: &mut String, measured: &Measured) -> std::fmt::Result {
    write!(page, "## {}: {}\n\n", measured.instruction, measured.path)?;
    writeln!(page, "| what | calls | units | with what it calls |\n| --- | ---: | ---: | ---: |")?;
    writeln!(page, "| **the transaction** | | {} | |", grouped(measured.units))?;
    writeln!(page, "| **this program's instructions** | | {} | |", grouped(measured.own()))?;
    let mut functions: Vec<_> = measured.profile.functions.iter().collect();
    functions.sort_by_key(|(_, spent)| std::cmp::Reverse(spent.own));
    let (mut few, mut few_calls) = (0, 0);
    for (name, spent) in functions {
        if spent.own * 1_000 < measured.units * LEAST_PERMILLE {
            few += spent.own;
            few_calls += spent.calls;
            continue;
        }
        let (calls, own, total) = (grouped(spent.calls), grouped(spent.own), grouped(spent.total));
        writeln!(page, "| `{}` | {calls} | {own} | {total} |", short(name))?;
    }
    writeln!(page, "| smaller ones | {} | {} | |", grouped(few_calls), grouped(few))?;
    for (name, (calls, units)) in &measured.profile.syscalls {
        writeln!(page, "| syscall `{name}` | {calls} | {} | |", grouped(*units))?;
    }
    for (program, (calls, units)) in &measured.others {
        writeln!(page, "| {} | {calls} | {} | |", program_name(program), grouped(*units))?;
    }
    writeln!(
        page,
        "| the rest: builtin programs, what calls carry and hashes read | | {} | |\n",
        measured.rest()
    )
}

fn program_name(id: &str) -> &str {
    let known = [(token::ID, "SPL Token"), (token_2022::ID, "Token-2022")];
    known.into_iter().find(|(key, _)| key.to_string() == id).map_or(id, |(_, name)| name)
}

/// Paths without their beginnings: `<a::b::C as d::E<f::G>>::h` as
/// `<C as E<G>>::h`, `a::b::c` as `b::c`.
fn short(name: &str) -> String {
    let mut text = String::new();
    for part in name.split_inclusive(['<', '>', ' ', ',', '&']) {
        let (path, end) = part.split_at(part.len() - usize::from(!part.ends_with(char::is_alphanumeric)));
        let kept = if text.is_empty() { 2 } else { 1 };
        let segments: Vec<_> = path.split("::").collect();
        // What begins or ends with `::` goes on with what is in brackets.
        let kept = kept + usize::from(path.starts_with("::")) + usize::from(path.ends_with("::"));
        let from = segments.len().saturating_sub(kept);
        text.push_str(&segments[from..].join("::"));
        text.push_str(end);
    }
    text
}
