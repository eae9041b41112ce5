use anyhow::Result;
use clap::Args;
use ringfence_math::{MarginRates, Ppm, health, liquidation_price};

use super::report::{Report, Value};
use super::units::Units;
use super::{Accrued, Holding};

/// Notional, PnL, equity, margin ratio, leverage, requirements and liquidation price at a mark price
///
/// The margin ratio (equity ÷ notional) is rounded down and the leverage
/// (notional ÷ equity) up, both to six decimals; leverage is null where no
/// equity is left. `maintenance` has the liquidation fee in it.
#[derive(Args, Debug)]
pub struct PositionArgs {
    #[command(flatten)]
    holding: Holding,
    /// Mark price, quote per base
    #[arg(long, value_name = "PRICE", allow_negative_numbers = true)]
    mark: String,
    /// Initial margin ratio in parts per million of the notional
    #[arg(long, value_name = "PPM")]
    initial_ppm: u32,
    #[command(flatten)]
    accrued: Accrued,
    /// Liquidation fee in parts per million of the notional, on top of maintenance
    #[arg(long, value_name = "PPM", default_value_t = 0)]
    liquidation_fee_ppm: u32,
}

impl PositionArgs {
    pub fn compute(&self, units: &Units) -> Result<Report> {
        let terms = self.accrued.apply(self.holding.terms(units)?, units)?;
        let rates = MarginRates {
            initial: Ppm(self.initial_ppm),
            liquidation_fee: Ppm(self.liquidation_fee_ppm),
            ..self.holding.rates()
        };
        let mark = units.price("--mark", &self.mark)?;
        let health = units.check("position", health(&terms, &rates, mark, units.scale))?;
        let price = liquidation_price(&terms, &rates, units.scale);
        let price = units.check("liquidation price (maintenance + fee must be under 1000000 ppm)", price)?;
        let leverage = health.leverage_ppm().and_then(|ppm| i128::try_from(ppm).ok());
        let ratio = |ppm: Option<i128>| ppm.map_or(Value::None, |ppm| units.ratio_value(ppm));
        Ok(Report::several([
            ("notional", units.quote_value(health.notional)),
            ("pnl", units.quote_value(health.pnl)),
            ("equity", units.quote_value(health.equity)),
            ("margin_ratio", ratio(health.margin_ratio_ppm())),
            ("leverage", ratio(leverage)),
            ("initial", units.quote_value(health.initial)),
            ("maintenance", units.quote_value(health.maintenance)),
            ("liquidatable", Value::Bool(health.is_liquidatable())),
            ("liquidation_price", price.map_or(Value::None, |price| units.price_value(price))),
        ]))
    }
}
