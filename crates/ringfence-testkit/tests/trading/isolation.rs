//! The promise of the name: what happens to one position is nobody else's
//! business, its owner's other positions included.

use ringfence_client::state::Side;
use ringfence_testkit::{price, quote, size};

use crate::support::*;

#[test]
fn the_liquidation_of_one_position_moves_no_atom_of_its_owners_other_one() {
    let (mut world, market) = easy();
    let (alice, keeper) = (world.trader(10_000), world.trader(0));
    let doomed = world.open(market, &alice, 0, Side::Long, size("10"), quote("60")).unwrap();
    // the same side, size and price, and more margin
    let safe = world.open(market, &alice, 1, Side::Long, size("10"), quote("500")).unwrap();
    let hedge = world.open(market, &alice, 2, Side::Short, size("3"), quote("50")).unwrap();
    // deep enough to bankrupt the first: 900 against 1005
    world.set_price(market, price("90"));

    let account = |world: &ringfence_testkit::World, key| world.svm.get_account(&key).unwrap();
    let vaults = [safe, hedge].map(|key| world.position(key).vault);
    let before = [safe, hedge, vaults[0], vaults[1]].map(|key| account(&world, key));
    let equity = [safe, hedge].map(|key| {
        let state = world.market_state(market);
        world.position(key).health(&state, ringfence_math::Price(price("90"))).unwrap().equity
    });
    let wealth = world.wealth(market, &alice);

    world.liquidate(market, &keeper, doomed).unwrap();
    balanced(&world);

    assert_eq!(before, [safe, hedge, vaults[0], vaults[1]].map(|key| account(&world, key)));
    let after = [safe, hedge].map(|key| {
        let state = world.market_state(market);
        world.position(key).health(&state, ringfence_math::Price(price("90"))).unwrap().equity
    });
    assert_eq!(equity, after);
    // second fill 100 × (1 + 15/1000) = 101.5, entry 1015, fee 0.5075: equity
    // 499.4925 − (1015 − 900); third 100 × (1 + 18.5/1000) = 101.85, entry
    // 305.55, fee 0.152775: equity 49.847225 + (305.55 − 270)
    assert_eq!(equity[0].0, i128::from(quote("384.4925")));
    assert_eq!(equity[1].0, i128::from(quote("85.397225")));
    assert_eq!(world.wealth(market, &alice), wealth);
}

#[test]
fn the_worst_that_a_position_can_cost_is_its_margin() {
    let (mut world, market) = easy();
    let keeper = world.trader(0);
    for (side, crash) in [(Side::Long, "0.01"), (Side::Short, "100000")] {
        world.set_price(market, price("100"));
        let alice = world.trader(1_000);
        let position = world.open(market, &alice, 0, side, size("10"), quote("60")).unwrap();
        world.set_price(market, price(crash));
        world.liquidate(market, &keeper, position).unwrap();
        balanced(&world);
        world.close(market, &alice, position).unwrap();
        assert_eq!(world.wealth(market, &alice), quote("940"));
        balanced(&world);
    }
}

#[test]
fn positions_of_two_markets_of_one_collateral_are_apart() {
    let (mut world, market) = easy();
    let accounts = world.markets[market.0].accounts;
    let kind = world.markets[market.0].mint.clone();
    let twin = world.market("TWIN-PERP").price("100").mint_key(accounts.collateral_mint, kind);
    let twin = twin.liquidity(50_000).build();
    let (alice, keeper) = (world.trader(10_000), world.trader(0));
    let doomed = world.open(market, &alice, 0, Side::Long, size("10"), quote("60")).unwrap();
    let other = world.open(twin, &alice, 0, Side::Long, size("10"), quote("60")).unwrap();
    let before = world.svm.get_account(&other);
    let books = world.svm.get_account(&world.market_key(twin));
    world.set_price(market, price("80"));
    world.liquidate(market, &keeper, doomed).unwrap();
    assert_eq!(world.svm.get_account(&other), before);
    assert_eq!(world.svm.get_account(&world.market_key(twin)), books);
    balanced(&world);
}
