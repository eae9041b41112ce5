//! docs/adversary.md is what was tried.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use crate::cases::{self, Attacked, Kind};
use crate::support::Row;
use crate::{reentry, revival, together};

const HEAD: &str = "\
# What an adversary tried

Written by `crates/ringfence-testkit/tests/adversary`, which sends each of these
to the compiled program; a test fails where this page is not what was tried.

    cargo test --release -p ringfence-testkit --test adversary
    RINGFENCE_WRITE=1 cargo test --release -p ringfence-testkit --test adversary page

";

const REENTRY: &str = "\
## Re-entry

Every instruction that moves tokens, with an executable program of the
attacker's as its token program. The logs show that it was never called, and
that the right one is: ";

const REVIVAL: &str = "\
## Revival after a close

Within one transaction, which is refused as a whole at its last instruction
unless the answer says what went through.

";

const TOGETHER: &str = "\
## Instructions together

What several instructions must not do together, however each of them is meant.
Refused at the last one, with nothing changed, unless the answer says what went
through.

";

const ACCOUNTS: &str = "\
## Accounts

Each account of each instruction of the IDL, one at a time, in every way that
means something for it; all the others are the right ones. The intended error
follows from what `tests/adversary/declared.txt` says is declared and from the
order in which Anchor checks. A case with another outcome fails the test, and so
does an account of any kind that a refusal changed.

- *wrong owner*: the same bytes under another program
- *wrong type*: another account of the program, another program
- *wrong market*: the counterpart of another market of the same collateral
- *wrong mint*: another mint, or the same owner's account of it
- *other user*: the attacker's counterpart, signed by him where a signature is asked for
- *uninitialised*: a new key, signed where a signature is asked for
- *duplicated*: each of the other accounts of the same instruction, as often as it says
- *other token program*: Token-2022, or the same bytes under it
- *wrong discriminator*, *wrong version*: the account itself with these bytes changed
- *not signed*, *read-only*: the account itself with less

**May pass** says why the signer, or anybody, is free to choose.

";

/// Outcomes of one account, in the order of their first kind; equal ones are one row.
fn rows(page: &mut String, attacked: &Attacked) {
    let mut accounts: Vec<&str> = attacked.tried.iter().map(|tried| tried.account).collect();
    accounts.dedup();
    for account in accounts {
        let of = attacked.tried.iter().filter(|tried| tried.account == account);
        let mut outcomes: Vec<(String, BTreeMap<Kind, usize>)> = Vec::new();
        for tried in of {
            let outcome = match &tried.outcome {
                Ok(reason) => format!("**may pass**: {reason}"),
                Err(name) => name.clone(),
            };
            let found = outcomes.iter().position(|(known, _)| *known == outcome).unwrap_or(outcomes.len());
            if found == outcomes.len() {
                outcomes.push((outcome, BTreeMap::new()));
            }
            *outcomes[found].1.entry(tried.kind).or_default() += 1;
        }
        for (outcome, kinds) in outcomes {
            let kinds: Vec<_> = kinds
                .into_iter()
                .map(|(kind, times)| match times {
                    1 => kind.name().to_owned(),
                    _ => format!("{} ×{times}", kind.name()),
                })
                .collect();
            writeln!(page, "| `{account}` | {} | {outcome} |", kinds.join(", ")).expect("a string");
        }
    }
}

/// A section of one table.
fn section(page: &mut String, head: &str, column: &str, rows: &[Row]) {
    page.push_str(head);
    writeln!(page, "| {column} | answer |\n| --- | --- |").expect("a string");
    for Row { played, answer } in rows {
        writeln!(page, "| {played} | {answer} |").expect("a string");
    }
    page.push('\n');
}

fn page() -> String {
    let ((moving, reentry), revival, together) = (reentry::rows(), revival::rows(), together::rows());
    let mut all = cases::all();
    all.sort_by_key(|attacked| attacked.instruction);
    let tried = || all.iter().flat_map(|attacked| &attacked.tried);
    let passed = tried().filter(|tried| tried.outcome.is_ok()).count();
    let mut page = HEAD.to_owned();
    writeln!(
        page,
        "{} instructions, {} wrong accounts: {} refused, {passed} free to choose.\n",
        all.len(),
        tried().count(),
        tried().count() - passed
    )
    .expect("a string");
    let head = format!("{REENTRY}{}.\n\n", moving.join(", "));
    section(&mut page, &head, "in the token program's place", &reentry);
    section(&mut page, REVIVAL, "one transaction", &revival);
    section(&mut page, TOGETHER, "one transaction", &together);
    page.push_str(ACCOUNTS);
    for attacked in &all {
        writeln!(page, "### {}\n", attacked.instruction).expect("a string");
        page.push_str("| account | what was tried | answer |\n| --- | --- | --- |\n");
        rows(&mut page, attacked);
        page.push('\n');
    }
    page
}

#[test]
fn the_page_is_what_was_tried() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/adversary.md");
    let page = page();
    if std::env::var_os("RINGFENCE_WRITE").is_some() {
        std::fs::write(&path, &page).expect("docs can be written");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == page, "docs/adversary.md is out of date: run again with RINGFENCE_WRITE=1");
}
