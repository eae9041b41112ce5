//! Delayed market orders: placed, and waited for.

use std::thread::sleep;
use std::time::Duration;

use anyhow::{Result, bail};
use ringfence_client::accounts::{Order, Position, decode};
use ringfence_client::errors;
use ringfence_client::event::{OrderEnd, OrderFailed, OrderPlaced};
use ringfence_client::events::Event;
use ringfence_client::state::{OrderKind, OrderTerms};
use ringfence_client::{Instruction, Pubkey};
use ringfence_math::Price;
use solana_keypair::Keypair;

use crate::operate::amount::Units;
use crate::operate::lookup::Listed;
use crate::operate::{Format, Session, submit, time};
use crate::output;

/// Between two looks at the order.
const POLL: Duration = Duration::from_millis(300);

/// A delayed order of the market's own least reward.
pub fn delayed_terms(listed: &Listed, size: u64, margin: u64, acceptable: Price) -> OrderTerms {
    OrderTerms {
        kind: OrderKind::Delayed,
        size,
        margin,
        share_ppm: 0,
        trigger_price: 0,
        acceptable_price: acceptable.0,
        reward: listed.market.params.min_keeper_reward,
        expires_at: 0,
        cancels: None,
    }
}

/// How a delayed order came to its end.
enum Ending {
    /// With the events of the transaction, where the node tells them.
    Executed(Vec<Event>),
    Expired,
    /// It could not be filled at its price; why, where the node tells.
    Failed(Option<OrderFailed>),
    /// Its position was liquidated first.
    Void,
}

/// Sends the transaction that places a delayed order, and waits until a keeper
/// has executed it, or its time has passed.
///
/// Errors: those of sending; it has expired or is void.
pub fn place_and_wait(
    session: &Session,
    payer: &Keypair,
    action: &str,
    units: Units,
    instructions: &[Instruction],
    subject: (Pubkey, Pubkey),
    no_wait: bool,
) -> Result<()> {
    let mut outcome = submit::execute(session, payer, action, Some(units), instructions, None)?;
    let placed = outcome.events().iter().find_map(|event| match event {
        Event::OrderPlaced(placed) if placed.terms.kind == OrderKind::Delayed => Some(placed.clone()),
        _ => None,
    });
    let say = |text: &str| if session.format == Format::Display { output::print(text) } else { Ok(()) };
    let Some(placed) = placed.filter(|_| !no_wait && !session.dry_run) else {
        return submit::print(session, &outcome);
    };
    say(&format!(
        "Waiting for a keeper: the order takes the first price from {}, until {}.",
        time::utc(placed.not_before),
        time::utc(placed.expires_at)
    ))?;
    let ending = wait(session, &placed)?;
    if let Ending::Executed(events) = &ending {
        let lines = outcome.add(session, events, units, subject);
        say("Executed:")?;
        lines.iter().try_for_each(|line| say(line))?;
    }
    submit::print(session, &outcome)?;
    let order = placed.order;
    match ending {
        Ending::Executed(_) => Ok(()),
        Ending::Expired => bail!(
            "no keeper executed the order until {}: nothing was opened; `ringfence order cancel {order}` takes \
             back what it holds",
            time::utc(placed.expires_at)
        ),
        Ending::Failed(failed) => {
            let why = failed.and_then(|failed| errors::from_code(failed.error));
            let why = why.map_or_else(
                || "margin, limits or acceptable price".to_owned(),
                |error| format!("{error} ({})", error.name()),
            );
            bail!(
                "the order could not be filled at its price: {why}; `ringfence order cancel {order}` takes its \
                 margin back"
            )
        }
        Ending::Void => bail!(
            "the position was liquidated before the order was executed: `ringfence order cancel {order}` takes \
             back what it holds, where nobody has sent it home yet"
        ),
    }
}

fn failure(events: &[Event]) -> Option<OrderFailed> {
    events.iter().find_map(|event| match event {
        Event::OrderFailed(failed) => Some(failed.clone()),
        _ => None,
    })
}

fn wait(session: &Session, placed: &OrderPlaced) -> Result<Ending> {
    let connection = &session.connection;
    loop {
        let found = connection.accounts(&[placed.order, placed.position])?;
        let [order, position] = [&found[0], &found[1]];
        let order = order.as_ref().and_then(|account| decode::<Order>(&account.data));
        let position = position.as_ref().and_then(|account| decode::<Position>(&account.data));
        let Some(order) = order else {
            return Ok(ended(session, placed, position.as_ref()));
        };
        if order.has_failed() {
            let events = submit::last_events(session, &placed.order);
            return Ok(Ending::Failed(failure(&events)));
        }
        if position.is_none_or(|position| !position.honours(&order)) {
            return Ok(Ending::Void);
        }
        if order.has_expired(connection.now()?) {
            return Ok(Ending::Expired);
        }
        sleep(POLL);
    }
}

/// How an order ended that is gone: by the events of its last transaction,
/// else by what its position remembers.
fn ended(session: &Session, placed: &OrderPlaced, position: Option<&Position>) -> Ending {
    let events = submit::last_events(session, &placed.order);
    let end = events.iter().find_map(|event| match event {
        Event::OrderCancelled(cancelled) => Some(cancelled.end),
        _ => None,
    });
    if end == Some(OrderEnd::Failed) {
        return Ending::Failed(None);
    }
    let executed = events.iter().any(|event| matches!(event, Event::OrderExecuted(_)));
    // Its execution ends the commitment at once, its expiry does not.
    let settled = position.is_some_and(|one| one.generation == placed.generation && one.committed_until == 0);
    if executed || (settled && end.is_none()) {
        Ending::Executed(events)
    } else if position.is_some_and(|one| one.generation == placed.generation) {
        Ending::Expired
    } else {
        Ending::Void
    }
}
