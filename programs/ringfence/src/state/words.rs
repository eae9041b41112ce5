//! 128-bit integers for zero-copy accounts. Account data is 8-aligned while
//! `u128` wants 16, so they are stored as two little-endian 64-bit words.

use anchor_lang::prelude::*;

macro_rules! words {
    ($name:ident, $integer:ty) => {
        #[zero_copy]
        #[derive(Default, Debug, PartialEq, Eq)]
        #[repr(C)]
        pub struct $name {
            /// Low word, then high word.
            pub words: [u64; 2],
        }

        impl $name {
            pub const fn get(&self) -> $integer {
                let [low, high] = self.words;
                (low as u128 | (high as u128) << 64) as $integer
            }

            pub const fn new(value: $integer) -> Self {
                let value = value as u128;
                Self { words: [value as u64, (value >> 64) as u64] }
            }

            pub fn set(&mut self, value: $integer) {
                *self = Self::new(value);
            }
        }

        impl From<$integer> for $name {
            fn from(value: $integer) -> Self {
                Self::new(value)
            }
        }
    };
}

words!(I128, i128);
words!(U128, u128);
