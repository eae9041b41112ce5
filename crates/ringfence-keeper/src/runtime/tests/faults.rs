use super::*;

#[tokio::test(start_paused = true)]
async fn a_node_that_refuses_is_tried_again_and_nothing_is_missed() {
    let stage = Stage::new(10);
    let keeper = stage.keeper();
    seconds(3).await;
    stage.chain.state().faults.refuse = true;
    stage.chain.cut();
    let before: u64 = stage.chain.state().calls.values().sum();
    stage.crash_to(price(140));
    seconds(60).await;
    let asked = stage.chain.state().calls.values().sum::<u64>() - before;
    assert!(asked < 120, "{asked} calls in a minute of refusals");
    assert!(keeper.pulse.check().is_err(), "unhealthy after 15 s without an answer");
    stage.chain.state().faults.refuse = false;
    seconds(15).await;
    assert_eq!(stage.liquidated(), stage.due(140.0));
    assert!(keeper.pulse.check().is_ok());
    keeper.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_node_that_hangs_is_given_up_on() {
    let stage = Stage::new(10);
    let keeper = stage.keeper();
    seconds(3).await;
    stage.chain.state().faults.hang = true;
    stage.crash_to(price(140));
    seconds(30).await;
    assert!(stage.liquidated().is_empty());
    stage.chain.state().faults.hang = false;
    seconds(30).await;
    assert_eq!(stage.liquidated(), stage.due(140.0));
    keeper.stop().await;
}

/// Answers of two seconds ago: older than what the subscription has brought.
#[tokio::test(start_paused = true)]
async fn late_answers_do_not_undo_what_is_known() {
    let stage = Stage::new(10);
    let keeper = stage.keeper();
    seconds(3).await;
    stage.chain.state().faults.delay = Duration::from_secs(2);
    stage.crash_to(price(140));
    seconds(30).await;
    assert_eq!(stage.liquidated(), stage.due(140.0));
    // Once each: none is taken for liquidatable again after its liquidation.
    assert_eq!(stage.chain.state().liquidated.len(), stage.due(140.0).len());
    keeper.stop().await;
}

#[tokio::test(start_paused = true)]
async fn notifications_out_of_order_leave_the_newest() {
    let stage = Stage::new(2);
    let keeper = stage.keeper();
    seconds(3).await;
    let key = stage.positions[0];
    let old = encode(&stage.chain.position(&key));
    let mut topped_up = stage.chain.position(&key);
    topped_up.margin = quote(60);
    let slot = stage.chain.state().slot;
    stage.chain.put(key, encode(&topped_up));
    stage.chain.state().notify(Update::Account { key, account: old, slot: slot - 3 });
    stage.crash_to(price(140));
    seconds(5).await;
    assert_eq!(stage.liquidated(), BTreeSet::from([stage.positions[1]]), "10 quote: due; 60: not");
    assert_eq!(stage.chain.state().tried.get(&key), None, "never even tried");
    keeper.stop().await;
}

/// Positions opened while the subscription is down, in mid-crash.
#[tokio::test(start_paused = true)]
async fn a_cut_subscription_is_made_good_by_a_snapshot() {
    let stage = Stage::new(10);
    let keeper = stage.keeper();
    seconds(3).await;
    stage.crash_to(price(145));
    stage.chain.cut();
    let mut market = stage.market();
    let (key, position) =
        fixtures::position(stage.market, &mut market, Side::Long, UNIT, price(150), quote(9));
    stage.chain.put(stage.market, encode(&market));
    stage.chain.put(key, encode(&position));
    stage.crash_to(price(140));
    seconds(10).await;
    let mut due = stage.due(140.0);
    due.insert(key);
    assert_eq!(stage.liquidated(), due);
    assert!(keeper.metrics.resyncs.with_label_values(&["disconnected"]).get() >= 1);
    assert_eq!(stage.chain.subscribers(), 1, "one subscription, not two");
    keeper.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_silent_subscription_is_replaced() {
    let stage = Stage::new(1);
    let keeper = stage.keeper();
    seconds(3).await;
    stage.ticker.abort();
    seconds(20).await;
    assert!(keeper.metrics.resyncs.with_label_values(&["silence"]).get() >= 1);
    keeper.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_slot_gap_is_followed_by_a_snapshot() {
    let stage = Stage::new(1);
    let keeper = stage.keeper();
    seconds(3).await;
    stage.chain.state().slot += 100;
    seconds(3).await;
    assert_eq!(keeper.metrics.resyncs.with_label_values(&["slot gap"]).get(), 1);
    keeper.stop().await;
}

/// The chain starts anew at slot 0 with other accounts.
#[tokio::test(start_paused = true)]
async fn a_cluster_started_anew_is_read_anew() {
    let stage = Stage::new(3);
    stage.chain.state().slot = 100_000;
    let keeper = stage.keeper();
    seconds(3).await;
    {
        let mut state = stage.chain.state();
        state.slot = 5;
        for key in &stage.positions[1..] {
            state.accounts.remove(key);
        }
    }
    stage.chain.cut();
    seconds(5).await;
    let keeper = keeper.stop().await;
    assert_eq!(keeper.world().positions(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_killed_keeper_is_replaced_by_one_that_knows_nothing() {
    let stage = Stage::new(40);
    let mut config = stage.config();
    config.work.max_in_flight = 2;
    let options = Options { shard: Shard::WHOLE, dry_run: false };
    let first = stage.keeper_with(config, options);
    seconds(3).await;
    stage.crash_to(price(125));
    tokio::time::sleep(Duration::from_millis(600)).await;
    first.kill();
    let half = stage.liquidated().len();
    let due = stage.due(125.0);
    assert!(half > 0 && half < due.len(), "killed in the middle: {half} of {}", due.len());
    let second = stage.keeper();
    seconds(5).await;
    assert_eq!(stage.liquidated(), due);
    second.stop().await;
}

#[tokio::test(start_paused = true)]
async fn two_keepers_racing_take_each_position_once() {
    let stage = Stage::new(40);
    let (one, two) = (stage.keeper(), stage.keeper());
    seconds(3).await;
    stage.crash_to(price(125));
    seconds(10).await;
    let liquidated = stage.chain.state().liquidated.clone();
    assert_eq!(liquidated.len(), stage.due(125.0).len(), "each once");
    // Whoever lost does not insist: no more than one try each.
    let tries: u64 = stage.chain.state().tried.values().sum();
    assert!(tries <= 2 * liquidated.len() as u64, "{tries}");
    for keeper in [one.stop().await, two.stop().await] {
        assert!(keeper.busy.is_empty());
    }
}

/// Two transactions are lost and their blockhash runs out; what is signed next
/// has a fresh one and a higher fee.
#[tokio::test(start_paused = true)]
async fn an_expired_blockhash_is_replaced_and_the_fee_rises() {
    let stage = Stage::new(1);
    let keeper = stage.keeper();
    seconds(3).await;
    {
        let mut state = stage.chain.state();
        state.faults.lose_sends = 2;
        state.faults.blockhash_blocks = Some(2);
    }
    stage.crash_to(price(140));
    seconds(20).await;
    assert_eq!(stage.liquidated().len(), 1);
    assert!(stage.chain.calls("blockhash") >= 2);
    let prices = stage.chain.state().prices.clone();
    let (first, last) = (prices.first().copied(), prices.last().copied());
    assert_eq!(first, Some(10_000));
    assert!(last >= Some(20_000), "{prices:?}");
    keeper.stop().await;
}

/// It is refused every time: left alone for 10, 20, 40 … seconds, the others
/// not for one.
#[tokio::test(start_paused = true)]
async fn a_position_that_always_fails_holds_up_no_other() {
    let stage = Stage::new(20);
    let poisoned = stage.positions[0];
    stage.chain.state().faults.poisoned.insert(poisoned);
    let mut config = stage.config();
    config.work.max_in_flight = 1;
    let keeper = stage.keeper_with(config, Options { shard: Shard::WHOLE, dry_run: false });
    seconds(3).await;
    stage.crash_to(price(140));
    seconds(20).await;
    let mut due = stage.due(140.0);
    due.remove(&poisoned);
    assert_eq!(stage.liquidated(), due);
    seconds(600).await;
    // 0, 10, 30, 70, 150, 310 s, and 630 s is beyond.
    let tries = stage.chain.state().tried[&poisoned];
    assert!((5..=8).contains(&tries), "{tries}");
    stage.chain.state().faults.poisoned.clear();
    seconds(600).await;
    assert!(stage.liquidated().contains(&poisoned), "and is taken once it can be");
    let keeper = keeper.stop().await;
    assert_eq!(keeper.resting.struck(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_market_that_is_closed_is_forgotten() {
    let stage = Stage::new(2);
    let mut config = stage.config();
    config.work.accrue = true;
    config.work.accrue_every_seconds = 1_000;
    let keeper = stage.keeper_with(config, Options { shard: Shard::WHOLE, dry_run: false });
    seconds(3).await;
    stage.chain.state().accounts.retain(|key, _| *key != stage.market && !stage.positions.contains(key));
    seconds(1_500).await;
    let keeper = keeper.stop().await;
    assert!(keeper.world().books.is_empty());
    assert_eq!(stage.chain.calls("send"), 0, "nothing is accrued that is not there");
}
