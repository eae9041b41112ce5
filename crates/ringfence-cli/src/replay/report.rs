//! What a replay found, as JSON with stable keys or as tables.

use std::time::Duration;

use anyhow::Result;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::per_second;
use crate::decimal::format_readable;
use crate::series::Series;
use crate::simulation::{Kind, Simulation, Spread};
use crate::table::{Align, Table};
use crate::tables;

/// Results of a replay. Money in quote atoms.
#[derive(Serialize)]
pub struct Report {
    bars: u64,
    ticks: u64,
    transactions: u64,
    opened: u64,
    closed: u64,
    liquidations: u64,
    /// Of these, those that left a part of the position open.
    partial_liquidations: u64,
    /// Openings that the pool could not back.
    deferred: u64,
    bad_debt_atoms: u64,
    /// Of the worst position, six decimals, rounded up.
    max_loss_over_margin: f64,
    /// Whether every invariant held, the books' balance among them.
    books_balanced: bool,
    pool_start_atoms: u64,
    pool_end_atoms: u64,
    insurance_atoms: u64,
    protocol_fees_atoms: u64,
    fees_atoms: u64,
    keeper_rewards_atoms: u64,
    /// Positive where traders received more than they owed.
    funding_atoms: i128,
    borrow_atoms: u64,
    compute_units: ComputeUnits,
    seconds: f64,
    transactions_per_second: u64,
}

/// By instruction, in the order of [`Kind::ALL`].
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

impl Report {
    pub fn new(simulation: &Simulation, series: &Series, elapsed: Duration, sound: bool) -> Self {
        let statistics = &simulation.statistics;
        let market = simulation.state();
        Self {
            bars: series.bars.len() as u64,
            ticks: simulation.ticks,
            transactions: statistics.transactions(),
            opened: statistics.count(Kind::OpenPosition),
            closed: statistics.count(Kind::ClosePosition),
            liquidations: statistics.count(Kind::Liquidate),
            partial_liquidations: simulation.partial_liquidations,
            deferred: simulation.deferred,
            bad_debt_atoms: market.bad_debt,
            max_loss_over_margin: simulation.max_loss_over_margin_ppm as f64 / 1e6,
            books_balanced: sound,
            pool_start_atoms: simulation.pool_start,
            pool_end_atoms: market.liquidity,
            insurance_atoms: market.insurance,
            protocol_fees_atoms: market.protocol_fees,
            fees_atoms: simulation.fees,
            keeper_rewards_atoms: simulation.keeper_rewards,
            funding_atoms: simulation.funding,
            borrow_atoms: simulation.borrow,
            compute_units: ComputeUnits(Kind::ALL.map(|kind| (kind, statistics.spread(kind))).into()),
            seconds: elapsed.as_secs_f64(),
            transactions_per_second: per_second(statistics.transactions(), elapsed),
        }
    }

    pub fn json(&self) -> Result<String> {
        Ok(serde_json::to_string_pretty(self)?)
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

    pub fn table(&self, name: &str) -> String {
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
            ("largest loss ÷ margin", format!("{:.4}", self.max_loss_over_margin)),
            ("bad debt", money(self.bad_debt_atoms)),
            ("pool at the start", money(self.pool_start_atoms)),
            ("pool at the end", money(self.pool_end_atoms)),
            ("insurance", money(self.insurance_atoms)),
            ("protocol fees", money(self.protocol_fees_atoms)),
            ("fees paid by traders", money(self.fees_atoms)),
            ("of these to liquidators", money(self.keeper_rewards_atoms)),
            ("funding to traders, net", format_readable(self.funding_atoms, 6, 2)),
            ("borrow fees of traders", money(self.borrow_atoms)),
            ("transactions a second", count(self.transactions_per_second)),
            ("invariants", if self.books_balanced { "all held" } else { "BROKEN" }.to_owned()),
        ];
        for (what, value) in rows {
            summary.row([what.to_owned(), value]);
        }
        format!("{}\n\n{}", summary.render(), tables::compute_units(&self.compute_units.0))
    }
}

fn count(number: u64) -> String {
    format_readable(i128::from(number), 0, 0)
}

fn money(atoms: u64) -> String {
    format_readable(i128::from(atoms), 6, 2)
}
