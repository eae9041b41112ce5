//! 128-bit integers of zero-copy accounts, stored as two little-endian 64-bit
//! words, and enums stored as a byte.

use ringfence_math as math;

use super::{I128, MarketStatus, Side, U128};
use crate::errors::{Result, RingfenceError};

macro_rules! words {
    ($name:ident, $integer:ty) => {
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

impl Side {
    pub fn from_byte(byte: u8) -> Result<Self> {
        match byte {
            0 => Ok(Self::Long),
            1 => Ok(Self::Short),
            _ => Err(RingfenceError::InvalidEnumValue),
        }
    }
}

impl From<Side> for math::Side {
    fn from(side: Side) -> Self {
        match side {
            Side::Long => Self::Long,
            Side::Short => Self::Short,
        }
    }
}

impl MarketStatus {
    pub fn from_byte(byte: u8) -> Result<Self> {
        match byte {
            0 => Ok(Self::Active),
            1 => Ok(Self::ReduceOnly),
            2 => Ok(Self::Paused),
            3 => Ok(Self::Settling),
            _ => Err(RingfenceError::InvalidEnumValue),
        }
    }
}
