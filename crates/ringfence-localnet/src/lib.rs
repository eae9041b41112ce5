//! A Solana chain on this machine with Ringfence on it: an embedded validator
//! (RPC and websocket on loopback, no network), the compiled program, an
//! exchange, three markets with liquidity, prices that move, and a faucet.
//!
//! ```no_run
//! use std::time::Duration;
//! use ringfence_localnet::{Crash, Localnet, Motion, Options};
//! use ringfence_math::Price;
//!
//! let options = Options {
//!     motion: Motion::Walk { seed: 1 },
//!     crash: Some(Crash { fall_ppm: 300_000, after: Duration::from_secs(60) }),
//!     ..Options::default()
//! };
//! let localnet = Localnet::start(options).unwrap();
//! println!("{} {}", localnet.rpc_url(), localnet.ws_url());
//! localnet.set_price(0, Price(1_200_000_000_000)); // SOL at 120, held there
//! localnet.shutdown().unwrap();
//! ```
//!
//! Everything blocks, and may be called from any thread, one that drives an
//! async runtime included. Keys and addresses are the same in every run.

mod collateral;
mod error;
mod faucet;
mod keys;
mod manifest;
mod market;
mod motion;
mod publisher;
mod setup;
mod validator;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use ringfence_client::Instruction;
use ringfence_client::Pubkey;
use ringfence_math::Price;
use solana_keypair::{Keypair, Signature};
use solana_signer::Signer;
use tokio::runtime::Runtime;

use faucet::Faucet;
use market::LISTINGS;
use motion::{Course, Recording};
use publisher::{Feed, Feeds, Publisher};
use validator::Validator;

pub use collateral::MINT_DECIMALS;
pub use error::{SendError, ShutdownError, StartError};
pub use keys::Keys;
pub use manifest::{Manifest, ManifestKey, ManifestMarket};
pub use market::{MarketInfo, UPDATES_KEPT, market_index, update_account};
pub use motion::{Crash, Motion, Replay};

/// How a localnet is set up.
#[derive(Clone, Debug)]
pub struct Options {
    /// The compiled program.
    pub program: PathBuf,
    /// Ports on 127.0.0.1; 0 stands for any free one. The websocket's is by
    /// preference the one after the RPC's, where clients look for it.
    pub rpc_port: u16,
    pub ws_port: u16,
    pub faucet_port: u16,
    /// Length of a slot; whole milliseconds, at least one.
    pub slot: Duration,
    /// Every price is published this often, so that it never grows old.
    pub publish_every: Duration,
    /// How prices move that no replay gives.
    pub motion: Motion,
    /// Recorded series, at most one a market.
    pub replays: Vec<Replay>,
    pub crash: Option<Crash>,
    /// Markets that take any update of their feed, as delayed orders need; the
    /// others are pinned to one account.
    pub unpinned: Vec<usize>,
    /// Atoms of collateral put into each market's pool.
    pub liquidity: u64,
    /// Until the shares of a deposit can be claimed; the program asks for three
    /// seconds more than the 60 s that a price to open at may be old.
    pub cooldown_seconds: u32,
    /// Of the exchange; 0 is what a localnet wants.
    pub timelock_seconds: u32,
    /// Where to write the keypair files; none where nobody reads them.
    pub keys: Option<PathBuf>,
}

impl Default for Options {
    /// The workspace's program, free ports, mainnet's slots, prices that stand
    /// still, 10,000,000 of liquidity a market.
    fn default() -> Self {
        Self {
            program: ringfence_testkit::program_path(),
            rpc_port: 0,
            ws_port: 0,
            faucet_port: 0,
            slot: Duration::from_millis(400),
            publish_every: Duration::from_millis(400),
            motion: Motion::Still,
            replays: Vec::new(),
            crash: None,
            unpinned: Vec::new(),
            liquidity: 10_000_000_000_000,
            cooldown_seconds: 3_600,
            timelock_seconds: 0,
            keys: None,
        }
    }
}

/// A running localnet. Stops when dropped; [`shutdown`](Self::shutdown) waits
/// for it.
pub struct Localnet {
    runtime: Option<Runtime>,
    validator: Option<Validator>,
    publisher: Option<Publisher>,
    faucet: Arc<Faucet>,
    keys: Arc<Keys>,
    markets: Vec<MarketInfo>,
    rpc_url: String,
    ws_url: String,
    faucet_url: String,
    manifest: Manifest,
}

impl Localnet {
    /// Starts, and returns when every market has a price and liquidity.
    ///
    /// Errors: no compiled program, a port in use, options that contradict
    /// each other, a set-up transaction that the program refuses.
    pub fn start(options: Options) -> Result<Self, StartError> {
        let courses = courses(&options)?;
        let ports = validator::ports(options.rpc_port, options.ws_port)?;
        let (listener, faucet_port) = validator::listen(options.faucet_port, "--faucet-port")?;
        if faucet_port == ports.0 || faucet_port == ports.1 {
            let cause = "the validator has it".into();
            return Err(StartError::Port { purpose: "--faucet-port", port: faucet_port, cause });
        }
        let failed = |error: std::io::Error| StartError::Validator(error.to_string());
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("localnet")
            .enable_all()
            .build()
            .map_err(failed)?;

        let keys = Arc::new(Keys::default());
        let mint = keys::key("mint");
        let validator = Validator::start(
            runtime.handle(),
            ports,
            options.slot,
            &options.program,
            keys.admin.pubkey(),
            vec![(keys.admin.pubkey(), collateral::funded())],
        )?;
        let chain = validator.chain.clone();
        let markets = setup::exchange(&chain, &keys, &mint, &options)?;
        let feeds =
            LISTINGS.iter().zip(courses).enumerate().map(|(number, (listing, (price, course)))| Feed {
                name: listing.name,
                oracle: listing.oracle(),
                feed_id: listing.feed_id,
                price,
                course,
                held: false,
                halted: false,
                confidence: None,
                kept: options.unpinned.contains(&number),
                published: None,
            });
        let feeds = Feeds::new(feeds.collect(), chain.clone());
        feeds.republish();
        for market in markets.iter().filter(|_| options.liquidity > 0) {
            setup::add_liquidity(&chain, &keys.provider, market, options.liquidity)?;
        }

        let faucet = Arc::new(Faucet {
            chain,
            feeds: feeds.clone(),
            keys: Arc::clone(&keys),
            mint: mint.pubkey(),
            markets: markets.iter().map(|market| market.name.clone()).collect(),
            manifest: OnceLock::new(),
        });
        faucet::serve(runtime.handle(), listener, Arc::clone(&faucet))?;
        let (rpc_url, ws_url) =
            (format!("http://127.0.0.1:{}", ports.0), format!("ws://127.0.0.1:{}", ports.1));
        let faucet_url = format!("http://127.0.0.1:{faucet_port}");
        let directory = options.keys.as_deref().map(|directory| written(&keys, directory)).transpose()?;
        let manifest = Manifest::new(
            [&rpc_url, &ws_url, &faucet_url],
            mint.pubkey(),
            &keys,
            directory.as_deref(),
            &markets,
        );
        let manifest = faucet.manifest.get_or_init(|| manifest).clone();
        let publisher = Publisher::start(feeds, options.publish_every, options.crash).map_err(failed)?;
        Ok(Self {
            runtime: Some(runtime),
            validator: Some(validator),
            publisher: Some(publisher),
            faucet,
            keys,
            markets,
            rpc_url,
            ws_url,
            faucet_url,
            manifest,
        })
    }

    pub fn rpc_url(&self) -> &str {
        &self.rpc_url
    }

    pub fn ws_url(&self) -> &str {
        &self.ws_url
    }

    pub fn faucet_url(&self) -> &str {
        &self.faucet_url
    }

    /// The collateral: a mint of the Token program with 6 decimals.
    pub fn mint(&self) -> Pubkey {
        self.faucet.mint
    }

    /// SOL, BTC and ETH, by index.
    pub fn markets(&self) -> &[MarketInfo] {
        &self.markets
    }

    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Addresses and URLs, for a file.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The validator's clock, unix seconds.
    pub fn now(&self) -> i64 {
        self.faucet.chain.clock().unix_timestamp
    }

    /// The validator's present slot.
    pub fn slot(&self) -> u64 {
        self.faucet.chain.clock().slot
    }

    /// What was published last. Panics where there is no such market.
    pub fn price(&self, market: usize) -> Price {
        self.faucet.feeds.price(market).expect("a market of this localnet")
    }

    /// Publishes a price, and holds it there until [`release`](Self::release);
    /// on the chain before it returns. Panics where there is no such market,
    /// or the price is zero or beyond 63 bits.
    pub fn set_price(&self, market: usize, price: Price) {
        assert!(self.faucet.feeds.set(market, price, None), "no market {market}, or no price: {price:?}");
    }

    /// Publishes a market's price no more until [`release`](Self::release) or
    /// [`set_price`](Self::set_price): it grows old. With an age, in seconds,
    /// the account says at once that it is that old. Panics where there is no
    /// such market.
    pub fn halt(&self, market: usize, age: Option<u32>) {
        assert!(self.faucet.feeds.halt(market, age), "no market {market}");
    }

    /// Lets a price move again: a walk from where it stands, a replay where it
    /// has got to meanwhile. Panics where there is no such market.
    pub fn release(&self, market: usize) {
        assert!(self.faucet.feeds.release(market), "no market {market}");
    }

    /// Makes every price fall at once.
    pub fn crash(&self, fall_ppm: u32) {
        self.faucet.feeds.crash(Crash { fall_ppm, after: Duration::ZERO });
    }

    /// Gives `owner` 10 SOL and `atoms` of newly issued collateral, in the
    /// associated token account, whose address is returned.
    pub fn airdrop(&self, owner: Pubkey, atoms: u64) -> Result<Pubkey, SendError> {
        Ok(self.faucet.airdrop(owner, atoms)?.0)
    }

    /// Executes a transaction without the detour over the RPC, and returns
    /// when it is done; the first signer pays.
    pub fn send(&self, instructions: &[Instruction], signers: &[&Keypair]) -> Result<Signature, SendError> {
        self.faucet.chain.send(instructions, signers)
    }

    /// False where the validator has stopped by itself.
    pub fn is_alive(&self) -> bool {
        self.validator.as_ref().is_some_and(Validator::is_alive)
    }

    /// Stops publishing, then the validator, and waits until the ports are
    /// free: within two seconds, or an error.
    pub fn shutdown(mut self) -> Result<(), ShutdownError> {
        self.stop()
    }

    fn stop(&mut self) -> Result<(), ShutdownError> {
        if let Some(publisher) = self.publisher.take() {
            publisher.stop();
        }
        let stopped = self.validator.take().map_or(Ok(()), Validator::stop);
        if let Some(runtime) = self.runtime.take() {
            // A runtime must not be waited for where an async caller drops it.
            runtime.shutdown_background();
        }
        stopped
    }
}

impl Drop for Localnet {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            log::warn!("{error}");
        }
    }
}

impl fmt::Debug for Localnet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Localnet").field("rpc_url", &self.rpc_url).finish_non_exhaustive()
    }
}

/// First price and course of every market.
fn courses(options: &Options) -> Result<Vec<(Price, Course)>, StartError> {
    let refused = |cause: String| Err(StartError::Options(cause));
    if options.slot.as_millis() == 0 || options.publish_every.is_zero() {
        return refused("slots and publications need some time between them".into());
    }
    if options.crash.is_some_and(|crash| crash.fall_ppm >= 1_000_000) {
        return refused("a crash must leave something".into());
    }
    let mut courses: Vec<_> = LISTINGS
        .iter()
        .enumerate()
        .map(|(index, listing)| {
            (listing.first_price(), Course::of(options.motion, index, listing.first_price()))
        })
        .collect();
    if let Some(market) = options.unpinned.iter().find(|market| **market >= LISTINGS.len()) {
        return refused(format!("no market {market} to leave unpinned"));
    }
    for replay in &options.replays {
        let Some(course) = courses.get_mut(replay.market) else {
            return refused(format!("no market {} to replay", replay.market));
        };
        if matches!(course.1, Course::Recording(_)) {
            return refused(format!("two series for {}", LISTINGS[replay.market].name));
        }
        if replay.speed == 0 {
            return refused("a series needs a speed above zero".into());
        }
        if let Err(error) = ringfence_testkit::series::path::check(&replay.series) {
            return refused(error.to_string());
        }
        let recording = Recording::new(&replay.series, replay.speed);
        *course = (recording.first(), Course::Recording(recording));
    }
    Ok(courses)
}

fn written(keys: &Keys, directory: &Path) -> Result<PathBuf, StartError> {
    keys.write(directory).map_err(|error| {
        StartError::Options(format!("cannot write the keys to {}: {error}", directory.display()))
    })
}
