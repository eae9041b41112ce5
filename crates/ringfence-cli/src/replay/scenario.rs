//! One replay: what it starts from, and how it runs.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use ringfence_client::state::Side;
use ringfence_math::Quote;

use super::path;
use crate::decimal;
use crate::params::{MarketSpec, Overrides, QUOTE_DECIMALS, Refusal};
use crate::progress::Progress;
use crate::series::Series;
use crate::simulation::{Bracket, Plan, Random, Setup, Simulation, Violation, check_plan, first_reading};

/// Bars between two checks of the books, which look at every account.
const AUDIT_BARS: usize = 24;

/// Margins that a trader can lose before he stays out.
const LIVES: u64 = 100_000;

/// A trader acts in one tick of this many.
const TICKS_PER_ACTION: u64 = 3;

/// Everything that decides how a replay ends.
#[derive(Clone, Debug)]
pub struct Scenario<'a> {
    pub series: &'a Series,
    pub program: PathBuf,
    pub traders: u32,
    pub leverages: Vec<u32>,
    pub margin: Quote,
    pub liquidity: Quote,
    pub insurance: Quote,
    pub bracket: Bracket,
    pub step: u32,
    pub seed: u64,
    pub overrides: Overrides,
}

impl Scenario<'_> {
    /// The market that its parameters make at the first price.
    ///
    /// Errors: [`Refusal`] where the program excludes them.
    pub fn market(&self) -> Result<MarketSpec> {
        let highest = self.leverages.iter().copied().max().unwrap_or(1);
        self.overrides.resolve(self.series.bars[0].open, highest)
    }

    /// That market with a pool and traders.
    ///
    /// Errors: [`Refusal`] where its margin requirements exclude the traders.
    pub fn setup(&self, spec: MarketSpec) -> Result<Setup> {
        let first = &self.series.bars[0];
        let plans = plans(self.traders, &self.leverages, self.margin);
        self.check_margin(spec.params.min_position_notional)?;
        let reading = first_reading(first.time, first.open);
        plans.iter().try_for_each(|plan| check_plan(plan, &spec, &reading))?;
        Ok(Setup {
            program: self.program.clone(),
            market: "REPLAY-PERP",
            start: first.time,
            price: first.open,
            spec,
            liquidity: self.liquidity,
            insurance: self.insurance,
            bracket: self.bracket,
            lives: LIVES,
            plans,
        })
    }

    /// Twice the least notional is asked for, so that no fill is below it.
    fn check_margin(&self, least: u64) -> Result<()> {
        let lowest = self.leverages.iter().copied().min().unwrap_or(1);
        let smallest = self.margin.0.saturating_mul(u64::from(lowest));
        let money = |atoms: i128| decimal::format(atoms, QUOTE_DECIMALS);
        ensure!(
            smallest >= least.saturating_mul(2),
            Refusal(format!(
                "--margin: {} is too little for a position: margin × leverage must be at least {}",
                money(i128::from(self.margin.0)),
                money(i128::from(least) * 2)
            ))
        );
        Ok(())
    }

    /// Runs from the first bar to the last close; what was found broken on
    /// the way, if anything. Errors: what is no [`Violation`].
    pub fn run(&self, simulation: &mut Simulation, progress: Option<&Progress>) -> Result<Option<Violation>> {
        match self.replay(simulation, progress) {
            Ok(()) => Ok(None),
            Err(error) => Ok(Some(error.downcast::<Violation>()?)),
        }
    }

    fn replay(&self, simulation: &mut Simulation, progress: Option<&Progress>) -> Result<()> {
        let mut random = Random::new(self.seed);
        let seconds = self.series.bar_seconds();
        for (number, bar) in self.series.bars.iter().enumerate() {
            for tick in path::ticks(bar, seconds, i64::from(self.step)) {
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
            if let Some(progress) = progress {
                progress.advance(number + 1);
            }
        }
        simulation.finish()
    }
}

/// Long and short by turns, each pair with the next leverage.
fn plans(traders: u32, leverages: &[u32], margin: Quote) -> Vec<Plan> {
    let pairs =
        leverages.iter().cycle().flat_map(|leverage| [(Side::Long, *leverage), (Side::Short, *leverage)]);
    let plans = pairs.map(|(side, leverage)| Plan { side, leverage, margin });
    plans.take(usize::try_from(traders).unwrap_or(usize::MAX)).collect()
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
}
