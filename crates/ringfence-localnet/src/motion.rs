//! How a price moves from one publication to the next. Pure: no clock, no chain.

use std::time::Duration;

use ringfence_math::Price;
use ringfence_testkit::random::Random;
use ringfence_testkit::series::Series;
use ringfence_testkit::series::path::{Tick, between, corners};

/// Farthest that a walk steps at once, in ppm. At a publication every 400 ms
/// that is a volatility of some 80 % a year.
const WALK_STEP_PPM: u64 = 150;

/// A walk stays between its start divided and multiplied by this.
const WALK_RANGE: u64 = 10;

const PPM: u64 = 1_000_000;

/// How prices move by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Motion {
    /// Not at all; they are published again and again, so they stay fresh.
    Still,
    /// A random walk, the same in every run of one seed.
    Walk { seed: u64 },
}

/// A recorded series in place of a market's [`Motion`]. After its end the last
/// price stands.
#[derive(Clone, Debug)]
pub struct Replay {
    /// Index of the market.
    pub market: usize,
    pub series: Series,
    /// Seconds of the series in a second.
    pub speed: u32,
}

/// A fall of every price at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crash {
    /// Below 1,000,000: something must be left.
    pub fall_ppm: u32,
    /// Counted from when the localnet is ready.
    pub after: Duration,
}

impl Crash {
    /// What is left of a price, rounded down, and never nothing.
    pub fn apply(&self, price: Price) -> Price {
        scaled(price, PPM.saturating_sub(u64::from(self.fall_ppm)))
    }
}

/// `price × ppm ÷ 10^6`, rounded down, at least one unit.
fn scaled(price: Price, ppm: u64) -> Price {
    let scaled = u128::from(price.0) * u128::from(ppm) / u128::from(PPM);
    Price(u64::try_from(scaled).unwrap_or(u64::MAX).max(1))
}

/// One market's course.
#[derive(Clone, Debug)]
pub(crate) enum Course {
    Still,
    Walk(Walk),
    Recording(Recording),
}

impl Course {
    pub fn of(motion: Motion, market: usize, start: Price) -> Self {
        match motion {
            Motion::Still => Self::Still,
            Motion::Walk { seed } => Self::Walk(Walk::new(seed, market, start)),
        }
    }

    /// What is published next, in order, `elapsed` after the start; `present`
    /// was published last. At least one price, more where a recording passed
    /// several of its corners at once.
    pub fn next(&mut self, elapsed: Duration, present: Price) -> Vec<Price> {
        match self {
            Self::Still => vec![present],
            Self::Walk(walk) => vec![walk.step(present)],
            Self::Recording(recording) => recording.until(elapsed),
        }
    }

    /// Every later price is as much lower as the crash says.
    pub fn crash(&mut self, crash: Crash) {
        if let Self::Recording(recording) = self {
            recording.crashes.push(crash);
        }
    }
}

/// Steps that are uniform within ±[`WALK_STEP_PPM`] of the price.
#[derive(Clone, Debug)]
pub(crate) struct Walk {
    random: Random,
    least: Price,
    most: Price,
}

impl Walk {
    fn new(seed: u64, market: usize, start: Price) -> Self {
        // A sequence of its own for each market.
        let seed = Random::new(seed).number() ^ Random::new(market as u64 + 1).number();
        let least = Price((start.0 / WALK_RANGE).max(1));
        Self { random: Random::new(seed), least, most: Price(start.0.saturating_mul(WALK_RANGE)) }
    }

    fn step(&mut self, present: Price) -> Price {
        let ppm = PPM - WALK_STEP_PPM + self.random.below(2 * WALK_STEP_PPM + 1);
        // A crash or a price set by hand may lie outside the range.
        let (least, most) = (self.least.min(present), self.most.max(present));
        scaled(present, ppm).clamp(least, most)
    }
}

/// A series on its way.
#[derive(Clone, Debug)]
pub(crate) struct Recording {
    corners: Vec<Tick>,
    speed: u32,
    /// The first corner that is still to come.
    next: usize,
    crashes: Vec<Crash>,
}

impl Recording {
    pub fn new(series: &Series, speed: u32) -> Self {
        let seconds = series.bar_seconds();
        let corners = series.bars.iter().flat_map(|bar| corners(bar, seconds)).collect();
        Self { corners, speed, next: 1, crashes: Vec::new() }
    }

    pub fn first(&self) -> Price {
        self.corners[0].price
    }

    /// The corners passed since the last call, then the price at this moment
    /// on the line to the next corner.
    fn until(&mut self, elapsed: Duration) -> Vec<Price> {
        let passed = i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX);
        let series_time = passed.saturating_mul(i64::from(self.speed)) / 1_000;
        let time = self.corners[0].time.saturating_add(series_time);
        let mut prices = Vec::new();
        while let Some(corner) = self.corners.get(self.next).filter(|corner| corner.time <= time) {
            prices.push(corner.price);
            self.next += 1;
        }
        let last = self.corners[self.next - 1];
        match self.corners.get(self.next) {
            // Between a bar's close and the next one's open the price stands.
            Some(next) if !self.next.is_multiple_of(4) && next.time > last.time => {
                prices.push(between(last, *next, time));
            }
            _ => prices.push(last.price),
        }
        prices.dedup();
        for price in &mut prices {
            *price = self.crashes.iter().fold(*price, |price, crash| crash.apply(price));
        }
        prices
    }
}

#[cfg(test)]
mod tests;
