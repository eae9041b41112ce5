//! Invariant 6, the owner's side: liquidating oneself never beats closing.

use crate::actions::Action;
use crate::model;
use crate::support::{Run, Spot};

/// What the owner has in the end, less what he had; none where refused.
fn result_of(run: &mut Run, at: Spot, actions: &[Action]) -> Option<i128> {
    run.what_if(|run| {
        let wealth = |run: &mut Run| i128::from(run.world.wealth(run.markets[0], &run.people[at.who]));
        let before = wealth(run);
        let through = actions.iter().all(|action| run.perform(action).is_ok());
        through.then(|| wealth(run) - before)
    })
}

/// Of any liquidatable position, with any skew and interval: liquidating it
/// oneself and closing the rest leaves at most what closing leaves, or, where
/// that is less, the minimum that keepers are paid for bankrupt positions too
/// (docs/decisions/0008).
#[test]
fn invariant_06_self_liquidation_never_beats_closing() {
    let mut run = Run::new(106);
    let (mut compared, mut solvent) = (0, 0);
    for _ in 0..1_200 {
        let now = run.step().after;
        for (&at, held) in &now.positions {
            let pool = &now.pools[at.market];
            let market = model::accrued(&pool.state, now.now, pool.feed.price);
            if held.state.size == 0 || model::liquidation(&market, &pool.feed, &held.state).is_none() {
                continue;
            }
            // a few atoms of donations may lie in the vault; both ways take them
            let donated = i128::from(held.vault - held.state.margin);
            let closed = result_of(&mut run, at, &[Action::Close { at }]);
            // a skew that leaves no price to sell at: closing is refused
            let Some(closed) = closed else { continue };
            let both = [Action::Liquidate { at, keeper: at.who }, Action::Close { at }];
            let liquidated = result_of(&mut run, at, &both).expect("liquidatable");
            let minimum = i128::from(pool.state.params.min_keeper_reward) + donated;
            assert!(
                liquidated <= closed.max(minimum),
                "{at:?}: {liquidated} by liquidation, {closed} by closing"
            );
            compared += 1;
            solvent += u32::from(closed > minimum);
        }
    }
    assert!(compared > 50 && solvent > 20, "{compared} compared, {solvent} of them solvent");
}
