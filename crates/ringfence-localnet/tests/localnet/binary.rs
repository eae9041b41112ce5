//! `ringfence-localnet` as a person runs it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use ringfence_client::Pubkey;
use ringfence_client::accounts::{Exchange, Market};
use serde_json::Value;
use solana_keypair::read_keypair_file;
use solana_signer::Signer;

use crate::support::{Folder, read, rpc, update, wait_for, whole};

const FREE_PORTS: [&str; 4] = ["--rpc-port", "0", "--faucet-port", "0"];

fn command(folder: &Folder, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ringfence-localnet"));
    command
        .current_dir(folder.join(""))
        .args(args)
        .env("RINGFENCE_PROGRAM", ringfence_testkit::program_path().canonicalize().expect("the program"));
    command
}

/// A run that is expected to end by itself.
fn run(folder: &Folder, args: &[&str]) -> Output {
    let piped = command(folder, args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = piped.expect("the binary");
    let begin = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if begin.elapsed() > Duration::from_secs(20) {
            child.kill().unwrap();
            panic!("{args:?} did not end");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    child.wait_with_output().unwrap()
}

/// A run that goes on until it is stopped.
struct Running {
    child: Child,
    manifest: Value,
}

impl Running {
    /// Returns when the line that says so is out.
    fn start(folder: &Folder, args: &[&str]) -> Self {
        let mut command = command(folder, &FREE_PORTS);
        let mut child = command.args(args).stdout(Stdio::piped()).spawn().expect("the binary");
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = lines.map_while(Result::ok).any(|line| line.starts_with("ready after "));
        assert!(ready, "it ended early");
        let file = fs::read_to_string(folder.join("localnet.json")).expect("the file");
        Self { child, manifest: serde_json::from_str(&file).expect("JSON") }
    }

    fn text(&self, pointer: &str) -> &str {
        self.manifest.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer}"))
    }

    fn key(&self, pointer: &str) -> Pubkey {
        self.text(pointer).parse().expect("an address")
    }

    /// How it ended, and how long that took.
    fn stop(mut self, signal: &str) -> (ExitStatus, Duration) {
        let begin = Instant::now();
        let kill = format!("kill -{signal} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        (self.child.wait().unwrap(), begin.elapsed())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

#[test]
fn it_writes_where_everything_is_and_stops_at_once_on_ctrl_c() {
    let folder = Folder::new("ctrl-c");
    let localnet = Running::start(&folder, &[]);
    let rpc = rpc(localnet.text("/rpc_url"));
    assert!(localnet.text("/ws_url").starts_with("ws://127.0.0.1:"));
    assert!(localnet.text("/faucet_url").starts_with("http://127.0.0.1:"));
    assert!(rpc.get_account(&localnet.key("/program")).unwrap().executable);
    assert_eq!(localnet.manifest["mint_decimals"], 6);

    let exchange: Exchange = read(&rpc, &localnet.key("/exchange"));
    let admin = read_keypair_file(localnet.text("/admin_keypair")).expect("the admin's key");
    assert_eq!(admin.pubkey(), exchange.admin);
    for key in localnet.manifest["keys"].as_array().unwrap() {
        let file = read_keypair_file(key["keypair"].as_str().unwrap()).expect("a keypair file");
        assert_eq!(file.pubkey().to_string(), key["address"].as_str().unwrap());
    }

    let markets = localnet.manifest["markets"].as_array().unwrap();
    assert_eq!(markets.len(), 3);
    for (index, name) in ["SOL-PERP", "BTC-PERP", "ETH-PERP"].into_iter().enumerate() {
        let key = |field: &str| localnet.key(&format!("/markets/{index}/{field}"));
        assert_eq!(localnet.text(&format!("/markets/{index}/name")), name);
        assert_eq!(markets[index]["index"], index);
        assert_eq!(markets[index]["size_decimals"], 9);
        let market: Market = read(&rpc, &key("market"));
        assert_eq!(market.collateral_mint, localnet.key("/mint"));
        assert_eq!((market.pool_vault, market.lp_mint), (key("pool_vault"), key("lp_mint")));
        assert_eq!(market.oracle.account, key("oracle"));
        let feed: String = market.oracle.feed_id.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(localnet.text(&format!("/markets/{index}/feed_id")), feed);
    }
    wait_for("prices walk", || update(&rpc, &localnet.key("/markets/0/oracle")).price != whole(150));

    let (status, took) = localnet.stop("INT");
    assert_eq!(status.code(), Some(0));
    assert!(took < Duration::from_secs(2), "{took:?}");
    assert!(!folder.join("localnet.json").exists(), "what it names is gone");
}

#[test]
fn flags_choose_series_crash_and_file_and_a_service_manager_stops_it() {
    let folder = Folder::new("flags");
    let series = folder.file(
        "eth.csv",
        "unix_seconds,open,high,low,close\n60,2000,2000,2000,2000\n120,2000,2000,2000,2000\n",
    );
    let prices = format!("ETH={}", series.display());
    let crash = ["--crash", "30%", "--after", "1s", "--slot-ms", "50", "--cooldown", "90s"];
    let args = [&["--prices", &prices, "--speed", "10"], &crash[..]].concat();
    let localnet = Running::start(&folder, &args);
    let rpc = rpc(localnet.text("/rpc_url"));
    let price = |market: usize| update(&rpc, &localnet.key(&format!("/markets/{market}/oracle"))).price;
    assert_eq!(price(2), whole(2_000));
    wait_for("it crashes", || price(2) == whole(1_400));
    assert!(price(0) < whole(110), "all do");
    let market: Market = read(&rpc, &localnet.key("/markets/0/market"));
    assert_eq!(market.params.liquidity_cooldown_seconds, 90);
    let (status, took) = localnet.stop("TERM");
    assert_eq!(status.code(), Some(0));
    assert!(took < Duration::from_secs(2), "{took:?}");
}

/// The one `error:` line of a run that must fail with code 1.
#[track_caller]
fn fail(folder: &Folder, args: &[&str]) -> String {
    let output = run(folder, args);
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{args:?}: {errors}");
    let lines: Vec<_> = errors.lines().collect();
    assert_eq!(lines.len(), 1, "{errors}");
    assert!(!folder.join("localnet.json").exists());
    lines[0].strip_prefix("error: ").expect("an error line").to_owned()
}

#[test]
fn what_keeps_it_from_starting_is_said_in_a_line() {
    let folder = Folder::new("errors");
    let with = |args: &[&str]| fail(&folder, &[&FREE_PORTS, args].concat());
    let message = with(&["--program", "missing.so"]);
    assert!(message.starts_with("cannot load the compiled program missing.so: No such file"), "{message}");
    assert!(message.ends_with("build it with: toolchain/build programs/ringfence"), "{message}");

    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let message = fail(&folder, &["--rpc-port", &port, "--faucet-port", "0"]);
    assert_eq!(
        message,
        format!("port {port} of 127.0.0.1: in use; choose another with --rpc-port (0: any free one)")
    );

    assert!(with(&["--prices", "missing.csv"]).starts_with("cannot read missing.csv: No such file"));
    folder.file("bad.csv", "unix_seconds,open,high,low,close\n60,1,1,1\n");
    let message = with(&["--prices", "BTC-PERP=bad.csv"]);
    assert_eq!(message, "bad.csv: line 2: 5 columns expected, found 4 in `60,1,1,1`");
    let message = with(&["--prices", "DOGE=bad.csv"]);
    assert_eq!(message, "no market `DOGE`; there are SOL-PERP, BTC-PERP, ETH-PERP");
    let message = with(&["--write", "bad.csv/localnet.json"]);
    assert!(message.starts_with("cannot write the keys to bad.csv/localnet-keys: "), "{message}");

    let keys = folder.join("localnet-keys");
    fs::create_dir_all(&keys).unwrap();
    fs::write(keys.join("admin.json"), "somebody's own key").unwrap();
    let message = with(&[]);
    assert!(message.contains("admin.json exists and is another key"), "{message}");
    assert_eq!(fs::read_to_string(keys.join("admin.json")).unwrap(), "somebody's own key");
}

#[test]
fn a_command_line_that_cannot_be_understood_ends_with_code_2() {
    let folder = Folder::new("usage");
    for (args, expected) in [
        (&["--frobnicate"][..], "unexpected argument '--frobnicate'"),
        (&["--crash", "100%"], "must be below 100 %"),
        (&["--crash", "lots"], "is not a decimal number"),
        (&["--after", "60s"], "--crash <PERCENT>"),
        (&["--crash", "5%", "--after", "soon"], "not a time, such as 60s"),
        (&["--speed", "2"], "--prices <[MARKET=]FILE>"),
        (&["--prices", "a.csv", "--speed", "0"], "0 is not in 1..=86400"),
        (&["--still", "--seed", "3"], "cannot be used with"),
        (&["--cooldown", "62s"], "must be from 63s to 720h"),
        (&["--rpc-port", "70000"], "70000 is not in 0..=65535"),
        (&["--slot-ms", "1"], "1 is not in 10..=10000"),
        (&["extra"], "unexpected argument 'extra'"),
    ] {
        let output = run(&folder, args);
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {errors}");
        assert!(errors.contains(expected), "{args:?}: {errors}");
    }
    assert!(Path::new(&folder.join("")).read_dir().unwrap().next().is_none(), "nothing was written");
}
