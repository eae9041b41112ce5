//! Starting localnets, and looking at them from outside.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use ringfence_client::Pubkey;
use ringfence_client::accounts::decode;
use ringfence_localnet::{Localnet, Options};
use ringfence_math::Price;
use serde_json::Value;
use solana_commitment_config::CommitmentConfig;
use solana_rpc_client::rpc_client::RpcClient;

/// Slots short enough that no test waits long for one.
pub const SLOT: Duration = Duration::from_millis(50);

pub fn options() -> Options {
    Options { slot: SLOT, publish_every: SLOT, ..Options::default() }
}

pub fn start(options: Options) -> Localnet {
    Localnet::start(options).unwrap_or_else(|error| panic!("{error}"))
}

pub fn rpc(url: &str) -> RpcClient {
    RpcClient::new_with_commitment(url.to_owned(), CommitmentConfig::confirmed())
}

/// An account of the program, over the RPC.
pub fn read<T: bytemuck::Pod + ringfence_client::Discriminator>(rpc: &RpcClient, key: &Pubkey) -> T {
    decode(&rpc.get_account_data(key).expect("the account")).expect("an account of this type")
}

/// A `PriceUpdateV2`, of which only what the tests look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Update {
    pub price: Price,
    pub confidence: u64,
    pub publish_time: i64,
}

impl Update {
    /// Discriminator 8, write authority 32, `Full` 1, feed 32, price 8,
    /// confidence 8, exponent 4, publish time 8.
    pub fn decode(data: &[u8]) -> Self {
        let number = |offset: usize| i64::from_le_bytes(data[offset..offset + 8].try_into().unwrap());
        assert_eq!(data[40], 1, "fully verified");
        assert_eq!(data[89..93], (-10i32).to_le_bytes());
        Self {
            price: Price(number(73).try_into().unwrap()),
            confidence: number(81).try_into().unwrap(),
            publish_time: number(93),
        }
    }
}

/// What the oracle account of a market says, over the RPC.
pub fn update(rpc: &RpcClient, oracle: &Pubkey) -> Update {
    Update::decode(&rpc.get_account_data(oracle).expect("the oracle"))
}

/// Whole quote units.
pub fn whole(price: u64) -> Price {
    Price(price * 10_000_000_000)
}

/// Within `ppm` of `expected`.
#[track_caller]
pub fn assert_near(price: Price, expected: Price, ppm: u64) {
    let distance = price.0.abs_diff(expected.0);
    assert!(distance <= expected.0 / 1_000_000 * ppm, "{price:?} is not near {expected:?}");
}

/// Asks until it is so; panics after five seconds.
#[track_caller]
pub fn wait_for(what: &str, mut so: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !so() {
        assert!(begin.elapsed() < Duration::from_secs(5), "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Status, headers and JSON body of a request, as curl would send it.
pub fn request(url: &str, method: &str, path: &str, body: &str) -> (u16, String, Value) {
    let address = url.strip_prefix("http://").expect("plain HTTP");
    let mut stream = TcpStream::connect(address).expect("the faucet");
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let length = body.len();
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}")
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    let status = head.split(' ').nth(1).expect("a status").parse().expect("a number");
    let body = if body.is_empty() { Value::Null } else { serde_json::from_str(body).expect("JSON") };
    (status, head.to_lowercase(), body)
}

/// A folder of a test's own, removed at the end.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("ringfence-localnet-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a temporary folder");
        Self(path)
    }

    pub fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn file(&self, name: &str, contents: &str) -> PathBuf {
        std::fs::write(self.0.join(name), contents).expect("a temporary file");
        self.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
