//! A delegate trades against his principal: he cannot withdraw, but he can move
//! the skew with the principal's position while his own one is on the other end.

use ringfence_testkit::{quote, size};

use crate::support::*;

fn play() -> Row {
    let (mut world, market) = arena(still);
    let (victim, delegate) = (world.trader(10_000), world.trader(1_000_000));
    let position = world.open(market, &victim, 0, Long, size("1"), quote("10000")).expect("open");
    world.set_delegate(&victim, position, delegate.pubkey()).expect("delegate");
    world.wealth(market, &delegate);
    let mut search = Search::default();
    for own in [size("200"), size("1000"), size("3000")] {
        for victims in [size("200"), size("800"), size("1500")] {
            for rounds in [1, 3, 8] {
                search.tried(gain(&mut world, market, &[&delegate], |world| {
                    for round in 0..rounds {
                        let trip = world.open(market, &delegate, round, Long, own, quote("400000"))?;
                        // where the vault is dry the rest is refused
                        let bought = world.increase(market, &delegate, position, victims, 0).is_ok();
                        world.close(market, &delegate, trip)?;
                        if bought {
                            world.decrease(market, &delegate, position, victims)?;
                        }
                    }
                    Ok(())
                }));
            }
        }
    }
    let best = search.best(10);
    assert!(best > 0, "known to pay");
    Row {
        attack: "A delegate against his principal",
        played: "buy, buy with the principal's position, sell, sell his: 3 × 3 sizes, 1 to 8 rounds; a vault of 10,000",
        best,
        bound: i128::from(quote("10000")),
        because: "the principal's vault",
        stops: "isolation: a delegate never withdraws, and one vault is the most that he can lose; name none that you \
                do not trust",
        test: "delegate::one_vault_is_the_most_that_a_delegate_can_take",
    }
}

scenario!(one_vault_is_the_most_that_a_delegate_can_take, play, row);
