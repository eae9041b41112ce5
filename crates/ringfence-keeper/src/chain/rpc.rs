//! A cluster over JSON-RPC and its websocket.

use std::time::Duration;

use async_trait::async_trait;
use futures_util::StreamExt;
use futures_util::stream::SelectAll;
use ringfence_client::oracle::RECEIVER;
use ringfence_client::state::{Market, Order, Position};
use ringfence_client::{PROGRAM_ID, Pubkey};
use serde_json::json;
use solana_account_decoder_client_types::{UiAccount, UiAccountEncoding};
use solana_commitment_config::CommitmentConfig;
use solana_pubsub_client::nonblocking::pubsub_client::PubsubClient;
use solana_rpc_client::nonblocking::rpc_client::RpcClient;
use solana_rpc_client_api::client_error::Error as ClientError;
use solana_rpc_client_api::config::{
    RpcAccountInfoConfig, RpcProgramAccountsConfig, RpcSendTransactionConfig, RpcSimulateTransactionConfig,
};
use solana_rpc_client_api::filter::{Memcmp, RpcFilterType};
use solana_rpc_client_api::request::RpcRequest;
use solana_rpc_client_api::response::{OptionalContext, RpcKeyedAccount};
use solana_signature::Signature;
use solana_transaction::Transaction;
use tokio::sync::mpsc;

use super::{
    Blockhash, Chain, ChainError, Filter, Interest, RawAccount, Result, Sampled, Simulation, Status, Update,
};

/// Where `Position::market` lies in the account's data.
const MARKET_OFFSET: usize = 8 + core::mem::offset_of!(Position, market);
/// Where `Order::market` does.
const ORDER_MARKET_OFFSET: usize = 8 + core::mem::offset_of!(Order, market);
/// Where the feed lies in a fully verified update: after the discriminator,
/// the write authority and one byte for the verification.
const UPDATE_FEED_OFFSET: usize = 41;

/// Notifications that may wait for the keeper before the node is made to wait.
const STREAM_CAPACITY: usize = 16_384;

#[derive(Clone, Debug)]
pub struct RpcSettings {
    pub url: String,
    /// None: no subscription, snapshots and polling alone.
    pub websocket_url: Option<String>,
    pub commitment: CommitmentConfig,
    pub timeout: Duration,
    /// Have the node simulate before it forwards: a lost race then costs no fee.
    pub preflight: bool,
}

pub struct RpcChain {
    client: RpcClient,
    settings: RpcSettings,
}

impl RpcChain {
    pub fn new(settings: RpcSettings) -> Self {
        let client = RpcClient::new_with_timeout_and_commitment(
            settings.url.clone(),
            settings.timeout,
            settings.commitment,
        );
        Self { client, settings }
    }

    fn account_config(&self) -> RpcAccountInfoConfig {
        RpcAccountInfoConfig {
            encoding: Some(UiAccountEncoding::Base64),
            commitment: Some(self.settings.commitment),
            ..RpcAccountInfoConfig::default()
        }
    }

    fn program_config(&self, filter: Filter) -> RpcProgramAccountsConfig {
        let filters = match filter {
            Filter::Markets => vec![RpcFilterType::DataSize(Market::SIZE as u64)],
            Filter::Positions { market } => vec![
                RpcFilterType::DataSize(Position::SIZE as u64),
                RpcFilterType::Memcmp(Memcmp::new_raw_bytes(MARKET_OFFSET, market.to_bytes().to_vec())),
            ],
            Filter::Orders { market } => vec![
                RpcFilterType::DataSize(Order::SIZE as u64),
                RpcFilterType::Memcmp(Memcmp::new_raw_bytes(ORDER_MARKET_OFFSET, market.to_bytes().to_vec())),
            ],
            Filter::Updates { feed_id } => {
                vec![RpcFilterType::Memcmp(Memcmp::new_raw_bytes(UPDATE_FEED_OFFSET, feed_id.to_vec()))]
            }
        };
        RpcProgramAccountsConfig {
            filters: Some(filters),
            account_config: self.account_config(),
            with_context: Some(true),
            sort_results: Some(false),
        }
    }
}

impl From<ClientError> for ChainError {
    fn from(error: ClientError) -> Self {
        match error.get_transaction_error() {
            Some(refusal) => Self::Transaction(refusal),
            None => Self::Transport(error.to_string()),
        }
    }
}

fn raw(account: &UiAccount) -> Option<RawAccount> {
    Some(RawAccount {
        lamports: account.lamports,
        owner: account.owner.parse().ok()?,
        data: account.data.decode()?,
    })
}

fn keyed(account: &RpcKeyedAccount) -> Option<(Pubkey, RawAccount)> {
    Some((account.pubkey.parse().ok()?, raw(&account.account)?))
}

#[async_trait]
impl Chain for RpcChain {
    async fn accounts(&self, keys: &[Pubkey]) -> Result<Sampled<Vec<Option<RawAccount>>>> {
        let answer = self.client.get_multiple_ui_accounts_with_config(keys, self.account_config()).await?;
        let value = answer.value.iter().map(|account| account.as_ref().and_then(raw)).collect();
        Ok(Sampled { slot: answer.context.slot, value })
    }

    async fn program_accounts(&self, filter: Filter) -> Result<Sampled<Vec<(Pubkey, RawAccount)>>> {
        let config = self.program_config(filter);
        let program = if matches!(filter, Filter::Updates { .. }) { RECEIVER } else { PROGRAM_ID };
        let answer: OptionalContext<Vec<RpcKeyedAccount>> =
            self.client.send(RpcRequest::GetProgramAccounts, json!([program.to_string(), config])).await?;
        let OptionalContext::Context(answer) = answer else {
            return Err(ChainError::Transport("the node gave a snapshot without its slot".into()));
        };
        Ok(Sampled { slot: answer.context.slot, value: answer.value.iter().filter_map(keyed).collect() })
    }

    async fn subscribe(&self, interest: &Interest) -> Result<mpsc::Receiver<Update>> {
        let Some(url) = self.settings.websocket_url.clone() else {
            // A stream that never says anything: polling and snapshots do.
            let (sender, receiver) = mpsc::channel(1);
            tokio::spawn(async move { sender.closed().await });
            return Ok(receiver);
        };
        let transport = |error: &dyn std::fmt::Display| ChainError::Transport(format!("websocket: {error}"));
        let client = PubsubClient::new(&url).await.map_err(|error| transport(&error))?;
        let (updates, receiver) = mpsc::channel(STREAM_CAPACITY);
        let (ready, subscribed) = tokio::sync::oneshot::channel();
        let mut programs = vec![self.program_config(Filter::Markets)];
        for &market in &interest.markets {
            programs.push(self.program_config(Filter::Positions { market }));
            programs.push(self.program_config(Filter::Orders { market }));
        }
        let oracles = interest.oracles.clone();
        let account_config = self.account_config();
        tokio::spawn(async move {
            let outcome = pump(&client, programs, oracles, account_config, updates, ready).await;
            if let Err(error) = outcome {
                tracing::warn!(%error, "subscription ended");
            }
            let _ = client.shutdown().await;
        });
        match subscribed.await {
            Ok(()) => Ok(receiver),
            Err(_) => Err(ChainError::Transport("websocket: the node refused to subscribe".into())),
        }
    }

    async fn blockhash(&self) -> Result<Blockhash> {
        let (hash, last_valid_block_height) =
            self.client.get_latest_blockhash_with_commitment(self.settings.commitment).await?;
        Ok(Blockhash { hash, last_valid_block_height })
    }

    async fn block_height(&self) -> Result<u64> {
        Ok(self.client.get_block_height().await?)
    }

    async fn send(&self, transaction: &Transaction) -> Result<Signature> {
        let config = RpcSendTransactionConfig {
            skip_preflight: !self.settings.preflight,
            preflight_commitment: Some(self.settings.commitment.commitment),
            // The keeper sends again itself.
            max_retries: Some(0),
            ..RpcSendTransactionConfig::default()
        };
        Ok(self.client.send_transaction_with_config(transaction, config).await?)
    }

    async fn statuses(&self, signatures: &[Signature]) -> Result<Vec<Option<Status>>> {
        let answer = self.client.get_signature_statuses(signatures).await?;
        let statuses = answer.value.into_iter().map(|entry| {
            entry.map(|status| Status {
                slot: status.slot,
                confirmed: status.satisfies_commitment(CommitmentConfig::confirmed()),
                error: status.err,
            })
        });
        Ok(statuses.collect())
    }

    async fn simulate(&self, transaction: &Transaction) -> Result<Simulation> {
        let config = RpcSimulateTransactionConfig {
            sig_verify: false,
            replace_recent_blockhash: true,
            commitment: Some(self.settings.commitment),
            ..RpcSimulateTransactionConfig::default()
        };
        let answer = self.client.simulate_transaction_with_config(transaction, config).await?.value;
        Ok(Simulation {
            error: answer.err.map(Into::into),
            units: answer.units_consumed.unwrap_or_default(),
            logs: answer.logs.unwrap_or_default(),
        })
    }
}

/// Forwards notifications until the connection, or the receiver, is gone.
async fn pump(
    client: &PubsubClient,
    programs: Vec<RpcProgramAccountsConfig>,
    oracles: Vec<Pubkey>,
    account_config: RpcAccountInfoConfig,
    updates: mpsc::Sender<Update>,
    ready: tokio::sync::oneshot::Sender<()>,
) -> core::result::Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let mut streams = SelectAll::new();
    for config in programs {
        let (stream, _) = client.program_subscribe(&PROGRAM_ID, Some(config)).await?;
        let stream = stream.map(|answer| {
            let (key, account) = keyed(&answer.value)?;
            Some(Update::Account { key, account, slot: answer.context.slot })
        });
        streams.push(stream.map(Some).chain(ended()).boxed());
    }
    for key in oracles {
        let (stream, _) = client.account_subscribe(&key, Some(account_config.clone())).await?;
        let stream = stream.map(move |answer| {
            let account = raw(&answer.value)?;
            Some(Update::Account { key, account, slot: answer.context.slot })
        });
        streams.push(stream.map(Some).chain(ended()).boxed());
    }
    let (stream, _) = client.slot_subscribe().await?;
    streams.push(stream.map(|slot| Some(Some(Update::Slot(slot.slot)))).chain(ended()).boxed());
    let _ = ready.send(());

    loop {
        tokio::select! {
            // One stream that ends means that something is missed from here on.
            next = streams.next() => match next.flatten() {
                None => return Ok(()),
                Some(None) => {}
                Some(Some(update)) => {
                    if updates.send(update).await.is_err() {
                        return Ok(());
                    }
                }
            },
            () = updates.closed() => return Ok(()),
        }
    }
}

fn ended() -> impl futures_util::Stream<Item = Option<Option<Update>>> {
    futures_util::stream::once(async { None })
}
