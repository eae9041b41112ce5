//! What the replay is measured against: one transaction after the other on a
//! LiteSVM of the replay's own settings, and nothing else.

use std::time::Duration;

use litesvm::LiteSVM;
use ringfence_client::state::Side;
use ringfence_client::{AccountMeta, Instruction, Pubkey};
use ringfence_testkit::{MintKind, Trader, World, quote, size};
use solana_keypair::Keypair;
use solana_message::Message;
use solana_signer::Signer;
use solana_system_interface::instruction::transfer;
use solana_transaction::Transaction;

use crate::clock::Stopwatch;

/// Transactions between two looks at the clock.
const BATCH: u64 = 500;

/// What went through in how much processor time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pace {
    pub transactions: u64,
    pub compute_units: u64,
    pub processor: Duration,
}

impl Pace {
    /// For each core; 0 where nothing was measured.
    pub fn per_second(&self) -> f64 {
        self.transactions as f64 / self.processor.as_secs_f64().max(f64::MIN_POSITIVE)
    }

    pub fn units_per_second(&self) -> f64 {
        self.per_second() * self.units_each()
    }

    pub fn units_each(&self) -> f64 {
        self.compute_units as f64 / self.transactions as f64
    }

    pub fn faster(self, other: Self) -> Self {
        if other.per_second() > self.per_second() { other } else { self }
    }
}

/// Makes the transaction of a number.
type Next = Box<dyn FnMut(&LiteSVM, u64) -> Transaction>;

/// A machine, and the transactions that it is sent.
pub struct Loop {
    svm: LiteSVM,
    /// So far; no two transactions are the same.
    sent: u64,
    next: Next,
}

impl Loop {
    /// Lamports from one system account to another.
    pub fn lamports() -> Self {
        let mut world = World::quick();
        let [from, to] = [world.trader(0).pubkey(), world.trader(0).pubkey()];
        Self::unsigned(world, from, transfer(&from, &to, 1))
    }

    /// The same on LiteSVM as it comes: signed, the signature checked, the
    /// transaction remembered.
    pub fn signed() -> Self {
        let (from, to) = (Keypair::new_from_array([1; 32]), Keypair::new_from_array([2; 32]));
        let mut svm = LiteSVM::new();
        for key in [&from, &to] {
            svm.airdrop(&key.pubkey(), 1_000_000_000_000).expect("an airdrop");
        }
        let next = move |svm: &LiteSVM, number| {
            let instruction = transfer(&from.pubkey(), &to.pubkey(), number);
            let (payer, blockhash) = (from.pubkey(), svm.latest_blockhash());
            Transaction::new_signed_with_payer(&[instruction], Some(&payer), &[&from], blockhash)
        };
        Self { svm, sent: 0, next: Box::new(next) }
    }

    /// An atom of an SPL Token mint from one account to another.
    pub fn tokens() -> Self {
        /// Of the token program.
        const TRANSFER: u8 = 3;
        let mut world = World::quick();
        let owner = world.trader(0).pubkey();
        let mint = world.create_mint(&MintKind::Token, 6);
        let [from, to] = [1_000_000_000, 0].map(|atoms| world.create_token_account(mint, owner, atoms));
        let accounts =
            vec![AccountMeta::new(from, false), AccountMeta::new(to, false), AccountMeta::new(owner, true)];
        let mut data = vec![TRANSFER];
        data.extend(1u64.to_le_bytes());
        let program_id = MintKind::Token.program();
        Self::unsigned(world, owner, Instruction { program_id, accounts, data })
    }

    /// An atom of margin into an open position, through the compiled program.
    pub fn add_margin() -> Self {
        let mut world = World::quick();
        let market = world.market("SPEED-PERP").price("100").liquidity(1_000_000).build();
        let trader: Trader = world.trader(1_000_000);
        let position =
            world.open(market, &trader, 0, Side::Long, size("10"), quote("500")).expect("an open position");
        let instruction = world.add_margin_ix(market, &trader, position, 1);
        Self::unsigned(world, trader.pubkey(), instruction)
    }

    /// The same instruction again and again, on a machine of the replay's settings.
    fn unsigned(world: World, payer: Pubkey, instruction: Instruction) -> Self {
        let next = move |_: &LiteSVM, _| {
            Transaction::new_unsigned(Message::new(std::slice::from_ref(&instruction), Some(&payer)))
        };
        Self { svm: world.svm, sent: 0, next: Box::new(next) }
    }

    /// Makes a transaction and sends it, over and over.
    pub fn run(&mut self, at_least: Duration) -> Pace {
        let (clock, mut pace) = (Stopwatch::start(), Pace::default());
        while pace.processor < at_least {
            for _ in 0..BATCH {
                self.sent += 1;
                let transaction = (self.next)(&self.svm, self.sent);
                let done = self.svm.send_transaction(transaction);
                pace.compute_units += done.expect("it goes through").compute_units_consumed;
            }
            pace.transactions += BATCH;
            pace.processor = clock.processor();
        }
        pace
    }
}
