//! The liquidator's list.

use ringfence_math::{Health, Price, Side};

/// Equity that is this much above the requirement, atoms, is out of reach: a
/// liquidation price is the first at which it is below, and between two prices
/// the roundings of view and engine come to a few atoms.
const NEAR_ATOMS: i128 = 1_000;

/// Whether a position that is this healthy at the mark may have reached its
/// liquidation price. Most have not, and so that price, which is to be searched
/// for, is not needed.
pub fn is_near(health: &Health) -> bool {
    health.equity.0 - i128::from(health.maintenance.0) < NEAR_ATOMS
}

/// Liquidation prices of positions that may have fallen.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    longs: Vec<(Price, usize)>,
    shorts: Vec<(Price, usize)>,
}

impl Watch {
    pub fn enter(&mut self, participant: usize, side: Side, price: Price) {
        match side {
            Side::Long => self.longs.push((price, participant)),
            Side::Short => self.shorts.push((price, participant)),
        }
    }

    /// All whose liquidation price has been reached: longs fall at or below
    /// theirs, shorts at or above. The first to fall comes first.
    pub fn due(mut self, long_mark: Price, short_mark: Price) -> Vec<usize> {
        self.longs.retain(|(price, _)| *price >= long_mark);
        self.shorts.retain(|(price, _)| *price <= short_mark);
        self.longs.sort_unstable_by(|one, other| other.cmp(one));
        self.shorts.sort_unstable();
        self.longs.into_iter().chain(self.shorts).map(|(_, participant)| participant).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ringfence_math::{Quote, SignedQuote};

    #[test]
    fn the_nearest_of_each_side_falls_first() {
        let mut watch = Watch::default();
        watch.enter(0, Side::Long, Price(90));
        watch.enter(1, Side::Long, Price(95));
        watch.enter(2, Side::Short, Price(110));
        watch.enter(3, Side::Short, Price(105));
        let due = |long, short| watch.clone().due(Price(long), Price(short));
        assert!(due(96, 104).is_empty());
        assert_eq!(due(95, 95), [1]);
        assert_eq!(due(90, 90), [1, 0]);
        assert_eq!(due(110, 110), [3, 2]);
        assert_eq!(due(90, 110), [1, 0, 3, 2]);
    }

    #[test]
    fn what_is_far_above_its_requirement_is_not_looked_at() {
        let health = |equity| Health {
            equity: SignedQuote(equity),
            maintenance: Quote(5_000),
            notional: Quote(100_000),
            pnl: SignedQuote::ZERO,
            gain: SignedQuote::ZERO,
            initial: Quote(10_000),
        };
        assert!([-1, 4_999, 5_000, 5_999].iter().all(|equity| is_near(&health(*equity))));
        assert!(!is_near(&health(6_000)));
    }
}
