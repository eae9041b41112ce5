//! Invariant 13: what a share is worth never falls by a deposit or withdrawal.

use rand::Rng;
use ringfence_client::accounts::Market;
use ringfence_testkit::{Feed, quote};

use crate::actions::Action;
use crate::model::{self, big};
use crate::support::{Run, steps};

/// The pool's value at each price and with each count of the charges that
/// somebody could hold to be right: both edges, the index; accrued charges in
/// full, and none.
fn values(market: &Market, feed: &Feed) -> Vec<i128> {
    let (low, high) = model::edges(feed);
    let charges = model::charges(market);
    let prices = [low, feed.price.into(), high];
    let of = |price| {
        [(charges, false), (charges, true), (0, false), (0, true)]
            .map(|(charges, up)| model::pool_value(market, price, charges, up))
    };
    prices.into_iter().flat_map(of).collect()
}

/// After every deposit and withdrawal a share is worth at least as much as the
/// moment before, at both edges of the interval and at the index.
#[test]
fn invariant_13_the_share_price_never_falls_by_deposit_or_withdrawal() {
    let mut run = Run::new(113);
    let (mut deposits, mut withdrawals) = (0, 0);
    for _ in 0..steps() * 2 {
        let step = match run.rng.random_range(0..3) {
            0 => {
                let (market, who) = (run.rng.random_range(0..2), run.rng.random_range(0..4));
                let amount = run.rng.random_range(1..=quote("100000"));
                run.act(Action::AddLiquidity { market, who, amount })
            }
            _ => run.step(),
        };
        let market = match (&step.action, &step.result) {
            (Action::AddLiquidity { market, .. }, Ok(_)) => {
                deposits += 1;
                *market
            }
            (Action::RemoveLiquidity { market, .. }, Ok(_)) => {
                withdrawals += 1;
                *market
            }
            _ => continue,
        };
        let (before, after) = (&step.before.pools[market], &step.after.pools[market]);
        let accrued = model::accrued(&before.state, step.before.now, before.feed.price);
        let shares = (accrued.lp_shares, after.state.lp_shares);
        let pairs = values(&accrued, &before.feed).into_iter().zip(values(&after.state, &after.feed));
        for (worth_before, worth_after) in pairs.filter(|(before, _)| *before >= 0) {
            // worth ÷ shares, cross-multiplied
            let (was, is) = (big(worth_before) * shares.1, big(worth_after) * shares.0);
            assert!(is >= was, "{worth_before} of {} to {worth_after} of {}", shares.0, shares.1);
        }
    }
    run.balanced();
    assert!(deposits > 100 && withdrawals > 20, "{deposits} deposits, {withdrawals} withdrawals");
}

/// A deposit taken out again at the same moment never gains.
#[test]
fn invariant_13_a_deposit_taken_out_at_once_never_gains() {
    let mut run = Run::new(213);
    let mut trips = 0;
    for _ in 0..steps() {
        run.step();
        let (market, who) = (run.rng.random_range(0..2), crate::support::GUEST);
        let amount = run.rng.random_range(1..=quote("100000"));
        let change = run.what_if(|run| {
            let wealth = |run: &mut Run| i128::from(run.world.wealth(run.markets[0], &run.people[who]));
            let before = wealth(run);
            run.perform(&Action::AddLiquidity { market, who, amount }).ok()?;
            let account = run.world.shares_of(run.markets[market], &run.people[who]);
            let shares = run.world.balance(&account);
            run.perform(&Action::RemoveLiquidity { market, who, shares }).ok()?;
            Some(wealth(run) - before)
        });
        if let Some(change) = change {
            assert!(change <= 0, "{change} by {amount}");
            trips += 1;
        }
    }
    assert!(trips > steps() / 2, "only {trips}");
}
