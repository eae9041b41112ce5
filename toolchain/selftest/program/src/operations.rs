//! What is tried, in groups that take the same kind of operands.

mod collections;
mod control;
mod integers;
mod memory;
mod traps;

use crate::Output;

/// One function of two operands. Where `traps` says so it must abort instead.
pub struct Operation {
    pub name: &'static str,
    pub run: fn(u128, u128, &mut Output),
    pub traps: fn(u128, u128) -> bool,
}

impl Operation {
    const fn new(name: &'static str, run: fn(u128, u128, &mut Output)) -> Self {
        Self { name, run, traps: |_, _| false }
    }
}

/// Operations that are tried on the same operands.
pub struct Group {
    pub name: &'static str,
    pub operations: &'static [Operation],
    pub operands: Operands,
    /// Cases that fit the compute units of one transaction.
    pub batch: usize,
}

/// What a group makes of its two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operands {
    /// Integers of so many bits: the rest is cut off.
    Integers { bits: u32 },
    /// A seed, and where and how much: see [`memory`](Place).
    Places,
    /// A seed and a count.
    Seeds,
    /// Integers that are apt to overflow, one case to a transaction.
    Traps,
}

pub use memory::Place;

/// All groups, in the order that instruction data counts them.
pub static GROUPS: &[Group] = &[
    integers::U8,
    integers::U16,
    integers::U32,
    integers::U64,
    integers::U128,
    integers::I8,
    integers::I16,
    integers::I32,
    integers::I64,
    integers::I128,
    integers::WIDE,
    memory::GROUP,
    control::GROUP,
    collections::GROUP,
    traps::GROUP,
];

/// A xorshift sequence: contents for buffers and collections.
struct Sequence(u64);

impl Sequence {
    fn new(seed: u128) -> Self {
        // Not zero, which xorshift never leaves.
        Self((seed as u64 ^ (seed >> 64) as u64) | 1)
    }
}

impl Iterator for Sequence {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        Some(self.0)
    }
}
