//! What may go wrong in the middle of a crash.

use std::collections::BTreeSet;
use std::thread::sleep;
use std::time::{Duration, Instant};

use ringfence_client::Pubkey;

use crate::chart::Chart;
use crate::keeper::{Process, Running};
use crate::proxy::Proxy;
use crate::stage::{Stage, Step};

/// Few at a time, so that a crash has a middle.
const SLOWLY: &str = "[work]\nmax_in_flight = 3\n";

/// Waits until some of what `step` asks for is done, and not all of it.
fn middle_of(stage: &Stage, step: &Step) {
    let begin = Instant::now();
    loop {
        let left = step.untouched(&Chart::read(&stage.rpc)).len();
        if left < step.expected.len() {
            assert!(left > 0, "it was over too soon");
            return;
        }
        assert!(begin.elapsed() < Duration::from_secs(20), "nothing has begun");
        sleep(Duration::from_millis(20));
    }
}

/// What is still untouched once nothing that was sent before is on its way.
fn at_rest(stage: &Stage, step: &Step) -> BTreeSet<Pubkey> {
    let mut before = step.untouched(&Chart::read(&stage.rpc));
    loop {
        sleep(Duration::from_millis(500));
        let now = step.untouched(&Chart::read(&stage.rpc));
        if now == before {
            return now;
        }
        before = now;
    }
}

#[test]
fn killed_in_the_middle_and_started_again_it_misses_nothing() {
    let mut stage = Stage::new();
    stage.open(120);
    let config = Process::prepare(&stage, "killed", SLOWLY);
    let keeper = Process::start(&config);
    let fall = stage.publish(&stage.percent([80, 80, 80]));
    middle_of(&stage, &fall);
    keeper.kill();
    // While nobody looks: more positions, and lower prices.
    let half_done = at_rest(&stage, &fall);
    assert!(!half_done.is_empty(), "killed too late");
    stage.open(12);
    let deeper = stage.publish(&stage.percent([70, 70, 70]));
    assert!(deeper.expected.is_superset(&half_done));

    let keeper = Process::start(&config);
    stage.wait_for(&deeper);
    stage.wait_for(&fall);
    stage.assert_done(&deeper);
    Chart::read(&stage.rpc).assert_books(&stage.rpc);
    keeper.kill();
}

#[test]
fn two_that_race_liquidate_everything_once_and_come_to_rest() {
    let mut stage = Stage::new();
    stage.open(150);
    let keepers = [Running::start(&stage, ""), Running::start(&stage, "")];
    let step = stage.publish(&stage.percent([70, 70, 70]));
    assert!(step.expected.len() >= 50);
    stage.wait_for(&step);
    for keeper in &keepers {
        keeper.assert_calm();
    }
    stage.assert_done(&step);
    let positions = step.expected.len() as u64;
    let done: u64 = keepers.iter().map(|keeper| keeper.work("done")).sum();
    assert_eq!(done, positions, "each position by one of them");
    for keeper in &keepers {
        let failed = ["refused", "unreachable", "no_price", "unfunded"].map(|name| keeper.work(name));
        assert_eq!(failed, [0; 4], "{}", keeper.metrics.render());
        // Once in vain, and once more where the loss was heard of too late.
        assert!(keeper.attempts() <= 2 * positions, "{}", keeper.metrics.render());
    }
    println!("{:?} of {positions}", keepers.each_ref().map(|keeper| keeper.work("done")));
    Chart::read(&stage.rpc).assert_books(&stage.rpc);
    for keeper in keepers {
        keeper.stop();
    }
}

#[test]
fn cut_off_in_the_middle_it_reads_everything_again_and_misses_nothing() {
    let mut stage = Stage::new();
    stage.open(120);
    let proxy = Proxy::to(stage.localnet.ws_url());
    let keeper = Running::start_at(&stage, &proxy.url(), SLOWLY);
    let fall = stage.publish(&stage.percent([85, 85, 85]));
    middle_of(&stage, &fall);
    proxy.cut();
    keeper.wait_until("it hears nothing", |metrics| metrics.connected.get() == 0);
    // Prices it polls. Of these it can know only by reading everything again.
    let unheard = stage.open(30);
    stage.wait_for(&fall);
    let deeper = stage.publish(&stage.percent([70, 70, 70]));
    let fresh = unheard.iter().filter(|key| deeper.expected.contains(*key)).count();
    assert!(fresh >= 5, "{fresh} of the new ones");
    proxy.mend();
    stage.wait_for(&deeper);
    stage.assert_done(&deeper);
    keeper.assert_calm();
    assert_eq!(keeper.metrics.connected.get(), 1);
    assert!(keeper.resyncs("disconnected") >= 1, "{}", keeper.metrics.render());
    Chart::read(&stage.rpc).assert_books(&stage.rpc);
    keeper.stop();
}
