//! The keeper as a library in this process, and as the program that it is.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread::{JoinHandle, sleep};
use std::time::{Duration, Instant};
use std::{fs, thread};

use ringfence_keeper::chain::{RpcChain, RpcSettings};
use ringfence_keeper::config::{Config, Shard};
use ringfence_keeper::http::Pulse;
use ringfence_keeper::metrics::Metrics;
use ringfence_keeper::runtime::{Keeper, Options};
use solana_keypair::{Keypair, write_keypair_file};
use tokio::sync::oneshot;

use crate::stage::Stage;

const READY: Duration = Duration::from_secs(20);

/// A configuration for `stage`: defaults, but for `more`.
pub fn configuration(stage: &Stage, websocket: &str, key: &Path, more: &str) -> String {
    format!(
        "keypair = {:?}\n[rpc]\nurl = {:?}\nwebsocket_url = {websocket:?}\n\
         [profit]\nnative_price = '150'\n[http]\nlisten = '127.0.0.1:0'\n{more}",
        key.display().to_string(),
        stage.localnet.rpc_url(),
    )
}

/// A keeper on a thread of its own.
pub struct Running {
    pub metrics: Arc<Metrics>,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<Keeper>,
}

impl Running {
    pub fn start(stage: &Stage, more: &str) -> Self {
        Self::start_at(stage, stage.localnet.ws_url(), more)
    }

    /// Its websocket at another address than the localnet's. Returns when the
    /// keeper has read everything.
    pub fn start_at(stage: &Stage, websocket: &str, more: &str) -> Self {
        // What it says is shown where RUST_LOG asks for it.
        let filter = tracing_subscriber::EnvFilter::from_default_env();
        let _ = tracing_subscriber::fmt().with_env_filter(filter).try_init();
        let text = configuration(stage, websocket, Path::new("unused"), more);
        let config = Config::parse(&text).unwrap_or_else(|error| panic!("{error}"));
        let chain = RpcChain::new(RpcSettings {
            url: config.rpc.url.clone(),
            websocket_url: config.rpc.websocket_url.clone(),
            commitment: config.commitment().expect("a commitment"),
            timeout: config.snapshot_timeout(),
            preflight: config.rpc.preflight,
        });
        let metrics = Arc::new(Metrics::default());
        let (signer, counted) = (Arc::new(stage.keeper_key()), metrics.clone());
        let (stop, stopped) = oneshot::channel();
        let run = move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
            runtime.expect("a runtime").block_on(async {
                let pulse = Arc::new(Pulse::new(Duration::from_secs(15)));
                let options = Options { shard: Shard::WHOLE, dry_run: false };
                let keeper = Keeper::new(config, options, Arc::new(chain), signer, counted, pulse);
                let until = async {
                    let _ = stopped.await;
                };
                keeper.expect("a keeper").run(until).await.expect("it stops when told to, not before")
            })
        };
        let thread = thread::Builder::new().name("keeper".into()).spawn(run).expect("a thread");
        let running = Self { metrics, stop, thread };
        running.wait_until("it is connected", |metrics| metrics.connected.get() == 1);
        running
    }

    pub fn wait_until(&self, what: &str, so: impl Fn(&Metrics) -> bool) {
        let begin = Instant::now();
        while !so(&self.metrics) {
            assert!(begin.elapsed() < READY, "{what}: not within {READY:?}\n{}", self.metrics.render());
            sleep(Duration::from_millis(20));
        }
    }

    pub fn work(&self, verdict: &str) -> u64 {
        self.metrics.work.with_label_values(&["liquidate", verdict]).get()
    }

    /// Transactions signed for liquidations.
    pub fn attempts(&self) -> u64 {
        self.metrics.attempts.with_label_values(&["liquidate"]).get()
    }

    pub fn resyncs(&self, reason: &str) -> u64 {
        self.metrics.resyncs.with_label_values(&[reason]).get()
    }

    /// Nothing under way, nothing left alone, and nothing signed any more.
    pub fn assert_calm(&self) {
        let idle = |metrics: &Metrics| metrics.in_flight.get() == 0 && metrics.resting.get() == 0;
        self.wait_until("it has finished", idle);
        let signed = self.attempts();
        sleep(Duration::from_secs(2));
        assert_eq!(self.attempts(), signed, "it still sends\n{}", self.metrics.render());
        assert!(idle(&self.metrics), "{}", self.metrics.render());
    }

    /// Stops it and returns what it knows.
    pub fn stop(self) -> Keeper {
        let _ = self.stop.send(());
        self.thread.join().expect("it does not panic")
    }
}

/// The program, killed when dropped.
pub struct Process(Child);

impl Process {
    /// Writes key and configuration to `folder`, for every start from there.
    pub fn prepare(stage: &Stage, folder: &str, more: &str) -> PathBuf {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
        fs::create_dir_all(&folder).expect("a folder");
        let (key, config) = (folder.join("id.json"), folder.join("keeper.toml"));
        let signer: Keypair = stage.keeper_key();
        // The writer of key files replaces none.
        let _ = fs::remove_file(&key);
        write_keypair_file(&signer, &key).expect("written");
        fs::write(&config, configuration(stage, stage.localnet.ws_url(), &key, more)).expect("written");
        config
    }

    pub fn start(config: &Path) -> Self {
        let log = fs::OpenOptions::new().create(true).append(true).open(config.with_extension("log"));
        let child = Command::new(env!("CARGO_BIN_EXE_ringfence-keeper"))
            .arg("--config")
            .arg(config)
            .stdout(Stdio::null())
            .stderr(log.expect("a log"))
            .spawn();
        Self(child.expect("it starts"))
    }

    /// SIGKILL.
    pub fn kill(mut self) {
        self.0.kill().expect("killed");
        let status = self.0.wait().expect("ended");
        assert_eq!(status.code(), None, "it was still running, and a signal ended it");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
