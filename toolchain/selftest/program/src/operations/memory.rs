//! Memory functions over every size, alignment and overlap.

use core::ptr;

use super::{Group, Operands, Operation, Sequence};
use crate::Output;

/// Bytes of the buffers that are written and compared.
const BUFFER: usize = 704;

/// Where an operation reads and writes: the second operand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    pub size: u16,
    pub source: u16,
    pub destination: u16,
    pub byte: u8,
}

impl Place {
    /// The most that `size`, and that `source` and `destination`, may be.
    pub const MAX: u16 = 320;

    /// As an operand.
    pub fn pack(self) -> u128 {
        u128::from(self.size)
            | u128::from(self.source) << 16
            | u128::from(self.destination) << 32
            | u128::from(self.byte) << 48
    }

    fn unpack(operand: u128) -> Self {
        let field = |shift: u32| ((operand >> shift) as u16).min(Self::MAX);
        Self { size: field(0), source: field(16), destination: field(32), byte: (operand >> 48) as u8 }
    }

    fn bounds(self) -> (usize, usize, usize) {
        (usize::from(self.size), usize::from(self.source), usize::from(self.destination))
    }
}

fn buffer(seed: u128) -> Vec<u8> {
    let words = Sequence::new(seed).take(BUFFER / 8);
    words.flat_map(u64::to_le_bytes).collect()
}

/// Copies `N` bytes, a length known when compiled, at any alignment.
fn copy_array<const N: usize>(from: &[u8], to: &mut [u8], source: usize, destination: usize) {
    let array: [u8; N] = from[source..source + N].try_into().unwrap_or([0; N]);
    to[destination..destination + N].copy_from_slice(&array);
}

pub const GROUP: Group = Group {
    name: "memory",
    operands: Operands::Places,
    batch: 20,
    operations: &[
        Operation::new("memcpy", |seed, place, output| {
            let (size, source, destination) = Place::unpack(place).bounds();
            let (from, mut to) = (buffer(seed), buffer(seed ^ 2));
            assert!(source + size <= from.len() && destination + size <= to.len());
            // SAFETY: both ranges lie within their buffers, just checked.
            unsafe {
                ptr::copy_nonoverlapping(from.as_ptr().add(source), to.as_mut_ptr().add(destination), size);
            }
            output.put_bytes(&to);
        }),
        Operation::new("memmove", |seed, place, output| {
            let (size, source, destination) = Place::unpack(place).bounds();
            let mut bytes = buffer(seed);
            assert!(source + size <= bytes.len() && destination + size <= bytes.len());
            let start = bytes.as_mut_ptr();
            // SAFETY: both ranges lie within the buffer, just checked.
            unsafe { ptr::copy(start.add(source), start.add(destination), size) };
            output.put_bytes(&bytes);
        }),
        Operation::new("memset", |seed, place, output| {
            let (size, _, destination) = Place::unpack(place).bounds();
            let mut bytes = buffer(seed);
            assert!(destination + size <= bytes.len());
            // SAFETY: the range lies within the buffer, just checked.
            unsafe {
                ptr::write_bytes(bytes.as_mut_ptr().add(destination), Place::unpack(place).byte, size);
            }
            output.put_bytes(&bytes);
        }),
        Operation::new("memcmp", |seed, place, output| {
            let (size, source, destination) = Place::unpack(place).bounds();
            let from = buffer(seed);
            let mut to = buffer(seed ^ 2);
            to[destination..destination + size].copy_from_slice(&from[source..source + size]);
            let a = &from[source..source + size];
            output.put((a == &to[destination..destination + size], a.cmp(&to[destination..])));
            // One byte changed, at each end and within.
            for at in [0, size / 2, size.saturating_sub(1)] {
                if at < size {
                    to[destination + at] ^= Place::unpack(place).byte | 1;
                }
                let b = &to[destination..destination + size];
                output.put((a == b, (a.cmp(b), b.cmp(a))));
            }
            output.put(a.cmp(&from[destination..destination + size]));
        }),
        Operation::new("copy_within", |seed, place, output| {
            let (size, source, destination) = Place::unpack(place).bounds();
            let mut bytes = buffer(seed);
            bytes.copy_within(source..source + size, destination);
            output.put_bytes(&bytes);
        }),
        Operation::new("fixed-size copies", |seed, place, output| {
            let (_, source, destination) = Place::unpack(place).bounds();
            let (from, mut to) = (buffer(seed), buffer(seed ^ 2));
            copy_array::<1>(&from, &mut to, source, destination);
            copy_array::<3>(&from, &mut to, source + 5, destination + 7);
            copy_array::<8>(&from, &mut to, source + 9, destination + 11);
            copy_array::<15>(&from, &mut to, source + 20, destination + 23);
            copy_array::<32>(&from, &mut to, source + 41, destination + 43);
            copy_array::<100>(&from, &mut to, source + 80, destination + 81);
            copy_array::<200>(&from, &mut to, source + 160, destination + 183);
            output.put_bytes(&to);
        }),
        Operation::new("unaligned integers", |seed, place, output| {
            let (_, source, destination) = Place::unpack(place).bounds();
            let mut bytes = buffer(seed);
            let (from, to) = (source, destination);
            assert!(from + 64 <= bytes.len() && to + 64 <= bytes.len());
            // SAFETY: 64 bytes from either place lie within the buffer.
            unsafe {
                let (from, to) = (bytes.as_ptr().add(from), bytes.as_mut_ptr().add(to));
                let word = from.add(1).cast::<u16>().read_unaligned();
                let double = from.add(3).cast::<i32>().read_unaligned();
                let quad = from.add(7).cast::<u64>().read_unaligned();
                let octa = from.add(15).cast::<i128>().read_unaligned();
                to.add(33).cast::<u16>().write_unaligned(word.rotate_left(3));
                to.add(35).cast::<i32>().write_unaligned(double.wrapping_neg());
                to.add(39).cast::<u64>().write_unaligned(quad.wrapping_mul(3));
                to.add(47).cast::<i128>().write_unaligned(octa.wrapping_mul(-5));
                output.put(((word, double), (quad, octa)));
            }
            output.put_bytes(&bytes);
        }),
        Operation::new("reverse, rotate, swap, fill", |seed, place, output| {
            let (size, source, destination) = Place::unpack(place).bounds();
            let mut bytes = buffer(seed);
            bytes[source..source + size].reverse();
            if size > 0 {
                bytes[destination..destination + size].rotate_left(source % size);
            }
            let (left, right) = bytes.split_at_mut(BUFFER / 2);
            left[..size].swap_with_slice(&mut right[..size]);
            let third = size / 3;
            bytes[destination..destination + third].fill(Place::unpack(place).byte);
            output.put_bytes(&bytes);
        }),
        Operation::new("search", |seed, place, output| {
            let (size, source, destination) = Place::unpack(place).bounds();
            let bytes = buffer(seed);
            let window = &bytes[source..source + size];
            let sought = bytes[destination];
            output.put(window.iter().position(|&byte| byte == sought));
            output.put(window.contains(&sought));
            output.put(window.starts_with(&bytes[destination..destination + size / 2]));
            output.put(window.iter().max().copied());
            put_sum(window, output);
        }),
    ],
};

fn put_sum(window: &[u8], output: &mut Output) {
    let sum = window.iter().map(|&byte| u32::from(byte)).sum::<u32>();
    output.put(sum);
}
