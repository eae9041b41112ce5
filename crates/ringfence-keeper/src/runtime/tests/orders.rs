//! Orders on the chain in memory.

use ringfence_client::state::OrderKind;

use super::*;
use crate::chain::fake::update_account;
use crate::index::Place as PositionPlace;

impl Stage {
    /// Places an order of position `number` now; returns its address.
    pub fn place(&self, number: usize, id: u8, kind: OrderKind, trigger: u64) -> Pubkey {
        self.place_with(number, id, kind, trigger, |_| {})
    }

    pub fn place_with(
        &self,
        number: usize,
        id: u8,
        kind: OrderKind,
        trigger: u64,
        change: impl FnOnce(&mut ringfence::state::OrderTerms),
    ) -> Pubkey {
        let (key, now) = (self.positions[number], self.chain.state().now);
        let (market, mut position) = (self.market(), self.chain.position(&key));
        let mut terms = fixtures::terms(kind, Side::Long, trigger, now);
        change(&mut terms);
        let (order, account) = fixtures::order(key, &mut position, &market, id, &terms, now);
        self.chain.put(key, encode(&position));
        self.chain.put(order, encode(&account));
        order
    }

    /// Orders that were executed, and at which price.
    pub fn executed(&self) -> Vec<(Pubkey, u64)> {
        self.chain.state().executed.iter().map(|(order, _, _, price)| (*order, *price)).collect()
    }

    fn tried(&self, key: &Pubkey) -> u64 {
        self.chain.state().tried.get(key).copied().unwrap_or(0)
    }
}

/// Four longs, and one order of each: those that close are at 160 and 148,
/// those that add at 149 and 155. What each does is worked out by hand.
#[tokio::test(start_paused = true)]
async fn each_kind_executes_when_its_price_is_reached_and_not_before() {
    let stage = Stage::new(4);
    let keeper = stage.keeper();
    seconds(3).await;
    let take_profit = stage.place(0, 0, OrderKind::TakeProfit, price(160));
    let stop_loss = stage.place(1, 0, OrderKind::StopLoss, price(148));
    let limit = stage.place(2, 0, OrderKind::Limit, price(149));
    let stop = stage.place(3, 0, OrderKind::Stop, price(155));
    seconds(10).await;
    let mut expected = Vec::new();
    for (at, order, size) in [
        (149, Some((limit, 2)), 2 * UNIT),
        (154, None, 0),
        (155, Some((stop, 3)), 2 * UNIT),
        (148, Some((stop_loss, 1)), UNIT / 2),
        (159, None, 0),
        (160, Some((take_profit, 0)), UNIT / 2),
    ] {
        stage.crash_to(price(at));
        seconds(3).await;
        if let Some((order, number)) = order {
            expected.push((order, price(at)));
            assert_eq!(stage.chain.position(&stage.positions[number]).size, size, "at {at}");
        }
        assert_eq!(stage.executed(), expected, "at {at}");
    }
    assert_eq!(stage.chain.calls("simulate"), 0);
    for order in [take_profit, stop_loss, limit, stop] {
        assert_eq!(stage.tried(&order), 1);
    }
    assert_eq!(keeper.metrics.work.with_label_values(&["execute_order", "done"]).get(), 4);
    // 1 quote each.
    assert_eq!(keeper.metrics.reward_atoms.with_label_values(&["0"]).get(), quote(4));
    let keeper = keeper.stop().await;
    assert_eq!(keeper.world().orders(), 0);
    assert_eq!((keeper.busy.len(), keeper.resting.len()), (0, 0));
}

/// A price of the second in which it was placed, or of the two after it, may
/// have been known to who placed it.
#[tokio::test(start_paused = true)]
async fn a_triggered_order_waits_for_a_price_published_since() {
    let stage = Stage::new(1);
    let keeper = stage.keeper();
    stage.crash_to(price(145));
    seconds(3).await;
    let placed_at = stage.chain.state().now;
    let order = stage.place(0, 0, OrderKind::StopLoss, price(146));
    seconds(2).await;
    assert!(stage.executed().is_empty());
    seconds(6).await;
    assert_eq!(stage.executed(), [(order, price(145))]);
    assert_eq!(stage.tried(&order), 1);
    assert!(stage.market().accepted.publish_time >= placed_at + 3);
    keeper.stop().await;
}

/// Closed accounts are told to nobody: the keeper tries each once and forgets it.
#[tokio::test(start_paused = true)]
async fn a_cancelled_order_costs_one_try_and_an_expired_one_none() {
    let stage = Stage::new(2);
    let keeper = stage.keeper();
    seconds(3).await;
    let cancelled = stage.place(0, 0, OrderKind::StopLoss, price(148));
    let now = stage.chain.state().now;
    let expired =
        stage.place_with(1, 0, OrderKind::StopLoss, price(148), |terms| terms.expires_at = now + 10);
    seconds(20).await;
    stage.chain.state().accounts.remove(&cancelled);
    stage.crash_to(price(1_475) / 10);
    seconds(20).await;
    assert!(stage.executed().is_empty());
    assert_eq!((stage.tried(&cancelled), stage.tried(&expired)), (1, 0));
    assert_eq!(keeper.metrics.work.with_label_values(&["execute_order", "gone"]).get(), 1);
    let keeper = keeper.stop().await;
    assert_eq!(keeper.world().orders(), 1, "the expired one, whose funds nobody has sent home");
}

#[tokio::test(start_paused = true)]
async fn a_forgotten_order_is_dropped_by_the_next_snapshot() {
    let stage = Stage::new(1);
    let keeper = stage.keeper();
    seconds(3).await;
    let order = stage.place(0, 0, OrderKind::StopLoss, price(140));
    seconds(3).await;
    stage.chain.state().accounts.remove(&order);
    seconds(300).await;
    stage.crash_to(price(149));
    assert_eq!(stage.tried(&order), 0);
    assert_eq!(keeper.stop().await.world().orders(), 0);
}

/// Of a pair, the one that executes ends the other, at whatever price.
#[tokio::test(start_paused = true)]
async fn of_a_pair_one_executes_and_the_other_is_not_tried() {
    let stage = Stage::new(1);
    let keeper = stage.keeper();
    seconds(3).await;
    let take_profit =
        stage.place_with(0, 1, OrderKind::TakeProfit, price(155), |terms| terms.cancels = Some(2));
    let stop_loss = stage.place_with(0, 2, OrderKind::StopLoss, price(147), |terms| terms.cancels = Some(1));
    seconds(6).await;
    stage.crash_to(price(156));
    seconds(5).await;
    stage.crash_to(price(146));
    seconds(5).await;
    assert_eq!(stage.executed(), [(take_profit, price(156))]);
    assert_eq!(stage.tried(&stop_loss), 0);
    keeper.stop().await;
}

/// At 147.1 (equity 5.1, 3.5 % are 5.15) both are due: the position is liquidated (a part), which makes the
/// stop-loss void, and nobody insists.
#[tokio::test(start_paused = true)]
async fn a_liquidation_comes_before_the_positions_orders() {
    let stage = Stage::new(1);
    let keeper = stage.keeper();
    seconds(3).await;
    let order = stage.place(0, 0, OrderKind::StopLoss, price(148));
    seconds(6).await;
    stage.crash_to(price(1_471) / 10);
    seconds(20).await;
    assert_eq!(stage.liquidated().len(), 1);
    assert!(stage.executed().is_empty());
    assert_eq!(stage.tried(&order), 0);
    let keeper = keeper.stop().await;
    assert_eq!((keeper.busy.len(), keeper.resting.len()), (0, 0));
}

/// A stop-loss whose transaction hangs does not hold up a liquidation.
#[tokio::test(start_paused = true)]
async fn an_order_in_work_holds_up_no_liquidation() {
    let stage = Stage::new(1);
    let keeper = stage.keeper();
    seconds(3).await;
    let order = stage.place(0, 0, OrderKind::StopLoss, price(148));
    seconds(6).await;
    stage.chain.state().faults.lose_sends = 3;
    stage.crash_to(price(1_475) / 10);
    seconds(1).await;
    assert!(stage.chain.state().faults.lose_sends < 3, "in work");
    stage.crash_to(price(1_471) / 10);
    seconds(20).await;
    assert_eq!(stage.liquidated().len(), 1);
    assert!(stage.executed().is_empty(), "void by then");
    let keeper = keeper.stop().await;
    let book = &keeper.world().books[&0];
    assert_eq!(book.orders.get(&order).map(|held| held.place()), Some(crate::orders::Place::Idle));
    assert_ne!(book.index.get(&stage.positions[0]).map(|it| it.place()), Some(PositionPlace::Parked));
}

#[tokio::test(start_paused = true)]
async fn a_lost_transaction_is_sent_again() {
    let stage = Stage::new(1);
    let keeper = stage.keeper();
    seconds(3).await;
    let order = stage.place(0, 0, OrderKind::StopLoss, price(148));
    seconds(6).await;
    stage.chain.state().faults.lose_sends = 2;
    stage.crash_to(price(1_475) / 10);
    seconds(20).await;
    assert_eq!(stage.executed(), [(order, price(1_475) / 10)]);
    keeper.stop().await;
}

/// The fork that it was executed on is abandoned: the next snapshot has it again.
#[tokio::test(start_paused = true)]
async fn what_a_rollback_brings_back_is_executed_again() {
    let stage = Stage::new(1);
    let keeper = stage.keeper();
    seconds(3).await;
    let order = stage.place(0, 0, OrderKind::StopLoss, price(148));
    let (account, position, market) = (
        stage.chain.order(&order).expect("placed"),
        stage.chain.position(&stage.positions[0]),
        stage.market(),
    );
    seconds(6).await;
    stage.crash_to(price(1_475) / 10);
    seconds(3).await;
    assert_eq!(stage.executed().len(), 1);
    {
        let mut state = stage.chain.state();
        state.accounts.insert(order, encode(&account));
        state.accounts.insert(stage.positions[0], encode(&position));
        state.accounts.insert(stage.market, encode(&market));
    }
    seconds(310).await;
    assert_eq!(stage.executed().len(), 2);
    assert!(stage.chain.order(&order).is_none());
    keeper.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_killed_keeper_is_replaced_by_one_that_reads_the_orders_anew() {
    let stage = Stage::new(12);
    let mut config = stage.config();
    config.work.max_in_flight = 2;
    let first = stage.keeper_with(config, Options { shard: Shard::WHOLE, dry_run: false });
    seconds(3).await;
    let orders: BTreeSet<Pubkey> =
        (0..12).map(|number| stage.place(number, 0, OrderKind::StopLoss, price(148))).collect();
    seconds(6).await;
    stage.crash_to(price(1_475) / 10);
    tokio::time::sleep(Duration::from_millis(600)).await;
    first.kill();
    let half = stage.executed().len();
    assert!(half > 0 && half < 12, "killed in the middle: {half}");
    let second = stage.keeper();
    seconds(5).await;
    let executed: BTreeSet<Pubkey> = stage.executed().iter().map(|(order, _)| *order).collect();
    assert_eq!(executed, orders);
    assert_eq!(stage.executed().len(), 12, "each once");
    second.stop().await;
}

/// Whoever lost does not insist, and both are at rest afterwards.
#[tokio::test(start_paused = true)]
async fn two_keepers_racing_execute_each_order_once() {
    let stage = Stage::new(20);
    let (one, two) = (stage.keeper(), stage.keeper());
    seconds(3).await;
    for number in 0..20 {
        stage.place(number, 0, OrderKind::StopLoss, price(148));
    }
    seconds(6).await;
    stage.crash_to(price(1_475) / 10);
    seconds(10).await;
    let executed = stage.executed();
    assert_eq!(executed.len(), 20);
    assert_eq!(executed.iter().collect::<BTreeSet<_>>().len(), 20, "each once");
    let tries: u64 = stage.chain.state().tried.values().sum();
    assert!(tries <= 40, "{tries}");
    let work =
        |keeper: &Running, verdict| keeper.metrics.work.with_label_values(&["execute_order", verdict]).get();
    assert_eq!(work(&one, "done") + work(&two, "done"), 20);
    assert_eq!(work(&one, "refused") + work(&two, "refused"), 0);
    for keeper in [one.stop().await, two.stop().await] {
        assert_eq!((keeper.busy.len(), keeper.resting.len()), (0, 0));
    }
}

/// At 10^9 quote per SOL no reward pays a fee.
#[tokio::test(start_paused = true)]
async fn an_order_that_does_not_pay_is_skipped_unless_told_otherwise() {
    let stage = Stage::new(1);
    let mut config = stage.config();
    config.profit.native_price = Some("1000000000".into());
    let keeper = stage.keeper_with(config.clone(), Options { shard: Shard::WHOLE, dry_run: false });
    seconds(3).await;
    let order = stage.place(0, 0, OrderKind::StopLoss, price(148));
    seconds(6).await;
    stage.crash_to(price(1_475) / 10);
    seconds(20).await;
    assert_eq!(stage.tried(&order), 0);
    let skipped = keeper.metrics.skipped_unprofitable.get();
    assert!((3..=6).contains(&skipped), "{skipped}: every five seconds");
    keeper.stop().await;

    config.profit.execute_at_a_loss = true;
    let keeper = stage.keeper_with(config, Options { shard: Shard::WHOLE, dry_run: false });
    seconds(3).await;
    assert_eq!(stage.executed().len(), 1);
    keeper.stop().await;
}

#[tokio::test(start_paused = true)]
async fn orders_are_left_alone_where_that_work_is_switched_off() {
    let stage = Stage::new(1);
    let mut config = stage.config();
    config.work.execute_orders = false;
    let keeper = stage.keeper_with(config, Options { shard: Shard::WHOLE, dry_run: false });
    seconds(3).await;
    let order = stage.place(0, 0, OrderKind::StopLoss, price(148));
    seconds(6).await;
    stage.crash_to(price(1_475) / 10);
    seconds(10).await;
    assert_eq!(stage.tried(&order), 0);
    keeper.stop().await;
}

/// It sells at 149 or better, triggered at 149.5: at 148 nobody tries it.
#[tokio::test(start_paused = true)]
async fn an_order_whose_fill_is_not_acceptable_waits_for_a_price_that_is() {
    let stage = Stage::new(1);
    let keeper = stage.keeper();
    seconds(3).await;
    let order = stage.place_with(0, 0, OrderKind::StopLoss, price(299) / 2, |terms| {
        terms.acceptable_price = price(149);
    });
    seconds(6).await;
    stage.crash_to(price(148));
    seconds(20).await;
    assert_eq!(stage.tried(&order), 0);
    stage.crash_to(price(1_492) / 10);
    seconds(3).await;
    assert_eq!(stage.executed(), [(order, price(1_492) / 10)]);
    keeper.stop().await;
}

#[tokio::test(start_paused = true)]
async fn an_order_that_always_fails_holds_up_no_other() {
    let stage = Stage::new(2);
    let mut config = stage.config();
    config.work.max_in_flight = 1;
    let keeper = stage.keeper_with(config, Options { shard: Shard::WHOLE, dry_run: false });
    seconds(3).await;
    let poisoned = stage.place(0, 0, OrderKind::StopLoss, price(148));
    let other = stage.place(1, 0, OrderKind::StopLoss, price(1_479) / 10);
    stage.chain.state().faults.poisoned.insert(poisoned);
    seconds(6).await;
    stage.crash_to(price(1_475) / 10);
    seconds(5).await;
    assert_eq!(stage.executed(), [(other, price(1_475) / 10)]);
    seconds(600).await;
    // 0, 10, 30, 70, 150, 310 s, and 630 s is beyond.
    assert!((5..=8).contains(&stage.tried(&poisoned)), "{}", stage.tried(&poisoned));
    keeper.stop().await;
}

/// Margin of 1 for another 1 at 148: below 5 % of 296. The program's answer is
/// no fault to be alarmed by.
#[tokio::test(start_paused = true)]
async fn an_order_that_the_position_cannot_bear_is_left_alone_quietly() {
    let stage = Stage::new(1);
    let keeper = stage.keeper();
    seconds(3).await;
    let order = stage.place_with(0, 0, OrderKind::Limit, price(148), |terms| terms.margin = quote(1));
    seconds(6).await;
    stage.crash_to(price(148));
    seconds(25).await;
    assert_eq!(stage.tried(&order), 2, "at once and after ten seconds");
    let work = |verdict| keeper.metrics.work.with_label_values(&["execute_order", verdict]).get();
    assert_eq!((work("unmet"), work("refused"), work("done")), (2, 0, 0));
    keeper.stop().await;
}

#[tokio::test(start_paused = true)]
async fn funds_of_ended_orders_are_sent_home_where_that_is_asked_for() {
    for asked in [false, true] {
        let stage = Stage::new(3);
        let mut config = stage.config();
        config.work.clean_up_orders = asked;
        let keeper = stage.keeper_with(config, Options { shard: Shard::WHOLE, dry_run: false });
        seconds(3).await;
        let now = stage.chain.state().now;
        let expired =
            stage.place_with(0, 0, OrderKind::StopLoss, price(100), |terms| terms.expires_at = now + 5);
        let taken =
            stage.place_with(1, 1, OrderKind::TakeProfit, price(152), |terms| terms.cancels = Some(2));
        let void = stage.place(1, 2, OrderKind::StopLoss, price(151));
        let live = stage.place(2, 0, OrderKind::StopLoss, price(100));
        seconds(1).await;
        let trader = stage.chain.order(&void).expect("placed").trader;
        seconds(1).await;
        stage.crash_to(price(153));
        seconds(9).await;
        assert_eq!(stage.executed(), [(taken, price(153))]);
        let cancelled = stage.chain.state().cancelled.clone();
        let keys: BTreeSet<Pubkey> = cancelled.iter().map(|(order, _)| *order).collect();
        let expected = if asked { BTreeSet::from([expired, void]) } else { BTreeSet::new() };
        assert_eq!(keys, expected);
        assert_eq!(cancelled.len(), expected.len(), "each once");
        let market = stage.market();
        let home = reward_account(&trader, &market);
        assert!(!asked || cancelled.contains(&(void, home)));
        assert!(stage.chain.order(&live).is_some());
        keeper.stop().await;
    }
}

/// One position in a market that takes any update of its feed, and a keeper who
/// has read it.
async fn on_any_update() -> (Stage, Running) {
    let stage = Stage::new(1);
    super::offers::unpin(&stage);
    let mut config = stage.config();
    config.oracles.insert("0".into(), stage.oracle.to_string());
    let keeper = stage.keeper_with(config, Options { shard: Shard::WHOLE, dry_run: false });
    seconds(3).await;
    (stage, keeper)
}

/// The feed's updates as anybody may have posted them: the one that was first
/// since the order was due, one before it and one after it.
#[tokio::test(start_paused = true)]
async fn a_delayed_order_executes_at_the_first_price_since_and_no_other() {
    let (stage, keeper) = on_any_update().await;
    let order = stage.place(0, 0, OrderKind::Delayed, 0);
    let due = stage.chain.order(&order).expect("placed").not_before;
    // The clock of this chain goes in steps of two seconds, so its own price
    // account never is the first since an odd second.
    assert!(due % 2 == 1);
    let post = |price: u64, times: [i64; 2]| {
        let slot = stage.chain.state().slot;
        stage.chain.put(Pubkey::new_unique(), update_account(&stage.feed, price, 0, times, slot));
    };
    post(price(149), [due - 2, due - 1]);
    seconds(10).await;
    assert_eq!(stage.tried(&order), 0, "there is no such price yet");
    post(price(152), [due + 1, due + 2]);
    seconds(5).await;
    assert_eq!(stage.tried(&order), 0, "not the first");
    post(price(151), [due - 1, due + 1]);
    seconds(5).await;
    assert_eq!(stage.executed(), [(order, price(151))]);
    assert_eq!(stage.tried(&order), 1);
    assert_eq!(stage.chain.position(&stage.positions[0]).size, 2 * UNIT);
    let keeper = keeper.stop().await;
    assert!(keeper.world().orders() == 0 && keeper.firsts.is_empty());
}

/// It buys at 150 or better, and its price is 151: its one attempt is made all
/// the same, pays, and is not made again.
#[tokio::test(start_paused = true)]
async fn a_delayed_order_that_cannot_be_filled_is_tried_once() {
    let (stage, keeper) = on_any_update().await;
    let order = stage.place_with(0, 0, OrderKind::Delayed, 0, |terms| terms.acceptable_price = price(150));
    let due = stage.chain.order(&order).expect("placed").not_before;
    let slot = stage.chain.state().slot;
    let update = update_account(&stage.feed, price(151), 0, [due - 1, due + 1], slot);
    seconds(4).await;
    stage.chain.put(Pubkey::new_unique(), update);
    seconds(30).await;
    assert_eq!(stage.chain.state().failed, [order]);
    assert_eq!(stage.tried(&order), 1);
    assert_eq!(stage.chain.position(&stage.positions[0]).size, UNIT);
    assert_eq!(keeper.metrics.work.with_label_values(&["execute_order", "done"]).get(), 1);
    keeper.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_delayed_order_whose_price_never_comes_expires_quietly() {
    let (stage, keeper) = on_any_update().await;
    let order = stage.place(0, 0, OrderKind::Delayed, 0);
    let before = stage.chain.calls("program_accounts");
    seconds(60).await;
    let looked = stage.chain.calls("program_accounts") - before;
    assert!((30..=62).contains(&looked), "{looked}: once a second");
    seconds(30).await;
    let before = stage.chain.calls("program_accounts");
    seconds(60).await;
    assert_eq!(stage.chain.calls("program_accounts"), before, "and no more once it has expired");
    assert_eq!(stage.tried(&order), 0);
    let keeper = keeper.stop().await;
    assert!(keeper.firsts.is_empty());
    assert_eq!((keeper.busy.len(), keeper.resting.len()), (0, 0));
}
