//! What the transactions of a run cost and did.

use serde::Serialize;

/// The instructions that a simulation sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    OpenPosition,
    AddMargin,
    RemoveMargin,
    ClosePosition,
    Liquidate,
    PlaceOrder,
    CancelOrder,
    ExecuteOrder,
}

impl Kind {
    const ALL: [Self; 8] = [
        Self::OpenPosition,
        Self::AddMargin,
        Self::RemoveMargin,
        Self::ClosePosition,
        Self::Liquidate,
        Self::PlaceOrder,
        Self::CancelOrder,
        Self::ExecuteOrder,
    ];

    fn is_of_orders(self) -> bool {
        matches!(self, Self::PlaceOrder | Self::CancelOrder | Self::ExecuteOrder)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::OpenPosition => "open_position",
            Self::AddMargin => "add_margin",
            Self::RemoveMargin => "remove_margin",
            Self::ClosePosition => "close_position",
            Self::Liquidate => "liquidate",
            Self::PlaceOrder => "place_order",
            Self::CancelOrder => "cancel_order",
            Self::ExecuteOrder => "execute_order",
        }
    }
}

/// Compute units of one instruction; none where it was never sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Spread {
    pub count: u64,
    pub min: Option<u64>,
    /// The middle one; of an even count the lower of the two.
    pub median: Option<u64>,
    pub max: Option<u64>,
}

/// Compute units of every transaction, by instruction.
#[derive(Clone, Debug, Default)]
pub struct Statistics {
    spent: [Vec<u64>; Kind::ALL.len()],
}

impl Statistics {
    pub fn record(&mut self, kind: Kind, compute_units: u64) {
        self.spent[kind as usize].push(compute_units);
    }

    pub fn count(&self, kind: Kind) -> u64 {
        self.spent[kind as usize].len() as u64
    }

    pub fn transactions(&self) -> u64 {
        Kind::ALL.into_iter().map(|kind| self.count(kind)).sum()
    }

    /// Of every instruction; of those of orders only where there were any.
    pub fn spreads(&self) -> Vec<(Kind, Spread)> {
        let orders = self.count(Kind::PlaceOrder) > 0;
        let kinds = Kind::ALL.into_iter().filter(|kind| orders || !kind.is_of_orders());
        kinds.map(|kind| (kind, self.spread(kind))).collect()
    }

    pub fn spread(&self, kind: Kind) -> Spread {
        let mut units = self.spent[kind as usize].clone();
        units.sort_unstable();
        let median = units.len().checked_sub(1).map(|last| units[last / 2]);
        Spread { count: self.count(kind), min: units.first().copied(), median, max: units.last().copied() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_has_least_middle_and_most() {
        let mut statistics = Statistics::default();
        assert_eq!(statistics.spread(Kind::Liquidate), Spread::default());
        for units in [30, 10, 20, 40] {
            statistics.record(Kind::Liquidate, units);
        }
        let spread = Spread { count: 4, min: Some(10), median: Some(20), max: Some(40) };
        assert_eq!(statistics.spread(Kind::Liquidate), spread);
        assert_eq!((statistics.count(Kind::OpenPosition), statistics.transactions()), (0, 4));
        assert_eq!(statistics.spreads().len(), 5);
        statistics.record(Kind::PlaceOrder, 1);
        assert_eq!(statistics.spreads().len(), 8);
    }
}
