//! `ringfence order list`

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use anyhow::Result;
use ringfence_client::accounts::{Order, Position, decode};
use ringfence_client::{PROGRAM_ID, Pubkey, filters};
use ringfence_math::Price;

use super::state::State;
use super::{ListArgs, owner};
use crate::operate::amount;
use crate::operate::effects::orders::kind as kind_name;
use crate::operate::lookup::{self, Listed, Present};
use crate::operate::record::{self, Record};
use crate::operate::{Session, time};

/// Orders of a position, whether it is there or not.
fn of_position(session: &Session, key: &Pubkey) -> Result<Vec<(Pubkey, Order)>> {
    session.connection.program_accounts::<Order>(filters::orders(Some(key)))
}

/// Orders that an owner placed, and those that delegates placed for his
/// positions.
pub fn of_owner(session: &Session, owner: &Pubkey) -> Result<Vec<(Pubkey, Order)>> {
    let connection = &session.connection;
    let mut found = connection.program_accounts::<Order>(filters::orders_of_trader(owner))?;
    for (key, position) in connection.program_accounts::<Position>(filters::positions(None, Some(owner)))? {
        if position.delegate != Pubkey::default() {
            found.extend(of_position(session, &key)?);
        }
    }
    found.sort_by_key(|(key, _)| *key);
    found.dedup_by_key(|(key, _)| *key);
    Ok(found)
}

/// The positions that these orders are for; none where they are closed.
pub fn positions(session: &Session, orders: &[(Pubkey, Order)]) -> Result<Vec<Option<Position>>> {
    let keys: Vec<Pubkey> = orders.iter().map(|(_, order)| order.position).collect();
    let found = session.connection.accounts(&keys)?;
    let position = |account: Option<solana_account::Account>| {
        decode(&account.filter(|account| account.owner == PROGRAM_ID)?.data)
    };
    Ok(found.into_iter().map(position).collect())
}

/// A market as it is, or none where it is closed.
struct Markets(BTreeMap<Pubkey, Option<(Listed, Present)>>);

impl Markets {
    fn get(
        &mut self,
        session: &Session,
        key: &Pubkey,
        oracle: Option<Pubkey>,
    ) -> Result<Option<&(Listed, Present)>> {
        let found = match self.0.entry(*key) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => {
                let connection = &session.connection;
                let listed = connection.read(key)?.map(|market| Listed { key: *key, market });
                let found = match listed {
                    Some(listed) => Some((listed, listed.present(connection, oracle)?)),
                    None => None,
                };
                entry.insert(found)
            }
        };
        Ok(found.as_ref())
    }
}

fn row(
    key: &Pubkey,
    order: &Order,
    position: Option<&Position>,
    market: Option<&(Listed, Present)>,
    now: i64,
) -> Record {
    let state = State::of(order, position, market.map(|(_, present)| &present.reading), now);
    let units = market.map(|(listed, _)| listed.units());
    let quote = |atoms: u64| units.map_or_else(|| atoms.to_string(), |units| units.quote(atoms));
    let name = match (market, position) {
        (Some((listed, _)), Some(position)) => super::position_name(listed, position.id),
        _ => order.position.to_string(),
    };
    let adds = order.kind().is_ok_and(|kind| kind.adds());
    let does = if adds {
        let size = units.map_or_else(|| order.size.to_string(), |units| units.size(order.size));
        format!("add {size}, margin {}", quote(order.margin))
    } else {
        format!("close {}", amount::percent(order.share_ppm))
    };
    let way = if order.trigger_above == 1 { "≥" } else { "≤" };
    let trigger =
        (!order.is_delayed()).then(|| format!("{way} {}", amount::price(Price(order.trigger_price))));
    Record::default()
        .with("position", name)
        .with("id", order.id)
        .with("kind", order.kind().map_or("unknown", kind_name))
        .with("does", does)
        .with("trigger", trigger)
        .with("acceptable_price", amount::price(Price(order.acceptable_price)))
        .with("reward", quote(order.reward))
        .with("cancels", order.partner())
        .with("state", state.name())
        .with("why", state.why(order, now))
        .with("expires_at", time::utc(order.expires_at))
        .with("trader", order.trader.to_string())
        .with("address", key.to_string())
}

pub fn run(session: &Session, args: &ListArgs) -> Result<()> {
    let connection = &session.connection;
    let mut orders = match &args.position {
        Some(wanted) => {
            let (key, _) = lookup::position_key(connection, wanted, || owner(session, args.owner))?;
            of_position(session, &key)?
        }
        None => of_owner(session, &owner(session, args.owner)?)?,
    };
    orders.sort_by_key(|(_, order)| (order.market, order.position, order.id));
    let (positions, now) = (positions(session, &orders)?, connection.now()?);
    let mut markets = Markets(BTreeMap::new());
    let mut rows = Vec::new();
    for ((key, order), position) in orders.iter().zip(&positions) {
        let market = markets.get(session, &order.market, args.oracle)?;
        rows.push(row(key, order, position.as_ref(), market, now));
    }
    record::list(&rows, "No orders.", session.format)
}
