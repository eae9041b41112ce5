//! `keeper.toml`: every key with its meaning is in keeper.example.toml.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use ringfence_client::Pubkey;
use serde::Deserialize;
use solana_commitment_config::CommitmentConfig;

use crate::book::AlertPolicy;

/// What is wrong with a configuration, in words.
#[derive(Debug)]
pub struct ConfigError(pub String);

impl fmt::Display for ConfigError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

fn wrong<T>(text: impl Into<String>) -> Result<T, ConfigError> {
    Err(ConfigError(text.into()))
}

/// Which markets an instance works on: those whose index leaves `number` when
/// divided by `count`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    pub number: u16,
    pub count: u16,
}

impl Shard {
    pub const WHOLE: Self = Self { number: 0, count: 1 };

    pub fn takes(self, market: u16) -> bool {
        market % self.count == self.number
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = text.split_once('/').and_then(|(number, count)| {
            Some(Self { number: number.parse().ok()?, count: count.parse().ok()? })
        });
        parsed
            .filter(|shard| shard.number < shard.count)
            .ok_or_else(|| format!("'{text}' is not a shard: write I/N with I from 0 to N - 1, as in 0/3"))
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub rpc: RpcConfig,
    pub keypair: PathBuf,
    #[serde(default)]
    pub work: WorkConfig,
    #[serde(default)]
    pub profit: ProfitConfig,
    #[serde(default)]
    pub submit: SubmitConfig,
    #[serde(default)]
    pub sync: SyncConfig,
    pub alerts: Option<AlertConfig>,
    pub hermes: Option<HermesConfig>,
    #[serde(default)]
    pub http: HttpConfig,
    /// Price accounts of markets that are not pinned to one, by market index.
    #[serde(default)]
    pub oracles: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RpcConfig {
    pub url: String,
    pub websocket_url: Option<String>,
    #[serde(default = "defaults::commitment")]
    pub commitment: String,
    #[serde(default = "defaults::timeout_ms")]
    pub timeout_ms: u64,
    #[serde(default = "defaults::snapshot_timeout_ms")]
    pub snapshot_timeout_ms: u64,
    #[serde(default = "defaults::yes")]
    pub preflight: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WorkConfig {
    pub liquidate: bool,
    pub execute_orders: bool,
    /// Send the funds of orders that have ended home.
    pub clean_up_orders: bool,
    pub close_at_cap: bool,
    pub accrue: bool,
    pub accrue_every_seconds: u32,
    pub max_in_flight: usize,
}

impl Default for WorkConfig {
    fn default() -> Self {
        Self {
            liquidate: true,
            execute_orders: true,
            clean_up_orders: false,
            close_at_cap: true,
            accrue: true,
            accrue_every_seconds: 3_600,
            max_in_flight: 256,
        }
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProfitConfig {
    /// Quote per SOL.
    pub native_price: Option<String>,
    /// A market whose index price is that of SOL.
    pub native_market: Option<u16>,
    pub min_profit_atoms: u64,
    pub liquidate_at_a_loss: bool,
    pub execute_at_a_loss: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SubmitConfig {
    pub max_attempts: u32,
    pub priority_micro_lamports: u64,
    pub priority_growth_percent: u64,
    pub max_priority_micro_lamports: u64,
    pub escalate_after_ms: u64,
    pub resend_every_ms: u64,
    pub poll_every_ms: u64,
    pub backoff_ms: u64,
    pub max_backoff_ms: u64,
    pub quarantine_seconds: u64,
    pub max_quarantine_seconds: u64,
    pub min_balance_lamports: u64,
}

impl Default for SubmitConfig {
    fn default() -> Self {
        Self {
            max_attempts: 6,
            priority_micro_lamports: 10_000,
            priority_growth_percent: 100,
            max_priority_micro_lamports: 5_000_000,
            escalate_after_ms: 4_000,
            resend_every_ms: 1_000,
            poll_every_ms: 400,
            backoff_ms: 200,
            max_backoff_ms: 5_000,
            quarantine_seconds: 10,
            max_quarantine_seconds: 600,
            min_balance_lamports: 100_000_000,
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SyncConfig {
    pub poll_every_ms: u64,
    pub resync_every_seconds: u64,
    pub max_slot_gap: u64,
    pub silence_ms: u64,
    pub rekey_per_tick: usize,
}

impl Default for SyncConfig {
    fn default() -> Self {
        Self {
            poll_every_ms: 400,
            resync_every_seconds: 300,
            max_slot_gap: 64,
            silence_ms: 15_000,
            rekey_per_tick: 64,
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlertConfig {
    pub distance_ppm: u32,
    #[serde(default = "defaults::hysteresis_ppm")]
    pub hysteresis_ppm: u32,
    pub webhook_url: Option<String>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HermesConfig {
    pub endpoint: String,
    /// Name of the environment variable that holds the API key.
    pub api_key_variable: Option<String>,
    #[serde(default = "defaults::timeout_ms")]
    pub timeout_ms: u64,
    #[serde(default)]
    pub treasury_id: u8,
}

impl fmt::Debug for HermesConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("HermesConfig").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpConfig {
    pub listen: SocketAddr,
    /// No sign of life from the cluster for this long makes /healthz fail.
    pub unhealthy_after_seconds: u64,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self { listen: SocketAddr::from(([127, 0, 0, 1], 9_184)), unhealthy_after_seconds: 15 }
    }
}

mod defaults {
    pub fn commitment() -> String {
        "confirmed".into()
    }
    pub fn timeout_ms() -> u64 {
        3_000
    }
    pub fn snapshot_timeout_ms() -> u64 {
        60_000
    }
    pub fn yes() -> bool {
        true
    }
    pub fn hysteresis_ppm() -> u32 {
        250_000
    }
}

impl Config {
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| ConfigError(format!("cannot read {}: {error}", path.display())))?;
        Self::parse(&text).map_err(|error| ConfigError(format!("{}: {error}", path.display())))
    }

    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let config: Self = toml::from_str(text).map_err(|error| ConfigError(error.to_string()))?;
        config.validate()?;
        Ok(config)
    }

    fn validate(&self) -> Result<(), ConfigError> {
        for (name, url, schemes) in [
            ("rpc.url", Some(&self.rpc.url), ["http://", "https://"]),
            ("rpc.websocket_url", self.rpc.websocket_url.as_ref(), ["ws://", "wss://"]),
            (
                "alerts.webhook_url",
                self.alerts.as_ref().and_then(|alerts| alerts.webhook_url.as_ref()),
                ["http://", "https://"],
            ),
            ("hermes.endpoint", self.hermes.as_ref().map(|hermes| &hermes.endpoint), ["http://", "https://"]),
        ] {
            if let Some(url) = url
                && !schemes.iter().any(|scheme| url.starts_with(scheme))
            {
                return wrong(format!("{name} = '{url}' must start with {} or {}", schemes[0], schemes[1]));
            }
        }
        for (name, value) in [
            ("rpc.timeout_ms", self.rpc.timeout_ms),
            ("rpc.snapshot_timeout_ms", self.rpc.snapshot_timeout_ms),
            ("submit.max_attempts", u64::from(self.submit.max_attempts)),
            ("submit.poll_every_ms", self.submit.poll_every_ms),
            ("submit.resend_every_ms", self.submit.resend_every_ms),
            ("submit.escalate_after_ms", self.submit.escalate_after_ms),
            ("submit.backoff_ms", self.submit.backoff_ms),
            ("submit.quarantine_seconds", self.submit.quarantine_seconds),
            ("sync.poll_every_ms", self.sync.poll_every_ms),
            ("sync.resync_every_seconds", self.sync.resync_every_seconds),
            ("work.max_in_flight", self.work.max_in_flight as u64),
            ("work.accrue_every_seconds", u64::from(self.work.accrue_every_seconds)),
        ] {
            if value == 0 {
                return wrong(format!("{name} must be at least 1"));
            }
        }
        if !self.http.listen.ip().is_loopback() {
            return wrong(format!(
                "http.listen = {} is not a loopback address: put a proxy in front to expose it",
                self.http.listen
            ));
        }
        if let Some(alerts) = &self.alerts
            && !(1..=500_000).contains(&alerts.distance_ppm)
        {
            return wrong("alerts.distance_ppm must be in 1..=500000");
        }
        let profit = &self.profit;
        for (what, work, at_a_loss, key) in [
            ("a liquidation", self.work.liquidate, profit.liquidate_at_a_loss, "liquidate_at_a_loss"),
            ("an order", self.work.execute_orders, profit.execute_at_a_loss, "execute_at_a_loss"),
        ] {
            if work && !at_a_loss && profit.native_price.is_none() && profit.native_market.is_none() {
                return wrong(format!(
                    "whether {what} pays cannot be told without the price of SOL: set \
                     profit.native_price, profit.native_market or profit.{key} = true"
                ));
            }
        }
        self.commitment()?;
        self.native_price()?;
        self.oracles()?;
        Ok(())
    }

    pub fn commitment(&self) -> Result<CommitmentConfig, ConfigError> {
        match self.rpc.commitment.as_str() {
            "processed" => Ok(CommitmentConfig::processed()),
            "confirmed" => Ok(CommitmentConfig::confirmed()),
            other => wrong(format!("rpc.commitment = '{other}' must be processed or confirmed")),
        }
    }

    /// 10^-10 quote per SOL.
    pub fn native_price(&self) -> Result<Option<u64>, ConfigError> {
        let Some(text) = &self.profit.native_price else { return Ok(None) };
        match parse_price(text) {
            Some(price) => Ok(Some(price)),
            None => wrong(format!("profit.native_price = '{text}' is not a positive decimal such as 150.25")),
        }
    }

    pub fn oracles(&self) -> Result<HashMap<u16, Pubkey>, ConfigError> {
        let parse = |(market, key): (&String, &String)| {
            let parsed = market.parse().ok().zip(key.parse().ok());
            parsed.ok_or_else(|| {
                ConfigError(format!("oracles: {market} = '{key}' is not a market index and an address"))
            })
        };
        self.oracles.iter().map(parse).collect()
    }

    pub fn alert_policy(&self) -> Option<AlertPolicy> {
        self.alerts.as_ref().map(|alerts| AlertPolicy {
            distance_ppm: alerts.distance_ppm,
            hysteresis_ppm: alerts.hysteresis_ppm,
        })
    }

    pub fn rpc_timeout(&self) -> Duration {
        Duration::from_millis(self.rpc.timeout_ms)
    }

    pub fn snapshot_timeout(&self) -> Duration {
        Duration::from_millis(self.rpc.snapshot_timeout_ms)
    }
}

/// A decimal with at most ten places, in price units.
fn parse_price(text: &str) -> Option<u64> {
    let places = usize::from(ringfence_math::PRICE_DECIMALS);
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || fraction.len() > places || !digits(whole) || !digits(fraction) {
        return None;
    }
    format!("{whole}{fraction:0<places$}").parse().ok().filter(|price| *price > 0)
}

#[cfg(test)]
mod tests;
