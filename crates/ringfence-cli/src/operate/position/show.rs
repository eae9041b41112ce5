//! Positions, shown.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io::{IsTerminal, stdout};
use std::thread::sleep;
use std::time::Duration;

use anyhow::Result;
use ringfence_client::accounts::Position;
use ringfence_client::{Pubkey, filters};

use super::{ListArgs, Named, view};
use crate::operate::lookup::{self, Listed, Present};
use crate::operate::record::{self, Record};
use crate::operate::{Format, Session, time};
use crate::output;

/// Clears a terminal and goes to its first line (ECMA-48).
const CLEAR: &str = "\x1b[2J\x1b[H";

fn rows(session: &Session, args: &ListArgs) -> Result<Vec<Record>> {
    let connection = &session.connection;
    let owner = match (args.owner, args.all) {
        (Some(owner), _) => Some(owner),
        (None, true) => None,
        (None, false) => Some(connection.identity()?),
    };
    let markets = match &args.market {
        Some(wanted) => vec![lookup::market(connection, wanted)?],
        None => lookup::markets(connection)?,
    };
    let only = args.market.as_ref().and_then(|_| markets.first()).map(|listed| listed.key);
    let found = connection.program_accounts::<Position>(filters::positions(only.as_ref(), owner.as_ref()))?;
    let markets: BTreeMap<Pubkey, Listed> = markets.into_iter().map(|listed| (listed.key, listed)).collect();
    let mut presents: BTreeMap<Pubkey, Present> = BTreeMap::new();
    let mut rows = Vec::new();
    for (key, position) in &found {
        let Some(listed) = markets.get(&position.market) else {
            continue;
        };
        let present = match presents.entry(listed.key) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(listed.present(connection, None)?),
        };
        rows.push((listed.market.index, position.id, view::row(key, position, listed, present)?));
    }
    rows.sort_by_key(|(index, id, _)| (*index, *id));
    Ok(rows.into_iter().map(|(_, _, row)| row).collect())
}

pub fn list(session: &Session, args: &ListArgs) -> Result<()> {
    record::list(&rows(session, args)?, "No positions.", session.format)
}

pub fn show(session: &Session, named: &Named, oracle: Option<Pubkey>) -> Result<()> {
    let connection = &session.connection;
    let (key, position, listed) = lookup::position(connection, &named.position, || named.owner(session))?;
    let present = listed.present(connection, oracle)?;
    record::show(&view::full(&key, &position, &listed, &present)?, session.format)
}

/// Redraws on a terminal, and goes on below anywhere else. A look that fails
/// is shown in its place: the next one may succeed.
pub fn watch(session: &Session, args: &ListArgs, interval: u64, count: Option<u64>) -> Result<()> {
    let mut looks = 0;
    // What is wrong from the start ends it: a bad key, another cluster.
    let mut found = Ok(rows(session, args)?);
    loop {
        let text = match (&found, session.format) {
            (Ok(rows), Format::Display) => {
                let now = session.connection.now().map_or_else(|_| String::new(), time::utc);
                format!("{now}\n{}", record::table(rows, "No positions."))
            }
            (Ok(rows), _) => serde_json::to_string(rows)?,
            (Err(error), Format::Display) => format!("{error:#}"),
            (Err(error), _) => serde_json::to_string(&Record::default().with("error", format!("{error:#}")))?,
        };
        let clear = session.format == Format::Display && stdout().is_terminal();
        output::print(&if clear { format!("{CLEAR}{text}") } else { text })?;
        looks += 1;
        if count.is_some_and(|count| looks >= count) {
            return Ok(());
        }
        sleep(Duration::from_secs(interval));
        found = rows(session, args);
    }
}
