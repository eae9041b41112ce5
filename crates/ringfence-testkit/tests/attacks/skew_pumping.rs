//! One wallet moves the skew for the other. At one index, without any fee, the
//! impact is the integral of a straight line: every round of it sums to zero,
//! and the roundings are the pool's.

use ringfence_testkit::{quote, size};

use crate::support::*;

fn play() -> Row {
    let (mut world, market) = arena(|params| {
        free(params);
        params.max_utilisation_ppm = 1_000_000;
    });
    let crowd = world.trader(100_000);
    let (pumper, rider) = (world.trader(1_000_000), world.trader(1_000_000));
    wealth(&mut world, market, &[&pumper, &rider]);
    let mut search = Search::default();
    for skewed in [None, Some(Long), Some(Short)] {
        if let Some(side) = skewed {
            world
                .open(market, &crowd, u16::from(side == Short), side, size("777.7"), quote("40000"))
                .expect("open");
        }
        for big in [size("10.000000001"), size("333.333333333"), size("3000")] {
            for small in [size("0.200000003"), size("100"), size("3000")] {
                for (rides, pumps) in SIDES.into_iter().flat_map(|one| SIDES.map(|other| (one, other))) {
                    for order in 0..4 {
                        search.tried(gain(&mut world, market, &[&pumper, &rider], |world| {
                            let mut opened = [None; 2];
                            for leg in [order % 2, 1 - order % 2] {
                                opened[leg] = Some(if leg == 0 {
                                    world.open(market, &rider, 0, rides, small, quote("200000"))?
                                } else {
                                    world.open(market, &pumper, 0, pumps, big, quote("200000"))?
                                });
                            }
                            for leg in [order / 2, 1 - order / 2] {
                                let owner = if leg == 0 { &rider } else { &pumper };
                                world.close(market, owner, opened[leg].expect("opened"))?;
                            }
                            Ok(())
                        }));
                    }
                }
            }
        }
    }
    Row {
        attack: "Skew pumping and dumping",
        played: "one wallet pumps the skew, the other rides it; all orders of both openings and closings, all \
                 sides, 9 pairs of sizes, 3 skews of others; no fees at all",
        best: search.best(300),
        bound: 0,
        because: "the impact of any round trip sums to zero",
        stops: "impact is the integral over the skew; roundings are the pool's",
        test: "skew_pumping::no_order_of_two_wallets_gains",
    }
}

scenario!(no_order_of_two_wallets_gains, play, row);
