//! Build time, memory and tick time of the position index at 10^4, 10^5 and
//! 10^6 generated positions, and of the order index at as many orders; writes docs/keeper-index.md.
//!
//! `cargo bench -p ringfence-keeper --bench index`

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use bytemuck::Zeroable;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use ringfence::state as program;
use ringfence_client::Pubkey;
use ringfence_client::constants::{MARKET_VERSION, POSITION_VERSION};
use ringfence_client::oracle::PriceReading;
use ringfence_client::state::{Market, MarketParams, Order, OrderKind, Position};
use ringfence_keeper::book::{Book, Moment};
use ringfence_keeper::index::Stamp;
use ringfence_keeper::orders::OrderIndex;
use ringfence_math::Price;

const NOW: i64 = 1_800_000_000;
const SIZE_UNIT: u64 = 1_000_000_000;
const SIZES: [usize; 3] = [10_000, 100_000, 1_000_000];
const HITS: [usize; 4] = [1, 10, 100, 1_000];
const QUIET_TICKS: usize = 20_000;

fn price(quote: f64) -> u64 {
    (quote * 1e10) as u64
}

fn market() -> Market {
    let mut market = Market::zeroed();
    market.version = MARKET_VERSION;
    market.size_decimals = 9;
    market.quote_decimals = 6;
    market.notional_divisor = 10_000_000_000_000;
    market.accrued_at = NOW;
    market.liquidity = 1_000_000_000_000_000_000;
    market.params = MarketParams {
        skew_scale: u64::MAX,
        min_position_notional: 10_000_000,
        min_keeper_reward: 100_000,
        initial_margin_ppm: 50_000,
        maintenance_margin_ppm: 25_000,
        liquidation_fee_ppm: 10_000,
        keeper_share_ppm: 500_000,
        reserve_factor_ppm: 1_000_000,
        max_utilisation_ppm: 800_000,
        borrow_base_ppm: 20_000,
        borrow_kink_ppm: 800_000,
        borrow_slope1_ppm: 100_000,
        borrow_slope2_ppm: 1_000_000,
        max_funding_rate_ppm: 10_000,
        max_funding_velocity_ppm: 100_000,
        ..MarketParams::default()
    };
    market.oracle.max_age_open = 600;
    market.oracle.max_age_reduce = 600;
    market.oracle.max_age_liquidate = 600;
    market.oracle.max_divergence_ppm = 900_000;
    market.oracle.max_confidence_ppm = 10_000;
    market
}

/// Half longs, half shorts, entered around 150 at 2x to 20x; none is
/// liquidatable at 150, and none is capped.
fn positions(count: usize) -> Vec<(Pubkey, Position)> {
    let mut rng = StdRng::seed_from_u64(count as u64);
    let mut made = Vec::with_capacity(count);
    for number in 0..count {
        let mut position = Position::zeroed();
        position.version = POSITION_VERSION;
        position.side = (number % 2) as u8;
        position.size = rng.random_range(SIZE_UNIT / 10..100 * SIZE_UNIT);
        let entry = rng.random_range(149.0..151.0);
        position.entry_notional = (position.size as f64 * entry / 1e3) as u64;
        position.reserve = position.entry_notional;
        position.margin = (position.entry_notional as f64 / rng.random_range(2.0..18.0)) as u64;
        let mut key = [0; 32];
        rng.fill(&mut key);
        made.push((Pubkey::new_from_array(key), position));
    }
    made
}

fn resident_bytes() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    pages.split_whitespace().nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0) * 4_096
}

fn reading(price: u64) -> PriceReading {
    PriceReading {
        price: Price(price),
        confidence: Price(0),
        ema: Price(price),
        publish_time: NOW,
        previous_publish_time: NOW - 1,
        slot: 1,
    }
}

fn tick(book: &mut Book, price: u64, second: i64) -> (Duration, usize) {
    let moment = Moment { slot: 1, unix_timestamp: NOW + second, restart_slot: 0 };
    let mut findings = Vec::new();
    let started = Instant::now();
    book.tick(&reading(price), &moment, None, usize::MAX, &mut findings);
    (started.elapsed(), findings.len())
}

/// The price at which about `hits` longs are liquidatable.
fn price_of(book: &mut Book, hits: usize) -> u64 {
    let (mut low, mut high) = (price(60.0), price(150.0));
    while high - low > 10_000 {
        let middle = low.midpoint(high);
        if tick(book, middle, 300).1 >= hits { low = middle } else { high = middle }
    }
    low
}

struct Row {
    count: usize,
    build: Duration,
    bytes: u64,
    quiet_median: Duration,
    quiet_p99: Duration,
    hits: Vec<(usize, Duration)>,
}

fn measure(count: usize) -> Row {
    let made = positions(count);
    let mut market = market();
    // The program keeps the sums; the client only reads them.
    let books: &mut program::Market = bytemuck::cast_mut(&mut market);
    for (_, position) in &made {
        books.attach(bytemuck::cast_ref(position)).expect("the sums fit");
    }
    let key = Pubkey::new_from_array([1; 32]);
    let before = resident_bytes();
    let started = Instant::now();
    let mut book = Book::new(key, market, key, Stamp::default());
    book.index.build(made.iter().copied(), Stamp::default());
    let build = started.elapsed();
    let bytes = resident_bytes().saturating_sub(before) / count as u64;

    // The clock moves, so that each tick accrues; the price moves a little.
    let mut quiet: Vec<Duration> = (0..QUIET_TICKS)
        .map(|number| {
            let (time, found) =
                tick(&mut book, price(150.0) + (number as u64 % 100) * 1_000_000, (number % 300) as i64);
            assert_eq!(found, 0, "nothing is liquidatable at 150");
            time
        })
        .collect();
    quiet.sort();
    let hits = HITS
        .into_iter()
        .map(|wanted| {
            let at = price_of(&mut book, wanted);
            let mut times: Vec<(Duration, usize)> = (0..21).map(|_| tick(&mut book, at, 300)).collect();
            times.sort();
            let (time, found) = times[10];
            (found, time)
        })
        .collect();
    Row {
        count,
        build,
        bytes,
        quiet_median: quiet[QUIET_TICKS / 2],
        quiet_p99: quiet[QUIET_TICKS / 100 * 99],
        hits,
    }
}

struct OrderRow {
    count: usize,
    build: Duration,
    quiet: Duration,
    hits: Vec<(usize, Duration)>,
}

/// Stop-losses of longs from 75 to 149.99, half of them, and their take-profits
/// from 150.01 to 225: at 150 none has triggered.
fn orders(count: usize) -> Vec<(Pubkey, Order)> {
    let mut rng = StdRng::seed_from_u64(count as u64);
    let mut made = Vec::with_capacity(count);
    for number in 0..count {
        let mut order = Order::zeroed();
        let above = number % 2 == 1;
        order.kind = if above { OrderKind::TakeProfit } else { OrderKind::StopLoss } as u8;
        order.trigger_above = u8::from(above);
        order.trigger_price =
            price(if above { rng.random_range(150.01..225.0) } else { rng.random_range(75.0..149.99) });
        order.share_ppm = 1_000_000;
        order.expires_at = NOW + 1_000_000;
        let mut keys = [[0; 32]; 2];
        keys.iter_mut().for_each(|key| rng.fill(key));
        order.position = Pubkey::new_from_array(keys[0]);
        made.push((Pubkey::new_from_array(keys[1]), order));
    }
    made
}

/// What of a tick depends on how many orders wait; the judgement of each hit
/// by its position does not.
fn measure_orders(count: usize) -> OrderRow {
    let made = orders(count);
    let mut below: Vec<u64> =
        made.iter().filter(|(_, it)| it.trigger_above == 0).map(|(_, it)| it.trigger_price).collect();
    below.sort_unstable_by(|one, other| other.cmp(one));
    let started = Instant::now();
    let mut index = OrderIndex::default();
    index.replace(made, 1);
    let build = started.elapsed();
    let mut slots = Vec::new();
    let mut median = |at: u64, rounds: usize| {
        let mut times: Vec<Duration> = (0..rounds)
            .map(|number| {
                let started = Instant::now();
                index.expire(NOW + number as i64 % 300);
                slots.clear();
                for adds in [false, true] {
                    index.reached(adds, Price(at), &mut slots);
                }
                started.elapsed()
            })
            .collect();
        times.sort();
        (slots.len(), times[rounds / 2])
    };
    let (none, quiet) = median(price(150.0), QUIET_TICKS);
    assert_eq!(none, 0);
    let hits = HITS.into_iter().map(|wanted| median(below[wanted - 1], 21)).collect();
    OrderRow { count, build, quiet, hits }
}

fn report_orders(rows: &[OrderRow]) -> String {
    let mut text = String::from(
        "\n## Orders\n\n\
         Stop-losses and take-profits with triggers spread over half the price to one and a half\n\
         times. What is timed is finding those that the price has reached; judging one is about what\n\
         judging a position is.\n\n\
         | orders | build, ms | without a hit, µs | 1 hit | 10 | 100 | 1000 |\n\
         | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for row in rows {
        let build = row.build.as_secs_f64() * 1e3;
        let _ = write!(text, "| {} | {build:.1} | {} |", row.count, micros(row.quiet));
        for (_, time) in &row.hits {
            let _ = write!(text, " {} |", micros(*time));
        }
        text.push('\n');
    }
    text
}

fn micros(time: Duration) -> String {
    format!("{:.2}", time.as_secs_f64() * 1e6)
}

fn report(rows: &[Row]) -> String {
    let mut text = String::from(
        "# The keeper's index, measured\n\n\
         <!-- Generated: do not edit. Written by `cargo bench -p ringfence-keeper --bench index`. -->\n\n\
         Wall-clock times of one machine, one core: they differ between machines and runs, and no\n\
         check compares them. Positions are generated: half longs, half shorts, entered around 150 at\n\
         2x to 18x. A tick advances funding and borrow, asks all four ladders, judges every hit by the\n\
         program's own arithmetic and works out the keeper's reward.\n\n\
         | positions | build, ms | bytes each | tick without a hit, µs (median) | (99th percentile) |\n\
         | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for row in rows {
        let _ = writeln!(
            text,
            "| {} | {:.1} | {} | {} | {} |",
            row.count,
            row.build.as_secs_f64() * 1e3,
            row.bytes,
            micros(row.quiet_median),
            micros(row.quiet_p99)
        );
    }
    text.push_str("\n## Ticks with hits\n\nMedian of 21.\n\n| positions | hits | tick, µs | µs per hit |\n| ---: | ---: | ---: | ---: |\n");
    for row in rows {
        for (found, time) in &row.hits {
            let each = time.as_secs_f64() * 1e6 / (*found).max(1) as f64;
            let _ = writeln!(text, "| {} | {found} | {} | {each:.2} |", row.count, micros(*time));
        }
    }
    text
}

fn main() {
    let rows: Vec<Row> = SIZES.into_iter().map(measure).collect();
    let order_rows: Vec<OrderRow> = SIZES.into_iter().map(measure_orders).collect();
    let text = report(&rows) + &report_orders(&order_rows);
    print!("{text}");
    for row in &rows {
        assert!(
            row.quiet_median < Duration::from_micros(10),
            "a tick without a hit must take less than 10 µs: {:?}",
            row.quiet_median
        );
    }
    // `cargo test --benches` runs this too: only a bench writes.
    if std::env::args().any(|argument| argument == "--bench") {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/keeper-index.md");
        std::fs::write(&path, text).expect("docs/keeper-index.md is written");
    }
}
