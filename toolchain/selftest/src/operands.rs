//! Operands: the edges of each kind crossed, then random ones from a seed.

use rand::{Rng, SeedableRng, rngs::StdRng};
use ringfence_selftest::operations::Place;

use crate::Case;

/// Random cases of each group, besides its edges.
pub const RANDOM: usize = 10_000;

/// The random cases' seed: `SELFTEST_SEED`, else one that differs each time.
/// It is printed, to be shown with a failure.
///
/// # Panics
/// Where `SELFTEST_SEED` is not a number.
pub fn seeded() -> StdRng {
    let seed = match std::env::var("SELFTEST_SEED") {
        Ok(seed) => seed.parse().expect("SELFTEST_SEED is a number"),
        Err(_) => rand::random(),
    };
    println!("random operands: SELFTEST_SEED={seed}");
    StdRng::seed_from_u64(seed)
}

/// 0, small numbers, powers of two and their neighbours, and the negatives of
/// all: with them the least and the greatest of every integer type.
fn edges(bits: u32) -> Vec<u128> {
    let mut edges = vec![0, 1, 2, 3, 5, 7, 10, 100, 1_000_000, 10_000_000_000];
    for power in [4, 7, 8, 15, 16, 31, 32, 33, 63, 64, 65, 95, 96, 126, 127] {
        edges.extend([(1 << power) - 1, 1 << power, (1 << power) + 1]);
    }
    let mask = u128::MAX >> (128 - bits);
    let mut edges: Vec<u128> =
        edges.iter().flat_map(|&edge| [edge & mask, edge.wrapping_neg() & mask]).collect();
    edges.sort_unstable();
    edges.dedup();
    edges
}

fn crossed(left: &[u128], right: &[u128]) -> Vec<Case> {
    left.iter().flat_map(|&a| right.iter().map(move |&b| (a, b))).collect()
}

/// A number of up to `bits` bits whose length is as random as its digits.
fn ragged(rng: &mut StdRng, bits: u32) -> u128 {
    let length = rng.random_range(1..=bits);
    let value = rng.random::<u128>() >> (128 - length);
    let value = if rng.random() { value } else { value.wrapping_neg() };
    value & (u128::MAX >> (128 - bits))
}

/// Edges crossed, then [`RANDOM`] pairs, some of them near each other.
pub fn integers(bits: u32, rng: &mut StdRng) -> Vec<Case> {
    let edges = edges(bits);
    let mut cases = crossed(&edges, &edges);
    cases.extend((0..RANDOM).map(|round| {
        let a = ragged(rng, bits);
        match round % 8 {
            0 => (a, a.wrapping_add(rng.random_range(0..5)).wrapping_sub(2)),
            1 => (rng.random(), rng.random()),
            _ => (a, ragged(rng, bits)),
        }
    }));
    cases
}

/// Every size up to 300 at eight alignments, overlaps by a few bytes both ways,
/// then random places.
pub fn places(rng: &mut StdRng) -> Vec<Case> {
    let mut cases = vec![];
    let mut push = |size: u16, source: u16, destination: u16, rng: &mut StdRng| {
        let place = Place { size, source, destination, byte: rng.random() };
        cases.push((rng.random(), place.pack()));
    };
    for size in 0..=300 {
        for offset in 0..8 {
            push(size, offset, (offset * 5 + size) % 8, rng);
        }
        // Forwards and backwards, by one, by a word or so, by half, not at all.
        for apart in [0, 1, 3, 7, 8, 9, 16, 40, size / 2, size] {
            push(size, 13, 13 + apart, rng);
            push(size, 14 + apart, 14, rng);
        }
    }
    for _ in 0..RANDOM {
        let [size, source, destination] = [(); 3].map(|()| rng.random_range(0..=Place::MAX));
        push(size, source, destination, rng);
    }
    cases
}

/// Seeds and counts: every count below 64 twice, then random ones.
pub fn seeds(rng: &mut StdRng) -> Vec<Case> {
    let mut cases = crossed(&[0, u128::MAX], &(0..64).collect::<Vec<_>>());
    cases.extend((0..RANDOM).map(|_| (ragged(rng, 128), ragged(rng, 128))));
    cases
}

/// The few edges at which plain operators overflow, then random pairs.
pub fn traps(rng: &mut StdRng) -> Vec<Case> {
    let mut edges = vec![0, 1, 2, 9, u128::MAX];
    for power in [7, 8, 31, 32, 63, 64, 127] {
        edges.extend([(1 << power) - 1, 1 << power, (1u128 << power).wrapping_neg()]);
    }
    let mut cases = crossed(&edges, &edges);
    cases.extend((0..200).map(|_| (ragged(rng, 128), ragged(rng, 128))));
    cases
}
