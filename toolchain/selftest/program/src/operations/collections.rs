//! The parts of std and alloc that programs lean on.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Group, Operands, Operation, Sequence};
use crate::Output;

/// A count small enough for the heap, from an operand.
fn count(operand: u128) -> usize {
    (operand % 65) as usize
}

fn put_all(values: &[u64], output: &mut Output) {
    for &value in values {
        output.put(value);
    }
}

/// Decimal digits by division alone, without the formatting machinery.
fn decimal(mut value: u128) -> Vec<u8> {
    let mut digits = Vec::with_capacity(39);
    loop {
        digits.push(b'0' + (value % 10) as u8);
        value /= 10;
        if value == 0 {
            digits.reverse();
            return digits;
        }
    }
}

pub const GROUP: Group = Group {
    name: "collections",
    operands: Operands::Seeds,
    batch: 16,
    operations: &[
        Operation::new("sort_unstable", |seed, b, output| {
            let mut values: Vec<u64> = Sequence::new(seed).take(count(b)).collect();
            values.sort_unstable();
            put_all(&values, output);
        }),
        Operation::new("sort_unstable_by_key, pairs", |seed, b, output| {
            let mut pairs: Vec<(i128, u8)> = Sequence::new(seed)
                .take(count(b) / 2)
                .map(|random| (i128::from(random as i64) << (random % 60), random as u8))
                .collect();
            pairs.sort_unstable_by_key(|&(key, tie)| (core::cmp::Reverse(key), tie));
            for pair in pairs {
                output.put(pair);
            }
        }),
        Operation::new("stable sort", |seed, b, output| {
            let random = Sequence::new(seed).take(count(b));
            let mut values: Vec<u64> = random.collect();
            values.sort_by_key(|value| value % 8);
            put_all(&values, output);
        }),
        Operation::new("sorts of large elements", |seed, b, output| {
            let random = Sequence::new(seed).take(count(b) % 33);
            let mut rows: Vec<[u64; 10]> = random.map(|word| [word; 10]).collect();
            rows.sort_unstable();
            rows.sort_by_key(|row| row[9] % 4);
            rows.iter().for_each(|row| output.put(row[3]));
        }),
        Operation::new("BTreeMap", |seed, b, output| {
            let mut map = BTreeMap::new();
            for random in Sequence::new(seed).take(count(b)) {
                match random % 4 {
                    0 => drop(map.remove(&(random as u8 / 8))),
                    _ => *map.entry(random as u8 / 8).or_insert(seed) ^= u128::from(random),
                }
            }
            output.put(map.len());
            for (&key, &value) in map.range(3..29) {
                output.put((key, value));
            }
            let ends = map.first_key_value().zip(map.last_key_value());
            output.put(ends.map(|((&first, _), (&last, _))| (first, last)));
        }),
        Operation::new("BTreeSet", |seed, b, output| {
            let random = || Sequence::new(seed);
            let left: BTreeSet<u64> = random().take(count(b)).map(|x| x % 50).collect();
            let right: BTreeSet<u64> = random().skip(9).take(count(b)).map(|x| x % 50).collect();
            put_all(&left.intersection(&right).copied().collect::<Vec<_>>(), output);
            put_all(&left.difference(&right).copied().collect::<Vec<_>>(), output);
        }),
        Operation::new("HashMap", |seed, b, output| {
            // Its order is not the same on both sides: on chain nothing is random.
            let mut map: HashMap<u8, u64> = HashMap::new();
            for random in Sequence::new(seed).take(count(b)) {
                let entry = map.entry(random as u8).or_default();
                *entry = entry.wrapping_add(random);
            }
            let mut entries: Vec<(u8, u64)> = map.into_iter().collect();
            entries.sort_unstable();
            for entry in entries {
                output.put(entry);
            }
        }),
        Operation::new("Vec", |seed, b, output| {
            let mut values: Vec<u64> = Sequence::new(seed).take(count(b)).map(|x| x % 16).collect();
            values.dedup();
            values.retain(|value| value % 5 != 0);
            values.extend_from_within(..values.len() / 2);
            if values.len() > 3 {
                values.insert(2, values.len() as u64);
                values.swap_remove(1);
                values.drain(..2);
            }
            put_all(&values, output);
        }),
        Operation::new("slices and iterators", |seed, b, output| {
            let mut values: Vec<u64> = Sequence::new(seed).take(count(b) + 1).collect();
            output
                .put(values.chunks(3).map(|chunk| chunk.len() as u64 ^ chunk[0]).fold(0, u64::wrapping_add));
            output.put(values.windows(2).filter(|pair| pair[0] < pair[1]).count());
            output.put(values.iter().map(|&value| u128::from(value)).sum::<u128>());
            output.put(values.iter().zip(values.iter().rev()).position(|(a, b)| a == b));
            let median = values.len() / 2;
            output.put(*values.select_nth_unstable(median).1);
            values.sort_unstable();
            output.put(values.binary_search(&(seed as u64)).unwrap_or_else(|at| at));
        }),
        Operation::new("decimal by division", |a, b, output| {
            output.put_bytes(&decimal(a));
            output.put_bytes(&decimal(b));
            output.put_bytes(&decimal(a.abs_diff(b)));
        }),
        Operation::new("decimal by format!", |a, b, output| {
            let (signed, quad) = (b as i128, a as u64);
            output.put_bytes(format!("{a} {signed:+} {quad:>24} {quad:#018x}").as_bytes());
            output.put_bytes(format!("{:?}", (a as u8, Some(b as i64), "text")).as_bytes());
        }),
        Operation::new("parse", |a, b, output| {
            let text = format!("{a}");
            output.put(text.parse::<u128>().ok());
            output.put((text.parse::<u64>().ok(), text.parse::<i128>().ok()));
            output.put(format!("-{}", b >> 1).parse::<i128>().ok());
            let cut = text.len() / 2;
            output.put(text.get(..cut).and_then(|half| half.parse::<i64>().ok()));
            output.put(text.split('7').map(str::len).max());
        }),
    ],
};
