//! Invariant 14: what a pause stops, and what it does not.

use ringfence_client::RingfenceError;
use ringfence_client::state::MarketStatus;

use crate::actions::Action;
use crate::support::{Run, Snapshot, steps};

/// What a status makes of an action: none for no difference at all.
fn refusal(action: &Action, now: &Snapshot, status: MarketStatus) -> Option<RingfenceError> {
    use Action::*;
    let paused = status == MarketStatus::Paused;
    match action {
        Open { .. } | Increase { .. } | AddLiquidity { .. } => Some(RingfenceError::MarketNotActive),
        RemoveLiquidity { .. } if paused => Some(RingfenceError::MarketPaused),
        // what is left of a closed position is the owner's at any time
        RemoveMargin { at, .. } if paused && now.positions[at].state.size > 0 => {
            Some(RingfenceError::MarketPaused)
        }
        _ => None,
    }
}

/// Every account of the program, its event of the moment and its verdict; the
/// status of markets masked.
fn outcome(run: &mut Run, action: &Action, status: MarketStatus) -> (Result<String, Option<u32>>, String) {
    run.what_if(|run| {
        for market in run.markets.clone() {
            run.world.set_status(market, status).expect("the admin may");
        }
        let result = run.perform(action);
        let mut after = run.snapshot();
        for pool in &mut after.pools {
            pool.state.status = 0;
        }
        let result = result.map(|receipt| format!("{:?}", receipt.events)).map_err(|failure| failure.code());
        (result, format!("{after:?}"))
    })
}

/// Reduce-only and paused markets refuse what adds risk, and do everything
/// else just as an active one: closing, topping up, liquidating, closing at
/// the cap, taking out what a liquidation left.
#[test]
fn invariant_14_a_pause_stops_new_risk_and_nothing_else() {
    let mut run = Run::new(114);
    let (mut stopped, mut exits) = (0, [0; 5]);
    for _ in 0..steps() {
        let now = run.snapshot();
        let action = run.any_action(&now);
        let active = outcome(&mut run, &action, MarketStatus::Active);
        for status in [MarketStatus::ReduceOnly, MarketStatus::Paused] {
            let found = outcome(&mut run, &action, status);
            match refusal(&action, &now, status) {
                Some(error) => {
                    assert_eq!(found.0, Err(Some(error.into())), "{status:?}: {action:?}");
                    stopped += 1;
                }
                None => assert_eq!(found, active, "{status:?}: {action:?}"),
            }
        }
        if active.0.is_ok() {
            use Action::*;
            let kind = match action {
                Close { .. } => Some(0),
                Decrease { .. } => Some(1),
                AddMargin { .. } => Some(2),
                Liquidate { .. } => Some(3),
                RemoveMargin { at, .. } if now.positions[&at].state.size == 0 => Some(4),
                _ => None,
            };
            kind.into_iter().for_each(|kind: usize| exits[kind] += 1);
        }
        run.act(action);
    }
    assert!(stopped > 100 && exits[..4].iter().all(|&count| count > 8), "{stopped}, {exits:?}");
}
