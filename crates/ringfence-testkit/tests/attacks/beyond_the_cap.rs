//! A deposit while a position has won more than its cap. Reserves of 20 %: a long
//! of 1,000 from 100.5 has a cap of 20,100; at 140 its PnL is 39,500, 19,400
//! beyond the cap. A short of as many owes 39,500, so the sums say that the pool
//! is worth its liquidity; in truth it is worth 19,400 more.

use ringfence_testkit::{price, quote, size};

use crate::support::*;

fn play() -> Row {
    let (mut world, market) = arena(|params| {
        free(params);
        params.reserve_factor_ppm = 200_000;
    });
    let (long, short, attacker) = (world.trader(50_000), world.trader(100_000), world.trader(2_000_000));
    let capped = world.open(market, &long, 0, Long, size("1000"), quote("50000")).expect("open");
    let owing = world.open(market, &short, 0, Short, size("1000"), quote("100000")).expect("open");
    world.wealth(market, &attacker);
    world.shares_of(market, &attacker);
    world.advance(60);
    world.set_price(market, price("140"));
    let beyond = i128::from(quote("19400"));
    let (mut search, mut most) = (Search::default(), 0);
    for stake in ["10000", "100000", "1000000", "2000000"].map(quote) {
        let result = gain(&mut world, market, &[&attacker], |world| {
            world.deposit(market, &attacker, 0, stake)?;
            world.close_at_cap(market, &attacker, capped)?;
            world.advance(3_600);
            world.claim_shares(market, &attacker, 0)?;
            world.close(market, &short, owing)?;
            let shares = shares_held(world, market, &attacker);
            world.remove_liquidity(market, &attacker, shares)?;
            Ok(())
        });
        // and of the impact that both leave behind, 1 % of 140,000, his share too
        let share =
            (beyond + i128::from(quote("1400"))) * i128::from(stake) / i128::from(quote("1000000") + stake);
        assert!(result.is_some_and(|result| result <= share), "stake {stake}: {result:?} > {share}");
        most = most.max(share);
        search.tried(result);
    }
    let best = search.best(4);
    assert!(best > 0, "known to pay");
    Row {
        attack: "Depositing while a position is beyond its cap",
        played: "reserves of 20 %; a long has won 19,400 beyond its cap, a short owes it; deposit up to 2,000,000, \
                 close the long at its cap, withdraw after the hour",
        best,
        bound: most,
        because: "the stake's share of what is beyond the cap, and of the skew's impact",
        stops: "anyone may call `close_at_cap`, and a keeper should; a `reserve_factor` of 100 % makes it rare",
        test: "beyond_the_cap::a_deposit_gains_its_share_of_what_is_beyond",
    }
}

scenario!(a_deposit_gains_its_share_of_what_is_beyond, play, row);
