//! An attacker sells before longs are liquidated and buys back after. A trader
//! bounds his own fill by `acceptable_price`; who is liquidated cannot.

use ringfence_testkit::{price, quote, size};

use crate::support::*;

/// 15x longs from about 100, at 95: below maintenance and fee, or bankrupt
/// where the skew has made their entry dear.
const FALLEN: &str = "95";

struct Played {
    best: i128,
    /// S × q ÷ scale × price of the best, in atoms.
    gross: i128,
    /// S at the index, in atoms.
    sold: i128,
}

/// `victims` of 90 base each. Whoever holds S short while q are sold has sold at
/// an average of (k − S ÷ 2) ÷ scale above the index, and buys back at
/// (k − q − S ÷ 2) ÷ scale: S × q ÷ scale × price more, and both fees less.
fn play(victims: u16, sizes: &[u64]) -> Played {
    let (mut world, market) = arena(still);
    let (attacker, keeper) = (world.trader(1_000_000), world.trader(0));
    wealth(&mut world, market, &[&attacker, &keeper]);
    let positions: Vec<_> = (0..victims)
        .map(|id| {
            let victim = world.trader(600);
            world.open(market, &victim, id, Long, size("90"), quote("600")).expect("a victim")
        })
        .collect();
    world.set_price(market, price(FALLEN));
    let before: u64 = positions.iter().map(|key| world.position(*key).size).sum();
    let mut search = Search::default();
    let mut played = Played { best: i128::MIN, gross: 0, sold: 0 };
    for &units in sizes {
        let mut liquidated = 0;
        let result = gain(&mut world, market, &[&attacker], |world| {
            let short = world.open(market, &attacker, 0, Short, units, quote("400000"))?;
            for position in &positions {
                world.liquidate(market, &keeper, *position)?;
            }
            liquidated = before - positions.iter().map(|key| world.position(*key).size).sum::<u64>();
            world.close(market, &attacker, short)?;
            Ok(())
        });
        search.tried(result);
        if let Some(result) = result.filter(|result| *result > played.best) {
            let sold = notional(units, price(FALLEN));
            let gross = sold * i128::from(liquidated) / i128::from(size("100000"));
            played = Played { best: result, gross, sold };
        }
    }
    assert_eq!(search.worked, sizes.len());
    played
}

fn sizes() -> Vec<u64> {
    [1, 50, 500, 1_500, 3_000].map(|whole| whole * size("1")).to_vec()
}

/// 90 of a scale of 100,000 are 9 bp; fees are 10.
fn few() -> Row {
    let Played { best, .. } = play(1, &sizes());
    Row {
        attack: "Trading around a liquidation, within the fees",
        played: "sell before a long of 90 base is liquidated, which moves the skew by 9 bp, buy back after; 5 sizes",
        best,
        bound: 0,
        because: "q ÷ skew_scale is less than both fees",
        stops: "trading fees both ways, where open interest fits `skew_scale`",
        test: "liquidation_sandwich::a_small_liquidation_is_not_worth_trading_around",
    }
}

fn many() -> Row {
    let Played { best, gross, sold } = play(10, &sizes());
    assert!(best > 0, "known to pay");
    // fees are 5 bp of both fills, which are within 2 % of the index
    let (low, high) = (gross - ppm(sold, 1_020), gross - ppm(sold, 980));
    assert!((low..=high).contains(&best), "{best} is not within {low} and {high}");
    Row {
        attack: "Trading around liquidations, beyond the fees",
        played: "sell before ten longs of 90 base are liquidated, buy back after; 5 sizes",
        best,
        bound: gross,
        because: "S × q ÷ skew_scale × price, before fees; paid by who is liquidated, from his vault, and by the pool's \
                  premium",
        stops: "open-interest limits: at most (open fee + close fee) × price × skew_scale gives nothing to take",
        test: "liquidation_sandwich::large_ones_pay_no_more_than_their_impact",
    }
}

scenario!(a_small_liquidation_is_not_worth_trading_around, few, within_fees);
scenario!(large_ones_pay_no_more_than_their_impact, many, beyond_fees);
