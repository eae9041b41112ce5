//! What can go wrong.

use std::fmt;
use std::path::PathBuf;

use solana_transaction_error::TransactionError;

/// A localnet that did not start.
#[derive(Debug)]
pub enum StartError {
    /// The compiled program is missing or is none.
    Program { path: PathBuf, cause: String },
    /// A port cannot be had. `purpose` is the flag that chooses another.
    Port { purpose: &'static str, port: u16, cause: String },
    /// The validator failed.
    Validator(String),
    /// A transaction of the set-up failed.
    Setup { step: String, error: SendError },
    /// Options that make no sense together.
    Options(String),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Program { path, cause } => write!(
                f,
                "cannot load the compiled program {}: {cause}; build it with: toolchain/build programs/ringfence",
                path.display()
            ),
            Self::Port { purpose, port, cause } => {
                write!(
                    f,
                    "port {port} of 127.0.0.1: {cause}; choose another with {purpose} (0: any free one)"
                )
            }
            Self::Validator(cause) => write!(f, "the validator did not start: {cause}"),
            Self::Setup { step, error } => write!(f, "cannot {step}: {error}"),
            Self::Options(cause) => f.write_str(cause),
        }
    }
}

impl std::error::Error for StartError {}

/// A transaction that did nothing.
#[derive(Debug)]
pub enum SendError {
    /// Executed, and failed.
    Failed { error: TransactionError, logs: Vec<String> },
    /// Never executed.
    NotSent(String),
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed { error, logs } => {
                write!(f, "{error}")?;
                // Anchor's own line says which error of the program it was.
                match logs.iter().find(|line| line.contains("Error Message")) {
                    Some(line) => write!(f, " ({line})"),
                    None => Ok(()),
                }
            }
            Self::NotSent(cause) => f.write_str(cause),
        }
    }
}

impl std::error::Error for SendError {}

/// The servers did not close in time: their ports may still be taken.
#[derive(Debug)]
pub struct ShutdownError;

impl fmt::Display for ShutdownError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the validator did not stop in time")
    }
}

impl std::error::Error for ShutdownError {}
