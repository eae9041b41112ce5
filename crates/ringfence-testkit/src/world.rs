//! The SVM with the program in it, a clock, an exchange and its keys.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anchor_lang::prelude::Pubkey;
use litesvm::LiteSVM;
use ringfence_client::accounts::{Exchange, Market, Position, decode};
use ringfence_client::{Discriminator, InitializeExchangeArgs, Instruction, PROGRAM_ID, instructions, pda};
use solana_account::{Account, ReadableAccount};
use solana_clock::Clock;
use solana_keypair::Keypair;
use solana_message::Message;
use solana_signer::Signer;
use solana_transaction::Transaction;

use crate::market::MarketHandle;
use crate::tokens::{self, MintKind};
use crate::tx::{Failure, Receipt};

/// Where the world's clock starts: 2025-01-01T00:00:00Z.
pub const GENESIS: i64 = 1_735_689_600;
const GENESIS_SLOT: u64 = 1_000;

/// How a world is set up.
#[derive(Clone, Debug)]
pub struct Options {
    pub program: PathBuf,
    /// Real signatures, checked. Off for speed: then anyone named as a signer
    /// counts as one, as the transaction says so.
    pub signatures: bool,
    /// Keep logs.
    pub logs: bool,
    /// Initialize the exchange.
    pub exchange: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { program: program_path(), signatures: true, logs: true, exchange: true }
    }
}

/// The program could not be loaded.
#[derive(Debug)]
pub struct ProgramError {
    pub path: PathBuf,
    pub cause: String,
}

impl fmt::Display for ProgramError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "cannot load the compiled program {}: {}; build it with: toolchain/build programs/ringfence",
            self.path.display(),
            self.cause
        )
    }
}

impl std::error::Error for ProgramError {}

/// `target/deploy/ringfence.so` of the workspace, or `RINGFENCE_PROGRAM`.
pub fn program_path() -> PathBuf {
    if let Some(path) = std::env::var_os("RINGFENCE_PROGRAM") {
        return path.into();
    }
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/deploy/ringfence.so")
}

/// The compiled program for a user of the binaries: in `target/deploy` of the current folder or next to
/// the folder that this executable lies in.
pub fn default_program() -> PathBuf {
    let local = Path::new("target/deploy/ringfence.so");
    let executable = std::env::current_exe().ok();
    let beside = executable.and_then(|path| Some(path.parent()?.parent()?.join("deploy/ringfence.so")));
    match beside {
        Some(path) if !local.exists() && path.exists() => path,
        _ => local.to_owned(),
    }
}

pub struct World {
    pub svm: LiteSVM,
    pub admin: Keypair,
    pub guardian: Keypair,
    pub treasury: Keypair,
    /// Pays the fees of every transaction.
    pub payer: Keypair,
    pub markets: Vec<MarketHandle>,
    /// Atoms that were put into vaults past the program, by vault.
    pub donations: HashMap<Pubkey, u64>,
    /// Data of the inner instructions of every transaction that went through,
    /// where somebody wants them.
    pub recorded: Option<Vec<Vec<u8>>>,
    /// Wall time that the SVM has taken to execute what was sent.
    pub executing: Duration,
    signatures: bool,
    pub(crate) next_key: u64,
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl World {
    /// A world with the exchange initialized; panics, saying what to do,
    /// where the program is not built.
    pub fn new() -> Self {
        Self::with(Options::default()).unwrap_or_else(|error| panic!("{error}"))
    }

    pub fn with(options: Options) -> Result<Self, ProgramError> {
        let failed = |cause: String| ProgramError { path: options.program.clone(), cause };
        let mut svm = LiteSVM::new()
            .with_sigverify(options.signatures)
            .with_blockhash_check(options.signatures)
            .with_transaction_history(0)
            .with_log_bytes_limit(if options.logs { Some(100_000) } else { Some(0) });
        svm.add_program_from_file(PROGRAM_ID, &options.program).map_err(|error| failed(error.to_string()))?;

        let mut world = Self {
            svm,
            admin: key(1),
            guardian: key(2),
            treasury: key(3),
            payer: key(4),
            markets: Vec::new(),
            donations: HashMap::new(),
            recorded: None,
            executing: Duration::ZERO,
            signatures: options.signatures,
            next_key: 100,
        };
        world.set_upgrade_authority(world.admin.pubkey());
        for key in
            [world.admin.pubkey(), world.guardian.pubkey(), world.treasury.pubkey(), world.payer.pubkey()]
        {
            world.fund(key);
        }
        world.set_clock(GENESIS, GENESIS_SLOT);
        if options.exchange {
            let args = world.exchange_args();
            world.initialize_exchange(args).map_err(|failure| failed(format!("{:?}", failure.error)))?;
        }
        Ok(world)
    }

    /// A world for many transactions: signatures are not checked, logs not kept.
    pub fn quick() -> Self {
        let options = Options { signatures: false, logs: false, ..Options::default() };
        Self::with(options).unwrap_or_else(|error| panic!("{error}"))
    }

    /// What `act` leads to; then the world is as it was before. Token accounts
    /// that it uses exist already: a trader remembers those made within.
    pub fn what_if<T>(&mut self, act: impl FnOnce(&mut Self) -> T) -> T {
        let before = (self.svm.clone(), self.markets.clone(), self.donations.clone());
        let result = act(self);
        (self.svm, self.markets, self.donations) = before;
        result
    }

    /// The default arguments of `initialize_exchange`.
    pub fn exchange_args(&self) -> InitializeExchangeArgs {
        InitializeExchangeArgs {
            admin: self.admin.pubkey(),
            guardian: self.guardian.pubkey(),
            treasury: self.treasury.pubkey(),
            timelock_seconds: 86_400,
        }
    }

    pub fn initialize_exchange(&mut self, args: InitializeExchangeArgs) -> Result<Receipt, Failure> {
        let admin = self.admin.insecure_clone();
        self.send(&[instructions::initialize_exchange(admin.pubkey(), args)], &[&admin])
    }

    // --- keys and lamports ----------------------------------------------------

    /// A key that is new in this world and the same in every run.
    pub fn new_key(&mut self) -> Keypair {
        self.next_key += 1;
        key(self.next_key)
    }

    pub fn fund(&mut self, key: Pubkey) {
        let account = Account { lamports: 1_000_000_000_000, ..Account::default() };
        self.svm.set_account(key, account).expect("a system account");
    }

    /// Overwrites the authority in the program's ProgramData account.
    pub fn set_upgrade_authority(&mut self, authority: Pubkey) {
        let key = pda::program_data();
        let mut account = self.svm.get_account(&key).expect("program data");
        // Bincode: u32 tag, u64 slot, Option<Pubkey>.
        account.data[12] = 1;
        account.data[13..45].copy_from_slice(authority.as_ref());
        self.svm.set_account(key, account).expect("program data");
    }

    // --- clock ----------------------------------------------------------------

    pub fn now(&self) -> i64 {
        self.svm.get_sysvar::<Clock>().unix_timestamp
    }

    pub fn slot(&self) -> u64 {
        self.svm.get_sysvar::<Clock>().slot
    }

    /// Moves the clock, and nothing else: prices grow old.
    pub fn warp(&mut self, seconds: i64) {
        let slots = u64::try_from(seconds * 5 / 2).expect("the clock moves forward").max(1);
        self.set_clock(self.now() + seconds, self.slot() + slots);
    }

    pub fn set_clock(&mut self, unix_timestamp: i64, slot: u64) {
        self.svm.set_sysvar(&Clock { slot, unix_timestamp, ..self.svm.get_sysvar::<Clock>() });
    }

    // --- transactions -----------------------------------------------------------

    /// Sends one transaction; the world's payer pays for it.
    pub fn send(&mut self, instructions: &[Instruction], signers: &[&Keypair]) -> Result<Receipt, Failure> {
        let message = Message::new(instructions, Some(&self.payer.pubkey()));
        let transaction = if self.signatures {
            self.svm.expire_blockhash();
            let mut all = vec![&self.payer];
            all.extend(signers.iter().filter(|signer| signer.pubkey() != self.payer.pubkey()));
            let mut transaction = Transaction::new_unsigned(message);
            transaction.partial_sign(&all, self.svm.latest_blockhash());
            transaction
        } else {
            Transaction::new_unsigned(message)
        };
        let started = Instant::now();
        let done = self.svm.send_transaction(transaction);
        self.executing += started.elapsed();
        let done = done.map_err(Failure::from)?;
        if let Some(recorded) = &mut self.recorded {
            recorded
                .extend(done.inner_instructions.iter().flatten().map(|call| call.instruction.data.clone()));
        }
        Ok(done.into())
    }

    // --- reading ----------------------------------------------------------------

    /// A program account, decoded where it lies: `LiteSVM::get_account` copies
    /// it first. None where there is none of this type.
    pub fn read<T: bytemuck::Pod + Discriminator>(&self, key: &Pubkey) -> Option<T> {
        decode(self.svm.accounts_db().get_account_ref(key)?.data())
    }

    pub fn exchange(&self) -> Exchange {
        self.read(&pda::exchange()).expect("exchange")
    }

    pub fn read_market(&self, key: &Pubkey) -> Market {
        self.read(key).expect("market")
    }

    /// None once it is closed.
    pub fn read_position(&self, key: &Pubkey) -> Option<Position> {
        self.read(key)
    }

    /// Balance of a token account; 0 where there is none.
    pub fn balance(&self, token_account: &Pubkey) -> u64 {
        let account = self.svm.accounts_db().get_account_ref(token_account);
        account.and_then(tokens::read_token).map_or(0, |state| state.amount)
    }

    /// Changes a program account's bytes, for states the program itself never
    /// makes.
    pub fn edit<T: bytemuck::Pod + Discriminator>(&mut self, key: &Pubkey, change: impl FnOnce(&mut T)) {
        let mut account = self.svm.get_account(key).expect("an account to edit");
        let mut state: T = decode(&account.data).expect("an account of this type");
        change(&mut state);
        account.data[8..].copy_from_slice(bytemuck::bytes_of(&state));
        self.svm.set_account(*key, account).expect("rent-exempt account");
    }

    // --- tokens -----------------------------------------------------------------

    /// A mint of `decimals`, of which nothing is issued yet.
    pub fn create_mint(&mut self, kind: &MintKind, decimals: u8) -> Pubkey {
        let mint = self.new_key().pubkey();
        let account = tokens::mint_account(kind, self.admin.pubkey(), decimals, 0);
        self.svm.set_account(mint, account).expect("mint");
        mint
    }

    /// A token account of `owner` with `amount` newly issued atoms.
    pub fn create_token_account(&mut self, mint: Pubkey, owner: Pubkey, amount: u64) -> Pubkey {
        let key = self.new_key().pubkey();
        let mut mint_account = self.svm.get_account(&mint).expect("mint");
        let account = tokens::token_account(mint_account.owner, mint, owner, amount, false);
        self.svm.set_account(key, account).expect("token account");
        // Supply lies at byte 36 of a mint.
        let supply = tokens::read_mint(&mint_account).expect("mint").supply + amount;
        mint_account.data[36..44].copy_from_slice(&supply.to_le_bytes());
        self.svm.set_account(mint, mint_account).expect("mint");
        key
    }

    /// Freezes a token account, as a mint's freeze authority may.
    pub fn freeze(&mut self, token_account: Pubkey) {
        let mut account = self.svm.get_account(&token_account).expect("token account");
        account.data[108] = 2;
        self.svm.set_account(token_account, account).expect("token account");
    }

    /// Issues atoms right into a vault, past the program.
    pub fn donate(&mut self, vault: Pubkey, amount: u64) {
        let mut account = self.svm.get_account(&vault).expect("vault");
        let state = tokens::read_token(&account).expect("vault");
        account.data[64..72].copy_from_slice(&(state.amount + amount).to_le_bytes());
        self.svm.set_account(vault, account).expect("vault");
        let mut mint = self.svm.get_account(&state.mint).expect("mint");
        let supply = tokens::read_mint(&mint).expect("mint").supply + amount;
        mint.data[36..44].copy_from_slice(&supply.to_le_bytes());
        self.svm.set_account(state.mint, mint).expect("mint");
        *self.donations.entry(vault).or_default() += amount;
    }
}

/// A key pair from a number.
fn key(number: u64) -> Keypair {
    let mut seed = [7; 32];
    seed[..8].copy_from_slice(&number.to_le_bytes());
    Keypair::new_from_array(seed)
}
