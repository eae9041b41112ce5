//! The demo's prices: a day that sags, rallies, crashes and recovers.

use ringfence_math::Price;

use crate::simulation::Random;

/// Unix seconds and price.
pub type Tick = (i64, Price);

/// 2025-01-01T00:00:00Z.
const START: i64 = 1_735_689_600;
const STEP_SECONDS: i64 = 30;

/// Corners of the path: minutes from the start, and the price in cents.
const CORNERS: [(i64, i64); 14] = [
    (0, 15_000),
    (90, 15_120),
    (200, 14_760),
    (330, 15_240),
    (480, 15_890),
    (540, 16_180),
    (640, 15_630),
    (700, 15_100),
    (745, 9_840),
    (775, 11_170),
    (840, 10_490),
    (1_000, 12_130),
    (1_200, 12_680),
    (1_440, 12_410),
];

/// Everybody adds margin here: after 50 minutes.
pub const ADD_MARGIN_TICK: usize = 100;
/// Everybody who can takes margin out here: after 100 minutes.
pub const REMOVE_MARGIN_TICK: usize = 200;

/// Largest step of the walk around the line: 15 cents.
const WANDER: i64 = 15 * CENT;

/// Price units in a cent.
const CENT: i64 = 100_000_000;

/// A tick every half minute: straight lines between the corners, and a small
/// walk around them that always returns.
pub fn ticks() -> Vec<Tick> {
    let mut random = Random::new(2025);
    let mut wander = 0i64;
    let last = CORNERS[CORNERS.len() - 1].0 * 60;
    (0..=last / STEP_SECONDS)
        .map(|number| {
            let second = number * STEP_SECONDS;
            let step = random.below(2 * WANDER as u64 + 1) as i64 - WANDER;
            wander = wander * 15 / 16 + step;
            // Both are far above zero.
            (START + second, Price((straight(second) + wander).unsigned_abs()))
        })
        .collect()
}

/// The price on the straight line between two corners.
fn straight(second: i64) -> i64 {
    let legs = CORNERS.windows(2);
    let leg = legs.clone().find(|leg| second < leg[1].0 * 60).or(legs.last());
    let Some(&[(from, start), (to, end)]) = leg.and_then(|leg| leg.first_chunk::<2>()) else {
        return 0;
    };
    let passed = second - from * 60;
    start * CENT + (end - start) * CENT * passed / ((to - from) * 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_starts_and_ends_at_its_corners() {
        let ticks = ticks();
        assert_eq!(ticks.len(), 2_881);
        assert_eq!(straight(0), 150 * 100 * CENT);
        assert_eq!(straight(45 * 60), 15_060 * CENT, "half way to 151.20");
        assert_eq!(straight(1_440 * 60), 12_410 * CENT);
        assert_eq!((ticks[0].0, ticks[2_880].0), (START, START + 86_400));
        let second: Vec<i64> = ticks.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
        assert!(second.iter().all(|step| *step == STEP_SECONDS));
    }

    #[test]
    fn the_walk_stays_near_the_line() {
        for (time, price) in ticks() {
            let away = (price.0 as i64 - straight(time - START)).abs();
            // Steps of which 15 sixteenths are kept add up to 16 at most.
            assert!(away <= 16 * WANDER, "{away}");
        }
    }
}
