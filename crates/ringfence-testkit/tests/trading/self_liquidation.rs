//! An owner who liquidates himself never comes out ahead of closing.

use rand::Rng;
use ringfence_client::health::liquidation_price;
use ringfence_client::state::Side;
use ringfence_testkit::{Feed, price, quote, size};

use crate::support::*;

#[test]
fn measure() {
    let mut rng = rng(6);
    for i in 0..300 {
        let (mut world, market) = easy_with(|params| params.max_utilisation_ppm = 1_000_000);
        let bob = world.trader(1_000_000);
        let skew = i % 3;
        let conf = (i / 3) % 2;
        if skew > 0 {
            world.open(market, &bob, 0, if skew == 1 { Side::Long } else { Side::Short }, size("30"), quote("100000")).unwrap();
        }
        let alice = world.trader(10_000);
        let side = any_side(&mut rng);
        let position = world.open(market, &alice, 0, side, size("10"), rng.random_range(quote("90")..quote("150"))).ok();
        let Some(position) = position else { continue };
        let lp = liquidation_price(&world.market_state(market), &world.position(position)).unwrap().unwrap().0;
        let away = lp / 1000 * rng.random_range(0..20);
        let index = if side == Side::Long { lp - away } else { lp + away };
        let confidence = if conf == 1 { index / 200 } else { 0 };
        let publish_time = world.now();
        world.set_feed(market, Feed { price: index, confidence, ema: index, publish_time });
        let closed = what_if(&mut world, |world| {
            world.close(market, &alice, position).unwrap();
            world.wealth(market, &alice)
        });
        let liquidated = what_if(&mut world, |world| {
            if world.liquidate(market, &alice, position).is_err() { return 0 };
            world.close(market, &alice, position).unwrap();
            world.wealth(market, &alice)
        });
        if liquidated > closed {
            println!("AHEAD skew {skew} conf {conf} {side:?} by {} closed for {} away {}", liquidated - closed, closed, away as f64 / lp as f64);
        }
    }
    let _ = price("1");
}
