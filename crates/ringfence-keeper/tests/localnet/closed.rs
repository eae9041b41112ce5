//! Positions that their owners close. A closed account has no data and another
//! owner, so no node notifies the program's subscribers of it.

use ringfence_client::Pubkey;
use ringfence_client::accounts::Position;
use ringfence_client::state::Side;
use ringfence_client::{ClosePositionArgs, instructions};
use solana_signer::Signer;
use spl_associated_token_account_interface::address::get_associated_token_address;

use crate::chart::Chart;
use crate::keeper::Running;
use crate::stage::Stage;

fn close(stage: &Stage, number: usize, position: &Pubkey, side: Side) {
    let (owner, accounts) = (stage.owner(number), &stage.localnet.markets()[number % 3].accounts);
    let tokens = get_associated_token_address(&owner.pubkey(), &stage.localnet.mint());
    let acceptable_price = if side == Side::Long { 1 } else { u64::MAX };
    let args = ClosePositionArgs { acceptable_price };
    let close = instructions::close_position(accounts, *position, owner.pubkey(), tokens, None, args);
    stage.localnet.send(&[close], &[owner]).unwrap_or_else(|error| panic!("{error}"));
}

fn close_every_fourth(stage: &Stage, opened: &[Pubkey]) -> Vec<Pubkey> {
    let chart = Chart::read(&stage.rpc);
    let mut closed = Vec::new();
    for (number, key) in opened.iter().enumerate().step_by(4) {
        let position: &Position = &chart.positions[key];
        let side = if position.side == Side::Long as u8 { Side::Long } else { Side::Short };
        close(stage, number, key, side);
        closed.push(*key);
    }
    closed
}

#[test]
fn closed_positions_are_dropped_by_the_next_snapshot() {
    let mut stage = Stage::new();
    let opened = stage.open(24);
    let keeper = Running::start(&stage, "[sync]\nresync_every_seconds = 2\n");
    let closed = close_every_fourth(&stage, &opened);
    let regular = keeper.resyncs("regular");
    // The first that begins after this line reads what is left.
    keeper.wait_until("two snapshots", |metrics| {
        metrics.resyncs.with_label_values(&["regular"]).get() >= regular + 2
    });
    let step = stage.publish(&stage.percent([70, 70, 70]));
    stage.wait_for(&step);
    stage.assert_done(&step);
    keeper.assert_calm();
    assert_eq!(keeper.work("gone"), 0, "it did not try the closed ones");
    assert_eq!(keeper.stop().world().positions(), opened.len() - closed.len());
}

#[test]
fn a_closed_position_that_no_snapshot_has_dropped_costs_one_try_and_no_fee() {
    let mut stage = Stage::new();
    let opened = stage.open(24);
    let keeper = Running::start(&stage, "");
    let doomed = Chart::read(&stage.rpc).liquidatable(stage.localnet.now(), &stage.percent([70, 70, 70]));
    let closed = close_every_fourth(&stage, &opened);
    let in_vain = closed.iter().filter(|key| doomed.contains(*key)).count() as u64;
    assert!(in_vain >= 2);
    let step = stage.publish(&stage.percent([70, 70, 70]));
    stage.wait_for(&step);
    keeper.assert_calm();
    stage.assert_done(&step);
    assert_eq!(keeper.work("done"), step.expected.len() as u64);
    assert_eq!(keeper.work("gone"), in_vain);
    assert_eq!(keeper.attempts(), step.expected.len() as u64 + in_vain);
    let left = keeper.stop().world().positions() as u64;
    assert_eq!(left, (opened.len() - closed.len()) as u64 + closed.len() as u64 - in_vain);
}
