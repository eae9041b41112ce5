//! docs/economic-attacks.md is what the scenarios found.

use std::fmt::Write;
use std::path::Path;

use ringfence_testkit::compute::grouped;

use crate::support::Row;
use crate::*;

const HEAD: &str = "\
# Economic attacks

Written by `crates/ringfence-testkit/tests/attacks`, which plays each attack on
the compiled program and searches over the attacker's choices; a test fails where
this page is not what it found.

    cargo test --release -p ringfence-testkit --test attacks -- --nocapture
    RINGFENCE_WRITE=1 cargo test --release -p ringfence-testkit --test attacks page

Results are atoms of a collateral with 6 decimals (1,000,000 are one quote): all
wallets of the attacker after he has closed and withdrawn everything, less what
they held before. Unless a row says otherwise: an index of 100, a pool of
1,000,000 quote, a skew scale of 100,000 base, fees of 5 bp each way, 20x.

A bound of 0 means that no move of the market paid anything. A positive bound is
what the move itself pays an honest position, or, in the second table, what the
design is known not to prevent and which parameter limits it
([risk model](risk-model.md)).

";

fn table(page: &mut String, rows: &[&Row]) {
    page.push_str(
        "| attack | how it is played | best result | bound | the bound is | what stops it | test |\n",
    );
    page.push_str("| --- | --- | ---: | ---: | --- | --- | --- |\n");
    for row in rows {
        writeln!(
            page,
            "| {} | {} | {} | {} | {} | {} | `{}` |",
            row.attack,
            row.played,
            signed(row.best),
            signed(row.bound),
            row.because,
            row.stops,
            row.test
        )
        .expect("a string");
    }
}

fn signed(number: i128) -> String {
    let digits = grouped(u64::try_from(number.unsigned_abs()).expect("an amount"));
    if number < 0 { format!("−{digits}") } else { digits }
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    table(
        &mut page,
        &[
            cherry_picking::quiet(),
            cherry_picking::backwards(),
            lp_sandwich::returning(),
            lp_sandwich::staying(),
            self_liquidation::row(),
            skew_pumping::row(),
            splitting::row(),
            dust::row(),
            funding_farming::alone(),
            funding_farming::hedged(),
            reserve_filling::row(),
            rounding::row(),
            top_ups::row(),
            insurance_draining::row(),
            liquidation_sandwich::within_fees(),
        ],
    );
    page.push_str("\n## What does pay, and what limits it\n\n");
    table(
        &mut page,
        &[
            cherry_picking::moving(),
            lp_exit::row(),
            beyond_the_cap::row(),
            trader_sandwich::row(),
            liquidation_sandwich::beyond_fees(),
            funding_farming::pumped(),
            delegate::row(),
        ],
    );
    page
}

#[test]
fn the_page_is_what_the_attacks_found() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/economic-attacks.md");
    let page = page();
    if std::env::var_os("RINGFENCE_WRITE").is_some() {
        std::fs::write(&path, &page).expect("docs can be written");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == page, "docs/economic-attacks.md is out of date: run again with RINGFENCE_WRITE=1");
}
