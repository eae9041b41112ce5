//! The program of the toolchain's self-test.
//!
//! It holds a table of operations, each a function of two 128-bit operands that
//! writes bytes. Compiled to SBPF it runs those that its instruction data
//! names; compiled natively the same table says what they must give. Whatever
//! the two disagree about is a fault of the toolchain, not of the source.
//!
//! Instruction data: one byte [`Reply`], one byte group, one byte index in the
//! group, then [`CASE_BYTES`] for each pair of operands, little-endian.

// The entry point, the heap and the memory operations are the unsafe code this
// program exists to try.
#![allow(unsafe_code)]

#[cfg(sbf_upstream)]
use sbf_builtins as _;

#[cfg(target_os = "solana")]
mod entrypoint;
pub mod operations;
mod output;

pub use operations::{GROUPS, Group, Operation};
pub use output::{Encode, Output};

/// Bytes of one case in instruction data: two little-endian u128.
pub const CASE_BYTES: usize = 32;

/// Bytes of one digest in return data.
pub const DIGEST_BYTES: usize = 8;

/// The most return data a transaction can carry.
pub const MAX_RETURN_DATA: usize = 1024;

/// What the program hands back.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// [`DIGEST_BYTES`] for each case.
    Digests = 0,
    /// The output of the one case, in full.
    Output = 1,
}

impl TryFrom<u8> for Reply {
    type Error = ();

    fn try_from(byte: u8) -> Result<Self, ()> {
        match byte {
            0 => Ok(Self::Digests),
            1 => Ok(Self::Output),
            _ => Err(()),
        }
    }
}
