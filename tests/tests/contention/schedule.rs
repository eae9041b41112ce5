//! A block producer's worker threads, which execute at the same time what
//! does not lock the same accounts: a greedy scheduler of the highest priority
//! first, like the one of Agave's banking stage, without its batches.

use std::collections::{HashMap, HashSet};

use anchor_lang::prelude::Pubkey;
use solana_svm_transaction::svm_message::SVMMessage;

use crate::load::Parsed;

/// Threads that execute transactions other than votes in Agave.
pub const THREADS: usize = 4;

/// How long something takes, in compute units, and what it locks.
#[derive(Clone, Debug, Default)]
pub struct Task {
    pub units: u64,
    pub writes: HashSet<Pubkey>,
    pub reads: HashSet<Pubkey>,
}

impl Task {
    pub fn new(transaction: &Parsed, units: u64) -> Self {
        let mut task = Self { units, ..Self::default() };
        for (index, key) in transaction.account_keys().iter().enumerate() {
            let locked = if transaction.is_writable(index) { &mut task.writes } else { &mut task.reads };
            locked.insert(*key);
        }
        task
    }
}

/// Locks held: any number of readers of an account, or one writer.
#[derive(Default)]
struct Locks<'a> {
    writes: HashSet<&'a Pubkey>,
    reads: HashMap<&'a Pubkey, usize>,
}

impl<'a> Locks<'a> {
    fn allow(&self, task: &Task) -> bool {
        let unread = |key: &Pubkey| !self.reads.contains_key(key);
        task.writes.iter().all(|key| unread(key) && !self.writes.contains(key))
            && task.reads.iter().all(|key| !self.writes.contains(key))
    }

    fn take(&mut self, task: &'a Task) {
        self.writes.extend(&task.writes);
        for key in &task.reads {
            *self.reads.entry(key).or_default() += 1;
        }
    }

    fn release(&mut self, task: &'a Task) {
        for key in &task.writes {
            self.writes.remove(key);
        }
        for key in &task.reads {
            let readers = self.reads.get_mut(key).expect("a lock that was taken");
            *readers -= 1;
            if *readers == 0 {
                self.reads.remove(key);
            }
        }
    }
}

/// When the last of these ends that `threads` start in this order, none before
/// an earlier one whose locks are in its way. Unit: compute units.
pub fn makespan(tasks: &[Task], threads: usize) -> u64 {
    let mut waiting: Vec<&Task> = tasks.iter().collect();
    let mut running: Vec<(u64, &Task)> = Vec::new();
    let (mut held, mut now) = (Locks::default(), 0);
    while !waiting.is_empty() || !running.is_empty() {
        // What has to wait keeps its place: nobody later takes its locks.
        let mut reserved = Locks::default();
        let mut index = 0;
        while index < waiting.len() && running.len() < threads {
            let task = waiting[index];
            if held.allow(task) && reserved.allow(task) {
                held.take(task);
                running.push((now + task.units, task));
                waiting.remove(index);
            } else {
                reserved.take(task);
                index += 1;
            }
        }
        now = running.iter().map(|(end, _)| *end).min().expect("the first one is always allowed");
        running.retain(|(end, task)| {
            let over = *end == now;
            if over {
                held.release(task);
            }
            !over
        });
    }
    now
}

/// Work done per time, against one thread.
pub fn speed_up(tasks: &[Task], threads: usize) -> f64 {
    let total: u64 = tasks.iter().map(|task| task.units).sum();
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let speed_up = total as f64 / makespan(tasks, threads) as f64;
    speed_up
}

fn task(units: u64, writes: &[u8], reads: &[u8]) -> Task {
    let keys = |numbers: &[u8]| numbers.iter().map(|number| Pubkey::new_from_array([*number; 32])).collect();
    Task { units, writes: keys(writes), reads: keys(reads) }
}

#[test]
fn writers_of_an_account_wait_for_each_other_and_readers_do_not() {
    // Two writers of account 1: 3 + 5. Two readers: the longer one. A reader after a writer: 3 + 5.
    assert_eq!(makespan(&[task(3, &[1], &[]), task(5, &[1], &[])], 4), 8);
    assert_eq!(makespan(&[task(3, &[], &[1]), task(5, &[], &[1])], 4), 5);
    assert_eq!(makespan(&[task(3, &[1], &[]), task(5, &[], &[1])], 4), 8);
    // Six units on four threads, nothing shared: two rounds; on two, three.
    let six: Vec<_> = (1..=6).map(|number| task(1, &[number], &[])).collect();
    assert_eq!((makespan(&six, 4), makespan(&six, 2), makespan(&six, 1)), (2, 3, 6));
}

#[test]
fn nobody_overtakes_who_waits_for_the_same_account() {
    // The second waits for the first's account 1 and holds account 2 against the third, which would
    // otherwise run at once: 4 + 4, then 4 more. The fourth shares nothing and fills a gap.
    let tasks = [task(4, &[1], &[]), task(4, &[1, 2], &[]), task(4, &[2], &[]), task(4, &[3], &[])];
    assert_eq!(makespan(&tasks, 4), 12);
    assert!((speed_up(&tasks, 4) - 16.0 / 12.0).abs() < 1e-9);
}
