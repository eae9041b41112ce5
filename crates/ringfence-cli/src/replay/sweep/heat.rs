//! Heat maps: what they show, and their drawing as text.

use super::super::report::{Report, count, money, percent};
use super::{Outcome, Sweep};

/// Shades of text, from good to bad.
const SHADES: [char; 5] = [' ', '░', '▒', '▓', '█'];
/// Background and ink of a terminal's 256 colours, from good to bad.
const COLOURS: [(u8, u8); 5] = [(29, 231), (107, 16), (222, 16), (173, 16), (124, 231)];
/// Of a badness.
pub const WORST: u32 = 1_000;

/// What a risk team chooses by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    BadDebt,
    LpReturn,
    Liquidations,
}

impl Metric {
    pub const ALL: [Self; 3] = [Self::BadDebt, Self::LpReturn, Self::Liquidations];

    pub fn title(self) -> &'static str {
        match self {
            Self::BadDebt => "bad debt, quote",
            Self::LpReturn => "LP return, %",
            Self::Liquidations => "liquidations",
        }
    }

    fn value(self, report: &Report) -> i128 {
        match self {
            Self::BadDebt => i128::from(report.ledger.bad_debt),
            Self::LpReturn => report.lp_return_ppm,
            Self::Liquidations => i128::from(report.liquidations),
        }
    }

    /// As the table has it too.
    pub fn text(self, report: &Report) -> String {
        match self {
            Self::BadDebt => money(report.ledger.bad_debt),
            Self::LpReturn => percent(report.lp_return_ppm),
            Self::Liquidations => count(report.liquidations),
        }
    }

    /// Where a value lies between the best and the worst of the grid, 0 to
    /// [`WORST`]; 0 where all are the same.
    fn badness(self, value: i128, least: i128, most: i128) -> u32 {
        let (above, span) = (value.abs_diff(least), most.abs_diff(least));
        let share = (above * u128::from(WORST)).checked_div(span).unwrap_or(0);
        let share = u32::try_from(share).unwrap_or(WORST);
        if self == Self::LpReturn && span > 0 { WORST - share } else { share }
    }
}

/// One number of a map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Square {
    pub text: String,
    /// None where there is no number.
    pub badness: Option<u32>,
}

/// A map over the first two axes, at fixed values of all others.
#[derive(Clone, Debug)]
pub struct Panel {
    pub metric: Metric,
    /// The fixed values; empty for a grid of two axes.
    pub fixed: String,
    pub rows: Vec<Vec<Square>>,
}

impl Sweep {
    /// The maps of a metric, one for each combination of the axes after the second.
    pub fn panels(&self, metric: Metric) -> Vec<Panel> {
        let values = self.outcomes.iter().filter_map(|outcome| Some(metric.value(outcome.report()?)));
        let (least, most) = (values.clone().min().unwrap_or(0), values.max().unwrap_or(0));
        let (rows, columns, rest) = self.shape();
        let square = |cell: usize| match &self.outcomes[cell] {
            Outcome::Refused(_) => Square { text: "refused".to_owned(), badness: None },
            Outcome::Broken(..) => Square { text: "BROKEN".to_owned(), badness: None },
            Outcome::Held(report) => Square {
                text: metric.text(report),
                badness: Some(metric.badness(metric.value(report), least, most)),
            },
        };
        (0..rest)
            .map(|panel| {
                let row =
                    |row: usize| (0..columns).map(move |column| (row * columns + column) * rest + panel);
                let pinned = super::values_of(&self.axes, panel);
                let fixed = self
                    .axes
                    .iter()
                    .zip(pinned)
                    .skip(2)
                    .map(|(axis, value)| format!("{}={value}", axis.name));
                Panel {
                    metric,
                    fixed: fixed.collect::<Vec<_>>().join(" "),
                    rows: (0..rows).map(|index| row(index).map(square).collect()).collect(),
                }
            })
            .collect()
    }

    /// Values of the first and of the second axis, combinations of the others.
    pub(super) fn shape(&self) -> (usize, usize, usize) {
        let length = |axis: usize| self.axes.get(axis).map_or(1, |axis| axis.values.len());
        let rest = self.axes.iter().skip(2).map(|axis| axis.values.len()).product();
        (length(0), length(1), rest)
    }

    /// Heads of the rows and of the columns; a grid of one axis has one
    /// column without a head.
    pub(super) fn heads(&self) -> (Vec<String>, Vec<String>) {
        let heads = |axis: usize| self.axes.get(axis).map(|axis| axis.values.clone());
        (heads(0).unwrap_or_default(), heads(1).unwrap_or_else(|| vec![String::new()]))
    }

    /// What the rows and columns are: `leverage ↓  fee →`.
    pub(super) fn legend(&self) -> String {
        let names: Vec<String> = self
            .axes
            .iter()
            .take(2)
            .zip(["↓", "→"])
            .map(|(axis, arrow)| format!("{} {arrow}", axis.name))
            .collect();
        names.join("  ")
    }

    /// All maps as text; the shade beside each number says the same as its colour.
    pub fn maps(&self, colour: bool) -> String {
        let panels = Metric::ALL.into_iter().flat_map(|metric| self.panels(metric));
        panels.map(|panel| self.map(&panel, colour)).collect::<Vec<_>>().join("\n\n")
    }

    fn map(&self, panel: &Panel, colour: bool) -> String {
        let (row_heads, column_heads) = self.heads();
        let legend = self.legend();
        let head_width = row_heads.iter().chain([&legend]).map(|head| width(head)).max().unwrap_or(0);
        let widths: Vec<usize> = (0..column_heads.len())
            .map(|column| {
                let cells = panel.rows.iter().map(|row| width(&row[column].text));
                cells.chain([width(&column_heads[column])]).max().unwrap_or(0)
            })
            .collect();
        let mut title = panel.metric.title().to_owned();
        if !panel.fixed.is_empty() {
            title += &format!(", {}", panel.fixed);
        }
        let heads = column_heads.iter().zip(&widths).map(|(head, width)| format!("  {head:>width$}  "));
        let mut lines =
            vec![title, format!("{legend:head_width$}{}", heads.collect::<String>()).trim_end().to_owned()];
        for (head, row) in row_heads.iter().zip(&panel.rows) {
            let cells = row.iter().zip(&widths).map(|(square, width)| square.cell(*width, colour));
            let line = format!("{head:head_width$}{}", cells.collect::<String>());
            lines.push(line.trim_end().to_owned());
        }
        lines.join("\n")
    }
}

impl Square {
    fn cell(&self, width: usize, colour: bool) -> String {
        let level = self.badness.map(level);
        let shade = level.map_or(' ', |level| SHADES[level]);
        let cell = format!(" {:>width$} {shade}", self.text);
        match level {
            Some(level) if colour => {
                let (background, ink) = COLOURS[level];
                format!(" \x1b[48;5;{background};38;5;{ink}m{cell}\x1b[0m")
            }
            _ => format!(" {cell}"),
        }
    }
}

/// Which fifth a badness is in.
fn level(badness: u32) -> usize {
    let fifths = SHADES.len();
    let level = usize::try_from(badness).unwrap_or(usize::MAX).saturating_mul(fifths) / WORST as usize;
    level.min(fifths - 1)
}

fn width(text: &str) -> usize {
    text.chars().count()
}
