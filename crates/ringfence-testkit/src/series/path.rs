//! The way of the price through a bar.

use anyhow::{Result, ensure};
use ringfence_math::Price;

use crate::series::{Bar, Series};

/// A price at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tick {
    /// Unix seconds.
    pub time: i64,
    pub price: Price,
}

/// Error: a price that a Pyth account, with its signed 64 bits, cannot hold.
pub fn check(series: &Series) -> Result<()> {
    let highest = series.bars.iter().map(|bar| bar.high).max().unwrap_or_default();
    ensure!(i64::try_from(highest.0).is_ok(), "a price is too large for a Pyth account");
    Ok(())
}

/// The four prices of a bar that lasts `seconds`, in the order of time: open
/// at the start, the extremes after a third and two thirds, close in the last
/// second; the low comes first where the bar rises.
pub fn corners(bar: &Bar, seconds: i64) -> [Tick; 4] {
    let rises = bar.close >= bar.open;
    let (second, third) = if rises { (bar.low, bar.high) } else { (bar.high, bar.low) };
    [
        Tick { time: bar.time, price: bar.open },
        Tick { time: bar.time + seconds / 3, price: second },
        Tick { time: bar.time + seconds * 2 / 3, price: third },
        Tick { time: bar.time + seconds - 1, price: bar.close },
    ]
}

/// The ticks of a bar that lasts `seconds`: one every `step`, and one at each
/// of its [`corners`], so that no extreme is stepped over.
pub fn ticks(bar: &Bar, seconds: i64, step: i64) -> Vec<Tick> {
    let corners = corners(bar, seconds);
    let mut ticks = Vec::new();
    for leg in corners.windows(2) {
        ticks.push(leg[0]);
        let next = (leg[0].time - bar.time) / step + 1;
        let times = (next..).map(|index| bar.time + index * step).take_while(|time| *time < leg[1].time);
        ticks.extend(times.map(|time| Tick { time, price: between(leg[0], leg[1], time) }));
    }
    ticks.push(corners[3]);
    ticks
}

/// On the straight line from one tick to a later one, rounded towards the first.
pub fn between(from: Tick, to: Tick, time: i64) -> Price {
    let (passed, whole) = (i128::from(time - from.time), i128::from(to.time - from.time));
    let change = i128::from(to.price.0) - i128::from(from.price.0);
    let price = i128::from(from.price.0) + change * passed / whole;
    // Between two u64.
    Price(price as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(open: u64, high: u64, low: u64, close: u64) -> Bar {
        Bar { time: 1_000, open: Price(open), high: Price(high), low: Price(low), close: Price(close) }
    }

    fn pairs(ticks: &[Tick]) -> Vec<(i64, u64)> {
        ticks.iter().map(|tick| (tick.time, tick.price.0)).collect()
    }

    #[test]
    fn a_rising_bar_goes_low_first_and_a_falling_one_high_first() {
        let rising = ticks(&bar(100, 130, 90, 120), 60, 60);
        assert_eq!(pairs(&rising), [(1_000, 100), (1_020, 90), (1_040, 130), (1_059, 120)]);
        let falling = ticks(&bar(120, 130, 90, 100), 60, 60);
        assert_eq!(pairs(&falling), [(1_000, 120), (1_020, 130), (1_040, 90), (1_059, 100)]);
    }

    #[test]
    fn ticks_lie_on_straight_lines_a_step_apart() {
        let path = ticks(&bar(100, 130, 90, 120), 60, 10);
        assert_eq!(
            pairs(&path),
            [(1_000, 100), (1_010, 95), (1_020, 90), (1_030, 110), (1_040, 130), (1_050, 125), (1_059, 120)]
        );
    }

    #[test]
    fn an_hour_in_minutes_has_sixty_one_ticks_in_order() {
        let path = ticks(&bar(100, 130, 90, 120), 3_600, 60);
        assert_eq!(path.len(), 61);
        assert!(path.is_sorted_by_key(|tick| tick.time));
        assert_eq!(path.iter().map(|tick| tick.price).max(), Some(Price(130)));
        assert_eq!(path.iter().map(|tick| tick.price).min(), Some(Price(90)));
    }

    #[test]
    fn a_bar_of_a_second_still_visits_its_four_prices() {
        let path = ticks(&bar(100, 130, 90, 120), 1, 60);
        assert_eq!(pairs(&path), [(1_000, 100), (1_000, 90), (1_000, 130), (1_000, 120)]);
    }

    #[test]
    fn a_price_beyond_pyth_is_refused() {
        let huge = bar(1, u64::MAX, 1, 1);
        assert!(check(&Series { bars: vec![huge] }).is_err());
        assert!(check(&Series { bars: vec![bar(1, 2, 1, 1)] }).is_ok());
    }
}
