//! The runs themselves.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use ringfence_client::errors::from_code;
use ringfence_testkit::random::Random;

use crate::action::{Action, Probe};
use crate::generate::Source;
use crate::generate_orders::ending;
use crate::judge::{self, Extra};
use crate::perform::Outcome;
use crate::probes;
use crate::run::Run;
use crate::shrink::{Sequence, failure, guarded, keep, regressions, shrunk, text};
use crate::state::State;

/// Steps of one world.
const LIFE: u64 = 1_000;

/// What orders have to have met, by the labels of `ending`, and how often.
const WAYS: [(&str, u64); 16] = [
    ("executed: TakeProfit", 20),
    ("executed: StopLoss", 20),
    ("executed: Limit", 20),
    ("executed: Stop ", 20),
    ("executed: Delayed", 20),
    ("executed: Delayed of no size", 20),
    ("Delayed by a stranger", 20),
    ("at an older price", 10),
    ("failed", 20),
    ("cancelled: failed, by somebody else", 10),
    ("cancelled: expired, by somebody else", 20),
    ("cancelled: live, by its trader", 20),
    ("cancelled: live, by somebody else", 10),
    ("cancelled: position gone, by somebody else", 20),
    ("cancelled: another generation, by somebody else", 20),
    ("cancelled: void by partner or dismissal, by somebody else", 10),
];

/// Accepted and refused, by instruction; conclusive or not, by question.
type Tally = BTreeMap<String, (u64, u64)>;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn label(action: &Action) -> Option<String> {
    if let Action::Ask(probe) = action {
        let kind = match probe {
            Probe::RoundTrip { .. } => "round trip",
            Probe::MarginTrip { .. } => "margin trip",
            Probe::SelfLiquidation { .. } => "self-liquidation",
            Probe::PoolTrip { .. } => "pool trip",
            Probe::Blocked { .. } => "blocked",
            Probe::Substituted { .. } => "substituted",
            Probe::Paused { .. } => "paused",
        };
        return Some(format!("asked: {kind}"));
    }
    action.name().map(str::to_string)
}

/// One world's life; the sequence up to where it failed, and how.
fn life(seed: u64, steps: u64, tally: &mut Tally, extra: Extra) -> Result<(), (Sequence, String)> {
    let mut random = Random::new(seed ^ 0x5eed);
    let mut run = Run::new(seed);
    let mut now = State::read(&run);
    let mut actions = Vec::new();
    tally.entry("initialize_exchange".into()).or_default().0 += 1;
    for _ in 0..steps {
        let action = Source { random: &mut random, run: &run, now: &now }.action();
        actions.push(action.clone());
        match guarded(|| judge::step(&mut run, &now, &action, extra)) {
            Ok((after, outcome)) => {
                if let Some(label) = label(&action) {
                    let (accepted, refused) = tally.entry(label.clone()).or_default();
                    *accepted += u64::from(outcome == Outcome::Accepted);
                    *refused += u64::from(outcome != Outcome::Accepted);
                    if let Outcome::Refused(Some(code)) = outcome {
                        let error = from_code(code).map_or(code.to_string(), |error| format!("{error:?}"));
                        let why = format!("{label} by {error}");
                        tally.entry(why).or_default().1 += 1;
                    }
                }
                if let Some(ending) =
                    ending(&action, &run, &now, &after).filter(|_| outcome == Outcome::Accepted)
                {
                    tally.entry(ending).or_default().0 += 1;
                }
                now = after;
            }
            Err(message) => return Err((Sequence { seed, actions }, message)),
        }
    }
    Ok(())
}

/// Worlds from this seed on, two at a time; the first failure by seed.
fn lives(first: u64, steps: u64, extra: Extra) -> (Tally, Option<(Sequence, String)>) {
    let (count, next) = (steps.div_ceil(LIFE), AtomicU64::new(0));
    let work = || {
        let mut tally = Tally::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                return (tally, None);
            }
            let length = LIFE.min(steps - number * LIFE);
            if let Err(failed) = life(first + number, length, &mut tally, extra) {
                next.store(count, Ordering::Relaxed);
                return (tally, Some(failed));
            }
        }
    };
    let done: Vec<_> = std::thread::scope(|scope| {
        let threads = [scope.spawn(work), scope.spawn(work)];
        threads.into_iter().map(|thread| thread.join().expect("a thread")).collect()
    });
    let (mut total, mut failed) = (Tally::new(), None);
    for (tally, failure) in done {
        for (label, (accepted, refused)) in tally {
            let sum = total.entry(label).or_default();
            *sum = (sum.0 + accepted, sum.1 + refused);
        }
        failed = failed.or(failure);
    }
    (total, failed)
}

fn nothing_more(_: &Run, _: &judge::Step) -> Result<(), String> {
    Ok(())
}

/// What has failed once is replayed first.
fn replay_regressions() {
    let mut files: Vec<_> = std::fs::read_dir(regressions())
        .expect("the folder of regressions")
        .map(|entry| entry.expect("a file").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    files.sort();
    for path in files {
        let sequence: Sequence =
            serde_json::from_str(&std::fs::read_to_string(&path).expect("a file")).expect("a sequence");
        if let Some((index, message)) = failure(&sequence, nothing_more) {
            panic!("{} fails again at step {index}: {message}", path.display());
        }
        println!("replayed {}", path.display());
    }
}

#[test]
fn every_instruction_in_random_sequences_does_what_the_model_says() {
    replay_regressions();
    let (first, steps) = (number("RINGFENCE_SEED", 1), number("RINGFENCE_STEPS", 200_000));
    println!("RINGFENCE_SEED={first} RINGFENCE_STEPS={steps}");
    let (tally, failed) = lives(first, steps, nothing_more);
    if let Some((sequence, message)) = failed {
        println!("seed {} fails at step {}: {message}", sequence.seed, sequence.actions.len());
        // of a program that is broken on purpose there is nothing to keep
        assert!(number("RINGFENCE_SHRINK", 1) == 1, "{message}");
        let (sequence, message) = shrunk(sequence, message, nothing_more);
        let path = keep(&sequence);
        panic!("{message}\n{}kept in {}", text(&sequence), path.display());
    }
    for (label, (accepted, refused)) in &tally {
        println!("{label:<52} {accepted:>7} accepted {refused:>7} refused");
    }
    // a short run by hand need not meet everything
    if steps < 200_000 {
        return;
    }
    for name in probes::declared() {
        let (accepted, refused) = tally.get(&name).copied().unwrap_or_default();
        assert!(accepted >= 20 && refused >= 1, "{name}: {accepted} accepted, {refused} refused");
    }
    for (way, least) in WAYS {
        let count: u64 = tally.iter().filter(|(label, _)| label.contains(way)).map(|(_, (it, _))| it).sum();
        assert!(count >= least, "{way}: {count}");
    }
    for (label, (conclusive, _)) in tally.iter().filter(|(label, _)| label.starts_with("asked")) {
        assert!(*conclusive >= 20, "{label}: {conclusive} conclusive");
    }
}

/// A wrong claim, to see it refuted and the refutation made short.
fn nobody_is_liquidated(_: &Run, step: &judge::Step) -> Result<(), String> {
    let liquidated = matches!(step.action, Action::Liquidate { .. }) && step.outcome == Outcome::Accepted;
    if liquidated { Err("wrong claim: somebody was liquidated".into()) } else { Ok(()) }
}

#[test]
fn a_wrong_claim_is_refuted_in_a_few_steps() {
    let (_, failed) = lives(1, 20_000, nobody_is_liquidated);
    let (sequence, message) = failed.expect("a liquidation");
    let long = sequence.actions.len();
    let (short, message) = shrunk(sequence, message, nobody_is_liquidated);
    println!("{message}: {long} steps made {}\n{}", short.actions.len(), text(&short));
    // a position, a price at which it has to go, somebody who sees to it; and
    // for a price that lies far off, its predecessor
    assert!(short.actions.len() <= 5, "{} steps", short.actions.len());
    assert!(matches!(short.actions.last(), Some(Action::Liquidate { .. })));
    // what is written is what is read
    let read: Sequence = serde_json::from_str(&text(&short)).expect("a sequence");
    assert_eq!(read, short);
    assert_eq!(failure(&read, nobody_is_liquidated).map(|(index, _)| index + 1), Some(short.actions.len()));
}
