//! Publishes the prices: writes the Pyth accounts, every so often and at once
//! when a price is set.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use ringfence_client::Pubkey;
use ringfence_client::state::OracleKind;
use ringfence_math::Price;
use ringfence_testkit::pyth::{self, PythPrice};
use solana_account::Account;
use solana_clock::Clock;

use crate::market::update_account;
use crate::motion::{Course, Crash};
use crate::validator::Chain;

/// Confidence of every price, as a part of 10,000 of it.
const CONFIDENCE_BP: u64 = 1;

/// One market's price and where it goes.
#[derive(Clone, Debug)]
pub(crate) struct Feed {
    pub name: &'static str,
    pub oracle: Pubkey,
    pub feed_id: [u8; 32],
    pub price: Price,
    pub course: Course,
    /// Set by hand: the course is suspended.
    pub held: bool,
    /// Not published for now: its price grows old.
    pub halted: bool,
    /// Set by hand, in the unit of prices; else [`CONFIDENCE_BP`] of the price.
    pub confidence: Option<u64>,
    /// Whether its market takes any update of the feed, so that recent ones
    /// are kept.
    pub kept: bool,
    /// When it was published last.
    pub published: Option<i64>,
}

impl Feed {
    /// The accounts that a publication at the clock's time writes.
    fn publication(&mut self, price: Price, clock: &Clock) -> Vec<(Pubkey, Account)> {
        let now = clock.unix_timestamp;
        let previous = self.previous(now);
        self.published = Some(now);
        let account = self.update(price, now, previous, clock.slot);
        let mut accounts = vec![(self.oracle, account.clone())];
        // The first of its second: what a delayed order may be due for.
        if self.kept && previous < now {
            accounts.push((update_account(&self.feed_id, now), account));
        }
        accounts
    }

    /// When the update before one of `time` was published. Several within a
    /// second: the second of them follows one of the same time. A clock that
    /// was set back begins anew.
    fn previous(&self, time: i64) -> i64 {
        self.published.filter(|published| *published <= time).unwrap_or(time - 1)
    }

    fn update(&self, price: Price, publish_time: i64, previous_publish_time: i64, slot: u64) -> Account {
        let signed = i64::try_from(price.0).unwrap_or(i64::MAX);
        let update = PythPrice {
            price: signed,
            confidence: self.confidence.unwrap_or(price.0 * CONFIDENCE_BP / 10_000),
            // The average comes along at once: a crash is there to be traded
            // and liquidated on, and the divergence limit would hold it off.
            ema: signed,
            exponent: -i32::from(ringfence_math::PRICE_DECIMALS),
            publish_time,
            previous_publish_time,
            slot,
        };
        pyth::account(OracleKind::PythPull, &self.feed_id, &update)
    }
}

/// All feeds, and the only way to publish them.
#[derive(Clone)]
pub(crate) struct Feeds {
    feeds: Arc<Mutex<Vec<Feed>>>,
    chain: Chain,
}

impl Feeds {
    pub fn new(feeds: Vec<Feed>, chain: Chain) -> Self {
        Self { feeds: Arc::new(Mutex::new(feeds)), chain }
    }

    pub fn price(&self, market: usize) -> Option<Price> {
        self.lock().get(market).map(|feed| feed.price)
    }

    /// Publishes `price` with its confidence and holds it, which ends a halt.
    /// False where there is no such market, or no such price: a Pyth account
    /// has 63 bits for it.
    pub fn set(&self, market: usize, price: Price, confidence: Option<u64>) -> bool {
        if price.0 == 0 || i64::try_from(price.0).is_err() {
            return false;
        }
        let mut feeds = self.lock();
        let Some(feed) = feeds.get_mut(market) else { return false };
        (feed.price, feed.confidence) = (price, confidence);
        (feed.held, feed.halted) = (true, false);
        self.publish(&mut feeds, &[(market, price)]);
        true
    }

    /// Publishes a market's price no more; what is there may be made to look
    /// `age` seconds old at once. False where there is no such market.
    pub fn halt(&self, market: usize, age: Option<u32>) -> bool {
        let mut feeds = self.lock();
        let Some(feed) = feeds.get_mut(market) else { return false };
        feed.halted = true;
        if let Some(age) = age {
            self.write(move |clock| {
                let time = clock.unix_timestamp - i64::from(age);
                let previous = feed.previous(time);
                feed.published = Some(time);
                vec![(feed.oracle, feed.update(feed.price, time, previous, clock.slot))]
            });
        }
        true
    }

    /// Lets a price be published and move again, from where it stands. False
    /// where there is no such market.
    pub fn release(&self, market: usize) -> bool {
        let mut feeds = self.lock();
        let Some(feed) = feeds.get_mut(market) else { return false };
        (feed.held, feed.halted, feed.confidence) = (false, false, None);
        true
    }

    /// Moves every feed on and publishes it.
    pub fn advance(&self, elapsed: Duration) {
        let mut publications = Vec::new();
        let mut feeds = self.lock();
        for (number, feed) in feeds.iter_mut().enumerate() {
            let mut prices = feed.course.next(elapsed, feed.price);
            if feed.halted {
                continue;
            }
            if feed.held {
                prices = vec![feed.price];
            }
            feed.price = prices.last().copied().unwrap_or(feed.price);
            publications.extend(prices.into_iter().map(|price| (number, price)));
        }
        self.publish(&mut feeds, &publications);
    }

    /// Publishes the present prices again.
    pub fn republish(&self) {
        let mut feeds = self.lock();
        let numbered = feeds.iter().enumerate().filter(|(_, feed)| !feed.halted);
        let publications: Vec<_> = numbered.map(|(number, feed)| (number, feed.price)).collect();
        self.publish(&mut feeds, &publications);
    }

    /// Every price falls, and its course from there on.
    pub fn crash(&self, crash: Crash) {
        let mut feeds = self.lock();
        for feed in feeds.iter_mut() {
            feed.course.crash(crash);
            feed.price = crash.apply(feed.price);
            log::info!("{} crashes to {:.4}", feed.name, feed.price.0 as f64 / 1e10);
        }
        drop(feeds);
        self.republish();
    }

    /// Writes price accounts, in order, under the lock of the feeds, so that
    /// an older price never comes after a newer one.
    fn publish(&self, feeds: &mut [Feed], publications: &[(usize, Price)]) {
        self.write(move |clock| {
            let accounts = publications.iter().filter_map(|&(number, price)| {
                let feed = feeds.get_mut(number)?;
                Some(feed.publication(price, clock))
            });
            accounts.flatten().collect()
        });
    }

    fn write(&self, accounts: impl FnOnce(&Clock) -> Vec<(Pubkey, Account)> + Send + Sync) {
        if let Err(error) = self.chain.write_accounts(accounts) {
            log::error!("a price could not be published: {error}");
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Feed>> {
        self.feeds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The thread that publishes.
pub(crate) struct Publisher {
    stop: Sender<()>,
    thread: JoinHandle<()>,
}

impl Publisher {
    pub fn start(feeds: Feeds, every: Duration, crash: Option<Crash>) -> std::io::Result<Self> {
        let (stop, stopped) = bounded(0);
        let run = move || publish(&feeds, every, crash, &stopped);
        let thread = thread::Builder::new().name("publisher".into()).spawn(run)?;
        Ok(Self { stop, thread })
    }

    /// Returns when the last publication is done.
    pub fn stop(self) {
        drop(self.stop);
        if self.thread.join().is_err() {
            log::error!("the publisher panicked");
        }
    }
}

fn publish(feeds: &Feeds, every: Duration, mut crash: Option<Crash>, stopped: &Receiver<()>) {
    let start = Instant::now();
    let mut due = start;
    loop {
        // After a pause of the machine: on from now, not faster to make up for it.
        due = (due + every).max(Instant::now());
        let until = crash.map_or(due, |crash| due.min(start + crash.after));
        match stopped.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
        }
        if let Some(due) = crash.take_if(|crash| start.elapsed() >= crash.after) {
            feeds.crash(due);
        } else {
            feeds.advance(start.elapsed());
        }
    }
}
