//! How many transactions of a kind, or of a mixture, fit.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use ringfence_client::{Instruction, MarketAccounts};
use solana_cost_model::cost_tracker::CostTrackerLimits;

use crate::block::{self, Block, Full, Used};
use crate::load::{Kind, Parsed, Party, market};
use crate::locks::names;
use crate::measured::{budget, budget_without_loaded_data};
use crate::schedule::{THREADS, Task, speed_up};

/// Ten transactions: six change margin, three trade, one liquidates.
pub const MIXTURE: [Kind; 10] = [
    Kind::AddMargin,
    Kind::OpenPosition,
    Kind::RemoveMargin,
    Kind::AddMargin,
    Kind::IncreasePosition,
    Kind::RemoveMargin,
    Kind::LiquidatePart,
    Kind::AddMargin,
    Kind::ClosePosition,
    Kind::RemoveMargin,
];

/// Whether a transaction counts by what it asks for or by what it has used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Asked,
    Executed,
}

/// Transactions of one pattern over some markets in turn, each of somebody
/// else, made when they are first needed.
pub struct Load<'a> {
    pattern: &'a [Kind],
    markets: Vec<MarketAccounts>,
    used: &'a BTreeMap<Kind, Used>,
    budget: fn(&Instruction) -> Vec<Instruction>,
    made: RefCell<Vec<Rc<Parsed>>>,
}

impl<'a> Load<'a> {
    pub fn new(pattern: &'a [Kind], markets: u16, used: &'a BTreeMap<Kind, Used>) -> Self {
        let (markets, made) = ((0..markets).map(market).collect(), RefCell::default());
        Self { pattern, markets, used, budget, made }
    }

    /// The same, as it would be without a limit of loaded data.
    pub fn without_loaded_data(self) -> Self {
        Self { budget: budget_without_loaded_data, made: RefCell::default(), ..self }
    }

    fn kind(&self, number: usize) -> Kind {
        // A whole pattern for one market, then for the next.
        self.pattern[number % self.pattern.len()]
    }

    pub fn get(&self, number: usize) -> (Rc<Parsed>, Used) {
        let mut made = self.made.borrow_mut();
        for next in made.len()..=number {
            let on = self.markets[next / self.pattern.len() % self.markets.len()];
            let (kind, party) = (self.kind(next), Party::new(self.kind(next), on, next));
            let instruction = party.instruction(kind);
            let mut all = (self.budget)(&instruction);
            all.push(instruction);
            made.push(Rc::new(party.sign(&all)));
        }
        (Rc::clone(&made[number]), self.used[&self.kind(number)])
    }

    fn counted(&self, number: usize, by: By) -> (Rc<Parsed>, Option<Used>) {
        let (transaction, used) = self.get(number);
        (transaction, (by == By::Executed).then_some(used))
    }

    pub fn fill(&self, limits: CostTrackerLimits, by: By) -> (usize, Full) {
        Block::new(limits).fill(|number| self.counted(number, by))
    }

    /// How many executed transactions of `other` a block still takes once no
    /// more of these fit.
    pub fn room_for(&self, other: &Load, limits: CostTrackerLimits) -> (usize, Full) {
        let mut block = Block::new(limits);
        block.fill(|number| self.counted(number, By::Executed));
        block.fill(|number| other.counted(number, By::Executed))
    }

    /// Of the first of these on as many threads as a producer has.
    pub fn speed_up(&self, transactions: usize) -> f64 {
        let task = |number| {
            let (transaction, used) = self.get(number);
            Task::new(&transaction, block::executed(&transaction, used).sum())
        };
        speed_up(&(0..transactions).map(task).collect::<Vec<_>>(), THREADS)
    }
}

/// Two numbers that can be worked out by hand: units and bytes made up.
#[test]
fn a_block_takes_what_its_limits_divided_by_the_cost_say() {
    let used = Used { units: 10_000, loaded: 2_000_000 };
    let all = BTreeMap::from([(Kind::AddMargin, used), (Kind::LiquidatePart, used)]);
    // A signature 720; 62 pages of 32 KiB at 8; 10,000 units; 300 for each of 4 and 6 accounts written. Data
    // of the three budget instructions, 5, 5 and 9 bytes, and of the instruction, 8 and an amount of 8 or
    // nothing: 35 and 27 bytes at a quarter each.
    let [margin, liquidation] = [Kind::AddMargin, Kind::LiquidatePart].map(|kind| {
        let (transaction, _) = Load::new(&[kind], 1, &all).get(0);
        block::executed(&transaction, used).sum()
    });
    assert_eq!((margin, liquidation), (720 + 496 + 10_000 + 1_200 + 8, 720 + 496 + 10_000 + 1_800 + 6));

    // What is left has to hold what the next one asks for, not what it will use.
    let limits = CostTrackerLimits::new(400_000, 1_000_000, 0);
    let asked = |kind| block::asked(&Load::new(&[kind], 1, &all).get(0).0).sum();
    let fit = |limit: u64, kind, each: u64| usize::try_from((limit - asked(kind)) / each + 1).expect("few");
    let (fitted, full) = Load::new(&[Kind::AddMargin], 1, &all).fill(limits, By::Executed);
    assert_eq!((fitted, full), (fit(1_000_000, Kind::AddMargin, margin), Full::Block));
    let (fitted, full) = Load::new(&[Kind::LiquidatePart], 1, &all).fill(limits, By::Executed);
    assert_eq!(fitted, fit(400_000, Kind::LiquidatePart, liquidation));
    let Full::Accounts(keys) = full else { panic!("the block has room") };
    assert_eq!(names(0, &keys), ["market", "pool vault"]);
}
