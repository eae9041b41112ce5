use anchor_lang::prelude::Pubkey;
use ringfence_client::RingfenceError;
use ringfence_client::event::PositionLiquidated;
use ringfence_client::events::Event;
use ringfence_client::state::{Market, MarketParams, Position, Side};
use ringfence_testkit::{
    Failure, MarketId, Receipt, Trader, World, assert_code, assert_error, price, quote, size,
};

use crate::support::*;

struct Stage {
    world: World,
    market: MarketId,
    alice: Trader,
    keeper: Trader,
    position: Pubkey,
}

impl Stage {
    /// 10 long at 100 (entry 1005, fee 0.5025) or short (995, 0.4975), which a
    /// liquidation closes as a whole.
    fn new(side: Side, margin: &str) -> Self {
        Self::with(side, "10", margin, whole_only)
    }

    fn with(side: Side, open: &str, margin: &str, change: impl FnOnce(&mut MarketParams)) -> Self {
        let (mut world, market) = easy_with(change);
        let (alice, keeper) = (world.trader(1_000), world.trader(0));
        let position = world.open(market, &alice, 0, side, size(open), quote(margin)).unwrap();
        Self { world, market, alice, keeper, position }
    }

    fn liquidate(&mut self) -> Result<Receipt, Failure> {
        self.world.liquidate(self.market, &self.keeper, self.position)
    }

    /// Publishes this price and liquidates; then the event and the books.
    fn liquidate_at(&mut self, index: &str, confidence: &str) -> PositionLiquidated {
        publish(&mut self.world, self.market, index, confidence);
        let receipt = self.liquidate().unwrap();
        balanced(&self.world);
        let [Event::PositionLiquidated(event)] = &receipt.events[..] else { panic!("{receipt:?}") };
        event.clone()
    }

    #[track_caller]
    fn refuses_at(&mut self, index: &str, confidence: &str) {
        publish(&mut self.world, self.market, index, confidence);
        assert_error(self.liquidate(), RingfenceError::NotLiquidatable);
        balanced(&self.world);
    }
}

#[test]
fn a_liquidation_pays_pool_keeper_and_insurance_and_leaves_the_rest_to_the_owner() {
    let mut stage = Stage::new(Side::Long, "60");
    let event = stage.liquidate_at("97", "0");
    let Stage { mut world, market, alice, keeper, position } = stage;
    // margin      = 59.4975
    // notional    = 970, loss 1005 − 970 = 35, equity 24.4975
    // maintenance = 2.5 % + 1 % of 970       = 33.95
    // fee         = 1 % of 970 = 9.7: half to the keeper, half to insurance
    // remainder   = 59.4975 − 35 − 9.7       = 14.7975
    assert_position(&world, position, "0", "0", "14.7975", "0");
    assert_pool(&world, market, "100035.402", "0", "4.90025", "0.05025");
    assert_side(&world, market, Side::Long, "0", "0", 0);
    assert_eq!(world.wealth(market, &keeper), quote("4.85"));
    assert_eq!(world.market_state(market).bad_debt, 0);
    let state = world.position(position);
    assert_eq!(state.realised_pnl.get(), -i128::from(quote("35")));
    // opening 0.5025, liquidation 9.7
    assert_eq!(state.fees_paid, quote("10.2025"));
    let expected = PositionLiquidated {
        market: world.market_key(market),
        position,
        owner: alice.pubkey(),
        liquidator: keeper.pubkey(),
        size: size("10"),
        price: price("97"),
        settled_at: price("97"),
        notional: quote("970"),
        entry_notional: quote("1005"),
        reserve: quote("1005"),
        funding: 0,
        borrow: 0,
        equity: i128::from(quote("24.4975")),
        maintenance: quote("33.95"),
        gain: 0,
        loss: quote("35"),
        keeper_from_vault: quote("4.85"),
        keeper_from_insurance: 0,
        insurance_fee: quote("4.85"),
        bad_debt: 0,
        insurance_cover: 0,
        remaining_size: 0,
        generation: 2,
        margin: quote("14.7975"),
        oracle: world.market_state(market).accepted,
    };
    assert_eq!(format!("{event:#?}"), format!("{expected:#?}"));
    assert_eq!(event.oracle.price, price("97"));

    world.close(market, &alice, position).unwrap();
    assert_eq!(world.wealth(market, &alice), quote("954.7975"));
    balanced(&world);
}

#[test]
fn a_short_is_liquidated_by_the_same_waterfall() {
    let mut stage = Stage::new(Side::Short, "60");
    stage.liquidate_at("103", "0");
    // margin 59.5025, notional 1030, loss 1030 − 995 = 35, equity 24.5025 under
    // 36.05; fee 10.3; remainder 59.5025 − 35 − 10.3
    assert_position(&stage.world, stage.position, "0", "0", "14.2025", "0");
    assert_pool(&stage.world, stage.market, "100035.398", "0", "5.19975", "0.04975");
    assert_eq!(stage.world.wealth(stage.market, &stage.keeper), quote("5.15"));
}

#[test]
fn equity_of_just_the_maintenance_margin_is_safe() {
    // margin 59.3: at 98 equity 59.3 − 25 = 34.3 = 3.5 % of 980. The next price
    // down: notional 979.999999999, for the loss down, for the requirement up:
    // 34.299999 < 34.3
    let mut stage = Stage::new(Side::Long, "59.8025");
    stage.refuses_at("98", "0");
    stage.liquidate_at("97.9999999999", "0");

    // short: margin 60.7; at 102 equity 60.7 − 25 = 35.7 = 3.5 % of 1020
    let mut stage = Stage::new(Side::Short, "61.1975");
    stage.refuses_at("102", "0");
    stage.liquidate_at("102.0000000001", "0");
}

#[test]
fn uncertainty_alone_liquidates_nobody() {
    // A long is judged at the upper edge, a short at the lower; the limits are
    // those of the test before: 98 and 102.
    let mut stage = Stage::new(Side::Long, "59.8025");
    stage.refuses_at("97.5", "0.5");
    stage.refuses_at("97.1", "0.9");
    let event = stage.liquidate_at("97.1", "0.8999999999");
    assert_eq!(event.price, price("97.9999999999"));
    // settled at what a close fills at: 97.1 × (1 + 5/1000) − 0.44999999995,
    // down to 97.1355: loss 1005 − 971.355 = 33.645; fee 9.8 of 979.999999
    assert_eq!(event.settled_at, price("97.1355"));
    assert_eq!((event.loss, event.margin), (quote("33.645"), quote("15.855")));

    let mut stage = Stage::new(Side::Short, "61.1975");
    stage.refuses_at("102.9", "0.9");
    let event = stage.liquidate_at("102.9", "0.8999999999");
    assert_eq!(event.price, price("102.0000000001"));
}

#[test]
fn a_wild_interval_protects_no_longer_than_its_clamp() {
    // The 2 % that a liquidation accepts are clamped at 1 %: a long at
    // 97.0297029703 is marked 0.970297029703, down: 0.9702970297 higher, at 98,
    // where it is safe; one price unit lower at 97.9999999999, where it is not.
    let mut stage = Stage::new(Side::Long, "59.8025");
    stage.refuses_at("97.0297029703", "1.94");
    let event = stage.liquidate_at("97.0297029702", "1.94");
    assert_eq!(event.price, price("97.9999999999"));
}

#[test]
fn a_bankrupt_position_still_pays_its_keeper_and_the_rest_is_bad_debt() {
    let mut stage = Stage::new(Side::Long, "60");
    let event = stage.liquidate_at("90", "0");
    // loss 105 against a margin of 59.4975: the keeper's 0.1 first, then 59.3975
    // of the loss; 45.6025 uncovered, insurance pays the 0.05025 it has
    assert_position(&stage.world, stage.position, "0", "0", "0", "0");
    assert_pool(&stage.world, stage.market, "100059.84975", "0", "0", "0.05025");
    assert_eq!(stage.world.wealth(stage.market, &stage.keeper), quote("0.1"));
    assert_eq!(stage.world.market_state(stage.market).bad_debt, quote("45.6025"));
    assert_eq!(event.equity, -i128::from(quote("45.5025")));
    assert_eq!((event.loss, event.bad_debt), (quote("59.3975"), quote("45.6025")));
    assert_eq!((event.keeper_from_vault, event.keeper_from_insurance), (quote("0.1"), 0));
    assert_eq!((event.insurance_fee, event.insurance_cover), (0, quote("0.05025")));
    stage.world.close(stage.market, &stage.alice, stage.position).unwrap();
    assert_eq!(stage.world.wealth(stage.market, &stage.alice), quote("940"));
}

#[test]
fn insurance_covers_bad_debt_as_far_as_it_goes() {
    // first a liquidation that leaves insurance 4.90025, then a bankrupt one
    let mut stage = Stage::new(Side::Long, "60");
    stage.liquidate_at("97", "0");
    let Stage { mut world, market, keeper, .. } = stage;
    publish(&mut world, market, "100", "0");
    let bob = world.trader(1_000);
    let position = world.open(market, &bob, 0, Side::Long, size("10"), quote("60")).unwrap();
    publish(&mut world, market, "94.2", "0");
    world.liquidate(market, &keeper, position).unwrap();
    // loss 1005 − 942 = 63; the vault pays 59.3975 of it and the keeper 0.1;
    // 3.6025 is insured: 4.90025 + 0.05025 − 3.6025
    // pool 100035.402 + 0.402 + 59.3975 + 3.6025
    assert_pool(&world, market, "100098.804", "0", "1.348", "0.1005");
    assert_eq!(world.market_state(market).bad_debt, quote("3.6025"));
    assert_eq!(world.wealth(market, &keeper), quote("4.95"));
}

#[test]
fn the_fee_is_what_the_loss_leaves_and_the_keeper_is_served_first() {
    // at 95: loss 55 leaves 4.4975 of a fee of 9.5: half of that each, down
    let mut stage = Stage::new(Side::Long, "60");
    let event = stage.liquidate_at("95", "0");
    assert_eq!((event.keeper_from_vault, event.insurance_fee), (quote("2.24875"), quote("2.24875")));
    assert_eq!((event.margin, event.bad_debt), (0, 0));
    assert_pool(&stage.world, stage.market, "100055.402", "0", "2.299", "0.05025");

    // at 94.56: loss 59.4, of which all is paid that the keeper's 0.1 leaves:
    // 59.3975; the other 0.0025 are bad debt, insured
    let mut stage = Stage::new(Side::Long, "60");
    let event = stage.liquidate_at("94.56", "0");
    assert_eq!((event.keeper_from_vault, event.insurance_fee), (quote("0.1"), 0));
    assert_eq!((event.bad_debt, event.insurance_cover), (quote("0.0025"), quote("0.0025")));
    assert_pool(&stage.world, stage.market, "100059.802", "0", "0.04775", "0.05025");
}

#[test]
fn a_small_position_pays_its_keeper_the_minimum() {
    // 0.1 long at 100 × (1 + 0.05/1000): entry 10.0005, fee 0.00500025, up:
    // 0.005001; margin 0.6. At 96: notional 9.6, loss 0.4005, equity 0.1995
    // under 3.5 % = 0.336; fee 0.096, under the least reward 0.1 and the closing
    // fee 0.0048: these are taken
    let mut stage = Stage::with(Side::Long, "0.1", "0.605001", |_| ());
    let event = stage.liquidate_at("96", "0");
    assert_eq!((event.keeper_from_vault, event.insurance_fee), (quote("0.1"), quote("0.0048")));
    assert_eq!(event.margin, quote("0.0947"));
}

#[test]
fn the_least_reward_is_also_the_least_requirement() {
    // notional about 10, least reward 0.5 = 5 % of 10, above 3.5 %. margin 0.75;
    // at 97.505 equity 0.75 − (10.0005 − 9.7505) = 0.5: safe; below: not
    let mut stage = Stage::with(Side::Long, "0.1", "0.755001", |params| {
        params.min_keeper_reward = quote("0.5");
    });
    stage.refuses_at("97.505", "0");
    let event = stage.liquidate_at("97.5049999999", "0");
    assert_eq!((event.equity, event.maintenance), (i128::from(quote("0.499999")), quote("0.5")));
    // the reward comes first: of the loss of 0.250001 the vault pays 0.25
    assert_eq!((event.keeper_from_vault, event.insurance_fee), (quote("0.5"), 0));
    assert_eq!((event.bad_debt, event.insurance_cover), (1, 1));
}

#[test]
fn insurance_tops_the_keeper_up_to_the_minimum() {
    // The reward comes before the loss, so only a vault below the minimum needs
    // topping up, which governance makes by raising it; here 0.45 of the margin
    // of 0.75 are moved to insurance, in the books and in the vaults.
    let mut stage = Stage::with(Side::Long, "0.1", "0.755001", |params| {
        params.min_keeper_reward = quote("0.5");
    });
    let Stage { world, market, position, .. } = &mut stage;
    let (vault, pool) = (world.position(*position).vault, world.market_state(*market).pool_vault);
    move_tokens(world, vault, pool, quote("0.45"));
    let key = world.market_key(*market);
    world.edit::<Position>(position, |state| state.margin -= quote("0.45"));
    world.edit::<Market>(&key, |state| state.insurance += quote("0.45"));
    balanced(world);
    let event = stage.liquidate_at("97", "0");
    // insurance: 0.0005 of the opening fee + 0.45; the vault's 0.3 all go to the
    // keeper, 0.2 more from insurance; loss 10.0005 − 9.7 = 0.3005 all bad debt,
    // of which 0.2505 is insured
    assert_eq!((event.keeper_from_vault, event.keeper_from_insurance), (quote("0.3"), quote("0.2")));
    assert_eq!((event.loss, event.bad_debt), (0, quote("0.3005")));
    assert_eq!(event.insurance_cover, quote("0.2505"));
    assert_eq!(stage.world.wealth(stage.market, &stage.keeper), quote("0.5"));
    assert_eq!(stage.world.market_state(stage.market).insurance, 0);
}

/// Moves a balance past the program.
fn move_tokens(world: &mut World, from: Pubkey, to: Pubkey, amount: u64) {
    for (key, sign) in [(from, -1), (to, 1)] {
        let mut account = world.svm.get_account(&key).unwrap();
        let balance = i128::from(world.balance(&key)) + sign * i128::from(amount);
        account.data[64..72].copy_from_slice(&u64::try_from(balance).unwrap().to_le_bytes());
        world.svm.set_account(key, account).unwrap();
    }
}

#[test]
fn a_long_far_beyond_its_cap_is_paid_its_reserve_and_pays_the_fee() {
    // reserve 5 % of 1005 = 50.25, so that equity is at most 59.4975 + 50.25 =
    // 109.7475: at 313 above 3.5 % of 3130 = 109.55. At 700: notional 7000; to
    // restore 5 % takes (350 − 109.7475) / (5 % − 1 %) = 6006.3125, which leaves
    // 993.6875, less than the smallest position. All is closed: fee 70, half each
    let mut stage = Stage::with(Side::Long, "10", "60", |params| {
        params.reserve_factor_ppm = 50_000;
        params.min_position_notional = quote("1000");
    });
    stage.refuses_at("313", "0");
    let event = stage.liquidate_at("700", "0");
    assert_eq!((event.gain, event.loss), (quote("50.25"), 0));
    assert_eq!((event.equity, event.maintenance), (i128::from(quote("109.7475")), quote("245")));
    assert_eq!((event.keeper_from_vault, event.insurance_fee), (quote("35"), quote("35")));
    assert_position(&stage.world, stage.position, "0", "0", "39.7475", "0");
    assert_pool(&stage.world, stage.market, "99950.152", "0", "35.05025", "0.05025");
}

#[test]
fn a_healthy_position_is_not_liquidated() {
    let mut stage = Stage::new(Side::Long, "200");
    stage.refuses_at("100", "0");
    stage.refuses_at("1000", "0");
}

#[test]
fn nothing_is_liquidated_twice() {
    let mut stage = Stage::new(Side::Long, "60");
    stage.liquidate_at("97", "0");
    assert_error(stage.liquidate(), RingfenceError::PositionEmpty);
}

#[test]
fn a_price_older_than_its_limit_does_not_liquidate() {
    for (age, stale) in [(300, false), (301, true)] {
        let mut stage = Stage::new(Side::Long, "60");
        publish(&mut stage.world, stage.market, "97", "0");
        stage.world.warp(age);
        if stale {
            assert_error(stage.liquidate(), RingfenceError::OracleStale);
        } else {
            stage.liquidate().unwrap();
        }
    }
}

#[test]
fn an_owner_may_liquidate_himself() {
    let mut stage = Stage::new(Side::Long, "60");
    publish(&mut stage.world, stage.market, "97", "0");
    stage.world.liquidate(stage.market, &stage.alice, stage.position).unwrap();
    assert_eq!(stage.world.wealth(stage.market, &stage.alice), quote("944.85"));
    balanced(&stage.world);
}

#[test]
fn a_frozen_account_of_the_keeper_is_the_keepers_problem() {
    let mut stage = Stage::new(Side::Long, "60");
    publish(&mut stage.world, stage.market, "97", "0");
    let tokens = stage.world.tokens_of(stage.market, &stage.keeper);
    stage.world.freeze(tokens);
    assert_code(stage.liquidate(), token_error::ACCOUNT_FROZEN);
    assert_position(&stage.world, stage.position, "10", "1005", "59.4975", "1005");
    stage.keeper = stage.world.trader(0);
    stage.liquidate().unwrap();
}

#[test]
fn accounts_of_another_version_are_refused() {
    let mut stage = Stage::new(Side::Long, "60");
    publish(&mut stage.world, stage.market, "97", "0");
    stage.world.edit::<Position>(&stage.position, |state| state.version = 1);
    assert_error(stage.liquidate(), RingfenceError::UnsupportedVersion);
    stage.world.edit::<Position>(&stage.position, |state| state.version = 2);
    let key = stage.world.market_key(stage.market);
    stage.world.edit::<Market>(&key, |state| state.version = 1);
    assert_error(stage.liquidate(), RingfenceError::UnsupportedVersion);
}
