//! The liquidator's list: who falls at which price. Prices drift as funding and
//! borrow accrue, so that entries hold for the moment in which they were made.

use std::collections::{BTreeSet, HashMap};

use ringfence_math::{Price, Side};

/// Participants by liquidation price.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    longs: BTreeSet<(Price, usize)>,
    shorts: BTreeSet<(Price, usize)>,
    entries: HashMap<usize, (Side, Price)>,
}

impl Watch {
    /// Enters a participant, in place of an earlier entry; `None` where no
    /// price liquidates him.
    pub fn set(&mut self, participant: usize, side: Side, price: Option<Price>) {
        self.remove(participant);
        if let Some(price) = price {
            self.side_mut(side).insert((price, participant));
            self.entries.insert(participant, (side, price));
        }
    }

    pub fn remove(&mut self, participant: usize) {
        if let Some((side, price)) = self.entries.remove(&participant) {
            self.side_mut(side).remove(&(price, participant));
        }
    }

    /// All whose liquidation price has been reached: longs fall at or below
    /// theirs, shorts at or above. The first to fall comes first.
    pub fn due(&self, long_mark: Price, short_mark: Price) -> Vec<usize> {
        let longs = self.longs.iter().rev().take_while(|(price, _)| *price >= long_mark);
        let shorts = self.shorts.iter().take_while(|(price, _)| *price <= short_mark);
        longs.chain(shorts).map(|(_, participant)| *participant).collect()
    }

    fn side_mut(&mut self, side: Side) -> &mut BTreeSet<(Price, usize)> {
        match side {
            Side::Long => &mut self.longs,
            Side::Short => &mut self.shorts,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_of_each_side_falls_first() {
        let mut watch = Watch::default();
        watch.set(0, Side::Long, Some(Price(90)));
        watch.set(1, Side::Long, Some(Price(95)));
        watch.set(2, Side::Short, Some(Price(110)));
        watch.set(3, Side::Short, None);
        let due = |watch: &Watch, price| watch.due(Price(price), Price(price));
        assert!(watch.due(Price(96), Price(109)).is_empty());
        assert_eq!(due(&watch, 95), [1]);
        assert_eq!(due(&watch, 90), [1, 0]);
        assert_eq!(due(&watch, 110), [2]);

        watch.set(1, Side::Long, Some(Price(80)));
        assert!(due(&watch, 95).is_empty(), "margin was added");
        assert_eq!(due(&watch, 79), [0, 1]);
        watch.remove(0);
        assert!(due(&watch, 85).is_empty());
    }
}
