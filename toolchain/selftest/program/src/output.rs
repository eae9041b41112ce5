//! Results as bytes, the same on both sides.

use core::cmp::Ordering;

/// What an operation wrote, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output(Vec<u8>);

impl Output {
    /// An empty output with room for all that return data can carry.
    pub fn new() -> Self {
        Self(Vec::with_capacity(crate::MAX_RETURN_DATA))
    }

    /// Appends a value.
    pub fn put(&mut self, value: impl Encode) {
        value.encode(self);
    }

    /// Appends bytes as they are.
    pub fn put_bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// All that was appended.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Makes it empty, keeping its room.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// FNV-1a, 64 bits, of the bytes.
    pub fn digest(&self) -> u64 {
        self.0.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        })
    }
}

/// A value that an operation can give.
pub trait Encode {
    /// Appends the value's bytes.
    fn encode(self, output: &mut Output);
}

macro_rules! encode_integers {
    ($($integer:ty)*) => {$(
        impl Encode for $integer {
            fn encode(self, output: &mut Output) {
                output.put_bytes(&self.to_le_bytes());
            }
        }
    )*};
}
encode_integers!(u8 u16 u32 u64 u128 i8 i16 i32 i64 i128);

impl Encode for usize {
    fn encode(self, output: &mut Output) {
        output.put(self as u64);
    }
}

impl Encode for bool {
    fn encode(self, output: &mut Output) {
        output.put(self as u8);
    }
}

impl Encode for Ordering {
    fn encode(self, output: &mut Output) {
        output.put(self as i8);
    }
}

impl<T: Encode> Encode for Option<T> {
    fn encode(self, output: &mut Output) {
        output.put(self.is_some());
        if let Some(value) = self {
            output.put(value);
        }
    }
}

impl<A: Encode, B: Encode> Encode for (A, B) {
    fn encode(self, output: &mut Output) {
        output.put(self.0);
        output.put(self.1);
    }
}
