//! A sweep as text: a row for each combination, then the heat maps.

use super::super::report::{count, money};
use super::heat::Metric;
use super::{Outcome, Sweep};
use crate::decimal::format_readable;
use crate::params::QUOTE_DECIMALS;
use crate::table::{Align, Table};

impl Sweep {
    /// Table, reasons of what is not held, maps.
    pub fn text(&self, name: &str, colour: bool) -> String {
        let mut parts = vec![format!("sweep of {name}"), self.table()];
        let notes = self.notes();
        if !notes.is_empty() {
            parts.push(notes.join("\n"));
        }
        parts.push(format!("heat maps: the darker ( ░▒▓█) the worse\n\n{}", self.maps(colour)));
        parts.join("\n\n")
    }

    fn table(&self) -> String {
        let results = [
            "opened",
            Metric::Liquidations.title(),
            Metric::BadDebt.title(),
            "of these the pool's",
            Metric::LpReturn.title(),
            "trading fees",
            "liquidation fees",
            "borrow",
            "funding",
            "insurance",
        ];
        let axes = self.axes.iter().map(|axis| (axis.name.as_str(), Align::Right));
        let columns = axes.chain(results.map(|title| (title, Align::Right)));
        let mut table = Table::new(&columns.chain([("invariants", Align::Left)]).collect::<Vec<_>>());
        for (values, outcome) in self.cells() {
            let mut row: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
            match outcome.report() {
                None => row.extend(results.map(|_| "–".to_owned())),
                Some(report) => {
                    let ledger = &report.ledger;
                    row.extend([
                        count(report.opened),
                        Metric::Liquidations.text(report),
                        Metric::BadDebt.text(report),
                        money(report.bad_debt_of_pool_atoms),
                        Metric::LpReturn.text(report),
                        money(ledger.trading_fees),
                        money(ledger.liquidation_fees),
                        money(ledger.borrow),
                        format_readable(ledger.funding, QUOTE_DECIMALS, 2),
                        money(report.insurance_atoms),
                    ]);
                }
            }
            row.push(match outcome {
                Outcome::Held(_) => "held".to_owned(),
                Outcome::Broken(..) => "BROKEN".to_owned(),
                Outcome::Refused(_) => "refused".to_owned(),
            });
            table.row(row);
        }
        table.render()
    }

    /// Why a combination is refused, or what broke in it.
    fn notes(&self) -> Vec<String> {
        let notes = self.cells().filter_map(|(values, outcome)| {
            let (verdict, why) = outcome.verdict();
            Some(format!("{verdict}: {}: {}", self.label(&values), why?))
        });
        notes.collect()
    }
}
