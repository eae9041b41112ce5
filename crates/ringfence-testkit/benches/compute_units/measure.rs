//! Running a path many times and keeping what it took.

use ringfence_testkit::ProgramError;

use crate::calls::{self, Inner};
use crate::case::Case;
use crate::stage::Stage;

/// What a path took, in ascending order.
pub struct Units(Vec<u64>);

impl Units {
    pub fn pooled<'a>(parts: impl Iterator<Item = &'a Self>) -> Self {
        let mut all: Vec<u64> = parts.flat_map(|part| &part.0).copied().collect();
        all.sort_unstable();
        Self(all)
    }

    pub fn samples(&self) -> usize {
        self.0.len()
    }

    pub fn min(&self) -> u64 {
        self.0[0]
    }

    /// The lower one of the two in the middle.
    pub fn median(&self) -> u64 {
        self.0[(self.0.len() - 1) / 2]
    }

    pub fn max(&self) -> u64 {
        self.0[self.0.len() - 1]
    }
}

/// A path with its measurements.
pub struct PathUnits {
    pub case: Case,
    pub units: Units,
    /// Of the largest transaction among the samples.
    pub transaction_bytes: usize,
    pub accounts: usize,
    /// What the first sample calls.
    pub calls: Vec<Inner>,
}

impl Case {
    pub fn measure(self) -> Result<PathUnits, ProgramError> {
        let mut stage = Stage::new(self.setting)?;
        let (mut units, mut transaction_bytes, mut accounts) = (Vec::new(), 0, 0);
        let mut calls = Vec::new();
        for sample in 0..self.samples {
            stage.reset();
            let call = (self.prepare)(&mut stage);
            stage.wait();
            transaction_bytes = transaction_bytes.max(call.transaction_bytes());
            accounts = accounts.max(call.instruction.accounts.len());
            if sample == 0 {
                calls = calls::of(&stage.world, &call.instruction);
            }
            let sent = stage.world.send(&[call.instruction], &[&call.signer]);
            let receipt = sent.unwrap_or_else(|failure| {
                panic!("{}, {}, {}: {failure:#?}", self.instruction, self.name, self.setting)
            });
            let proven = call.proof.is_none_or(|proof| receipt.events.iter().any(proof));
            assert!(proven, "{}, {}: {:#?}", self.instruction, self.name, receipt.events);
            units.push(receipt.compute_units);
        }
        // What was measured was the real thing.
        stage
            .world
            .check_books()
            .unwrap_or_else(|wrong| panic!("{}, {}: {wrong}", self.instruction, self.name));
        units.sort_unstable();
        Ok(PathUnits { case: self, units: Units(units), transaction_bytes, accounts, calls })
    }
}
