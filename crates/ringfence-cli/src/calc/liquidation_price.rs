use anyhow::Result;
use clap::Args;
use ringfence_math::{MarginRates, Ppm, liquidation_price};

use super::report::{Report, Value};
use super::units::Units;
use super::{Accrued, Holding};

/// The first price at which the engine liquidates: the highest for a long, the lowest for a short
///
/// Exact to the last price unit: one unit further from it the position is
/// safe. Prints `none` (JSON: null) where no price liquidates the position.
#[derive(Args, Debug)]
pub struct LiquidationPriceArgs {
    #[command(flatten)]
    holding: Holding,
    #[command(flatten)]
    accrued: Accrued,
    /// Liquidation fee in parts per million of the notional, on top of maintenance
    #[arg(long, value_name = "PPM", default_value_t = 0)]
    liquidation_fee_ppm: u32,
}

impl LiquidationPriceArgs {
    pub fn compute(&self, units: &Units) -> Result<Report> {
        let terms = self.accrued.apply(self.holding.terms(units)?, units)?;
        let rates = MarginRates { liquidation_fee: Ppm(self.liquidation_fee_ppm), ..self.holding.rates() };
        let price = liquidation_price(&terms, &rates, units.scale);
        let price = units.check("liquidation price (maintenance + fee must be under 1000000 ppm)", price)?;
        let value = price.map_or(Value::None, |price| units.price_value(price));
        Ok(Report::one("liquidation_price", value))
    }
}
