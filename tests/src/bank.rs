//! A bank with the compiled program deployed on it, a clock, and a feed.

use std::path::Path;

use anchor_lang::prelude::{Pubkey, Rent};
use anchor_lang::solana_program::bpf_loader_upgradeable;
use bytemuck::Pod;
use ringfence_client::Discriminator;
use ringfence_client::accounts::decode;
use ringfence_client::events::{self, Event};
use ringfence_client::state::OracleKind;
use ringfence_client::{Instruction, PROGRAM_ID, RingfenceError, compute, pda};
use ringfence_testkit::pyth::{self, PythPrice};
use ringfence_testkit::{program_path, tokens};
use solana_account::{Account, AccountSharedData};
use solana_clock::Clock;
use solana_instruction::error::InstructionError::Custom;
use solana_keypair::Keypair;
use solana_message::{AddressLookupTableAccount, Message, VersionedMessage, v0};
use solana_program_test::{ProgramTest, ProgramTestContext};
use solana_signer::Signer;
use solana_transaction::versioned::VersionedTransaction;
use solana_transaction_error::TransactionError;

/// Where the clock starts: 2025-01-01T00:00:00Z.
const GENESIS: i64 = 1_735_689_600;
const LAMPORTS: u64 = 10_000_000_000;

const LOOKUP_TABLE_PROGRAM: Pubkey = Pubkey::from_str_const("AddressLookupTab1e1111111111111111111111111");
/// The most bytes that a transaction may have: an IPv6 packet of 1,280 less its headers.
pub const MAX_TRANSACTION_SIZE: usize = 1_232;

/// What a transaction that went through has done.
#[derive(Debug)]
pub struct Processed {
    pub events: Vec<Event>,
    pub compute_units: u64,
    /// Bytes on the wire.
    pub size: usize,
}

/// The message of these instructions, of version 0 where there is a table.
pub fn message(
    payer: &Pubkey,
    instructions: &[Instruction],
    table: Option<&AddressLookupTableAccount>,
) -> VersionedMessage {
    match table {
        None => VersionedMessage::Legacy(Message::new(instructions, Some(payer))),
        Some(table) => {
            let tables = std::slice::from_ref(table);
            let message = v0::Message::try_compile(payer, instructions, tables, Default::default());
            VersionedMessage::V0(message.expect("few enough accounts"))
        }
    }
}

/// Bytes of a signed transaction: 64 per signature, 32 per key that is not in a
/// table, each list behind its length, which takes a second byte from 128 on.
pub fn transaction_size(message: &VersionedMessage) -> usize {
    let list = |length: usize| 1 + usize::from(length >= 128);
    let instruction = |accounts: usize, data: usize| 1 + list(accounts) + accounts + list(data) + data;
    let instructions = message.instructions();
    let (keys, header, blockhash) = (message.static_account_keys().len(), 3, 32);
    let signatures = usize::from(message.header().num_required_signatures);
    let lookups = message.address_table_lookups().map_or(0, |tables| {
        let bytes = |table: &v0::MessageAddressTableLookup| {
            let (writable, readonly) = (table.writable_indexes.len(), table.readonly_indexes.len());
            32 + list(writable) + writable + list(readonly) + readonly
        };
        // and the byte that says which version it is
        1 + list(tables.len()) + tables.iter().map(bytes).sum::<usize>()
    });
    list(signatures)
        + 64 * signatures
        + header
        + list(keys)
        + 32 * keys
        + blockhash
        + list(instructions.len())
        + instructions.iter().map(|it| instruction(it.accounts.len(), it.data.len())).sum::<usize>()
        + lookups
}

pub struct Bank {
    pub context: ProgramTestContext,
    now: i64,
}

/// A key from a number, the same in every run.
pub fn key(number: u8) -> Keypair {
    Keypair::new_from_array([number; 32])
}

/// Whether a transaction failed with just this error of the program.
pub fn is(error: &TransactionError, expected: RingfenceError) -> bool {
    matches!(error, TransactionError::InstructionError(_, Custom(code)) if *code == u32::from(expected))
}

impl Bank {
    /// Starts a bank on which `authority` may upgrade the program and where
    /// these accounts exist. Panics, saying what to do, where the program has
    /// not been built.
    pub async fn start(authority: Pubkey, accounts: Vec<(Pubkey, Account)>) -> Self {
        let mut genesis = ProgramTest::default();
        // It logs every invocation; RUST_LOG brings that back.
        if std::env::var_os("RUST_LOG").is_none() {
            log::set_max_level(log::LevelFilter::Warn);
        }
        for (key, account) in deployed(&program_path(), authority).into_iter().chain(accounts) {
            genesis.add_account(key, account);
        }
        let bank = Self { context: genesis.start_with_context().await, now: GENESIS };
        bank.set_clock().await;
        bank
    }

    pub fn now(&self) -> i64 {
        self.now
    }

    /// Moves the bank on by as many slots as these seconds take, and its
    /// clock with it.
    pub async fn warp(&mut self, seconds: i64) {
        let slots = u64::try_from(seconds * 5 / 2).expect("the clock moves forward").max(1);
        let slot = self.slot().await + slots;
        self.context.warp_to_slot(slot).expect("a later slot");
        self.now += seconds;
        self.set_clock().await;
    }

    /// A new slot's clock is an estimate from stakes and votes, of which there
    /// are none here.
    async fn set_clock(&self) {
        let clock: Clock = self.context.banks_client.get_sysvar().await.expect("clock");
        self.context.set_sysvar(&Clock { unix_timestamp: self.now, ..clock });
    }

    async fn slot(&self) -> u64 {
        self.context.banks_client.get_sysvar::<Clock>().await.expect("clock").slot
    }

    /// Lamports that keep an account of this many bytes alive.
    pub async fn rent(&self, bytes: usize) -> u64 {
        self.context.banks_client.get_rent().await.expect("rent").minimum_balance(bytes)
    }

    /// Publishes a price now into a pull feed's account, without confidence
    /// and with itself as its average. Unit: 10^-10 quote.
    pub async fn publish(&mut self, feed: Pubkey, price: u64) {
        let price = i64::try_from(price).expect("a price that Pyth can hold");
        let update = PythPrice {
            price,
            confidence: 0,
            ema: price,
            exponent: -10,
            publish_time: self.now,
            previous_publish_time: self.now - 1,
            slot: self.slot().await,
        };
        let account = pyth::account(OracleKind::PythPull, &feed.to_bytes(), &update);
        self.context.set_account(&feed, &AccountSharedData::from(account));
    }

    /// Moves the bank on into a later epoch and its clock by these seconds: a
    /// young bank's epochs are of a few slots.
    pub async fn warp_epochs(&mut self, epochs: u64, seconds: i64) {
        let before: Clock = self.context.banks_client.get_sysvar().await.expect("clock");
        self.context.warp_to_epoch(before.epoch + epochs).expect("a later epoch");
        self.now += seconds;
        self.set_clock().await;
        let after: Clock = self.context.banks_client.get_sysvar().await.expect("clock");
        assert_eq!((after.epoch, after.unix_timestamp), (before.epoch + epochs, self.now));
    }

    /// Processes one instruction behind the compute limit that the client
    /// documents for it; the events that it emitted.
    pub async fn send(
        &mut self,
        instruction: Instruction,
        signer: &Keypair,
    ) -> Result<Vec<Event>, TransactionError> {
        // What anyone may send needs the payer's signature alone.
        let signs = instruction.accounts.iter().any(|it| it.is_signer && it.pubkey == signer.pubkey());
        let signers: &[&Keypair] = if signs { &[signer] } else { &[] };
        Ok(self.transact(&compute::with_budget(&[instruction], 0), signers, None).await?.events)
    }

    async fn sign(
        &mut self,
        instructions: &[Instruction],
        signers: &[&Keypair],
        table: Option<&AddressLookupTableAccount>,
    ) -> VersionedTransaction {
        let blockhash = self.context.get_new_latest_blockhash().await.expect("a new blockhash");
        let mut message = message(&self.context.payer.pubkey(), instructions, table);
        message.set_recent_blockhash(blockhash);
        let all: Vec<&Keypair> =
            std::iter::once(&self.context.payer).chain(signers.iter().copied()).collect();
        VersionedTransaction::try_new(message, &all).expect("all signers")
    }

    /// Compute units that one transaction of these would use.
    pub async fn simulate(
        &mut self,
        instructions: &[Instruction],
        signers: &[&Keypair],
    ) -> Result<u64, TransactionError> {
        let transaction = self.sign(instructions, signers, None).await;
        let simulated = self.context.banks_client.simulate_transaction(transaction).await;
        let simulated = simulated.expect("a bank that answers");
        simulated.result.expect("a result")?;
        Ok(simulated.simulation_details.expect("details").units_consumed)
    }

    /// Processes these instructions in one transaction, of version 0 where there
    /// is a lookup table. The context's payer pays for it.
    pub async fn transact(
        &mut self,
        instructions: &[Instruction],
        signers: &[&Keypair],
        table: Option<&AddressLookupTableAccount>,
    ) -> Result<Processed, TransactionError> {
        let transaction = self.sign(instructions, signers, table).await;
        let size = transaction_size(&transaction.message);

        // Events are inner instructions, which only a simulation gives back.
        let client = &self.context.banks_client;
        let simulated = client.simulate_transaction(transaction.clone()).await.expect("a bank that answers");
        simulated.result.expect("a result")?;
        let details = simulated.simulation_details.expect("details");
        let processed = client.process_transaction_with_metadata(transaction).await;
        processed.expect("a bank that answers").result?;

        let inner = details.inner_instructions.expect("inner instructions").into_iter().flatten();
        let events = inner.filter_map(|call| events::decode(&call.instruction.data)).collect();
        Ok(Processed { events, compute_units: details.units_consumed, size })
    }

    /// Puts a lookup table with these addresses on the bank, active at once.
    pub async fn lookup_table(&mut self, addresses: Vec<Pubkey>) -> AddressLookupTableAccount {
        let key = key(250).pubkey();
        // Bincode of the table's header: u32 tag, deactivation slot, slot and index of the last extension,
        // no authority, padding up to 56 bytes; then the addresses.
        let mut data = [&1u32.to_le_bytes()[..], &u64::MAX.to_le_bytes()].concat();
        data.resize(56, 0);
        data.extend(addresses.iter().flat_map(Pubkey::to_bytes));
        let account = Account {
            lamports: self.rent(data.len()).await,
            data,
            owner: LOOKUP_TABLE_PROGRAM,
            ..Account::default()
        };
        self.context.set_account(&key, &AccountSharedData::from(account));
        AddressLookupTableAccount { key, addresses }
    }

    pub async fn account(&self, key: Pubkey) -> Option<Account> {
        self.context.banks_client.get_account(key).await.expect("a bank that answers")
    }

    /// Decodes an account of the program.
    pub async fn read<T: Pod + Discriminator>(&self, key: Pubkey) -> T {
        let account = self.account(key).await.expect("an account");
        assert_eq!(account.owner, PROGRAM_ID);
        decode(&account.data).expect("an account of this type")
    }

    pub async fn lamports(&self, key: Pubkey) -> u64 {
        self.account(key).await.map_or(0, |account| account.lamports)
    }

    /// Balance of a token account, which must exist.
    pub async fn tokens(&self, key: Pubkey) -> u64 {
        let account = self.account(key).await.expect("a token account");
        tokens::read_token(&account).expect("a token account").amount
    }
}

/// A system account with lamports for rent.
pub fn wallet() -> Account {
    Account { lamports: LAMPORTS, ..Account::default() }
}

/// The program's two accounts as the upgradeable loader leaves them.
/// `ProgramTest::add_program` would use the loader of old, without an upgrade
/// authority, and `initialize_exchange` asks for that.
fn deployed(path: &Path, authority: Pubkey) -> [(Pubkey, Account); 2] {
    let elf = std::fs::read(path).unwrap_or_else(|error| {
        panic!(
            "cannot load the compiled program {}: {error}; build it with: toolchain/build programs/ringfence",
            path.display()
        )
    });
    let program_data = pda::program_data();
    // Bincode of `UpgradeableLoaderState`: u32 tag, then Program { address } or
    // ProgramData { slot: u64, upgrade_authority: Option<Pubkey> } and the ELF.
    let program = [&2u32.to_le_bytes()[..], program_data.as_ref()].concat();
    let header = [&3u32.to_le_bytes()[..], &0u64.to_le_bytes(), &[1], authority.as_ref()].concat();
    let account = |data: Vec<u8>, executable| Account {
        lamports: Rent::default().minimum_balance(data.len()),
        data,
        owner: bpf_loader_upgradeable::ID,
        executable,
        rent_epoch: u64::MAX,
    };
    [(PROGRAM_ID, account(program, true)), (program_data, account([header, elf].concat(), false))]
}
