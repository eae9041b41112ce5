//! The newtypes: what may be added is one type, what may be multiplied has a
//! function that names the result and its rounding.

use crate::{MathError, Result};

/// Decimals of [`Price`]: one unit is 10^-10 quote per base.
pub const PRICE_DECIMALS: u8 = 10;
/// Parts per million: the denominator of [`Ppm`].
pub const PPM: u32 = 1_000_000;
/// Decimals of the funding and borrow indices and of their rates.
pub const INDEX_DECIMALS: u8 = 18;
/// Seconds of a day, the period of a funding rate.
pub const SECONDS_PER_DAY: u64 = 86_400;
/// Seconds of a year of 365 days, the period of a borrow rate.
pub const SECONDS_PER_YEAR: u64 = 31_536_000;

/// 10^18, one in the unit of an index.
pub(crate) const INDEX_ONE: u64 = 1_000_000_000_000_000_000;
/// 10^12, one ppm in the unit of an index.
pub(crate) const INDEX_PER_PPM: u64 = 1_000_000_000_000;
/// 10^6, one ppm of a ppm in the unit of an index.
pub(crate) const INDEX_PER_PPM_SQUARED: u64 = 1_000_000;

macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(pub $inner);

        impl $name {
            /// Nothing.
            pub const ZERO: Self = Self(0);
            /// The largest value.
            pub const MAX: Self = Self(<$inner>::MAX);

            /// The sum. Error: `Overflow`.
            #[inline]
            pub const fn checked_add(self, other: Self) -> Result<Self> {
                match self.0.checked_add(other.0) {
                    Some(sum) => Ok(Self(sum)),
                    None => Err(MathError::Overflow),
                }
            }

            /// The difference. Error: `Overflow`.
            #[inline]
            pub const fn checked_sub(self, other: Self) -> Result<Self> {
                match self.0.checked_sub(other.0) {
                    Some(difference) => Ok(Self(difference)),
                    None => Err(MathError::Overflow),
                }
            }

            /// The difference, held at the least value of the type.
            #[inline]
            #[must_use]
            pub const fn saturating_sub(self, other: Self) -> Self {
                Self(self.0.saturating_sub(other.0))
            }

            /// The sum, held at the largest value of the type.
            #[inline]
            #[must_use]
            pub const fn saturating_add(self, other: Self) -> Self {
                Self(self.0.saturating_add(other.0))
            }

            /// Whether this is nothing.
            #[inline]
            #[must_use]
            pub const fn is_zero(self) -> bool {
                self.0 == 0
            }
        }
    };
}

quantity! {
    /// A price in 10^-10 quote per base.
    Price(u64)
}
quantity! {
    /// A size in 10^-size_decimals base; always a magnitude, see [`Side`].
    Size(u64)
}
quantity! {
    /// An amount of collateral, notional or fee in atoms of the collateral mint.
    Quote(u64)
}
quantity! {
    /// An amount that may be owed: PnL, funding, equity, in collateral atoms.
    SignedQuote(i128)
}
quantity! {
    /// Long minus short open interest, in size units.
    Skew(i128)
}
quantity! {
    /// A ratio in parts per million.
    Ppm(u32)
}

impl Ppm {
    /// 100 %.
    pub const ONE: Self = Self(PPM);
}

impl From<Quote> for SignedQuote {
    #[inline]
    fn from(amount: Quote) -> Self {
        Self(i128::from(amount.0))
    }
}

impl SignedQuote {
    /// The same amount, owed by the other party. Error: `Overflow` for
    /// `i128::MIN`.
    #[inline]
    pub const fn checked_neg(self) -> Result<Self> {
        match self.0.checked_neg() {
            Some(negated) => Ok(Self(negated)),
            None => Err(MathError::Overflow),
        }
    }

    /// Whether this is a debt.
    #[inline]
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// `max(self, 0)`. Error: `Overflow` above `u64`.
    #[inline]
    pub fn positive_part(self) -> Result<Quote> {
        u64::try_from(self.0.max(0)).map(Quote).map_err(|_| MathError::Overflow)
    }

    /// `max(−self, 0)`: the size of a debt. Error: `Overflow` above `u64`.
    #[inline]
    pub fn negative_part(self) -> Result<Quote> {
        u64::try_from(self.0.min(0).unsigned_abs()).map(Quote).map_err(|_| MathError::Overflow)
    }
}

/// Which way a position profits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Side {
    /// Profits when the price rises.
    #[default]
    Long = 0,
    /// Profits when the price falls.
    Short = 1,
}

impl Side {
    /// The other side.
    #[inline]
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Long => Self::Short,
            Self::Short => Self::Long,
        }
    }

    /// +1 for a long, −1 for a short.
    #[inline]
    #[must_use]
    pub const fn sign(self) -> i128 {
        match self {
            Self::Long => 1,
            Self::Short => -1,
        }
    }
}

impl TryFrom<u8> for Side {
    type Error = MathError;

    fn try_from(byte: u8) -> Result<Self> {
        match byte {
            0 => Ok(Self::Long),
            1 => Ok(Self::Short),
            _ => Err(MathError::InvalidParameter),
        }
    }
}

/// How a market's sizes and prices make collateral atoms:
/// `atoms = size × price ÷ 10^(size_decimals + PRICE_DECIMALS − quote_decimals)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scale {
    /// 10^0 ..= 10^19.
    divisor: u64,
}

impl Scale {
    /// The largest exponent of ten that fits the divisor.
    const MAX_EXPONENT: u8 = 19;

    /// The scale of a market. Error: `InvalidScale` where the exponent is not
    /// in 0 ..= 19.
    pub const fn new(size_decimals: u8, quote_decimals: u8) -> Result<Self> {
        let Some(places) = size_decimals.checked_add(PRICE_DECIMALS) else {
            return Err(MathError::InvalidScale);
        };
        let Some(exponent) = places.checked_sub(quote_decimals) else {
            return Err(MathError::InvalidScale);
        };
        if exponent > Self::MAX_EXPONENT {
            return Err(MathError::InvalidScale);
        }
        match 10u64.checked_pow(exponent as u32) {
            Some(divisor) => Ok(Self { divisor }),
            None => Err(MathError::InvalidScale),
        }
    }

    /// The scale with a divisor stored earlier. Error: `InvalidScale` where it
    /// is not a power of ten.
    pub const fn from_divisor(divisor: u64) -> Result<Self> {
        let mut power = 1u64;
        loop {
            if power == divisor {
                return Ok(Self { divisor });
            }
            power = match power.checked_mul(10) {
                Some(next) => next,
                None => return Err(MathError::InvalidScale),
            };
        }
    }

    /// The power of ten that divides `size × price`.
    #[inline]
    #[must_use]
    pub const fn divisor(self) -> u64 {
        self.divisor
    }
}
