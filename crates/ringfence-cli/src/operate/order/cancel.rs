//! `ringfence order cancel`

use anyhow::{Context, Result, bail, ensure};
use ringfence_client::accounts::{Market, Order};
use ringfence_client::{Instruction, Pubkey, instructions, pda};
use solana_keypair::Keypair;
use solana_signer::Signer;

use super::state::State;
use super::{CancelArgs, list, owner};
use crate::operate::amount::Units;
use crate::operate::lookup;
use crate::operate::record;
use crate::operate::{Format, Session, submit, time};
use crate::output;

/// Most orders in one transaction, by its size.
const ORDERS: usize = 5;

/// Makes the token account that the refund goes to where there is none, and
/// cancels. What the mint is, the escrow says: the market may be gone.
fn cancel(session: &Session, payer: &Keypair, key: Pubkey, order: &Order) -> Result<[Instruction; 2]> {
    let escrow = session.connection.account(&order.escrow)?;
    let escrow = escrow.with_context(|| format!("order {key} has no escrow"))?;
    let mint = escrow.data.get(..32).and_then(|bytes| Pubkey::try_from(bytes).ok());
    let mint = mint.context("the order's escrow is no token account")?;
    let (tokens, create) = lookup::with_token_account(&payer.pubkey(), &order.trader, &mint, &escrow.owner);
    Ok([create, instructions::cancel_order(escrow.owner, key, order, payer.pubkey(), tokens)])
}

fn units(session: &Session, order: &Order) -> Result<Option<Units>> {
    Ok(session.connection.read::<Market>(&order.market)?.as_ref().map(Units::from))
}

/// The order's address, from its position's name and its number or from itself.
fn named(session: &Session, args: &CancelArgs) -> Result<Pubkey> {
    let wanted = args.order.as_deref().unwrap_or_default();
    let key = match args.id {
        Some(id) => {
            let owner = || owner(session, args.owner);
            pda::order(&lookup::position_key(&session.connection, wanted, owner)?.0, id)
        }
        None => wanted.parse().ok().with_context(|| {
            format!("`{wanted}`: an order is MARKET/ID NUMBER, such as SOL-PERP/0 2, or an address")
        })?,
    };
    Ok(key)
}

fn one(session: &Session, args: &CancelArgs) -> Result<()> {
    let connection = &session.connection;
    let (payer, key) = (connection.keypair()?, named(session, args)?);
    let Some(order) = connection.read::<Order>(&key)? else {
        connection.exchange()?;
        bail!(
            "no order there: `ringfence order list` shows yours; one that is gone was executed or cancelled"
        )
    };
    let position = list::positions(session, &[(key, order)])?.pop().flatten();
    let now = connection.now()?;
    let state = State::of(&order, position.as_ref(), None, now);
    if !state.has_ended() && order.is_delayed() {
        bail!(
            "a market order cannot be taken back: it is executed until {}, or can be cancelled after that, in {}",
            time::utc(order.expires_at),
            time::span(order.expires_at - now + 1)
        );
    }
    let ours = position.is_some_and(|position| position.may_cancel(&order, &payer.pubkey()));
    ensure!(
        state.has_ended() || ours,
        "the order is live: only {}, who placed it, or the position's owner may cancel it",
        order.trader
    );
    let why = state.why(&order, now).map_or_else(String::new, |why| format!(" ({why})"));
    let action = format!(
        "cancel order {}, {}{why}: what it holds and its rent go to {}",
        order.id,
        state.name(),
        order.trader
    );
    submit::run(session, &payer, &action, units(session, &order)?, &cancel(session, &payer, key, &order)?)
}

/// As many transactions as it takes.
fn all_void(session: &Session, args: &CancelArgs) -> Result<()> {
    let connection = &session.connection;
    let payer = connection.keypair()?;
    let owner = args.owner.unwrap_or_else(|| payer.pubkey());
    let orders = list::of_owner(session, &owner)?;
    let (positions, now) = (list::positions(session, &orders)?, connection.now()?);
    let mut void: Vec<(Pubkey, Order)> = orders
        .into_iter()
        .zip(positions)
        .filter(|((_, order), position)| State::of(order, position.as_ref(), None, now).has_ended())
        .map(|(order, _)| order)
        .collect();
    // Amounts of one transaction are in the units of one market.
    void.sort_by_key(|(_, order)| order.market);
    let mut outcomes = Vec::new();
    for group in void.chunk_by(|(_, one), (_, other)| one.market == other.market) {
        for orders in group.chunks(ORDERS) {
            let mut all = Vec::new();
            for (key, order) in orders {
                all.extend(cancel(session, &payer, *key, order)?);
            }
            all.dedup();
            let action = format!("send home what {} void orders hold", orders.len());
            let units = units(session, &orders[0].1)?;
            outcomes.push(submit::execute(session, &payer, &action, units, &all, None)?);
        }
    }
    match session.format {
        Format::Display if outcomes.is_empty() => output::print("No order is void or has expired."),
        Format::Display => Ok(()),
        format => record::print(&outcomes, &[], format),
    }
}

pub fn run(session: &Session, args: &CancelArgs) -> Result<()> {
    if args.all_void { all_void(session, args) } else { one(session, args) }
}
