//! A chain in memory that runs the program's own state transitions, and can
//! refuse, hang, be late, forget transactions and cut subscriptions.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use ringfence_client::accounts::decode;
use ringfence_client::oracle::{self, Action, PriceReading};
use ringfence_client::state::{Market, Position};
use ringfence_client::{Discriminator, MarketAccounts, PROGRAM_ID, Pubkey, RingfenceError, instructions};
use solana_hash::Hash;
use solana_instruction::error::InstructionError;
use solana_signature::Signature;
use solana_transaction::Transaction;
use solana_transaction_error::TransactionError;
use tokio::sync::mpsc;

use super::{
    Blockhash, Chain, ChainError, Filter, Interest, RawAccount, Result, Sampled, Simulation, Status, Update,
};
use crate::state::{CLOCK, LAST_RESTART_SLOT};

const RECEIVER: Pubkey = Pubkey::from_str_const("rec5EKMGg6MxZYaMdyBfgwp4d5rB9T1VQH5pJv5LtFJ");

/// Blocks that a blockhash is good for.
pub const BLOCKHASH_BLOCKS: u64 = 150;

#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// Every call fails at once.
    pub refuse: bool,
    /// No call is answered.
    pub hang: bool,
    /// Every answer is late by this, and is of the moment of the question.
    pub delay: Duration,
    /// Transactions that are taken and never land.
    pub lose_sends: u32,
    /// Positions whose liquidation the program refuses.
    pub poisoned: HashSet<Pubkey>,
    /// Compute units that everything takes: a lower limit is too small.
    pub units_needed: u32,
    /// Blocks that the next blockhashes are good for.
    pub blockhash_blocks: Option<u64>,
}

#[derive(Default)]
pub struct State {
    pub slot: u64,
    pub now: i64,
    pub accounts: HashMap<Pubkey, RawAccount>,
    pub faults: Faults,
    /// Calls by name.
    pub calls: HashMap<&'static str, u64>,
    /// Liquidations that landed: position, slot, fee payer.
    pub liquidated: Vec<(Pubkey, u64, Pubkey)>,
    pub capped: Vec<Pubkey>,
    pub accrued: u64,
    /// Prices posted.
    pub posted: u64,
    /// Attempts to send by position.
    pub tried: HashMap<Pubkey, u64>,
    /// Compute-unit prices in order of sending.
    pub prices: Vec<u64>,
    landed: HashMap<Signature, Status>,
    valid: HashMap<Hash, u64>,
    hashes: u64,
    subscribers: Vec<mpsc::Sender<Update>>,
}

#[derive(Default)]
pub struct FakeChain(Mutex<State>);

/// Bytes of a program account.
pub fn encode<T: bytemuck::Pod + Discriminator>(account: &T) -> RawAccount {
    let data = [T::DISCRIMINATOR, bytemuck::bytes_of(account)].concat();
    RawAccount { lamports: 1, owner: PROGRAM_ID, data }
}

/// A `PriceUpdateV2` with exponent −10, its average the price itself.
pub fn price_account(
    feed_id: &[u8; 32],
    price: u64,
    confidence: u64,
    publish_time: i64,
    slot: u64,
) -> RawAccount {
    let mut data = vec![0x22, 0xf1, 0x23, 0x63, 0x9d, 0x7e, 0xf4, 0xcd];
    data.extend([0; 32]);
    data.push(1);
    data.extend(feed_id);
    data.extend((price as i64).to_le_bytes());
    data.extend(confidence.to_le_bytes());
    data.extend((-10i32).to_le_bytes());
    data.extend(publish_time.to_le_bytes());
    data.extend((publish_time - 1).to_le_bytes());
    data.extend((price as i64).to_le_bytes());
    data.extend(confidence.to_le_bytes());
    data.extend(slot.to_le_bytes());
    data.resize(134, 0);
    RawAccount { lamports: 1, owner: RECEIVER, data }
}

impl FakeChain {
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// The next slot; the clock goes with it.
    pub fn step(&self, seconds: i64) {
        let mut state = self.state();
        state.slot += 1;
        state.now += seconds;
        let mut clock = Vec::new();
        for word in [state.slot, 0, 0, 0, state.now as u64] {
            clock.extend(word.to_le_bytes());
        }
        let owner = Pubkey::default();
        state.accounts.insert(CLOCK, RawAccount { lamports: 1, owner, data: clock });
        state.accounts.insert(LAST_RESTART_SLOT, RawAccount { lamports: 1, owner, data: vec![0; 8] });
        let slot = state.slot;
        state.notify(Update::Slot(slot));
    }

    pub fn put(&self, key: Pubkey, account: RawAccount) {
        self.state().put(key, account);
    }

    pub fn market(&self, key: &Pubkey) -> Market {
        decode(&self.state().accounts[key].data).expect("a market")
    }

    pub fn position(&self, key: &Pubkey) -> Position {
        decode(&self.state().accounts[key].data).expect("a position")
    }

    /// Publishes a price now.
    pub fn publish(&self, key: Pubkey, feed_id: &[u8; 32], price: u64) {
        let mut state = self.state();
        let account = price_account(feed_id, price, 0, state.now, state.slot);
        state.put(key, account);
    }

    /// Ends every subscription.
    pub fn cut(&self) {
        self.state().subscribers.clear();
    }

    pub fn subscribers(&self) -> usize {
        let mut state = self.state();
        state.subscribers.retain(|subscriber| !subscriber.is_closed());
        state.subscribers.len()
    }

    pub fn calls(&self, name: &str) -> u64 {
        self.state().calls.get(name).copied().unwrap_or(0)
    }

    async fn call<T>(&self, name: &'static str, answer: impl FnOnce(&mut State) -> Result<T>) -> Result<T> {
        let (faults, result) = {
            let mut state = self.state();
            *state.calls.entry(name).or_default() += 1;
            let faults = state.faults.clone();
            let result = if faults.refuse || faults.hang {
                Err(ChainError::Transport("refused".into()))
            } else {
                answer(&mut state)
            };
            (faults, result)
        };
        if faults.hang {
            std::future::pending::<()>().await;
        }
        if !faults.delay.is_zero() {
            tokio::time::sleep(faults.delay).await;
        }
        result
    }
}

fn refusal(error: impl Into<u32>) -> TransactionError {
    TransactionError::InstructionError(2, InstructionError::Custom(error.into()))
}

type Executed = core::result::Result<(), TransactionError>;

impl State {
    fn put(&mut self, key: Pubkey, account: RawAccount) {
        self.accounts.insert(key, account.clone());
        let slot = self.slot;
        self.notify(Update::Account { key, account, slot });
    }

    pub fn notify(&mut self, update: Update) {
        self.subscribers.retain(|subscriber| subscriber.try_send(update.clone()).is_ok());
    }

    fn find<T: bytemuck::Pod + Discriminator>(
        &self,
        key: &Pubkey,
    ) -> core::result::Result<T, TransactionError> {
        let account = self.accounts.get(key).and_then(|account| decode::<T>(&account.data));
        account.ok_or(TransactionError::InstructionError(2, InstructionError::Custom(3_012)))
    }

    fn reading(
        &self,
        market: &Market,
        key: &Pubkey,
        action: Action,
    ) -> core::result::Result<oracle::PriceReading, TransactionError> {
        let account = self.accounts.get(key).ok_or(refusal(RingfenceError::OracleWrongOwner))?;
        let reading = oracle::decode(&market.oracle, key, &account.owner, &account.data).map_err(refusal)?;
        let validity = oracle::validity(market, &reading, self.now, 0);
        if validity > action.accepts() {
            return Err(refusal(RingfenceError::from(validity)));
        }
        Ok(reading)
    }

    /// Runs what the keeper can send; `commit` keeps the changes.
    fn execute(&mut self, transaction: &Transaction, commit: bool) -> Executed {
        let message = &transaction.message;
        let payer = message.account_keys[0];
        if limit_of(transaction) < self.faults.units_needed {
            let cause = InstructionError::ComputationalBudgetExceeded;
            return Err(TransactionError::InstructionError(2, cause));
        }
        for instruction in &message.instructions {
            let program = message.account_keys[usize::from(instruction.program_id_index)];
            let keys: Vec<Pubkey> =
                instruction.accounts.iter().map(|&index| message.account_keys[usize::from(index)]).collect();
            let data = instruction.data.as_slice();
            if program == RECEIVER && commit {
                self.post_update(keys[4], data);
            }
            if program != PROGRAM_ID {
                continue;
            }
            if data == kinds().0 {
                self.liquidate(&keys, payer, commit)?;
            } else if data == kinds().1 {
                self.close_at_cap(&keys, commit)?;
            } else if data == kinds().2 {
                self.accrue(&keys, commit)?;
            } else {
                panic!("the keeper sent an instruction that it has no business with");
            }
        }
        Ok(())
    }

    /// As the Pyth receiver does, without looking at signatures and proof.
    fn post_update(&mut self, account: Pubkey, data: &[u8]) {
        let message = &data[12..];
        let feed_id: [u8; 32] = *message[1..].first_chunk().expect("a feed id");
        let number = |at: usize| u64::from_be_bytes(*message[at..].first_chunk().expect("a number"));
        // exponent −8
        let price = number(33) * 100;
        let confidence = number(41) * 100;
        let posted = price_account(&feed_id, price, confidence, number(53) as i64, self.slot);
        self.put(account, posted);
        self.posted += 1;
    }

    fn liquidate(&mut self, keys: &[Pubkey], payer: Pubkey, commit: bool) -> Executed {
        let (market_key, position_key, oracle) = (keys[2], keys[3], keys[6]);
        *self.tried.entry(position_key).or_default() += 1;
        let mut market: Market = self.find(&market_key)?;
        let mut position: Position = self.find(&position_key)?;
        if self.faults.poisoned.contains(&position_key) {
            return Err(refusal(RingfenceError::InvariantViolated));
        }
        let reading = self.reading(&market, &oracle, Action::Liquidate)?;
        transition(&mut market, &reading, self.now, |market, reading| {
            program::of(&mut position).liquidate(market, reading).map(drop)
        })?;
        if commit {
            self.put(market_key, encode(&market));
            self.put(position_key, encode(&position));
            self.liquidated.push((position_key, self.slot, payer));
        }
        Ok(())
    }

    fn close_at_cap(&mut self, keys: &[Pubkey], commit: bool) -> Executed {
        let (market_key, position_key, oracle) = (keys[1], keys[2], keys[5]);
        let mut market: Market = self.find(&market_key)?;
        let mut position: Position = self.find(&position_key)?;
        let reading = self.reading(&market, &oracle, Action::ReduceRisk)?;
        transition(&mut market, &reading, self.now, |market, reading| {
            program::of(&mut position).close_at_cap(market, reading).map(drop)
        })?;
        if commit {
            self.put(market_key, encode(&market));
            self.put(position_key, encode(&position));
            self.capped.push(position_key);
        }
        Ok(())
    }

    fn accrue(&mut self, keys: &[Pubkey], commit: bool) -> Executed {
        let mut market: Market = self.find(&keys[0])?;
        let reading = self.reading(&market, &keys[1], Action::ReduceRisk)?;
        transition(&mut market, &reading, self.now, |_, _| Ok(()))?;
        if commit {
            self.put(keys[0], encode(&market));
            self.accrued += 1;
        }
        Ok(())
    }

    fn take(&mut self, transaction: &Transaction) -> Result<Signature> {
        let signature = transaction.signatures[0];
        if self.landed.contains_key(&signature) {
            return Err(ChainError::Transaction(TransactionError::AlreadyProcessed));
        }
        let valid_until = self.valid.get(&transaction.message.recent_blockhash).copied().unwrap_or(0);
        if self.slot > valid_until {
            return Err(ChainError::Transaction(TransactionError::BlockhashNotFound));
        }
        let price =
            transaction.message.instructions.iter().find(|instruction| instruction.data.first() == Some(&3));
        if let Some(bytes) =
            price.and_then(|instruction| instruction.data.get(1..9)?.first_chunk::<8>().copied())
        {
            self.prices.push(u64::from_le_bytes(bytes));
        }
        if self.faults.lose_sends > 0 {
            self.faults.lose_sends -= 1;
            return Ok(signature);
        }
        self.execute(transaction, true).map_err(ChainError::Transaction)?;
        self.landed.insert(signature, Status { slot: self.slot, confirmed: true, error: None });
        Ok(signature)
    }
}

/// The limit of compute units that a transaction asks for.
fn limit_of(transaction: &Transaction) -> u32 {
    let mut all = transaction.message.instructions.iter();
    let limit = all.find_map(|instruction| match instruction.data.as_slice() {
        [2, bytes @ ..] => bytes.first_chunk::<4>().copied(),
        _ => None,
    });
    limit.map_or(0, u32::from_le_bytes)
}

/// What the program does with an accepted price: it takes it in, and then acts.
fn transition(
    market: &mut Market,
    reading: &PriceReading,
    now: i64,
    act: impl FnOnce(&mut program::Market, &program::PriceReading) -> program::Result,
) -> Executed {
    let market: &mut program::Market = bytemuck::cast_mut(market);
    let PriceReading { price, confidence, ema, publish_time, previous_publish_time, slot } = *reading;
    let reading = program::PriceReading { price, confidence, ema, publish_time, previous_publish_time, slot };
    market.observe(&reading, now).and_then(|()| act(market, &reading)).map_err(refusal)
}

/// The program's own types, on whose bytes its transitions run.
mod program {
    pub use ringfence::oracle::PriceReading;
    pub use ringfence::state::{Market, Position};

    pub type Result = ringfence::errors::Result<()>;

    pub fn of(position: &mut super::Position) -> &mut Position {
        bytemuck::cast_mut(position)
    }
}

/// Data of liquidate, close_at_cap and accrue.
fn kinds() -> &'static (Vec<u8>, Vec<u8>, Vec<u8>) {
    static KINDS: std::sync::OnceLock<(Vec<u8>, Vec<u8>, Vec<u8>)> = std::sync::OnceLock::new();
    KINDS.get_or_init(|| {
        let key = Pubkey::default();
        let accounts = MarketAccounts {
            market: key,
            collateral_mint: key,
            pool_vault: key,
            lp_mint: key,
            token_program: key,
            oracle: key,
        };
        (
            instructions::liquidate(&accounts, key, key, key).data,
            instructions::close_at_cap(&accounts, key, key).data,
            instructions::accrue(&accounts).data,
        )
    })
}

#[async_trait]
impl Chain for FakeChain {
    async fn accounts(&self, keys: &[Pubkey]) -> Result<Sampled<Vec<Option<RawAccount>>>> {
        assert!(keys.len() <= 100);
        self.call("accounts", |state| {
            let value = keys.iter().map(|key| state.accounts.get(key).cloned()).collect();
            Ok(Sampled { slot: state.slot, value })
        })
        .await
    }

    async fn program_accounts(&self, filter: Filter) -> Result<Sampled<Vec<(Pubkey, RawAccount)>>> {
        self.call("program_accounts", |state| {
            let wanted = |account: &RawAccount| match filter {
                Filter::Markets => decode::<Market>(&account.data).is_some(),
                Filter::Positions { market } => {
                    decode::<Position>(&account.data).is_some_and(|position| position.market == market)
                }
            };
            let found =
                state.accounts.iter().filter(|(_, account)| account.owner == PROGRAM_ID && wanted(account));
            let value = found.map(|(key, account)| (*key, account.clone())).collect();
            Ok(Sampled { slot: state.slot, value })
        })
        .await
    }

    async fn subscribe(&self, _interest: &Interest) -> Result<mpsc::Receiver<Update>> {
        self.call("subscribe", |state| {
            let (sender, receiver) = mpsc::channel(65_536);
            state.subscribers.push(sender);
            Ok(receiver)
        })
        .await
    }

    async fn blockhash(&self) -> Result<Blockhash> {
        self.call("blockhash", |state| {
            state.hashes += 1;
            let mut bytes = [0; 32];
            bytes[..8].copy_from_slice(&state.hashes.to_le_bytes());
            let blocks = state.faults.blockhash_blocks.take().unwrap_or(BLOCKHASH_BLOCKS);
            let (hash, last_valid_block_height) = (Hash::new_from_array(bytes), state.slot + blocks);
            state.valid.insert(hash, last_valid_block_height);
            Ok(Blockhash { hash, last_valid_block_height })
        })
        .await
    }

    async fn block_height(&self) -> Result<u64> {
        self.call("block_height", |state| Ok(state.slot)).await
    }

    async fn send(&self, transaction: &Transaction) -> Result<Signature> {
        self.call("send", |state| state.take(transaction)).await
    }

    async fn statuses(&self, signatures: &[Signature]) -> Result<Vec<Option<Status>>> {
        self.call("statuses", |state| {
            Ok(signatures.iter().map(|signature| state.landed.get(signature).cloned()).collect())
        })
        .await
    }

    async fn simulate(&self, transaction: &Transaction) -> Result<Simulation> {
        self.call("simulate", |state| {
            let error = state.execute(transaction, false).err();
            Ok(Simulation { error, units: 0, logs: Vec::new() })
        })
        .await
    }
}
