//! Positions that are left alone for a while, each with its own reason, so
//! that none holds up another.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::time::Duration;

use ringfence_client::Pubkey;
use tokio::time::Instant;

use crate::submit::exponential;

/// Both collections hold at most one entry per parked position.
#[derive(Debug, Default)]
pub struct Resting {
    due: BinaryHeap<Reverse<(Instant, u16, Pubkey)>>,
    strikes: HashMap<Pubkey, u32>,
}

impl Resting {
    pub fn put(&mut self, market: u16, position: Pubkey, until: Instant) {
        self.due.push(Reverse((until, market, position)));
    }

    /// Positions whose rest is over.
    pub fn wake(&mut self, now: Instant) -> Vec<(u16, Pubkey)> {
        let mut awake = Vec::new();
        while let Some(Reverse((until, _, _))) = self.due.peek() {
            if *until > now {
                break;
            }
            if let Some(Reverse((_, market, position))) = self.due.pop() {
                awake.push((market, position));
            }
        }
        awake
    }

    /// How long a position that has failed again is left alone: doubling.
    pub fn strike(&mut self, position: Pubkey, first: Duration, limit: Duration) -> Duration {
        let strikes = self.strikes.entry(position).or_default();
        let rest = exponential(first, limit, *strikes);
        *strikes = strikes.saturating_add(1);
        rest
    }

    pub fn forgive(&mut self, position: &Pubkey) {
        self.strikes.remove(position);
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }

    pub fn len(&self) -> usize {
        self.due.len()
    }

    #[cfg(test)]
    /// Positions with failures on record.
    pub fn struck(&self) -> usize {
        self.strikes.len()
    }
}
