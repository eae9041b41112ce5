//! A bank with the compiled program deployed on it, a clock, and a feed.

use std::path::Path;

use anchor_lang::prelude::{Pubkey, Rent};
use anchor_lang::solana_program::bpf_loader_upgradeable;
use bytemuck::Pod;
use ringfence_client::Discriminator;
use ringfence_client::accounts::decode;
use ringfence_client::events::{self, Event};
use ringfence_client::state::OracleKind;
use ringfence_client::{Instruction, PROGRAM_ID, RingfenceError, pda};
use ringfence_testkit::pyth::{self, PythPrice};
use ringfence_testkit::{program_path, tokens};
use solana_account::{Account, AccountSharedData};
use solana_clock::Clock;
use solana_instruction::error::InstructionError::Custom;
use solana_keypair::Keypair;
use solana_message::Message;
use solana_program_test::{ProgramTest, ProgramTestContext};
use solana_signer::Signer;
use solana_transaction::Transaction;
use solana_transaction_error::TransactionError;

/// Where the clock starts: 2025-01-01T00:00:00Z.
const GENESIS: i64 = 1_735_689_600;
const LAMPORTS: u64 = 10_000_000_000;

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
            slot: self.slot().await,
        };
        let account = pyth::account(OracleKind::PythPull, &feed.to_bytes(), &update);
        self.context.set_account(&feed, &AccountSharedData::from(account));
    }

    /// Processes one instruction; the events that it emitted.
    pub async fn send(
        &mut self,
        instruction: Instruction,
        signer: &Keypair,
    ) -> Result<Vec<Event>, TransactionError> {
        let blockhash = self.context.get_new_latest_blockhash().await.expect("a new blockhash");
        let payer = &self.context.payer;
        // What anyone may send needs the payer's signature alone.
        let signs = instruction.accounts.iter().any(|it| it.is_signer && it.pubkey == signer.pubkey());
        let message = Message::new(&[instruction], Some(&payer.pubkey()));
        let signers = if signs { vec![payer, signer] } else { vec![payer] };
        let transaction = Transaction::new(&signers, message, blockhash);

        // Events are inner instructions, which only a simulation gives back.
        let client = &self.context.banks_client;
        let simulated = client.simulate_transaction(transaction.clone()).await.expect("a bank that answers");
        simulated.result.expect("a result")?;
        let details = simulated.simulation_details.expect("details");
        let processed = client.process_transaction_with_metadata(transaction).await;
        processed.expect("a bank that answers").result?;

        let inner = details.inner_instructions.expect("inner instructions").into_iter().flatten();
        Ok(inner.filter_map(|call| events::decode(&call.instruction.data)).collect())
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
