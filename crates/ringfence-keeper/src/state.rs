//! What the keeper knows, all of it from the chain: snapshot, then
//! notifications and samples, each taken in unless something newer is known.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ringfence_client::accounts::decode;
use ringfence_client::state::{Market, Order, Position};
use ringfence_client::{PROGRAM_ID, Pubkey};
use solana_clock::Clock;

use crate::book::{Book, Moment};
use crate::chain::{Interest, RawAccount, Sampled};
use crate::config::Shard;
use crate::index::Stamp;

pub const CLOCK: Pubkey = Pubkey::from_str_const("SysvarC1ock11111111111111111111111111111111");
pub const LAST_RESTART_SLOT: Pubkey = Pubkey::from_str_const("SysvarLastRestartS1ot1111111111111111111111");

/// A cluster whose slot falls by more than this has been started anew: what is
/// known belongs to another chain.
pub const RESTARTED_BEHIND: u64 = 512;

/// Positions of one market, by address.
pub type Positions = Vec<(Pubkey, Position)>;
/// Orders of one market, by address.
pub type Orders = Vec<(Pubkey, Order)>;

/// Everything a snapshot brings.
#[derive(Debug, Default)]
pub struct Snapshot {
    pub markets: Sampled<Vec<(Pubkey, Market)>>,
    /// By market.
    pub positions: Vec<(Pubkey, Sampled<Positions>)>,
    /// By market.
    pub orders: Vec<(Pubkey, Sampled<Orders>)>,
}

impl<T: Default> Default for Sampled<T> {
    fn default() -> Self {
        Self { slot: 0, value: T::default() }
    }
}

/// The markets of this instance.
#[derive(Debug)]
pub struct World {
    pub moment: Moment,
    pub books: BTreeMap<u16, Book>,
    by_market: HashMap<Pubkey, u16>,
    by_oracle: HashMap<Pubkey, Vec<u16>>,
    shard: Shard,
    /// Price accounts of markets that are not pinned to one.
    oracles: HashMap<u16, Pubkey>,
    arrivals: u64,
    newest_slot: u64,
}

impl World {
    pub fn new(shard: Shard, oracles: HashMap<u16, Pubkey>) -> Self {
        Self {
            moment: Moment::default(),
            books: BTreeMap::new(),
            by_market: HashMap::new(),
            by_oracle: HashMap::new(),
            shard,
            oracles,
            arrivals: 0,
            newest_slot: 0,
        }
    }

    /// The price account of a market: pinned, or configured.
    pub fn oracle_of(&self, market: &Market) -> Pubkey {
        if market.oracle.account == Pubkey::default() {
            self.oracles.get(&market.index).copied().unwrap_or_default()
        } else {
            market.oracle.account
        }
    }

    /// Reads the price of a market that is not pinned from `oracle`.
    pub fn set_oracle(&mut self, index: u16, oracle: Pubkey) {
        self.oracles.insert(index, oracle);
        if let Some(book) = self.books.get_mut(&index)
            && book.move_oracle(oracle)
        {
            self.by_oracle.entry(oracle).or_default().push(index);
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        let (shard, oracles) = (self.shard, core::mem::take(&mut self.oracles));
        *self = Self::new(shard, oracles);
    }

    fn stamp(&mut self, slot: u64) -> Stamp {
        self.arrivals += 1;
        self.newest_slot = self.newest_slot.max(slot);
        Stamp { slot, arrival: self.arrivals }
    }

    /// Whether an answer of `slot` comes from a chain that was started anew.
    pub fn is_other_chain(&self, slot: u64) -> bool {
        slot.saturating_add(RESTARTED_BEHIND) < self.newest_slot
    }

    pub fn newest_slot(&self) -> u64 {
        self.newest_slot
    }

    /// Takes a snapshot in. What it does not have is gone, unless it was heard
    /// of in the same slot or later.
    pub fn restore(&mut self, snapshot: Snapshot) {
        let stamp = Stamp { slot: snapshot.markets.slot, arrival: 0 };
        self.newest_slot = self.newest_slot.max(stamp.slot);
        let present: BTreeSet<Pubkey> = snapshot.markets.value.iter().map(|(key, _)| *key).collect();
        self.books.retain(|_, book| present.contains(&book.key) || book.stamp.slot >= stamp.slot);
        for (key, market) in snapshot.markets.value {
            self.put_market(key, market, stamp);
        }
        for (market, positions) in snapshot.positions {
            let Some(book) = self.by_market.get(&market).and_then(|index| self.books.get_mut(index)) else {
                continue;
            };
            if book.index.is_empty() {
                let stamp = Stamp { slot: positions.slot, arrival: 0 };
                book.index.build(positions.value, stamp);
            } else {
                book.index.replace(positions.value, positions.slot);
            }
        }
        for (market, orders) in snapshot.orders {
            if let Some(book) = self.by_market.get(&market).and_then(|index| self.books.get_mut(index)) {
                book.orders.replace(orders.value, orders.slot);
            }
        }
    }

    fn put_market(&mut self, key: Pubkey, market: Market, stamp: Stamp) -> Option<u16> {
        if !self.shard.takes(market.index) {
            return None;
        }
        let oracle = self.oracle_of(&market);
        match self.books.get_mut(&market.index) {
            Some(book) => {
                if !book.set_market(market, stamp) {
                    return None;
                }
                if book.move_oracle(oracle) {
                    self.by_oracle.entry(oracle).or_default().push(market.index);
                }
            }
            None => {
                self.books.insert(market.index, Book::new(key, market, oracle, stamp));
                self.by_market.insert(key, market.index);
                self.by_oracle.entry(oracle).or_default().push(market.index);
            }
        }
        Some(market.index)
    }

    /// What to be told about.
    pub fn interest(&self) -> Interest {
        let oracles: BTreeSet<Pubkey> =
            self.books.values().map(|book| book.oracle).filter(|key| *key != Pubkey::default()).collect();
        Interest {
            markets: self.books.values().map(|book| book.key).collect(),
            oracles: oracles.into_iter().collect(),
        }
    }

    /// What a sample asks for: the clock, the last restart, markets, prices.
    pub fn sampled_keys(&self) -> Vec<Pubkey> {
        let interest = self.interest();
        let mut keys = vec![CLOCK, LAST_RESTART_SLOT];
        keys.extend(interest.markets);
        keys.extend(interest.oracles);
        keys
    }

    /// Takes one account in; returns the markets to tick.
    pub fn apply(&mut self, key: Pubkey, account: Option<&RawAccount>, slot: u64) -> Vec<u16> {
        let stamp = self.stamp(slot);
        let Some(account) = account else {
            return self.vanished(&key, stamp);
        };
        if key == CLOCK {
            return self.set_clock(account, slot);
        }
        if key == LAST_RESTART_SLOT {
            if let Some(bytes) = account.data.first_chunk::<8>() {
                self.moment.restart_slot = u64::from_le_bytes(*bytes);
            }
            return Vec::new();
        }
        if let Some(markets) = self.by_oracle.get(&key) {
            let changed = |index: &&u16| {
                self.books
                    .get_mut(index)
                    .is_some_and(|book| book.oracle == key && book.set_price(account, stamp))
            };
            return markets.iter().filter(changed).copied().collect();
        }
        if account.owner != PROGRAM_ID {
            return self.vanished(&key, stamp);
        }
        if let Some(market) = decode::<Market>(&account.data) {
            return self.put_market(key, market, stamp).into_iter().collect();
        }
        if let Some(order) = decode::<Order>(&account.data) {
            return self.put_order(key, &order, stamp).into_iter().collect();
        }
        match decode::<Position>(&account.data) {
            Some(position) => self.put_position(key, &position, stamp).into_iter().collect(),
            None => self.vanished(&key, stamp),
        }
    }

    fn put_order(&mut self, key: Pubkey, order: &Order, stamp: Stamp) -> Option<u16> {
        let index = *self.by_market.get(&order.market)?;
        self.books.get_mut(&index)?.orders.upsert(key, order, stamp).then_some(index)
    }

    fn put_position(&mut self, key: Pubkey, position: &Position, stamp: Stamp) -> Option<u16> {
        let index = *self.by_market.get(&position.market)?;
        let book = self.books.get_mut(&index)?;
        let taken = book.index.upsert(key, position, stamp);
        if taken {
            book.orders.position_changed(&key, position);
        }
        taken.then_some(index)
    }

    fn vanished(&mut self, key: &Pubkey, stamp: Stamp) -> Vec<u16> {
        for (index, book) in &mut self.books {
            if book.index.get(key).is_some_and(|record| record.stamp <= stamp) {
                book.index.remove(key);
                return vec![*index];
            }
            if book.orders.get(key).is_some_and(|held| held.stamp <= stamp) {
                book.orders.remove(key);
                return vec![*index];
            }
        }
        Vec::new()
    }

    fn set_clock(&mut self, account: &RawAccount, slot: u64) -> Vec<u16> {
        let Some(clock) = decode_clock(&account.data) else { return Vec::new() };
        if slot < self.moment.slot {
            return Vec::new();
        }
        let moved = clock.unix_timestamp != self.moment.unix_timestamp;
        self.moment.slot = slot;
        self.moment.unix_timestamp = clock.unix_timestamp;
        if moved { self.books.keys().copied().collect() } else { Vec::new() }
    }

    pub fn positions(&self) -> usize {
        self.books.values().map(|book| book.index.len()).sum()
    }

    pub fn orders(&self) -> usize {
        self.books.values().map(|book| book.orders.len()).sum()
    }
}

/// The clock sysvar: slot, epoch start, epoch, leader schedule epoch, time.
fn decode_clock(data: &[u8]) -> Option<Clock> {
    let word = |number: usize| -> Option<[u8; 8]> { data.get(number * 8..)?.first_chunk::<8>().copied() };
    Some(Clock {
        slot: u64::from_le_bytes(word(0)?),
        epoch_start_timestamp: i64::from_le_bytes(word(1)?),
        epoch: u64::from_le_bytes(word(2)?),
        leader_schedule_epoch: u64::from_le_bytes(word(3)?),
        unix_timestamp: i64::from_le_bytes(word(4)?),
    })
}
