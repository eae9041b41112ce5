//! docs/oracle.md against the code: programs and limits, the order of the
//! checks, their errors, and what each instruction accepts.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use ringfence::constants::*;
use ringfence::errors::RingfenceError;
use ringfence::oracle::{Action, Validity};

const PAGE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/oracle.md"));
const INSTRUCTIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../programs/ringfence/src/instructions");

/// The rows of the table whose head is `head`, as cells without quoting.
fn table(head: &str) -> Vec<Vec<String>> {
    let rows = PAGE.lines().skip_while(|line| *line != head).take_while(|line| line.starts_with('|'));
    let cells = |row: &str| {
        row.trim_matches('|').split(" | ").map(|cell| cell.trim().trim_matches('`').to_owned()).collect()
    };
    let rows: Vec<Vec<String>> = rows.skip(2).map(cells).collect();
    assert!(!rows.is_empty(), "no table {head}");
    rows
}

#[test]
fn programs_and_limits_are_the_programs() {
    let [mainnet, devnet] = PYTH_PUSH_PROGRAMS;
    for id in [mainnet, devnet, pyth_solana_receiver_sdk::ID] {
        assert!(PAGE.contains(&format!("`{id}`")), "{id}");
    }
    let minus = MIN_PRICE_EXPONENT.unsigned_abs();
    for text in [
        format!("the exponent is −{minus} to {MAX_PRICE_EXPONENT}"),
        format!("published more than {MAX_FUTURE_SECONDS} s after"),
        format!("{MAX_FUTURE_SECONDS} s ahead of it is the future"),
    ] {
        assert!(PAGE.contains(&text), "{text}");
    }
}

#[test]
fn reading_fails_with_the_errors_of_the_page() {
    use RingfenceError::*;
    let errors = [
        OracleWrongAccount,
        OracleWrongOwner,
        OracleMalformed,
        OracleNotFullyVerified,
        OracleWrongFeed,
        OracleNotTrading,
        OracleExponentOutOfRange,
        OraclePriceOutOfRange,
    ];
    let rows = table("| # | check | error |");
    let names: Vec<_> = rows.iter().map(|row| row[2].clone()).collect();
    assert_eq!(names, errors.map(|error| error.name()));
}

/// The page goes from the worst to the least, numbered on from the first table.
#[test]
fn judging_is_in_the_order_of_severity() {
    use Validity::*;
    let mut validities = [
        UncertainForOpen,
        StaleForOpen,
        UncertainForReduce,
        StaleForReduce,
        Uncertain,
        Stale,
        Diverged,
        RolledBack,
        BeforeRestart,
        FromTheFuture,
    ];
    assert!(validities.is_sorted());
    validities.reverse();
    let rows = table("| # | validity | holds where | error | refused by |");
    assert_eq!(rows.len(), validities.len());
    let actions = [Action::AddRisk, Action::ReduceByOrder, Action::ReduceRisk, Action::Liquidate];
    for ((row, validity), number) in rows.iter().zip(validities).zip(9..) {
        assert_eq!(row[0], number.to_string());
        assert_eq!(row[1], format!("{validity:?}"));
        assert_eq!(row[3], RingfenceError::from(validity).name());
        let refused: Vec<_> = actions
            .into_iter()
            .filter(|action| validity > action.accepts())
            .map(|action| format!("{action:?}"))
            .collect();
        let expected = if refused.len() == actions.len() { "all".to_owned() } else { refused.join("`, `") };
        assert_eq!(row[4], expected, "{validity:?}");
    }
    assert!(actions.iter().all(|action| Validity::Valid <= action.accepts()));
}

/// Each instruction that reads a price is on the page, with the actions that
/// its source names, in its order.
#[test]
fn instructions_accept_what_the_page_says() {
    let mut found = BTreeMap::new();
    for folder in fs::read_dir(INSTRUCTIONS).unwrap().map(|entry| entry.unwrap().path()) {
        if folder.is_dir() {
            actions_in(&folder, &mut found);
        }
    }
    let rows = table("| instruction | action | price |");
    let page: BTreeMap<_, _> = rows.iter().map(|row| (row[0].clone(), row[1].clone())).collect();
    assert_eq!(page, found);
}

fn actions_in(folder: &Path, found: &mut BTreeMap<String, String>) {
    for file in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let source = fs::read_to_string(&file).unwrap();
        let word = |after: &str| after.split(|c: char| !c.is_alphanumeric()).next().unwrap().to_owned();
        let actions: Vec<_> = source.split(" Action::").skip(1).map(word).collect();
        if !actions.is_empty() {
            let name = file.file_stem().unwrap().to_string_lossy();
            found.insert(name.into_owned(), actions.join("`, `"));
        }
    }
}
