//! A part that is liquidated settles like a close, and an owner who liquidates
//! a part of himself and closes the rest has no more than by closing at once.
//! All of it around 10 long from 100.5 (entry 1,005) or short from 99.5 (995),
//! of which `C` goes as in `partial_liquidation.rs`.

use anchor_lang::prelude::Pubkey;
use ringfence_client::event::PositionLiquidated;
use ringfence_client::events::Event;
use ringfence_client::health::{health, liquidation_price};
use ringfence_client::state::MarketParams;
use ringfence_client::state::Side::{self, Long, Short};
use ringfence_math::Price;
use ringfence_testkit::{Feed, MarketId, Trader, World, price, quote, size};

use crate::support::*;

struct Stage {
    world: World,
    market: MarketId,
    alice: Trader,
    position: Pubkey,
}

/// What somebody has who closes, and who liquidates himself and then closes.
struct Outcomes {
    closed: u64,
    liquidated: u64,
    event: PositionLiquidated,
}

impl Stage {
    /// Alice's 10, and then `against` of the other side.
    fn new(side: Side, margin: &str, against: &str, change: impl FnOnce(&mut MarketParams)) -> Self {
        let (mut world, market) = calm_with(change);
        let (alice, bob) = (world.trader(1_000), world.trader(10_000));
        let position = world.open(market, &alice, 0, side, size("10"), quote(margin)).unwrap();
        if size(against) > 0 {
            let other = if side == Long { Short } else { Long };
            passes("open", world.open(market, &bob, 0, other, size(against), quote("5000")));
        }
        Self { world, market, alice, position }
    }

    fn publish(&mut self, index: &str, confidence: &str) {
        publish(&mut self.world, self.market, price(index), price(confidence));
    }

    fn liquidate(&mut self) -> PositionLiquidated {
        let keeper = self.world.trader(0);
        let receipt = passes("liquidate", self.world.liquidate(self.market, &keeper, self.position));
        balanced(&self.world);
        let [Event::PositionLiquidated(event)] = &receipt.events[..] else { panic!("{receipt:?}") };
        let reward = event.keeper_from_vault + event.keeper_from_insurance;
        assert_eq!(self.world.wealth(self.market, &keeper), reward);
        event.clone()
    }

    fn outcomes(&mut self) -> Outcomes {
        outcomes(&mut self.world, self.market, &self.alice, self.position)
    }
}

fn publish(world: &mut World, market: MarketId, index: u64, confidence: u64) {
    let publish_time = world.now();
    world.set_feed(market, Feed { price: index, confidence, ema: index, publish_time });
}

/// Both from here, and everything as before afterwards.
fn outcomes(world: &mut World, market: MarketId, alice: &Trader, position: Pubkey) -> Outcomes {
    let before = world.svm.clone();
    passes("close", world.close(market, alice, position));
    let closed = world.wealth(market, alice);
    world.svm = before.clone();

    let receipt = passes("liquidate", world.liquidate(market, alice, position));
    let [Event::PositionLiquidated(event)] = &receipt.events[..] else { panic!("{receipt:?}") };
    passes("close the rest", world.close(market, alice, position));
    let liquidated = world.wealth(market, alice);
    balanced(world);
    world.svm = before;
    Outcomes { closed, liquidated, event: event.clone() }
}

// --- settlement -----------------------------------------------------------------------

#[test]
fn a_part_of_a_long_settles_at_what_selling_it_would_bring() {
    // 20 short against it: a skew of −10. At 96: N = 960, equity 30, C = 450:
    // 4.6875, which sell at 96 × (1 − (10 + 2.34375) ÷ 1,000) = 94.815 for
    // 444.4453125: entry 471.09375, loss 26.6484375, up
    let mut stage = Stage::new(Long, "75", "20", |_| ());
    stage.publish("96", "0");
    let event = stage.liquidate();
    assert_eq!((event.price, event.settled_at), (price("96"), price("94.815")));
    assert_eq!((event.equity, event.maintenance), (30_000_000, quote("33.6")));
    assert_eq!((event.size, event.notional), (size("4.6875"), quote("450")));
    assert_eq!((event.gain, event.loss), (0, quote("26.648438")));
    // the fee is on the notional at 96
    assert_eq!((event.keeper_from_vault, event.insurance_fee), (quote("2.25"), quote("2.25")));
    // 75 − 26.648438 − 4.5
    assert_position(&stage.world, stage.position, "5.3125", "533.90625", "43.851562");
    // 0.45 of equity went beyond the plan: 43.851562 − 23.90625 of 17.85 needed,
    // less than the 25.5 that would be 5 %
    let (state, rest) = (stage.world.market_state(stage.market), stage.world.position(stage.position));
    let health = health(&state, &rest, Price(price("96"))).unwrap();
    assert_eq!((health.equity.0, health.initial.0), (19_945_312, quote("25.5")));
    assert!(!health.is_liquidatable());
}

#[test]
fn a_part_of_a_short_settles_at_what_buying_it_would_cost() {
    // 20 long against it: a skew of 10. At 104: equity 31.2, C = 520: 5, which
    // cost 104 × (1 + (10 + 2.5) ÷ 1,000) = 105.3 each: 526.5 − 497.5 = 29
    let mut stage = Stage::new(Short, "76.2", "20", |_| ());
    stage.publish("104", "0");
    let event = stage.liquidate();
    assert_eq!((event.price, event.settled_at), (price("104"), price("105.3")));
    assert_eq!((event.size, event.notional, event.loss), (size("5"), quote("520"), quote("29")));
    // 76.2 − 29 − 5.2: 19.5 of equity, 18.2 needed
    assert_position(&stage.world, stage.position, "5", "497.5", "42");
}

#[test]
fn a_part_settles_with_half_the_confidence() {
    // 95.1 ± 0.9, judged at 96: 4.6875 as ever, which with the skew of its own
    // 10 sell at 95.1 × (1 + (10 − 2.34375) ÷ 1,000) − 0.45 = 95.378109375, for
    // 447.0848876…, down: loss 24.008863
    let mut stage = Stage::new(Long, "75", "0", |_| ());
    stage.publish("95.1", "0.9");
    let event = stage.liquidate();
    assert_eq!((event.price, event.settled_at), (price("96"), price("95.378109375")));
    assert_eq!((event.equity, event.size), (30_000_000, size("4.6875")));
    assert_eq!(event.loss, quote("24.008863"));
    // 75 − 24.008863 − 4.5
    assert_position(&stage.world, stage.position, "5.3125", "533.90625", "46.491137");
}

#[test]
fn a_settlement_that_leaves_the_rest_liquidatable_takes_the_whole() {
    // 30 short against it: a skew of −20. 4.6875 would sell at 93.855: loss
    // 31.148438, and 75 − 31.148438 − 4.5 − 23.90625 = 15.445312 of 17.85. All
    // 10 sell at 96 × (1 − 25 ÷ 1,000) = 93.6: loss 69, and 6 of the fee of 9.6
    let mut stage = Stage::new(Long, "75", "30", |_| ());
    stage.publish("96", "0");
    let event = stage.liquidate();
    assert_eq!((event.size, event.remaining_size), (size("10"), 0));
    assert_eq!((event.settled_at, event.loss, event.bad_debt), (price("93.6"), quote("69"), 0));
    assert_eq!((event.keeper_from_vault, event.insurance_fee), (quote("3"), quote("3")));
    assert_position(&stage.world, stage.position, "0", "0", "0");
}

#[test]
fn insurance_gets_at_least_the_closing_fee_of_a_part() {
    // 0.1 long from 100.005 (entry 10.0005): half of it goes at 96, 4.8, whose
    // closing fee of 0.4 % is 0.0192 beside the keeper's 0.10
    let (mut world, market) = calm_with(|params| {
        params.min_position_notional = quote("2");
        params.close_fee_ppm = 4_000;
    });
    let (alice, keeper) = (world.trader(1_000), world.trader(0));
    let position = world.open(market, &alice, 0, Long, size("0.1"), quote("0.6885")).unwrap();
    publish(&mut world, market, price("96"), 0);
    let receipt = passes("liquidate", world.liquidate(market, &keeper, position));
    let [Event::PositionLiquidated(event)] = &receipt.events[..] else { panic!("{receipt:?}") };
    assert_eq!((event.size, event.notional), (size("0.05"), quote("4.8")));
    assert_eq!((event.keeper_from_vault, event.insurance_fee), (quote("0.1"), quote("0.0192")));
    // 0.6885 − 0.20025 − 0.1192: 0.1688 of equity, 3.5 % of 4.8 needed: 0.168
    assert_position(&world, position, "0.05", "5.00025", "0.36905");
    assert_pool(&world, market, "100000.20025", "5.00025", "0.0192");
}

// --- liquidating oneself --------------------------------------------------------------

#[test]
fn a_part_spares_its_owner_neither_impact_nor_spread() {
    // Each way 75 are put up and 925 stay. What the owner does not get back is
    // insurance's half of the fee, 2.25, and an atom of rounding.
    let cases = [
        // skew −10. Closing: 96 × (1 − 15 ÷ 1,000) = 94.56: loss 59.4, 15.6 left.
        // The rest: 96 × (1 − (14.6875 + 2.65625) ÷ 1,000) = 94.335, 501.154687
        // of 533.90625: 43.851562 − 32.751563 = 11.099999, and 2.25 of reward
        ("20", "96", "0", "940.6", "938.349999"),
        // 95.1 ± 0.9. Closing: 95.1 × 1.005 − 0.45 = 95.1255: loss 53.745,
        // 21.255 left. The rest: 95.1 × 1.00265625 − 0.45 = 94.902609375,
        // 504.170112: 46.491137 − 29.736138 = 16.754999, and 2.25
        ("0", "95.1", "0.9", "946.255", "944.004999"),
    ];
    for (against, index, confidence, closed, liquidated) in cases {
        let mut stage = Stage::new(Long, "75", against, |_| ());
        stage.publish(index, confidence);
        let found = stage.outcomes();
        assert_eq!(found.event.remaining_size, size("5.3125"));
        assert_eq!((found.closed, found.liquidated), (quote(closed), quote(liquidated)));
    }

    // 76.2 put up, 923.8 stay. Closing: 104 × 1.015 = 105.56: loss 60.6, 15.6
    // left. The rest: 104 × (1 + (15 + 2.5) ÷ 1,000) = 105.82, 529.1 − 497.5 =
    // 31.6: 42 − 31.6 = 10.4, and 2.6 of reward
    let mut stage = Stage::new(Short, "76.2", "20", |_| ());
    stage.publish("104", "0");
    let found = stage.outcomes();
    assert_eq!((found.closed, found.liquidated), (quote("939.4"), quote("936.8")));
}

/// Where the vault pays the fee in full, nothing is gained. Where it does not,
/// no more than the keeper's reward is; what of that exceeds the minimum is the
/// subject of the ignored tests below. The closing fee is at most 0.4 % where
/// 0.5 % is allowed: shorts nearer to that bound are below, too.
#[test]
fn a_part_and_the_closing_of_the_rest_never_pay_more_than_closing() {
    let mut rng = Rng::new(11);
    let (mut parts, mut wholes, mut unpaid) = (0, 0, 0);
    for _ in 0..250 {
        let confidence_ppm = rng.range(0, 9_900);
        let close_fee_ppm = rng.range(0, 4_000);
        let (mut world, market) = quick_with(1_000_000, |params| {
            params.initial_margin_ppm = 100_000;
            params.maintenance_margin_ppm = 50_000;
            params.skew_scale = size("10000");
            params.close_fee_ppm = u32::try_from(close_fee_ppm).unwrap();
        });
        let (alice, bob) = (world.trader(1_000_000), world.trader(1_000_000));
        let (side, other) = if rng.next() & 1 == 0 { (Long, Short) } else { (Short, Long) };
        let open = rng.range(size("0.2"), size("50"));
        let margin = open / 1_000 * rng.range(12, 25);
        let position = passes("open", world.open(market, &alice, 0, side, open, margin));
        let against = rng.range(size("1"), size("400"));
        let bobs = if rng.next() & 3 == 0 { side } else { other };
        passes("open", world.open(market, &bob, 1, bobs, against, quote("100000")));
        // judged at its first liquidatable price, or up to 5 % beyond
        let terms = (world.market_state(market), world.position(position));
        let Price(first) = liquidation_price(&terms.0, &terms.1).unwrap().unwrap();
        let beyond = first / 1_000 * rng.range(0, 50);
        let mark = if side == Long { first - beyond } else { first + beyond };
        let confidence = mark / 1_000_000 * confidence_ppm;
        let index = if side == Long { mark - confidence } else { mark + confidence };
        publish(&mut world, market, index, confidence);

        let found = outcomes(&mut world, market, &alice, position);
        let event = &found.event;
        *(if event.remaining_size > 0 { &mut parts } else { &mut wholes }) += 1;
        let closing = (event.notional * close_fee_ppm).div_ceil(1_000_000);
        let due = event.notional.div_ceil(100).max(quote("0.1") + closing);
        let mut most = found.closed;
        if event.keeper_from_vault + event.insurance_fee < due {
            unpaid += 1;
            most += event.keeper_from_vault + event.keeper_from_insurance;
        }
        if event.bad_debt > 0 {
            most = found.closed + quote("0.1");
        }
        assert!(found.liquidated <= most, "{} of {}: {event:?}", found.liquidated, found.closed);
    }
    assert!(parts > 40 && wholes > 40 && unpaid > 10, "{parts} parts, {wholes} wholes, {unpaid} unpaid");
}

// --- open gaps: decision 8 says that these hold ----------------------------------------

#[test]
fn of_what_is_left_the_closing_fee_goes_first() {
    // Skew 5, so that all 10 sell at the index of 95: loss 55, 0.475 left, which
    // a closing fee of 5 bp on 950 just takes. A liquidation divides it by
    // halves, 0.2375 each; 0.1 is the most that may be gained
    let mut stage = Stage::new(Long, "55.475", "5", |params| params.close_fee_ppm = 500);
    stage.publish("95", "0");
    let found = stage.outcomes();
    assert_eq!(found.event.remaining_size, 0);
    assert_eq!(found.closed, quote("944.525"));
    assert!(found.liquidated <= found.closed + quote("0.1"), "{}", found.liquidated);
}

#[test]
fn a_short_pays_the_closing_fee_of_the_price_it_settles_at() {
    // At the bound: insurance's half of 1 % is the closing fee of 0.5 %. 20 long
    // against it: all is bought at 105.56 or on the way there, and 0.5 % of
    // that is more than of 104
    let mut stage = Stage::new(Short, "76.2", "20", |params| params.close_fee_ppm = 5_000);
    stage.publish("104", "0");
    let found = stage.outcomes();
    assert_eq!(found.event.remaining_size, size("5"));
    // 15.6 − 5.278
    assert_eq!(found.closed, quote("934.122"));
    assert!(found.liquidated <= found.closed, "{}", found.liquidated);
}

#[test]
fn a_part_pays_no_reward_that_the_rest_cannot_spare() {
    // A skew of 10 moves the price by 10 %: entry 1,050, and 9 short against it:
    // skew 1. At 96 equity is 120 − 90 = 30: 4.6875 go at 96 × (1 − 1.34375 %)
    // and the rest is healthy at 96. All 10 would sell at 96 × 96 % = 92.16: loss
    // 128.4. So nothing would be left by closing, and there is no health to
    // restore: all is taken, and the keeper, here the owner, gets his 0.1
    let mut stage = Stage::new(Long, "120", "9", |params| params.skew_scale = size("100"));
    stage.publish("96", "0");
    let found = stage.outcomes();
    assert_eq!((found.closed, found.event.remaining_size), (quote("880"), 0));
    assert_eq!(found.liquidated, quote("880.1"));
}
