//! A Pyth feed in integers: price, moving average, confidence.

use ringfence_client::oracle::PriceReading;
use ringfence_math::{PPM, Price};

/// Half-width of the confidence interval: 0.05 % of the price.
pub const CONFIDENCE_PPM: u64 = 500;

/// Time constant of the exponential moving average: one hour, as Pyth's.
const AVERAGE_SECONDS: u64 = 3_600;

/// What the feed says now.
#[derive(Clone, Copy, Debug)]
pub struct PriceFeed(PriceReading);

impl PriceFeed {
    /// A feed whose price has long stood still.
    pub fn new(time: i64, price: Price) -> Self {
        Self(PriceReading {
            price,
            confidence: confidence(price),
            ema: price,
            publish_time: time,
            previous_publish_time: time.saturating_sub(1),
            slot: 0,
        })
    }

    /// The next price. The average takes an implicit Euler step,
    /// `(average × τ + price × dt) ÷ (τ + dt)`, rounded down: stable for any
    /// gap, and at a step of a second the exponential itself.
    pub fn advance(&mut self, time: i64, price: Price) {
        let elapsed = u128::from(time.abs_diff(self.0.publish_time));
        let weight = u128::from(AVERAGE_SECONDS);
        let sum = u128::from(self.0.ema.0) * weight + u128::from(price.0) * elapsed;
        // A mean of two u64 is one.
        let ema = Price((sum / (weight + elapsed)) as u64);
        self.0 = PriceReading {
            price,
            confidence: confidence(price),
            ema,
            publish_time: time,
            previous_publish_time: self.0.publish_time,
            slot: 0,
        };
    }

    pub fn reading(&self) -> &PriceReading {
        &self.0
    }
}

fn confidence(price: Price) -> Price {
    Price((u128::from(price.0) * u128::from(CONFIDENCE_PPM) / u128::from(PPM)) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_average_follows_with_an_hour_of_lag() {
        let mut feed = PriceFeed::new(0, Price(1_000_000));
        assert_eq!(feed.reading().confidence, Price(500));
        feed.advance(1_200, Price(400_000));
        // (1,000,000 × 3,600 + 400,000 × 1,200) ÷ 4,800
        assert_eq!(feed.reading().ema, Price(850_000));
        assert_eq!((feed.reading().price, feed.reading().confidence), (Price(400_000), Price(200)));

        // In steps of a second: 400,000 + 600,000 ÷ e after one hour, 620,727.
        let mut smooth = PriceFeed::new(0, Price(1_000_000));
        (1..=3_600).for_each(|second| smooth.advance(second, Price(400_000)));
        assert!(smooth.reading().ema.0.abs_diff(620_727) < 2_000, "{:?}", smooth.reading().ema);
    }

    #[test]
    fn the_average_of_extremes_stays_in_range() {
        let mut feed = PriceFeed::new(0, Price(u64::MAX));
        feed.advance(i64::MAX, Price(u64::MAX));
        assert_eq!(feed.reading().ema, Price(u64::MAX));
    }
}
