//! `ringfence replay --sweep`: grids, their cells, and their maps.

mod common;

use common::{Folder, crash, fail, json, ringfence, stderr, stdout, succeed};
use serde_json::Value;

const GRID: &str = "leverage=5:20,fee=500,900";

/// A sweep's arguments.
fn sweep<'a>(prices: &'a str, grid: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut line = vec!["replay", "--prices", prices, "--step", "600", "--sweep", grid];
    line.extend(more);
    line
}

#[test]
fn the_number_of_jobs_changes_nothing() {
    let folder = Folder::new("sweep-jobs");
    let prices = folder.file("crash.csv", &crash());
    for format in ["json", "table"] {
        let run = |jobs: &str| succeed(&sweep(&prices, GRID, &["--jobs", jobs, "--output", format]));
        let one = run("1");
        assert_eq!(run("2"), one);
        assert_eq!(run("7"), one);
    }
}

#[test]
fn each_cell_is_the_replay_of_its_values() {
    let folder = Folder::new("sweep-cells");
    let prices = folder.file("crash.csv", &crash());
    // What the grid does not set comes from the file, in cells and single runs.
    let base = "[params]\nopen_fee_ppm = 50\nreserve_factor_ppm = 500_000\n";
    let file = folder.file("base.toml", base);
    let flags = ["--params", &file, "--insurance", "50", "--output", "json", "--seed", "4"];
    let document = json(&sweep(&prices, GRID, &flags));
    assert_eq!(document["axes"][0]["name"], "leverage");
    assert_eq!(document["axes"][1]["values"], serde_json::json!(["500", "900"]));
    let cells = document["cells"].as_array().unwrap();
    let places = [("5", "500"), ("5", "900"), ("20", "500"), ("20", "900")];
    assert_eq!(cells.len(), places.len());
    for (cell, (leverage, fee)) in cells.iter().zip(places) {
        assert_eq!(cell["values"], serde_json::json!({"leverage": leverage, "fee": fee}));
        assert_eq!((cell["verdict"].as_str(), &cell["message"]), (Some("held"), &Value::Null));
        let text =
            format!("[params]\nopen_fee_ppm = {fee}\nclose_fee_ppm = {fee}\nreserve_factor_ppm = 500_000\n");
        let single = folder.file("single.toml", &text);
        let mut line = vec!["replay", "--prices", &prices, "--step", "600", "--leverage", leverage];
        line.extend(["--params", &single, "--insurance", "50", "--output", "json", "--seed", "4"]);
        let mut report = json(&line);
        for key in ["seconds", "svm_seconds", "transactions_per_second"] {
            assert!(report.as_object_mut().unwrap().remove(key).is_some());
        }
        assert_eq!(cell["report"], report, "{leverage} {fee}");
    }
    assert_ne!(cells[0]["report"], cells[1]["report"]);
}

#[test]
fn any_parameter_can_be_swept_by_its_name() {
    let folder = Folder::new("sweep-names");
    let prices = folder.file("crash.csv", &crash());
    let grid =
        "max_divergence_ppm=100000..300000/200000,min_keeper_reward=0.1:2.5,skew_scale_notional=1000000";
    let document = json(&sweep(&prices, grid, &["--sweep", "maintenance=10000", "--output", "json"]));
    let cells = document["cells"].as_array().unwrap();
    let values = |cell: usize| &cells[cell]["values"];
    assert_eq!(cells.len(), 4);
    assert_eq!(values(3)["min_keeper_reward"], "2.5");
    assert_eq!(values(3)["max_divergence_ppm"], "300000");
    assert!(cells.iter().all(|cell| cell["verdict"] == "held"), "{document}");
    // A stricter limit keeps the liquidator waiting through the crash.
    assert_ne!(cells[0]["report"]["bad_debt_atoms"], cells[2]["report"]["bad_debt_atoms"]);
}

#[test]
fn combinations_that_the_program_refuses_are_reported() {
    let folder = Folder::new("sweep-refused");
    let prices = folder.file("crash.csv", &crash());
    // At 20x the initial margin is 37,500 and the fee 7,500; at 5x 50,000 and 10,000.
    let grid = "leverage=5:20:101,maintenance=20000:35000,fee=500:20000";
    let output = ringfence(&sweep(&prices, grid, &["--jobs", "2", "--output", "json"]));
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let document: Value = serde_json::from_str(&stdout(&output)).unwrap();
    let verdicts: Vec<&str> =
        document["cells"].as_array().unwrap().iter().map(|cell| cell["verdict"].as_str().unwrap()).collect();
    let (held, refused) = ("held", "refused");
    assert_eq!(
        verdicts,
        [held, refused, held, refused, held, refused, refused, refused, refused, refused, refused, refused]
    );
    let message = |cell: usize| document["cells"][cell]["message"].as_str().unwrap();
    assert_eq!(message(1), "--sweep: open_fee_ppm: 20,000 is not 0 to 10,000 ppm");
    assert_eq!(
        message(6),
        "maintenance_margin_ppm 35,000 (--sweep), liquidation_fee_ppm 7,500 (default) together 42,500 must be \
         below initial_margin_ppm 37,500 (default)"
    );
    assert_eq!(message(8), "leverage: 101 is not 1 to 100");
    let text = succeed(&sweep(&prices, grid, &[]));
    assert!(
        text.contains(&format!("\nrefused: leverage=20 maintenance=35000 fee=500: {}\n", message(6))),
        "{text}"
    );

    let error = ringfence(&sweep(&prices, "fee=20000:30000", &[]));
    assert_eq!(error.status.code(), Some(1));
    assert!(
        stderr(&error).ends_with(
            "error: every combination is refused, the first because: --sweep: open_fee_ppm: 20,000 is not 0 to \
             10,000 ppm\n"
        ),
        "{}",
        stderr(&error)
    );
}

/// Rows of a table or map: those that begin with these cells.
fn cells_after<'a>(text: &'a str, start: &[&str]) -> Vec<Vec<&'a str>> {
    let rows = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    rows.filter(|cells| cells.starts_with(start)).map(|cells| cells[start.len()..].to_vec()).collect()
}

#[test]
fn the_maps_show_the_numbers_of_the_table() {
    let folder = Folder::new("sweep-maps");
    let prices = folder.file("crash.csv", &crash());
    let chart = folder.path("maps.svg");
    let text = succeed(&sweep(&prices, GRID, &["--chart", &chart]));
    assert!(text.ends_with(&format!("\nchart: {chart}\n")) && !text.contains('\x1b'));
    let (table, maps) = text.split_once("heat maps: ").unwrap();
    let svg = std::fs::read_to_string(&chart).unwrap();
    let document = json(&sweep(&prices, GRID, &["--output", "json"]));
    for (index, leverage) in ["5", "20"].into_iter().enumerate() {
        // Of bad debt, LP return and liquidations.
        let map_rows = cells_after(maps, &[leverage]);
        assert_eq!(map_rows.len(), 3, "{text}");
        for (column, fee) in ["500", "900"].into_iter().enumerate() {
            let rows = cells_after(table, &[leverage, fee]);
            let [row] = &rows[..] else { panic!("{rows:?}") };
            // Opened, liquidations, bad debt, the pool's part, LP return.
            let shown = [row[2], row[4], row[1]];
            for (map, number) in map_rows.iter().zip(shown) {
                let numbers: Vec<&&str> = map.iter().filter(|cell| !"░▒▓█".contains(**cell)).collect();
                assert_eq!(*numbers[column], number, "{text}");
                assert!(svg.contains(&format!(">{number}</text>")), "{number}");
            }
            let report = &document["cells"][index * 2 + column]["report"];
            let liquidations = report["liquidations"].as_u64().unwrap().to_string();
            assert_eq!(row[1].replace(',', ""), liquidations);
            let atoms = report["bad_debt_atoms"].as_u64().unwrap();
            assert_eq!(row[2].replace(',', ""), format!("{}.{:02}", atoms / 1_000_000, atoms / 10_000 % 100));
        }
    }
    // Three maps of four squares, and the background.
    assert_eq!(svg.matches("<rect ").count(), 13);
    assert!(svg.ends_with("</svg>\n"));
}

#[test]
fn progress_is_told_and_kept_off_the_result() {
    let folder = Folder::new("sweep-progress");
    let prices = folder.file("crash.csv", &crash());
    let output = ringfence(&sweep(&prices, "fee=500:600", &["--output", "json"]));
    let progress = stderr(&output);
    assert!(progress.starts_with("sweep: 2 combinations\n"), "{progress}");
    assert!(progress.ends_with("sweep: 100 % (2/2 combinations)\n"), "{progress}");
    assert!(serde_json::from_str::<Value>(&stdout(&output)).is_ok());
}

#[test]
fn what_is_no_grid_ends_the_run_before_it_begins() {
    let folder = Folder::new("sweep-bad");
    let prices = folder.file("crash.csv", &crash());
    for (grid, expected) in [
        ("speed=1", "--sweep: unknown name `speed`: leverage, maintenance, fee, or one of --print-params"),
        ("fee=1..9", "--sweep: fee: `1..9`: LOW..HIGH/STEP expected"),
        ("fee=1,open_fee_ppm=2", "--sweep: open_fee_ppm and fee set the same parameter"),
        ("max_age_open=9", "--sweep: max_age_open: nothing to sweep, a replay's prices are always fresh"),
    ] {
        assert_eq!(fail(&sweep(&prices, grid, &[])), expected);
    }
    for flags in [&["--jobs", "2"][..], &["--sweep", "fee=1", "--jobs", "0"]] {
        let mut line = vec!["replay", "--prices", &prices];
        line.extend(flags);
        assert_eq!(ringfence(&line).status.code(), Some(2), "{flags:?}");
    }
    let mut line = sweep(&prices, "fee=500", &[]);
    line.extend(["--program", "no/such.so"]);
    let output = ringfence(&line);
    assert_eq!((output.status.code(), stdout(&output)), (Some(1), String::new()));
    assert!(stderr(&output).contains("error: no compiled program at no/such.so"), "{}", stderr(&output));
}
