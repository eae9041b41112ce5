//! One position in many trades.

use ringfence_client::state::MarketParams;
use ringfence_testkit::{MarketId, Trader, World, quote, size};

use crate::support::*;

/// Opens `units` in `bought` parts, the first of which is at least the smallest
/// position there may be, and closes them in `sold` parts.
fn trip(
    world: &mut World,
    market: MarketId,
    owner: &Trader,
    side: Side,
    units: u64,
    (bought, sold): (u64, u64),
) -> Option<i128> {
    gain(world, market, &[owner], |world| {
        let part = units / bought;
        let position = world.open(market, owner, 0, side, units - part * (bought - 1), quote("100000"))?;
        for _ in 1..bought {
            world.increase(market, owner, position, part, 0)?;
        }
        for _ in 1..sold {
            world.decrease(market, owner, position, units / sold)?;
        }
        world.close(market, owner, position)?;
        Ok(())
    })
}

/// Fees round up in every part, fills and notionals against the trader, so parts
/// cost at least the exact charge; the whole costs that and its own roundings:
/// of fill, notional and fee, for either of its trades at most an atom each.
fn play() -> Row {
    let mut search = Search::default();
    let charged: fn(&mut MarketParams) = |_| ();
    for change in [charged, free] {
        let (mut world, market) = arena(change);
        let (owner, other) = (world.trader(200_000), world.trader(100_000));
        world.wealth(market, &owner);
        world.open(market, &other, 0, Short, size("250"), quote("50000")).expect("open");
        for side in SIDES {
            for units in [size("1.234567891"), size("100"), size("999.999999999")] {
                let whole = trip(&mut world, market, &owner, side, units, (1, 1)).expect("whole");
                for parts in [(2, 1), (1, 2), (3, 7), (10, 10), (1, 60), (60, 1)] {
                    let split = trip(&mut world, market, &owner, side, units, parts);
                    search.tried(split.map(|split| split - whole));
                }
            }
        }
    }
    Row {
        attack: "Splitting trades",
        played: "open in 1 to 60 parts and close in 1 to 60, against one opening and one closing of the same size; \
                 both sides, 3 sizes, with fees and without",
        best: search.best(40),
        bound: 6,
        because: "the six roundings of the whole, which parts that happen to be exact are spared",
        stops: "impact does not depend on the path; every fee and notional rounds against the trader, part by part",
        test: "splitting::parts_beat_the_whole_by_no_more_than_its_roundings",
    }
}

scenario!(parts_beat_the_whole_by_no_more_than_its_roundings, play, row);
