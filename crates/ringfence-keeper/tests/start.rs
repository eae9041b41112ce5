//! The binary's own manners: what it refuses, in which words and with which
//! exit code, and how it stops.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use solana_keypair::Keypair;

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port()
}

fn key_file(folder: &Path) -> PathBuf {
    let path = folder.join("id.json");
    let bytes = Keypair::new().to_bytes().to_vec();
    fs::write(&path, serde_json::to_string(&bytes).expect("json")).expect("written");
    path
}

fn config(folder: &Path, key: &Path, rpc_port: u16, http_port: u16) -> PathBuf {
    let path = folder.join("keeper.toml");
    let text = format!(
        "keypair = {:?}\n[rpc]\nurl = 'http://127.0.0.1:{rpc_port}'\n[profit]\nnative_price = '150'\n\
         [http]\nlisten = '127.0.0.1:{http_port}'\n",
        key.display().to_string()
    );
    fs::write(&path, text).expect("written");
    path
}

fn run(config: &Path) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_ringfence-keeper")).arg("--config").arg(config).output();
    output.expect("it starts")
}

fn refused(output: &Output, code: i32, words: &[&str]) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{text}");
    for word in words {
        assert!(text.contains(word), "{word} is not in: {text}");
    }
    assert!(!text.contains("panicked"), "{text}");
}

#[test]
fn a_missing_or_wrong_configuration_is_2() {
    let folder = folder("configuration");
    refused(&run(&folder.join("nowhere.toml")), 2, &["cannot read", "nowhere.toml"]);
    let path = folder.join("wrong.toml");
    fs::write(&path, "keypair = 'x'\n[rpc]\nurl = 'http://127.0.0.1:1'\nmoney = 1\n").expect("written");
    refused(&run(&path), 2, &["wrong.toml", "money"]);
}

#[test]
fn a_missing_or_wrong_key_is_2() {
    let folder = folder("key");
    let missing = config(&folder, &folder.join("missing.json"), 1, 0);
    refused(&run(&missing), 2, &["keypair", "missing.json"]);
    let wrong = folder.join("wrong.json");
    fs::write(&wrong, "[1, 2, 3]").expect("written");
    refused(&run(&config(&folder, &wrong, 1, 0)), 2, &["keypair", "wrong.json"]);
}

#[test]
fn an_unreachable_cluster_is_1() {
    let folder = folder("unreachable");
    let path = config(&folder, &key_file(&folder), free_port(), 0);
    refused(&run(&path), 1, &["cannot reach", "rpc.url"]);
}

/// Answers every call with block height 1: enough to start, not to sync.
fn lame_node() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("bound").port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || answer(stream));
        }
    });
    port
}

fn answer(mut stream: TcpStream) {
    let mut request = [0; 4_096];
    while stream.read(&mut request).is_ok_and(|read| read > 0) {
        let body = r#"{"jsonrpc":"2.0","id":0,"result":1}"#;
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        if stream.write_all(format!("{head}{body}").as_bytes()).is_err() {
            return;
        }
    }
}

fn get(port: u16, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    stream
        .write_all(format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").as_bytes())
        .ok()?;
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    Some(text)
}

#[test]
fn it_says_that_it_is_not_synced_and_stops_when_told_to() {
    let folder = folder("stop");
    let port = free_port();
    let path = config(&folder, &key_file(&folder), lame_node(), port);
    let mut child = Command::new(env!("CARGO_BIN_EXE_ringfence-keeper"))
        .arg("--config")
        .arg(&path)
        .args(["--log-format", "json"])
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("it starts");
    let until = Instant::now() + Duration::from_secs(20);
    let health = loop {
        if let Some(text) = get(port, "/healthz") {
            break text;
        }
        assert!(Instant::now() < until, "no /healthz");
        std::thread::sleep(Duration::from_millis(50));
    };
    assert!(health.starts_with("HTTP/1.1 503") && health.contains("not synced"), "{health}");
    let metrics = get(port, "/metrics").expect("metrics");
    assert!(metrics.contains("ringfence_keeper_resyncs_total"), "{metrics}");

    Command::new("kill").args(["-TERM", &child.id().to_string()]).status().expect("told to stop");
    let status = child.wait().expect("it stops");
    let mut log = String::new();
    child.stderr.take().expect("a pipe").read_to_string(&mut log).expect("text");
    assert_eq!(status.code(), Some(0), "{log}");
    let first: serde_json::Value = serde_json::from_str(log.lines().next().expect("a line")).expect("json");
    assert_eq!(first["fields"]["message"], "starting");
}
