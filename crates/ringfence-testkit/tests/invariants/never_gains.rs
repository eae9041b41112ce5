//! Invariant 3: nothing that ends where it began pays.

use rand::Rng;
use ringfence_testkit::quote;

use crate::actions::Action;
use crate::support::{GUEST, Run, Spot};

const CASES: usize = 200;

/// What the guest has in the end, less what he had; none where a step of the
/// way is refused.
fn result_of(run: &mut Run, actions: &[Action]) -> Option<i128> {
    run.what_if(|run| {
        let before = run.world.wealth(run.markets[0], &run.people[GUEST]);
        let through = actions.iter().all(|action| run.perform(action).is_ok());
        let after = run.world.wealth(run.markets[0], &run.people[GUEST]);
        through.then_some(i128::from(after) - i128::from(before))
    })
}

/// `whole` in one to five parts.
fn parts(run: &mut Run, whole: u64) -> Vec<u64> {
    let mut cuts: Vec<u64> =
        (0..run.rng.random_range(0..5)).map(|_| run.rng.random_range(1..whole)).collect();
    cuts.extend([0, whole]);
    cuts.sort_unstable();
    cuts.dedup();
    cuts.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

/// Opening and closing at one price, and the same in parts with margin put in
/// and taken out on the way, never gain; and parts never beat the whole, nor
/// do they cost more than their roundings.
#[test]
fn invariant_03_opening_and_closing_at_one_price_never_gains() {
    let mut run = Run::new(103);
    let (mut whole_trips, mut split_trips) = (0, 0);
    for case in 0..CASES {
        for _ in 0..2 {
            run.step();
        }
        let market = run.rng.random_range(0..run.markets.len());
        let at = Spot { market, who: GUEST, id: 0 };
        let Action::Open { side, size, .. } = run.any_opening(at) else { unreachable!("an opening") };
        let margin = quote("1") * run.rng.random_range(1_000..=40_000);
        let referrer = None;
        let whole = [Action::Open { at, side, size, margin, referrer }, Action::Close { at }];
        let Some(of_whole) = result_of(&mut run, &whole) else { continue };
        assert!(of_whole <= 0, "case {case}: {of_whole} by {whole:?}");
        whole_trips += 1;

        let (bought, sold) = (parts(&mut run, size), parts(&mut run, size));
        let amount = run.rng.random_range(1..=quote("500"));
        let mut split = vec![Action::Open { at, side, size: bought[0], margin, referrer }];
        split.extend(bought[1..].iter().map(|&size| Action::Increase { at, size, margin: 0 }));
        split.push(Action::AddMargin { at, payer: GUEST, amount });
        split.push(Action::RemoveMargin { at, amount });
        split.extend(sold[1..].iter().map(|&size| Action::Decrease { at, size }));
        split.push(Action::Close { at });
        let Some(of_split) = result_of(&mut run, &split) else { continue };
        assert!(of_split <= of_whole, "case {case}: {of_split} > {of_whole} by {split:?}");
        // per trade: fill, entry or notional, fee, and a share of the entry
        let roundings = 4 * (bought.len() + sold.len()) as i128;
        assert!(of_whole - of_split <= roundings, "case {case}: {of_split} < {of_whole} by {split:?}");
        split_trips += 1;
    }
    assert!(whole_trips > CASES * 3 / 4 && split_trips > CASES / 2, "{whole_trips}, {split_trips}");
}

/// Margin put in and taken out again, in any number of steps, leaves position
/// and owner as they were.
#[test]
fn invariant_03_adding_and_removing_margin_changes_nothing() {
    let mut run = Run::new(203);
    let mut trips = 0;
    for _ in 0..CASES {
        let now = run.step().after;
        let Some((&at, held)) = now.positions.iter().find(|(_, held)| held.state.size > 0) else { continue };
        // what has accrued since the last touch is counted on removal
        let amount = run.rng.random_range(1..=quote("1000"));
        let steps = parts(&mut run, amount.max(2));
        let wealth = |run: &mut Run| run.world.wealth(run.markets[0], &run.people[at.who]);
        run.what_if(|run| {
            let before = wealth(run);
            let total: u64 = steps.iter().sum();
            run.perform(&Action::AddMargin { at, payer: at.who, amount: total }).expect("add margin");
            for &amount in &steps {
                if run.perform(&Action::RemoveMargin { at, amount }).is_err() {
                    // below the initial margin by now: that is no gain either
                    assert!(wealth(run) <= before);
                    return;
                }
            }
            assert_eq!(wealth(run), before);
            let after = run.held(at).expect("still open");
            assert_eq!(format!("{:?}", after.state), format!("{:?}", held.state));
            trips += 1;
        });
    }
    assert!(trips > CASES / 3, "only {trips}");
}
