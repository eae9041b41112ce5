//! Liquidations that restore the initial margin ratio, and those that cannot:
//! `C = ceil((target × N − equity) ÷ (target − fee))` with a target of 5 % and
//! a fee of 1 %, half of it the keeper's and at least 0.10.

use anchor_lang::prelude::Pubkey;
use ringfence_client::RingfenceError;
use ringfence_client::event::PositionLiquidated;
use ringfence_client::events::Event;
use ringfence_client::state::MarketParams;
use ringfence_client::state::Side::{self, Long, Short};
use ringfence_math::Price;
use ringfence_testkit::{MarketId, Trader, World, price, quote, size};

use crate::support::*;

struct Stage {
    world: World,
    market: MarketId,
    alice: Trader,
    keeper: Trader,
    position: Pubkey,
}

impl Stage {
    /// 10 long from 100.5 (entry 1,005) or short from 99.5 (995).
    fn new(side: Side, margin: &str) -> Self {
        Self::with(side, "10", margin, |_| ())
    }

    fn with(side: Side, open: &str, margin: &str, change: impl FnOnce(&mut MarketParams)) -> Self {
        let (mut world, market) = calm_with(change);
        let (alice, keeper) = (world.trader(1_000), world.trader(0));
        let position = world.open(market, &alice, 0, side, size(open), quote(margin)).unwrap();
        Self { world, market, alice, keeper, position }
    }

    fn liquidate_at(&mut self, at: &str) -> PositionLiquidated {
        self.world.set_price(self.market, price(at));
        let result = self.world.liquidate(self.market, &self.keeper, self.position);
        let receipt = passes("liquidate", result);
        balanced(&self.world);
        let [Event::PositionLiquidated(event)] = &receipt.events[..] else { panic!("{receipt:?}") };
        event.clone()
    }

    #[track_caller]
    fn is_safe(&mut self) {
        let result = self.world.liquidate(self.market, &self.keeper, self.position);
        refused("again", result, RingfenceError::NotLiquidatable);
    }

    /// Equity and initial requirement at a price, in atoms.
    fn health_at(&self, at: &str) -> (i128, i128) {
        let (state, position) = (self.world.market_state(self.market), self.world.position(self.position));
        let health = ringfence_client::health::health(&state, &position, Price(price(at))).unwrap();
        (health.equity.0, health.initial.0.into())
    }
}

#[test]
fn a_long_is_closed_as_far_as_restores_the_initial_ratio() {
    // at 96: N = 960, PnL −45, equity 30 under 33.6. C = (48 − 30) ÷ 4 % = 450:
    // 4.6875 of 10, entry 471.09375, loss 21.09375, fee 4.5
    let mut stage = Stage::new(Long, "75");
    let event = stage.liquidate_at("96");
    let (world, market) = (&stage.world, stage.market);
    assert_eq!(
        format!("{event:#?}"),
        format!(
            "{:#?}",
            PositionLiquidated {
                market: world.market_key(market),
                position: stage.position,
                owner: stage.alice.pubkey(),
                liquidator: stage.keeper.pubkey(),
                size: size("4.6875"),
                price: price("96"),
                settled_at: price("96"),
                notional: quote("450"),
                entry_notional: quote("471.09375"),
                reserve: quote("471.09375"),
                funding: 0,
                borrow: 0,
                equity: 30_000_000,
                maintenance: quote("33.6"),
                gain: 0,
                loss: quote("21.09375"),
                keeper_from_vault: quote("2.25"),
                keeper_from_insurance: 0,
                insurance_fee: quote("2.25"),
                bad_debt: 0,
                insurance_cover: 0,
                remaining_size: size("5.3125"),
                // The first was given when it was opened.
                generation: 2,
                margin: quote("49.40625"),
                oracle: world.market_state(market).accepted,
            }
        )
    );
    // 75 − 21.09375 − 4.5
    assert_position(world, stage.position, "5.3125", "533.90625", "49.40625");
    assert_pool(world, market, "100021.09375", "533.90625", "2.25");
    // 49.40625 − 23.90625 = 25.5 = 5 % of 510, to the atom
    assert_eq!(stage.health_at("96"), (25_500_000, 25_500_000));
    stage.is_safe();
    assert_eq!(stage.world.wealth(market, &stage.keeper), quote("2.25"));
    let state = stage.world.position(stage.position);
    assert_eq!((state.realised_pnl.get(), state.fees_paid), (-21_093_750, quote("4.5")));
}

#[test]
fn a_short_is_closed_as_far_as_restores_the_initial_ratio() {
    // at 104: N = 1,040, PnL −45, equity 31.2 under 36.4. C = (52 − 31.2) ÷ 4 %
    // = 520: half of it: entry 497.5, loss 22.5, fee 5.2
    let mut stage = Stage::new(Short, "76.2");
    let event = stage.liquidate_at("104");
    assert_eq!((event.size, event.notional, event.loss), (size("5"), quote("520"), quote("22.5")));
    assert_position(&stage.world, stage.position, "5", "497.5", "48.5");
    assert_pool(&stage.world, stage.market, "100022.5", "497.5", "2.6");
    // 48.5 − 22.5 = 26 = 5 % of 520
    assert_eq!(stage.health_at("104"), (26_000_000, 26_000_000));
    stage.is_safe();
}

#[test]
fn what_is_left_can_be_liquidated_again_and_closed_by_its_owner() {
    let mut stage = Stage::new(Long, "75");
    stage.liquidate_at("96");
    // at 94: N = 499.375, PnL −34.53125, equity 14.875 under 17.478125.
    // C = (24.96875 − 14.875) ÷ 4 % = 252.34375: 2.684507978… up
    let event = stage.liquidate_at("94");
    assert_eq!((event.equity, event.size), (14_875_000, 2_684_507_979));
    assert_eq!(event.remaining_size, size("5.3125") - 2_684_507_979);
    stage.is_safe();
    let (equity, initial) = stage.health_at("94");
    assert!((-2..=2).contains(&(equity - initial)), "equity {equity}, initial {initial}");
    let Stage { mut world, market, alice, position, .. } = stage;
    passes("close", world.close(market, &alice, position));
    assert_pool_is_empty(&world, market);
}

fn assert_pool_is_empty(world: &World, market: MarketId) {
    let state = world.market_state(market);
    assert_eq!((state.reserved, state.long.open_interest), (0, 0));
    balanced(world);
}

#[test]
fn accrued_charges_are_closed_in_proportion() {
    // a day's funding of 5 on top, so 80 of margin for the same equity of 30
    let mut stage = Stage::new(Long, "80");
    stage.world.advance(DAY);
    passes("accrue", stage.world.accrue(stage.market));
    let event = stage.liquidate_at("96");
    // 4.6875 × 0.5 = 2.34375
    assert_eq!((event.equity, event.funding, event.loss), (30_000_000, -2_343_750, quote("23.4375")));
    assert_position(&stage.world, stage.position, "5.3125", "533.90625", "52.0625");
    // 52.0625 − 23.90625 − 2.65625
    assert_eq!(stage.health_at("96"), (25_500_000, 25_500_000));
    stage.is_safe();
}

#[test]
fn what_would_be_left_too_small_is_closed_too() {
    // 510 would be left
    let mut stage = Stage::with(Long, "10", "75", |params| params.min_position_notional = quote("510"));
    assert_eq!(stage.liquidate_at("96").remaining_size, size("5.3125"));

    let mut stage =
        Stage::with(Long, "10", "75", |params| params.min_position_notional = quote("510.000001"));
    let event = stage.liquidate_at("96");
    // all 10: loss 45, fee 9.6
    assert_eq!((event.size, event.remaining_size, event.loss), (size("10"), 0, quote("45")));
    assert_position(&stage.world, stage.position, "0", "0", "20.4");
    assert_pool(&stage.world, stage.market, "100045", "0", "4.8");
    assert_eq!(stage.world.wealth(stage.market, &stage.keeper), quote("4.8"));
    let result = stage.world.liquidate(stage.market, &stage.keeper, stage.position);
    refused("again", result, RingfenceError::PositionEmpty);
}

#[test]
fn equity_that_the_fee_would_eat_is_not_restored() {
    // at 95: N = 950; equity 9.5 = 1 %: C = (47.5 − 9.5) ÷ 4 % = 950, all
    let mut stage = Stage::new(Long, "64.5");
    let event = stage.liquidate_at("95");
    assert_eq!((event.equity, event.remaining_size), (9_500_000, 0));
    // 64.5 − 55 − 9.5
    assert_position(&stage.world, stage.position, "0", "0", "0");
    // 11 more of equity at the same price: C = (47.5 − 20.5) ÷ 4 % = 675, a part
    let mut stage = Stage::new(Long, "75.5");
    let event = stage.liquidate_at("95");
    assert_eq!((event.equity, event.notional), (20_500_000, quote("675.000001")));
    assert!(event.remaining_size > 0);
    stage.is_safe();
}

#[test]
fn a_bankrupt_position_is_closed_whole() {
    // at 90: PnL −105 on a margin of 60: 0.10 for the keeper, 59.9 for the pool
    let mut stage = Stage::new(Long, "60");
    let event = stage.liquidate_at("90");
    assert_eq!((event.equity, event.remaining_size), (-45_000_000, 0));
    assert_eq!((event.loss, event.bad_debt), (quote("59.9"), quote("45.1")));
    assert_eq!(stage.world.market_state(stage.market).bad_debt, quote("45.1"));
    assert_pool(&stage.world, stage.market, "100059.9", "0", "0");
}

#[test]
fn insurance_covers_what_the_vault_cannot() {
    let mut stage = Stage::new(Long, "60");
    let donor = stage.world.trader(1_000);
    passes("fund", stage.world.fund_insurance(stage.market, &donor, quote("40")));
    let event = stage.liquidate_at("90");
    // 45.1 of bad debt: 40 by insurance, 5.1 by the pool
    assert_eq!((event.bad_debt, event.insurance_cover), (quote("45.1"), quote("40")));
    assert_pool(&stage.world, stage.market, "100099.9", "0", "0");
}

/// 0.1 long from 100.005 (entry 10.0005) in a market for positions from 2.
fn small(margin: &str) -> Stage {
    Stage::with(Long, "0.1", margin, |params| params.min_position_notional = quote("2"))
}

#[test]
fn the_keepers_minimum_is_paid_for_a_part_too() {
    // at 96: N = 9.6, PnL −0.4005, equity 0.288 under 0.336. C = (0.48 − 0.288)
    // ÷ 4 % = 4.8, half: loss 0.20025. Of the fee of 0.048 the keeper's half
    // would be 0.024: he gets 0.10, insurance nothing
    let mut stage = small("0.6885");
    let event = stage.liquidate_at("96");
    assert_eq!((event.size, event.notional), (size("0.05"), quote("4.8")));
    assert_eq!((event.keeper_from_vault, event.insurance_fee), (quote("0.1"), 0));
    // 0.6885 − 0.20025 − 0.1
    assert_position(&stage.world, stage.position, "0.05", "5.00025", "0.38825");
    assert_eq!(stage.world.wealth(stage.market, &stage.keeper), quote("0.1"));
    // 0.188 of 0.168 needed: it stays
    stage.is_safe();
}

#[test]
fn a_part_that_leaves_a_liquidatable_rest_becomes_the_whole() {
    // equity 0.199: C = (0.48 − 0.199) ÷ 4 % = 7.025 would leave 2.575 with an
    // equity of 0.099, under the minimum reward: all of it goes
    let mut stage = small("0.5995");
    let event = stage.liquidate_at("96");
    assert_eq!((event.equity, event.remaining_size), (199_000, 0));
    // 0.5995 − 0.4005 − 0.1
    assert_position(&stage.world, stage.position, "0", "0", "0.099");

    // of 0.2005: C = 6.9875 leaves 2.6125 with 0.1005, and stays
    let mut stage = small("0.601");
    let event = stage.liquidate_at("96");
    assert_eq!((event.equity, event.notional), (200_500, quote("6.987501")));
    assert!(event.remaining_size > 0);
    stage.is_safe();
}

#[test]
fn a_position_shrunk_under_the_minimum_reward_is_closed_whole() {
    // at 1: N = 0.1, PnL −9.9005, equity 0.0995: almost all of the notional, yet
    // under the keeper's 0.10. No part could restore it
    let mut stage = small("10");
    let event = stage.liquidate_at("1");
    assert_eq!((event.equity, event.remaining_size), (99_500, 0));
    assert_eq!((event.loss, event.bad_debt, event.keeper_from_vault), (quote("9.9"), 500, quote("0.1")));
    assert_position(&stage.world, stage.position, "0", "0", "0");
}

#[test]
fn random_liquidations_leave_health_restored_or_nothing_open() {
    let mut rng = Rng::new(7);
    let (mut parts, mut wholes) = (0, 0);
    for id in 0..120u16 {
        let (mut world, market) = quick_with(1_000_000, |params| {
            params.initial_margin_ppm = 100_000;
            params.maintenance_margin_ppm = 50_000;
        });
        let (alice, keeper) = (world.trader(1_000_000), world.trader(0));
        let side = if rng.next() & 1 == 0 { Long } else { Short };
        let open = rng.range(size("0.2"), size("50"));
        // 13 to 20 % of the notional at 100, of which the impact takes up to 2.5 %
        let margin = open / 1_000 * rng.range(13, 20);
        let position = passes("open", world.open(market, &alice, id, side, open, margin));
        let moved = rng.range(price("6"), price("22"));
        let mark = if side == Long { price("100") - moved } else { price("100") + moved };
        world.set_price(market, mark);
        let Ok(receipt) = world.liquidate(market, &keeper, position) else { continue };
        balanced(&world);
        let [Event::PositionLiquidated(event)] = &receipt.events[..] else { panic!("{receipt:?}") };
        if event.remaining_size == 0 {
            wholes += 1;
            continue;
        }
        parts += 1;
        let (state, rest) = (world.market_state(market), world.position(position));
        let health = ringfence_client::health::health(&state, &rest, Price(mark)).unwrap();
        // Rounding: the fee, the loss and the shares, an atom each. The keeper's
        // minimum can cost more than the fee: then maintenance is what holds.
        if event.keeper_from_vault > quote("0.1") {
            let short_by = i128::from(health.initial.0) - health.equity.0;
            assert!(short_by <= 4, "{short_by} atoms under the initial margin: {event:?}");
        }
        let again = world.liquidate(market, &keeper, position);
        refused("again", again, RingfenceError::NotLiquidatable);
    }
    assert!(parts > 20 && wholes > 5, "{parts} parts, {wholes} wholes");
}
