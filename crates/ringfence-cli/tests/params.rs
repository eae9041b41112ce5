//! `ringfence replay --params`: what a file changes, and what it may not say.

mod common;

use common::{Folder, HEADER, crash, fail, json, number, ringfence, stdout, succeed};
use serde_json::Value;

/// Hours at 100, in which nothing but time passes.
fn calm(hours: u32) -> String {
    let rows = (0..hours).map(|hour| format!("{},100,100,100,100\n", 1_700_000_000 + hour * 3_600));
    format!("{HEADER}\n{}", rows.collect::<String>())
}

/// A report without what depends on the machine.
fn replay(args: &[&str]) -> Value {
    let mut line = vec!["replay", "--output", "json"];
    line.extend(args);
    let mut report = json(&line);
    for key in ["seconds", "svm_seconds", "transactions_per_second"] {
        assert!(report.as_object_mut().unwrap().remove(key).is_some());
    }
    report
}

#[test]
fn the_printed_file_changes_nothing() {
    let folder = Folder::new("params-default");
    let prices = folder.file("crash.csv", &crash());
    let printed = succeed(&["replay", "--print-params"]);
    let params = folder.file("params.toml", &printed);
    let plain = replay(&["--prices", &prices, "--step", "600"]);
    assert_eq!(replay(&["--prices", &prices, "--step", "600", "--params", &params]), plain);
    let empty = folder.file("empty.toml", "");
    assert_eq!(replay(&["--prices", &prices, "--step", "600", "--params", &empty]), plain);
    let alone = ringfence(&["replay", "--print-params", "--prices", &prices]);
    assert_eq!((alone.status.code(), stdout(&alone)), (Some(2), String::new()));
}

#[test]
fn twice_the_fee_is_twice_the_fees() {
    let folder = Folder::new("params-fee");
    let prices = folder.file("calm.csv", &calm(24));
    let run = |fee: u32| {
        let text = format!("[params]\nopen_fee_ppm = {fee}\nclose_fee_ppm = {fee}\n");
        let params = folder.file(&format!("{fee}.toml"), &text);
        replay(&["--prices", &prices, "--traders", "1", "--leverage", "2", "--params", &params])
    };
    let (single, double) = (run(500), run(1_000));
    assert_eq!(number(&single, "liquidations"), 0);
    let rounds = number(&single, "opened");
    assert!(rounds > 20, "{rounds}");
    assert_eq!(number(&double, "opened"), rounds, "the same trades");
    // 2,000 at 100 are 20 base. Half the confidence is 0.025 %, the impact of
    // 10 ÷ 15,000,000 raises both fills: 2,000 × 500 ppm × (1.000250667 +
    // 0.999750667) = 2.000001334 a round, and up to an atom more for each fee.
    for (report, fee) in [(&single, 500), (&double, 1_000)] {
        let fees = number(report, "trading_fees_atoms");
        let exact = |atoms: f64| rounds as f64 * atoms * f64::from(fee) / 500.0;
        let least = exact(2_000_001.333);
        assert!((least..=least + 2.0 * rounds as f64).contains(&(fees as f64)), "{fees} of {rounds} rounds");
        assert_eq!(number(report, "fees_atoms"), fees);
    }
}

#[test]
fn fees_are_split_as_the_file_says() {
    let folder = Folder::new("params-split");
    let prices = folder.file("calm.csv", &calm(4));
    let params =
        folder.file("p.toml", "[params]\ninsurance_share_ppm = 300_000\nprotocol_share_ppm = 200_000\n");
    let report = replay(&["--prices", &prices, "--params", &params]);
    let fees = number(&report, "trading_fees_atoms");
    // What the splits cannot share out is the pool's: less than two atoms a fee.
    let trades = number(&report, "opened") + number(&report, "closed");
    for (part, ppm) in [("insurance", 300_000), ("protocol", 200_000)] {
        let share = number(&report, &format!("trading_fees_{part}_atoms"));
        let exact = fees * ppm / 1_000_000;
        assert!(share <= exact && exact - share <= trades, "{part}: {share} of {fees}");
    }
}

#[test]
fn the_borrow_rate_times_reserve_and_time_is_the_borrow() {
    let folder = Folder::new("params-borrow");
    let prices = folder.file("calm.csv", &calm(48));
    let text = "[params]\nborrow_base_ppm = 1_000_000\nborrow_slope1_ppm = 0\nborrow_slope2_ppm = 0\n";
    let run = |text: &str| {
        let params = folder.file("p.toml", text);
        replay(&["--prices", &prices, "--traders", "1", "--leverage", "2", "--params", &params])
    };
    let report = run(text);
    // 100 % a year on 2,000 × 1.000250667, from the end of the first hour to
    // that of the last: 47 × 3,600 of 31,536,000 seconds take 10.733290.
    let borrow = number(&report, "borrow_atoms");
    let rounds = number(&report, "opened");
    assert!((10_733_290..=10_733_290 + 2 * rounds).contains(&borrow), "{borrow} in {rounds} rounds");
    let halved =
        run(&text.replace("1_000_000", "500_000").replace("slope1_ppm = 0", "slope1_ppm = 0 # flat"));
    assert!(number(&halved, "borrow_atoms").abs_diff(borrow / 2) <= 2 * rounds);
    let none = run(&text.replace("1_000_000", "0"));
    assert_eq!(number(&none, "borrow_atoms"), 0);
}

#[test]
fn funding_can_be_switched_off() {
    let folder = Folder::new("params-funding");
    let prices = folder.file("calm.csv", &calm(48));
    let run = |velocity: u32| {
        let text =
            format!("[params]\nmax_funding_velocity_ppm = {velocity}\nskew_scale_notional = \"10000000\"\n");
        let params = folder.file("p.toml", &text);
        // One long: he alone pays.
        replay(&["--prices", &prices, "--traders", "1", "--leverage", "5", "--params", &params])
    };
    assert_eq!(run(0)["funding_atoms"], 0);
    let (one, ten) = (&run(100_000)["funding_atoms"], &run(1_000_000)["funding_atoms"]);
    let (one, ten) = (one.as_i64().unwrap(), ten.as_i64().unwrap());
    assert!(one < -1_000 && (ten - one * 10).abs() <= one.abs() / 100, "ten times the velocity: {one} {ten}");
}

#[test]
fn insurance_pays_the_bad_debt_as_far_as_it_goes() {
    let folder = Folder::new("params-insurance");
    let prices = folder.file("crash.csv", &crash());
    // No borrow, so that nothing hangs on what the pool holds.
    let text = "[params]\nborrow_base_ppm = 0\nborrow_slope1_ppm = 0\nborrow_slope2_ppm = 0\n\
                insurance_share_ppm = 0\nkeeper_share_ppm = 900_000\n";
    let params = folder.file("p.toml", text);
    let run = |insurance: &str| {
        replay(&["--prices", &prices, "--step", "3600", "--params", &params, "--insurance", insurance])
    };
    let (none, some, plenty) = (run("0"), run("10.5"), run("100000"));
    assert_eq!(number(&some, "insurance_start_atoms"), 10_500_000);
    let debt = number(&none, "bad_debt_atoms");
    assert!(debt > 1_000_000_000, "{debt}");
    for report in [&some, &plenty] {
        assert_eq!(number(report, "bad_debt_atoms"), debt, "the debt is the same");
        let (more, before) =
            (number(report, "insurance_to_bad_debt_atoms"), number(&none, "insurance_to_bad_debt_atoms"));
        let saved = number(report, "pool_end_atoms") - number(&none, "pool_end_atoms");
        assert_eq!(saved, more - before, "what insurance pays the pool keeps");
    }
    let saved = number(&some, "pool_end_atoms") - number(&none, "pool_end_atoms");
    assert_eq!(saved, 10_500_000, "all of it is used");
    assert_eq!(number(&plenty, "bad_debt_of_pool_atoms"), 0);
    assert_eq!(number(&plenty, "insurance_to_bad_debt_atoms"), debt);
    assert_eq!(fail(&["replay", "--prices", &prices, "--insurance", "-1"]), "--insurance: `-1` is negative");
}

#[test]
fn a_bad_file_is_refused_with_its_name_and_line() {
    let folder = Folder::new("params-bad");
    let prices = folder.file("crash.csv", &crash());
    let path = folder.path("p.toml");
    for (text, expected) in [
        ("[params\n", "line 1: unclosed table, expected `]`"),
        ("[params]\nopen_fee = 5\n", "line 2: unknown key `open_fee` in [params]"),
        ("[params]\nopen_fee_ppm = 20_000\n", "line 2: open_fee_ppm: 20,000 is not 0 to 10,000 ppm"),
        (
            "# risk\n[params]\nmaintenance_margin_ppm = 40_000\n",
            "maintenance_margin_ppm 40,000 (line 3), liquidation_fee_ppm 7,500 (default) together 47,500 must be \
             below initial_margin_ppm 37,500 (default)",
        ),
    ] {
        std::fs::write(&path, text).unwrap();
        let error = fail(&["replay", "--prices", &prices, "--params", &path]);
        assert_eq!(error, format!("{path}: {expected}"));
    }
    let missing = folder.path("missing.toml");
    let error = fail(&["replay", "--prices", &prices, "--params", &missing]);
    assert!(error.starts_with(&format!("cannot read {missing}: ")), "{error}");
}

#[test]
fn traders_whom_the_market_excludes_are_told_so() {
    let folder = Folder::new("params-excluded");
    let prices = folder.file("crash.csv", &crash());
    let refused = |text: &str, flags: &[&str]| {
        let params = folder.file("p.toml", text);
        let mut line = vec!["replay", "--prices", &prices, "--params", &params];
        line.extend(flags);
        fail(&line)
    };
    // 20,000 at 500 ppm, 0.025 % of spread and impact of 100 ÷ 15,000,000 take 10.0025 +
    // 5.133: 1,000 less fee and spread at the low edge, 10 lower, is 974.86.
    let error = refused("[params]\ninitial_margin_ppm = 50_000\n", &["--leverage", "20"]);
    assert!(
        error.starts_with(
            "a margin of 1,000.00 cannot be opened at 20x: after fee and spread the equity of 974."
        ),
        "{error}"
    );
    assert!(error.ends_with("is below the initial margin of 999.50 (initial_margin_ppm 50000)"), "{error}");
    assert_eq!(
        refused("[params]\nmin_position_notional = \"1500\"\n", &[]),
        "--margin: 1000 is too little for a position: margin × leverage must be at least 3000"
    );
    let error = refused("[params]\nskew_scale_notional = \"100\"\n", &["--leverage", "2"]);
    assert!(error.contains("cannot be opened") || error.contains("no fill price"), "{error}");
}
