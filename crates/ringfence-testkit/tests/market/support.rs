//! What the tests of this binary share: refusals, substitutions, probes.

use std::fmt::Debug;

use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::bpf_loader_upgradeable;
use anchor_spl::token_2022::spl_token_2022::error::TokenError;
use ringfence_client::state::{MarketParams, OracleConfig, OracleKind};
use ringfence_client::{
    CreateMarketArgs, Instruction, MarketAccounts, PROGRAM_ID, RingfenceError, instructions, pda,
};
use ringfence_testkit::market::{MarketHandle, default_oracle, default_params};
use ringfence_testkit::pyth::account_of;
use ringfence_testkit::{Failure, Feed, MarketId, MintKind, Receipt, Trader, World, price};
use solana_account::Account;
use solana_instruction::error::InstructionError;
use solana_keypair::Keypair;
use solana_signer::Signer;
use solana_transaction_error::TransactionError;

// --- refusals -----------------------------------------------------------------

/// The one reason for which an instruction has to fail.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal(InstructionError);

impl From<RingfenceError> for Refusal {
    fn from(error: RingfenceError) -> Self {
        Self(InstructionError::Custom(error.into()))
    }
}

impl From<ErrorCode> for Refusal {
    fn from(error: ErrorCode) -> Self {
        Self(InstructionError::Custom(error as u32))
    }
}

impl From<TokenError> for Refusal {
    fn from(error: TokenError) -> Self {
        Self(InstructionError::Custom(error as u32))
    }
}

impl From<InstructionError> for Refusal {
    fn from(error: InstructionError) -> Self {
        Self(error)
    }
}

/// The system program's answer to creating an account that exists.
pub fn already_in_use() -> Refusal {
    Refusal(InstructionError::Custom(0))
}

/// Asserts that `result` is just this refusal; `what` says which case it was.
#[track_caller]
pub fn refused<T: Debug>(what: &str, result: Result<T, Failure>, refusal: impl Into<Refusal>) {
    let Refusal(expected) = refusal.into();
    match result {
        Ok(done) => panic!("{what}: expected {expected:?}, but it went through: {done:?}"),
        Err(failure) => match &failure.error {
            TransactionError::InstructionError(_, found) if *found == expected => {}
            other => panic!("{what}: expected {expected:?}, got {other:?}\n{}", failure.logs.join("\n")),
        },
    }
}

/// Asserts that `result` went through.
#[track_caller]
pub fn passes<T>(what: &str, result: Result<T, Failure>) -> T {
    result.unwrap_or_else(|failure| panic!("{what}: {:?}\n{}", failure.error, failure.logs.join("\n")))
}

// --- probes ---------------------------------------------------------------------

/// What an instruction would do: everything is as before afterwards.
pub fn probe(world: &mut World, instruction: &Instruction, keys: &[&Keypair]) -> Result<Receipt, Failure> {
    let before = world.svm.clone();
    let result = world.send(std::slice::from_ref(instruction), &signers_of(instruction, keys));
    world.svm = before;
    result
}

/// Those of `keys` that the instruction wants as signers.
fn signers_of<'a>(instruction: &Instruction, keys: &[&'a Keypair]) -> Vec<&'a Keypair> {
    let signs = |key: &&&Keypair| {
        instruction.accounts.iter().any(|meta| meta.is_signer && meta.pubkey == key.pubkey())
    };
    keys.iter().filter(signs).copied().collect()
}

/// Every account of the program and of both token programs.
fn snapshot(world: &World) -> Vec<(Pubkey, Account)> {
    let programs = [PROGRAM_ID, anchor_spl::token::ID, anchor_spl::token_2022::ID];
    let mut all: Vec<_> =
        programs.iter().flat_map(|program| world.svm.get_program_accounts(program)).collect();
    all.sort_by_key(|(key, _)| *key);
    all
}

// --- substitutions ----------------------------------------------------------------

/// A change of one account meta of an instruction.
#[derive(Clone, Copy, Debug)]
pub enum Change {
    Key(Pubkey),
    Unsigned,
    ReadOnly,
}

/// Changes that have to be refused, and how.
pub struct Case {
    what: &'static str,
    changes: Vec<(usize, Change)>,
    refusal: Refusal,
}

/// The account at `index` replaced.
pub fn replaced(what: &'static str, index: usize, key: Pubkey, refusal: impl Into<Refusal>) -> Case {
    Case { what, changes: vec![(index, Change::Key(key))], refusal: refusal.into() }
}

/// Several accounts replaced at once, by index.
pub fn replaced_all(what: &'static str, keys: &[(usize, Pubkey)], refusal: impl Into<Refusal>) -> Case {
    let changes = keys.iter().map(|(index, key)| (*index, Change::Key(*key))).collect();
    Case { what, changes, refusal: refusal.into() }
}

pub fn unsigned(what: &'static str, index: usize) -> Case {
    let refusal = ErrorCode::AccountNotSigner.into();
    Case { what, changes: vec![(index, Change::Unsigned)], refusal }
}

pub fn read_only(what: &'static str, index: usize) -> Case {
    let refusal = ErrorCode::ConstraintMut.into();
    Case { what, changes: vec![(index, Change::ReadOnly)], refusal }
}

/// Read-only where `init` writes or pays: the runtime refuses the creation
/// before Anchor gets to look.
pub fn read_only_init(what: &'static str, index: usize) -> Case {
    let refusal = InstructionError::PrivilegeEscalation.into();
    Case { what, changes: vec![(index, Change::ReadOnly)], refusal }
}

/// Tries every case: each is refused for just its reason and changes nothing,
/// the instruction as it was goes through, and no account is left untried.
#[track_caller]
pub fn check_substitutions(world: &mut World, instruction: &Instruction, keys: &[&Keypair], cases: &[Case]) {
    for index in 0..instruction.accounts.len() {
        let tried = cases.iter().any(|case| case.changes.iter().any(|(changed, _)| *changed == index));
        assert!(tried, "account {index} is never substituted");
    }
    for case in cases {
        let mut changed = instruction.clone();
        for (index, change) in &case.changes {
            let meta = &mut changed.accounts[*index];
            match change {
                Change::Key(key) => meta.pubkey = *key,
                Change::Unsigned => meta.is_signer = false,
                Change::ReadOnly => meta.is_writable = false,
            }
        }
        let before = snapshot(world);
        let result = world.send(std::slice::from_ref(&changed), &signers_of(&changed, keys));
        refused(case.what, result, case.refusal.clone());
        assert!(snapshot(world) == before, "{}: something changed", case.what);
    }
    passes("without a substitution", probe(world, instruction, keys));
}

/// A copy of an account's bytes under another key, owned by `owner`.
pub fn copy_of(world: &mut World, original: Pubkey, owner: Pubkey) -> Pubkey {
    let key = world.new_key().pubkey();
    let data = world.svm.get_account(&original).expect("an account to copy").data;
    world.svm.set_account(key, account_of(owner, data)).expect("copy");
    key
}

/// Any program but ours.
pub fn foreign_program() -> Pubkey {
    bpf_loader_upgradeable::ID
}

// --- markets ------------------------------------------------------------------------

/// Sound arguments for a market with a pull feed, pinned to `account`.
pub fn market_args(feed_id: [u8; 32], account: Pubkey) -> CreateMarketArgs {
    CreateMarketArgs {
        name: name("SOL-PERP"),
        size_decimals: 9,
        oracle: OracleConfig { feed_id, account, ..default_oracle() },
        params: default_params(),
    }
}

/// Zero-padded.
pub fn name(text: &str) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..text.len()].copy_from_slice(text.as_bytes());
    bytes
}

/// Creates the exchange's next market, past the testkit's builder.
pub fn create(
    world: &mut World,
    mint: Pubkey,
    token_program: Pubkey,
    args: CreateMarketArgs,
) -> Result<Receipt, Failure> {
    let admin = world.admin.insecure_clone();
    let index = world.exchange().market_count;
    let instruction = instructions::create_market(admin.pubkey(), index, mint, token_program, args);
    world.send(&[instruction], &[&admin])
}

/// Creates a market on an oracle account of one's own and makes the world
/// know it; the account is written by whoever calls this.
pub fn market_on(world: &mut World, oracle_account: Pubkey, oracle: OracleConfig) -> MarketId {
    let mint = world.create_mint(&MintKind::Token, 6);
    let args = CreateMarketArgs { oracle, ..market_args([0; 32], Pubkey::default()) };
    let key = pda::market(world.exchange().market_count);
    passes("create_market", create(world, mint, anchor_spl::token::ID, args));
    let accounts = MarketAccounts::new(key, &world.read_market(&key), oracle_account);
    let kind = if oracle.kind == 0 { OracleKind::PythPull } else { OracleKind::PythPush };
    let feed = Feed { price: 0, confidence: 0, ema: 0, publish_time: 0 };
    let feed_id = oracle.feed_id;
    world.markets.push(MarketHandle { accounts, mint: MintKind::Token, kind, feed_id, feed });
    MarketId(world.markets.len() - 1)
}

/// Neither funding nor borrow: time costs nothing.
pub fn free_of_charges(params: &mut MarketParams) {
    (params.max_funding_rate_ppm, params.max_funding_velocity_ppm) = (0, 0);
    (params.borrow_base_ppm, params.borrow_slope1_ppm, params.borrow_slope2_ppm) = (0, 0, 0);
}

/// A market whose fills are at the index to a 10^-10 and cost no fees, as time
/// costs nothing, so that numbers stay easy.
pub fn plain_market(world: &mut World, liquidity_atoms: u64) -> (MarketId, Trader) {
    let market = world
        .market("PLAIN-PERP")
        .params(free_of_charges)
        .params(|params| {
            params.skew_scale = u64::MAX;
            (params.open_fee_ppm, params.close_fee_ppm) = (0, 0);
            params.max_utilisation_ppm = 1_000_000;
        })
        .build();
    let provider = world.trader_of(market, liquidity_atoms);
    passes("first deposit", world.add_liquidity(market, &provider, liquidity_atoms));
    (market, provider)
}

/// Publishes `price` ± `confidence` now, its average with it.
pub fn publish(world: &mut World, market: MarketId, at: &str, confidence: &str) {
    let publish_time = world.now();
    world.set_feed(
        market,
        Feed { price: price(at), confidence: price(confidence), ema: price(at), publish_time },
    );
}
