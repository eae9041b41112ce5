//! `ringfence calc`: the risk arithmetic of the program for people and
//! scripts. Every number comes from `ringfence-math`, the crate the program
//! itself calls; nothing is computed here.

mod fill_price;
mod funding;
mod liquidation_price;
mod partial_liquidation;
mod position;
mod report;
mod units;

use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};
use ringfence_math::{MarginRates, PositionTerms, Ppm, Quote, Side, entry_notional};

use crate::output;
use report::Report;
use units::{Decimals, Units};

/// Risk arithmetic, the program's own: decimals in, decimals out, no chain needed
///
/// Amounts, prices, sizes and ratios are exact decimals; more places than the
/// unit has are refused, never rounded. Results are rounded as the program
/// rounds them: against the position. A single result is printed as a bare
/// decimal, several as a JSON object; --output chooses. In JSON, numbers are
/// strings of decimals (a float would lose digits), yes and no are booleans,
/// and null says that there is no such number.
#[derive(Args, Debug)]
pub struct CalcArgs {
    /// How to print the result [default: plain for one value, json for several]
    #[arg(long, global = true, value_enum)]
    output: Option<Format>,
    #[command(flatten)]
    decimals: Decimals,
    #[command(subcommand)]
    command: CalcCommand,
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// The bare value; of several, one `key: value` on each line
    Plain,
    /// A JSON object
    Json,
}

#[derive(Subcommand, Debug)]
enum CalcCommand {
    LiquidationPrice(liquidation_price::LiquidationPriceArgs),
    Position(position::PositionArgs),
    PartialLiquidation(partial_liquidation::PartialLiquidationArgs),
    FillPrice(fill_price::FillPriceArgs),
    Funding(funding::FundingArgs),
}

/// Computes and prints. Errors: an argument that cannot be read, named; what
/// the arithmetic refuses.
pub fn run(args: &CalcArgs) -> Result<()> {
    let units = Units::new(&args.decimals)?;
    let report: Report = match &args.command {
        CalcCommand::LiquidationPrice(args) => args.compute(&units)?,
        CalcCommand::Position(args) => args.compute(&units)?,
        CalcCommand::PartialLiquidation(args) => args.compute(&units)?,
        CalcCommand::FillPrice(args) => args.compute(&units)?,
        CalcCommand::Funding(args) => args.compute(&units)?,
    };
    output::print(&report.render(args.output)?)
}

/// Which way a position profits, as typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum SideArg {
    Long,
    Short,
}

impl From<SideArg> for Side {
    fn from(side: SideArg) -> Self {
        match side {
            SideArg::Long => Self::Long,
            SideArg::Short => Self::Short,
        }
    }
}

/// What a position is: the flags that all its calculations share.
#[derive(Args, Debug)]
struct Holding {
    /// Which way the position profits
    #[arg(long, value_enum)]
    side: SideArg,
    /// Entry price, quote per base
    #[arg(long, value_name = "PRICE", allow_negative_numbers = true)]
    entry: String,
    /// Open size in base
    #[arg(long, value_name = "SIZE", allow_negative_numbers = true)]
    size: String,
    /// Margin in quote
    #[arg(long, value_name = "QUOTE", allow_negative_numbers = true)]
    margin: String,
    /// Maintenance margin ratio in parts per million of the notional
    #[arg(long, value_name = "PPM")]
    maintenance_ppm: u32,
}

/// Charges that have accrued since the entry.
#[derive(Args, Debug)]
struct Accrued {
    /// Accrued charges (funding + borrow) in quote, owed by the position; negative if owed to it
    #[arg(long, value_name = "QUOTE", default_value = "0", allow_negative_numbers = true)]
    accrued: String,
}

impl Holding {
    /// The position with nothing accrued and no cap on its gain.
    fn terms(&self, units: &Units) -> Result<PositionTerms> {
        let side = self.side.into();
        let size = units.size("--size", &self.size)?;
        let entry = units.price("--entry", &self.entry)?;
        Ok(PositionTerms {
            side,
            size,
            entry_notional: units.check("entry notional", entry_notional(side, size, entry, units.scale))?,
            margin: units.quote("--margin", &self.margin)?,
            reserve: Quote::MAX,
            ..PositionTerms::default()
        })
    }

    /// Maintenance alone; no initial requirement, fee or reward.
    fn rates(&self) -> MarginRates {
        MarginRates { maintenance: Ppm(self.maintenance_ppm), ..MarginRates::default() }
    }
}

impl Accrued {
    /// `terms` with the charges folded into its funding.
    fn apply(&self, terms: PositionTerms, units: &Units) -> Result<PositionTerms> {
        let owed = units.signed_quote("--accrued", &self.accrued)?;
        Ok(PositionTerms { funding: units.check("--accrued", owed.checked_neg())?, ..terms })
    }
}
