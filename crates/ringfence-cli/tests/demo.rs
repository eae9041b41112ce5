//! `ringfence demo`, start to end.

mod common;

use common::{Folder, fail, ringfence, stderr, succeed};

#[test]
fn a_demo_ends_with_tables_and_a_chart_and_no_atom_missing() {
    let folder = Folder::new("demo");
    let chart = folder.path("deep/demo.svg");
    let text = succeed(&["demo", "--chart", &chart]);

    let line = |start: &str| {
        let found = text.lines().find(|line| line.starts_with(start));
        found.unwrap_or_else(|| panic!("no line `{start}` in\n{text}")).to_owned()
    };
    for leverage in [2, 5, 10, 20, 50] {
        for side in ["long", "short"] {
            line(&format!("{side} {leverage}x "));
        }
    }
    // A fall from 150 to 98: those with a fifth or less at stake are out.
    for fallen in ["long 5x", "long 10x", "long 20x", "long 50x", "short 20x", "short 50x"] {
        assert!(line(fallen).contains("2025-01-01 "), "{}", line(fallen));
    }
    for standing in ["long 2x", "short 2x", "short 5x", "short 10x"] {
        assert!(line(standing).contains('–'), "{}", line(standing));
    }
    for instruction in ["open_position", "add_margin", "remove_margin", "close_position", "liquidate"] {
        assert!(!line(instruction).contains('–'), "{}", line(instruction));
    }
    assert!(line("missing").ends_with(" 0.000000"), "{}", line("missing"));
    assert!(line("position vaults").ends_with(" 0.000000"));
    // 20 margins of 1,000 and the pool's 500,000.
    assert!(line("issued").ends_with(" 520,000.000000"));
    assert_eq!(line("chart: "), format!("chart: {chart}"));

    let svg = std::fs::read_to_string(&chart).unwrap();
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
    assert!(svg.contains("long liquidated (4)") && svg.contains("short liquidated (2)"));
}

#[test]
fn two_demos_are_the_same_to_the_last_digit() {
    let folder = Folder::new("demo-twice");
    let chart = folder.path("demo.svg");
    let run = || (succeed(&["demo", "--chart", &chart]), std::fs::read(&chart).unwrap());
    assert_eq!(run(), run());
}

#[test]
fn a_missing_or_broken_program_is_named_and_nothing_is_written() {
    let folder = Folder::new("demo-missing");
    let chart = folder.path("demo.svg");
    let error = fail(&["demo", "--program", "no/such.so", "--chart", &chart]);
    assert_eq!(error, "no compiled program at no/such.so; build it with: toolchain/build programs/ringfence");
    assert!(folder.is_empty());

    let other = Folder::new("demo-broken");
    let broken = other.file("broken.so", "this is no program");
    let error = fail(&["demo", "--program", &broken, "--chart", &chart]);
    assert!(error.starts_with(&format!("cannot load the compiled program {broken}: ")), "{error}");
    assert!(error.ends_with("build it with: toolchain/build programs/ringfence"), "{error}");
    assert!(folder.is_empty());
}

#[test]
fn a_chart_that_cannot_be_written_is_an_error() {
    let folder = Folder::new("demo-unwritable");
    let file = folder.file("file", "");
    let output = ringfence(&["demo", "--chart", &format!("{file}/demo.svg")]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains(&format!("error: cannot write {file}/demo.svg: ")));
    assert!(output.stdout.is_empty());
}

#[test]
fn an_unknown_flag_exits_with_2() {
    assert_eq!(ringfence(&["demo", "--bogus"]).status.code(), Some(2));
    assert_eq!(ringfence(&["--bogus"]).status.code(), Some(2));
    assert_eq!(ringfence(&["no-such-command"]).status.code(), Some(2));
}
