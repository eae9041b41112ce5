//! `ringfence order place`

use anyhow::{Context, Result, bail, ensure};
use ringfence_client::accounts::{Order, Position};
use ringfence_client::state::{OrderKind, Side};
use ringfence_client::{CreatePositionArgs, Instruction, Pubkey, filters, instructions, pda};
use solana_signer::Signer;

use super::{PlaceArgs, delayed, ensure_uncommitted, position_name, terms};
use crate::operate::lookup::{self, Listed};
use crate::operate::position::free_id;
use crate::operate::{Session, amount, submit};

/// The position that an order is for.
struct Target {
    key: Pubkey,
    name: String,
    listed: Listed,
    side: Side,
    /// None where the order's transaction creates it.
    position: Option<Position>,
    create: Option<Instruction>,
}

impl Target {
    /// The named position; for an order that adds one that is created.
    fn find(session: &Session, args: &PlaceArgs, trader: &Pubkey) -> Result<Self> {
        let connection = &session.connection;
        let owner = args.owner.unwrap_or(*trader);
        let wanted = &args.position;
        let opens = !wanted.contains('/') && wanted.parse::<Pubkey>().is_err();
        let (key, named) = if opens {
            let listed = lookup::market(connection, wanted)?;
            let id = free_id(session, &listed.key, &owner)?;
            (pda::position(&listed.key, &owner, id), Some((listed, id)))
        } else {
            lookup::position_key(connection, wanted, || Ok(owner))?
        };
        if let Some(position) = connection.read::<Position>(&key)? {
            let listed = match named {
                Some((listed, _)) => listed,
                None => lookup::market_of(connection, &position)?,
            };
            let side = position.side().map_err(lookup::words)?;
            if let Some(wanted) = args.side {
                ensure!(Side::from(wanted) == side, "--side: the position is there, and on the other side");
            }
            let name = position_name(&listed, position.id);
            return Ok(Self { key, name, listed, side, position: Some(position), create: None });
        }
        let (Some((listed, id)), Some(side)) = (named, args.side.filter(|_| owner == *trader)) else {
            bail!(
                "no position {wanted}: `ringfence position list` shows yours; an order that opens one needs --side"
            )
        };
        let side = Side::from(side);
        let create = instructions::create_position(
            &listed.accounts_without_price(),
            owner,
            None,
            CreatePositionArgs { id, side },
        );
        let name = position_name(&listed, id);
        Ok(Self { key, name, listed, side, position: None, create: Some(create) })
    }

    fn orders(&self, session: &Session) -> Result<Vec<Order>> {
        let found = session.connection.program_accounts::<Order>(filters::orders(Some(&self.key)))?;
        Ok(found.into_iter().map(|(_, order)| order).collect())
    }
}

/// Lamports of rent that an order holds, and its position where that is new.
pub fn rent(session: &Session, listed: &Listed, orders: usize, creates: bool) -> Result<u64> {
    let connection = &session.connection;
    // The pool's vault holds the same mint, and so has an escrow's size.
    let vault = connection.account(&listed.market.pool_vault)?.context("the market has no pool vault")?;
    let of = |bytes: usize| connection.ask(connection.rpc().get_minimum_balance_for_rent_exemption(bytes));
    let (escrow, order) = (of(vault.data.len())?, of(8 + size_of::<Order>())?);
    let position = if creates { of(8 + size_of::<Position>())? + escrow } else { 0 };
    Ok((escrow + order) * orders as u64 + position)
}

pub fn run(session: &Session, args: &PlaceArgs) -> Result<()> {
    let connection = &session.connection;
    let trader = connection.keypair()?;
    let target = Target::find(session, args, &trader.pubkey())?;
    let (listed, units) = (&target.listed, target.listed.units());
    let terms = args.terms(session, listed, target.side, connection.now()?)?;
    if terms.kind.adds() && terms.kind != OrderKind::Delayed {
        ensure!(
            listed.market.params.instant_open(),
            "{} adds size by market orders only: whoever executes a {} order could choose its moment",
            listed.name(),
            super::super::effects::orders::kind(terms.kind)
        );
    }
    if let Some(position) = target.position.as_ref().filter(|_| terms.kind == OrderKind::Delayed) {
        ensure_uncommitted(session, &target.name, position, &listed.market)?;
    }
    let id = terms::number(args.id, args.cancels, &target.orders(session)?)?;
    let (accounts, held) = (listed.accounts_without_price(), terms::held(&terms)?);
    let tokens = lookup::ensure_funds(connection, &accounts, &trader.pubkey(), held, units)?;
    let place = instructions::place_order(&accounts, target.key, trader.pubkey(), tokens, id, terms);
    let rent = rent(session, listed, 1, target.create.is_some())?;
    let action = format!(
        "place order {id} of {}{}: it {}; {} in escrow and {} of rent until it ends",
        target.name,
        if target.create.is_some() { ", which is created with it" } else { "" },
        terms::described(&terms, target.side, units),
        units.quote(held),
        amount::sol(rent)
    );
    let instructions: Vec<Instruction> = target.create.into_iter().chain([place]).collect();
    if terms.kind == OrderKind::Delayed {
        let subject = (target.key, listed.key);
        return delayed::place_and_wait(
            session,
            &trader,
            &action,
            units,
            &instructions,
            subject,
            args.no_wait,
        );
    }
    submit::run(session, &trader, &action, Some(units), &instructions)
}
