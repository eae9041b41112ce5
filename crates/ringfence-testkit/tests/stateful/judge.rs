//! One step: an action, what the model says of it, what became of it; and the
//! invariants that hold after any step.

use std::collections::BTreeSet;

use anchor_lang::prelude::Pubkey;
use ringfence_client::accounts::{Market, Position};

use crate::action::{Action, Vault};
use crate::model::{self, big};
use crate::perform::Outcome;
use crate::predict::predict;
use crate::probes;
use crate::run::{MARKETS, Run};
use crate::state::State;

pub struct Step<'a> {
    pub action: &'a Action,
    pub outcome: Outcome,
    pub before: &'a State,
    pub after: &'a State,
}

/// A further question to each step; none for most runs.
pub type Extra = fn(&Run, &Step) -> Result<(), String>;

/// Performs an action and judges it; the state after it, and what became of it.
pub fn step(
    run: &mut Run,
    before: &State,
    action: &Action,
    extra: Extra,
) -> Result<(State, Outcome), String> {
    if let Action::Ask(probe) = action {
        let conclusive = probes::ask(run, before, probe)?;
        let outcome = if conclusive { Outcome::Accepted } else { Outcome::Aside };
        return Ok((before.clone(), outcome));
    }
    let room = matches!(action, Action::CreateMarket { .. }) && run.keys.len() < MARKETS;
    let sent = room || run.instruction(action).is_some();
    let predicted = sent.then(|| predict(run, before, action));
    let rent = rent_due(run, before, action);
    let outcome = run.perform(action);
    let after = State::read(run);
    let mut expected = match (predicted, &outcome) {
        (None, Outcome::Aside) => before.clone(),
        (Some(Ok(state)), Outcome::Accepted) => state,
        (Some(Err(refusal)), Outcome::Refused(code)) if refusal.is(*code) => before.clone(),
        (predicted, _) => {
            let said = predicted.map(|verdict| verdict.map(|_| "acceptance"));
            return Err(format!("verdict: expected {said:?}, found {outcome:?}"));
        }
    };
    match *action {
        Action::Donate { to, amount } => donated(run, &mut expected, to, amount),
        Action::CreateMarket { .. } if outcome == Outcome::Accepted => adopt(&mut expected, &after)?,
        _ => {}
    }
    if let Some(difference) = expected.difference(&after) {
        return Err(format!("model: {difference}"));
    }
    run.world.check_books().map_err(|error| format!("books: {error}"))?;
    let ended = action.order().is_some_and(|of| after.order(run, of).is_none());
    if let Some((trader, lamports)) = rent.filter(|_| ended) {
        let has = lamports_of(run, &trader);
        ensure(has == lamports, || format!("rent: {trader} has {has}, expected {lamports}"))?;
    }
    let step = Step { action, outcome, before, after: &after };
    invariants(run, &step)?;
    extra(run, &step)?;
    let outcome = step.outcome;
    Ok((after, outcome))
}

fn lamports_of(run: &Run, key: &Pubkey) -> u64 {
    run.world.svm.get_account(key).map_or(0, |account| account.lamports)
}

/// What an order's end leaves its trader with: the rent of both accounts comes
/// home, whoever ends it.
fn rent_due(run: &Run, before: &State, action: &Action) -> Option<(Pubkey, u64)> {
    if !matches!(action, Action::CancelOrder { .. } | Action::ExecuteOrder { .. }) {
        return None;
    }
    let of = action.order()?;
    let order = before.order(run, of)?;
    let accounts = [order.trader, run.order(of)?, order.escrow];
    Some((order.trader, accounts.iter().map(|key| lamports_of(run, key)).sum()))
}

/// A donation changes the balance of its vault, and nothing else (invariant 9).
fn donated(run: &Run, expected: &mut State, to: Vault, amount: u64) {
    if let Some(balance) = run.donated_to(to).and_then(|vault| expected.tokens.get_mut(&vault)) {
        *balance += amount;
    }
}

/// A new market owns nothing, and nor do its token accounts.
fn adopt(expected: &mut State, after: &State) -> Result<(), String> {
    for (key, market) in &after.markets {
        let sums = [market.liquidity, market.reserved, market.insurance, market.lp_shares];
        if !expected.markets.contains_key(key) && (sums != [0; 4] || market.status != 0) {
            return Err(format!("a new market with {sums:?}"));
        }
        expected.markets.entry(*key).or_insert(*market);
    }
    for (key, balance) in &after.tokens {
        let known = expected.tokens.contains_key(key);
        // whoever first comes to use a mint is issued his funds of it
        expected.tokens.entry(*key).or_insert(*balance);
        if !known && *balance > 0 {
            return Err(format!("a new account {key} with {balance}"));
        }
    }
    Ok(())
}

fn ensure(condition: bool, message: impl FnOnce() -> String) -> Result<(), String> {
    if condition { Ok(()) } else { Err(message()) }
}

fn invariants(run: &Run, step: &Step) -> Result<(), String> {
    for market in step.after.markets.values() {
        ensure(market.reserved <= market.liquidity, || "invariant 2: reserved > liquidity".into())?;
    }
    generations_are_unique(step.after)?;
    if step.outcome != Outcome::Accepted {
        return Ok(());
    }
    let Some(place) = step.action.market() else { return Ok(()) };
    if let (Some(was), Some(is)) = (step.before.market(run, place), step.after.market(run, place)) {
        ensure(is.next_generation >= was.next_generation, || "invariant 12: generations fell".into())?;
        funding_is_zero_sum(run, step, place, is)?;
        if matches!(step.action, Action::AddLiquidity { .. } | Action::RemoveLiquidity { .. }) {
            share_price_holds(step, place, was, is)?;
        }
    }
    payouts(run, step, place)
}

/// Invariant 12: no two positions of a market share a generation, and none is
/// still to be given, so that no order can meet a position it was not made for.
fn generations_are_unique(state: &State) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    let positions = state.positions.values().map(|it| (it.market, it.generation));
    let orders = state.orders.values().map(|it| (it.market, it.generation));
    for (key, generation) in positions.clone().chain(orders) {
        let given = state.markets.get(&key).is_none_or(|market| generation < market.next_generation);
        ensure(given, || format!("invariant 12: generation {generation} before it is given"))?;
    }
    for position in positions {
        ensure(seen.insert(position), || format!("invariant 12: generation {} twice", position.1))?;
    }
    Ok(())
}

/// Invariant 2: a payout is within margin and reserve, donations aside.
/// Invariant 6: whoever liquidates is paid. Invariant 5, in tokens: what left
/// the vaults of the step is in the wallet of its caller; of an order, the
/// reward in the executor's, and what was not used in its trader's.
fn payouts(run: &Run, step: &Step, place: usize) -> Result<(), String> {
    let wallets = &run.keys[place].wallets;
    let held = |state: &State, key| state.tokens.get(key).copied().map_or(0, i128::from);
    let gained = |who: usize| held(step.after, &wallets[who]) - held(step.before, &wallets[who]);
    match *step.action {
        Action::Close { at, .. } | Action::CloseSettled { at } => {
            let position = step.before.position(run, at).ok_or("closed what was not there")?;
            let donated = held(step.before, &position.vault) - i128::from(position.margin);
            let most = i128::from(position.margin) + i128::from(position.reserve) + donated;
            let payout = gained(at.who);
            ensure((0..=most).contains(&payout), || format!("invariant 2: payout {payout} of {most}"))
        }
        Action::Liquidate { keeper, .. } => {
            ensure(gained(keeper) > 0, || "invariant 6: a keeper who is not paid".into())
        }
        Action::ExecuteOrder { of, by } => {
            let order = step.before.order(run, of).ok_or("executed what was not there")?;
            let (due, paid) = (i128::from(order.reward), gained(by));
            ensure(paid == due, || format!("invariant 5: a reward of {paid}, not {due}"))
        }
        Action::CancelOrder { of, .. } => {
            let order = step.before.order(run, of).ok_or("cancelled what was not there")?;
            let (due, paid) = (held(step.before, &order.escrow), gained(run.who(&order.trader)));
            ensure(paid == due, || format!("invariant 1: a refund of {paid}, not {due}"))
        }
        _ => Ok(()),
    }
}

/// Invariant 8: what positions owe for funding and borrow, each rounded
/// against it, is what the market's sums say, at most a rounding each more.
fn funding_is_zero_sum(run: &Run, step: &Step, place: usize, market: &Market) -> Result<(), String> {
    let key = run.world.markets[place].accounts.market;
    let of_market = |position: &&Position| position.market == key && position.size > 0;
    let (mut owed, mut roundings) = (0, 1);
    for position in step.after.positions.values().filter(of_market) {
        let share = model::share(market, position, position.size.into());
        owed += share.borrow - share.funding;
        roundings += 2;
    }
    let surplus = owed - model::charges(market);
    ensure((0..=roundings).contains(&surplus), || format!("invariant 8: {surplus} of {roundings}"))
}

/// Invariant 13: at both edges and the index, with and without charges, a
/// share is worth at least what it was.
fn share_price_holds(step: &Step, place: usize, was: &Market, is: &Market) -> Result<(), String> {
    let mut feed = step.before.quoted[place].feed;
    if model::is_settling(was) {
        (feed.price, feed.confidence) = (was.settlement_price, 0);
    }
    let was = model::accrued(was, step.before.now, feed.price);
    let (low, high) = model::edges(&feed);
    for price in [low, feed.price.into(), high] {
        for (charged, up) in [(false, false), (false, true), (true, false), (true, true)] {
            let value = |market: &Market| {
                let charges = if charged { model::charges(market) } else { 0 };
                model::pool_value(market, price, charges, up)
            };
            let (before, after) = (value(&was), value(is));
            let falls = big(after) * was.lp_shares < big(before) * is.lp_shares;
            ensure(before < 0 || !falls, || format!("invariant 13: {before} to {after} at {price}"))?;
        }
    }
    Ok(())
}
