//! Invariants 4 and 6: who is liquidated, and that somebody is paid for it.

use std::ops::AddAssign;

use rand::Rng;
use ringfence_client::RingfenceError;
use ringfence_client::accounts::Position;

use crate::actions::Action;
use crate::model;
use crate::support::{GUEST, Held, Pool, Run, Snapshot, Spot, steps};

/// What the model says at this moment: whether equity is below maintenance at
/// the mark.
fn below_maintenance(now: &Snapshot, spot: Spot, position: &Position) -> bool {
    let pool = &now.pools[spot.market];
    let market = model::accrued(&pool.state, now.now, pool.feed.price);
    let mark = model::liquidation_mark(&market, model::is_long(position), &pool.feed);
    model::health(&market, position, mark).liquidatable()
}

/// The engine liquidates just those whose equity is below maintenance, by the
/// model, and refuses every other with NotLiquidatable.
#[test]
fn invariant_04_liquidatable_is_equity_below_maintenance() {
    let mut run = Run::new(104);
    let (mut healthy, mut unhealthy) = (0, 0);
    run.run(steps(), |run, step| {
        let open: Vec<_> = step.after.positions.iter().filter(|(_, held)| held.state.size > 0).collect();
        if open.is_empty() {
            return;
        }
        // any, and as often one that has to go
        let mut pick = run.rng.random_range(0..open.len());
        if run.rng.random() {
            let below = |(at, held): &(&Spot, &Held)| below_maintenance(&step.after, **at, &held.state);
            pick = open.iter().position(below).unwrap_or(pick);
        }
        let (&at, held) = open[pick];
        let expected = below_maintenance(&step.after, at, &held.state);
        let result = run.what_if(|run| run.perform(&Action::Liquidate { at, keeper: GUEST }));
        match result {
            Ok(_) => assert!(expected, "{at:?} was healthy"),
            Err(failure) => {
                assert!(!expected, "{at:?} was not liquidated: {:?}", failure.error);
                assert!(failure.is(RingfenceError::NotLiquidatable), "{:?}", failure.error);
            }
        }
        (if expected { &mut unhealthy } else { &mut healthy }).add_assign(1);
    });
    assert!(healthy > 100 && unhealthy > 30, "{healthy} healthy, {unhealthy} not");
}

/// No instruction of its own makes a position liquidatable; and at the edge
/// that hurts, opening and increasing leave the initial margin in equity, a
/// withdrawal leaves it in margin and losses alone: gains back none.
#[test]
fn invariant_04_no_instruction_leaves_its_caller_liquidatable() {
    let mut run = Run::new(204);
    let (mut judged, mut gaining, mut partial) = (0, 0, 0);
    run.run(steps(), |run, step| {
        use Action::*;
        // nor may a part of one be closed that leaves the rest so
        for (&at, held) in step.after.positions.iter().filter(|(_, held)| held.state.size > 1) {
            if below_maintenance(&step.after, at, &held.state) {
                let size = run.rng.random_range(1..held.state.size);
                run.what_if(|run| {
                    let decreased = run.perform(&Decrease { at, size }).is_ok();
                    let now = run.snapshot();
                    let left = now.positions[&at].state;
                    assert!(!decreased || !below_maintenance(&now, at, &left), "{size} of {at:?}");
                    partial += 1;
                });
            }
        }
        let risks =
            matches!(step.action, Open { .. } | Increase { .. } | Decrease { .. } | RemoveMargin { .. });
        let (Ok(_), Some(at), true) = (&step.result, step.action.spot(), risks) else { return };
        let Some(after) = step.after.positions.get(&at).filter(|held| held.state.size > 0) else { return };
        assert!(!below_maintenance(&step.after, at, &after.state), "{:?}", step.action);
        let Pool { state, feed, .. } = &step.after.pools[at.market];
        // a withdrawal does not write the market, but counts up to now
        let market = model::accrued(state, step.after.now, feed.price);
        let (low, high) = model::edges(feed);
        let against = if model::is_long(&after.state) { low } else { high };
        let health = model::health(&market, &after.state, against);
        let backing = match step.action {
            Open { .. } | Increase { .. } => health.equity,
            RemoveMargin { .. } => i128::from(after.state.margin) + health.gain.min(0),
            _ => return,
        };
        assert!(backing >= health.initial, "{:?}: {backing} of {health:?}", step.action);
        gaining += u32::from(matches!(step.action, RemoveMargin { .. }) && health.gain > 0);
        judged += 1;
    });
    assert!(judged > 50 && gaining > 5 && partial > 30, "{judged}, {gaining} with a gain, {partial}");
}

/// Whoever liquidates is paid: more than nothing, and the minimum as far as
/// vault and insurance reach. Markets without insurance, and deep falls.
#[test]
fn invariant_06_a_keeper_is_always_paid() {
    let mut run = Run::with(206, |params| params.insurance_share_ppm = 0);
    let (mut paid, mut bankrupt) = (0, 0);
    for _ in 0..steps() {
        let step = if run.rng.random_bool(0.2) {
            let market = run.rng.random_range(0..run.markets.len());
            let action = run.any_price(market);
            run.act(action)
        } else {
            run.step()
        };
        let now = step.after;
        for (&at, held) in &now.positions {
            if held.state.size == 0 || !below_maintenance(&now, at, &held.state) {
                continue;
            }
            let state = &now.pools[at.market].state;
            let pool = &now.pools[at.market];
            let market = model::accrued(state, now.now, pool.feed.price);
            let expected = model::liquidation(&market, &pool.feed, &held.state).expect("liquidatable");
            let reward = run.what_if(|run| {
                run.perform(&Action::Liquidate { at, keeper: GUEST }).expect("liquidatable");
                run.world.wealth(run.markets[0], &run.people[GUEST]) - now.wallets[GUEST]
            });
            let within_reach = i128::from(held.state.margin) + expected.gain + i128::from(state.insurance);
            let least = i128::from(state.params.min_keeper_reward).min(within_reach);
            assert!(reward > 0 && i128::from(reward) >= least, "{reward} < {least} for {at:?}");
            paid += 1;
            bankrupt += u32::from(expected.bad_debt > 0);
        }
    }
    assert!(paid > 50 && bankrupt > 10, "{paid} liquidations, {bankrupt} of bankrupt positions");
}
