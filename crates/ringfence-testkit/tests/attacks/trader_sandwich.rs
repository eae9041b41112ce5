//! An attacker buys before a victim and sells after him.

use ringfence_client::OpenPositionArgs;
use ringfence_testkit::{price, quote, size};

use crate::support::*;

/// The victim buys 1,000: alone at 100 × (1 + 500 / 100,000) = 100.5; he accepts
/// 101. Behind an attacker's Q the fill is 100.5 + Q / 1,000, so Q is 500 at most.
/// The attacker gains Q × 1,000 ÷ 100,000 × 100 = Q, and pays about Q × 0.1 in fees.
/// What he gains the victim has paid, 0.5 a base at most: 500 in all.
fn play() -> Row {
    let (mut world, market) = arena(still);
    let (attacker, victim) = (world.trader(1_000_000), world.trader(100_000));
    wealth(&mut world, market, &[&attacker, &victim]);
    let acceptable_price = price("101");
    let victims =
        OpenPositionArgs { id: 0, side: Long, size: size("1000"), margin: quote("50000"), acceptable_price };
    let mut search = Search::default();
    for units in [1, 50, 200, 400, 499, 500, 501, 1_000, 3_000].map(|whole| whole * size("1")) {
        search.tried(gain(&mut world, market, &[&attacker], |world| {
            let position = world.open(market, &attacker, 0, Long, units, quote("400000"))?;
            world.open_with(market, &victim, victims)?;
            world.close(market, &attacker, position)?;
            Ok(())
        }));
    }
    // beyond 500 the victim's opening fails, and nothing was there to take
    assert_eq!(search.worked, 6);
    let best = search.best(6);
    assert!(best > 0, "known to pay");
    Row {
        attack: "Sandwich of a trader's opening",
        played: "buy before a victim's 1,000 base that move the skew by 1 %, sell after him; 9 sizes",
        best,
        bound: notional(size("1000"), acceptable_price - price("100.5")),
        because: "the victim's size × what his `acceptable_price` leaves above his own fill",
        stops: "`acceptable_price`; fees both ways make it a loss where the victim moves the skew by under 10 bp",
        test: "trader_sandwich::a_victim_loses_no_more_than_he_accepted",
    }
}

scenario!(a_victim_loses_no_more_than_he_accepted, play, row);
