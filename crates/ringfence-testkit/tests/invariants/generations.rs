//! Invariant 12: a position's address may be used again, nothing else.

use anchor_lang::prelude::Pubkey;
use rand::Rng;
use ringfence_client::RingfenceError;
use ringfence_client::accounts::Position;
use ringfence_client::{DecreasePositionArgs, instructions};

use crate::actions::Action;
use crate::support::{GUEST, Run, Spot, steps};

/// All but what tells positions of one market apart.
fn without_identity(mut position: Position) -> Position {
    (position.id, position.bump, position.vault_bump, position.generation) = (0, 0, 0, 0);
    position.vault = Pubkey::default();
    position
}

/// Generations only rise, over every close and reopening of every address.
#[test]
fn invariant_12_generations_are_never_handed_out_twice() {
    let mut run = Run::new(112);
    let mut latest = vec![0; run.markets.len()];
    let (mut opened, mut reopened) = (0, 0);
    let mut used = std::collections::BTreeSet::new();
    run.run(steps() * 2, |_, step| {
        let (Action::Open { at, .. }, Ok(_)) = (&step.action, &step.result) else { return };
        let generation = step.after.positions[at].state.generation;
        assert!(generation > latest[at.market], "{generation} after {}", latest[at.market]);
        latest[at.market] = generation;
        opened += 1;
        reopened += u32::from(!used.insert(*at));
    });
    assert!(opened > 40 && reopened > 20, "{opened} opened, {reopened} of them again");
}

/// A position at an address used before is, byte for byte, the one that the
/// same opening makes at an address never used: after a close in profit or
/// loss, after a liquidation, after a delegate, at any time later.
#[test]
fn invariant_12_a_reopened_position_is_as_new() {
    let mut run = Run::new(212);
    let mut compared = 0;
    for case in 0..200u16 {
        for _ in 0..2 {
            run.step();
        }
        let market = usize::from(case % 2);
        // its own id each time: this one is new
        let at = Spot { market, who: GUEST, id: 2 * case };
        let fresh = Spot { id: 2 * case + 1, ..at };
        let first = run.any_opening(at);
        if run.perform(&first).is_err() {
            continue;
        }
        let delegate = run.people[0].pubkey();
        let key = run.key(at);
        run.world.set_delegate(&run.people[GUEST], key, delegate).expect("a delegate");
        let before = run.held(at).expect("open").state;
        let (seconds, price) =
            (Action::Clock { seconds: run.rng.random_range(1..=50_000) }, run.any_price(market));
        for action in [seconds, price] {
            run.perform(&action).expect("time and price");
        }
        // an intervening life of random length
        let _ = run.perform(&Action::Liquidate { at, keeper: 1 });
        let size = before.size / 3 + 1;
        let _ = run.perform(&Action::Decrease { at, size });
        if run.perform(&Action::Close { at }).is_err() {
            continue;
        }
        assert!(run.held(at).is_none(), "closed");
        let Action::Open { side, size, margin, referrer, .. } = run.any_opening(at) else {
            unreachable!("an opening")
        };
        let opened = |at: Spot| {
            move |run: &mut Run| {
                let through = run.perform(&Action::Open { at, side, size, margin, referrer }).is_ok();
                through.then(|| {
                    (
                        run.held(at).expect("open"),
                        run.world.read_market(&run.world.market_key(run.markets[at.market])),
                    )
                })
            }
        };
        let (again, new) = (run.what_if(opened(at)), run.what_if(opened(fresh)));
        let (Some((again, market_again)), Some((new, market_new))) = (again, new) else { continue };
        assert!(again.state.generation > before.generation, "its generation moved on");
        let bytes = |position| bytemuck::bytes_of(&without_identity(position)).to_vec();
        assert!(bytes(again.state) == bytes(new.state), "{:?} for {:?}", again.state, new.state);
        assert_eq!(again.vault, new.vault);
        assert!(bytemuck::bytes_of(&market_again) == bytemuck::bytes_of(&market_new), "the market");

        // what the delegate of the old one signed
        run.perform(&Action::Open { at, side, size, margin, referrer }).expect("as before");
        let args =
            DecreasePositionArgs { size: 1, acceptable_price: if side as u8 == 0 { 0 } else { u64::MAX } };
        let accounts = run.world.markets[run.markets[market].0].accounts;
        let replayed =
            instructions::decrease_position(&accounts, key, delegate, run.world.referral_of(key), args);
        let result = run.world.send(&[replayed], &[]);
        let failure = result.expect_err("a delegate of the generation before");
        assert!(failure.is(RingfenceError::NotOwnerOrDelegate), "{:?}", failure.error);
        compared += 1;
        let _ = run.perform(&Action::Close { at });
    }
    run.balanced();
    assert!(compared > 100, "only {compared}");
}
