//! The decimals of a market, and arguments read and results written in them.

use anyhow::{Context, Result, bail};
use clap::Args;
use ringfence_math::{
    FundingRate, INDEX_DECIMALS, MathError, PPM, PRICE_DECIMALS, Ppm, Price, Quote, Scale, SignedQuote, Size,
    Skew,
};

use super::report::Value;
use crate::decimal;

/// Decimals of [`Ppm`].
const PPM_DECIMALS: u8 = PPM.ilog10() as u8;

/// The decimals of a market's base and quote.
#[derive(Args, Debug)]
pub struct Decimals {
    /// Decimals of sizes
    #[arg(long, global = true, value_name = "N", default_value_t = 9,
          value_parser = clap::value_parser!(u8).range(..=18))]
    size_decimals: u8,
    /// Decimals of the quote asset
    #[arg(long, global = true, value_name = "N", default_value_t = 6,
          value_parser = clap::value_parser!(u8).range(..=18))]
    quote_decimals: u8,
}

/// Reads arguments and writes results in the units of a market.
pub struct Units {
    size_decimals: u8,
    quote_decimals: u8,
    pub scale: Scale,
}

impl Units {
    /// Error: decimals that no market can have together.
    pub fn new(decimals: &Decimals) -> Result<Self> {
        let Decimals { size_decimals, quote_decimals } = *decimals;
        let Ok(scale) = Scale::new(size_decimals, quote_decimals) else {
            bail!(
                "--size-decimals {size_decimals} and --quote-decimals {quote_decimals}: \
                 size decimals + {PRICE_DECIMALS} - quote decimals must be in 0..=19"
            );
        };
        Ok(Self { size_decimals, quote_decimals, scale })
    }

    /// A size above zero.
    pub fn size(&self, flag: &'static str, text: &str) -> Result<Size> {
        decimal::parse_positive(text, self.size_decimals).map(Size).context(flag)
    }

    /// A size with a sign.
    pub fn skew(&self, flag: &'static str, text: &str) -> Result<Skew> {
        decimal::parse(text, self.size_decimals).map(Skew).context(flag)
    }

    /// A price above zero.
    pub fn price(&self, flag: &'static str, text: &str) -> Result<Price> {
        decimal::parse_positive(text, PRICE_DECIMALS).map(Price).context(flag)
    }

    /// A price or a distance of prices, zero included.
    pub fn price_or_zero(&self, flag: &'static str, text: &str) -> Result<Price> {
        decimal::parse_unsigned(text, PRICE_DECIMALS).map(Price).context(flag)
    }

    /// An amount of quote, not negative.
    pub fn quote(&self, flag: &'static str, text: &str) -> Result<Quote> {
        decimal::parse_unsigned(text, self.quote_decimals).map(Quote).context(flag)
    }

    /// An amount of quote with a sign.
    pub fn signed_quote(&self, flag: &'static str, text: &str) -> Result<SignedQuote> {
        decimal::parse(text, self.quote_decimals).map(SignedQuote).context(flag)
    }

    /// A fraction (0.01 is 1 %) of six decimals.
    pub fn fraction(&self, flag: &'static str, text: &str) -> Result<Ppm> {
        let ppm = decimal::parse_unsigned(text, PPM_DECIMALS).context(flag)?;
        u32::try_from(ppm).map(Ppm).ok().with_context(|| format!("{flag}: `{text}` is too large"))
    }

    /// A daily rate (0.01 is 1 %) of 18 decimals, with a sign.
    pub fn funding_rate(&self, flag: &'static str, text: &str) -> Result<FundingRate> {
        let rate = decimal::parse(text, INDEX_DECIMALS).context(flag)?;
        i64::try_from(rate).map(FundingRate).ok().with_context(|| format!("{flag}: `{text}` is too large"))
    }

    /// Says of what a calculation has no result.
    pub fn check<T>(&self, what: &'static str, result: Result<T, MathError>) -> Result<T> {
        result.context(what)
    }

    pub fn size_value(&self, size: Size) -> Value {
        Value::Decimal(decimal::format(i128::from(size.0), self.size_decimals))
    }

    pub fn price_value(&self, price: Price) -> Value {
        Value::Decimal(decimal::format(i128::from(price.0), PRICE_DECIMALS))
    }

    pub fn quote_value(&self, amount: impl Into<SignedQuote>) -> Value {
        Value::Decimal(decimal::format(amount.into().0, self.quote_decimals))
    }

    /// A ratio in ppm as a fraction of six decimals.
    pub fn ratio_value(&self, ppm: i128) -> Value {
        Value::Decimal(decimal::format(ppm, PPM_DECIMALS))
    }

    pub fn funding_rate_value(&self, rate: FundingRate) -> Value {
        Value::Decimal(decimal::format(i128::from(rate.0), INDEX_DECIMALS))
    }

    /// An index, in 10^-18 atoms per size unit, as quote per base.
    pub fn index_value(&self, index: i128) -> Value {
        // Both at most 18, so neither step leaves u8.
        Value::Decimal(decimal::format(index, INDEX_DECIMALS + self.quote_decimals - self.size_decimals))
    }
}
