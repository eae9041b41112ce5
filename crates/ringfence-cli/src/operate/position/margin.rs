//! What changes a position's margin, its delegate, or ends it for its owner.

use anyhow::Result;
use ringfence_client::{Pubkey, instructions};
use solana_signer::Signer;

use super::Named;
use crate::operate::{Session, lookup, order, submit};

pub fn add(session: &Session, named: &Named, text: &str) -> Result<()> {
    let connection = &session.connection;
    let payer = connection.keypair()?;
    let (key, _, listed) = lookup::position(connection, &named.position, || named.owner(session))?;
    let units = listed.units();
    let atoms = units.parse_positive_quote("AMOUNT", text)?;
    let accounts = listed.accounts_without_price();
    let tokens = lookup::ensure_funds(connection, &accounts, &payer.pubkey(), atoms, units)?;
    let add = instructions::add_margin(accounts.token_program, key, payer.pubkey(), tokens, atoms);
    let action = format!("put {} into {}", units.quote(atoms), named.position);
    submit::run_on(session, &payer, &action, units, &[add], (key, listed.key))
}

pub fn remove(session: &Session, named: &Named, text: &str, oracle: Option<Pubkey>) -> Result<()> {
    let connection = &session.connection;
    let owner = connection.keypair()?;
    let (key, position, listed) = lookup::position(connection, &named.position, || named.owner(session))?;
    let units = listed.units();
    let atoms = units.parse_positive_quote("AMOUNT", text)?;
    order::ensure_uncommitted(session, &named.position, &position, &listed.market)?;
    let accounts =
        if position.is_empty() { listed.accounts_without_price() } else { listed.accounts(oracle)? };
    let (tokens, create) = lookup::with_token_account(
        &owner.pubkey(),
        &owner.pubkey(),
        &accounts.collateral_mint,
        &accounts.token_program,
    );
    let remove = instructions::remove_margin(&accounts, key, owner.pubkey(), tokens, atoms);
    let action = format!("take {} out of {}", units.quote(atoms), named.position);
    submit::run_on(session, &owner, &action, units, &[create, remove], (key, listed.key))
}

pub fn delegate(session: &Session, named: &Named, delegate: Option<Pubkey>) -> Result<()> {
    let connection = &session.connection;
    let owner = connection.keypair()?;
    let (key, _, listed) = lookup::position(connection, &named.position, || named.owner(session))?;
    let set = instructions::set_delegate(key, owner.pubkey(), delegate.unwrap_or_default());
    let action = match delegate {
        Some(delegate) => format!("let {delegate} trade {}", named.position),
        None => format!("let nobody else trade {}", named.position),
    };
    submit::run(session, &owner, &action, Some(listed.units()), &[set])
}

pub fn close_settled(session: &Session, named: &Named) -> Result<()> {
    let connection = &session.connection;
    let payer = connection.keypair()?;
    let (key, position, listed) = lookup::position(connection, &named.position, || named.owner(session))?;
    let accounts = listed.accounts_without_price();
    let (tokens, create) = lookup::with_token_account(
        &payer.pubkey(),
        &position.owner,
        &accounts.collateral_mint,
        &accounts.token_program,
    );
    let close = instructions::close_settled(&accounts, key, position.owner, tokens);
    let action = format!("close {} at the settlement price and pay {}", named.position, position.owner);
    submit::run(session, &payer, &action, Some(listed.units()), &[create, close])
}

pub fn close_at_cap(session: &Session, named: &Named, oracle: Option<Pubkey>) -> Result<()> {
    let connection = &session.connection;
    let caller = connection.keypair()?;
    let (key, position, listed) = lookup::position(connection, &named.position, || named.owner(session))?;
    order::ensure_uncommitted(session, &named.position, &position, &listed.market)?;
    let close = instructions::close_at_cap(&listed.accounts(oracle)?, key, caller.pubkey());
    let action = format!("close {} at its largest gain, paid into its vault", named.position);
    submit::run(session, &caller, &action, Some(listed.units()), &[close])
}

pub fn migrate(session: &Session, named: &Named) -> Result<()> {
    let connection = &session.connection;
    let payer = connection.keypair()?;
    let (key, _, listed) = lookup::position(connection, &named.position, || named.owner(session))?;
    let migrate = instructions::migrate_position(listed.key, key);
    let action = format!("bring {} up to the program's present version", named.position);
    submit::run(session, &payer, &action, Some(listed.units()), &[migrate])
}
