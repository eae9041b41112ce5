use anyhow::Result;
use clap::Args;
use ringfence_math::{FundingIndex, FundingParams, FundingState, advance_funding};

use super::report::Report;
use super::units::Units;

/// Funding rate and index after a time of unchanged skew and price
///
/// Rates are fractions of the notional a day (0.01 is 1 %), 18 decimals, and
/// positive where longs pay. The index is what one base of a long has paid, in
/// quote.
#[derive(Args, Debug)]
pub struct FundingArgs {
    /// Skew in base: long less short open interest
    #[arg(long, value_name = "SIZE", allow_negative_numbers = true)]
    skew: String,
    /// Skew at which the velocity is largest, in base
    #[arg(long, value_name = "SIZE", allow_negative_numbers = true)]
    skew_scale: String,
    /// Funding rate at the start, a day
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    rate: String,
    /// Largest change of the daily rate in a day, six decimals
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    max_velocity: String,
    /// Largest daily rate either way, six decimals
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    max_rate: String,
    /// Seconds that pass
    #[arg(long, value_name = "N")]
    seconds: u64,
    /// Index price, quote per base
    #[arg(long, value_name = "PRICE", allow_negative_numbers = true)]
    price: String,
}

impl FundingArgs {
    pub fn compute(&self, units: &Units) -> Result<Report> {
        let start =
            FundingState { rate: units.funding_rate("--rate", &self.rate)?, index: FundingIndex::ZERO };
        let params = FundingParams {
            skew_scale: units.size("--skew-scale", &self.skew_scale)?,
            max_velocity: units.fraction("--max-velocity", &self.max_velocity)?,
            max_rate: units.fraction("--max-rate", &self.max_rate)?,
        };
        let skew = units.skew("--skew", &self.skew)?;
        let price = units.price("--price", &self.price)?;
        let end = advance_funding(start, &params, skew, price, self.seconds, units.scale);
        let end = units.check("funding (daily rates are at most 9.223372)", end)?;
        Ok(Report::several([
            ("rate", units.funding_rate_value(end.rate)),
            ("index", units.index_value(end.index.0)),
        ]))
    }
}
