//! Invariant 9: what lies in a vault past the program counts for nothing, and
//! no token account of an owner's stops what others do.

use anchor_lang::prelude::Pubkey;
use rand::Rng;
use ringfence_client::events::Event;
use ringfence_client::{Instruction, PROGRAM_ID};
use solana_account::Account;

use crate::actions::Action;
use crate::support::{GUEST, Run, steps};

/// Every account of the program.
fn books(run: &Run) -> Vec<(Pubkey, Account)> {
    let mut all = run.world.svm.get_program_accounts(&PROGRAM_ID);
    all.sort_by_key(|(key, _)| *key);
    all
}

/// The events, a close's payout less its surplus: what it had been without a
/// donation.
fn events(events: &[Event]) -> String {
    let without_surplus = events.iter().cloned().map(|event| match event {
        Event::PositionClosed(mut closed) => {
            closed.payout -= closed.surplus;
            closed.surplus = 0;
            Event::PositionClosed(closed)
        }
        other => other,
    });
    format!("{:?}", without_surplus.collect::<Vec<_>>())
}

/// What was said about an action, and the books after it.
#[derive(PartialEq)]
struct Outcome {
    said: Result<String, Option<u32>>,
    books: Vec<(Pubkey, Account)>,
}

fn outcome(run: &mut Run, action: &Action) -> Outcome {
    let result = run.perform(action);
    let said = result.map(|receipt| events(&receipt.events)).map_err(|failure| failure.code());
    Outcome { said, books: books(run) }
}

/// Any action does the same, byte for byte of every account of the program,
/// whether or not all vaults have been given something first.
#[test]
fn invariant_09_donations_change_nothing() {
    let mut run = Run::new(109);
    let mut swept = 0;
    for _ in 0..steps() {
        let now = run.snapshot();
        let action = run.any_action(&now);
        let plain = run.what_if(|run| outcome(run, &action));
        let mut gifts: Vec<(Pubkey, u64)> = now.pools.iter().map(|pool| (pool.state.pool_vault, 0)).collect();
        gifts.extend(now.positions.values().map(|held| (held.state.vault, 0)));
        for (_, amount) in &mut gifts {
            // a single atom as well as a fortune
            *amount = if run.rng.random() { 1 } else { run.rng.random_range(1..=1_000_000_000_000) };
        }
        let endowed = run.what_if(|run| {
            gifts.iter().for_each(|(vault, amount)| run.world.donate(*vault, *amount));
            let outcome = outcome(run, &action);
            if let (Action::Close { at }, Ok(_)) = (&action, &outcome.said) {
                // and the vault's surplus is its owner's
                assert!(run.world.svm.get_account(&run.vault_of(*at)).is_none_or(|gone| gone.lamports == 0));
                swept += 1;
            }
            run.balanced();
            outcome
        });
        assert!(plain == endowed, "{action:?}: {:?} became {:?}", plain.said, endowed.said);
        run.act(action);
    }
    assert!(swept > 20, "only {swept} closes");
}

/// Liquidations, closes at the cap, accruals, margin from others and deposits
/// of others do the same where all token accounts of all owners are frozen, or
/// gone altogether.
#[test]
fn invariant_09_no_token_account_of_an_owner_blocks_anything() {
    let mut run = Run::new(209);
    let mut liquidations = 0;
    for _ in 0..steps() * 3 / 2 {
        let now = run.snapshot();
        let action = run.any_action(&now);
        let action = match action {
            Action::Liquidate { at, .. } => Action::Liquidate { at, keeper: GUEST },
            Action::CloseAtCap { at, .. } => Action::CloseAtCap { at, caller: GUEST },
            Action::AddMargin { at, amount, .. } => Action::AddMargin { at, payer: GUEST, amount },
            Action::Accrue { .. } => action,
            other => {
                run.act(other);
                continue;
            }
        };
        let accounts: Vec<Pubkey> = run.people[..GUEST]
            .iter()
            .flat_map(|owner| owner.tokens.borrow().values().copied().collect::<Vec<_>>())
            .collect();
        let plain = run.what_if(|run| outcome(run, &action));
        let frozen = run.what_if(|run| {
            accounts.iter().for_each(|account| run.world.freeze(*account));
            outcome(run, &action)
        });
        let gone = run.what_if(|run| {
            for account in &accounts {
                run.world.svm.set_account(*account, Account::default()).expect("an empty account");
            }
            outcome(run, &action)
        });
        assert!(plain == frozen, "{action:?}, frozen: {:?} became {:?}", plain.said, frozen.said);
        assert!(plain == gone, "{action:?}, gone: {:?} became {:?}", plain.said, gone.said);
        liquidations += u32::from(plain.said.is_ok() && matches!(action, Action::Liquidate { .. }));
        run.act(action);
    }
    assert!(liquidations > 15, "only {liquidations}");
}

/// An owner whose token account is frozen closes into any other of the mint.
#[test]
fn invariant_09_a_frozen_owner_is_paid_elsewhere() {
    let mut run = Run::new(309);
    let mut paid = 0;
    for _ in 0..steps() / 2 {
        let now = run.step().after;
        let Some((&at, _)) = now.positions.iter().next() else { continue };
        let (market, key) = (run.markets[at.market], run.key(at));
        let usual = run.world.tokens_of(market, &run.people[at.who]);
        let mint = run.world.markets[market.0].accounts.collateral_mint;
        let plain = run.what_if(|run| {
            run.perform(&Action::Close { at }).ok().map(|_| run.world.balance(&usual) - now.wallets[at.who])
        });
        let elsewhere = run.what_if(|run| {
            run.world.freeze(usual);
            let other = run.world.create_token_account(mint, run.people[at.who].pubkey(), 0);
            let side = run.world.position(key).side().expect("side");
            let args = ringfence_client::ClosePositionArgs {
                acceptable_price: ringfence_testkit::trade::any_price(false, side),
            };
            let mut close: Instruction = run.world.close_ix(market, &run.people[at.who], key, args);
            close
                .accounts
                .iter_mut()
                .filter(|meta| meta.pubkey == usual)
                .for_each(|meta| meta.pubkey = other);
            run.world.send(&[close], &[]).ok().map(|_| run.world.balance(&other))
        });
        assert_eq!(plain, elsewhere, "{at:?}");
        paid += u32::from(plain.is_some());
    }
    assert!(paid > 50, "only {paid}");
}
