//! What can go wrong, in words, with the way out; and the exit codes.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;

use crate::common::{Folder, fail, ringfence, stderr, words};
use crate::support::Stage;

/// An RPC node of a cluster that has none of the accounts asked for.
fn empty_cluster() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
            let (mut length, mut line) = (0, String::new());
            while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
                let header = line.to_lowercase();
                if let Some(value) = header.strip_prefix("content-length:") {
                    length = value.trim().parse().expect("a length");
                }
                line.clear();
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).expect("a body");
            let request: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
            let answer = serde_json::json!({
                "jsonrpc": "2.0",
                "id": request["id"],
                "result": { "context": { "slot": 1 }, "value": [null] },
            })
            .to_string();
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
                answer.len()
            );
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(answer.as_bytes()));
        }
    });
    url
}

#[test]
fn a_cluster_without_the_program_is_named_so() {
    let url = empty_cluster();
    for line in ["market list", "market show SOL", "exchange show", "pool show SOL"] {
        let error = fail(&words(&format!("{line} --url {url}")));
        assert!(error.contains("is not deployed at http://127.0.0.1:"), "{line}: {error}");
        assert!(error.contains("choose its cluster by --url"), "{line}: {error}");
    }
}

#[test]
fn a_node_that_cannot_be_reached_is_named() {
    // A port that was free a moment ago.
    let address = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).unwrap();
    let error = fail(&words(&format!("market list --url http://{address}")));
    assert!(error.starts_with(&format!("cannot reach http://{address}: check --url")), "{error}");
    let error = fail(&words("market list --url mainnet"));
    assert!(error.starts_with("`mainnet` is neither a URL nor a moniker"), "{error}");
}

#[test]
fn keys_and_configurations_that_are_none_are_named() {
    let folder = Folder::new("operate-keys");
    let missing = folder.path("missing.json");
    let error = fail(&words(&format!("position list --url localhost --keypair {missing}")));
    assert!(error.starts_with(&format!("no keypair at {missing}")), "{error}");
    let bad = folder.file("bad.json", "[1, 2, 3]");
    let error = fail(&words(&format!("position list --url localhost --keypair {bad}")));
    assert!(error.starts_with(&format!("{bad} is no keypair")), "{error}");
    let error = fail(&words("position list --url localhost --keypair usb://ledger"));
    assert!(error.contains("usb signers are not supported"), "{error}");
    let config = folder.file("config.yml", "json_rpc_url: [");
    let error = fail(&words(&format!("market list --config {config}")));
    assert!(error.contains("is no configuration of Solana's CLI"), "{error}");
    let error = fail(&words(&format!("market list --config {missing}")));
    assert!(error.starts_with(&format!("cannot read {missing}")), "{error}");
}

#[test]
fn url_and_key_come_from_solanas_configuration_too() {
    let stage = Stage::new("config");
    let config = stage.folder.file(
        "config.yml",
        &format!(
            "json_rpc_url: {}\nwebsocket_url: ''\nkeypair_path: {}\ncommitment: confirmed\n",
            stage.localnet.rpc_url(),
            stage.keypair("trader")
        ),
    );
    let output = ringfence(&words(&format!("position open SOL long --size 1 --margin 50 --config {config}")));
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(stage.json("trader", "position list").as_array().map(Vec::len), Some(1));
}

#[test]
fn the_programs_refusals_are_said_in_its_words() {
    let stage = Stage::new("refusals");
    let error = stage.fail("trader", "position open SOL long --size 1 --margin 2000000");
    assert!(error.starts_with("insufficient funds: 2000000 needed, 1000000 there"), "{error}");
    let error = stage.fail("trader", "position open SOL long --size 100 --margin 300");
    assert!(
        error.starts_with("Equity would be below the initial margin: add margin or lower the size"),
        "{error}"
    );
    let error = stage.fail("trader", "position open SOL long --size 1 --margin 50 --acceptable-price 149");
    assert!(error.starts_with("Fill price is worse than acceptable_price"), "{error}");
    let error = stage.fail("trader", "position open SOL long --size 1 --margin 50 --slippage 0%");
    assert!(error.starts_with("Fill price is worse than acceptable_price"), "{error}");
    let error = stage.fail("trader", "position open SOL long --size 0.0000000001 --margin 50");
    assert!(error.starts_with("--size: `0.0000000001` has more than 9 decimals"), "{error}");
    let error = stage.fail("trader", "position show SOL/3");
    assert!(error.starts_with("no position SOL/3"), "{error}");
    stage.text("trader", "position open SOL long --size 1 --margin 50");
    let error = stage.fail("trader", "position open SOL long --size 1 --margin 50 --id 0");
    assert!(error.contains("exists already"), "{error}");
    let error = stage.fail("trader", "position decrease SOL/0 --size 2");
    assert!(error.starts_with("Size is larger than the position"), "{error}");
}

#[test]
fn a_key_without_sol_is_told_so() {
    let stage = Stage::new("poor");
    let poor = solana_keypair::Keypair::new_from_array([9; 32]);
    let file = stage.folder.path("keys/poor.json");
    solana_keypair::write_keypair_file(&poor, &file).unwrap();
    let error = stage.fail("poor", "market accrue SOL");
    assert!(error.contains("SOL") && error.contains("the key that pays"), "{error}");
    let error = stage.fail("poor", "position open SOL long --size 1 --margin 50");
    assert!(error.starts_with("insufficient funds: 50 needed, 0 there"), "{error}");
}

#[test]
fn a_command_line_that_cannot_be_understood_ends_with_2() {
    for line in [
        "position open SOL long --margin 50",
        "position open SOL sideways --size 1 --margin 50",
        "position open SOL long --size 1 --leverage 2 --margin 50",
        "position close SOL/0 --slippage 1% --acceptable-price 100",
        "market status SOL settling",
        "exchange init",
        "market list --output yaml",
        "pool",
    ] {
        let output = ringfence(&words(line));
        assert_eq!(output.status.code(), Some(2), "{line}: {}", stderr(&output));
    }
}
