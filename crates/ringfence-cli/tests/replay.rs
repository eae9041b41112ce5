//! `ringfence replay`: invented bars, real ones, and bad ones.

mod common;

use std::path::PathBuf;

use common::{Folder, HEADER, crash, fail, json, number, ringfence, stderr, stdout, succeed};
use serde_json::Value;

/// What every sound replay reports.
fn assert_sound(report: &Value) {
    assert_eq!(report["books_balanced"], Value::Bool(true));
    assert_eq!(number(report, "opened"), number(report, "closed"), "everybody closes at the end");
    let loss = report["max_loss_over_margin"].as_f64().unwrap();
    assert!((0.0..=1.0).contains(&loss), "{loss}");
    let mut transactions = 0;
    for name in ["open_position", "add_margin", "remove_margin", "close_position", "liquidate"] {
        let spread = &report["compute_units"][name];
        transactions += number(spread, "count");
        let (min, median, max) = (number(spread, "min"), number(spread, "median"), number(spread, "max"));
        assert!(0 < min && min <= median && median <= max && max < 200_000, "{name}: {spread}");
    }
    assert_eq!(transactions, number(report, "transactions"));
    assert!(number(report, "partial_liquidations") <= number(report, "liquidations"));
    assert_adds_up(report);
    assert!(number(report, "transactions_per_second") > 0);
    let [svm, all] = ["svm_seconds", "seconds"].map(|key| report[key].as_f64().unwrap());
    assert!(0.0 < svm && svm < all, "{svm} of {all}");
}

/// Each flow is the sum of its parts.
fn assert_adds_up(report: &Value) {
    let atoms = |name: &str| i128::from(number(report, &format!("{name}_atoms")));
    assert_eq!(
        atoms("trading_fees"),
        atoms("trading_fees_lp") + atoms("trading_fees_insurance") + atoms("trading_fees_protocol")
    );
    let parts = atoms("liquidation_fees_keeper") + atoms("liquidation_fees_insurance");
    assert_eq!(atoms("liquidation_fees"), parts);
    assert_eq!(atoms("fees"), atoms("trading_fees") + atoms("liquidation_fees"));
    let keepers = atoms("liquidation_fees_keeper") + atoms("insurance_to_keeper");
    assert_eq!(atoms("keeper_rewards"), keepers);
    let income = atoms("trading_fees_insurance") + atoms("liquidation_fees_insurance");
    assert_eq!(atoms("insurance_income"), income);
    let paid = atoms("insurance_to_bad_debt") + atoms("insurance_to_keeper");
    assert_eq!(atoms("insurance"), atoms("insurance_start") + income - paid);
    assert_eq!(atoms("protocol_fees"), atoms("trading_fees_protocol"));
    assert_eq!(atoms("bad_debt"), atoms("bad_debt_of_pool") + atoms("insurance_to_bad_debt"));
    let start = atoms("pool_start");
    let result = atoms("trading_fees_lp") + atoms("losses") + atoms("insurance_to_bad_debt") - atoms("gains");
    assert_eq!(atoms("pool_end"), start + result);
    let ppm = i128::from(report["lp_return_ppm"].as_i64().unwrap());
    assert_eq!(ppm, (result * 1_000_000).div_euclid(start));
}

#[test]
fn a_crash_inside_a_bar_is_survived_by_the_books() {
    let folder = Folder::new("replay");
    let prices = folder.file("crash.csv", &crash());
    let report = json(&["replay", "--prices", &prices, "--output", "json"]);
    assert_sound(&report);
    // 48 hours of a tick a minute and one for each close.
    assert_eq!((number(&report, "bars"), number(&report, "ticks")), (48, 48 * 61));
    assert!(number(&report, "liquidations") >= 6, "{report}");
    assert_eq!(number(&report, "pool_start_atoms"), 1_000_000_000_000);
    let keys: Vec<&String> = report.as_object().unwrap().keys().collect();
    for key in ["bad_debt_atoms", "pool_end_atoms", "insurance_atoms", "fees_atoms", "keeper_rewards_atoms"] {
        assert!(keys.iter().any(|found| *found == key), "{key}");
    }
    assert!(number(&report, "borrow_atoms") > 0 && report["funding_atoms"].is_i64(), "{report}");
}

/// The instructions of a report, by how often each was sent.
fn sent(report: &Value, name: &str) -> u64 {
    number(&report["compute_units"][name], "count")
}

#[test]
fn traders_attach_orders_and_a_keeper_executes_them() {
    let folder = Folder::new("replay-orders");
    let prices = folder.file("crash.csv", &crash());
    let plain = json(&["replay", "--prices", &prices, "--output", "json"]);
    assert!(plain["orders"].is_null(), "{plain}");
    assert_eq!(plain["compute_units"].as_object().map(serde_json::Map::len), Some(5));

    let flags = ["--take-profit", "0.5", "--stop-loss", "0.75%"];
    let report = json(&[&["replay", "--prices", &prices, "--output", "json"], &flags[..]].concat());
    let orders = &report["orders"];
    let of = |key: &str| number(orders, key);
    let executed = of("take_profits_executed") + of("stop_losses_executed");
    // Two with each position; each has one end, and the executed pay 0.1.
    assert_eq!(of("placed"), 2 * number(&report, "opened"));
    assert_eq!(of("placed"), executed + of("cancelled") + of("void"));
    assert_eq!(of("rewards_atoms"), 100_000 * executed);
    assert_eq!((sent(&report, "place_order"), sent(&report, "execute_order")), (of("placed"), executed));
    assert_eq!(sent(&report, "cancel_order"), of("cancelled") + of("void"));
    for key in ["take_profits_executed", "stop_losses_executed", "cancelled", "void"] {
        assert!(of(key) > 0, "{key}: {orders}");
    }
    // At most one of a pair executes, and then its partner is void.
    assert!(of("void") >= executed, "{orders}");
    assert_eq!(report["books_balanced"], Value::Bool(true));
    assert_adds_up(&report);
    assert!(number(&report, "liquidations") < number(&plain, "liquidations"), "stopped before");

    // One kind alone has no partner to end.
    let report = json(&["replay", "--prices", &prices, "--output", "json", "--stop-loss", "1"]);
    assert_eq!(number(&report["orders"], "placed"), number(&report, "opened"));
    assert_eq!(number(&report["orders"], "take_profits_executed"), 0);
    let text = succeed(&["replay", "--prices", &prices, "--step", "600", "--stop-loss", "1"]);
    assert!(text.contains("stop-losses executed") && text.contains("execute_order"), "{text}");
    let error = fail(&["replay", "--prices", &prices, "--stop-loss", "100"]);
    assert_eq!(error, "--stop-loss: `100` must be below 100 percent");
}

#[test]
fn a_sweep_runs_with_orders_too() {
    let folder = Folder::new("replay-orders-sweep");
    let prices = folder.file("crash.csv", &crash());
    let line = "replay --output json --step 600 --sweep fee=500:1000 --take-profit 1 --stop-loss 1 --prices";
    let mut args: Vec<&str> = line.split(' ').collect();
    args.push(&prices);
    let cells = json(&args)["cells"].clone();
    assert_eq!(cells.as_array().map(Vec::len), Some(2));
    for cell in cells.as_array().unwrap() {
        assert!(number(&cell["report"]["orders"], "stop_losses_executed") > 0, "{cell}");
    }
}

#[test]
fn a_seed_fixes_everything_but_the_time_it_took() {
    let folder = Folder::new("replay-seed");
    let prices = folder.file("crash.csv", &crash());
    let run = |seed: &str| {
        let mut report = json(&["replay", "--prices", &prices, "--output", "json", "--seed", seed]);
        let fields = report.as_object_mut().unwrap();
        for key in ["seconds", "svm_seconds", "transactions_per_second"] {
            assert!(fields.remove(key).is_some());
        }
        report
    };
    assert_eq!(run("1"), run("1"));
    assert_ne!(run("1"), run("2"));
}

#[test]
fn every_flag_counts() {
    let folder = Folder::new("replay-flags");
    let prices = folder.file("crash.csv", &crash());
    let chart = folder.path("charts/replay.svg");
    let line = format!(
        "replay --traders 7 --leverage 3,40 --margin 250.5 --liquidity 50000 --step 300 --seed 9 --chart {chart}"
    );
    let mut args: Vec<&str> = line.split(' ').collect();
    args.extend(["--prices", &prices]);
    let text = succeed(&args);
    for (start, end) in [
        ("bars ", " 48"),
        ("ticks ", " 624"),
        ("pool at the start ", " 50,000.00"),
        ("invariants ", "all held"),
    ] {
        let line = text.lines().find(|line| line.starts_with(start)).unwrap_or_else(|| panic!("{text}"));
        assert!(line.ends_with(end), "{line}");
    }
    assert!(text.contains(&format!("chart: {chart}")) && text.contains("open_position"));
    assert!(std::fs::read_to_string(&chart).unwrap().ends_with("</svg>\n"));
}

#[test]
fn a_pool_too_small_for_all_backs_some() {
    let folder = Folder::new("replay-small");
    let prices = folder.file("crash.csv", &crash());
    let report = json(&["replay", "--prices", &prices, "--liquidity", "20000", "--output", "json"]);
    assert_sound(&report);
    assert!(number(&report, "deferred") > 0);
}

#[test]
fn prices_of_any_size_make_a_market() {
    let folder = Folder::new("replay-sizes");
    for (name, divide) in [("dear", 0), ("cheap", 6)] {
        let scale = |cell: &str| {
            let digits = cell.replace('.', "");
            if divide == 0 { format!("{digits}0") } else { format!("0.{digits:0>9}") }
        };
        let rows = crash()
            .lines()
            .skip(1)
            .map(|line| {
                let cells: Vec<&str> = line.split(',').collect();
                let prices: Vec<String> = cells[1..].iter().map(|cell| scale(cell)).collect();
                format!("{},{}\n", cells[0], prices.join(","))
            })
            .collect::<String>();
        let prices = folder.file(&format!("{name}.csv"), &format!("{HEADER}\n{rows}"));
        assert_sound(&json(&["replay", "--prices", &prices, "--output", "json"]));
    }
}

#[test]
fn one_bar_is_enough() {
    let folder = Folder::new("replay-one");
    let prices = folder.file("one.csv", &format!("{HEADER}\n1700000000,100,101,99,100.5\n"));
    let report = json(&["replay", "--prices", &prices, "--output", "json"]);
    assert_eq!((number(&report, "bars"), &report["books_balanced"]), (1, &Value::Bool(true)));
    assert!(report["compute_units"]["liquidate"].get("min").is_some(), "keys are stable");
}

#[test]
fn a_bad_series_is_refused_before_anything_runs() {
    let folder = Folder::new("replay-bad");
    for (body, expected) in [
        ("", "line 1: the header must be `unix_seconds,open,high,low,close`, found ``"),
        (
            "time,o,h,l,c\n",
            "line 1: the header must be `unix_seconds,open,high,low,close`, found `time,o,h,l,c`",
        ),
        ("@\n", "no bars after the header"),
        ("@\n60,1,1,1\n", "line 2: 5 columns expected, found 4 in `60,1,1,1`"),
        ("@\n60,1,1,1,x\n", "line 2: close: `x` is not a decimal number"),
        ("@\n60,1,1,0,1\n", "line 2: low: `0` is not above zero"),
        ("@\n60,1,1,-1,1\n", "line 2: low: `-1` is negative"),
        ("@\n60,1,1,1,1\n60,1,1,1,1\n", "line 3: time 60 does not come after 60"),
        ("@\n120,1,1,1,1\n60,1,1,1,1\n", "line 3: time 60 does not come after 120"),
        ("@\n60,2,1,1,1\n", "line 2: high 1 is below open 2 or close 1"),
        ("@\n60,1000000000,1000000000,1,1\n", "a price is too large for a Pyth account"),
    ] {
        let prices = folder.file("bad.csv", &body.replace('@', HEADER));
        let chart = folder.path("never.svg");
        let error = fail(&["replay", "--prices", &prices, "--chart", &chart]);
        assert_eq!(error, format!("{prices}: {expected}"));
        assert!(!PathBuf::from(chart).exists());
    }
    std::fs::write(folder.path("bytes.csv"), [0xff, 0xfe]).unwrap();
    let bytes = folder.path("bytes.csv");
    assert_eq!(fail(&["replay", "--prices", &bytes]), format!("{bytes}: not text"));
    let missing = folder.path("missing.csv");
    assert!(fail(&["replay", "--prices", &missing]).starts_with(&format!("cannot read {missing}: ")));
}

#[test]
fn bad_arguments_are_named() {
    let folder = Folder::new("replay-arguments");
    let prices = folder.file("crash.csv", &crash());
    let refused = |flag: &str, value: &str| fail(&["replay", "--prices", &prices, flag, value]);
    assert_eq!(refused("--margin", "-1"), "--margin: `-1` is negative");
    assert_eq!(refused("--margin", "much"), "--margin: `much` is not a decimal number");
    assert_eq!(refused("--liquidity", "0"), "--liquidity: `0` is not above zero");
    assert_eq!(refused("--liquidity", "0.001"), "--liquidity: 0.001 is too little");
    assert_eq!(refused("--liquidity", "9999999999999"), "liquidity is too large for a mint");
    // The least notional at up to 20x is 10; twice that is asked for, at 2x.
    assert_eq!(
        refused("--margin", "9.99"),
        "--margin: 9.99 is too little for a position: margin × leverage must be at least 20"
    );
    assert_eq!(
        refused("--program", "no/such.so"),
        "no compiled program at no/such.so; build it with: toolchain/build programs/ringfence"
    );
    for (flag, value) in [
        ("--traders", "0"),
        ("--leverage", "0"),
        ("--leverage", "101"),
        ("--leverage", "2,x"),
        ("--step", "0"),
        ("--seed", "-1"),
        ("--output", "yaml"),
        ("--bogus", "1"),
    ] {
        let output = ringfence(&["replay", "--prices", &prices, flag, value]);
        assert_eq!(output.status.code(), Some(2), "{flag} {value}: {}", stderr(&output));
        assert_eq!(stdout(&output), "");
    }
    assert_eq!(ringfence(&["replay"]).status.code(), Some(2));
}

/// The real series, where they are at hand.
#[test]
fn the_crash_of_may_2021_runs_through() {
    let data = std::env::var_os("RINGFENCE_DATA")
        .map_or_else(|| common::root().join("../shared/data"), PathBuf::from);
    let file = data.join("SOLUSD-1h-20210510-20210526.csv");
    if !file.exists() {
        eprintln!("skipped: no {}; RINGFENCE_DATA names the folder", file.display());
        return;
    }
    let report = json(&["replay", "--prices", &file.display().to_string(), "--output", "json"]);
    assert_sound(&report);
    assert_eq!(number(&report, "bars"), 384);
    assert!(number(&report, "liquidations") > 100);
}
