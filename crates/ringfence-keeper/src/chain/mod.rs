//! The chain as the keeper sees it. Everything goes through [`Chain`], so that
//! a test can refuse, hang, answer late or out of order.

#[cfg(test)]
pub mod fake;
mod rpc;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use ringfence_client::Pubkey;
pub use rpc::{RpcChain, RpcSettings};
use solana_hash::Hash;
use solana_signature::Signature;
use solana_transaction::Transaction;
use solana_transaction_error::TransactionError;
use tokio::sync::mpsc;

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawAccount {
    pub lamports: u64,
    pub owner: Pubkey,
    pub data: Vec<u8>,
}

/// An answer, and the slot in which it was true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sampled<T> {
    pub slot: u64,
    pub value: T,
}

/// What went wrong with a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChainError {
    /// No answer in time; whether it was carried out is unknown.
    Timeout,
    /// Not reached, or not understood.
    Transport(String),
    /// The cluster refuses the transaction for this reason.
    Transaction(TransactionError),
}

impl std::fmt::Display for ChainError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Timeout => formatter.write_str("no answer in time"),
            Self::Transport(text) => formatter.write_str(text),
            Self::Transaction(error) => write!(formatter, "transaction refused: {error}"),
        }
    }
}

impl std::error::Error for ChainError {}

pub type Result<T> = core::result::Result<T, ChainError>;

/// Which accounts of the program, or of Pyth's receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    Markets,
    Positions {
        market: Pubkey,
    },
    Orders {
        market: Pubkey,
    },
    /// Updates of a feed that have been posted, by anybody.
    Updates {
        feed_id: [u8; 32],
    },
}

/// What to be told about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interest {
    pub markets: Vec<Pubkey>,
    pub oracles: Vec<Pubkey>,
}

/// One notification. The stream's end is its channel's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Update {
    Account { key: Pubkey, account: RawAccount, slot: u64 },
    Slot(u64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blockhash {
    pub hash: Hash,
    pub last_valid_block_height: u64,
}

/// What became of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    pub slot: u64,
    /// Voted on by a supermajority, or beyond.
    pub confirmed: bool,
    pub error: Option<TransactionError>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Simulation {
    pub error: Option<TransactionError>,
    pub units: u64,
    pub logs: Vec<String>,
}

/// Access to a cluster.
#[async_trait]
pub trait Chain: Send + Sync + 'static {
    /// At most 100 accounts, all of one slot.
    async fn accounts(&self, keys: &[Pubkey]) -> Result<Sampled<Vec<Option<RawAccount>>>>;
    async fn program_accounts(&self, filter: Filter) -> Result<Sampled<Vec<(Pubkey, RawAccount)>>>;
    /// Ends with its channel, whatever the reason.
    async fn subscribe(&self, interest: &Interest) -> Result<mpsc::Receiver<Update>>;
    async fn blockhash(&self) -> Result<Blockhash>;
    async fn block_height(&self) -> Result<u64>;
    async fn send(&self, transaction: &Transaction) -> Result<Signature>;
    async fn statuses(&self, signatures: &[Signature]) -> Result<Vec<Option<Status>>>;
    async fn simulate(&self, transaction: &Transaction) -> Result<Simulation>;
}

/// A chain whose calls all end in time.
pub struct Prompt {
    inner: Arc<dyn Chain>,
    timeout: Duration,
    /// For `program_accounts`, which moves a lot.
    snapshot_timeout: Duration,
}

impl Prompt {
    pub fn new(inner: Arc<dyn Chain>, timeout: Duration, snapshot_timeout: Duration) -> Self {
        Self { inner, timeout, snapshot_timeout }
    }
}

async fn within<T>(limit: Duration, call: impl Future<Output = Result<T>> + Send) -> Result<T> {
    tokio::time::timeout(limit, call).await.unwrap_or(Err(ChainError::Timeout))
}

#[async_trait]
impl Chain for Prompt {
    async fn accounts(&self, keys: &[Pubkey]) -> Result<Sampled<Vec<Option<RawAccount>>>> {
        within(self.timeout, self.inner.accounts(keys)).await
    }

    async fn program_accounts(&self, filter: Filter) -> Result<Sampled<Vec<(Pubkey, RawAccount)>>> {
        within(self.snapshot_timeout, self.inner.program_accounts(filter)).await
    }

    async fn subscribe(&self, interest: &Interest) -> Result<mpsc::Receiver<Update>> {
        within(self.timeout, self.inner.subscribe(interest)).await
    }

    async fn blockhash(&self) -> Result<Blockhash> {
        within(self.timeout, self.inner.blockhash()).await
    }

    async fn block_height(&self) -> Result<u64> {
        within(self.timeout, self.inner.block_height()).await
    }

    async fn send(&self, transaction: &Transaction) -> Result<Signature> {
        within(self.timeout, self.inner.send(transaction)).await
    }

    async fn statuses(&self, signatures: &[Signature]) -> Result<Vec<Option<Status>>> {
        within(self.timeout, self.inner.statuses(signatures)).await
    }

    async fn simulate(&self, transaction: &Transaction) -> Result<Simulation> {
        within(self.timeout, self.inner.simulate(transaction)).await
    }
}
