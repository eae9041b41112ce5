//! `ringfence replay`: a price history through the compiled program.

mod report;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use clap::{Args, ValueEnum};
use ringfence_client::state::Side;
use ringfence_math::Quote;
use ringfence_testkit::series::path;

use crate::chart::Chart;
use crate::progress::Progress;
use crate::series::Series;
use crate::simulation::{Plan, Random, Setup, Simulation, Violation, default_program, minimum_notional};
use crate::{decimal, output};
use report::Report;

/// Bars between two checks of the books, which look at every account.
const AUDIT_BARS: usize = 24;

/// Margins that a trader can lose before he stays out.
const LIVES: u64 = 100_000;

/// A trader acts in one tick of this many.
const TICKS_PER_ACTION: u64 = 3;

/// Replays a price history on an embedded SVM: traders, a pool, and a liquidator that acts every tick
///
/// Each bar's prices run open, low, high, close where it rises and open, high,
/// low, close where it falls, straight in between. The feed's moving average
/// has a time constant of one hour, its confidence is 0.05 % of the price.
/// Traders add and remove margin, close and reopen at random, and open anew
/// when they have been liquidated in full; half of them are long, half short, their
/// leverages in turn. At the end everybody closes.
///
/// Fails where an invariant breaks: an atom missing from the books, a loss
/// beyond the margin, a vault that moved without its owner, a liquidation
/// refused.
#[derive(Args, Debug)]
pub struct ReplayArgs {
    /// Price history: CSV with the header unix_seconds,open,high,low,close
    #[arg(long, value_name = "FILE")]
    prices: PathBuf,
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
    /// Seconds between ticks inside a bar
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
    step: u32,
    /// Seed of what the traders do
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// How to print the result
    #[arg(long, value_enum, default_value_t = Format::Table)]
    output: Format,
    /// Also draw a chart as SVG
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
    let series = Series::read(&args.prices)?;
    path::check(&series).with_context(|| args.prices.display().to_string())?;
    let setup = args.setup(&series)?;
    let mut simulation = Simulation::new(&setup)?;

    let started = Instant::now();
    let violation = match replay(&mut simulation, &series, args) {
        Ok(()) => None,
        Err(error) => Some(error.downcast::<Violation>()?),
    };
    let report = Report::new(&simulation, &series, started.elapsed(), violation.is_none());
    let name = args.prices.file_stem().unwrap_or_default().to_string_lossy();
    if let Some(file) = &args.chart {
        output::write_file(file, &draw(&simulation, &name, &report))?;
    }
    output::print(&match args.output {
        Format::Json => report.json()?,
        Format::Table => report.table(&name),
    })?;
    if let (Some(file), Format::Table) = (&args.chart, args.output) {
        output::print(&format!("\nchart: {}", file.display()))?;
    }
    violation.map_or(Ok(()), |violation| bail!(violation))
}

impl ReplayArgs {
    fn setup(&self, series: &Series) -> Result<Setup> {
        let quote = |flag: &'static str, text| decimal::parse_positive(text, 6).map(Quote).context(flag);
        let (margin, liquidity) = (quote("--margin", &self.margin)?, quote("--liquidity", &self.liquidity)?);
        ensure!(liquidity.0 > ringfence_math::LOCKED_SHARES, "--liquidity: {} is too little", self.liquidity);
        let first = &series.bars[0];

        let (lowest, highest) = (self.leverage.iter().min(), self.leverage.iter().max());
        let least = minimum_notional(highest.copied().unwrap_or(1));
        let smallest = margin.0.saturating_mul(u64::from(lowest.copied().unwrap_or(1)));
        ensure!(
            smallest >= least.0 * 2,
            "--margin: {} is too little for a position: margin × leverage must be at least {}",
            self.margin,
            decimal::format(i128::from(least.0) * 2, 6)
        );
        Ok(Setup {
            program: self.program.clone().unwrap_or_else(default_program),
            market: "REPLAY-PERP",
            start: first.time,
            price: first.open,
            liquidity,
            lives: LIVES,
            plans: plans(self.traders, &self.leverage, margin),
        })
    }
}

/// Long and short by turns, each pair with the next leverage.
fn plans(traders: u32, leverages: &[u32], margin: Quote) -> Vec<Plan> {
    let pairs =
        leverages.iter().cycle().flat_map(|leverage| [(Side::Long, *leverage), (Side::Short, *leverage)]);
    let plans = pairs.map(|(side, leverage)| Plan { side, leverage, margin });
    plans.take(usize::try_from(traders).unwrap_or(usize::MAX)).collect()
}

fn replay(simulation: &mut Simulation, series: &Series, args: &ReplayArgs) -> Result<()> {
    let mut random = Random::new(args.seed);
    let progress = Progress::new("replay", "bars", series.bars.len());
    let seconds = series.bar_seconds();
    for (number, bar) in series.bars.iter().enumerate() {
        for tick in path::ticks(bar, seconds, i64::from(args.step)) {
            simulation.tick(tick.time, tick.price)?;
            for participant in simulation.take_fallen() {
                simulation.close(participant)?;
                simulation.open(participant)?;
            }
            if random.below(TICKS_PER_ACTION) == 0 {
                act(simulation, &mut random)?;
            }
        }
        open_idle(simulation)?;
        simulation.record_pool()?;
        if number % AUDIT_BARS == 0 {
            simulation.audit_books()?;
        } else {
            simulation.audit_positions()?;
        }
        progress.advance(number + 1);
    }
    simulation.finish()
}

/// One trader, at random, does what traders do.
fn act(simulation: &mut Simulation, random: &mut Random) -> Result<()> {
    let index = usize::try_from(random.below(simulation.participants.len() as u64))?;
    let margin = simulation.participants[index].plan.margin.0;
    let percent = random.between(1, 10);
    let choice = random.below(100);
    if choice < 40 {
        simulation.add_margin(index, margin / 100 * percent)?;
    } else if choice < 75 {
        let removable = simulation.removable_margin(index)?;
        simulation.remove_margin(index, removable / 20 * percent)?;
    } else if simulation.close(index)? {
        simulation.open(index)?;
    }
    Ok(())
}

/// Those whom the pool, the price or a close left without a position try again.
fn open_idle(simulation: &mut Simulation) -> Result<()> {
    for index in 0..simulation.participants.len() {
        if simulation.participants[index].life.is_none() {
            simulation.open(index)?;
        }
    }
    Ok(())
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

/// Executed transactions in a second of wall time, rounded down.
fn per_second(transactions: u64, elapsed: Duration) -> u64 {
    let nanoseconds = elapsed.as_nanos().max(1);
    u64::try_from(u128::from(transactions) * 1_000_000_000 / nanoseconds).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_alternate_and_leverages_take_turns() {
        let margin = Quote(1);
        let made: Vec<(bool, u32)> =
            plans(5, &[2, 10], margin).iter().map(|plan| (plan.side == Side::Long, plan.leverage)).collect();
        assert_eq!(made, [(true, 2), (false, 2), (true, 10), (false, 10), (true, 2)]);
    }

    #[test]
    fn speed_is_transactions_over_time() {
        assert_eq!(per_second(5_000, Duration::from_millis(2_500)), 2_000);
        assert_eq!(per_second(0, Duration::ZERO), 0);
    }
}
