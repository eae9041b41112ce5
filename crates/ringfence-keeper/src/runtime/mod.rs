//! The keeper's loop: one task owns everything it knows; calls run beside it
//! and report back. Whatever fails, the loop goes on; what is lost is read
//! again from the chain.

mod delayed;
mod offers;
mod orders;
mod rest;
mod sync;
mod work;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use ringfence_client::Pubkey;
use solana_keypair::Keypair;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};

use self::delayed::{First, Seeking};
use self::rest::Resting;
use self::sync::{Sample, Synced, sample, synchronise};
pub use self::work::{Kind, Work, reward_account};
use crate::alerts::Alerts;
use crate::book::{AlertPolicy, Blind, Finding};
use crate::chain::{Chain, ChainError, Prompt, RawAccount, Update};
use crate::config::{Config, ConfigError, Shard};
use crate::http::Pulse;
use crate::metrics::Metrics;
use crate::prices::{PriceSource, PriceUpdate};
use crate::state::{CLOCK, World};
use crate::submit::{Backoff, Report, Submitter};

/// Notifications taken in before the markets are judged.
const BATCH: usize = 1_024;
/// How long work under way may take once the keeper is told to stop.
const FAREWELL: Duration = Duration::from_secs(10);

enum Event {
    Synced(Result<Synced, ChainError>),
    Sampled(Result<Vec<Sample>, ChainError>),
    Reported {
        work: Work,
        report: Report,
    },
    Offered(Result<Vec<PriceUpdate>, String>),
    /// What was found of the first price of a market since a moment.
    Sought {
        market: u16,
        since: i64,
        result: Result<Option<First>, String>,
    },
}

/// How a keeper is started, besides its configuration.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub shard: Shard,
    pub dry_run: bool,
}

/// Why the keeper stopped without being told to.
#[derive(Debug)]
pub struct Broken(pub String);

impl std::fmt::Display for Broken {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Broken {}

pub struct Keeper {
    config: Config,
    options: Options,
    chain: Arc<dyn Chain>,
    submitter: Arc<Submitter>,
    metrics: Arc<Metrics>,
    pulse: Arc<Pulse>,
    alerts: Alerts,
    alert_policy: Option<AlertPolicy>,
    native_price: Option<u64>,
    oracles: HashMap<u16, Pubkey>,

    world: World,
    /// Markets that something has changed for.
    dirty: BTreeSet<u16>,
    findings: Vec<Finding>,
    blind: HashMap<u16, Blind>,
    busy: HashSet<Pubkey>,
    resting: Resting,
    accrued_at: HashMap<u16, Instant>,
    prices: Option<Arc<dyn PriceSource>>,
    /// Prices that could be posted, for markets that have none.
    offers: HashMap<u16, PriceUpdate>,
    /// Markets whose orders want newer prices than those on chain.
    hungry: BTreeSet<u16>,
    /// First prices since a moment, by market and moment, for delayed orders.
    firsts: HashMap<(u16, i64), Seeking>,
    /// Markets that a price is being posted for, and the position or order that
    /// pays.
    posting: HashMap<u16, Pubkey>,
    asking: bool,
    ask_at: Instant,
    ask_backoff: Backoff,
    low_balance: bool,
    /// The keeper's token accounts that exist.
    reward_accounts: HashSet<Pubkey>,

    tasks: JoinSet<Event>,
    stream: Option<mpsc::Receiver<Update>>,
    heard_at: Instant,
    syncing: bool,
    /// When to take the next snapshot, and why.
    sync_at: (Instant, &'static str),
    sync_backoff: Backoff,
    sampling: bool,
    sample_at: Instant,
    sample_backoff: Backoff,
}

impl Keeper {
    pub fn new(
        config: Config,
        options: Options,
        chain: Arc<dyn Chain>,
        signer: Arc<Keypair>,
        metrics: Arc<Metrics>,
        pulse: Arc<Pulse>,
    ) -> Result<Self, ConfigError> {
        let prompt: Arc<dyn Chain> =
            Arc::new(Prompt::new(chain, config.rpc_timeout(), config.snapshot_timeout()));
        let submitter = Submitter::new(prompt.clone(), signer, config.submit.clone(), options.dry_run);
        let oracles = config.oracles()?;
        let now = Instant::now();
        let backoff = Backoff::new(
            Duration::from_millis(config.submit.backoff_ms),
            Duration::from_millis(config.submit.max_backoff_ms),
        );
        Ok(Self {
            alerts: Alerts::new(config.alerts.as_ref().and_then(|alerts| alerts.webhook_url.clone())),
            alert_policy: config.alert_policy(),
            native_price: config.native_price()?,
            world: World::new(options.shard, oracles.clone()),
            oracles,
            config,
            options,
            chain: prompt,
            submitter: Arc::new(submitter),
            metrics,
            pulse,
            dirty: BTreeSet::new(),
            findings: Vec::new(),
            blind: HashMap::new(),
            busy: HashSet::new(),
            resting: Resting::default(),
            accrued_at: HashMap::new(),
            prices: None,
            offers: HashMap::new(),
            hungry: BTreeSet::new(),
            firsts: HashMap::new(),
            posting: HashMap::new(),
            asking: false,
            ask_at: now,
            ask_backoff: backoff,
            low_balance: false,
            reward_accounts: HashSet::new(),
            tasks: JoinSet::new(),
            stream: None,
            heard_at: now,
            syncing: false,
            sync_at: (now, "start"),
            sync_backoff: backoff,
            sampling: false,
            sample_at: now,
            sample_backoff: backoff,
        })
    }

    /// Posts prices from `source` where a market has none that can be used.
    pub fn with_prices(mut self, source: Arc<dyn PriceSource>) -> Self {
        self.prices = Some(source);
        self
    }

    /// What is known, for tests and tools.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Works until `shutdown` is done, then lets what is under way finish.
    pub async fn run(mut self, shutdown: impl Future<Output = ()>) -> Result<Self, Broken> {
        tokio::pin!(shutdown);
        let mut heartbeat = tokio::time::interval(Duration::from_millis(self.config.sync.poll_every_ms));
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = &mut shutdown => break,
                Some(finished) = self.tasks.join_next() => self.on_event(finished.map_err(broken)?),
                _ = heartbeat.tick() => self.on_heartbeat(),
                update = next(&mut self.stream) => self.on_update(update),
            }
            self.tick_dirty();
        }
        self.farewell().await;
        Ok(self)
    }

    fn on_event(&mut self, event: Event) {
        match event {
            Event::Synced(result) => self.on_synced(result),
            Event::Sampled(result) => self.on_sampled(result),
            Event::Reported { work, report } => self.reported(work, report),
            Event::Offered(result) => self.on_offered(result),
            Event::Sought { market, since, result } => self.on_sought(market, since, result),
        }
    }

    fn on_heartbeat(&mut self) {
        let now = Instant::now();
        self.wake();
        if !self.sampling && now >= self.sample_at {
            self.start_sample();
        }
        let silence = Duration::from_millis(self.config.sync.silence_ms);
        if self.subscribes() && self.stream.is_some() && self.heard_at.elapsed() > silence {
            self.disconnected("silence");
        }
        if !self.syncing && now >= self.sync_at.0 {
            self.start_sync();
        }
        for book in self.world.books.values_mut() {
            book.index.rekey_slice(self.config.sync.rekey_per_tick);
        }
        self.accrue_due();
        self.seek_prices();
        self.seek_firsts();
        self.clean_up();
    }

    fn subscribes(&self) -> bool {
        self.config.rpc.websocket_url.is_some()
    }

    // --- the stream

    fn on_update(&mut self, update: Option<Update>) {
        let Some(update) = update else {
            return self.disconnected("disconnected");
        };
        self.heard_at = Instant::now();
        self.take(update);
        for _ in 1..BATCH {
            let Some(Ok(update)) = self.stream.as_mut().map(mpsc::Receiver::try_recv) else { break };
            self.take(update);
        }
    }

    fn take(&mut self, update: Update) {
        self.metrics.updates.inc();
        match update {
            Update::Slot(slot) => self.on_slot(slot),
            Update::Account { key, account, slot } => {
                let touched = self.world.apply(key, Some(&account), slot);
                self.dirty.extend(touched);
            }
        }
    }

    /// A jump of the slot means that notifications may be missing.
    fn on_slot(&mut self, slot: u64) {
        let newest = u64::try_from(self.metrics.slot.get()).unwrap_or(0);
        if newest != 0 && slot.abs_diff(newest) > self.config.sync.max_slot_gap {
            self.sync_soon("slot gap");
        }
        self.metrics.slot.set(i64::try_from(slot).unwrap_or(i64::MAX));
    }

    fn disconnected(&mut self, reason: &'static str) {
        self.stream = None;
        self.metrics.connected.set(0);
        tracing::warn!(reason, "subscription lost: reading everything again");
        self.sync_soon(reason);
    }

    fn sync_soon(&mut self, reason: &'static str) {
        self.sync_at = (self.sync_at.0.min(Instant::now()), reason);
    }

    // --- snapshots

    fn start_sync(&mut self) {
        let reason = self.sync_at.1;
        self.syncing = true;
        self.metrics.resyncs.with_label_values(&[reason]).inc();
        tracing::debug!(reason, "snapshot");
        let every = Duration::from_secs(self.config.sync.resync_every_seconds);
        self.sync_at = (Instant::now() + every, "regular");
        let (chain, shard, oracles) = (self.chain.clone(), self.options.shard, self.oracles.clone());
        self.tasks.spawn(async move { Event::Synced(synchronise(chain.as_ref(), shard, oracles).await) });
    }

    fn on_synced(&mut self, result: Result<Synced, ChainError>) {
        self.syncing = false;
        let synced = match result {
            Ok(synced) => synced,
            Err(error) => {
                let pause = self.sync_backoff.pause();
                tracing::warn!(%error, ?pause, "snapshot failed");
                self.metrics.rpc_failures.with_label_values(&["snapshot"]).inc();
                self.sync_at = (Instant::now() + pause, "retry");
                return;
            }
        };
        self.sync_backoff.reset();
        if self.world.is_other_chain(synced.snapshot.markets.slot) {
            self.forget("the cluster was started anew");
        }
        self.world.restore(synced.snapshot);
        self.stream = Some(synced.stream);
        self.heard_at = Instant::now();
        self.metrics.connected.set(i64::from(self.subscribes()));
        self.pulse.beat();
        self.pulse.set_synced();
        for (index, book) in &self.world.books {
            let positions = self.metrics.positions.with_label_values(&[&index.to_string()]);
            positions.set(i64::try_from(book.index.len()).unwrap_or(i64::MAX));
            let orders = self.metrics.orders.with_label_values(&[&index.to_string()]);
            orders.set(i64::try_from(book.orders.len()).unwrap_or(i64::MAX));
        }
        tracing::info!(
            markets = self.world.books.len(),
            positions = self.world.positions(),
            orders = self.world.orders(),
            slot = self.world.newest_slot(),
            "synced"
        );
        self.dirty.extend(self.world.books.keys());
        self.sample_at = Instant::now();
    }

    fn forget(&mut self, reason: &str) {
        tracing::warn!(reason, "forgetting everything known");
        self.world.clear();
        self.resting.clear();
        self.dirty.clear();
        self.blind.clear();
        self.offers.clear();
        self.hungry.clear();
        self.firsts.clear();
        self.metrics.slot.set(0);
    }

    // --- samples

    fn start_sample(&mut self) {
        self.sampling = true;
        let payer = self.submitter.payer();
        let mut keys = self.world.sampled_keys();
        keys.push(payer);
        let rewards = self.world.books.values().map(|book| reward_account(&payer, &book.market));
        let unknown: BTreeSet<Pubkey> = rewards.filter(|key| !self.reward_accounts.contains(key)).collect();
        keys.extend(unknown);
        let chain = self.chain.clone();
        self.tasks.spawn(async move { Event::Sampled(sample(chain.as_ref(), &keys).await) });
    }

    fn on_sampled(&mut self, result: Result<Vec<Sample>, ChainError>) {
        self.sampling = false;
        let sample = match result {
            Ok(sample) => sample,
            Err(error) => {
                let pause = self.sample_backoff.pause();
                tracing::warn!(%error, ?pause, "sample failed");
                self.metrics.rpc_failures.with_label_values(&["sample"]).inc();
                self.sample_at = Instant::now() + pause;
                return;
            }
        };
        self.sample_backoff.reset();
        self.sample_at = Instant::now() + Duration::from_millis(self.config.sync.poll_every_ms);
        self.pulse.beat();
        let clock_slot = sample.iter().find(|(key, _, _)| *key == CLOCK).map_or(0, |(_, _, slot)| *slot);
        if self.world.is_other_chain(clock_slot) {
            self.forget("the cluster was started anew");
            self.disconnected("cluster restart");
            return;
        }
        let previous = self.world.moment.slot;
        for (key, account, slot) in sample {
            self.take_sample(key, account, slot);
        }
        // The keeper, or the node, was away for longer than one may miss.
        let gap = self.config.sync.max_slot_gap;
        if previous != 0 && self.world.moment.slot.saturating_sub(previous) > gap {
            self.sync_soon("slot gap");
        }
    }

    fn take_sample(&mut self, key: Pubkey, account: Option<RawAccount>, slot: u64) {
        let payer = self.submitter.payer();
        if key == payer {
            let lamports = account.map_or(0, |account| account.lamports);
            self.metrics.balance_lamports.set(i64::try_from(lamports).unwrap_or(i64::MAX));
            let low = lamports < self.config.submit.min_balance_lamports;
            if low && !self.low_balance {
                tracing::warn!(%payer, lamports, "the keeper's account runs low: send SOL to it");
            }
            self.low_balance = low;
            return;
        }
        if self.world.books.values().any(|book| reward_account(&payer, &book.market) == key) {
            if account.is_some() {
                self.reward_accounts.insert(key);
            }
            return;
        }
        let touched = self.world.apply(key, account.as_ref(), slot);
        self.dirty.extend(touched);
    }

    async fn farewell(&mut self) {
        tracing::info!(under_way = self.busy.len(), "stopping");
        let until = Instant::now() + FAREWELL;
        while !self.busy.is_empty() {
            match tokio::time::timeout_at(until, self.tasks.join_next()).await {
                Ok(Some(Ok(Event::Reported { work, report }))) => self.reported(work, report),
                Ok(Some(_)) => {}
                Ok(None) | Err(_) => break,
            }
        }
        self.tasks.shutdown().await;
        tracing::info!(abandoned = self.busy.len(), "stopped");
    }
}

fn broken(error: tokio::task::JoinError) -> Broken {
    Broken(format!("a task of the keeper broke: {error}"))
}

/// The next notification; never, where there is no subscription.
async fn next(stream: &mut Option<mpsc::Receiver<Update>>) -> Option<Update> {
    match stream {
        Some(stream) => stream.recv().await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
