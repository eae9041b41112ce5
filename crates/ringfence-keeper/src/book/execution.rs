//! Which orders of a market execute at a price.

use ringfence_client::Pubkey;
use ringfence_client::oracle::{Action, PriceReading, Validity};
use ringfence_client::state::MarketStatus;

use super::{Book, Moment};
use crate::index::Slot;
use crate::orders::{Judgement, Place, judge};

/// An order that executes at the price of this tick.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Execution {
    pub order: Pubkey,
    pub position: Pubkey,
    /// Index price, 10^-10 quote.
    pub price: u64,
    /// What the order pays whoever executes it, in quote atoms.
    pub reward: u64,
    pub is_delayed: bool,
}

impl Book {
    /// Whether `execute_order` takes `reading` for trigger orders that close
    /// and for those that add.
    fn executes(&self, reading: &PriceReading, moment: &Moment) -> [bool; 2] {
        let Ok(status) = self.market.status() else { return [false; 2] };
        let validity = self.validity(reading, moment);
        [
            status != MarketStatus::Settling && validity <= Action::ReduceByOrder.accepts(),
            self.is_active() && self.market.params.instant_open() && validity <= Action::AddRisk.accepts(),
        ]
    }

    /// The price on chain, if trigger orders can execute at it.
    pub fn order_reading(&self, moment: &Moment) -> Option<PriceReading> {
        self.reading().filter(|reading| self.executes(reading, moment)[0])
    }

    /// Judges the trigger orders that `reading` has reached, the deepest first,
    /// up to `limit` in `found`. O(log n + hits). Orders in work are not looked
    /// at; one that is found and not parked is found again by the next tick.
    pub fn tick_orders(
        &mut self,
        reading: &PriceReading,
        moment: &Moment,
        limit: usize,
        found: &mut Vec<Execution>,
    ) {
        self.orders.expire(moment.unix_timestamp);
        let [close, add] = self.executes(reading, moment);
        let mut slots = core::mem::take(&mut self.scratch);
        for (adds, allowed) in [(false, close), (true, add)] {
            slots.clear();
            if allowed {
                self.orders.reached(adds, reading.price, &mut slots);
            }
            for &slot in &slots {
                if found.len() >= limit {
                    break;
                }
                self.try_order(slot, reading, moment, found);
            }
        }
        self.scratch = slots;
    }

    /// Delayed orders whose moment has come and whose position honours them,
    /// and the moment of each.
    pub fn due_orders(&mut self, moment: &Moment) -> Vec<(Slot, i64)> {
        self.orders.expire(moment.unix_timestamp);
        let mut slots = Vec::new();
        if self.is_active() {
            self.orders.due(moment.unix_timestamp, &mut slots);
        }
        let mut due = Vec::with_capacity(slots.len());
        for slot in slots {
            let Some(held) = self.orders.held(slot) else { continue };
            let position = self.index.get(&held.order.position).map(|record| record.position());
            if position.is_some_and(|position| position.honours(&held.order)) {
                due.push((slot, held.order.not_before));
            } else {
                self.orders.place(slot, Place::Idle);
            }
        }
        due
    }

    /// Judges a delayed order at its first price. That the market has accepted
    /// a newer one is no reason against it.
    pub fn tick_delayed(
        &mut self,
        slot: Slot,
        reading: &PriceReading,
        moment: &Moment,
        found: &mut Vec<Execution>,
    ) {
        let (oracle, now) = (&self.market.oracle, moment.unix_timestamp);
        let validity = Validity::assess(reading, oracle, reading.publish_time, now, moment.restart_slot);
        if validity <= Action::AddRisk.accepts() {
            self.try_order(slot, reading, moment, found);
        }
    }

    fn try_order(&mut self, slot: Slot, reading: &PriceReading, moment: &Moment, found: &mut Vec<Execution>) {
        let Some(held) = self.orders.held(slot) else { return };
        let order = &held.order;
        let position = self.index.get(&order.position).map(|record| record.position());
        match judge(order, position.as_ref(), &self.market, reading, moment.unix_timestamp) {
            Judgement::Executes => found.push(Execution {
                order: held.key,
                position: order.position,
                price: reading.price.0,
                reward: order.reward,
                is_delayed: order.is_delayed(),
            }),
            Judgement::Waits => {}
            Judgement::Idle => self.orders.place(slot, Place::Idle),
        }
    }
}
