//! What an instruction costs does not grow with how many positions and markets
//! there are, and every instruction fits into a transaction without a lookup
//! table. The tables of both are in docs/compute-units.md.

use std::collections::BTreeSet;

use ringfence_testkit::growth::{self, Holdings, Stage};
use ringfence_testkit::wire::{MAX_TRANSACTION_BYTES, combinations, every_instruction};

const RANDOM_BOOKS: u64 = 20;
/// The most that books of any size may add to what a step costs, in percent of
/// the least: arithmetic on large numbers takes other branches.
const SPREAD_PERCENT: u64 = 2;

#[test]
fn an_instruction_costs_the_same_among_100_000_positions_and_1_000_markets() {
    let table = growth::compare(RANDOM_BOOKS).unwrap_or_else(|error| panic!("{error}"));
    for growth in &table {
        let (least, most) = growth.random;
        println!("{}: {:?}, over random books {least} to {most}", growth.step, growth.units);
        assert!(growth.is_flat(), "{} grows: {:?}", growth.step, growth.units);
        assert!(most * 100 <= least * (100 + SPREAD_PERCENT), "{}: {least} to {most}", growth.step);
    }
    // Every instruction of traders, keepers and providers is among the steps.
    let steps: BTreeSet<&str> =
        table.iter().map(|growth| growth.step.split(',').next().unwrap_or_default()).collect();
    for instruction in [
        "accrue",
        "add_liquidity",
        "add_margin",
        "cancel_order",
        "claim_shares",
        "close_at_cap",
        "close_position",
        "create_position",
        "decrease_position",
        "execute_order",
        "increase_position",
        "liquidate",
        "open_position",
        "place_order",
        "remove_liquidity",
        "remove_margin",
    ] {
        assert!(steps.contains(instruction), "{instruction} is not measured");
    }
}

/// The comparison is not blind: larger books change what a division takes.
#[test]
fn other_sums_are_seen() {
    let units = |holdings| {
        let mut stage = Stage::new(1, &holdings).unwrap_or_else(|error| panic!("{error}"));
        stage.measure().iter().map(|step| step.units).collect::<Vec<_>>()
    };
    assert_eq!(units(Holdings::even()), units(Holdings::even()));
    assert_ne!(units(Holdings::even()), units(Holdings::random(1)));
}

#[test]
fn every_instruction_fits_without_a_lookup_table() {
    for it in every_instruction() {
        let (alone, complete) = (it.alone(), it.complete());
        println!("{}: {alone} bytes, complete {complete}", it.name);
        assert!(alone < complete && complete <= MAX_TRANSACTION_BYTES, "{}: {complete} bytes", it.name);
    }
    for (what, bytes) in combinations() {
        println!("{what}: {bytes} bytes");
        assert!(bytes <= MAX_TRANSACTION_BYTES, "{what}: {bytes} bytes");
    }
}

/// The table of sizes has every instruction that the IDL has.
#[test]
fn no_instruction_is_left_out() {
    let idl: serde_json::Value =
        serde_json::from_str(include_str!("../../../../idl/ringfence.json")).expect("the IDL is JSON");
    let declared: BTreeSet<&str> = idl["instructions"]
        .as_array()
        .expect("a list of instructions")
        .iter()
        .map(|instruction| instruction["name"].as_str().expect("a name"))
        .collect();
    let all = every_instruction();
    let measured: BTreeSet<&str> = all.iter().map(|it| it.name).collect();
    assert_eq!(measured, declared);
    assert_eq!(all.len(), declared.len());
}
