//! Questions to copies of the world: what would have been. Each says whether
//! it found out anything, or what is wrong.

use std::collections::HashMap;
use std::sync::LazyLock;

use anchor_lang::prelude::Pubkey;
use ringfence_client::RingfenceError;
use ringfence_client::accounts::{LiquidityDeposit, Market};
use serde_json::Value;

use crate::action::{Action, OrderSpot, Probe, Spot};
use crate::model;
use crate::perform::Outcome;
use crate::predict::adds;
use crate::run::{IDS, Run};
use crate::state::State;

pub fn ask(run: &mut Run, now: &State, probe: &Probe) -> Result<bool, String> {
    let place = match probe {
        Probe::RoundTrip { at, .. } | Probe::MarginTrip { at, .. } => Some(at.market),
        Probe::SelfLiquidation { at } | Probe::Blocked { at, .. } => Some(at.market),
        Probe::PoolTrip { market, .. } => Some(*market),
        Probe::Substituted { action, .. } | Probe::Paused { action } => action.market(),
    };
    if place.is_none_or(|place| now.market(run, place).is_none()) {
        return Ok(false);
    }
    match *probe {
        Probe::RoundTrip { at, long, size, margin } => round_trip(run, now, at, long, size, margin),
        Probe::MarginTrip { at, amount } => margin_trip(run, at, amount),
        Probe::SelfLiquidation { at } => self_liquidation(run, now, at),
        Probe::PoolTrip { market, who, amount } => pool_trip(run, now, market, who, amount),
        Probe::Blocked { at, donation, keeper } => blocked(run, now, at, donation, keeper),
        Probe::Substituted { ref action, slot, by } => substituted(run, now, action, slot, by),
        Probe::Paused { ref action } => paused(run, now, action),
    }
}

/// What a person's wallet gains by these; none where one is refused.
fn gain(run: &mut Run, market: usize, who: usize, actions: &[Action]) -> Option<i128> {
    run.what_if(|run| {
        let wallet = run.keys[market].wallets[who];
        let before = i128::from(run.world.balance(&wallet));
        let through = actions.iter().all(|action| run.perform(action) == Outcome::Accepted);
        through.then(|| i128::from(run.world.balance(&wallet)) - before)
    })
}

fn open(at: Spot, long: bool, size: u64, margin: u64) -> Action {
    Action::Open { at, long, size, margin, acceptable: None, referrer: None }
}

fn round_trip(
    run: &mut Run,
    now: &State,
    at: Spot,
    long: bool,
    size: u64,
    margin: u64,
) -> Result<bool, String> {
    let by = at.who;
    let whole = [open(at, long, size, margin), Action::Close { at, by }];
    let Some(whole) = gain(run, at.market, at.who, &whole) else { return Ok(false) };
    if whole > 0 {
        return Err(format!("invariant 3: {whole} by opening and closing"));
    }
    let (first, sold) = (size / 2, size / 3);
    let parts = [
        open(at, long, first, margin),
        Action::Increase { at, by, size: size - first, margin: 0 },
        Action::Decrease { at, by, size: sold, acceptable: None },
        Action::Close { at, by },
    ];
    // a fill is rounded to 10^-10 quote: of a collateral that is finer than
    // that, parts may spare what the whole's two fills were rounded by
    let spared = model::notional_ceil(now.market(run, at.market).expect("a market"), size.into(), 2);
    match gain(run, at.market, at.who, &parts) {
        Some(parts) if parts > 0 || parts > whole + spared => {
            Err(format!("invariant 3: {parts} in parts, {whole} as a whole"))
        }
        _ => Ok(true),
    }
}

fn margin_trip(run: &mut Run, at: Spot, amount: u64) -> Result<bool, String> {
    let (payer, by) = (at.who, at.who);
    let trip = [Action::AddMargin { at, payer, amount }, Action::RemoveMargin { at, by, amount }];
    match gain(run, at.market, at.who, &trip) {
        Some(change) if change != 0 => Err(format!("invariant 3: {change} by adding and removing margin")),
        found => Ok(found.is_some()),
    }
}

fn self_liquidation(run: &mut Run, now: &State, at: Spot) -> Result<bool, String> {
    let (Some(market), Some(position)) = (now.market(run, at.market), now.position(run, at)) else {
        return Ok(false);
    };
    let donated = now.tokens[&position.vault] - position.margin;
    let least = i128::from(market.params.min_keeper_reward) + i128::from(donated);
    let close = Action::Close { at, by: at.who };
    let both = [Action::Liquidate { at, keeper: at.who }, close.clone()];
    let Some(liquidated) = gain(run, at.market, at.who, &both) else { return Ok(false) };
    let Some(closed) = gain(run, at.market, at.who, &[close]) else { return Ok(false) };
    if liquidated > closed.max(least) {
        return Err(format!("invariant 6: {liquidated} by liquidating oneself, {closed} by closing"));
    }
    Ok(true)
}

fn pool_trip(run: &mut Run, now: &State, market: usize, who: usize, amount: u64) -> Result<bool, String> {
    let free = |id: &u16| run.deposit(market, who, *id).is_some_and(|key| !now.deposits.contains_key(&key));
    let Some(id) = (0..IDS).find(free) else { return Ok(false) };
    let (wallet, shares) = (run.keys[market].wallets[who], run.keys[market].shares[who]);
    run.what_if(|run| {
        let (had, held) = (run.world.balance(&wallet), run.world.balance(&shares));
        if run.perform(&Action::AddLiquidity { market, who, id, amount }) != Outcome::Accepted {
            return Ok(false);
        }
        let deposit = run.deposit(market, who, id).expect("a place");
        let clock = run.world.now();
        run.world.edit::<LiquidityDeposit>(&deposit, |deposit| deposit.unlocks_at = clock);
        run.perform(&Action::ClaimShares { market, who, id });
        let shares = run.world.balance(&shares) - held;
        if run.perform(&Action::RemoveLiquidity { market, who, shares }) != Outcome::Accepted {
            return Ok(false);
        }
        let has = run.world.balance(&wallet);
        if has > had {
            Err(format!("invariant 13: {} by a deposit of {amount}", has - had))
        } else {
            Ok(true)
        }
    })
}

/// The state that an action leads to, balances left out, and its outcome.
fn result(run: &mut Run, prepare: impl FnOnce(&mut Run), action: &Action) -> (Outcome, State) {
    run.what_if(|run| {
        prepare(run);
        let outcome = run.perform(action);
        let mut state = State::read(run);
        state.tokens.clear();
        (outcome, state)
    })
}

fn blocked(run: &mut Run, now: &State, at: Spot, donation: u64, keeper: usize) -> Result<bool, String> {
    let Some(position) = now.position(run, at) else { return Ok(false) };
    if keeper == at.who {
        return Ok(false);
    }
    let (vaults, keys) = ([position.vault, now.markets[&position.market].pool_vault], &run.keys[at.market]);
    let own = [keys.wallets[at.who], keys.shares[at.who]];
    let mut found = false;
    let mut actions = vec![Action::Liquidate { at, keeper }, Action::CloseAtCap { at, caller: keeper }];
    // an escrow's donation goes to the position's vault, as one there does
    let orders = now.orders.iter().filter(|(_, order)| order.position == run.position(at).expect("a place"));
    let orders: Vec<_> = orders.map(|(_, order)| (OrderSpot { at, id: order.id }, order.escrow)).collect();
    actions.extend(orders.iter().map(|(of, _)| Action::ExecuteOrder { of: *of, by: keeper }));
    for action in actions {
        let (free, expected) = result(run, |_| (), &action);
        let block = |run: &mut Run| {
            vaults.iter().for_each(|vault| run.world.donate(*vault, donation));
            orders.iter().for_each(|(_, escrow)| run.world.donate(*escrow, donation));
            own.iter().for_each(|account| run.world.freeze(*account));
        };
        let (outcome, state) = result(run, block, &action);
        if outcome != free {
            return Err(format!("invariant 9: {action:?} is {outcome:?}, and {free:?} otherwise"));
        }
        if let Some(difference) = expected.difference(&state) {
            return Err(format!("invariant 9: {difference}"));
        }
        found |= free == Outcome::Accepted;
    }
    Ok(found)
}

/// Names of each instruction's accounts, by the IDL.
static DECLARED: LazyLock<HashMap<String, Vec<String>>> = LazyLock::new(|| {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../idl/ringfence.json");
    let idl: Value = serde_json::from_str(&std::fs::read_to_string(path).expect(path)).expect(path);
    let name = |value: &Value| value["name"].as_str().expect("a name").to_string();
    let list = |value: &Value| value.as_array().expect("a list").clone();
    let instructions = list(&idl["instructions"]);
    instructions.iter().map(|it| (name(it), list(&it["accounts"]).iter().map(name).collect())).collect()
});

/// Every instruction's name.
pub fn declared() -> Vec<String> {
    DECLARED.keys().cloned().collect()
}

fn substituted(run: &mut Run, now: &State, action: &Action, slot: usize, by: usize) -> Result<bool, String> {
    // what needs no more than one of a kind may as well be about another
    let any_will_do = [
        "set_delegate",
        "set_status",
        "announce_settlement",
        "propose_params",
        "nominate_admin",
        "migrate_market",
    ];
    let Some(name) = action.name().filter(|name| !any_will_do.contains(name)) else { return Ok(false) };
    let Some(mut instruction) = run.instruction(action) else { return Ok(false) };
    let others: Vec<Pubkey> = now
        .markets
        .keys()
        .chain(now.positions.keys())
        .chain(now.orders.keys())
        .chain(now.tokens.keys())
        .copied()
        .chain(now.deposits.keys().chain(now.referrals.keys()).chain(now.proposals.keys()).copied())
        .chain(run.world.markets.iter().flat_map(|it| [it.accounts.oracle, it.accounts.lp_mint]))
        .chain(run.people.iter().map(|person| person.pubkey()))
        .collect();
    let slot = slot % instruction.accounts.len();
    let other = others[by % others.len()];
    let role = DECLARED[name][slot].as_str();
    let kept = instruction.accounts[slot].pubkey;
    if other == kept || is_choice(run, now, action, role, other) {
        return Ok(false);
    }
    instruction.accounts[slot].pubkey = other;
    match run.what_if(|run| run.send(instruction, action)) {
        Outcome::Accepted => Err(format!("invariant 10: {name} takes {other} for its {role} {kept}")),
        _ => Ok(true),
    }
}

/// Where the caller may choose: who acts, his own payee, and what is not
/// looked at because nothing is open or the price is settled.
fn is_choice(run: &Run, now: &State, action: &Action, role: &str, other: Pubkey) -> bool {
    let position = action.spot().and_then(|at| now.position(run, at));
    let market = action.market().and_then(|place| now.market(run, place));
    let unread = position.is_some_and(|it| it.size == 0) || market.is_some_and(|it| it.status == 3);
    let payee = matches!(
        action,
        Action::Close { .. }
            | Action::RemoveMargin { .. }
            | Action::Liquidate { .. }
            | Action::RemoveLiquidity { .. }
            | Action::ExecuteOrder { .. }
    );
    let ends_an_order = matches!(action, Action::CancelOrder { .. } | Action::ExecuteOrder { .. });
    match role {
        "liquidator" | "caller" | "canceller" | "executor" => true,
        // Anchor's own, for events: not read, and there as the missing referral's placeholder
        "program" => true,
        // whose the order is
        "trader" if ends_an_order => false,
        "trader" => position.is_some_and(|it| [it.owner, it.delegate].contains(&other)),
        "oracle" | "referral" => unread,
        _ if role.ends_with("_token_account") => {
            let free = match action {
                // his own funds go where he says
                Action::CancelOrder { of, by } => {
                    now.order(run, *of).is_some_and(|it| it.trader == run.people[*by].pubkey())
                }
                Action::Increase { margin, .. } => *margin == 0,
                Action::PlaceOrder { asked, .. } => asked.margin == 0 && asked.reward == 0,
                _ => false,
            };
            payee || free
        }
        _ => false,
    }
}

fn paused(run: &mut Run, now: &State, action: &Action) -> Result<bool, String> {
    use Action::*;
    let Some(market) = action.market().and_then(|place| now.market(run, place)).filter(|it| it.status < 2)
    else {
        return Ok(false);
    };
    let (key, status) = (run.world.markets[action.market().expect("one")].accounts.market, market.status);
    let pause = |run: &mut Run| run.world.edit::<Market>(&key, |market| market.status = 2);
    let (outcome, mut state) = result(run, pause, action);
    let adds = match action {
        PlaceOrder { asked, .. } => Some(adds(asked.kind % 5)),
        ExecuteOrder { of, .. } => now.order(run, *of).map(|order| adds(order.kind)),
        _ => None,
    };
    match action {
        PlaceOrder { .. } | ExecuteOrder { .. } if adds == Some(true) => match outcome {
            Outcome::Accepted => Err(format!("invariant 14: {action:?} while paused")),
            _ => Ok(true),
        },
        CreatePosition { .. }
        | Open { .. }
        | Increase { .. }
        | AddLiquidity { .. }
        | CreateReferral { .. } => {
            let refused = matches!(outcome, Outcome::Refused(_) | Outcome::Aside);
            if refused { Ok(true) } else { Err(format!("invariant 14: {action:?} while paused")) }
        }
        Close { .. }
        | Decrease { .. }
        | AddMargin { .. }
        | Liquidate { .. }
        | CloseAtCap { .. }
        | PlaceOrder { .. }
        | ExecuteOrder { .. }
        | CancelOrder { .. } => {
            let (active, expected) = result(run, |_| (), action);
            // what a pending order forbids while it can be executed
            if active == Outcome::Refused(Some(RingfenceError::OrderPending.into())) {
                return Ok(false);
            }
            if active != outcome {
                return Err(format!("invariant 14: {action:?} is {outcome:?} while paused, else {active:?}"));
            }
            if let Some(market) = state.markets.get_mut(&key) {
                market.status = status;
            }
            match expected.difference(&state) {
                Some(difference) => Err(format!("invariant 14: {difference}")),
                None => Ok(active == Outcome::Accepted),
            }
        }
        _ => Ok(false),
    }
}
