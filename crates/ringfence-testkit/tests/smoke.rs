use ringfence_client::state::Side;
use ringfence_testkit::{World, price, quote, size};

#[test]
fn a_position_is_opened_liquidated_and_its_rest_claimed() {
    let mut world = World::new();
    let market = world.market("SOL-PERP").price("150").liquidity(1_000_000).build();
    let alice = world.trader(1_000);
    let keeper = world.trader(0);
    let position = world.open(market, &alice, 0, Side::Long, size("1"), quote("30")).unwrap();
    println!("{:?}", world.check_books().unwrap());
    world.set_price(market, price("121"));
    let r = world.liquidate(market, &keeper, position).unwrap();
    println!("{r:#?}");
    world.check_books().unwrap();
    world.close(market, &alice, position).unwrap();
    println!("{:?}", world.check_books().unwrap());
}
