//! Calls, arguments on the stack, recursion, dispatch.

use core::hint::black_box;

use super::{Group, Operands, Operation, Sequence};

/// Frames below the runtime's limit of 64, the entry point's own included.
const DEEPEST: u8 = 48;

/// Nine arguments of mixed widths and signs: four go by the stack at least.
#[allow(clippy::too_many_arguments)]
#[inline(never)]
fn descend(
    depth: u8,
    wide: u128,
    narrow: i8,
    quad: u64,
    signed: i128,
    flag: bool,
    word: u16,
    double: i32,
    trail: &mut Vec<u64>,
) -> (u128, i128) {
    if black_box(depth) == 0 {
        trail.push(u64::from(word) ^ quad);
        return (wide ^ u128::from(quad), signed.wrapping_sub(i128::from(double)));
    }
    let (low, high) = descend(
        depth - 1,
        wide.rotate_left(7).wrapping_add(u128::from(word)),
        narrow.wrapping_mul(3).wrapping_sub(1),
        quad.wrapping_mul(31) ^ wide as u64,
        signed.wrapping_sub(i128::from(narrow)).rotate_right(11),
        !flag,
        word.wrapping_add(quad as u16),
        double.wrapping_neg() ^ i32::from(narrow),
        trail,
    );
    // Every argument is needed once the call is back.
    trail.push((wide >> 64) as u64 ^ u64::from(depth));
    let low = low.wrapping_add(if flag { wide } else { u128::from(quad) });
    let high = high ^ (signed.wrapping_mul(i128::from(double)).wrapping_add(i128::from(narrow)));
    (low.wrapping_add(u128::from(word)), high)
}

/// A kilobyte in every frame, checked after the frames below have written theirs.
#[inline(never)]
fn fill_frames(depth: u8, sequence: &mut Sequence) -> Option<u64> {
    let word = sequence.next()?;
    let mut frame = [word; 128];
    frame[usize::from(depth)] = u64::from(depth);
    let frame = black_box(&mut frame);
    let below = match depth {
        0 => 0,
        _ => fill_frames(depth - 1, sequence)?,
    };
    let whole = frame
        .iter()
        .enumerate()
        .all(|(at, &kept)| kept == if at == usize::from(depth) { u64::from(depth) } else { word });
    whole.then(|| below.rotate_left(5) ^ word)
}

#[inline(never)]
fn is_even(n: u8) -> bool {
    black_box(n) == 0 || is_odd(n - 1)
}

#[inline(never)]
fn is_odd(n: u8) -> bool {
    black_box(n) != 0 && is_even(n - 1)
}

trait Shape {
    fn area(&self, scale: u128) -> u128;
    fn sides(&self) -> u8 {
        4
    }
}
struct Square(u64);
struct Rectangle(u32, u64);
struct Triangle {
    base: u16,
    height: u128,
}
impl Shape for Square {
    fn area(&self, scale: u128) -> u128 {
        u128::from(self.0).pow(2).wrapping_mul(scale)
    }
}
impl Shape for Rectangle {
    fn area(&self, scale: u128) -> u128 {
        (u128::from(self.0) * u128::from(self.1)).wrapping_mul(scale)
    }
}
impl Shape for Triangle {
    fn area(&self, scale: u128) -> u128 {
        u128::from(self.base).wrapping_mul(self.height).wrapping_mul(scale) / 2
    }
    fn sides(&self) -> u8 {
        3
    }
}

/// Larger than registers carry, by value both ways.
#[derive(Clone, Copy)]
struct Large {
    words: [u64; 13],
    tail: (u8, i16, u128),
}

#[inline(never)]
fn through(large: Large, by: u64, other: Large) -> Large {
    let mut words = large.words;
    for (word, &against) in words.iter_mut().zip(other.words.iter().rev()) {
        *word = word.wrapping_mul(by) ^ against;
    }
    Large { words, tail: (other.tail.0 ^ 1, large.tail.1.wrapping_neg(), large.tail.2 ^ other.tail.2) }
}

fn large(seed: u128) -> Large {
    let mut words = [0; 13];
    for (word, random) in words.iter_mut().zip(Sequence::new(seed)) {
        *word = random;
    }
    Large { words, tail: (seed as u8, (seed >> 8) as i16, seed) }
}

/// Many arms, for a jump table, and returns from the middle of loops.
#[inline(never)]
fn interpret(code: u8, a: i64, b: i64) -> Result<i64, u8> {
    Ok(match code % 17 {
        0 => a.checked_add(b).ok_or(code)?,
        1 => a.checked_sub(b).ok_or(code)?,
        2 => a.checked_mul(b).ok_or(code)?,
        3 => a.checked_div(b).ok_or(code)?,
        4 => a.checked_rem(b).ok_or(code)?,
        5 => a & b,
        6 => a | b,
        7 => a ^ b,
        8 => a.wrapping_shl(b as u32),
        9 => a.wrapping_shr(b as u32),
        10 => i64::from(a < b),
        11 => a.max(b),
        12 => a.min(b),
        13 => a.swap_bytes(),
        14 => i64::from(a.leading_zeros()),
        15 => !a,
        _ => return Err(code),
    })
}

pub const GROUP: Group = Group {
    name: "control",
    operands: Operands::Seeds,
    batch: 12,
    operations: &[
        Operation::new("recursion of nine arguments", |a, b, output| {
            let mut trail = Vec::with_capacity(64);
            let result = descend(
                b as u8 % DEEPEST,
                a,
                (a >> 8) as i8,
                (a >> 64) as u64,
                b as i128,
                a & 1 == 1,
                (b >> 8) as u16,
                (b >> 32) as i32,
                &mut trail,
            );
            output.put(result);
            for step in trail {
                output.put(step);
            }
        }),
        Operation::new("frames of a kilobyte", |a, b, output| {
            output.put(fill_frames(b as u8 % DEEPEST, &mut Sequence::new(a)));
        }),
        Operation::new("mutual recursion", |a, b, output| {
            output.put((is_even(a as u8 % DEEPEST), is_odd(b as u8 % DEEPEST)));
        }),
        Operation::new("trait objects", |a, b, output| {
            let shapes: [Box<dyn Shape>; 3] = [
                Box::new(Square(a as u64)),
                Box::new(Rectangle(b as u32, (a >> 64) as u64)),
                Box::new(Triangle { base: b as u16, height: a >> 3 }),
            ];
            let chosen = &shapes[b as usize % 3];
            output.put((chosen.area(b), chosen.sides()));
            output.put(shapes.iter().fold(0u128, |sum, shape| sum.wrapping_add(shape.area(1))));
        }),
        Operation::new("function pointers and closures", |a, b, output| {
            const TABLE: [fn(u128, u128) -> u128; 5] = [
                u128::wrapping_add,
                u128::wrapping_mul,
                |a, b| a.checked_div(b).unwrap_or(7),
                |a, b| a.abs_diff(b),
                u128::min,
            ];
            let step = |(at, kept): (u32, u128), random: u64| {
                let chosen = black_box(TABLE)[(random % 5) as usize];
                (at + 1, chosen(kept, b >> at).rotate_left(at))
            };
            let (_, kept) = Sequence::new(b).take(9).fold((0, a), step);
            output.put(kept);
        }),
        Operation::new("large structures by value", |a, b, output| {
            let result = through(large(a), b as u64, through(large(b), a as u64, large(a ^ b)));
            for word in result.words {
                output.put(word);
            }
            output.put((result.tail.0, (result.tail.1, result.tail.2)));
        }),
        Operation::new("jump table and early returns", |a, b, output| {
            let mut value = a as i64;
            for (step, random) in Sequence::new(b).take(20).enumerate() {
                match interpret(random as u8, value, (random >> 8) as i64) {
                    Ok(next) => value = next,
                    Err(code) => return output.put((code, step)),
                }
            }
            output.put(value);
        }),
    ],
};
