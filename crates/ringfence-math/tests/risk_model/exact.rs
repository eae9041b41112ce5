//! Fractions of big integers: nothing is rounded unless a working says so.

use std::cmp::Ordering;
use std::ops::{Add, Div, Mul, Neg, Sub};

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, Zero};

/// A fraction in lowest terms, its denominator positive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exact {
    numerator: BigInt,
    denominator: BigInt,
}

impl Exact {
    pub fn new(numerator: BigInt, denominator: BigInt) -> Self {
        assert!(!denominator.is_zero(), "division by zero");
        let common = numerator.gcd(&denominator);
        let common = if denominator.is_negative() { -common } else { common };
        Self { numerator: numerator / &common, denominator: denominator / common }
    }

    pub fn integer(value: impl Into<BigInt>) -> Self {
        Self { numerator: value.into(), denominator: BigInt::one() }
    }

    /// A decimal such as `3000.25`; `_` separates thousands.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.replace('_', "");
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let digits = format!("{whole}{fraction}").parse().ok()?;
        Some(Self::new(digits, power_of_ten(fraction.len())))
    }

    /// Down to a multiple of 10^-decimals.
    pub fn floor(&self, decimals: usize) -> Self {
        let scale = power_of_ten(decimals);
        Self::new((&self.numerator * &scale).div_floor(&self.denominator), scale)
    }

    /// Up to a multiple of 10^-decimals.
    pub fn ceil(&self, decimals: usize) -> Self {
        -(-self.clone()).floor(decimals)
    }

    /// In units of 10^-decimals; a value that is none is a mistake on the page.
    pub fn units(&self, decimals: usize) -> i128 {
        let scaled = Self::new(&self.numerator * power_of_ten(decimals), self.denominator.clone());
        assert!(scaled.denominator.is_one(), "{self:?} has more than {decimals} decimals");
        i128::try_from(scaled.numerator).expect("in range")
    }
}

fn power_of_ten(exponent: usize) -> BigInt {
    BigInt::from(10).pow(u32::try_from(exponent).expect("few decimals"))
}

impl Add for Exact {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let numerator = self.numerator * &other.denominator + other.numerator * &self.denominator;
        Self::new(numerator, self.denominator * other.denominator)
    }
}

impl Neg for Exact {
    type Output = Self;
    fn neg(self) -> Self {
        Self { numerator: -self.numerator, ..self }
    }
}

impl Sub for Exact {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for Exact {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Self::new(self.numerator * other.numerator, self.denominator * other.denominator)
    }
}

impl Div for Exact {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        Self::new(self.numerator * other.denominator, self.denominator * other.numerator)
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Exact {
    fn cmp(&self, other: &Self) -> Ordering {
        (&self.numerator * &other.denominator).cmp(&(&other.numerator * &self.denominator))
    }
}
