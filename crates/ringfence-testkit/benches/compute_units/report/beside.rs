//! Beside a plain vault and beside peers; what the runtime charges; the rest.

use std::fmt::Write;

use ringfence_testkit::compute::grouped;

use super::Report;
use crate::measure::PathUnits;
use crate::plain::{COMPARISONS, PEERS};
use crate::runtime::{Charge, Probe};
use crate::stage::Setting;

/// The paths of which the page says what their calls cost.
const PATHS: [(&str, &str); 12] = [
    ("open_position", "long"),
    ("increase_position", "long, with margin"),
    ("add_margin", "by the owner"),
    ("remove_margin", "long, unrealised gain"),
    ("decrease_position", "long, part, gain"),
    ("close_position", "long, gain"),
    ("liquidate", "long, part of it"),
    ("liquidate", "long, solvent"),
    ("accrue", "open positions on both sides"),
    ("add_liquidity", "open positions on both sides"),
    ("remove_liquidity", "open positions on both sides"),
    ("execute_order", "stop-loss, all of a long"),
];

/// A number, or a dash for none.
fn or_dash(number: Option<u64>) -> String {
    number.map_or("–".into(), grouped)
}

impl Report<'_> {
    pub(super) fn beside(&self, page: &mut String) -> std::fmt::Result {
        let [first, second] = PEERS;
        writeln!(
            page,
            "## Beside a plain vault and beside peers\n\n\
             The plain vault (`crates/ringfence-floor`, never deployed) is an account of a position's size\n\
             with a token vault of its own in plain Anchor: no market, no price, no pool, no event. It is\n\
             measured in the same run, by as many random owners, ids and amounts; its bumps are those of\n\
             another program. {first} (perpetual-futures; searches its bumps) and {second}\n\
             (ported from Anchor 0.28; stores them) were built with the same toolchain, Anchor 1.2.2, and\n\
             measured on the same runtime, SBPF v3 on Agave 4.2.2; their medians are constants of this\n\
             benchmark. Both do less: all collateral lies in one vault, a position is an entry and has none of\n\
             its own, and no event is recorded by a call.\n\n\
             | operation | samples | median | min | plain vault, median | plain vault, min | {first} | {second} |\n\
             | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
        )?;
        for row in &COMPARISONS {
            let ours = &self.path(row.ours).units;
            let plain = row.plain.map(|instruction| &self.plain_path(instruction).units);
            let [first, second] = row.peers.map(or_dash);
            writeln!(
                page,
                "| {} | {} | {} | {} | {} | {} | {first} | {second} |",
                row.what,
                grouped(ours.samples() as u64),
                grouped(ours.median()),
                grouped(ours.min()),
                or_dash(plain.map(|units| units.median())),
                or_dash(plain.map(|units| units.min())),
            )?;
        }
        writeln!(page)
    }

    fn plain_path(&self, instruction: &str) -> &PathUnits {
        let found = self.plain.iter().find(|path| path.case.instruction == instruction);
        found.unwrap_or_else(|| panic!("the plain vault has no {instruction}"))
    }

    pub(super) fn runtime(&self, page: &mut String, probe: &mut Probe) -> std::fmt::Result {
        let mut charges = probe.charges();
        let events = self.events(probe);
        writeln!(
            page,
            "## What the runtime charges\n\n\
             The same whoever calls. Alone: as the only instruction of a transaction. Called: from a program,\n\
             by difference, a transaction of the plain vault that does it twice less one that does it once and\n\
             is the same otherwise. What an instruction takes more when called is the call itself: what the\n\
             runtime charges for it and its accounts, and the checks of `invoke`. Accounts are created with the\n\
             size of a position.\n\n\
             | what | alone | called |\n| --- | ---: | ---: |"
        )?;
        for Charge { what, alone, called } in charges.iter().chain(&events) {
            writeln!(page, "| {what} | {} | {} |", or_dash(*alone), or_dash(*called))?;
        }
        charges.extend(events);
        self.least(page, &charges, probe)
    }

    /// The smallest and the largest event of the paths.
    fn events(&self, probe: &mut Probe) -> Vec<Charge> {
        let calls = PATHS.iter().flat_map(|path| &self.path(*path).calls);
        let mut events: Vec<&[u8]> = calls.filter_map(|call| call.event()).collect();
        events.sort_unstable_by_key(|data| data.len());
        [events.first(), events.last()].into_iter().flatten().map(|data| probe.event(data)).collect()
    }

    fn path(&self, (instruction, name): (&str, &str)) -> &PathUnits {
        let wanted = |path: &&PathUnits| {
            let case = &path.case;
            (case.instruction, case.name.as_str(), case.setting) == (instruction, name, Setting::Common)
        };
        self.paths.iter().find(wanted).unwrap_or_else(|| panic!("no path {name} of {instruction}"))
    }

    fn least(&self, page: &mut String, charges: &[Charge], probe: &mut Probe) -> std::fmt::Result {
        writeln!(
            page,
            "\nWhat the calls of an instruction charge is saved by fewer calls and by nothing else. The rest is\n\
             the program's own: entry, checks, prices and arithmetic, sysvars, bumps that it searches.\n\n\
             | instruction | path | calls | they charge | median | the rest |\n\
             | --- | --- | ---: | ---: | ---: | ---: |"
        )?;
        let ours = PATHS.iter().map(|path| self.path(*path));
        for path in ours.chain(self.plain) {
            let of_calls: u64 = path.calls.iter().map(|call| call.charge(charges, probe)).sum();
            let median = path.units.median();
            let rest = grouped(median - of_calls);
            let (count, of_calls, median) = (path.calls.len(), grouped(of_calls), grouped(median));
            let (instruction, name) = (path.case.instruction, &path.case.name);
            writeln!(page, "| {instruction} | {name} | {count} | {of_calls} | {median} | {rest} |")?;
        }
        writeln!(page)
    }
}
