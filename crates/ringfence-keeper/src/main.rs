//! `ringfence-keeper --config keeper.toml`. Exit codes: 0 told to stop, 1
//! failed while running, 2 bad configuration, key or arguments.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use ringfence_keeper::chain::{Chain, ChainError, RpcChain, RpcSettings};
use ringfence_keeper::config::{Config, ConfigError, Shard};
use ringfence_keeper::http::{self, Pulse};
use ringfence_keeper::metrics::Metrics;
use ringfence_keeper::prices::{Hermes, PriceSource};
use ringfence_keeper::runtime::{Keeper, Options};
use solana_keypair::Keypair;
use solana_signer::Signer;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

const RUNTIME_FAILURE: u8 = 1;
const BAD_CONFIGURATION: u8 = 2;

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

/// Keeper of Ringfence markets.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Configuration; every key is explained in keeper.example.toml.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Work on the markets whose index leaves I when divided by N.
    #[arg(long, value_name = "I/N", default_value = "0/1")]
    shard: Shard,
    /// Simulate instead of sending.
    #[arg(long)]
    dry_run: bool,
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    log_format: LogFormat,
    /// As in `info` or `ringfence_keeper=debug`.
    #[arg(long, value_name = "FILTER", default_value = "info")]
    log: String,
}

enum Failure {
    Configuration(String),
    Runtime(String),
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Configuration(error.to_string())
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match start(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Configuration(text)) => {
            eprintln!("ringfence-keeper: {text}");
            ExitCode::from(BAD_CONFIGURATION)
        }
        Err(Failure::Runtime(text)) => {
            eprintln!("ringfence-keeper: {text}");
            ExitCode::from(RUNTIME_FAILURE)
        }
    }
}

fn start(arguments: &Arguments) -> Result<(), Failure> {
    init_log(arguments)?;
    let config = Config::read(&arguments.config)?;
    let keypair = read_keypair(&config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Runtime(format!("cannot start: {error}")))?;
    runtime.block_on(run(arguments, config, keypair))
}

fn init_log(arguments: &Arguments) -> Result<(), Failure> {
    let filter = tracing_subscriber::EnvFilter::try_new(&arguments.log)
        .map_err(|error| Failure::Configuration(format!("--log '{}': {error}", arguments.log)))?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match arguments.log_format {
        LogFormat::Text => builder.init(),
        LogFormat::Json => builder.json().init(),
    }
    Ok(())
}

/// A key file as the Solana CLI writes it: a JSON array of 64 bytes.
fn read_keypair(config: &Config) -> Result<Keypair, Failure> {
    let path = config.keypair.display();
    let wrong = |reason: String| Failure::Configuration(format!("keypair {path}: {reason}"));
    let text = std::fs::read_to_string(&config.keypair).map_err(|error| wrong(error.to_string()))?;
    let bytes: Vec<u8> = serde_json::from_str(&text)
        .map_err(|_| wrong("not a JSON array of 64 bytes as solana-keygen writes it".into()))?;
    Keypair::try_from(bytes.as_slice()).map_err(|error| wrong(error.to_string()))
}

async fn run(arguments: &Arguments, config: Config, keypair: Keypair) -> Result<(), Failure> {
    let settings = RpcSettings {
        url: config.rpc.url.clone(),
        websocket_url: config.rpc.websocket_url.clone(),
        commitment: config.commitment()?,
        timeout: config.rpc_timeout().max(config.snapshot_timeout()),
        preflight: config.rpc.preflight,
    };
    let chain: Arc<dyn Chain> = Arc::new(RpcChain::new(settings));
    reach(chain.as_ref(), &config).await?;

    let listener = TcpListener::bind(config.http.listen)
        .await
        .map_err(|error| Failure::Configuration(format!("http.listen = {}: {error}", config.http.listen)))?;
    let metrics = Arc::new(Metrics::default());
    let pulse = Arc::new(Pulse::new(Duration::from_secs(config.http.unhealthy_after_seconds)));
    tracing::info!(
        payer = %keypair.pubkey(),
        rpc = config.rpc.url,
        shard = %format_args!("{}/{}", arguments.shard.number, arguments.shard.count),
        dry_run = arguments.dry_run,
        http = %config.http.listen,
        "starting"
    );
    let options = Options { shard: arguments.shard, dry_run: arguments.dry_run };
    let prices = price_source(&config)?;
    let mut keeper = Keeper::new(config, options, chain, Arc::new(keypair), metrics.clone(), pulse.clone())?;
    if let Some(prices) = prices {
        keeper = keeper.with_prices(prices);
    }

    let (stop, stopped) = watch::channel(false);
    let server = tokio::spawn(http::serve(listener, metrics, pulse, until(stopped.clone())));
    let signals = tokio::spawn(async move {
        wait_for_signal().await;
        let _ = stop.send(true);
    });
    let outcome = keeper.run(until(stopped)).await;
    signals.abort();
    server.abort();
    outcome.map(|_| ()).map_err(|error| Failure::Runtime(error.to_string()))
}

fn price_source(config: &Config) -> Result<Option<Arc<dyn PriceSource>>, Failure> {
    let Some(hermes) = &config.hermes else { return Ok(None) };
    let read = |name: &String| {
        std::env::var(name)
            .map_err(|_| Failure::Configuration(format!("hermes.api_key_variable: {name} is not set")))
    };
    let key = hermes.api_key_variable.as_ref().map(read).transpose()?;
    Ok(Some(Arc::new(Hermes::new(&hermes.endpoint, key, Duration::from_millis(hermes.timeout_ms)))))
}

/// Says at once where the cluster cannot be reached at all.
async fn reach(chain: &dyn Chain, config: &Config) -> Result<(), Failure> {
    let answer = tokio::time::timeout(config.rpc_timeout(), chain.block_height()).await;
    let reason = match answer {
        Ok(Ok(_)) => return Ok(()),
        Ok(Err(error)) => error,
        Err(_) => ChainError::Timeout,
    };
    Err(Failure::Runtime(format!("cannot reach {}: {reason}; check rpc.url", config.rpc.url)))
}

async fn until(mut stopped: watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

async fn wait_for_signal() {
    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
