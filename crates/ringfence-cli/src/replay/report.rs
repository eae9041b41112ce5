//! What a replay found, as JSON with stable keys or as tables.

use std::time::Duration;

use anyhow::Result;
use ringfence_math::PPM;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::per_second;
use crate::decimal::format_readable;
use crate::params::QUOTE_DECIMALS;
use crate::series::Series;
use crate::simulation::{Kind, Ledger, OrderCounts, Simulation, Spread};
use crate::table::{Align, Table};
use crate::tables;

/// Decimals of a percentage made of ppm.
const PERCENT_DECIMALS: u8 = 4;

/// Results of a replay, the same in every run of the same scenario. Money in
/// quote atoms.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    pub bars: u64,
    pub ticks: u64,
    pub transactions: u64,
    pub opened: u64,
    pub closed: u64,
    pub liquidations: u64,
    /// Of these, those that left a part of the position open.
    pub partial_liquidations: u64,
    /// Openings that the pool could not back.
    pub deferred: u64,
    /// Openings whose margin was too little at the skew of the moment.
    pub uncovered: u64,
    /// Of the worst position, six decimals, rounded up.
    pub max_loss_over_margin: f64,
    /// Whether every invariant held, the books' balance among them.
    pub books_balanced: bool,
    pub pool_start_atoms: u64,
    pub pool_end_atoms: u64,
    /// (end − start) ÷ start of the pool in ppm, rounded down.
    pub lp_return_ppm: i128,
    /// Trading and liquidation fees.
    pub fees_atoms: u64,
    /// What insurance and vaults paid to liquidators.
    pub keeper_rewards_atoms: u64,
    /// At the end, uncollected.
    pub protocol_fees_atoms: u64,
    /// At the end.
    pub insurance_atoms: u64,
    /// Fees that went into insurance.
    pub insurance_income_atoms: u64,
    /// The bad debt that insurance left to the pool.
    pub bad_debt_of_pool_atoms: u64,
    #[serde(flatten)]
    pub ledger: Ledger,
    /// None where no trader places any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub orders: Option<OrderCounts>,
    pub compute_units: ComputeUnits,
}

/// By instruction.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ComputeUnits(Vec<(Kind, Spread)>);

impl Serialize for ComputeUnits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (kind, spread) in &self.0 {
            map.serialize_entry(kind.name(), spread)?;
        }
        map.end()
    }
}

/// A report with the time that it took, which is never the same.
#[derive(Serialize)]
struct Timed<'a> {
    #[serde(flatten)]
    report: &'a Report,
    seconds: f64,
    /// Of these, the SVM's.
    svm_seconds: f64,
    transactions_per_second: u64,
}

impl Report {
    pub fn new(simulation: &Simulation, series: &Series, sound: bool) -> Self {
        let statistics = &simulation.statistics;
        let market = simulation.state();
        let ledger = simulation.ledger;
        Self {
            bars: series.bars.len() as u64,
            ticks: simulation.ticks,
            transactions: statistics.transactions(),
            opened: statistics.count(Kind::OpenPosition),
            closed: statistics.count(Kind::ClosePosition),
            liquidations: statistics.count(Kind::Liquidate),
            partial_liquidations: simulation.partial_liquidations,
            deferred: simulation.deferred,
            uncovered: simulation.uncovered,
            max_loss_over_margin: simulation.max_loss_over_margin_ppm as f64 / 1e6,
            books_balanced: sound,
            pool_start_atoms: simulation.pool_start,
            pool_end_atoms: market.liquidity,
            lp_return_ppm: return_ppm(simulation.pool_start, market.liquidity),
            fees_atoms: simulation.fees,
            keeper_rewards_atoms: simulation.keeper_rewards,
            protocol_fees_atoms: market.protocol_fees,
            insurance_atoms: market.insurance,
            insurance_income_atoms: ledger.insurance_income(),
            bad_debt_of_pool_atoms: ledger.bad_debt_of_pool(),
            ledger,
            orders: simulation.places_orders().then_some(simulation.orders),
            compute_units: ComputeUnits(statistics.spreads()),
        }
    }

    pub fn timed_json(&self, elapsed: Duration, svm: Duration) -> Result<String> {
        let timed = Timed {
            report: self,
            seconds: elapsed.as_secs_f64(),
            svm_seconds: svm.as_secs_f64(),
            transactions_per_second: per_second(self.transactions, elapsed),
        };
        Ok(serde_json::to_string_pretty(&timed)?)
    }

    /// One line for a chart.
    pub fn headline(&self) -> String {
        format!(
            "{} positions, {} liquidations, {} transactions through the compiled program",
            count(self.opened),
            count(self.liquidations),
            count(self.transactions)
        )
    }

    pub fn table(&self, name: &str, elapsed: Duration) -> String {
        let mut summary = Table::new(&[("replay", Align::Left), (name, Align::Right)]);
        let rows = [
            ("bars", count(self.bars)),
            ("ticks", count(self.ticks)),
            ("transactions", count(self.transactions)),
            ("positions opened", count(self.opened)),
            ("positions closed", count(self.closed)),
            ("liquidations", count(self.liquidations)),
            ("of these partial", count(self.partial_liquidations)),
            ("openings deferred", count(self.deferred)),
            ("openings not covered", count(self.uncovered)),
            ("largest loss ÷ margin", format!("{:.4}", self.max_loss_over_margin)),
            ("transactions a second", count(per_second(self.transactions, elapsed))),
            ("invariants", if self.books_balanced { "all held" } else { "BROKEN" }.to_owned()),
        ];
        for (what, value) in rows.into_iter().chain(self.order_rows()) {
            summary.row([what.to_owned(), value]);
        }
        [summary.render(), self.money(), tables::compute_units(&self.compute_units.0)].join("\n\n")
    }

    /// What became of the traders' orders, if they place any.
    fn order_rows(&self) -> Vec<(&'static str, String)> {
        let Some(orders) = &self.orders else {
            return Vec::new();
        };
        vec![
            ("orders placed", count(orders.placed)),
            ("  take-profits executed", count(orders.take_profits)),
            ("  stop-losses executed", count(orders.stop_losses)),
            ("  cancelled", count(orders.cancelled)),
            ("  void", count(orders.void)),
            ("rewards for orders, quote", money(orders.rewards)),
        ]
    }

    /// Where the money went, each flow by itself.
    fn money(&self) -> String {
        let ledger = &self.ledger;
        let mut table = Table::new(&[("money, quote", Align::Left), ("", Align::Right)]);
        let rows = [
            ("pool at the start", money(self.pool_start_atoms)),
            ("pool at the end", money(self.pool_end_atoms)),
            ("LP return", format!("{} %", percent(self.lp_return_ppm))),
            ("trading fees", money(ledger.trading_fees)),
            ("  to the pool", money(ledger.trading_fees_lp)),
            ("  to insurance", money(ledger.trading_fees_insurance)),
            ("  to the protocol", money(ledger.trading_fees_protocol)),
            ("  forgiven besides", money(ledger.trading_fees_forgiven)),
            ("liquidation fees", money(ledger.liquidation_fees)),
            ("  to liquidators", money(ledger.liquidation_fees_keeper)),
            ("  to insurance", money(ledger.liquidation_fees_insurance)),
            ("funding to traders, net", format_readable(ledger.funding, QUOTE_DECIMALS, 2)),
            ("borrow fees of traders", money(ledger.borrow)),
            ("insurance at the start", money(ledger.insurance_start)),
            ("  from fees", money(self.insurance_income_atoms)),
            ("  to bad debt", money(ledger.insurance_to_bad_debt)),
            ("  to liquidators", money(ledger.insurance_to_keeper)),
            ("insurance at the end", money(self.insurance_atoms)),
            ("bad debt", money(ledger.bad_debt)),
            ("  borne by the pool", money(self.bad_debt_of_pool_atoms)),
        ];
        for (what, value) in rows {
            table.row([what.to_owned(), value]);
        }
        table.render()
    }
}

/// (end − start) ÷ start in ppm, rounded down; 0 of nothing.
fn return_ppm(start: u64, end: u64) -> i128 {
    let gain = (i128::from(end) - i128::from(start)) * i128::from(PPM);
    gain.checked_div_euclid(i128::from(start)).unwrap_or(0)
}

/// A ppm as a percentage of three decimals, cut off.
pub fn percent(ppm: i128) -> String {
    format_readable(ppm, PERCENT_DECIMALS, 3)
}

pub fn count(number: u64) -> String {
    format_readable(i128::from(number), 0, 0)
}

pub fn money(atoms: u64) -> String {
    format_readable(i128::from(atoms), QUOTE_DECIMALS, 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_return_is_rounded_down() {
        assert_eq!(return_ppm(1_000_000, 1_000_001), 1);
        assert_eq!(return_ppm(3_000_000, 3_000_001), 0);
        assert_eq!(return_ppm(3_000_000, 2_999_999), -1);
        assert_eq!(return_ppm(1_000_000, 0), -1_000_000);
        assert_eq!(return_ppm(0, 5), 0);
        assert_eq!(percent(-3_077), "-0.307");
        assert_eq!(percent(1_234_567), "123.456");
    }
}
