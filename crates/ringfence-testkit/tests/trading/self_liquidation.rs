//! Design §5: an owner who liquidates himself never comes out ahead of closing.

use rand::Rng;
use ringfence_client::RingfenceError;
use ringfence_client::health::liquidation_price;
use ringfence_client::state::Side;
use ringfence_testkit::{Feed, MarketId, Trader, World, assert_error, price, quote, size};

use crate::support::*;

/// What alice has in the end if she closes, and if she liquidates herself and
/// then closes.
fn outcomes(world: &mut World, market: MarketId, alice: &Trader) -> (u64, u64) {
    let position = world.position_key(market, alice, 0);
    let closed = world.what_if(|world| {
        world.close(market, alice, position).unwrap();
        world.wealth(market, alice)
    });
    let liquidated = world.what_if(|world| {
        world.liquidate(market, alice, position).unwrap();
        world.close(market, alice, position).unwrap();
        world.wealth(market, alice)
    });
    (closed, liquidated)
}

#[test]
fn closing_pays_more_where_skew_and_interval_play_no_part() {
    // Closing costs 5 bp and gets back the impact that opening paid, a
    // liquidation costs 1 % of which the keeper, here the owner, gets half.
    let mut rng = rng(6);
    let (mut world, market) = easy_with(|params| params.max_utilisation_ppm = 1_000_000);
    let alice = world.trader(10_000);
    for _ in 0..60 {
        let side = any_side(&mut rng);
        let open = rng.random_range(size("0.3")..=size("10"));
        world.set_price(market, price("100"));
        // 10x or less, but for sure more than 1x
        let margin = rng.random_range(open / 100..open / 20);
        let position = world.open(market, &alice, 0, side, open, margin).unwrap();
        let first = liquidation_price(&world.market_state(market), &world.position(position)).unwrap();
        let first = first.expect("more than 1x").0;
        // where the vault still pays for everything
        let away = first / 1_000 * rng.random_range(0..20);
        world.set_price(market, if side == Side::Long { first - away } else { first + away });
        let (closed, liquidated) = outcomes(&mut world, market, &alice);
        assert!(liquidated <= closed, "{liquidated} by liquidation, {closed} by closing");
        world.close(market, &alice, position).unwrap();
    }
    balanced(&world);
}

#[test]
fn of_a_bankrupt_position_the_owner_gets_the_keepers_minimum_and_no_more() {
    let (mut world, market) = easy();
    let alice = world.trader(1_000);
    world.open(market, &alice, 0, Side::Long, size("10"), quote("60")).unwrap();
    world.set_price(market, price("80"));
    assert_eq!(outcomes(&mut world, market, &alice), (quote("940"), quote("940.1")));
}

#[test]
fn a_liquidation_spares_nobody_the_impact() {
    // 10 long, entry 1005, margin 79.4975; then 20 short, so that selling 10
    // finds the skew at −10. At 98.5, with a tick's loss of 20, equity is
    // 59.4975: healthy. At 95.5 equity is 29.4975 < 23.875 + 9.55.
    //   closing: fill 95.5 × (1 − 15/1000) = 94.0675, loss 64.325, fee
    //   0.4703375: 14.7021625 left, so 14.702162
    //   liquidation: judged at 95.5, settled at 94.0675: 15.1725 left, fee 9.55:
    //   5.6225, and 4.775 for the keeper
    let (mut world, market) = easy_with(whole_only);
    let (alice, bob) = (world.trader(1_000), world.trader(10_000));
    world.open(market, &alice, 0, Side::Long, size("10"), quote("80")).unwrap();
    world.open(market, &bob, 0, Side::Short, size("20"), quote("5000")).unwrap();
    publish(&mut world, market, "95.5", "0");
    let expected = (quote("934.702162"), quote("930.3975"));
    assert_eq!(outcomes(&mut world, market, &alice), expected);
}

#[test]
fn a_liquidation_spares_nobody_the_spread() {
    // 10 long, entry 1005, margin 79.4975, at 94.5 ± 0.9:
    //   closing: fill 94.5 × 1.005 − 0.45 = 94.5225, loss 59.775, fee 0.4726125:
    //   19.249887 left
    //   liquidation: judged at 95.4, equity 28.4975 < 23.85 + 9.54; settled at
    //   94.5225: 19.7225 left, fee 9.54: 10.1825, and 4.77 for the keeper
    let (mut world, market) = easy_with(whole_only);
    let alice = world.trader(1_000);
    world.open(market, &alice, 0, Side::Long, size("10"), quote("80")).unwrap();
    publish(&mut world, market, "94.5", "0.9");
    let expected = (quote("939.249887"), quote("934.9525"));
    assert_eq!(outcomes(&mut world, market, &alice), expected);
}

#[test]
fn a_short_is_settled_at_the_higher_price() {
    // 10 short, entry 995, margin 79.5025, at 104.5 ± 0.9:
    //   closing: fill 104.5 × 0.995 + 0.45 = 104.4275, loss 49.275, fee
    //   0.5221375, so 0.522138: 29.705362 left
    //   liquidation: judged at 103.6, equity 38.5025 ≥ 25.9 + 10.36: healthy; at
    //   105.5 ± 0.9 judged at 104.6, equity 28.5025 < 26.15 + 10.46; settled at
    //   105.5 × 0.995 + 0.45 = 105.4225, loss 59.225: 20.2775 left, fee 10.46:
    //   9.8175, and 5.23 for the keeper; closing: fee 0.5271125, so 0.527113:
    //   19.750387 left
    let (mut world, market) = easy_with(whole_only);
    let alice = world.trader(1_000);
    let position = world.open(market, &alice, 0, Side::Short, size("10"), quote("80")).unwrap();
    publish(&mut world, market, "104.5", "0.9");
    assert_error(world.liquidate(market, &alice, position), RingfenceError::NotLiquidatable);
    publish(&mut world, market, "105.5", "0.9");
    let expected = (quote("939.750387"), quote("935.0475"));
    assert_eq!(outcomes(&mut world, market, &alice), expected);
}

#[test]
fn of_a_skew_that_bankrupts_the_owner_gets_the_keepers_minimum_and_no_more() {
    // 10 long, entry 1005, margin 79.4975; then 50 short, so that selling 10
    // finds the skew at −40. At 95.5 the fill is 95.5 × (1 − 45/1000) = 91.2025,
    // the loss 92.975: all is gone either way. A part of 456.32 / 95.5, sold at
    // about 91.45, would leave about 31.7 for a rest with a loss of 26 at the
    // mark, less than its maintenance margin of 17: so nothing is left open.
    let (mut world, market) = easy();
    let (alice, bob) = (world.trader(1_000), world.trader(10_000));
    world.open(market, &alice, 0, Side::Long, size("10"), quote("80")).unwrap();
    world.open(market, &bob, 0, Side::Short, size("50"), quote("5000")).unwrap();
    publish(&mut world, market, "95.5", "0");
    assert_eq!(outcomes(&mut world, market, &alice), (quote("920"), quote("920.1")));
}

#[test]
fn of_what_little_is_left_the_closing_fee_goes_before_the_keepers_share() {
    // 10 long, entry 1005, margin 55.475, and 5 short: skew 5, so that all 10
    // sell at the index of 95: loss 55, 0.475 left, which a closing fee of 5 bp
    // on 950 just takes. Of a liquidation the keeper gets no more than his 0.1.
    let (mut world, market) = easy();
    let (alice, bob) = (world.trader(1_000), world.trader(10_000));
    world.open(market, &alice, 0, Side::Long, size("10"), quote("55.9775")).unwrap();
    world.open(market, &bob, 0, Side::Short, size("5"), quote("5000")).unwrap();
    publish(&mut world, market, "95", "0");
    assert_eq!(outcomes(&mut world, market, &alice), (quote("944.0225"), quote("944.1225")));
}

#[test]
fn a_short_pays_the_closing_fee_of_the_price_it_settles_at() {
    // The part of the fee that is not the keeper's is at its least: 0.5 %, the
    // closing fee. 10 short, entry 995, fee 0.4975, margin 75.7025; then 20
    // long, so that buying 10 finds the skew at 10. At 104.5:
    //   closing: fill 104.5 × (1 + 15/1000) = 106.0675, loss 65.675, fee
    //   5.303375: 4.724125 left
    //   liquidation: judged at 104.5, equity 25.7025 < 26.125 + 10.45; fee
    //   10.45, settled at 106.0675: 10.0275 left, all of it fee, of which the
    //   keeper gets what the closing fee leaves: 4.724125
    let (mut world, market) = easy_with(|params| params.close_fee_ppm = 5_000);
    let (alice, bob) = (world.trader(1_000), world.trader(10_000));
    world.open(market, &alice, 0, Side::Short, size("10"), quote("76.2")).unwrap();
    world.open(market, &bob, 0, Side::Long, size("20"), quote("5000")).unwrap();
    publish(&mut world, market, "104.5", "0");
    assert_eq!(outcomes(&mut world, market, &alice), (quote("928.524125"), quote("928.524125")));
}

#[test]
fn closing_never_pays_less_by_more_than_the_keepers_minimum() {
    // Any skew and interval: 0.1 is the minimum. Where more than that would be
    // left by closing, not even that can be gained.
    let mut rng = rng(7);
    let (mut world, market) = easy_with(|params| params.max_utilisation_ppm = 1_000_000);
    let (alice, bob) = (world.trader(10_000), world.trader(100_000));
    let mut liquidations = 0;
    for _ in 0..60 {
        publish(&mut world, market, "100", "0");
        let side = any_side(&mut rng);
        let open = rng.random_range(size("1")..=size("10"));
        let margin = rng.random_range(open / 100..open / 20);
        let Ok(position) = world.open(market, &alice, 0, side, open, margin) else { continue };
        let other =
            world.open(market, &bob, 0, any_side(&mut rng), rng.random_range(open..6 * open), quote("9000"));
        let first =
            liquidation_price(&world.market_state(market), &world.position(position)).unwrap().unwrap().0;
        let confidence = first / 10_000 * rng.random_range(0..100);
        let edge = if side == Side::Long { first - confidence } else { first + confidence };
        let publish_time = world.now();
        world.set_feed(market, Feed { price: edge, confidence, ema: edge, publish_time });
        let (closed, liquidated) = outcomes(&mut world, market, &alice);
        liquidations += 1;
        assert!(liquidated <= closed + quote("0.1"), "{liquidated} by liquidation, {closed} by closing");
        let put_up = world.wealth(market, &alice);
        if closed - put_up > quote("0.1") {
            assert!(liquidated <= closed, "{liquidated} by liquidation, {closed} by closing");
        }
        world.close(market, &alice, position).unwrap();
        if let Ok(other) = other {
            world.close(market, &bob, other).unwrap();
        }
    }
    assert!(liquidations > 30, "only {liquidations}");
    balanced(&world);
}

#[test]
fn a_healthy_owner_cannot_liquidate_himself() {
    let (mut world, market) = easy();
    let alice = world.trader(1_000);
    let position = world.open(market, &alice, 0, Side::Long, size("10"), quote("80")).unwrap();
    assert_error(world.liquidate(market, &alice, position), RingfenceError::NotLiquidatable);
}
