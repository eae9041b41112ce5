//! What bots link: nothing of Anchor.

use std::process::Command;

/// Crates that `package` links, itself first.
fn linked(package: &str) -> Vec<String> {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--offline",
            "--locked",
            "--edges",
            "normal",
            "--prefix",
            "none",
            "--package",
            package,
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).expect("names");
    tree.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

#[test]
fn client_and_keeper_link_no_anchor_and_not_the_program() {
    for package in ["ringfence-client", "ringfence-keeper"] {
        let crates = linked(package);
        assert_eq!(crates[0], package);
        assert!(crates.iter().any(|name| name == "ringfence-math"), "{crates:?}");
        for name in crates {
            let anchor = name.starts_with("anchor-");
            assert!(!anchor && name != "ringfence" && !name.starts_with("pyth-"), "{package} links {name}");
        }
    }
}
