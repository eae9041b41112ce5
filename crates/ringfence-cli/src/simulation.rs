//! A market on an embedded SVM, with traders, a pool and a liquidator: what
//! `demo` and `replay` run. Every change goes through the compiled program,
//! and each is held against what must be so; the first thing that is not is a
//! [`Violation`], which ends the run.

mod actions;
mod audit;
mod calls;
mod feed;
mod ledger;
mod opening;
mod orders;
mod participant;
mod setup;
mod statistics;
mod watch;

use std::time::Duration;

use anyhow::{Result, ensure};
use ringfence_client::health;
use ringfence_client::oracle::{Action, PriceReading, Validity};
use ringfence_client::state::Market;
use ringfence_math::{self as math, PoolAction, Ppm, Price, Quote, Side};
use ringfence_testkit::{Feed, MarketId, World};

pub use audit::{Holdings, Violation};
pub use feed::CONFIDENCE_PPM;
use feed::PriceFeed;
pub use ledger::Ledger;
pub use opening::{check_plan, first_reading};
pub use orders::{Bracket, OrderCounts};
pub use participant::{Participant, Plan};
pub use ringfence_testkit::default_program;
pub use ringfence_testkit::random::Random;
pub use setup::Setup;
pub use statistics::{Kind, Spread, Statistics};
use watch::Watch;

use crate::chart::{Marker, Point};

/// Slots in ten seconds, at 400 ms each.
const SLOTS_IN_TEN_SECONDS: u64 = 25;
/// Slot of the first price.
const FIRST_SLOT: u64 = 1_000;

/// A running simulation.
pub struct Simulation {
    world: World,
    market: MarketId,
    start: i64,
    feed: PriceFeed,
    /// Whether the program's accounts show what the feed says.
    published: bool,
    keeper_tokens: ringfence_client::Pubkey,
    pub participants: Vec<Participant>,
    bracket: Bracket,
    pub orders: OrderCounts,
    /// Liquidated in full or closed by an order, and not yet by their owners.
    fallen: Vec<usize>,
    pub statistics: Statistics,
    pub ledger: Ledger,
    /// Openings that the pool had no liquidity left to back.
    pub deferred: u64,
    /// Openings whose margin was too little at the skew of the moment.
    pub uncovered: u64,
    pub ticks: u64,
    /// Fees that closed positions have paid, liquidation fees among them.
    pub fees: u64,
    pub keeper_rewards: u64,
    /// Liquidations that left a part of the position open.
    pub partial_liquidations: u64,
    pub max_loss_over_margin_ppm: u64,
    /// Liquidity after the first deposit.
    pub pool_start: u64,
    pub chart: Recording,
}

/// What the chart will show.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    pub price: Vec<Point>,
    pub pool: Vec<Point>,
    pub liquidations: Vec<Marker>,
}

impl Simulation {
    /// Moves clock and price, then lets the liquidator act, and after him the
    /// keeper who executes orders: the worst that can happen to a stop-loss.
    pub fn tick(&mut self, time: i64, price: Price) -> Result<()> {
        self.ticks += 1;
        self.feed.advance(time, price);
        self.published = false;
        self.chart.price.push(Point { time, value: chart_price(price) });
        self.sweep()?;
        self.execute_orders()
    }

    /// Writes the clock and the Pyth account, if anything has changed: a tick in
    /// which nobody acts is one that the program never sees.
    fn publish(&mut self) {
        if std::mem::replace(&mut self.published, true) {
            return;
        }
        let reading = *self.feed.reading();
        let elapsed = reading.publish_time.abs_diff(self.start);
        let slot = FIRST_SLOT + elapsed * SLOTS_IN_TEN_SECONDS / 10;
        self.world.set_clock(reading.publish_time, slot);
        let feed = Feed {
            price: reading.price.0,
            confidence: reading.confidence.0,
            ema: reading.ema.0,
            publish_time: reading.publish_time,
        };
        self.world.set_feed(self.market, feed);
    }

    /// Whether the program takes the price of this moment for `action`: in a
    /// crash too far from the average it takes none. Judged by its own code.
    pub fn accepts_price(&self, action: Action) -> bool {
        let reading = self.feed.reading();
        let (oracle, time) = (&self.state().oracle, reading.publish_time);
        Validity::assess(reading, oracle, time, time, 0) <= action.accepts()
    }

    /// Liquidates all that can be, and nothing else.
    fn sweep(&mut self) -> Result<()> {
        let due = self.due()?;
        if due.is_empty() || !self.accepts_price(Action::Liquidate) {
            return Ok(());
        }
        due.into_iter().try_for_each(|participant| self.liquidate(participant))
    }

    /// Whose position has reached its liquidation price, which funding and
    /// borrow move from tick to tick.
    fn due(&self) -> Result<Vec<usize>> {
        let market = self.accrued()?;
        let (rates, scale) = (market.params.margin_rates(), market.scale().map_err(program_error)?);
        let [long, short] = [self.liquidation_mark(Side::Long)?, self.liquidation_mark(Side::Short)?];
        let mut watch = Watch::default();
        for (index, participant) in self.participants.iter().enumerate() {
            let Some(life) = participant.life.as_ref().filter(|life| !life.state.is_empty()) else {
                continue;
            };
            let side: Side = life.state.side().map_err(program_error)?.into();
            let mark = if side == Side::Long { long } else { short };
            let terms = life.state.terms(&market).map_err(program_error)?;
            if !watch::is_near(&math::health(&terms, &rates, mark, scale)?) {
                continue;
            }
            if let Some(price) = math::liquidation_price(&terms, &rates, scale)? {
                watch.enter(index, side, price);
            }
        }
        Ok(watch.due(long, short))
    }

    /// The edge of the confidence interval that favours a side.
    fn liquidation_mark(&self, side: Side) -> Result<Price> {
        let reading = self.feed.reading();
        let limit = Ppm(self.state().oracle.max_confidence_ppm);
        let confidence = math::clamp_confidence(reading.price, reading.confidence, limit)?;
        Ok(math::edge_for(side, reading.price, confidence))
    }

    /// The positions liquidated in full, or closed by an order, since this was last asked.
    pub fn take_fallen(&mut self) -> Vec<usize> {
        std::mem::take(&mut self.fallen)
    }

    /// What executing transactions has taken until now, of wall time.
    pub fn executing(&self) -> Duration {
        self.world.executing
    }

    /// The market's account.
    pub fn state(&self) -> Market {
        self.world.market_state(self.market)
    }

    /// The market as the program would see it now: funding and borrow are
    /// counted up to this moment, which no account shows until it is touched.
    fn accrued(&self) -> Result<Market> {
        health::accrued(&self.state(), self.time(), self.price()).map_err(program_error)
    }

    pub fn time(&self) -> i64 {
        self.feed.reading().publish_time
    }

    pub fn price(&self) -> Price {
        self.feed.reading().price
    }

    /// What the pool is worth at the price of this moment, rounded down:
    /// liquidity less what the traders are ahead, by the program's own code.
    pub fn pool_value(&self) -> Result<Quote> {
        let reading = PriceReading { confidence: Price(0), ..*self.feed.reading() };
        self.accrued()?.pool_value(&reading, PoolAction::Withdraw).map_err(program_error)
    }

    /// Notes the pool's value for the chart.
    pub fn record_pool(&mut self) -> Result<()> {
        let value = self.pool_value()?.0 as f64 / 1e6;
        self.chart.pool.push(Point { time: self.time(), value });
        Ok(())
    }

    /// Closes every position, so that all results are realised. Where the
    /// price has left its average too far, it stands still until that follows.
    ///
    /// Errors: an average that never comes near enough; a skew scale so small
    /// that what is left cannot be sold; [`Violation`].
    pub fn finish(&mut self) -> Result<()> {
        const WAIT_SECONDS: i64 = 600;
        while !self.accepts_price(Action::ReduceRisk) {
            let average = self.feed.reading().ema;
            self.tick(self.time() + WAIT_SECONDS, self.price())?;
            ensure!(
                self.feed.reading().ema != average || self.accepts_price(Action::ReduceRisk),
                "max_divergence_ppm is too small: the average never comes that near to the price"
            );
        }
        self.take_fallen();
        while self.close_all()? > 0 {}
        let left = self.participants.iter().filter(|participant| participant.life.is_some()).count();
        ensure!(left == 0, "the skew scale is too small: {left} positions find no price to close at");
        self.record_pool()?;
        self.audit_books()?;
        self.audit_orders()?;
        self.audit_fees()
    }

    /// Closes what can be closed; how many that were. Each close moves the
    /// skew, by which another may become possible.
    fn close_all(&mut self) -> Result<usize> {
        let mut closed = 0;
        for participant in 0..self.participants.len() {
            if self.participants[participant].life.is_some() && self.close(participant)? {
                closed += 1;
            }
        }
        Ok(closed)
    }
}

/// A price for the eye.
pub fn chart_price(price: Price) -> f64 {
    price.0 as f64 / 1e10
}

/// The program's errors are those of its native code here.
fn program_error(error: ringfence_client::RingfenceError) -> anyhow::Error {
    anyhow::anyhow!("{error}")
}

#[cfg(test)]
mod tests;
