//! A block as its producer fills it, by Agave's own cost model and tracker.

use std::rc::Rc;

use agave_feature_set::FeatureSet;
use anchor_lang::prelude::Pubkey;
use solana_cost_model::block_cost_limits::MAX_BLOCK_UNITS_SIMD_0286;
use solana_cost_model::cost_model::CostModel;
use solana_cost_model::cost_tracker::{CostTracker, CostTrackerError, CostTrackerLimits};
use solana_cost_model::cost_tracker_post_analysis::CostTrackerPostAnalysis;
use solana_cost_model::transaction_cost::TransactionCost;

use crate::load::Parsed;

/// What a transaction turned out to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Used {
    pub units: u64,
    /// Bytes of account data that were loaded.
    pub loaded: u32,
}

/// The parts of a transaction's cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    pub signatures: u64,
    pub write_locks: u64,
    pub data: u64,
    pub execution: u64,
    pub loaded: u64,
}

impl Cost {
    pub fn sum(&self) -> u64 {
        self.signatures + self.write_locks + self.data + self.execution + self.loaded
    }

    fn of(cost: &TransactionCost<'_, Parsed>) -> Self {
        let parts = Self {
            signatures: cost.signature_cost(),
            write_locks: cost.write_lock_cost(),
            data: cost.data_bytes_cost().into(),
            execution: cost.programs_execution_cost(),
            loaded: cost.loaded_accounts_data_size_cost(),
        };
        assert_eq!(parts.sum(), cost.sum(), "there are no other parts");
        parts
    }
}

fn features() -> FeatureSet {
    FeatureSet::all_enabled()
}

/// By the limits that it asks for: what counts until it has been executed.
pub fn asked(transaction: &Parsed) -> Cost {
    Cost::of(&CostModel::calculate_cost(transaction, &features()))
}

/// By what it took: what counts from then on, and what validators that replay
/// the block add up.
pub fn executed(transaction: &Parsed, used: Used) -> Cost {
    let features = features();
    let cost =
        CostModel::calculate_cost_for_executed_transaction(transaction, used.units, used.loaded, &features);
    Cost::of(&cost)
}

/// Of a slot of 400 ms, without any feature that is still to be activated.
pub fn limits() -> CostTrackerLimits {
    CostTrackerLimits::default()
}

/// The same once SIMD-0286 is active: both limits grow alike.
pub fn limits_of_simd_0286() -> CostTrackerLimits {
    let now = limits();
    let account = now.account_cost * MAX_BLOCK_UNITS_SIMD_0286 / now.block_cost;
    CostTrackerLimits::new(account, MAX_BLOCK_UNITS_SIMD_0286, now.allocated_data_size)
}

/// Why a transaction had to wait for another block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Full {
    /// The block as a whole.
    Block,
    /// These accounts that it writes.
    Accounts(Vec<Pubkey>),
}

pub struct Block {
    tracker: CostTracker,
    features: FeatureSet,
}

impl Block {
    pub fn new(limits: CostTrackerLimits) -> Self {
        let mut tracker = CostTracker::default();
        tracker.set_limits(limits);
        Self { tracker, features: features() }
    }

    /// Takes a transaction in by what it asks for and, where it is said what it
    /// used, executes it: what it did not use is free again.
    pub fn add(&mut self, transaction: &Parsed, used: Option<Used>) -> Result<(), Full> {
        let cost = CostModel::calculate_cost(transaction, &self.features);
        match self.tracker.try_add(&cost) {
            Ok(_) => {}
            Err(CostTrackerError::WouldExceedBlockMaxLimit) => return Err(Full::Block),
            Err(CostTrackerError::WouldExceedAccountMaxLimit) => return Err(self.full(&cost)),
            Err(other) => panic!("no account is allocated by these: {other:?}"),
        }
        if let Some(used) = used {
            let loaded = executed(transaction, used).loaded;
            self.tracker.update_execution_cost(&cost, used.units, loaded);
        }
        Ok(())
    }

    fn full(&self, cost: &TransactionCost<'_, Parsed>) -> Full {
        let spent = self.tracker.get_cost_by_writable_accounts();
        let limit = self.tracker.get_account_limit();
        let is_full = |key: &&Pubkey| spent.get(*key).is_some_and(|so_far| so_far + cost.sum() > limit);
        Full::Accounts(cost.writable_accounts().filter(is_full).copied().collect())
    }

    /// Adds transactions, the first of number 0, until one does not fit: how
    /// many did, and why the next did not.
    pub fn fill(&mut self, mut next: impl FnMut(usize) -> (Rc<Parsed>, Option<Used>)) -> (usize, Full) {
        for number in 0.. {
            let (transaction, used) = next(number);
            if let Err(full) = self.add(&transaction, used) {
                return (number, full);
            }
        }
        unreachable!("every block is full in the end")
    }
}
