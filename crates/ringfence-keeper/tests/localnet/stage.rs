//! A localnet with positions on it, and prices that move in steps, each of
//! them judged.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use ringfence_client::Pubkey;
use ringfence_client::state::Side;
use ringfence_client::{OpenPositionArgs, instructions, pda};
use ringfence_localnet::{Localnet, Options};
use ringfence_math::Price;
use solana_commitment_config::CommitmentConfig;
use solana_keypair::Keypair;
use solana_rpc_client::rpc_client::RpcClient;
use solana_signer::Signer;
use solana_system_interface::instruction::transfer;
use spl_associated_token_account_interface::address::get_associated_token_address;

use crate::chart::Chart;

/// Twice mainnet's: a shared machine may stand still for the half of one.
pub const SLOT: Duration = Duration::from_millis(800);

/// How long the keeper may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(20);

/// Positions are spread over this many owners.
const OWNERS: usize = 10;

const MARKETS: usize = 3;

/// One test at a time: they measure time, on a machine with few cores.
static TURN: Mutex<()> = Mutex::new(());

pub struct Stage {
    pub localnet: Localnet,
    pub rpc: RpcClient,
    owners: Vec<Keypair>,
    first_prices: Vec<Price>,
    opened: usize,
    _turn: MutexGuard<'static, ()>,
}

/// A change of prices: what had to come of it, and from which slot on.
pub struct Step {
    before: Chart,
    pub expected: BTreeSet<Pubkey>,
    /// By market.
    published: Vec<u64>,
    /// Transactions that the expected had seen before.
    earlier: BTreeMap<Pubkey, usize>,
}

impl Stage {
    pub fn new() -> Self {
        Self::with(Options::default())
    }

    /// With other options than the defaults, but for the slots.
    pub fn with(options: Options) -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let localnet = Localnet::start(Options { slot: SLOT, publish_every: SLOT, ..options })
            .unwrap_or_else(|error| panic!("{error}"));
        let rpc =
            RpcClient::new_with_commitment(localnet.rpc_url().to_owned(), CommitmentConfig::confirmed());
        let owners: Vec<Keypair> = (0..OWNERS).map(|_| Keypair::new()).collect();
        for owner in &owners {
            localnet.airdrop(owner.pubkey(), 1_000_000_000_000).expect("an airdrop");
        }
        let first_prices = (0..MARKETS).map(|market| localnet.price(market)).collect();
        Self { localnet, rpc, owners, first_prices, opened: 0, _turn: turn }
    }

    /// A key with SOL for fees, and no token account.
    pub fn keeper_key(&self) -> Keypair {
        let key = Keypair::new();
        let admin = &self.localnet.keys().admin;
        let pay = transfer(&admin.pubkey(), &key.pubkey(), 5_000_000_000);
        self.localnet.send(&[pay], &[admin]).expect("SOL for the keeper");
        key
    }

    pub fn owner(&self, number: usize) -> &Keypair {
        &self.owners[number % OWNERS]
    }

    /// Opens `count` more positions: markets and sides in turn, 500 to 3,000
    /// of notional, 2 to 18 times leverage. Returns them.
    pub fn open(&mut self, count: usize) -> Vec<Pubkey> {
        let opened = (self.opened..self.opened + count).map(|number| self.open_one(number)).collect();
        self.opened += count;
        opened
    }

    fn open_one(&self, number: usize) -> Pubkey {
        let market = number % MARKETS;
        let side = if (number / MARKETS).is_multiple_of(2) { Side::Long } else { Side::Short };
        let leverage_tenths = 20 + (number as u64 * 37) % 161;
        let notional = 500_000_000 + 25_000_000 * (number as u64 % 101);
        let (accounts, price) = (&self.localnet.markets()[market].accounts, self.localnet.price(market));
        // Atoms × 10^(9 + 10 − 6) ÷ price: size has 9 decimals, quote 6, price 10.
        let size = u128::from(notional) * 10u128.pow(13) / u128::from(price.0);
        let acceptable_price = match side {
            Side::Long => price.0 / 100 * 101,
            Side::Short => price.0 / 100 * 99,
        };
        let args = OpenPositionArgs {
            id: number as u16,
            side,
            size: size as u64,
            margin: notional * 10 / leverage_tenths,
            acceptable_price,
        };
        let owner = self.owner(number);
        let tokens = get_associated_token_address(&owner.pubkey(), &self.localnet.mint());
        let open = instructions::open_position(accounts, owner.pubkey(), tokens, None, args);
        self.localnet.send(&[open], &[owner]).unwrap_or_else(|error| panic!("position {number}: {error}"));
        pda::position(&accounts.market, &owner.pubkey(), args.id)
    }

    /// Every price at so many parts of a hundred of its first.
    pub fn percent(&self, percent: [u64; MARKETS]) -> Vec<Price> {
        self.first_prices.iter().zip(percent).map(|(price, part)| Price(price.0 / 100 * part)).collect()
    }

    /// Judges every position at `prices`, then publishes them.
    pub fn publish(&self, prices: &[Price]) -> Step {
        let before = Chart::read(&self.rpc);
        let expected = before.liquidatable(self.localnet.now(), prices);
        let earlier = expected.iter().map(|key| (*key, self.succeeded(key).len())).collect();
        let published = (0..MARKETS).map(|market| {
            let slot = self.localnet.slot();
            self.localnet.set_price(market, prices[market]);
            slot
        });
        let published = published.collect();
        Step { before, expected, published, earlier }
    }

    /// Waits until the keeper has done what `step` asks for; says what it has
    /// not done, where it does not.
    pub fn wait_for(&self, step: &Step) {
        let begin = Instant::now();
        loop {
            let missed = step.untouched(&Chart::read(&self.rpc));
            if missed.is_empty() {
                return;
            }
            let all = step.expected.len();
            assert!(begin.elapsed() < PATIENCE, "{} of {all} not liquidated: {missed:?}", missed.len());
            sleep(Duration::from_millis(50));
        }
    }

    /// Every position that had to be liquidated was, once, and no other was
    /// touched. Returns the slots that each took.
    pub fn assert_done(&self, step: &Step) -> Vec<u64> {
        let after = Chart::read(&self.rpc);
        for (key, before) in &step.before.positions {
            let changed = !step.before.agrees(&after, key);
            let after = after.positions.get(key);
            assert_eq!(changed, step.expected.contains(key), "{key}: {before:?}, {after:?}");
        }
        step.expected.iter().map(|key| self.slots_taken(step, key)).collect()
    }

    fn slots_taken(&self, step: &Step, position: &Pubkey) -> u64 {
        let market = step.before.markets[&step.before.positions[position].market].index;
        let published = step.published[usize::from(market)];
        // The newest come first.
        let mut landed = self.succeeded(position);
        landed.truncate(landed.len() - step.earlier[position]);
        assert_eq!(landed.len(), 1, "{position} is liquidated once: {landed:?}, published in {published}");
        landed[0] - published
    }

    /// The slots of the transactions that a position was in, newest first.
    fn succeeded(&self, position: &Pubkey) -> Vec<u64> {
        let transactions = self.rpc.get_signatures_for_address(position).expect("signatures");
        transactions.iter().filter(|it| it.err.is_none()).map(|it| it.slot).collect()
    }
}

impl Step {
    /// What had to be liquidated and is as it was.
    pub fn untouched(&self, after: &Chart) -> BTreeSet<Pubkey> {
        self.expected.iter().filter(|key| self.before.agrees(after, key)).copied().collect()
    }

    /// Longs and shorts among the expected.
    pub fn sides(&self) -> (usize, usize) {
        let is_long = |key: &&Pubkey| self.before.positions[*key].side == Side::Long as u8;
        let longs = self.expected.iter().filter(is_long).count();
        (longs, self.expected.len() - longs)
    }
}

/// How many took so many slots, for a failure to show.
pub fn tally(slots: &[u64]) -> BTreeMap<u64, usize> {
    let mut tally = BTreeMap::new();
    for &taken in slots {
        *tally.entry(taken).or_default() += 1;
    }
    tally
}
