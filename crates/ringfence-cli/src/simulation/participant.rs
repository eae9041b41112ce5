//! Traders of a simulation and what became of their positions.

use ringfence_client::Pubkey;
use ringfence_client::state::{Order, Position, Side};
use ringfence_math::{PPM, Price, Quote, mul_div_ceil};
use ringfence_testkit::Trader;

use super::calls::Calls;

/// What a trader is to do: which side, how leveraged, how much at stake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    pub side: Side,
    pub leverage: u32,
    /// Margin of each position, atoms.
    pub margin: Quote,
}

/// A trader: at most one position at a time.
pub struct Participant {
    pub plan: Plan,
    pub trader: Trader,
    pub calls: Calls,
    /// His token account.
    pub tokens: Pubkey,
    /// What it must hold: only his own actions move it. Atoms.
    pub wallet: u64,
    pub life: Option<Life>,
    /// Orders that he has placed and that have not ended.
    pub orders: Vec<Waiting>,
    /// Of his last position that was closed.
    pub outcome: Option<Outcome>,
}

impl Participant {
    /// Without a position.
    pub fn new(plan: Plan, trader: Trader, calls: Calls, tokens: Pubkey, wallet: u64) -> Self {
        Self { plan, trader, calls, tokens, wallet, life: None, orders: Vec::new(), outcome: None }
    }
}

/// An order as it was placed.
#[derive(Clone, Copy, Debug)]
pub struct Waiting {
    /// Its number.
    pub id: u8,
    pub key: Pubkey,
    pub order: Order,
}

/// One position from its opening to its close.
#[derive(Clone, Copy, Debug)]
pub struct Life {
    pub position: Pubkey,
    pub vault: Pubkey,
    /// As the account was when it was last touched.
    pub state: Position,
    pub entry: Price,
    /// All margin put in, atoms.
    pub deposited: u64,
    /// Margin taken out before the close, atoms.
    pub withdrawn: u64,
    pub liquidated: Option<Liquidated>,
}

/// When a position was first liquidated, in part or in full, and the price that
/// it was judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Liquidated {
    pub time: i64,
    pub price: Price,
}

/// What a position brought its owner. Money in atoms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub entry: Price,
    pub deposited: u64,
    pub withdrawn: u64,
    pub payout: u64,
    pub pnl: i128,
    pub fees: u64,
    pub liquidated: Option<Liquidated>,
}

impl Outcome {
    /// What the owner got back.
    fn returned(&self) -> u64 {
        self.withdrawn.saturating_add(self.payout)
    }

    /// What the owner lost.
    pub fn loss(&self) -> u64 {
        self.deposited.saturating_sub(self.returned())
    }

    /// Loss ÷ margin put in, ppm, rounded up; 0 for a gain.
    pub fn loss_over_margin_ppm(&self) -> u64 {
        mul_div_ceil(self.loss(), u64::from(PPM), self.deposited).unwrap_or(0)
    }

    /// Whether margin, PnL and fees make up what came back, to the atom.
    pub fn adds_up(&self) -> bool {
        let owed = i128::from(self.deposited) + self.pnl - i128::from(self.fees);
        owed == i128::from(self.withdrawn) + i128::from(self.payout)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(deposited: u64, withdrawn: u64, payout: u64, pnl: i128, fees: u64) -> Outcome {
        Outcome { entry: Price(1), deposited, withdrawn, payout, pnl, fees, liquidated: None }
    }

    #[test]
    fn a_loss_is_what_did_not_come_back() {
        let lost = outcome(1_000, 100, 566, -300, 34);
        assert_eq!((lost.loss(), lost.loss_over_margin_ppm()), (334, 334_000));
        assert!(lost.adds_up());
        let gained = outcome(1_000, 0, 1_200, 210, 10);
        assert_eq!((gained.loss(), gained.loss_over_margin_ppm()), (0, 0));
        assert!(gained.adds_up());
        assert!(!outcome(1_000, 0, 999, 0, 0).adds_up(), "an atom is missing");
        assert_eq!(outcome(3, 0, 2, -1, 0).loss_over_margin_ppm(), 333_334, "rounded up");
    }
}
