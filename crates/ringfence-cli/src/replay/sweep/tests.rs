use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::heat::{Metric, WORST};
use super::*;

/// A report with these numbers and nothing else.
fn report(bad_debt: u64, lp_return_ppm: i128, liquidations: u64) -> Box<Report> {
    let mut report = Report { lp_return_ppm, liquidations, books_balanced: true, ..Report::default() };
    report.ledger.bad_debt = bad_debt;
    Box::new(report)
}

fn sweep(grid: &str, outcome: impl Fn(usize) -> Outcome) -> Sweep {
    let axes = axes(&[grid.to_owned()]).unwrap();
    let cells = axes.iter().map(|axis| axis.values.len()).product();
    Sweep { axes, outcomes: (0..cells).map(outcome).collect() }
}

fn held(cell: usize) -> Outcome {
    let cell = cell as u64;
    Outcome::Held(report(cell * 1_000_000, -i128::from(cell) * 10_000, cell))
}

#[test]
fn the_last_axis_runs_fastest() {
    let sweep = sweep("leverage=2:5,fee=1:2:3", held);
    let labels: Vec<String> = sweep.cells().map(|(values, _)| sweep.label(&values)).collect();
    assert_eq!(
        labels,
        [
            "leverage=2 fee=1",
            "leverage=2 fee=2",
            "leverage=2 fee=3",
            "leverage=5 fee=1",
            "leverage=5 fee=2",
            "leverage=5 fee=3"
        ]
    );
}

#[test]
fn a_map_has_each_number_where_its_values_meet() {
    let sweep = sweep("leverage=2:5,fee=1:2:3,maintenance=7:8", held);
    let panels = sweep.panels(Metric::Liquidations);
    let numbers = |panel: usize| -> Vec<Vec<&str>> {
        panels[panel].rows.iter().map(|row| row.iter().map(|square| square.text.as_str()).collect()).collect()
    };
    // Cell = leverage × 6 + fee × 2 + maintenance.
    assert_eq!(panels[0].fixed, "maintenance=7");
    assert_eq!(numbers(0), [["0", "2", "4"], ["6", "8", "10"]]);
    assert_eq!(panels[1].fixed, "maintenance=8");
    assert_eq!(numbers(1), [["1", "3", "5"], ["7", "9", "11"]]);
    assert_eq!(panels[1].rows[1][2].badness, Some(WORST));
    // 6 of 11.
    assert_eq!(panels[0].rows[1][0].badness, Some(545));
}

#[test]
fn much_debt_is_bad_and_much_return_is_good() {
    let sweep = sweep("fee=1:2:3", held);
    let badness = |metric: Metric| -> Vec<Option<u32>> {
        sweep.panels(metric)[0].rows.iter().map(|row| row[0].badness).collect()
    };
    assert_eq!(badness(Metric::BadDebt), [Some(0), Some(500), Some(1_000)]);
    // 0 %, −1 %, −2 %.
    assert_eq!(badness(Metric::LpReturn), [Some(0), Some(500), Some(1_000)]);

    let same = super::tests::sweep("fee=1:2", |_| held(3));
    for metric in Metric::ALL {
        assert!(same.panels(metric)[0].rows.iter().all(|row| row[0].badness == Some(0)));
    }
}

#[test]
fn maps_read_the_same_without_colour() {
    let sweep = sweep("leverage=2:5,fee=1:2", |cell| match cell {
        2 => Outcome::Refused("no".to_owned()),
        _ => held(cell),
    });
    let plain = sweep.maps(false);
    let expected = "bad debt, quote\n\
                    leverage ↓  fee →        1       2\n\
                    2                     0.00    1.00 ░\n\
                    5                  refused    3.00 █";
    assert!(plain.starts_with(expected), "{plain}");

    let coloured = sweep.maps(true);
    assert!(coloured.contains("\x1b[48;5;29;38;5;231m") && coloured.contains("\x1b[48;5;124;38;5;231m"));
    let mut stripped = String::new();
    for part in coloured.split("\x1b[") {
        stripped += if stripped.is_empty() { part } else { part.split_once('m').unwrap().1 };
    }
    let lines = |text: &str| text.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>();
    assert_eq!(lines(&stripped), lines(&plain));
}

#[test]
fn a_broken_invariant_in_any_cell_fails_the_run() {
    let sweep = sweep("leverage=2:5,fee=1:2", |cell| match cell {
        1 => Outcome::Refused("too much".to_owned()),
        2 => Outcome::Broken("invariant broken: 3 atoms are missing".to_owned(), report(0, 0, 1)),
        _ => held(cell),
    });
    assert_eq!(
        sweep.verdict().unwrap_err().to_string(),
        "invariant broken: 3 atoms are missing, at leverage=5 fee=1 (1 of 4 combinations)"
    );
    let text = sweep.text("x", false);
    assert!(text.contains("\nrefused: leverage=2 fee=2: too much\n"), "{text}");
    assert!(text.contains("\nbroken: leverage=5 fee=1: invariant broken: 3 atoms are missing\n"), "{text}");
    assert_eq!(text.matches("BROKEN").count(), 4, "the table and three maps");
    let json: serde_json::Value = serde_json::from_str(&sweep.json("x").unwrap()).unwrap();
    assert_eq!(json["cells"][2]["verdict"], "broken");
    assert_eq!(json["cells"][1]["report"], serde_json::Value::Null);
    assert_eq!(json["cells"][1]["message"], "too much");
}

#[test]
fn refused_cells_alone_fail_only_where_there_is_nothing_else() {
    let refused = |_| Outcome::Refused("never".to_owned());
    let none = sweep("fee=1:2", refused).verdict().unwrap_err().to_string();
    assert_eq!(none, "every combination is refused, the first because: never");
    let some = sweep("fee=1:2", |cell| if cell == 0 { refused(cell) } else { held(cell) });
    assert!(some.verdict().is_ok());
}

#[test]
fn jobs_share_the_work_and_keep_its_order() {
    const PATIENCE: Duration = Duration::from_secs(20);
    for jobs in [1, 2, 3, 20, 50] {
        let (reported, running, peak) = (Mutex::new(Vec::new()), AtomicUsize::new(0), AtomicUsize::new(0));
        let done = in_parallel(
            20,
            jobs,
            |done| reported.lock().unwrap().push(done),
            |cell| {
                peak.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                // Until as many as may have run at once.
                let begun = Instant::now();
                while peak.load(Ordering::SeqCst) < jobs.min(20) && begun.elapsed() < PATIENCE {
                    thread::sleep(Duration::from_millis(1));
                }
                // The later a cell, the sooner it is done.
                thread::sleep(Duration::from_millis(20 - cell as u64));
                running.fetch_sub(1, Ordering::SeqCst);
                Ok(cell * 10)
            },
        );
        assert_eq!(done.unwrap(), (0..20).map(|cell| cell * 10).collect::<Vec<_>>());
        assert_eq!(*reported.lock().unwrap(), (1..=20).collect::<Vec<_>>());
        assert_eq!(peak.into_inner(), jobs.min(20));
    }
}

#[test]
fn the_first_error_counts_and_no_more_work_is_begun() {
    let begun = AtomicUsize::new(0);
    let failed = in_parallel(
        1_000,
        2,
        |_| (),
        |cell| {
            begun.fetch_add(1, Ordering::Relaxed);
            thread::sleep(Duration::from_millis(1));
            ensure!(cell != 4 && cell != 5, "cell {cell}");
            Ok(())
        },
    );
    assert_eq!(failed.unwrap_err().to_string(), "cell 4");
    assert!(begun.load(Ordering::Relaxed) < 20);
}

#[test]
fn a_grid_has_an_end() {
    let values = "0..999/1".to_owned();
    let axes = axes(&[format!("fee={values},maintenance={values}")]).unwrap();
    let series = crate::series::Series::parse("unix_seconds,open,high,low,close\n60,1,1,1,1").unwrap();
    let scenario = Scenario {
        series: &series,
        program: "no/such.so".into(),
        traders: 1,
        leverages: vec![2],
        margin: ringfence_math::Quote(1),
        liquidity: ringfence_math::Quote(1),
        insurance: ringfence_math::Quote(0),
        bracket: crate::simulation::Bracket::default(),
        step: 1,
        seed: 1,
        overrides: crate::params::Overrides::default(),
    };
    let error = run(&scenario, axes, 1).unwrap_err().to_string();
    assert_eq!(error, "--sweep: more than 10000 combinations");
}
