use anchor_lang::prelude::*;
use ringfence_math as math;

use crate::errors::{Result, RingfenceError};

/// The side of a position, as stored (one byte) and as passed.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Side {
    Long,
    Short,
}

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
