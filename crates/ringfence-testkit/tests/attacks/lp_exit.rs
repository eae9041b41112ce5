//! A provider leaves between a fall and the liquidations that make it bad debt.

use ringfence_testkit::{price, quote, size};

use crate::support::*;

/// A victim is 4,000 long from 102 (skew 0 to 4,000): 408,000, margin 29,000. At 80
/// he owes 88,000 at the index; what his vault lacks of that, 59,000, is counted
/// as the pool's until a liquidation. Whoever holds a tenth of the pool and goes
/// first leaves his tenth of that to the others.
fn play() -> Row {
    let (mut world, market) = arena(free);
    let (victim, attacker, keeper) = (world.trader(29_000), world.trader(111_112), world.trader(0));
    let stake = quote("111111.111111");
    world.add_liquidity(market, &attacker, stake).expect("deposit");
    let position = world.open(market, &victim, 0, Long, size("4000"), quote("29000")).expect("open");
    world.wealth(market, &keeper);
    let shares = shares_held(&mut world, market, &attacker);
    world.advance(60);
    world.set_price(market, price("80"));

    let mut search = Search::default();
    let stays = gain(&mut world, market, &[&attacker], |world| {
        world.liquidate(market, &keeper, position)?;
        world.remove_liquidity(market, &attacker, shares)?;
        Ok(())
    })
    .expect("stays");
    for part in [10, 4, 2, 1] {
        let leaves = gain(&mut world, market, &[&attacker], |world| {
            world.remove_liquidity(market, &attacker, shares / part)?;
            world.liquidate(market, &keeper, position)?;
            if part > 1 {
                world.remove_liquidity(market, &attacker, shares - shares / part)?;
            }
            Ok(())
        });
        search.tried(leaves.map(|leaves| leaves - stays));
    }
    // What the pool counts beyond the vault: the loss at the index, 408,000 − 320,000, less the
    // margin; and the keeper's minimum, which leaves the vault before the loss does.
    let uncovered = i128::from(quote("59000"));
    let bound = uncovered / 10 + i128::from(quote("0.1"));
    let best = search.best(3);
    assert!(best > bound / 2, "known to pay: {best}");
    Row {
        attack: "Leaving before bad debt lands",
        played: "a provider with a tenth of the pool sees longs of 400,000 go 59,000 beyond their vault, and \
                 withdraws before the liquidation; against staying; 4 parts",
        best,
        bound,
        because: "his share of the bad debt that is not realised yet",
        stops: "fresh prices, unreserved liquidity only, keepers in the same slots; insurance, maintenance margin \
                and leverage bound the debt",
        test: "lp_exit::leaving_first_saves_no_more_than_a_share_of_the_bad_debt",
    }
}

scenario!(leaving_first_saves_no_more_than_a_share_of_the_bad_debt, play, row);
