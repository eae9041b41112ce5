//! Invariant 11: every bad price, for every instruction that reads one.

use anchor_lang::prelude::Pubkey;
use rand::Rng;
use rand::rngs::StdRng;
use ringfence_client::RingfenceError;
use ringfence_client::state::OracleKind;
use ringfence_testkit::market::default_oracle;
use ringfence_testkit::pyth::{
    self, PUSH_PROGRAM, PythPrice, RECEIVER, TRADING, Verification, account_of, pull_update, push_account,
};
use ringfence_testkit::{World, price};
use solana_account::Account;
use solana_last_restart_slot::LastRestartSlot;
use solana_signer::Signer;

use crate::stage::{Act, Source, Stage, covers, declared};
use crate::support::seeded;

/// Magnitudes of each kind, for each source and instruction.
const TRIES: usize = 5;

/// What an instruction does with risk; the limits follow.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Class {
    AddRisk,
    /// As fresh as the one, as wide as the other.
    ReduceByOrder,
    ReduceRisk,
    Liquidate,
}

/// The instructions that take a price, by design §6; of an order that reduces,
/// as those that add are in tests/orders.
fn class(instruction: &str) -> Option<Class> {
    match instruction {
        "open_position" | "increase_position" | "remove_margin" => Some(Class::AddRisk),
        "add_liquidity" | "remove_liquidity" | "settle_market" => Some(Class::AddRisk),
        "decrease_position" | "close_position" | "close_at_cap" | "accrue" => Some(Class::ReduceRisk),
        "execute_order" => Some(Class::ReduceByOrder),
        "liquidate" => Some(Class::Liquidate),
        _ => None,
    }
}

/// What can be wrong with a price.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    Stale,
    Future,
    RolledBack,
    BeforeRestart,
    Wide,
    Diverged,
    NotPositive,
    Exponent,
    WrongFeed,
    WrongOwner,
    Malformed,
    Unverified,
    NotTrading,
    WrongAccount,
}

use Fault::*;

const FAULTS: [Fault; 14] = [
    Stale,
    Future,
    RolledBack,
    BeforeRestart,
    Wide,
    Diverged,
    NotPositive,
    Exponent,
    WrongFeed,
    WrongOwner,
    Malformed,
    Unverified,
    NotTrading,
    WrongAccount,
];

fn refusal(fault: Fault) -> RingfenceError {
    match fault {
        Stale => RingfenceError::OracleStale,
        Future => RingfenceError::OracleFromTheFuture,
        RolledBack => RingfenceError::OracleOlderThanAccepted,
        BeforeRestart => RingfenceError::OracleBeforeRestart,
        Wide => RingfenceError::OracleConfidenceTooWide,
        Diverged => RingfenceError::OracleDiverged,
        NotPositive => RingfenceError::OraclePriceOutOfRange,
        Exponent => RingfenceError::OracleExponentOutOfRange,
        WrongFeed => RingfenceError::OracleWrongFeed,
        WrongOwner => RingfenceError::OracleWrongOwner,
        Malformed => RingfenceError::OracleMalformed,
        Unverified => RingfenceError::OracleNotFullyVerified,
        NotTrading => RingfenceError::OracleNotTrading,
        WrongAccount => RingfenceError::OracleWrongAccount,
    }
}

/// Whether that can be wrong with prices of this source.
fn occurs(fault: Fault, source: Source) -> bool {
    let push = matches!(source, Source::Push);
    match fault {
        WrongFeed | Unverified => !push,
        NotTrading => push,
        WrongAccount => !matches!(source, Source::AnyPull),
        _ => true,
    }
}

/// 150 to the point, published now.
fn sound(world: &World) -> PythPrice {
    let price = price("150") as i64;
    PythPrice {
        price,
        confidence: 0,
        ema: price,
        exponent: -10,
        publish_time: world.now(),
        previous_publish_time: world.now() - 1,
        slot: world.slot(),
    }
}

/// The oracle account with this fault, of any size, against this class.
fn faulty(
    fault: Fault,
    class: Class,
    world: &World,
    kind: OracleKind,
    feed: &[u8; 32],
    rng: &mut StdRng,
) -> Account {
    let limits = default_oracle();
    let (age, width) = match class {
        Class::AddRisk => (limits.max_age_open, limits.max_confidence_open_ppm),
        Class::ReduceByOrder => (limits.max_age_open, limits.max_confidence_ppm),
        Class::ReduceRisk => (limits.max_age_reduce, limits.max_confidence_ppm),
        Class::Liquidate => (limits.max_age_liquidate, limits.max_confidence_liquidate_ppm),
    };
    let mut price = sound(world);
    let any_key = |rng: &mut StdRng| rng.random::<[u8; 32]>();
    match fault {
        Stale => price.publish_time -= i64::from(age) + rng.random_range(1..=200),
        Future => price.publish_time += rng.random_range(3..=1_000_000_000),
        // the market has accepted one of 10 s ago
        RolledBack => price.publish_time -= rng.random_range(11..=50),
        BeforeRestart => price.slot -= rng.random_range(1..=price.slot),
        Wide => {
            let limit = price.price as u64 / 1_000_000 * u64::from(width);
            price.confidence = limit + if rng.random() { 1 } else { rng.random_range(1..=limit * 40) };
        }
        Diverged => {
            // 30 % of the average, either way: 150 ÷ 1.3 and 150 ÷ 0.7
            let low = price.price * 10 / 13;
            let high = price.price * 10 / 7 + 1;
            price.ema =
                if rng.random() { rng.random_range(1..low) } else { rng.random_range(high + 1..high * 9) };
        }
        NotPositive => price.price = if rng.random() { 0 } else { -rng.random_range(1..=i64::MAX) },
        Exponent => {
            price.exponent = if rng.random() { rng.random_range(1..=18) } else { rng.random_range(-40..=-13) }
        }
        _ => {}
    }
    let mut account = pyth::account(kind, feed, &price);
    match fault {
        WrongFeed => account.data = pull_update(&any_key(rng), Verification::Full, &price),
        WrongOwner => {
            let other = if kind == OracleKind::PythPull { PUSH_PROGRAM } else { RECEIVER };
            account.owner = if rng.random() { other } else { Pubkey::new_from_array(any_key(rng)) };
        }
        Malformed => {
            let sound = std::mem::take(&mut account.data);
            // cut short, or another kind of account
            let cut = if kind == OracleKind::PythPull { 100 } else { 3_311 };
            account.data = sound[..rng.random_range(0..=cut)].to_vec();
            account = account_of(account.owner, account.data);
        }
        Unverified => {
            let level = Verification::Partial(rng.random());
            account.data = pull_update(feed, level, &price);
        }
        NotTrading => {
            let status = if rng.random() { 0 } else { rng.random_range(TRADING + 1..=u8::MAX) };
            account.data = push_account(status, &price);
        }
        _ => {}
    }
    account
}

struct Matrix {
    stage: Stage,
    source: Source,
    cases: usize,
}

impl Matrix {
    /// Tries one act with one fault, from the same state each time.
    fn try_one(&mut self, act: &Act, fault: Fault, rng: &mut StdRng) {
        let class = class(act.name).expect("a class");
        let market = if act.name == "settle_market" { self.stage.ending } else { self.stage.market };
        let world = &mut self.stage.world;
        let handle = world.markets[market.0].clone();
        let before = world.svm.clone();
        let mut instruction = act.instruction.clone();
        if fault == RolledBack {
            let mut earlier = sound(world);
            earlier.publish_time -= 10;
            let account = pyth::account(handle.kind, &handle.feed_id, &earlier);
            world.svm.set_account(handle.accounts.oracle, account).expect("an account");
            world.accrue(market).expect("a price of 10 s ago");
        }
        if fault == BeforeRestart {
            let last_restart_slot = world.slot();
            world.svm.set_sysvar(&LastRestartSlot { last_restart_slot });
        }
        let account = faulty(fault, class, world, handle.kind, &handle.feed_id, rng);
        let mut key = handle.accounts.oracle;
        if fault == WrongAccount {
            key = world.new_key().pubkey();
            let oracle = handle.accounts.oracle;
            instruction
                .accounts
                .iter_mut()
                .filter(|meta| meta.pubkey == oracle)
                .for_each(|meta| meta.pubkey = key);
        }
        world.svm.set_account(key, account).expect("an account");
        let accepted = world.market_state(market).accepted;
        let failure = world.send(&[instruction], &[]).err();
        let expected = refusal(fault);
        let refused = failure.as_ref().is_some_and(|failure| failure.is(expected));
        assert!(refused, "{:?}, {fault:?}, {}: {:?}", self.source, act.name, failure.map(|it| it.error));
        assert_eq!(world.market_state(market).accepted, accepted, "nothing is remembered of it");
        world.svm = before;
        self.cases += 1;
    }
}

/// All faults × all instructions with an oracle account in the IDL × all
/// sources, several magnitudes each, from just past the limit to far beyond;
/// refused by the one error that names the fault.
#[test]
fn invariant_11_bad_prices_are_refused_by_whatever_reads_one() {
    let reading = declared().into_iter().filter(|own| own.accounts.iter().any(|name| name == "oracle"));
    let names: Vec<String> = reading.map(|own| own.name).collect();
    let mut rng = seeded(111);
    for source in [Source::PinnedPull, Source::AnyPull, Source::Push] {
        let mut stage = Stage::new(source);
        let acts: Vec<Act> =
            std::mem::take(&mut stage.acts).into_iter().filter(|act| class(act.name).is_some()).collect();
        covers(acts.iter().map(|act| act.name), names.clone());
        let mut matrix = Matrix { stage, source, cases: 0 };
        for act in &acts {
            for fault in FAULTS.into_iter().filter(|fault| occurs(*fault, source)) {
                (0..TRIES).for_each(|_| matrix.try_one(act, fault, &mut rng));
            }
            let before = matrix.stage.world.svm.clone();
            let whole = matrix.stage.world.send(std::slice::from_ref(&act.instruction), &[]);
            whole.unwrap_or_else(|failure| panic!("{}: {:?}", act.name, failure.error));
            matrix.stage.world.svm = before;
        }
        assert!(matrix.cases >= acts.len() * 11 * TRIES, "{} cases", matrix.cases);
    }
}
