//! Every position of a market in memory, ordered by the price that triggers it.
//!
//! Per side there are two ladders: by liquidation price, and by the price at
//! which the gain reaches its reserve. A tick asks each for what the mark has
//! reached: O(log n + hits). Trigger prices drift with funding and borrow;
//! `drift` bounds by how much, so that a ladder never misses: it may only
//! offer a position too early, which is then judged by the program's own
//! arithmetic and keyed anew. [`MarketIndex::rekey_slice`] keeps what is
//! offered too early small, a few positions per tick.

mod drift;
mod key;
pub(crate) mod ladder;
mod record;

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
pub use ladder::{Slot, Trigger};
pub use record::{Place, Record, Stamp};
use ringfence_client::Pubkey;
use ringfence_client::state::{Market, Position, Side};
use ringfence_math::Price;

use self::drift::{Drift, Indices};
use self::ladder::Ladder;

/// What a snapshot changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replaced {
    pub updated: usize,
    pub removed: usize,
}

#[derive(Debug, Default)]
struct SideIndex {
    armed: Ladder,
    called: Ladder,
    cap: Ladder,
    drift: Drift,
    /// Largest reserve ÷ size among the positions, in price units.
    reserve_price: i128,
    /// The same over the pass of `rekey_slice` that is under way.
    pass_reserve_price: i128,
}

impl SideIndex {
    fn ladder(&mut self, place: Place) -> Option<&mut Ladder> {
        match place {
            Place::Armed => Some(&mut self.armed),
            Place::Called => Some(&mut self.called),
            Place::Parked => None,
        }
    }
}

/// The positions of one market.
#[derive(Debug)]
pub struct MarketIndex {
    /// As accrued at the last [`MarketIndex::advance`].
    market: Market,
    records: Vec<Option<Record>>,
    free: Vec<Slot>,
    by_key: HashTable<Slot>,
    hasher: RandomState,
    sides: [SideIndex; 2],
    cursor: usize,
}

fn number(side: Side) -> usize {
    match side {
        Side::Long => 0,
        Side::Short => 1,
    }
}

/// Which way a mark liquidates.
pub fn liquidation_trigger(side: Side) -> Trigger {
    match side {
        Side::Long => Trigger::Falling,
        Side::Short => Trigger::Rising,
    }
}

/// Which way a mark reaches a position's cap.
pub fn cap_trigger(side: Side) -> Trigger {
    match side {
        Side::Long => Trigger::Rising,
        Side::Short => Trigger::Falling,
    }
}

impl MarketIndex {
    pub fn new(market: Market) -> Self {
        Self {
            market,
            records: Vec::new(),
            free: Vec::new(),
            by_key: HashTable::new(),
            hasher: RandomState::new(),
            sides: [SideIndex::default(), SideIndex::default()],
            cursor: 0,
        }
    }

    /// The market that positions are judged by.
    pub fn market(&self) -> &Market {
        &self.market
    }

    /// Positions known, empty ones included.
    pub fn len(&self) -> usize {
        self.by_key.len()
    }

    pub fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }

    /// Takes in the market as it is, or will be, at some moment. O(1), but for
    /// new margin rates, which key everything anew: O(n log n).
    pub fn advance(&mut self, market: Market) {
        let same_rates = market.params.margin_rates() == self.market.params.margin_rates()
            && market.notional_divisor == self.market.notional_divisor;
        let (before, after) = (Indices::of(&self.market), Indices::of(&market));
        self.market = market;
        if !same_rates {
            self.rebuild();
            return;
        }
        if before != after {
            for side in [Side::Long, Side::Short] {
                let ladders = &mut self.sides[number(side)];
                let reserve_price = ladders.reserve_price;
                ladders.drift.advance(side.into(), before, after, reserve_price, &self.market);
            }
        }
    }

    /// Keys everything anew, at no drift.
    pub fn rebuild(&mut self) {
        self.sides = [SideIndex::default(), SideIndex::default()];
        let mut rungs: [[Vec<(i64, Slot)>; 3]; 2] = Default::default();
        for (slot, record) in self.records.iter_mut().enumerate() {
            let Some(record) = record else { continue };
            let Some(side) = record.side() else { continue };
            let ladders = &mut self.sides[number(side)];
            key::assign(record, &self.market, ladders);
            let slot = slot as Slot;
            let [armed, called, cap] = &mut rungs[number(side)];
            match record.place {
                Place::Armed => armed.push((record.liquidation_rung, slot)),
                Place::Called => called.push((record.liquidation_rung, slot)),
                Place::Parked => continue,
            }
            cap.push((record.cap_rung, slot));
        }
        for (ladders, [armed, called, cap]) in self.sides.iter_mut().zip(rungs) {
            ladders.armed.fill(armed);
            ladders.called.fill(called);
            ladders.cap.fill(cap);
            ladders.pass_reserve_price = 0;
        }
        self.cursor = 0;
    }

    fn hash(&self, key: &Pubkey) -> u64 {
        self.hasher.hash_one(key.to_bytes())
    }

    pub fn slot(&self, key: &Pubkey) -> Option<Slot> {
        let records = &self.records;
        self.by_key
            .find(self.hash(key), |&slot| {
                records[slot as usize].as_ref().is_some_and(|record| record.key == *key)
            })
            .copied()
    }

    pub fn record(&self, slot: Slot) -> Option<&Record> {
        self.records.get(slot as usize)?.as_ref()
    }

    pub fn get(&self, key: &Pubkey) -> Option<&Record> {
        self.record(self.slot(key)?)
    }

    pub fn records(&self) -> impl Iterator<Item = &Record> {
        self.records.iter().flatten()
    }

    /// Takes a position in unless something newer is known. One that is parked
    /// for work stays so; an empty one is parked.
    pub fn upsert(&mut self, key: Pubkey, position: &Position, stamp: Stamp) -> bool {
        match self.slot(&key) {
            Some(slot) => {
                let Some(held) = self.record(slot) else { return false };
                if stamp < held.stamp {
                    return false;
                }
                let (place, was_empty) = (held.place, held.is_empty());
                self.take_down(slot);
                let mut record = Record::new(key, position, stamp);
                record.place = match place {
                    _ if record.is_empty() => Place::Parked,
                    Place::Parked if was_empty => Place::Armed,
                    other => other,
                };
                self.records[slot as usize] = Some(record);
                self.put_up(slot);
            }
            None => {
                let mut record = Record::new(key, position, stamp);
                if !record.is_empty() {
                    record.place = Place::Armed;
                }
                let slot = self.allocate(record);
                self.put_up(slot);
            }
        }
        true
    }

    /// Fills an empty index from a snapshot: sorts once.
    pub fn build(&mut self, positions: impl IntoIterator<Item = (Pubkey, Position)>, stamp: Stamp) {
        for (key, position) in positions {
            let mut record = Record::new(key, &position, stamp);
            if !record.is_empty() {
                record.place = Place::Armed;
            }
            self.allocate(record);
        }
        self.rebuild();
    }

    fn allocate(&mut self, record: Record) -> Slot {
        let hash = self.hash(&record.key);
        let slot = match self.free.pop() {
            Some(slot) => {
                self.records[slot as usize] = Some(record);
                slot
            }
            None => {
                self.records.push(Some(record));
                (self.records.len() - 1) as Slot
            }
        };
        let (records, hasher) = (&self.records, &self.hasher);
        let rehash = |&slot: &Slot| {
            records[slot as usize].as_ref().map_or(0, |record| hasher.hash_one(record.key.to_bytes()))
        };
        if let Entry::Vacant(entry) = self.by_key.entry(hash, |&other| other == slot, rehash) {
            entry.insert(slot);
        }
        slot
    }

    pub fn remove(&mut self, key: &Pubkey) -> bool {
        let Some(slot) = self.slot(key) else { return false };
        self.take_down(slot);
        let hash = self.hash(key);
        if let Ok(entry) = self.by_key.find_entry(hash, |&other| other == slot) {
            entry.remove();
        }
        self.records[slot as usize] = None;
        self.free.push(slot);
        true
    }

    /// Makes the index what a snapshot at `slot` says; what is known from that
    /// slot or later stays.
    pub fn replace(&mut self, positions: Vec<(Pubkey, Position)>, slot: u64) -> Replaced {
        let stamp = Stamp { slot, arrival: 0 };
        let mut replaced = Replaced::default();
        let mut present = std::collections::HashSet::with_capacity(positions.len());
        for (key, position) in &positions {
            present.insert(*key);
            replaced.updated += usize::from(self.upsert(*key, position, stamp));
        }
        let gone: Vec<Pubkey> = self
            .records()
            .filter(|record| record.stamp.slot < slot && !present.contains(&record.key))
            .map(|record| record.key)
            .collect();
        replaced.removed = gone.len();
        for key in gone {
            self.remove(&key);
        }
        replaced
    }

    fn take_down(&mut self, slot: Slot) {
        let Some(record) = &self.records[slot as usize] else { return };
        let Some(side) = record.side() else { return };
        let ladders = &mut self.sides[number(side)];
        if let Some(ladder) = ladders.ladder(record.place) {
            ladder.remove(record.liquidation_rung, slot);
            ladders.cap.remove(record.cap_rung, slot);
        }
    }

    fn put_up(&mut self, slot: Slot) {
        let Some(record) = &mut self.records[slot as usize] else { return };
        let Some(side) = record.side() else { return };
        let ladders = &mut self.sides[number(side)];
        if record.place == Place::Parked {
            return;
        }
        key::assign(record, &self.market, ladders);
        let (place, liquidation, cap) = (record.place, record.liquidation_rung, record.cap_rung);
        if let Some(ladder) = ladders.ladder(place) {
            ladder.insert(liquidation, slot);
            ladders.cap.insert(cap, slot);
        }
    }

    /// Keys a position by the charges of now.
    pub fn rekey(&mut self, slot: Slot) {
        self.take_down(slot);
        self.put_up(slot);
    }

    /// Moves a position to another place, and keys it anew.
    pub fn place(&mut self, slot: Slot, place: Place) {
        self.take_down(slot);
        if let Some(Some(record)) = self.records.get_mut(slot as usize) {
            record.place = if record.is_empty() { Place::Parked } else { place };
        }
        self.put_up(slot);
    }

    /// Keys the next `count` positions anew, round and round. A full pass also
    /// brings the largest reserve ÷ size down to what is still there.
    pub fn rekey_slice(&mut self, count: usize) {
        for _ in 0..count.min(self.records.len()) {
            if self.cursor >= self.records.len() {
                self.cursor = 0;
                for ladders in &mut self.sides {
                    ladders.reserve_price = ladders.pass_reserve_price;
                    ladders.pass_reserve_price = 0;
                }
            }
            self.rekey(self.cursor as Slot);
            self.cursor += 1;
        }
    }

    /// Positions of `side` that `mark` may liquidate, the deepest first.
    pub fn liquidation_candidates(&self, side: Side, mark: Price, found: &mut Vec<Slot>) {
        let ladders = &self.sides[number(side)];
        let coordinate = liquidation_trigger(side).coordinate(mark);
        found.extend(ladders.called.reached(coordinate, ladders.drift.liquidation));
        found.extend(ladders.armed.reached(coordinate, ladders.drift.liquidation));
    }

    /// Positions of `side` whose gain may have reached its reserve at `mark`.
    pub fn cap_candidates(&self, side: Side, mark: Price, found: &mut Vec<Slot>) {
        let ladders = &self.sides[number(side)];
        let coordinate = cap_trigger(side).coordinate(mark);
        found.extend(ladders.cap.reached(coordinate, ladders.drift.cap));
    }

    /// Uncalled positions that the price `edge` may liquidate.
    pub fn call_candidates(&self, side: Side, edge: Price, found: &mut Vec<Slot>) {
        let ladders = &self.sides[number(side)];
        let coordinate = liquidation_trigger(side).coordinate(edge);
        found.extend(ladders.armed.reached(coordinate, ladders.drift.liquidation));
    }

    /// Called positions that even the price `edge` does not liquidate.
    pub fn recovered(&self, side: Side, edge: Price, found: &mut Vec<Slot>) {
        let ladders = &self.sides[number(side)];
        let coordinate = liquidation_trigger(side).coordinate(edge);
        found.extend(ladders.called.below(coordinate, ladders.drift.liquidation));
    }

    /// Positions in wait: (armed, called).
    pub fn waiting(&self) -> (usize, usize) {
        let count = |ladder: fn(&SideIndex) -> &Ladder| self.sides.iter().map(ladder).map(Ladder::len).sum();
        (count(|side| &side.armed), count(|side| &side.called))
    }
}

#[cfg(test)]
mod tests;
