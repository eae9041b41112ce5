//! `ringfence demo`: a day with a crash in it, on an embedded SVM.

mod path;

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use ringfence_client::state::Side;
use ringfence_math::{PPM, PRICE_DECIMALS, Quote};

use crate::chart::{Chart, timestamp};
use crate::decimal::format_readable;
use crate::params::Overrides;
use crate::progress::Progress;
use crate::simulation::{Bracket, Participant, Plan, Setup, Simulation, Violation, default_program};
use crate::table::{Align, Table};
use crate::{output, tables};

/// Leverages of the demo's traders, each long and short.
const LEVERAGES: [u32; 5] = [2, 5, 10, 20, 50];
/// 1,000 each, in atoms.
const MARGIN: Quote = Quote(1_000_000_000);
/// Everybody has a second margin in his wallet.
const LIVES: u64 = 2;
/// 500,000, in atoms.
const LIQUIDITY: Quote = Quote(500_000_000_000);

/// Shows the whole machine at work: a market, a pool, ten traders, a crash, and a liquidator
///
/// Runs the compiled program on an embedded SVM through a day of built-in
/// prices, prints what became of every trader, of the pool and of each atom,
/// and draws a chart. Fails if an atom is missing.
#[derive(Args, Debug)]
pub struct DemoArgs {
    /// Where the chart (SVG) goes
    #[arg(long, value_name = "FILE", default_value = "out/demo.svg")]
    chart: PathBuf,
    /// The compiled program [default: target/deploy/ringfence.so]
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
}

/// Runs, prints and draws. Errors: no program, no place for the chart; an
/// invariant that broke, after the report.
pub fn run(args: &DemoArgs) -> Result<()> {
    let ticks = path::ticks();
    let sides = [Side::Long, Side::Short];
    let plan = |side, leverage| Plan { side, leverage, margin: MARGIN };
    let highest = LEVERAGES.into_iter().max().unwrap_or(1);
    let mut simulation = Simulation::new(&Setup {
        program: args.program.clone().unwrap_or_else(default_program),
        market: "SOL-PERP",
        start: ticks[0].0,
        price: ticks[0].1,
        spec: Overrides::default().resolve(ticks[0].1, highest)?,
        liquidity: LIQUIDITY,
        bracket: Bracket::default(),
        insurance: Quote::ZERO,
        lives: LIVES,
        plans: sides.iter().flat_map(|side| LEVERAGES.map(|leverage| plan(*side, leverage))).collect(),
    })?;
    let violation = match live(&mut simulation, &ticks) {
        Ok(()) => None,
        Err(error) => Some(error.downcast::<Violation>()?),
    };
    output::write_file(&args.chart, &draw(&simulation))?;
    output::print(&report(&simulation))?;
    output::print(&format!("\nchart: {}", args.chart.display()))?;
    violation.map_or(Ok(()), |violation| bail!(violation))
}

fn live(simulation: &mut Simulation, ticks: &[path::Tick]) -> Result<()> {
    const AUDIT_TICKS: usize = 60;
    let everyone = 0..simulation.participants.len();
    let progress = Progress::new("demo", "ticks", ticks.len());
    for (number, (time, price)) in ticks.iter().enumerate() {
        simulation.tick(*time, *price)?;
        match number {
            0 => everyone.clone().try_for_each(|index| simulation.open(index).map(drop))?,
            path::ADD_MARGIN_TICK => {
                everyone
                    .clone()
                    .try_for_each(|index| simulation.add_margin(index, MARGIN.0 / 20).map(drop))?;
            }
            path::REMOVE_MARGIN_TICK => {
                for index in everyone.clone() {
                    let amount = simulation.removable_margin(index)?.min(MARGIN.0 / 50);
                    simulation.remove_margin(index, amount)?;
                }
            }
            _ => {}
        }
        if number % AUDIT_TICKS == 0 {
            simulation.audit_books()?;
        }
        simulation.record_pool()?;
        progress.advance(number + 1);
    }
    simulation.finish()
}

fn draw(simulation: &Simulation) -> String {
    let recording = simulation.chart.clone();
    Chart {
        title: "Ringfence demo: a day of SOL-PERP, with a crash".to_owned(),
        subtitle: "Ten traders with 1,000 at stake each, long and short at 2x to 50x".to_owned(),
        price: recording.price,
        liquidations: recording.liquidations,
        pool: recording.pool,
    }
    .render()
}

fn report(simulation: &Simulation) -> String {
    let parts = [
        traders(&simulation.participants),
        pool(simulation),
        tables::compute_units(&simulation.statistics.spreads()),
        tables::books(&simulation.holdings()),
    ];
    parts.join("\n\n")
}

fn traders(participants: &[Participant]) -> String {
    let mut table = Table::new(&[
        ("trader", Align::Left),
        ("entry", Align::Right),
        ("margin", Align::Right),
        ("realised PnL", Align::Right),
        ("fees", Align::Right),
        ("liquidated at", Align::Right),
        ("time, UTC", Align::Left),
        ("loss ÷ margin", Align::Right),
    ]);
    for participant in participants {
        let Plan { side, leverage, .. } = participant.plan;
        let side = if side == Side::Long { "long" } else { "short" };
        let mut row = vec![format!("{side} {leverage}x")];
        if let Some(outcome) = &participant.outcome {
            let price =
                |price: ringfence_math::Price| format_readable(i128::from(price.0), PRICE_DECIMALS, 4);
            let liquidated = outcome.liquidated;
            let loss =
                format_readable(i128::from(outcome.loss_over_margin_ppm()) * 100, PPM.ilog10() as u8, 2);
            row.extend([
                price(outcome.entry),
                money(i128::from(outcome.deposited)),
                money(outcome.pnl),
                money(i128::from(outcome.fees)),
                liquidated.map_or("–".to_owned(), |at| price(at.price)),
                liquidated.map_or("–".to_owned(), |at| timestamp(at.time)),
                format!("{loss} %"),
            ]);
        }
        table.row(row);
    }
    table.render()
}

fn pool(simulation: &Simulation) -> String {
    let market = simulation.state();
    let mut table = Table::new(&[("pool, quote", Align::Left), ("", Align::Right)]);
    let result = i128::from(market.liquidity) - i128::from(simulation.pool_start);
    let rows = [
        ("liquidity at the start", i128::from(simulation.pool_start)),
        ("liquidity at the end", i128::from(market.liquidity)),
        ("result", result),
        ("insurance", i128::from(market.insurance)),
        ("protocol fees", i128::from(market.protocol_fees)),
        ("bad debt", i128::from(market.bad_debt)),
        ("paid to the liquidator", i128::from(simulation.keeper_rewards)),
    ];
    for (what, atoms) in rows {
        table.row([what.to_owned(), money(atoms)]);
    }
    table.render()
}

fn money(atoms: i128) -> String {
    format_readable(atoms, 6, 2)
}
