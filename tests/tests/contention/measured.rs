//! What transactions take on a real bank, and what docs/compute-units.md says.

use std::collections::BTreeMap;
use std::path::Path;

use anchor_lang::prelude::Pubkey;
use ringfence_client::state::Side;
use ringfence_client::{Instruction, compute};
use ringfence_testkit::{MarketId, Trader, World, price, program_path, quote, size};
use ringfence_tests::bank::Bank;
use solana_account::Account;
use solana_message::{Hash, Message, VersionedMessage};
use solana_sdk_ids::{bpf_loader_upgradeable, native_loader};
use solana_signer::Signer;
use solana_svm_transaction::svm_message::SVMMessage;
use solana_transaction::versioned::VersionedTransaction;
use solana_transaction_error::TransactionError;

use crate::block::Used;
use crate::load::{KINDS, Kind, Parsed, Party, stop_loss};

/// Micro-lamports for a unit: any, so that the budget has all its instructions.
const PRICE: u64 = 1;

/// Between a position's opening and what happens to it: an order's price may not be older than the order.
const SECONDS: i64 = 10;

/// Parties of each kind, whose addresses take more and less to be found.
const PARTIES: usize = 15;

/// What docs/compute-units.md says.
struct Documented {
    text: String,
}

impl Documented {
    fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/compute-units.md");
        Self { text: std::fs::read_to_string(path).expect("docs/compute-units.md") }
    }

    /// Median with a pinned pull feed and SPL Token, of a transaction without a budget.
    fn units(&self, kind: Kind) -> u64 {
        let (_, instruction, path) = KINDS[KINDS.iter().position(|it| it.0 == kind).expect("listed")];
        let start = format!("| {instruction} | {path} | pull feed, SPL Token |");
        let row = self.text.lines().find(|line| line.starts_with(&start));
        let row = row.unwrap_or_else(|| panic!("docs/compute-units.md has no row {start}"));
        // Instruction, path, setting, samples, min, median, max.
        let median = row.trim_matches('|').split('|').nth(5).expect("a column");
        median.trim().replace(',', "").parse().expect("a number")
    }

    /// Bytes of the compiled program, which depend a little on the folder that it was compiled in.
    fn program_bytes(&self) -> u32 {
        let line = self.text.lines().find_map(|line| line.strip_prefix("`ringfence.so`: "));
        let bytes = line.and_then(|rest| rest.strip_suffix(" bytes.")).expect("the program's size");
        bytes.replace(',', "").parse().expect("a number")
    }
}

/// Of each instruction of the compute budget program.
const BUDGET_UNITS: u64 = 150;
/// Of each bump that an address is searched under.
const BUMP_UNITS: u64 = 1_500;

/// A position of each kind's party, in a market at 140 that was at 150.
struct Scene {
    world: World,
    market: MarketId,
}

impl Scene {
    fn new() -> Self {
        let mut world = World::quick();
        let market = world.market("SOL-PERP").price("150").liquidity(1_000_000).build();
        Self { world, market }
    }

    /// A party, all of whose accounts exist.
    fn party(&mut self, kind: Kind) -> Party {
        let on = self.world.markets[self.market.0].accounts;
        let signer = self.world.trader(1_000);
        let tokens = self.world.tokens_of(self.market, &signer);
        let mut party = Party { on, owner: signer.pubkey(), signer: signer.key.insecure_clone(), tokens };
        // At 140 a long of 1 from 150 has lost 10, and 0.075 for the fee. Maintenance and the liquidation fee
        // are 3.5 % of 140, 4.9; what restores 5 % is (7 - equity) / (5 % - 1 %).
        match kind {
            Kind::OpenPosition | Kind::Accrue | Kind::AddLiquidity => {}
            // 4.725 left: 56.9 of 140 have to be closed.
            Kind::LiquidatePart => party.owner = self.long("14.8").pubkey(),
            // 1.6 left: 135 have to be closed, and 5 are too little to stay open.
            Kind::LiquidateWhole => party.owner = self.long("11.675").pubkey(),
            Kind::ExecuteOrder => {
                let trader = self.long("100");
                party.owner = trader.pubkey();
                let position = party.position();
                self.world.place(self.market, &trader, position, 0, stop_loss()).expect("an order");
            }
            _ => {
                self.world.open(self.market, &signer, 0, Side::Long, size("1"), quote("100")).expect("open");
            }
        }
        party
    }

    fn long(&mut self, margin: &str) -> Trader {
        let trader = self.world.trader(1_000);
        let opened = self.world.open(self.market, &trader, 0, Side::Long, size("1"), quote(margin));
        opened.expect("open");
        trader
    }

    /// What there is at these keys, but for programs.
    fn accounts(&self, transactions: &[Parsed]) -> BTreeMap<Pubkey, Account> {
        let keys = transactions.iter().flat_map(|it| it.account_keys().iter().copied().collect::<Vec<_>>());
        let found = keys.filter_map(|key| Some((key, self.world.svm.get_account(&key)?)));
        found.filter(|(_, it)| !it.executable && it.owner != native_loader::ID).collect()
    }
}

/// Each kind's instruction on a bank, whose state was made in the SVM.
pub struct Executed {
    bank: Bank,
    /// One for all: a new one takes a slot's time.
    blockhash: Hash,
    parties: BTreeMap<Kind, Vec<Party>>,
    /// What the market's first accrual took: another finds nothing to do.
    accrual: Option<Used>,
    /// What a liquidation takes that has to accrue the market.
    late: Option<Used>,
}

impl Executed {
    pub async fn start() -> Self {
        let mut scene = Scene::new();
        let mut parties = BTreeMap::new();
        for (kind, ..) in KINDS {
            parties.insert(kind, (0..PARTIES).map(|_| scene.party(kind)).collect::<Vec<_>>());
        }
        // A price that is new to the order.
        scene.world.warp(SECONDS);
        scene.world.set_price(scene.market, price("140"));
        let all = parties.iter().flat_map(|(kind, of)| of.iter().map(|party| (*kind, party)));
        let transactions: Vec<_> = all.map(|(kind, party)| party.sign(&[party.instruction(kind)])).collect();
        let accounts = scene.accounts(&transactions).into_iter().collect();
        let mut bank = Bank::start(scene.world.admin.pubkey(), accounts).await;
        bank.warp(SECONDS).await;
        let blockhash = bank.context.get_new_latest_blockhash().await.expect("a blockhash");
        let mut executed = Self { bank, blockhash, parties, accrual: None, late: None };
        executed.accrual = Some(executed.median(Kind::Accrue).await);
        executed.late = Some(executed.median(Kind::LiquidatePart).await);
        let payer = executed.bank.context.payer.insecure_clone();
        let accrue = executed.parties[&Kind::Accrue][0].instruction(Kind::Accrue);
        executed.bank.send(accrue, &payer).await.expect("it accrues");
        executed
    }

    /// What this kind's transaction of one party would come to, with these
    /// instructions before its own.
    pub async fn simulate(
        &mut self,
        kind: Kind,
        party: usize,
        budget: &[Instruction],
    ) -> Result<Used, TransactionError> {
        let party = &self.parties[&kind][party];
        let instructions = [budget, &[party.instruction(kind)]].concat();
        let (payer, context) = (party.signer.pubkey(), &self.bank.context);
        let message = Message::new_with_blockhash(&instructions, Some(&payer), &self.blockhash);
        let transaction = VersionedTransaction::try_new(VersionedMessage::Legacy(message), &[&party.signer]);
        let simulated = context.banks_client.simulate_transaction(transaction.expect("one signer")).await;
        let simulated = simulated.expect("a bank that answers");
        simulated.result.expect("a result")?;
        let details = simulated.simulation_details.expect("details");
        Ok(Used { units: details.units_consumed, loaded: details.loaded_accounts_data_size })
    }

    /// The median of what this kind takes behind the client's budget.
    pub async fn median(&mut self, kind: Kind) -> Used {
        if let (Kind::Accrue, Some(accrual)) = (kind, self.accrual) {
            return accrual;
        }
        let budget = self.budget(kind);
        let mut all = Vec::new();
        for party in 0..PARTIES {
            let used = self.simulate(kind, party, &budget).await;
            all.push(used.unwrap_or_else(|error| panic!("{}: {error:?}", kind.label())));
        }
        all.sort_unstable_by_key(|used| used.units);
        all[PARTIES / 2]
    }

    /// Units that a liquidation takes more where it is what accrues the market.
    pub async fn catching_up(&mut self) -> u64 {
        let late = self.late.expect("measured at the start");
        late.units - self.median(Kind::LiquidatePart).await.units
    }

    /// The median of every kind, with the bytes that the program has in
    /// docs/compute-units.md: they depend a little on where it was compiled.
    pub async fn used(&mut self) -> BTreeMap<Kind, Used> {
        let program = std::fs::metadata(program_path()).expect("the compiled program").len();
        let program = u32::try_from(program).expect("less than 4 GiB");
        let documented = Documented::read().program_bytes();
        let mut all = BTreeMap::new();
        for (kind, ..) in KINDS {
            let Used { units, loaded } = self.median(kind).await;
            all.insert(kind, Used { units, loaded: loaded - program + documented });
        }
        all
    }

    /// Of a program's bytecode, wherever its loader keeps it.
    pub async fn program_bytes(&self, program: Pubkey) -> u32 {
        let program_data = Pubkey::find_program_address(&[program.as_ref()], &bpf_loader_upgradeable::ID).0;
        let mut bytes = 0;
        for key in [program, program_data] {
            bytes = self.bank.account(key).await.map_or(bytes, |account| bytes.max(account.data.len()));
        }
        u32::try_from(bytes).expect("less than 4 GiB")
    }

    fn budget(&self, kind: Kind) -> Vec<Instruction> {
        budget(&self.parties[&kind][0].instruction(kind))
    }
}

/// The client's budget for an instruction, which comes first in a transaction.
pub fn budget(instruction: &Instruction) -> Vec<Instruction> {
    let mut all = compute::with_budget(std::slice::from_ref(instruction), PRICE);
    all.pop();
    all
}

/// The same but for the limit of loaded data.
pub fn budget_without_loaded_data(instruction: &Instruction) -> Vec<Instruction> {
    let mut all = budget(instruction);
    // SetLoadedAccountsDataSizeLimit
    all.retain(|it| it.data.first() != Some(&4));
    assert_eq!(all.len(), 2, "units and price");
    all
}

/// A position that has been open for some seconds has charges to be counted,
/// which the samples of the page do not have: up to a tenth more.
#[tokio::test]
async fn a_bank_takes_about_the_units_of_the_page() {
    let (documented, mut executed) = (Documented::read(), Executed::start().await);
    for (kind, name, path) in KINDS {
        let used = executed.median(kind).await;
        let units = used.units - BUDGET_UNITS * u64::try_from(executed.budget(kind).len()).expect("few");
        let expected = documented.units(kind);
        println!("{name}, {path}: {units} units, {expected} on the page, {} bytes loaded", used.loaded);
        let allowed = expected / 10 + BUMP_UNITS;
        assert!(units.abs_diff(expected) <= allowed, "{name}, {path}: {units}, {expected} on the page");
    }
}
