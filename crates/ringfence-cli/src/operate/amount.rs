//! Decimals as people type them, in the units of a market, and back.

use anyhow::{Context, Result, bail, ensure};
use ringfence_client::decimal;
use ringfence_client::state::Market;
use ringfence_math::{PPM, PRICE_DECIMALS, Price, TradeDirection};

/// Six decimals of a ratio, or four of its percentage, are ppm.
const PPM_DECIMALS: u8 = 6;
const PERCENT_DECIMALS: u8 = 4;
const LAMPORT_DECIMALS: u8 = 9;

/// The decimals of a market's sizes and of its collateral.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Units {
    pub size_decimals: u8,
    pub quote_decimals: u8,
}

impl From<&Market> for Units {
    fn from(market: &Market) -> Self {
        Self { size_decimals: market.size_decimals, quote_decimals: market.quote_decimals }
    }
}

impl Units {
    /// A size above zero.
    pub fn parse_size(self, flag: &str, text: &str) -> Result<u64> {
        decimal::parse_positive(text, self.size_decimals).with_context(|| flag.to_owned())
    }

    /// An amount of collateral, zero included.
    pub fn parse_quote(self, flag: &str, text: &str) -> Result<u64> {
        decimal::parse_unsigned(text, self.quote_decimals).with_context(|| flag.to_owned())
    }

    /// An amount of collateral above zero.
    pub fn parse_positive_quote(self, flag: &str, text: &str) -> Result<u64> {
        decimal::parse_positive(text, self.quote_decimals).with_context(|| flag.to_owned())
    }

    pub fn size(self, size: impl Into<i128>) -> String {
        decimal::format(size.into(), self.size_decimals)
    }

    pub fn quote(self, atoms: impl Into<i128>) -> String {
        decimal::format(atoms.into(), self.quote_decimals)
    }
}

/// A price above zero.
pub fn parse_price(flag: &str, text: &str) -> Result<Price> {
    decimal::parse_positive(text, PRICE_DECIMALS).map(Price).with_context(|| flag.to_owned())
}

pub fn price(price: Price) -> String {
    decimal::format(price.0.into(), PRICE_DECIMALS)
}

/// A share as a percentage: `50,000` ppm is `5%`.
pub fn percent(ppm: impl Into<i128>) -> String {
    format!("{}%", decimal::format(ppm.into(), PERCENT_DECIMALS))
}

/// A ratio in ppm as a multiple: `5,000,000` is `5x`.
pub fn multiple(ppm: u128) -> String {
    format!("{}x", decimal::format(i128::try_from(ppm).unwrap_or(i128::MAX), PPM_DECIMALS))
}

pub fn sol(lamports: u64) -> String {
    format!("{} SOL", decimal::format(lamports.into(), LAMPORT_DECIMALS))
}

/// `0.5%`, or `0.005`, as ppm, less than the whole.
pub fn parse_share(flag: &str, text: &str) -> Result<u32> {
    let ppm = parse_ppm(flag, text)?;
    ensure!(ppm < PPM, "{flag}: `{text}` must be less than 100%");
    Ok(ppm)
}

/// The same above zero, and the whole allowed.
pub fn parse_part(flag: &str, text: &str) -> Result<u32> {
    let ppm = parse_ppm(flag, text)?;
    ensure!((1..=PPM).contains(&ppm), "{flag}: `{text}` must be above 0% and at most 100%");
    Ok(ppm)
}

fn parse_ppm(flag: &str, text: &str) -> Result<u32> {
    let ppm = match text.strip_suffix('%') {
        Some(percent) => decimal::parse_unsigned(percent, PERCENT_DECIMALS),
        None => decimal::parse_unsigned(text, PPM_DECIMALS),
    };
    Ok(u32::try_from(ppm.with_context(|| flag.to_owned())?).unwrap_or(u32::MAX))
}

/// `5`, `2.5` or `5x` as ppm, above zero.
pub fn parse_multiple(flag: &str, text: &str) -> Result<u64> {
    decimal::parse_positive(text.strip_suffix('x').unwrap_or(text), PPM_DECIMALS)
        .with_context(|| flag.to_owned())
}

/// The worst price for a trade at `index`: `slippage` ppm from it, the bound
/// rounded towards the index.
pub fn acceptable(index: Price, direction: TradeDirection, slippage: u32) -> Result<Price> {
    let whole = u128::from(PPM);
    let (index, slippage) = (u128::from(index.0), u128::from(slippage));
    let bound = match direction {
        TradeDirection::Buy => index * (whole + slippage) / whole,
        TradeDirection::Sell => (index * (whole - slippage)).div_ceil(whole),
    };
    u64::try_from(bound).map(Price).context("--slippage leads beyond the range of prices")
}

/// The size whose notional N at `index` gives `leverage` (ppm) on what is left
/// of `margin` after the opening fee: N = margin × leverage ÷ (1 + leverage ×
/// fee), and the size rounded down.
pub fn size_for_leverage(market: &Market, margin: u64, leverage: u64, index: Price) -> Result<u64> {
    let whole = u128::from(PPM);
    let (margin, leverage) = (u128::from(margin), u128::from(leverage));
    let fee = u128::from(market.params.open_fee_ppm);
    let numerator = margin.checked_mul(leverage).and_then(|product| product.checked_mul(whole));
    let notional = numerator.map(|value| value / (whole * whole + leverage * fee));
    let size = notional.and_then(|value| value.checked_mul(u128::from(market.notional_divisor)));
    let size = size.and_then(|value| value.checked_div(u128::from(index.0)));
    match size.and_then(|value| u64::try_from(value).ok()) {
        Some(0) => bail!("--leverage: the margin is too small for any size"),
        Some(size) => Ok(size),
        None => bail!("--leverage: the size is too large"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytemuck::Zeroable;

    #[test]
    fn shares_are_percent_or_fraction() {
        assert_eq!(parse_share("--slippage", "0.5%").unwrap(), 5_000);
        assert_eq!(parse_share("--slippage", "0.005").unwrap(), 5_000);
        assert_eq!(parse_share("--slippage", "0%").unwrap(), 0);
        assert!(parse_share("--slippage", "100%").is_err());
        assert!(parse_share("--slippage", "0.00001%").is_err());
        assert_eq!(parse_part("--share", "100%").unwrap(), 1_000_000);
        assert_eq!(parse_part("--share", "0.25").unwrap(), 250_000);
        for text in ["0%", "100.1%", "1000000000000%"] {
            assert!(parse_part("--share", text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_bound_is_never_beyond_the_slippage() {
        // 0.5 % of 3 atoms is 0.015: up at most 3, down at least 3.
        assert_eq!(acceptable(Price(3), TradeDirection::Buy, 5_000).unwrap(), Price(3));
        assert_eq!(acceptable(Price(3), TradeDirection::Sell, 5_000).unwrap(), Price(3));
        assert_eq!(acceptable(Price(2_000), TradeDirection::Buy, 5_000).unwrap(), Price(2_010));
        assert_eq!(acceptable(Price(2_000), TradeDirection::Sell, 5_000).unwrap(), Price(1_990));
    }

    #[test]
    fn leverage_counts_what_the_fee_leaves() {
        let mut market = Market::zeroed();
        // Nine size decimals, six of quote: 10^(9 + 10 - 6).
        market.notional_divisor = 10_000_000_000_000;
        let index = Price(1_000_000_000_000); // 100
        // Without a fee, 50 at 4x is 200, two base units.
        assert_eq!(size_for_leverage(&market, 50_000_000, 4_000_000, index).unwrap(), 2_000_000_000);
        // 1 % at 4x: 52 × 4 ÷ 1.04 = 200; fee 2, and 200 ÷ 50 = 4.
        market.params.open_fee_ppm = 10_000;
        assert_eq!(size_for_leverage(&market, 52_000_000, 4_000_000, index).unwrap(), 2_000_000_000);
        assert!(size_for_leverage(&market, 0, 4_000_000, index).is_err());
        assert!(size_for_leverage(&market, u64::MAX, 100_000_000, Price(1)).is_err());
    }

    #[test]
    fn ratios_are_written_as_people_say_them() {
        assert_eq!(percent(50_000), "5%");
        assert_eq!(percent(-2_500), "-0.25%");
        assert_eq!(multiple(5_500_000), "5.5x");
        assert_eq!(sol(1_500_000_000), "1.5 SOL");
    }
}
