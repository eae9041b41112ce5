use super::*;

/// 137 ÷ … : at 135, (150 − m) ÷ 0.965 ≥ 135 for margins up to 19.725: 8 to 19.
#[tokio::test(start_paused = true)]
async fn every_liquidatable_position_and_no_other_within_two_slots() {
    let stage = Stage::new(60);
    let keeper = stage.keeper();
    seconds(5).await;
    assert!(stage.liquidated().is_empty());
    let crashed_in = stage.chain.state().slot;
    stage.crash_to(price(135));
    seconds(5).await;
    let due = stage.due(135.0);
    assert_eq!(due.len(), 12);
    assert_eq!(stage.liquidated(), due);
    let latest = stage.chain.state().liquidated.iter().map(|(_, slot, _)| *slot).max();
    assert!(latest <= Some(crashed_in + 2), "crash in {crashed_in}, last in {latest:?}");
    let keeper = keeper.stop().await;
    assert!(keeper.busy.is_empty());
    // What the keeper knows at the end is what the chain has.
    let book = &keeper.world().books[&0];
    for key in &stage.positions {
        assert_eq!(book.index.get(key).map(|record| record.margin), Some(stage.chain.position(key).margin));
    }
}

/// A crash of 30 % through everything, more than may be in flight at once.
#[tokio::test(start_paused = true)]
async fn a_crash_of_more_than_fit_in_flight() {
    let stage = Stage::new(500);
    let mut config = stage.config();
    config.work.max_in_flight = 16;
    let keeper = stage.keeper_with(config, Options { shard: Shard::WHOLE, dry_run: false });
    seconds(3).await;
    stage.crash_to(price(105));
    seconds(60).await;
    // (150 − m) ÷ 0.965 ≥ 105 for m ≤ 48.675: 8 to 48.
    assert_eq!(stage.liquidated(), stage.due(105.0));
    assert_eq!(stage.liquidated().len(), 41);
    keeper.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_sends_nothing() {
    let stage = Stage::new(5);
    let keeper = stage.keeper_with(stage.config(), Options { shard: Shard::WHOLE, dry_run: true });
    seconds(3).await;
    stage.crash_to(price(130));
    seconds(30).await;
    assert_eq!(stage.chain.calls("send"), 0);
    assert!(stage.chain.calls("simulate") >= 5);
    // Each once a quarantine (10 s), not once a tick.
    assert!(stage.chain.calls("simulate") <= 20, "{}", stage.chain.calls("simulate"));
    keeper.stop().await;
}

/// Reward 0.27 to 0.7 quote; at 10^9 quote per SOL a fee of 5,000 lamports is
/// 5,000 quote.
#[tokio::test(start_paused = true)]
async fn what_does_not_pay_is_skipped_unless_told_otherwise() {
    let stage = Stage::new(3);
    let mut config = stage.config();
    config.profit.native_price = Some("1000000000".into());
    let keeper = stage.keeper_with(config.clone(), Options { shard: Shard::WHOLE, dry_run: false });
    seconds(3).await;
    stage.crash_to(price(140));
    seconds(20).await;
    assert_eq!(stage.chain.calls("send"), 0);
    assert!(keeper.metrics.skipped_unprofitable.get() >= 3);
    assert!(keeper.metrics.skipped_unprofitable.get() <= 15, "asked again every five seconds");
    keeper.stop().await;

    config.profit.liquidate_at_a_loss = true;
    let keeper = stage.keeper_with(config, Options { shard: Shard::WHOLE, dry_run: false });
    seconds(3).await;
    assert_eq!(stage.liquidated().len(), 3);
    keeper.stop().await;
}

#[tokio::test(start_paused = true)]
async fn gains_are_closed_at_their_cap() {
    let stage = Stage::new(4);
    let keeper = stage.keeper();
    seconds(3).await;
    // Through the divergence limit only in steps of the fixture's own average,
    // which is the price.
    stage.crash_to(price(301));
    seconds(5).await;
    let capped: BTreeSet<Pubkey> = stage.chain.state().capped.iter().copied().collect();
    assert_eq!(capped.len(), 4);
    assert_eq!(stage.chain.state().capped.len(), 4, "each once");
    keeper.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_market_is_accrued_when_it_is_due() {
    let stage = Stage::new(1);
    let mut config = stage.config();
    config.work.accrue = true;
    config.work.accrue_every_seconds = 60;
    let keeper = stage.keeper_with(config, Options { shard: Shard::WHOLE, dry_run: false });
    seconds(310).await;
    let accrued = stage.chain.state().accrued;
    assert!((4..=5).contains(&accrued), "{accrued}");
    assert!(stage.market().accrued_at > NOW);
    keeper.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_shard_leaves_the_other_markets_alone() {
    let stage = Stage::new(3);
    let other = Options { shard: Shard { number: 1, count: 2 }, dry_run: false };
    let keeper = stage.keeper_with(stage.config(), other);
    stage.crash_to(price(130));
    seconds(10).await;
    assert!(stage.liquidated().is_empty());
    assert!(keeper.stop().await.world().books.is_empty());
}

/// Idle: one sample a heartbeat and a snapshot every five minutes; in memory
/// nothing piles up.
#[tokio::test(start_paused = true)]
async fn no_busy_loop_and_no_growth() {
    let stage = Stage::new(50);
    let keeper = stage.keeper();
    seconds(3_600).await;
    let samples = stage.chain.calls("accounts");
    assert!((8_000..=9_001).contains(&samples), "{samples} samples in 3,600 s ÷ 0.4 s");
    let snapshots = stage.chain.calls("program_accounts");
    assert!((36..=42).contains(&snapshots), "{snapshots}: three calls, 12 or 13 times");
    assert_eq!(stage.chain.calls("send") + stage.chain.calls("blockhash"), 0);
    assert_eq!(stage.chain.subscribers(), 1);
    let keeper = keeper.stop().await;
    assert_eq!((keeper.busy.len(), keeper.resting.len(), keeper.resting.struck()), (0, 0, 0));
    assert_eq!(keeper.world().positions(), 50);
    assert!(keeper.tasks.is_empty());
}

#[tokio::test(start_paused = true)]
async fn work_under_way_is_finished_before_the_keeper_stops() {
    let stage = Stage::new(3);
    let keeper = stage.keeper();
    seconds(3).await;
    stage.chain.state().faults.delay = Duration::from_millis(700);
    stage.crash_to(price(140));
    tokio::time::sleep(Duration::from_millis(100)).await;
    let keeper = keeper.stop().await;
    assert_eq!(stage.liquidated().len(), 3);
    assert!(keeper.busy.is_empty());
}
