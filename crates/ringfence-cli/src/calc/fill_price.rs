use anyhow::{Context, Result, ensure};
use clap::Args;
use ringfence_math::{Size, TradeDirection, fill_price};

use super::report::Report;
use super::units::Units;

/// The price of a trade: index × (1 + (skew + size ÷ 2) ÷ skew scale), half the confidence against it
#[derive(Args, Debug)]
pub struct FillPriceArgs {
    /// Index price, quote per base
    #[arg(long, value_name = "PRICE", allow_negative_numbers = true)]
    index: String,
    /// Size of the trade in base: above zero buys, below sells
    #[arg(long, value_name = "SIZE", allow_negative_numbers = true)]
    size: String,
    /// Skew before the trade in base: long less short open interest
    #[arg(long, value_name = "SIZE", allow_negative_numbers = true)]
    skew: String,
    /// Skew that doubles the price, in base
    #[arg(long, value_name = "SIZE", allow_negative_numbers = true)]
    skew_scale: String,
    /// Half-width of the confidence interval, quote per base
    #[arg(long, value_name = "PRICE", default_value = "0", allow_negative_numbers = true)]
    confidence: String,
}

impl FillPriceArgs {
    pub fn compute(&self, units: &Units) -> Result<Report> {
        let signed_size = units.skew("--size", &self.size)?.0;
        ensure!(signed_size != 0, "--size: `{}` buys and sells nothing", self.size);
        let direction = if signed_size > 0 { TradeDirection::Buy } else { TradeDirection::Sell };
        let size = u64::try_from(signed_size.unsigned_abs()).ok();
        let price = fill_price(
            units.price("--index", &self.index)?,
            units.price_or_zero("--confidence", &self.confidence)?,
            direction,
            Size(size.with_context(|| format!("--size: `{}` is too large", self.size))?),
            units.skew("--skew", &self.skew)?,
            units.size("--skew-scale", &self.skew_scale)?,
        );
        let price = units.check("no positive price for this trade", price)?;
        Ok(Report::one("fill_price", units.price_value(price)))
    }
}
