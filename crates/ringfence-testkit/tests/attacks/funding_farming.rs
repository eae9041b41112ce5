//! Funding with both sides in one pair of hands. Without fees and borrow, at one
//! price, so that funding is all there is; the pumped rate with fees as usual.

use ringfence_client::state::MarketParams;
use ringfence_testkit::random::Random;
use ringfence_testkit::{MarketId, Trader, World, quote, size};

use crate::support::*;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

fn funding_only(params: &mut MarketParams) {
    (params.open_fee_ppm, params.close_fee_ppm) = (0, 0);
    (params.borrow_base_ppm, params.borrow_slope1_ppm, params.borrow_slope2_ppm) = (0, 0, 0);
    // Full skew moves the rate by 100 % a day, so that there is something to farm.
    params.max_funding_velocity_ppm = 1_000_000;
}

/// A crowd of 2,000 longs, 200,000 of notional, that can pay for months.
fn crowd(world: &mut World, market: MarketId) -> Trader {
    let crowd = world.trader(300_000);
    world.open(market, &crowd, 0, Long, size("2000"), quote("300000")).expect("open");
    crowd
}

/// From a rate of zero. Who builds a rate pays for it what it can ever bring:
/// paid to the pool = scale ÷ (2 × velocity) × rate², at a constant price.
fn from_nothing() -> Row {
    let (mut world, market) = arena(funding_only);
    let (one, two) = (world.trader(1_000_000), world.trader(1_000_000));
    let wallets = [&one, &two];
    wealth(&mut world, market, &wallets);
    let mut random = Random::new(77);
    let mut search = Search::default();
    for _ in 0..150 {
        search.tried(gain(&mut world, market, &wallets, |world| {
            for _ in 0..random.between(4, 12) {
                let who = random.below(2) as usize;
                let position = world.position_key(market, wallets[who], 0);
                match random.below(4) {
                    0 => world.advance(random.between(1, 3 * DAY as u64) as i64),
                    1 => drop(world.accrue(market)?),
                    _ if world.read_position(&position).is_some() => {
                        world.close(market, wallets[who], position)?;
                    }
                    _ => {
                        let side = SIDES[random.below(2) as usize];
                        let units = random.between(size("1"), size("3000"));
                        world.open(market, wallets[who], 0, side, units, quote("400000"))?;
                    }
                }
                world.advance(random.between(0, 12 * HOUR as u64) as i64);
            }
            for wallet in wallets {
                let position = world.position_key(market, wallet, 0);
                if world.read_position(&position).is_some() {
                    world.close(market, wallet, position)?;
                }
            }
            Ok(())
        }));
    }
    Row {
        attack: "Funding farming with both sides, alone",
        played: "150 random plays of two wallets over weeks: open, flip, close, accrue, wait; funding the only charge",
        best: search.best(100),
        bound: 0,
        because: "the rate starts at zero, and building it costs what it can bring",
        stops: "the index advances before rate, size or open interest change; the imbalance is the pool's",
        test: "funding_farming::no_play_of_both_sides_wins_from_the_pool",
    }
}

/// The crowd has made a rate; he holds as much long as short, or is there only
/// for the moment of the accrual.
fn balanced_in_a_crowd() -> Row {
    let (mut world, market) = arena(funding_only);
    crowd(&mut world, market);
    let (long, short) = (world.trader(1_000_000), world.trader(1_000_000));
    let wallets = [&long, &short];
    wealth(&mut world, market, &wallets);
    world.advance(DAY);
    let mut search = Search::default();
    for units in [size("1.000000001"), size("300"), size("2500")] {
        for wait in [1, HOUR, DAY, 7 * DAY] {
            search.tried(gain(&mut world, market, &wallets, |world| {
                let one = world.open(market, &long, 0, Long, units, quote("400000"))?;
                let two = world.open(market, &short, 0, Short, units, quote("400000"))?;
                world.advance(wait);
                world.close(market, &long, one)?;
                world.close(market, &short, two)?;
                Ok(())
            }));
            search.tried(gain(&mut world, market, &wallets, |world| {
                world.advance(wait);
                let position = world.open(market, &short, 0, Short, units, quote("400000"))?;
                world.accrue(market)?;
                world.close(market, &short, position)?;
                Ok(())
            }));
        }
    }
    Row {
        attack: "Funding farming with both sides, in a crowd",
        played: "2,000 base of longs pay funding; hold as much long as short for a second to a week, or short for the \
                 moment of the accrual only; 3 sizes",
        best: search.best(20),
        bound: 0,
        because: "what one side receives the other pays, and an instant earns nothing",
        stops: "funding is an index × size: zero for equal sides and for no time",
        test: "funding_farming::a_balanced_book_and_an_instant_receive_nothing",
    }
}

/// Long first, to drive the rate that the crowd pays; then short, to receive it.
fn rate_pumped() -> Row {
    let (mut world, market) = arena(|_| ());
    crowd(&mut world, market);
    let (pump, farm) = (world.trader(1_000_000), world.trader(1_000_000));
    let wallets = [&pump, &farm];
    wealth(&mut world, market, &wallets);
    let mut search = Search::default();
    let mut most = 0;
    for built in [HOUR, DAY, 3 * DAY] {
        for held in [DAY, 7 * DAY, 20 * DAY] {
            for units in [size("500"), size("1900")] {
                let honest = gain(&mut world, market, &wallets, |world| {
                    farmed(world, market, wallets, 0, built, units, held)
                });
                for pumped in [size("200"), size("1000"), size("3000")] {
                    let result = gain(&mut world, market, &wallets, |world| {
                        farmed(world, market, wallets, pumped, built, units, held)
                    });
                    search.tried(result.zip(honest).map(|(result, honest)| result - honest));
                    // 1 % a day of the notional at the index
                    let clamp = ppm(notional(units, ringfence_testkit::price("100")), 10_000)
                        * i128::from(held / DAY);
                    most = most.max(clamp);
                }
            }
        }
    }
    Row {
        attack: "Pumping the funding rate",
        played: "beside a crowd of 2,000 longs, be up to 3,000 long for up to 3 days to drive the rate, then short up \
                 to 1,900 for up to 20 days; against the short alone; fees and borrow as usual",
        best: search.best(30),
        bound: most,
        because: "`max_funding_rate` × time × notional of the short, which the crowd pays",
        stops: "the pump's fees, borrow and own funding; `max_funding_velocity`, `max_funding_rate`; anyone may take \
                the short too",
        test: "funding_farming::a_pumped_rate_is_clamped",
    }
}

fn farmed(
    world: &mut World,
    market: MarketId,
    [pump, farm]: [&Trader; 2],
    pumped: u64,
    built: i64,
    units: u64,
    held: i64,
) -> Result<(), ringfence_testkit::Failure> {
    if pumped > 0 {
        let position = world.open(market, pump, 0, Long, pumped, quote("400000"))?;
        world.advance(built);
        world.close(market, pump, position)?;
    } else {
        world.advance(built);
    }
    let position = world.open(market, farm, 0, Short, units, quote("400000"))?;
    world.advance(held);
    world.close(market, farm, position)?;
    Ok(())
}

scenario!(no_play_of_both_sides_wins_from_the_pool, from_nothing, alone);
scenario!(a_balanced_book_and_an_instant_receive_nothing, balanced_in_a_crowd, hedged);
scenario!(a_pumped_rate_is_clamped, rate_pumped, pumped);
