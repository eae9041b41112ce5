//! What the tests of this binary share: a market of easy numbers, refusals,
//! probes, substitutions.

use std::fmt::Debug;

use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::bpf_loader_upgradeable;
use ringfence_client::events::Event;
use ringfence_client::state::MarketParams;
use ringfence_client::{Instruction, PROGRAM_ID, RingfenceError};
use ringfence_testkit::pyth::account_of;
use ringfence_testkit::{Failure, MarketId, Options, Receipt, World, quote, size};
use solana_account::Account;
use solana_instruction::error::InstructionError;
use solana_keypair::Keypair;
use solana_signer::Signer;
use solana_transaction_error::TransactionError;

pub const DAY: i64 = 86_400;
pub const YEAR: i64 = 365 * DAY;

/// Errors of both token programs.
pub mod token_error {
    pub const INSUFFICIENT_FUNDS: u32 = 1;
    pub const OWNER_MISMATCH: u32 = 4;
}

// --- markets ------------------------------------------------------------------------

/// A market in which charges are easy to work out: the index at 100, a pool of
/// 100,000, no fees and no borrow. A skew of 10 moves the price by 1 % and the
/// funding rate by 1 % a day, each day, to at most 10 %.
pub fn calm() -> (World, MarketId) {
    calm_with(|_| ())
}

pub fn calm_with(change: impl FnOnce(&mut MarketParams)) -> (World, MarketId) {
    build(World::new(), 100_000, change)
}

/// The same for thousands of transactions: without signatures and logs.
pub fn quick_with(liquidity: u64, change: impl FnOnce(&mut MarketParams)) -> (World, MarketId) {
    let options = Options { signatures: false, logs: false, ..Options::default() };
    build(World::with(options).unwrap_or_else(|error| panic!("{error}")), liquidity, change)
}

pub fn build(mut world: World, liquidity: u64, change: impl FnOnce(&mut MarketParams)) -> (World, MarketId) {
    let market = world
        .market("SOL-PERP")
        .price("100")
        .liquidity(liquidity)
        .params(|params| {
            params.skew_scale = size("1000");
            (params.open_fee_ppm, params.close_fee_ppm) = (0, 0);
            (params.borrow_base_ppm, params.borrow_slope1_ppm, params.borrow_slope2_ppm) = (0, 0, 0);
            params.max_funding_velocity_ppm = 1_000_000;
            params.max_funding_rate_ppm = 100_000;
            params.max_utilisation_ppm = 1_000_000;
        })
        .params(change)
        .build();
    (world, market)
}

/// No funding.
pub fn unfunded(params: &mut MarketParams) {
    (params.max_funding_velocity_ppm, params.max_funding_rate_ppm) = (0, 0);
}

/// Funding rate, funding index and borrow index.
pub fn indices(world: &World, market: MarketId) -> (i64, i128, u128) {
    let state = world.market_state(market);
    (state.funding_rate, state.funding_index.get(), state.borrow_index.get())
}

#[track_caller]
pub fn balanced(world: &World) {
    world.check_books().unwrap_or_else(|error| panic!("{error}"));
}

/// The pool's numbers, as decimals of the collateral.
#[track_caller]
pub fn assert_pool(world: &World, market: MarketId, liquidity: &str, reserved: &str, insurance: &str) {
    let state = world.market_state(market);
    assert_eq!(state.liquidity, quote(liquidity), "liquidity");
    assert_eq!(state.reserved, quote(reserved), "reserved");
    assert_eq!(state.insurance, quote(insurance), "insurance");
    balanced(world);
}

/// A position's numbers, and that its vault holds its margin.
#[track_caller]
pub fn assert_position(world: &World, key: Pubkey, open: &str, entry_notional: &str, margin: &str) {
    let state = world.position(key);
    assert_eq!(state.size, size(open), "size");
    assert_eq!(state.entry_notional, quote(entry_notional), "entry notional");
    assert_eq!(state.margin, quote(margin), "margin");
    assert_eq!(world.vault_balance(key), quote(margin), "vault");
}

/// These events, in this order, and no other; every field counts.
#[track_caller]
pub fn assert_events(receipt: &Receipt, expected: &[Event]) {
    assert_eq!(format!("{:#?}", receipt.events), format!("{expected:#?}"));
}

/// Random numbers without a crate: splitmix64 (Steele et al. 2014).
pub struct Rng(u64);

impl Rng {
    /// Seeded by RINGFENCE_SEED, else by `default`; says which.
    pub fn new(default: u64) -> Self {
        let seed = std::env::var("RINGFENCE_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(default);
        println!("RINGFENCE_SEED={seed}");
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform in `low..=high`.
    pub fn range(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low + 1)
    }
}

// --- refusals -----------------------------------------------------------------------

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

impl From<InstructionError> for Refusal {
    fn from(error: InstructionError) -> Self {
        Self(error)
    }
}

impl From<u32> for Refusal {
    fn from(code: u32) -> Self {
        Self(InstructionError::Custom(code))
    }
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

// --- probes -------------------------------------------------------------------------

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
pub fn snapshot(world: &World) -> Vec<(Pubkey, Account)> {
    let programs = [PROGRAM_ID, anchor_spl::token::ID, anchor_spl::token_2022::ID];
    let mut all: Vec<_> =
        programs.iter().flat_map(|program| world.svm.get_program_accounts(program)).collect();
    all.sort_by_key(|(key, _)| *key);
    all
}

pub fn lamports(world: &World, key: Pubkey) -> u64 {
    world.svm.get_account(&key).map_or(0, |account| account.lamports)
}

// --- substitutions --------------------------------------------------------------------

/// A change of one account meta of an instruction.
#[derive(Clone, Copy, Debug)]
enum Change {
    Key(Pubkey),
    Unsigned,
    ReadOnly,
}

/// A change that has to be refused, and how.
pub struct Case {
    what: &'static str,
    index: usize,
    change: Change,
    refusal: Refusal,
}

/// The account at `index` replaced.
pub fn replaced(what: &'static str, index: usize, key: Pubkey, refusal: impl Into<Refusal>) -> Case {
    Case { what, index, change: Change::Key(key), refusal: refusal.into() }
}

pub fn unsigned(what: &'static str, index: usize) -> Case {
    Case { what, index, change: Change::Unsigned, refusal: ErrorCode::AccountNotSigner.into() }
}

pub fn read_only(what: &'static str, index: usize) -> Case {
    Case { what, index, change: Change::ReadOnly, refusal: ErrorCode::ConstraintMut.into() }
}

/// The same where the runtime refuses first, as for what pays or is created.
pub fn read_only_created(what: &'static str, index: usize) -> Case {
    let refusal = InstructionError::PrivilegeEscalation.into();
    Case { what, index, change: Change::ReadOnly, refusal }
}

/// The two accounts at the end of every instruction, which carry its events.
pub fn event_cases(first: usize, stranger: Pubkey) -> [Case; 2] {
    [
        replaced("another event authority", first, stranger, ErrorCode::ConstraintAddress),
        replaced(
            "another program for events",
            first + 1,
            anchor_lang::system_program::ID,
            InstructionError::MissingAccount,
        ),
    ]
}

/// Tries every case: each is refused for just its reason and changes nothing,
/// the instruction as it was goes through, and no account is left untried.
#[track_caller]
pub fn check_substitutions(
    world: &mut World,
    instruction: &Instruction,
    keys: &[&Keypair],
    cases: impl IntoIterator<Item = Case>,
) {
    let mut tried = vec![false; instruction.accounts.len()];
    for case in cases {
        tried[case.index] = true;
        let mut changed = instruction.clone();
        let meta = &mut changed.accounts[case.index];
        match case.change {
            Change::Key(key) => meta.pubkey = key,
            Change::Unsigned => meta.is_signer = false,
            Change::ReadOnly => meta.is_writable = false,
        }
        let before = snapshot(world);
        let result = world.send(std::slice::from_ref(&changed), &signers_of(&changed, keys));
        refused(case.what, result, case.refusal);
        assert!(snapshot(world) == before, "{}: something changed", case.what);
    }
    assert!(tried.iter().all(|tried| *tried), "an account is never substituted: {tried:?}");
    passes("without a substitution", probe(world, instruction, keys));
}

/// A copy of an account's bytes under another key, owned by a foreign program.
pub fn forged(world: &mut World, original: Pubkey) -> Pubkey {
    let key = world.new_key().pubkey();
    let data = world.svm.get_account(&original).expect("an account to copy").data;
    world.svm.set_account(key, account_of(bpf_loader_upgradeable::ID, data)).expect("copy");
    key
}
