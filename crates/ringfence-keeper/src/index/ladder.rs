//! One side's positions, ordered by the price that triggers something.

use std::collections::BTreeSet;

use ringfence_math::Price;

/// A position's number in the index.
pub type Slot = u32;

/// Ordered so that the first to trigger has the highest rung. A rung is a
/// price where a falling mark triggers and a negated one where a rising mark
/// does, less the drift at keying. The ends of `i64` are safe: the highest
/// rung is always a candidate, and what is cut off at the lowest is raised.
#[derive(Debug, Default)]
pub struct Ladder {
    rungs: BTreeSet<(i64, Slot)>,
}

/// Which way a mark triggers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// At or below the price.
    Falling,
    /// At or above the price.
    Rising,
}

impl Trigger {
    pub fn coordinate(self, price: Price) -> i128 {
        match self {
            Self::Falling => i128::from(price.0),
            Self::Rising => -i128::from(price.0),
        }
    }
}

pub fn clamp(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX })
}

impl Ladder {
    pub fn insert(&mut self, rung: i64, slot: Slot) {
        self.rungs.insert((rung, slot));
    }

    pub fn remove(&mut self, rung: i64, slot: Slot) {
        self.rungs.remove(&(rung, slot));
    }

    /// Replaces everything; faster than one by one.
    pub fn fill(&mut self, mut rungs: Vec<(i64, Slot)>) {
        rungs.sort_unstable();
        self.rungs = rungs.into_iter().collect();
    }

    /// All at or above `coordinate − drift`, the deepest first: O(log n + hits).
    pub fn reached(&self, coordinate: i128, drift: i128) -> impl Iterator<Item = Slot> + '_ {
        let threshold = clamp(coordinate.saturating_sub(drift));
        self.rungs.range((threshold, 0)..).rev().map(|&(_, slot)| slot)
    }

    /// All below `coordinate − drift`, the nearest last to trigger first.
    pub fn below(&self, coordinate: i128, drift: i128) -> impl Iterator<Item = Slot> + '_ {
        let threshold = clamp(coordinate.saturating_sub(drift));
        self.rungs.range(..(threshold, 0)).map(|&(_, slot)| slot)
    }

    pub fn len(&self) -> usize {
        self.rungs.len()
    }
}
