//! Every order of a market in memory, ordered by what triggers it.
//!
//! Trigger orders lie in four ladders, by whether they add or close and by the
//! direction of their trigger: a tick asks those that may execute now for what
//! the price has reached, O(log n + hits). Trigger prices do not drift. Delayed
//! orders lie in order of the moment from which on they are due.

mod judge;

use std::collections::{BTreeSet, HashMap, HashSet};

pub use judge::{Judgement, judge};
use ringfence_client::Pubkey;
use ringfence_client::state::{Order, Position};
use ringfence_math::Price;

use crate::index::ladder::{Ladder, clamp};
use crate::index::{Replaced, Slot, Stamp, Trigger};

/// Where an order lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In wait for its price or its moment.
    Waiting,
    /// Its position does not honour it, or has nothing that it could close:
    /// so until the position changes.
    Idle,
    /// Being worked on, or left alone for a while.
    Parked,
    /// Executes no more.
    Expired,
}

/// An order as the chain has it.
#[derive(Clone, Debug)]
pub struct Held {
    pub key: Pubkey,
    pub order: Order,
    pub stamp: Stamp,
    place: Place,
}

impl Held {
    pub fn place(&self) -> Place {
        self.place
    }

    fn adds(&self) -> bool {
        self.order.kind().is_ok_and(|kind| kind.adds())
    }

    fn trigger(&self) -> Trigger {
        if self.order.trigger_above == 1 { Trigger::Rising } else { Trigger::Falling }
    }

    fn rung(&self) -> i64 {
        clamp(self.trigger().coordinate(Price(self.order.trigger_price)))
    }
}

/// The orders of one market.
#[derive(Debug, Default)]
pub struct OrderIndex {
    held: Vec<Option<Held>>,
    free: Vec<Slot>,
    by_key: HashMap<Pubkey, Slot>,
    by_position: HashMap<Pubkey, Vec<Slot>>,
    /// By whether they add, then by `Trigger`.
    ladders: [[Ladder; 2]; 2],
    /// Delayed orders by `not_before`.
    delayed: BTreeSet<(i64, Slot)>,
    /// All that have not expired, by the last moment at which they execute.
    living: BTreeSet<(i64, Slot)>,
    /// Idle and expired.
    ended: BTreeSet<Slot>,
    now: i64,
}

impl OrderIndex {
    pub fn len(&self) -> usize {
        self.by_key.len()
    }

    pub fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }

    pub fn slot(&self, key: &Pubkey) -> Option<Slot> {
        self.by_key.get(key).copied()
    }

    pub fn held(&self, slot: Slot) -> Option<&Held> {
        self.held.get(slot as usize)?.as_ref()
    }

    pub fn get(&self, key: &Pubkey) -> Option<&Held> {
        self.held(self.slot(key)?)
    }

    /// Whether any order waits for a price.
    pub fn wait_for_prices(&self) -> bool {
        self.ladders.iter().flatten().any(|ladder| ladder.len() > 0)
    }

    /// Takes an order in unless something newer is known. One that is worked
    /// on stays parked.
    pub fn upsert(&mut self, key: Pubkey, order: &Order, stamp: Stamp) -> bool {
        let mut place = Place::Waiting;
        if let Some(held) = self.get(&key) {
            if stamp < held.stamp {
                return false;
            }
            if held.place == Place::Parked || held.order == *order {
                place = held.place;
            }
            self.remove(&key);
        }
        let held = Some(Held { key, order: *order, stamp, place: Place::Parked });
        let slot = match self.free.pop() {
            Some(slot) => {
                self.held[slot as usize] = held;
                slot
            }
            None => {
                self.held.push(held);
                (self.held.len() - 1) as Slot
            }
        };
        self.by_key.insert(key, slot);
        self.by_position.entry(order.position).or_default().push(slot);
        if !order.has_expired(self.now) {
            self.living.insert((order.expires_at, slot));
        }
        self.place(slot, place);
        true
    }

    pub fn remove(&mut self, key: &Pubkey) -> bool {
        let Some(slot) = self.by_key.remove(key) else { return false };
        self.take_down(slot);
        if let Some(held) = self.held[slot as usize].take() {
            self.living.remove(&(held.order.expires_at, slot));
            if let Some(of_position) = self.by_position.get_mut(&held.order.position) {
                of_position.retain(|other| *other != slot);
                if of_position.is_empty() {
                    self.by_position.remove(&held.order.position);
                }
            }
        }
        self.free.push(slot);
        true
    }

    /// Makes the index what a snapshot at `slot` says; what is known from that
    /// slot or later stays.
    pub fn replace(&mut self, orders: Vec<(Pubkey, Order)>, slot: u64) -> Replaced {
        let stamp = Stamp { slot, arrival: 0 };
        let mut replaced = Replaced::default();
        let mut present = HashSet::with_capacity(orders.len());
        for (key, order) in &orders {
            present.insert(*key);
            replaced.updated += usize::from(self.upsert(*key, order, stamp));
        }
        let held = self.held.iter().flatten();
        let gone: Vec<Pubkey> = held
            .filter(|held| held.stamp.slot < slot && !present.contains(&held.key))
            .map(|held| held.key)
            .collect();
        replaced.removed = gone.len();
        for key in gone {
            self.remove(&key);
        }
        // The positions may be others than those that made orders idle.
        for slot in core::mem::take(&mut self.ended) {
            self.place(slot, Place::Waiting);
        }
        replaced
    }

    fn take_down(&mut self, slot: Slot) {
        let Some(Some(held)) = self.held.get(slot as usize) else { return };
        match held.place {
            Place::Waiting if held.order.is_delayed() => {
                self.delayed.remove(&(held.order.not_before, slot));
            }
            Place::Waiting => {
                let (rung, ladder) = (held.rung(), [usize::from(held.adds()), held.trigger() as usize]);
                self.ladders[ladder[0]][ladder[1]].remove(rung, slot);
            }
            Place::Idle | Place::Expired => {
                self.ended.remove(&slot);
            }
            Place::Parked => {}
        }
    }

    /// Moves an order to another place; one that has expired waits no more.
    pub fn place(&mut self, slot: Slot, place: Place) {
        self.take_down(slot);
        let now = self.now;
        let Some(Some(held)) = self.held.get_mut(slot as usize) else { return };
        let expired = held.order.has_expired(now);
        held.place = if expired && place != Place::Parked { Place::Expired } else { place };
        match held.place {
            Place::Waiting if held.order.is_delayed() => {
                self.delayed.insert((held.order.not_before, slot));
            }
            Place::Waiting => {
                let (rung, ladder) = (held.rung(), [usize::from(held.adds()), held.trigger() as usize]);
                self.ladders[ladder[0]][ladder[1]].insert(rung, slot);
            }
            Place::Idle | Place::Expired => {
                self.ended.insert(slot);
            }
            Place::Parked => {}
        }
    }

    /// What a position is now: orders that it no longer honours are idle, idle
    /// ones that it does honour wait again.
    pub fn position_changed(&mut self, key: &Pubkey, position: &Position) {
        let Some(slots) = self.by_position.get(key).cloned() else { return };
        for slot in slots {
            let Some(held) = self.held(slot) else { continue };
            match (held.place, position.honours(&held.order)) {
                (Place::Waiting, false) => self.place(slot, Place::Idle),
                (Place::Idle, true) => self.place(slot, Place::Waiting),
                _ => {}
            }
        }
    }

    /// Takes out of wait what has expired by `now`.
    pub fn expire(&mut self, now: i64) {
        self.now = self.now.max(now);
        while let Some(&(expires_at, slot)) = self.living.first() {
            if expires_at >= self.now {
                break;
            }
            self.living.pop_first();
            if self.held(slot).is_some_and(|held| held.place != Place::Parked) {
                self.place(slot, Place::Expired);
            }
        }
    }

    /// Orders in wait that add (or close) and whose trigger `price` has
    /// reached, the deepest first.
    pub fn reached(&self, adds: bool, price: Price, found: &mut Vec<Slot>) {
        for trigger in [Trigger::Falling, Trigger::Rising] {
            let ladder = &self.ladders[usize::from(adds)][trigger as usize];
            found.extend(ladder.reached(trigger.coordinate(price), 0));
        }
    }

    /// Delayed orders in wait whose moment has come by `now`, the oldest first.
    pub fn due(&self, now: i64, found: &mut Vec<Slot>) {
        found.extend(self.delayed.range(..=(now, Slot::MAX)).map(|&(_, slot)| slot));
    }

    /// Orders that execute no more, or not as their position is.
    pub fn ended(&self) -> impl Iterator<Item = &Held> {
        self.ended.iter().filter_map(|&slot| self.held(slot))
    }
}

#[cfg(test)]
mod tests;
