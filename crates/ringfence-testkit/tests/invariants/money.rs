//! Invariants 1, 2, 5 and 7: where the money is, and that the sums are sums.

use num_bigint::BigInt;
use ringfence_client::events::Event;
use ringfence_testkit::Receipt;

use crate::actions::Action;
use crate::model::{self, Division, big};
use crate::support::{Held, Pool, Run, Snapshot, Spot, Step, steps};

// --- 1 -------------------------------------------------------------------------

/// What an action that went through moves into vaults, by its arguments and
/// events, and whose wallet it moves: none for the treasury's and for donations.
fn moved(action: &Action, receipt: &Receipt) -> (i128, Option<usize>) {
    let paid_out = || {
        let amount = receipt.events.iter().map(|event| match event {
            Event::PositionClosed(event) => event.payout,
            Event::MarginRemoved(event) => event.amount,
            Event::LiquidityRemoved(event) => event.amount,
            Event::PositionLiquidated(event) => event.keeper_from_vault + event.keeper_from_insurance,
            Event::ProtocolFeesCollected(event) => event.fees + event.insurance,
            Event::ReferralFeesClaimed(event) => event.amount,
            _ => 0,
        });
        -i128::from(amount.sum::<u64>())
    };
    match *action {
        Action::Open { at, margin, .. } | Action::Increase { at, margin, .. } => {
            (margin.into(), Some(at.who))
        }
        Action::AddMargin { payer, amount, .. } => (amount.into(), Some(payer)),
        Action::AddLiquidity { who, amount, .. } | Action::FundInsurance { who, amount, .. } => {
            (amount.into(), Some(who))
        }
        Action::Donate { amount, .. } => (amount.into(), None),
        Action::Close { at } | Action::RemoveMargin { at, .. } => (paid_out(), Some(at.who)),
        Action::Liquidate { keeper, .. } => (paid_out(), Some(keeper)),
        Action::RemoveLiquidity { who, .. } | Action::ClaimReferral { who, .. } => (paid_out(), Some(who)),
        Action::CollectFees { .. } => (paid_out(), None),
        _ => (0, None),
    }
}

/// Σ position vaults + pool vaults = deposits − withdrawals, after every
/// instruction; what each vault holds is what its account says, and donations.
#[test]
fn invariant_01_vaults_hold_deposits_less_withdrawals() {
    let mut run = Run::new(101);
    let mut expected = run.snapshot().vaults();
    run.run(steps(), |run, step| {
        let (into_vaults, whose) = match &step.result {
            Ok(receipt) => moved(&step.action, receipt),
            Err(_) => (0, None),
        };
        expected += into_vaults;
        assert_eq!(step.after.vaults(), expected, "deposits − withdrawals");
        for (who, (before, after)) in step.before.wallets.iter().zip(&step.after.wallets).enumerate() {
            let change = if whose == Some(who) { into_vaults } else { 0 };
            assert_eq!(i128::from(*before), i128::from(*after) + change, "wallet of {who}");
        }
        let collected = if matches!(step.action, Action::CollectFees { .. }) { -into_vaults } else { 0 };
        assert_eq!(change(step, |state| state.treasury), collected, "treasury");
        let donated = |vault| run.world.donations.get(vault).copied().unwrap_or(0);
        for Pool { state, vault, .. } in &step.after.pools {
            let tracked = state.liquidity + state.insurance + state.protocol_fees + state.referral_fees;
            assert_eq!(*vault, tracked + donated(&state.pool_vault), "pool vault");
        }
        for Held { state, vault } in step.after.positions.values() {
            assert_eq!(*vault, state.margin + donated(&state.vault), "position vault");
        }
        only_its_own_moves(step);
    });
}

/// An action on one market leaves the other's vaults alone, and an action on
/// one position every other position's.
fn only_its_own_moves(step: &Step) {
    for (market, (before, after)) in step.before.pools.iter().zip(&step.after.pools).enumerate() {
        if step.action.market() != Some(market) {
            assert_eq!(before.vault, after.vault, "pool vault of market {market}");
        }
    }
    let donated_to = match step.action {
        Action::Donate { vault, .. } => Some(vault),
        _ => None,
    };
    for (spot, held) in &step.before.positions {
        if step.action.spot() != Some(*spot) && donated_to != Some(held.state.vault) {
            let after = step.after.positions.get(spot).map(|held| held.vault);
            assert_eq!(after, Some(held.vault), "vault of {spot:?}");
        }
    }
}

// --- 2 -------------------------------------------------------------------------

/// Payout ≤ margin + reserve, and Σ reserves = reserved ≤ liquidity. Small
/// reserves, so that gains do reach them.
#[test]
fn invariant_02_payouts_stay_within_margin_and_reserve() {
    let mut run =
        Run::with(102, |params| params.reserve_factor_ppm = params.reserve_factor_ppm / 10 + 30_000);
    let (mut closed, mut capped) = (0, 0);
    run.run(steps(), |_, step| {
        for (market, pool) in step.after.pools.iter().enumerate() {
            let reserves: u64 = step.after.of(market).map(|held| held.state.reserve).sum();
            assert_eq!(reserves, pool.state.reserved, "Σ reserves");
            assert!(reserves <= pool.state.liquidity, "{reserves} > {}", pool.state.liquidity);
        }
        let (Ok(receipt), Some(spot)) = (&step.result, step.action.spot()) else { return };
        let Some(before) = step.before.positions.get(&spot) else { return };
        let most = i128::from(before.state.margin) + i128::from(before.state.reserve);
        for event in &receipt.events {
            match event {
                Event::PositionClosed(event) => {
                    // surplus: donations, which were never margin
                    let payout = i128::from(event.payout - event.surplus);
                    assert!(payout <= most, "{payout} > {most}");
                    assert!(payout + i128::from(event.surplus) <= most + donations(before), "surplus");
                    closed += 1;
                }
                Event::PositionDecreased(event) => {
                    assert!(event.gain <= event.reserve, "{} > {}", event.gain, event.reserve);
                    capped += u32::from(event.gain == event.reserve);
                }
                Event::PositionLiquidated(event) => assert!(event.gain <= event.reserve),
                Event::PositionCapped(event) => {
                    assert_eq!(event.gain, before.state.reserve);
                    capped += 1;
                }
                _ => {}
            }
        }
    });
    assert!(closed > 20 && capped > 3, "{closed} closes, {capped} at the cap");
}

/// What lies in its vault past the program.
fn donations(held: &Held) -> i128 {
    i128::from(held.vault) - i128::from(held.state.margin)
}

// --- 5 -------------------------------------------------------------------------

/// What the action should do with a vault's money, by the model; none where
/// nothing is closed or no fee is taken.
fn expected_division(step: &Step, spot: Spot) -> Option<Division> {
    let Pool { state, feed, .. } = &step.before.pools[spot.market];
    let market = model::accrued(state, step.before.now, feed.price);
    let position = step.before.positions.get(&spot).map(|held| held.state);
    match step.action {
        Action::Open { side, size, referrer, .. } => {
            model::opening(&market, feed, side as u8 == 0, size.into(), referrer.is_some())
        }
        Action::Increase { size, .. } => {
            let position = position?;
            let referred = model::is_referred(&position);
            model::opening(&market, feed, model::is_long(&position), size.into(), referred)
        }
        Action::Decrease { size, .. } => {
            let referred = model::is_referred(&position?);
            model::closing(&market, feed, &position?, size.into(), referred)
        }
        Action::Close { .. } if position?.size > 0 => {
            let referred = model::is_referred(&position?);
            model::closing(&market, feed, &position?, position?.size.into(), referred)
        }
        Action::Liquidate { .. } => model::liquidation(&market, feed, &position?),
        _ => None,
    }
}

/// Change of an amount from before to after the step.
fn change(step: &Step, amount: impl Fn(&Snapshot) -> u64) -> i128 {
    i128::from(amount(&step.after)) - i128::from(amount(&step.before))
}

/// Reward + fees + refund + the pool's part are just what left the vault, and
/// each is what the model says.
#[test]
fn invariant_05_what_leaves_a_vault_arrives_in_full() {
    let mut run = Run::new(105);
    let (mut trades, mut liquidations, mut indebted, mut referred) = (0, 0, 0, 0);
    run.run(steps(), |_, step| {
        let (Ok(receipt), Some(spot)) = (&step.result, step.action.spot()) else { return };
        let Some(division) = expected_division(step, spot) else { return };
        let pool = |of: fn(&Pool) -> u64| change(step, |state| of(&state.pools[spot.market]));
        let liquidity = pool(|pool| pool.state.liquidity);
        let insurance = pool(|pool| pool.state.insurance);
        let protocol = pool(|pool| pool.state.protocol_fees);
        let referral = pool(|pool| pool.state.referral_fees);
        let d = &division;
        assert_eq!(liquidity, d.loss - d.gain + d.to_liquidity + d.cover, "liquidity: {d:?}");
        assert_eq!(insurance, d.to_insurance - d.cover - d.keeper_from_insurance, "insurance: {d:?}");
        assert_eq!(protocol, d.to_protocol, "protocol: {d:?}");
        assert_eq!(referral, d.to_referrer, "referrer: {d:?}");
        referred += u32::from(referral > 0);
        assert_eq!(pool(|pool| pool.state.bad_debt), d.bad_debt, "bad debt: {d:?}");
        assert_eq!(pool(|pool| pool.vault), liquidity + insurance + protocol + referral, "pool vault: {d:?}");

        // whatever did not come from elsewhere came from the position's vault
        let into = match step.action {
            Action::Open { margin, .. } | Action::Increase { margin, .. } => i128::from(margin),
            _ => 0,
        };
        let refund = match step.action {
            Action::Close { at } => change(step, |state| state.wallets[at.who]),
            _ => 0,
        };
        let reward = match step.action {
            Action::Liquidate { keeper, .. } => change(step, |state| state.wallets[keeper]),
            _ => 0,
        };
        assert_eq!(reward, d.keeper_from_vault + d.keeper_from_insurance, "reward: {d:?}");
        let vault = change(step, |state| state.positions.get(&spot).map_or(0, |held| held.vault));
        assert_eq!(into - vault, reward + refund + pool(|pool| pool.vault), "{d:?}");
        if let Some(after) = step.after.positions.get(&spot).filter(|_| d.size > 0) {
            assert_eq!(i128::from(after.state.margin), d.remainder, "remainder: {d:?}");
        }
        events_say_the_same(receipt, d);
        trades += 1;
        liquidations += u32::from(matches!(step.action, Action::Liquidate { .. }));
        indebted += u32::from(d.bad_debt > 0);
    });
    assert!(trades > 100 && liquidations > 5, "{trades} trades, {liquidations} liquidations");
    assert!(indebted > 0 && referred > 20, "{indebted} in debt, {referred} referred");
}

/// The events carry the division as well.
fn events_say_the_same(receipt: &Receipt, d: &Division) {
    for event in &receipt.events {
        let (parts, expected) = match event {
            Event::PositionDecreased(e) => (
                [e.size, e.gain, e.loss, e.fee, e.fee_forgiven, e.bad_debt, e.insurance_cover],
                [d.size, d.gain, d.loss, d.fee, d.forgiven, d.bad_debt, d.cover],
            ),
            Event::PositionLiquidated(e) => (
                [e.size, e.gain, e.loss, e.keeper_from_vault, e.insurance_fee, e.bad_debt, e.insurance_cover],
                [d.size, d.gain, d.loss, d.keeper_from_vault, d.to_insurance, d.bad_debt, d.cover],
            ),
            _ => continue,
        };
        assert_eq!(parts.map(i128::from), expected, "{d:?}");
    }
}

// --- 7 -------------------------------------------------------------------------

/// Open interest, entry sums, reserves and the funding and borrow sums of a
/// market are those of its positions, after every instruction.
#[test]
fn invariant_07_a_markets_sums_are_those_of_its_positions() {
    let mut run = Run::new(107);
    run.run(steps(), |_, step| {
        for (market, Pool { state, .. }) in step.after.pools.iter().enumerate() {
            for (book, byte) in [(&state.long, 0), (&state.short, 1)] {
                let own = || step.after.of(market).map(|held| held.state).filter(|own| own.side == byte);
                assert_eq!(own().map(|own| own.size).sum::<u64>(), book.open_interest, "open interest");
                assert_eq!(own().map(|own| own.entry_notional).sum::<u64>(), book.entry_notional, "entry");
                assert_eq!(own().filter(|own| own.size > 0).count() as u64, book.positions, "positions");
                let funding: BigInt = own().map(|own| big(own.size) * own.entry_funding_index.get()).sum();
                assert_eq!(funding, big(book.funding_basis.get()), "Σ size × funding index");
            }
            let own = || step.after.of(market).map(|held| held.state);
            assert_eq!(own().map(|own| own.reserve).sum::<u64>(), state.reserved, "reserves");
            let borrow: BigInt = own().map(|own| big(own.reserve) * own.entry_borrow_index.get()).sum();
            assert_eq!(borrow, big(state.borrow_basis.get()), "Σ reserve × borrow index");
        }
    });
}
