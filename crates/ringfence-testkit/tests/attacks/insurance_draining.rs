//! A long and a short with the least margin: one of them goes bankrupt, which
//! insurance and pool pay for, the other one wins.

use ringfence_testkit::{Trader, price, quote, size};

use crate::support::*;

/// Pairs of `units` on both sides at 20x, a gap, everything liquidated by
/// himself and the winner closed. With q in all and a skew scale s the legs fill
/// at 100 × (1 + q/2s), and after the loser's liquidation the winner closes at
/// P × (1 − q/2s): beyond the move he wins (100 + P) × q²/2s, and has lost a
/// margin of at least 5 + 100 × q/2s for each base; so nothing beyond the move as
/// long as P × q/2s < 5, which holds up to q = 10,000 here.
fn play() -> Row {
    let (mut world, market) = arena(still);
    let (attacker, keeper, donor) = (world.trader(500_000), world.trader(0), world.trader(10_000));
    world.fund_insurance(market, &donor, quote("10000")).expect("insurance");
    let wallets: [&Trader; 2] = [&attacker, &keeper];
    wealth(&mut world, market, &wallets);
    let mut search = Search::default();
    let mut bound = 0;
    for (pairs, units) in [(1, size("100")), (1, size("3800")), (10, size("380")), (40, size("20"))] {
        for fall in [-16_000, -40_000, -60_000, -100_000, -250_000] {
            let at = moved(price("100"), fall);
            let total = units * u64::from(pairs);
            let result = gain(&mut world, market, &wallets, |world| {
                // the margin that 20x asks for, the impact of the opening, the fee
                let impact = i128::from(total) * i128::from(units) / i128::from(size("1000"));
                let margin = notional(units, price("5.3")) + impact / 1_000;
                let margin = u64::try_from(margin).expect("atoms");
                for id in 0..pairs {
                    world.open(market, &attacker, id, Long, units, margin)?;
                }
                for id in pairs..2 * pairs {
                    world.open(market, &attacker, id, Short, units, margin)?;
                }
                world.set_price(market, at);
                for id in 0..pairs {
                    let position = world.position_key(market, &attacker, id);
                    while world.liquidate(market, &keeper, position).is_ok() {}
                    world.close(market, &attacker, position)?;
                }
                for id in pairs..2 * pairs {
                    let position = world.position_key(market, &attacker, id);
                    world.close(market, &attacker, position)?;
                }
                Ok(())
            });
            let honest = notional(total, price("100") - at);
            if let Some(result) = result {
                assert!(result <= honest, "{pairs} pairs of {units} at {at}: {result} > {honest}");
                bound = bound.max(honest);
            }
            search.tried(result);
        }
    }
    Row {
        attack: "Insurance draining",
        played: "1 to 40 pairs of a long and a short at 20x, gaps of 1.6 to 25 %, the bankrupt legs liquidated by \
                 himself, an insurance of 10,000",
        best: search.best(12),
        bound,
        because: "the gain of the winning legs alone at the same prices: size × move",
        stops: "each bankrupt leg has paid its margin; caps; bad debt goes to nobody; open-interest limits ÷ (price × \
                `skew_scale`) below twice the initial margin",
        test: "insurance_draining::a_straddle_wins_less_than_its_winning_leg",
    }
}

scenario!(a_straddle_wins_less_than_its_winning_leg, play, row);
