//! Invariant 8: what funding takes from some it gives to others and the pool.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use rand::Rng;
use ringfence_client::events::Event;
use ringfence_testkit::quote;

use crate::actions::Action;
use crate::model::{self, big};
use crate::support::{Held, Run, Spot, Step, steps};

const E18: i128 = 1_000_000_000_000_000_000;

/// Price, confidence and fees stay out of it: money moves by funding, and by
/// impact, which every trade's own prices account for.
fn funding_alone() -> Run {
    Run::with(108, |params| {
        (params.open_fee_ppm, params.close_fee_ppm) = (0, 0);
        (params.borrow_base_ppm, params.borrow_slope1_ppm, params.borrow_slope2_ppm) = (0, 0, 0);
        params.reserve_factor_ppm = 1_000_000;
        params.max_funding_rate_ppm = 20_000;
        params.max_funding_velocity_ppm = 400_000;
    })
}

/// Trades with ample margin, and time.
fn any_trade(run: &mut Run) -> Action {
    let spots: Vec<Spot> = run.spots().collect();
    let at = spots[run.rng.random_range(0..spots.len())];
    if run.rng.random_bool(0.3) {
        return Action::Clock { seconds: run.rng.random_range(1..=30_000) };
    }
    match run.held(at) {
        None => match run.any_opening(at) {
            Action::Open { at, side, size, referrer, .. } => {
                Action::Open { at, side, size, margin: quote("50000"), referrer }
            }
            other => other,
        },
        Some(Held { state, .. }) if state.size == 0 => Action::Close { at },
        Some(Held { state, .. }) => match run.rng.random_range(0..6) {
            0 => Action::Accrue { market: at.market },
            1 => Action::Increase { at, size: run.rng.random_range(1..=state.size), margin: quote("1000") },
            2..=3 => Action::Decrease { at, size: run.rng.random_range(1..=state.size) },
            _ => Action::Close { at },
        },
    }
}

/// What has been paid so far, in one market; positive from traders to pool.
#[derive(Default)]
struct Tally {
    /// ∫ skew × rate × price, in atoms × 10^18: what the imbalance owes.
    owed_by_imbalance: BigInt,
    /// Σ what closing realised, as the events say.
    paid_by_traders: i128,
    settlements: i128,
    /// Money that reached the pool, impact taken out.
    received_by_pool: i128,
}

/// The indices are the model's after every step; what positions have paid for
/// funding, those that closed and those still open, is what the imbalance of
/// the sides owed the pool, and at most an atom more for each rounding.
#[test]
fn invariant_08_funding_is_zero_sum_with_the_pool() {
    let mut run = funding_alone();
    let mut tallies: BTreeMap<usize, Tally> = BTreeMap::from([(0, Tally::default()), (1, Tally::default())]);
    let (mut settled, mut moved) = (0, false);
    // time over empty markets, which is to count for nobody who comes later
    run.act(Action::Clock { seconds: 50_000 });
    for _ in 0..steps() {
        let action = any_trade(&mut run);
        let step = run.act(action);
        for (&market, tally) in &mut tallies {
            count(&step, market, tally);
            // what is still open, to the last 10^-18
            let pool = &step.after.pools[market].state;
            let index = pool.funding_index.get();
            let open: BigInt = step.after.of(market).map(|held| accrued(&held.state, index)).sum();
            let open_positions = step.after.of(market).count() as i128;
            let surplus = big(tally.paid_by_traders) * E18 + open - &tally.owed_by_imbalance;
            // blending may round by less than size × 10^-18 atoms at an increase
            let slack = big(tally.settlements + open_positions + 1) * E18;
            assert!(surplus >= BigInt::ZERO, "market {market}: the pool is short of {surplus}");
            assert!(surplus <= slack, "market {market}: traders paid {surplus} too much");
            assert_eq!(tally.received_by_pool, tally.paid_by_traders, "the pool got what they paid");
            settled = settled.max(tally.settlements);
            moved |= tally.paid_by_traders.abs() > 1_000_000;
        }
    }
    run.balanced();
    assert!(settled > 30 && moved, "{settled} settlements");
}

/// What a position owes since its entry, exact, in atoms × 10^18.
fn accrued(position: &ringfence_client::accounts::Position, index: i128) -> BigInt {
    let growth = big(index) - position.entry_funding_index.get();
    growth * position.size * if model::is_long(position) { 1 } else { -1 }
}

fn count(step: &Step, market: usize, tally: &mut Tally) {
    let (before, after) = (&step.before.pools[market], &step.after.pools[market]);
    // what changes positions first counts all the time before at what was so
    let emptied = |at| step.before.positions.get(&at).is_some_and(|held| held.state.size == 0);
    let due = step.result.is_ok() && step.action.market() == Some(market);
    if due && !step.action.spot().is_some_and(emptied) {
        assert_eq!(after.state.accrued_at, step.before.now, "accrued to the present");
    }
    let touched = after.state.accrued_at != before.state.accrued_at;
    let now = if touched { step.before.now } else { before.state.accrued_at };
    let expected = model::accrued(&before.state, now, before.feed.price);
    assert_eq!(expected.funding_rate, after.state.funding_rate, "rate");
    assert_eq!(expected.funding_index.get(), after.state.funding_index.get(), "index");
    let skew = i128::from(before.state.long.open_interest) - i128::from(before.state.short.open_interest);
    let growth = after.state.funding_index.get() - before.state.funding_index.get();
    tally.owed_by_imbalance += big(growth) * skew;

    let (Ok(receipt), Some(spot)) = (&step.result, step.action.spot()) else { return };
    if spot.market != market {
        return;
    }
    let Some(held) = step.before.positions.get(&spot) else { return };
    for event in &receipt.events {
        let Event::PositionDecreased(event) = event else { continue };
        let share = model::share(&expected, &held.state, event.size.into());
        assert_eq!(event.funding, share.funding, "funding of the share");
        assert_eq!((event.bad_debt, event.borrow), (0, 0), "nothing but funding");
        let pnl = share.pnl(&expected, event.fill_price.into());
        let received = i128::from(event.loss) - i128::from(event.gain);
        let liquidity = i128::from(after.state.liquidity) - i128::from(before.state.liquidity);
        assert_eq!(received, liquidity, "what the pool got");
        tally.paid_by_traders -= event.funding;
        tally.received_by_pool += received + pnl;
        tally.settlements += 1;
    }
}
