//! What became of a transaction.

use litesvm::types::{FailedTransactionMetadata, TransactionMetadata};
use ringfence_client::RingfenceError;
use ringfence_client::events::{Event, decode};
use solana_instruction::error::InstructionError;
use solana_transaction_error::TransactionError;

/// A transaction that went through.
#[derive(Debug, Clone)]
pub struct Receipt {
    pub compute_units: u64,
    pub events: Vec<Event>,
    pub logs: Vec<String>,
}

/// A transaction that did not.
#[derive(Debug, Clone)]
pub struct Failure {
    pub error: TransactionError,
    pub compute_units: u64,
    pub logs: Vec<String>,
}

impl Failure {
    /// The custom error code, where a program returned one.
    pub fn code(&self) -> Option<u32> {
        match self.error {
            TransactionError::InstructionError(_, InstructionError::Custom(code)) => Some(code),
            _ => None,
        }
    }

    pub fn is(&self, error: RingfenceError) -> bool {
        self.code() == Some(error.into())
    }
}

impl From<TransactionMetadata> for Receipt {
    fn from(meta: TransactionMetadata) -> Self {
        let inner = meta.inner_instructions.iter().flatten();
        Self {
            compute_units: meta.compute_units_consumed,
            events: inner.filter_map(|call| decode(&call.instruction.data)).collect(),
            logs: meta.logs,
        }
    }
}

impl From<FailedTransactionMetadata> for Failure {
    fn from(failed: FailedTransactionMetadata) -> Self {
        Self { error: failed.err, compute_units: failed.meta.compute_units_consumed, logs: failed.meta.logs }
    }
}

/// Asserts that a transaction failed with just this error of the program.
#[track_caller]
pub fn assert_error<T: std::fmt::Debug>(result: Result<T, Failure>, error: RingfenceError) {
    match result {
        Ok(done) => panic!("expected {error:?}, but it went through: {done:?}"),
        Err(failure) => assert!(
            failure.is(error),
            "expected {error:?} ({}), got {:?}\n{}",
            u32::from(error),
            failure.error,
            failure.logs.join("\n")
        ),
    }
}

/// Asserts that a transaction failed with this custom code, for errors of
/// Anchor and of the token programs.
#[track_caller]
pub fn assert_code<T: std::fmt::Debug>(result: Result<T, Failure>, code: u32) {
    match result {
        Ok(done) => panic!("expected code {code}, but it went through: {done:?}"),
        Err(failure) => assert_eq!(
            failure.code(),
            Some(code),
            "expected code {code}, got {:?}\n{}",
            failure.error,
            failure.logs.join("\n")
        ),
    }
}
