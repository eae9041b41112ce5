//! The whole keeper on a chain that misbehaves, in paused time.

use std::collections::BTreeSet;

use ringfence_client::state::{Market, Side};

use super::*;
use crate::chain::fake::{FakeChain, encode};
use crate::fixtures::{self, NOW, UNIT, price, quote};

mod faults;
mod offers;
mod orders;
mod ordinary;

const SLOT: Duration = Duration::from_millis(400);

/// A market at 150 with longs of 1, the margin of each one quote more than
/// that of the one before: number i is liquidated at (150 − margin) ÷ 0.965.
pub struct Stage {
    pub chain: Arc<FakeChain>,
    pub market: Pubkey,
    pub oracle: Pubkey,
    pub feed: [u8; 32],
    pub positions: Vec<Pubkey>,
    price: Arc<std::sync::Mutex<u64>>,
    ticker: tokio::task::JoinHandle<()>,
}

impl Stage {
    /// `count` longs with margins of 8, 9, 10 … quote.
    pub fn new(count: usize) -> Self {
        let chain = Arc::new(FakeChain::default());
        {
            let mut state = chain.state();
            state.slot = 1_000;
            state.now = NOW;
        }
        let (key, mut market) = fixtures::market(0);
        let mut positions = Vec::new();
        for number in 0..count {
            let margin = quote(8 + number as u64);
            let (address, position) =
                fixtures::position(key, &mut market, Side::Long, UNIT, price(150), margin);
            chain.put(address, encode(&position));
            positions.push(address);
        }
        chain.put(key, encode(&market));
        let (oracle, feed) = (market.oracle.account, market.oracle.feed_id);
        let current = Arc::new(std::sync::Mutex::new(price(150)));
        chain.step(0);
        chain.publish(oracle, &feed, price(150));
        let ticker = tokio::spawn({
            let (chain, current) = (chain.clone(), current.clone());
            async move {
                let mut slots = 0u64;
                loop {
                    tokio::time::sleep(SLOT).await;
                    slots += 1;
                    // Two seconds are five slots.
                    chain.step(i64::from(slots.is_multiple_of(5)) * 2);
                    let price = *current.lock().unwrap();
                    chain.publish(oracle, &feed, price);
                }
            }
        });
        Self { chain, market: key, oracle, feed, positions, price: current, ticker }
    }

    pub fn crash_to(&self, to: u64) {
        *self.price.lock().unwrap() = to;
        self.chain.publish(self.oracle, &self.feed, to);
    }

    pub fn market(&self) -> Market {
        self.chain.market(&self.market)
    }

    pub fn config(&self) -> Config {
        Config::parse(
            "keypair = 'unused'\n[rpc]\nurl = 'http://127.0.0.1:1'\nwebsocket_url = 'ws://127.0.0.1:1'\n\
             [profit]\nnative_price = '150'\n[work]\naccrue = false\n",
        )
        .expect("a valid configuration")
    }

    pub fn keeper(&self) -> Running {
        self.keeper_with(self.config(), Options { shard: Shard::WHOLE, dry_run: false })
    }

    pub fn keeper_with(&self, config: Config, options: Options) -> Running {
        self.start(config, options, |keeper| keeper)
    }

    pub fn keeper_from(&self, config: Config, change: impl FnOnce(Keeper) -> Keeper) -> Running {
        self.start(config, Options { shard: Shard::WHOLE, dry_run: false }, change)
    }

    fn start(&self, config: Config, options: Options, change: impl FnOnce(Keeper) -> Keeper) -> Running {
        let metrics = Arc::new(Metrics::default());
        let pulse = Arc::new(Pulse::new(Duration::from_secs(15)));
        let signer = Arc::new(Keypair::new());
        let keeper = Keeper::new(config, options, self.chain.clone(), signer, metrics.clone(), pulse.clone())
            .expect("valid");
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let task = tokio::spawn(change(keeper).run(async move {
            let _ = stopped.await;
        }));
        Running { metrics, pulse, stop: Some(stop), task }
    }

    pub fn liquidated(&self) -> BTreeSet<Pubkey> {
        self.chain.state().liquidated.iter().map(|(position, _, _)| *position).collect()
    }

    /// The positions that (150 − margin) ÷ 0.965 ≥ `mark` holds for, by hand.
    pub fn due(&self, mark: f64) -> BTreeSet<Pubkey> {
        let price = |number: usize| (150.0 - (8 + number) as f64) / 0.965;
        (0..self.positions.len())
            .filter(|&number| price(number) >= mark)
            .map(|number| self.positions[number])
            .collect()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.ticker.abort();
    }
}

pub struct Running {
    pub metrics: Arc<Metrics>,
    pub pulse: Arc<Pulse>,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    task: tokio::task::JoinHandle<Result<Keeper, Broken>>,
}

impl Running {
    pub async fn stop(mut self) -> Keeper {
        drop(self.stop.take());
        self.task.await.expect("no panic").expect("not broken")
    }

    /// As SIGKILL does.
    pub fn kill(self) {
        self.task.abort();
    }
}

pub async fn seconds(count: u64) {
    tokio::time::sleep(Duration::from_secs(count)).await;
}
