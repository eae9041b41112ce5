//! `ringfence replay`: a price history through the compiled program.

mod report;
mod scenario;
mod sweep;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use clap::{Args, ValueEnum};
use ringfence_math::Quote;
use ringfence_testkit::series::path;

use crate::chart::Chart;
use crate::params::{self, Overrides, QUOTE_DECIMALS};
use crate::progress::Progress;
use crate::series::Series;
use crate::simulation::{Bracket, Simulation, default_program};
use crate::{decimal, output};
use report::Report;
use scenario::Scenario;

/// Replays a price history on an embedded SVM: traders, a pool, and a liquidator that acts every tick
///
/// Each bar's prices run open, low, high, close where it rises and open, high,
/// low, close where it falls, straight in between. The feed's moving average
/// has a time constant of one hour, its confidence is 0.05 % of the price.
/// Traders add and remove margin, close and reopen at random, and open anew
/// when they have been liquidated in full; half of them are long, half short, their
/// leverages in turn. At the end everybody closes. With --take-profit and
/// --stop-loss they attach orders to each position, one of which ends the other;
/// a keeper executes them each tick, after the liquidator.
///
/// With --sweep it runs once for each combination of values, on all cores, and
/// ends in a table and heat maps of bad debt, LP return and liquidations.
///
/// Fails where an invariant breaks: an atom missing from the books, a loss
/// beyond the margin, a vault that moved without its owner, a liquidation
/// refused, a flow that is in no event.
#[derive(Args, Debug)]
pub struct ReplayArgs {
    /// Price history: CSV with the header unix_seconds,open,high,low,close
    #[arg(long, value_name = "FILE", required_unless_present = "print_params")]
    prices: Option<PathBuf>,
    /// Number of traders
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    traders: u32,
    /// Leverages of the traders, 1 to 100
    #[arg(long, value_name = "X,X,…", default_value = "2,5,10,20", value_delimiter = ',',
          value_parser = clap::value_parser!(u32).range(1..=100))]
    leverage: Vec<u32>,
    /// Margin of each position in quote
    #[arg(long, value_name = "QUOTE", default_value = "1000", allow_negative_numbers = true)]
    margin: String,
    /// Liquidity of the pool in quote
    #[arg(long, value_name = "QUOTE", default_value = "1000000", allow_negative_numbers = true)]
    liquidity: String,
    /// Insurance at the start in quote
    #[arg(long, value_name = "QUOTE", default_value = "0", allow_negative_numbers = true)]
    insurance: String,
    /// Traders attach a take-profit this far from their entry, percent of the price
    #[arg(long, value_name = "PCT", allow_negative_numbers = true)]
    take_profit: Option<String>,
    /// Traders attach a stop-loss this far from their entry, percent of the price
    #[arg(long, value_name = "PCT", allow_negative_numbers = true)]
    stop_loss: Option<String>,
    /// The market's parameters: TOML, see --print-params
    #[arg(long, value_name = "FILE")]
    params: Option<PathBuf>,
    /// Print the default parameters as an annotated file, and nothing else
    #[arg(long, exclusive = true)]
    print_params: bool,
    /// Run every combination: NAME=VALUE:VALUE…,NAME=LOW..HIGH/STEP,…
    ///
    /// Names are those of the parameter file, and leverage (of all traders;
    /// takes the place of --leverage), maintenance (maintenance_margin_ppm) and
    /// fee (open_fee_ppm and close_fee_ppm). Values in the file's units, between
    /// them a colon or a comma. Can be given more than once.
    #[arg(long, value_name = "GRID")]
    sweep: Vec<String>,
    /// Combinations to run at a time [default: one for each core]
    #[arg(long, value_name = "N", requires = "sweep")]
    jobs: Option<NonZeroUsize>,
    /// Seconds between ticks inside a bar
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
    step: u32,
    /// Seed of what the traders do
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// How to print the result
    #[arg(long, value_enum, default_value_t = Format::Table)]
    output: Format,
    /// Also draw a chart as SVG; of a sweep, its heat maps
    #[arg(long, value_name = "FILE")]
    chart: Option<PathBuf>,
    /// The compiled program [default: target/deploy/ringfence.so]
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
}

/// How a replay's result is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Json,
    Table,
}

/// Runs and reports. Errors: arguments or files that cannot be used; an
/// invariant that broke, after the report.
pub fn run(args: &ReplayArgs) -> Result<()> {
    let Some(prices) = args.prices.as_ref().filter(|_| !args.print_params) else {
        return output::print(params::DEFAULT_FILE.trim_end());
    };
    let name = prices.file_stem().unwrap_or_default().to_string_lossy();
    let series = Series::read(prices)?;
    path::check(&series).with_context(|| prices.display().to_string())?;
    let scenario = args.scenario(&series)?;
    if args.sweep.is_empty() { single(args, &scenario, &name) } else { grid(args, &scenario, &name) }
}

fn single(args: &ReplayArgs, scenario: &Scenario, name: &str) -> Result<()> {
    let setup = scenario.setup(args.locate(scenario.market())?)?;
    let mut simulation = Simulation::new(&setup)?;
    let (started, set_up) = (Instant::now(), simulation.executing());
    let progress = Progress::new("replay", "bars", scenario.series.bars.len());
    let violation = scenario.run(&mut simulation, Some(&progress))?;
    drop(progress);
    let report = Report::new(&simulation, scenario.series, violation.is_none());
    if let Some(file) = &args.chart {
        output::write_file(file, &draw(&simulation, name, &report))?;
    }
    let elapsed = started.elapsed();
    output::print(&match args.output {
        Format::Json => report.timed_json(elapsed, simulation.executing() - set_up)?,
        Format::Table => report.table(name, elapsed),
    })?;
    args.say_chart()?;
    violation.map_or(Ok(()), |violation| bail!(violation))
}

fn grid(args: &ReplayArgs, scenario: &Scenario, name: &str) -> Result<()> {
    let axes = sweep::axes(&args.sweep).context("--sweep")?;
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let jobs = args.jobs.map_or(cores, NonZeroUsize::get);
    let sweep = sweep::run(scenario, axes, jobs)?;
    if let Some(file) = &args.chart {
        output::write_file(file, &sweep.svg(name))?;
    }
    output::print(&match args.output {
        Format::Json => sweep.json(name)?,
        Format::Table => sweep.text(name, output::takes_colour()),
    })?;
    args.say_chart()?;
    sweep.verdict()
}

impl ReplayArgs {
    fn scenario<'a>(&self, series: &'a Series) -> Result<Scenario<'a>> {
        let positive =
            |flag: &'static str, text| decimal::parse_positive(text, QUOTE_DECIMALS).map(Quote).context(flag);
        let (margin, liquidity) =
            (positive("--margin", &self.margin)?, positive("--liquidity", &self.liquidity)?);
        ensure!(liquidity.0 > ringfence_math::LOCKED_SHARES, "--liquidity: {} is too little", self.liquidity);
        let insurance = decimal::parse_unsigned(&self.insurance, QUOTE_DECIMALS).context("--insurance")?;
        Ok(Scenario {
            series,
            program: self.program.clone().unwrap_or_else(default_program),
            traders: self.traders,
            leverages: self.leverage.clone(),
            margin,
            liquidity,
            insurance: Quote(insurance),
            bracket: Bracket {
                take_profit: distance("--take-profit", self.take_profit.as_deref())?,
                stop_loss: distance("--stop-loss", self.stop_loss.as_deref())?,
            },
            step: self.step,
            seed: self.seed,
            overrides: self.params.as_deref().map_or_else(|| Ok(Overrides::default()), params::read)?,
        })
    }

    /// Says in which file the refused parameters are.
    fn locate<T>(&self, result: Result<T>) -> Result<T> {
        match &self.params {
            Some(file) => result.with_context(|| file.display().to_string()),
            None => result,
        }
    }

    fn say_chart(&self) -> Result<()> {
        match &self.chart {
            Some(file) if self.output == Format::Table => {
                output::print(&format!("\nchart: {}", file.display()))
            }
            _ => Ok(()),
        }
    }
}

fn draw(simulation: &Simulation, name: &str, report: &Report) -> String {
    let recording = simulation.chart.clone();
    Chart {
        title: format!("Ringfence replay: {name}"),
        subtitle: report.headline(),
        price: recording.price,
        liquidations: recording.liquidations,
        pool: recording.pool,
    }
    .render()
}

/// `2.5` or `2.5%` as ppm, above zero and below the whole: no price is so far away.
fn distance(flag: &'static str, text: Option<&str>) -> Result<Option<u32>> {
    /// Of a percentage made of ppm.
    const DECIMALS: u8 = 4;
    let Some(text) = text else {
        return Ok(None);
    };
    let ppm = decimal::parse_positive(text.strip_suffix('%').unwrap_or(text), DECIMALS).context(flag)?;
    let ppm = u32::try_from(ppm).ok().filter(|ppm| *ppm < ringfence_math::PPM);
    Ok(Some(ppm.with_context(|| format!("{flag}: `{text}` must be below 100 percent"))?))
}

/// Executed transactions in a second of wall time, rounded down.
fn per_second(transactions: u64, elapsed: Duration) -> u64 {
    let nanoseconds = elapsed.as_nanos().max(1);
    u64::try_from(u128::from(transactions) * 1_000_000_000 / nanoseconds).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_percent_of_the_price() {
        let parsed = |text| distance("--stop-loss", Some(text)).ok().flatten();
        let good = ["2.5", "2.5%", "0.0001", "99.9999"].map(parsed);
        assert_eq!(good, [Some(25_000), Some(25_000), Some(1), Some(999_999)]);
        assert_eq!(["0", "100", "-1", "0.00001", "x"].map(parsed), [None; 5]);
        assert_eq!(distance("--stop-loss", None).unwrap(), None);
    }

    #[test]
    fn speed_is_transactions_over_time() {
        assert_eq!(per_second(5_000, Duration::from_millis(2_500)), 2_000);
        assert_eq!(per_second(0, Duration::ZERO), 0);
    }
}
