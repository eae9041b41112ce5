//! 500 positions, and prices that fall by 30 % and come back.

use crate::chart::Chart;
use crate::keeper::Running;
use crate::stage::{Stage, tally};

/// How late a liquidation may be, counted from the slot before the price is
/// published.
const SLOTS: u64 = 2;

/// Confirmations are asked for several times a slot.
const SWIFTLY: &str = "[sync]\npoll_every_ms = 100\n";

#[test]
fn in_a_crash_all_that_is_liquidatable_is_liquidated_within_two_slots_and_nothing_else() {
    let mut stage = Stage::new();
    stage.open(500);
    let keeper = Running::start(&stage, SWIFTLY);
    let (mut longs, mut shorts, mut slots) = (0, 0, Vec::new());
    let steps = [
        // 30 % down, BTC ahead of the others.
        [98, 95, 98],
        [95, 90, 94],
        [90, 85, 90],
        [85, 80, 86],
        [80, 75, 82],
        [75, 70, 76],
        [70, 70, 70],
        // And past where they came from: the shorts' turn.
        [90, 95, 92],
        [104, 104, 106],
        [112, 110, 118],
    ];
    for percent in steps {
        let step = stage.publish(&stage.percent(percent));
        stage.wait_for(&step);
        let taken = stage.assert_done(&step);
        let late = taken.iter().filter(|taken| **taken > SLOTS).count();
        assert_eq!(late, 0, "at {percent:?} %: slots taken: {:?}", tally(&taken));
        let (long, short) = step.sides();
        longs += long;
        shorts += short;
        slots.extend(taken);
    }
    println!("{longs} longs and {shorts} shorts; slots taken: {:?}", tally(&slots));
    assert!(longs >= 150 && shorts >= 75, "{longs} longs, {shorts} shorts: a crash worth the name");

    keeper.assert_calm();
    let expected = (longs + shorts) as u64;
    assert_eq!(keeper.work("done"), expected);
    assert_eq!(keeper.work("refused") + keeper.work("unreachable"), 0, "{}", keeper.metrics.render());
    let chart = Chart::read(&stage.rpc);
    assert_eq!(chart.positions.len(), 500);
    chart.assert_books(&stage.rpc);
    let last = stage.percent(steps[steps.len() - 1]);
    assert!(chart.liquidatable(stage.localnet.now(), &last).is_empty());
    keeper.stop();
}
