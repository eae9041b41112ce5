use ringfence_testkit::series::HEADER;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn recording(lines: &str, speed: u32) -> Recording {
    Recording::new(&Series::parse(&format!("{HEADER}\n{lines}")).unwrap(), speed)
}

/// Whole quote units.
fn whole(price: u64) -> Price {
    Price(price * 10_000_000_000)
}

fn crash(fall_ppm: u32) -> Crash {
    Crash { fall_ppm, after: Duration::ZERO }
}

#[test]
fn a_crash_leaves_its_complement_rounded_down() {
    assert_eq!(crash(300_000).apply(whole(150)), whole(105));
    // 7 × 0.7 = 4.9
    assert_eq!(crash(300_000).apply(Price(7)), Price(4));
    assert_eq!(crash(999_999).apply(Price(7)), Price(1));
    assert_eq!(crash(0).apply(Price(u64::MAX)), Price(u64::MAX));
}

#[test]
fn a_recording_follows_its_lines_at_its_speed() {
    // Rises: open 100 at 0 s, low 90 at 20 s, high 130 at 40 s, close 120 at 59 s.
    let mut recording = recording("1000,100,130,90,120\n1060,120,120,120,120", 10);
    assert_eq!(recording.first(), whole(100));
    assert_eq!(recording.until(SECOND), [whole(95)], "10 s of 20 from 100 to 90");
    assert_eq!(recording.until(2 * SECOND), [whole(90)]);
    assert_eq!(recording.until(3 * SECOND), [whole(110)], "10 s of 20 from 90 to 130");
    assert_eq!(
        recording.until(5 * SECOND),
        [whole(130), Price(1_247_368_421_053)],
        "130 − 10 × 10/19, towards 130"
    );
}

#[test]
fn no_extreme_is_stepped_over_however_fast() {
    let mut recording = recording("1000,100,130,90,120\n1060,120,125,60,70", 3_600);
    let expected = [90, 130, 120, 125, 60, 70].map(whole);
    assert_eq!(recording.until(SECOND), expected);
    assert_eq!(recording.until(2 * SECOND), [whole(70)], "the last price stands");
}

#[test]
fn a_gap_between_bars_is_no_slope() {
    // Bars of 60 s; the third comes after a gap of 240 s.
    let mut recording = recording("1000,100,100,100,100\n1060,100,100,100,100\n1300,200,200,200,200", 60);
    assert_eq!(recording.until(4 * SECOND), [whole(100)], "240 s: the gap");
    assert_eq!(recording.until(5 * SECOND), [whole(200)], "300 s: the third bar");
}

#[test]
fn a_crash_lowers_the_rest_of_a_recording() {
    let mut course = Course::Recording(recording("1000,100,130,90,120", 3_600));
    course.crash(crash(300_000));
    assert_eq!(course.next(SECOND, whole(100)), [63, 91, 84].map(whole));
}

#[test]
fn a_walk_is_its_seeds_and_moves_in_small_steps() {
    let walked = |seed, market| {
        let mut walk = Course::of(Motion::Walk { seed }, market, whole(150));
        let mut price = whole(150);
        (0..500)
            .map(|_| {
                price = walk.next(SECOND, price)[0];
                price
            })
            .collect::<Vec<_>>()
    };
    let prices = walked(1, 0);
    assert_eq!(prices, walked(1, 0));
    assert_ne!(prices, walked(2, 0));
    assert_ne!(prices, walked(1, 1));
    for pair in prices.windows(2) {
        let moved = pair[0].0.abs_diff(pair[1].0);
        // 150 ppm, and a unit of rounding.
        assert!(moved <= pair[0].0 * 150 / 1_000_000 + 1, "{pair:?}");
    }
    assert!(prices.windows(2).any(|pair| pair[1] > pair[0]));
    assert!(prices.windows(2).any(|pair| pair[1] < pair[0]));
}

#[test]
fn a_walk_keeps_to_its_range_and_comes_back_to_it() {
    let mut walk = Walk::new(1, 0, whole(100));
    for _ in 0..100 {
        assert!(walk.step(whole(1_000)) <= whole(1_000));
        assert!(walk.step(whole(10)) >= whole(10));
        // Set by hand to less than a tenth: not thrown back, nor driven lower.
        let low = walk.step(whole(5));
        assert!((whole(5)..=Price(50_007_500_000)).contains(&low), "{low:?}");
    }
}

#[test]
fn a_still_price_stands() {
    assert_eq!(Course::of(Motion::Still, 0, whole(1)).next(SECOND, whole(7)), [whole(7)]);
}
