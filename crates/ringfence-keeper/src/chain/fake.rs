//! A chain in memory that runs the program's own state transitions, and can
//! refuse, hang, be late, forget transactions and cut subscriptions.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use ringfence_client::accounts::decode;
use ringfence_client::generated::instruction_data as program_data;
use ringfence_client::oracle::{self, Action, PriceReading, RECEIVER};
use ringfence_client::state::{Market, MarketStatus, Order, Position};
use ringfence_client::{Discriminator, PROGRAM_ID, Pubkey, RingfenceError};
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
    /// Bytes that everything loads: a lower limit of loaded data is too small.
    pub loaded: u32,
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
    /// Orders that were executed: order, slot, fee payer, index price.
    pub executed: Vec<(Pubkey, u64, Pubkey, u64)>,
    /// Delayed orders that could not be filled at their price.
    pub failed: Vec<Pubkey>,
    /// Orders that were cancelled, and where their funds went.
    pub cancelled: Vec<(Pubkey, Pubkey)>,
    pub capped: Vec<Pubkey>,
    pub accrued: u64,
    /// Prices posted.
    pub posted: u64,
    /// Attempts, simulated ones too, by position or order.
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

/// A `PriceUpdateV2` with exponent −10, its average the price itself, the one
/// before it published a second earlier.
pub fn price_account(
    feed_id: &[u8; 32],
    price: u64,
    confidence: u64,
    publish_time: i64,
    slot: u64,
) -> RawAccount {
    update_account(feed_id, price, confidence, [publish_time - 1, publish_time], slot)
}

/// With the times at which the price before it and it were published.
pub fn update_account(
    feed_id: &[u8; 32],
    price: u64,
    confidence: u64,
    [previous, published]: [i64; 2],
    slot: u64,
) -> RawAccount {
    let mut data = vec![0x22, 0xf1, 0x23, 0x63, 0x9d, 0x7e, 0xf4, 0xcd];
    data.extend([0; 32]);
    data.push(1);
    data.extend(feed_id);
    data.extend((price as i64).to_le_bytes());
    data.extend(confidence.to_le_bytes());
    data.extend((-10i32).to_le_bytes());
    data.extend(published.to_le_bytes());
    data.extend(previous.to_le_bytes());
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

    /// None once it has ended.
    pub fn order(&self, key: &Pubkey) -> Option<Order> {
        decode(&self.state().accounts.get(key)?.data)
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
        if limit_of(transaction, 4).is_some_and(|limit| limit < self.faults.loaded) {
            return Err(TransactionError::MaxLoadedAccountsDataSizeExceeded);
        }
        if limit_of(transaction, 2).unwrap_or(0) < self.faults.units_needed {
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
            if data == program_data::Liquidate::DISCRIMINATOR {
                self.liquidate(&keys, payer, commit)?;
            } else if data == program_data::ExecuteOrder::DISCRIMINATOR {
                self.execute_order(&keys, payer, commit)?;
            } else if data == program_data::CancelOrder::DISCRIMINATOR {
                self.cancel_order(&keys, commit)?;
            } else if data == program_data::CloseAtCap::DISCRIMINATOR {
                self.close_at_cap(&keys, commit)?;
            } else if data == program_data::Accrue::DISCRIMINATOR {
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
        let times = [number(61) as i64, number(53) as i64];
        let posted = update_account(&feed_id, price, confidence, times, self.slot);
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

    /// As `instructions/keeper/execute_order.rs` does.
    fn execute_order(&mut self, keys: &[Pubkey], payer: Pubkey, commit: bool) -> Executed {
        let (market_key, position_key, order_key, oracle) = (keys[2], keys[3], keys[5], keys[10]);
        *self.tried.entry(order_key).or_default() += 1;
        let order: Order = self.find(&order_key)?;
        let mut market: Market = self.find(&market_key)?;
        let mut position: Position = self.find(&position_key)?;
        if self.faults.poisoned.contains(&order_key) {
            return Err(refusal(RingfenceError::InvariantViolated));
        }
        let account = self.accounts.get(&oracle).ok_or(refusal(RingfenceError::OracleWrongOwner))?;
        let reading =
            oracle::decode(&market.oracle, &oracle, &account.owner, &account.data).map_err(refusal)?;
        let order: program::Order = bytemuck::cast(order);
        order.ensure_stands(program::of(&mut position), self.now).map_err(refusal)?;
        let kind = order.kind().map_err(refusal)?;
        market_allows(&market, kind.adds())?;
        if kind.adds() && !order.is_delayed() {
            if !market.params.instant_open() {
                return Err(refusal(RingfenceError::InstantOpenDisabled));
            }
            if position.is_committed(self.now) {
                return Err(refusal(RingfenceError::OrderPending));
            }
        }
        let accepted = if order.is_delayed() {
            if reading.previous_publish_time >= order.not_before {
                return Err(refusal(RingfenceError::NotFirstPrice));
            }
            reading.publish_time
        } else {
            market.accepted.publish_time
        };
        let action = if kind.adds() { Action::AddRisk } else { Action::ReduceByOrder };
        let validity = oracle::Validity::assess(&reading, &market.oracle, accepted, self.now, 0);
        if validity > action.accepts() {
            return Err(refusal(RingfenceError::from(validity)));
        }
        let (now, mut failed) = (self.now, false);
        transition(&mut market, &reading, now, |market, reading| {
            order.ensure_triggered(reading)?;
            let before = (*market, position);
            let traded = program::trade(&order, program::of(&mut position), market, reading, now);
            if traded.is_err() && order.is_delayed() {
                (*market, position) = before;
                program::of(&mut position).release();
                failed = true;
                return Ok(());
            }
            traded
        })?;
        if commit {
            self.put(market_key, encode(&market));
            self.put(position_key, encode(&position));
            if failed {
                let mut order: Order = bytemuck::cast(order);
                (order.failed, order.reward) = (1, 0);
                self.put(order_key, encode(&order));
                self.failed.push(order_key);
                return Ok(());
            }
            // No node tells of an account that has been closed.
            self.accounts.remove(&order_key);
            self.executed.push((order_key, self.slot, payer, reading.price.0));
        }
        Ok(())
    }

    /// Of an order that has ended, by anyone.
    fn cancel_order(&mut self, keys: &[Pubkey], commit: bool) -> Executed {
        let (tokens, position_key, order_key) = (keys[2], keys[3], keys[4]);
        *self.tried.entry(order_key).or_default() += 1;
        let order: Order = self.find(&order_key)?;
        let position: Option<Position> = self.find(&position_key).ok();
        if !order.has_ended(position.as_ref(), self.now) {
            return Err(refusal(RingfenceError::OrderLive));
        }
        if commit {
            self.accounts.remove(&order_key);
            self.cancelled.push((order_key, tokens));
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

/// What an instruction of the compute budget program with this tag sets.
fn limit_of(transaction: &Transaction, tag: u8) -> Option<u32> {
    let mut all = transaction.message.instructions.iter();
    let limit = all.find_map(|instruction| match instruction.data.as_slice() {
        [first, bytes @ ..] if *first == tag => bytes.try_into().ok(),
        _ => None,
    });
    limit.map(u32::from_le_bytes)
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
    use ringfence::state::TradeTerms;
    pub use ringfence::state::{Market, Order, Position};
    use ringfence_math::{Price, Quote, Size};

    pub type Result = ringfence::errors::Result<()>;

    /// What an order does to its position.
    pub fn trade(
        order: &Order,
        position: &mut Position,
        market: &mut Market,
        reading: &PriceReading,
        now: i64,
    ) -> Result {
        let acceptable = Price(order.acceptable_price);
        let terms = TradeTerms { acceptable, referred: position.refers(&order.trader) };
        if order.kind()?.adds() {
            position.increase(market, Size(order.size), Quote(order.margin), reading, terms)?;
            if order.is_delayed() {
                position.ensure_healthy_now(market)?;
            }
        } else {
            let size = order.share_of(Size(position.size))?;
            if size.0 == position.size {
                position.ensure_uncommitted(market, now)?;
            }
            position.decrease(market, size, reading, terms)?;
        }
        position.settle_order(order);
        Ok(())
    }

    pub fn of(position: &mut super::Position) -> &mut Position {
        bytemuck::cast_mut(position)
    }
}

/// As `MarketStatus::allows_order` does.
fn market_allows(market: &Market, adds: bool) -> Executed {
    match market.status().map_err(refusal)? {
        MarketStatus::Settling => Err(refusal(RingfenceError::MarketSettling)),
        MarketStatus::Active => Ok(()),
        _ if adds => Err(refusal(RingfenceError::MarketNotActive)),
        _ => Ok(()),
    }
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
                Filter::Orders { market } => {
                    decode::<Order>(&account.data).is_some_and(|order| order.market == market)
                }
                Filter::Updates { feed_id } => account.data.get(41..73) == Some(feed_id.as_slice()),
            };
            let owner = if matches!(filter, Filter::Updates { .. }) { RECEIVER } else { PROGRAM_ID };
            let found =
                state.accounts.iter().filter(|(_, account)| account.owner == owner && wanted(account));
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
