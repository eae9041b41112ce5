//! What no strategy at one price may do: come out ahead.

use rand::Rng;
use rand::rngs::StdRng;
use ringfence_client::state::Side;
use ringfence_testkit::{Feed, MarketId, Trader, World, quote, size};

use crate::support::*;

/// A market with skew one way or the other, at an odd price and confidence.
fn any_world(rng: &mut StdRng) -> (World, MarketId, Trader) {
    let (mut world, market) = easy_with(|params| params.max_utilisation_ppm = 1_000_000);
    let bob = world.trader(1_000_000);
    world.open(market, &bob, 0, any_side(rng), rng.random_range(1..=size("200")), quote("100000")).unwrap();
    let index = rng.random_range(900_000_000_000..1_100_000_000_000);
    // up to the 0.5 % that opening takes
    let confidence = rng.random_range(0..=index / 200);
    let publish_time = world.now();
    world.set_feed(market, Feed { price: index, confidence, ema: index, publish_time });
    let alice = world.trader(1_000_000);
    world.tokens_of(market, &alice);
    (world, market, alice)
}

/// `whole` in up to six parts, the first of which is worth opening.
fn parts(rng: &mut StdRng, whole: u64) -> Vec<u64> {
    let mut cuts: Vec<_> = (0..rng.random_range(0..6)).map(|_| rng.random_range(1..whole)).collect();
    cuts.extend([0, whole]);
    cuts.sort_unstable();
    cuts.dedup();
    cuts.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

/// Opens and closes `whole` at one price, in parts; what it cost.
fn round_trip(
    world: &mut World,
    market: MarketId,
    alice: &Trader,
    side: Side,
    opens: &[u64],
    closes: &[u64],
) -> i128 {
    let before = world.wealth(market, alice);
    let [first, more @ ..] = opens else { panic!() };
    let position = world.open(market, alice, 0, side, *first, quote("50000")).unwrap();
    for part in more {
        world.increase(market, alice, position, *part, 0).unwrap();
    }
    let [less @ .., _] = closes else { panic!() };
    for part in less {
        world.decrease(market, alice, position, *part).unwrap();
    }
    world.close(market, alice, position).unwrap();
    balanced(world);
    i128::from(before) - i128::from(world.wealth(market, alice))
}

#[test]
fn opening_and_closing_at_one_price_costs_fees_and_half_the_interval_twice_however_it_is_split() {
    let mut rng = rng(3);
    for _ in 0..40 {
        let (mut world, market, alice) = any_world(&mut rng);
        let feed = world.markets[market.0].feed;
        for _ in 0..3 {
            let (side, whole) = (any_side(&mut rng), rng.random_range(size("1")..=size("100")));
            let (mut opens, mut closes) = (parts(&mut rng, whole), parts(&mut rng, whole));
            // the first part opens a position and the last one is left of it:
            // each has to be worth the minimum of 10
            let least = size("0.3");
            if opens[0] < least || *closes.last().expect("a part") < least {
                (opens, closes) = (vec![whole], vec![whole]);
            }
            let at_once = world.what_if(|world| round_trip(world, market, &alice, side, &[whole], &[whole]));
            let split = world.what_if(|world| round_trip(world, market, &alice, side, &opens, &closes));
            // twice half of the confidence on the size, in atoms; and the fees:
            // twice 5 bp of a notional that impact makes at least 0.65 of it
            let interval = i128::from(whole) * i128::from(feed.confidence) / 10i128.pow(13);
            let notional = i128::from(whole) * i128::from(feed.price) / 10i128.pow(13);
            let least_fee = notional * 65 / 100 * 500 * 2 / 1_000_000;
            assert!(at_once >= interval + least_fee, "{at_once} < {interval} + {least_fee}");
            // The parts cost what the whole does, but for roundings against the
            // trader: price, notional, share and fee, one atom each at the most.
            let roundings = 4 * (opens.len() + closes.len()) as i128;
            let apart = split - at_once;
            assert!(apart >= -4, "{apart} atoms by splitting into {opens:?} and {closes:?}");
            assert!(apart <= roundings, "{apart} atoms more for {opens:?} and {closes:?}");
        }
    }
}

#[test]
fn margin_put_in_and_taken_out_is_the_same_to_the_atom() {
    let mut rng = rng(4);
    let (mut world, market, alice) = any_world(&mut rng);
    let position = world.open(market, &alice, 0, Side::Long, size("10"), quote("500")).unwrap();
    let (wealth, margin) = (world.wealth(market, &alice), world.position(position).margin);
    for _ in 0..100 {
        let amount = rng.random_range(1..=quote("300"));
        world.add_margin(market, &alice, position, amount).unwrap();
        let back = rng.random_range(1..=amount);
        world.remove_margin(market, &alice, position, back).unwrap();
        if amount > back {
            world.remove_margin(market, &alice, position, amount - back).unwrap();
        }
        assert_eq!(world.wealth(market, &alice), wealth);
        assert_eq!(world.position(position).margin, margin);
    }
    balanced(&world);
}

#[test]
fn nobody_gets_more_than_his_margin_and_his_reserve() {
    let mut rng = rng(5);
    for _ in 0..60 {
        let (mut world, market, alice) = any_world(&mut rng);
        let side = any_side(&mut rng);
        let open = rng.random_range(size("1")..=size("50"));
        let position = world.open(market, &alice, 0, side, open, quote("5000")).unwrap();
        let state = world.position(position);
        let index = rng.random_range(1_000_000_000..=100_000_000_000_000);
        let publish_time = world.now();
        world.set_feed(market, Feed { price: index, confidence: 0, ema: index, publish_time });
        let before = world.wealth(market, &alice);
        if rng.random() {
            // an impact that would leave nothing of the price, or a part that
            // may not be closed, leaves the rest to the close
            let _ = world.decrease(market, &alice, position, rng.random_range(1..=open));
        }
        world.close(market, &alice, position).unwrap();
        let paid = world.wealth(market, &alice) - before;
        assert!(paid <= state.margin + state.reserve, "{paid} of {} + {}", state.margin, state.reserve);
        balanced(&world);
    }
}
