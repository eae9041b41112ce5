//! What changes a market.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use ringfence_client::accounts::Exchange;
use ringfence_client::state::{MarketStatus, OracleConfig, ParamsProposal};
use ringfence_client::{CreateMarketArgs, Instruction, ProposeParamsArgs, Pubkey, instructions, pda};
use solana_signer::Signer;

use super::identity::{Identity, OracleArgs};
use super::params::{self, Parameters, ParamsFile};
use crate::operate::amount::Units;
use crate::operate::lookup::{self, Listed};
use crate::operate::{Session, effects, submit, time};
use crate::output;
use crate::params::program;

/// Offset of the decimals in a mint: authority 36, supply 8.
const MINT_DECIMALS: usize = 44;

/// What the program would say about these parameters, before it is asked.
fn ensure_valid(parameters: &Parameters) -> Result<()> {
    let Parameters { params, oracle } = parameters;
    program::validate(params, oracle).map_err(lookup::words)
}

/// The instruction that creates a market, and its units. Errors: no mint,
/// missing or excessive parameters.
pub fn create_instruction(
    session: &Session,
    admin: Pubkey,
    index: u16,
    identity: &Identity,
    file: &ParamsFile,
    oracle: &OracleArgs,
) -> Result<(Instruction, Units)> {
    let mint = session.connection.account(&identity.mint)?;
    let mint = mint.with_context(|| format!("no mint {} on this cluster", identity.mint))?;
    let quote_decimals =
        *mint.data.get(MINT_DECIMALS).with_context(|| format!("{} is no mint", identity.mint))?;
    let units = Units { size_decimals: identity.size_decimals, quote_decimals };
    let mut config = OracleConfig::default();
    oracle.apply(&mut config)?;
    let parameters = file.all(config, units)?;
    ensure_valid(&parameters)?;
    let Parameters { params, oracle } = parameters;
    let args =
        CreateMarketArgs { name: identity.name()?, size_decimals: identity.size_decimals, oracle, params };
    Ok((instructions::create_market(admin, index, identity.mint, mint.owner, args), units))
}

/// The exchange, of which this key must be the admin.
fn governed(session: &Session, key: Pubkey) -> Result<Exchange> {
    let exchange = session.connection.exchange()?;
    ensure!(
        exchange.admin == key,
        "the exchange's admin is {}, not {key}: pass its keypair by --keypair",
        exchange.admin
    );
    Ok(exchange)
}

pub fn create(session: &Session, identity: &Identity, params: &Path, oracle: &OracleArgs) -> Result<()> {
    let file = ParamsFile::read(params)?;
    let admin = session.connection.keypair()?;
    let index = governed(session, admin.pubkey())?.market_count;
    let (create, units) = create_instruction(session, admin.pubkey(), index, identity, &file, oracle)?;
    let action = format!("create the market {} (index {index})", identity.name);
    submit::run(session, &admin, &action, Some(units), &[create])
}

/// The parameters that a market would have, and those it has or that wait to
/// be applied.
pub fn proposal(
    session: &Session,
    listed: &Listed,
    file: Option<&ParamsFile>,
    oracle: &OracleArgs,
) -> Result<(Parameters, Parameters, Option<ParamsProposal>)> {
    let market = &listed.market;
    let present = Parameters { params: market.params, oracle: market.oracle };
    let mut wanted = present;
    oracle.apply(&mut wanted.oracle)?;
    if let Some(file) = file {
        file.apply(&mut wanted, listed.units())?;
    }
    ensure_valid(&wanted)?;
    let waiting = session.connection.read::<ParamsProposal>(&pda::params_proposal(&listed.key))?;
    Ok((present, wanted, waiting))
}

pub fn propose(session: &Session, wanted: &str, params: Option<&Path>, oracle: &OracleArgs) -> Result<()> {
    ensure!(
        params.is_some() || !oracle.is_empty(),
        "nothing to propose: pass --params, --feed or --oracle-account"
    );
    let file = params.map(ParamsFile::read).transpose()?;
    let listed = lookup::market(&session.connection, wanted)?;
    let (present, target, waiting) = proposal(session, &listed, file.as_ref(), oracle)?;
    if let Some(waiting) = waiting {
        bail!(
            "{} has a proposal already, applicable from {}: apply it, or cancel it first",
            listed.name(),
            time::utc(waiting.eta)
        );
    }
    let changes = params::differences(&present, &target, listed.units());
    ensure!(!changes.is_empty(), "{} has these parameters already", listed.name());
    let admin = session.connection.keypair()?;
    let exchange = governed(session, admin.pubkey())?;
    if session.format == super::super::Format::Display {
        for (key, before, after) in &changes {
            output::print(&format!("{key}: {before} → {after}"))?;
        }
    }
    let args = ProposeParamsArgs { params: target.params, oracle: target.oracle };
    let propose = instructions::propose_params(admin.pubkey(), listed.key, args);
    let wait = time::span(exchange.timelock_seconds.into());
    let action = format!("propose {} changes to {}, applicable in {wait}", changes.len(), listed.name());
    submit::run(session, &admin, &action, Some(listed.units()), &[propose])
}

/// What applies a proposal. Error: its timelock still runs.
pub fn apply_instructions(listed: &Listed, waiting: &ParamsProposal, now: i64) -> Result<Instruction> {
    let name = listed.name();
    ensure!(
        now >= waiting.eta,
        "{name}'s proposal waits for its timelock: apply it from {}, in {}",
        time::utc(waiting.eta),
        time::span(waiting.eta - now)
    );
    Ok(instructions::apply_params(waiting.proposer, listed.key))
}

fn waiting(session: &Session, listed: &Listed) -> Result<ParamsProposal> {
    let found = session.connection.read(&pda::params_proposal(&listed.key))?;
    found.with_context(|| {
        format!("{} has no proposal: make one with `ringfence market propose`", listed.name())
    })
}

pub fn apply(session: &Session, wanted: &str) -> Result<()> {
    let listed = lookup::market(&session.connection, wanted)?;
    let apply = apply_instructions(&listed, &waiting(session, &listed)?, session.connection.now()?)?;
    let payer = session.connection.keypair()?;
    let action = format!("apply the proposed parameters of {}", listed.name());
    submit::run(session, &payer, &action, Some(listed.units()), &[apply])
}

pub fn cancel(session: &Session, wanted: &str) -> Result<()> {
    let listed = lookup::market(&session.connection, wanted)?;
    let proposal = waiting(session, &listed)?;
    let authority = session.connection.keypair()?;
    let cancel = instructions::cancel_params(authority.pubkey(), proposal.proposer, listed.key);
    let action = format!("withdraw the proposed parameters of {}", listed.name());
    submit::run(session, &authority, &action, Some(listed.units()), &[cancel])
}

pub fn set_status(session: &Session, wanted: &str, status: MarketStatus) -> Result<()> {
    let listed = lookup::market(&session.connection, wanted)?;
    let authority = session.connection.keypair()?;
    let set = instructions::set_status(authority.pubkey(), listed.key, status);
    let action = format!("make {} {}", listed.name(), effects::status(status));
    submit::run(session, &authority, &action, Some(listed.units()), &[set])
}

/// Between asking for the time and the announcement's landing, at the most.
const LANDING_SECONDS: i64 = 60;

pub fn announce(session: &Session, wanted: &str, notice: Option<u32>) -> Result<()> {
    let connection = &session.connection;
    let listed = lookup::market(connection, wanted)?;
    let admin = connection.keypair()?;
    let exchange = governed(session, admin.pubkey())?;
    let notice = notice.map_or_else(|| i64::from(exchange.timelock_seconds) + LANDING_SECONDS, i64::from);
    let settles_at = connection.now()?.saturating_add(notice);
    let announce = instructions::announce_settlement(admin.pubkey(), listed.key, settles_at);
    let action = format!(
        "announce the end of {} for {}, in {}; until then positions can only be reduced",
        listed.name(),
        time::utc(settles_at),
        time::span(notice)
    );
    submit::run(session, &admin, &action, Some(listed.units()), &[announce])
}

pub fn settle(session: &Session, wanted: &str, oracle: Option<Pubkey>) -> Result<()> {
    let connection = &session.connection;
    let listed = lookup::market(connection, wanted)?;
    let (name, now, settles_at) = (listed.name(), connection.now()?, listed.market.settles_at);
    ensure!(
        settles_at == 0 || listed.market.is_settling() || now >= settles_at,
        "{name} settles from {} on, in {}: run the command again then",
        time::utc(settles_at),
        time::span(settles_at - now)
    );
    let payer = connection.keypair()?;
    let settle = instructions::settle_market(&listed.accounts(oracle)?);
    let action = format!("settle {name} for good: every position ends at the present price");
    submit::run(session, &payer, &action, Some(listed.units()), &[settle])
}

pub fn close(session: &Session, wanted: &str) -> Result<()> {
    let listed = lookup::market(&session.connection, wanted)?;
    let exchange = session.connection.exchange()?;
    let payer = session.connection.keypair()?;
    let accounts = listed.accounts_without_price();
    let (treasury, create) = lookup::with_token_account(
        &payer.pubkey(),
        &exchange.treasury,
        &accounts.collateral_mint,
        &accounts.token_program,
    );
    let close = instructions::close_market(&accounts, exchange.admin, treasury);
    let action =
        format!("close the market {}: what its vault still holds goes to the treasury", listed.name());
    submit::run(session, &payer, &action, Some(listed.units()), &[create, close])
}

pub fn fund_insurance(session: &Session, wanted: &str, text: &str) -> Result<()> {
    let connection = &session.connection;
    let listed = lookup::market(connection, wanted)?;
    let (payer, units) = (connection.keypair()?, listed.units());
    let atoms = units.parse_positive_quote("AMOUNT", text)?;
    let accounts = listed.accounts_without_price();
    let from = lookup::ensure_funds(connection, &accounts, &payer.pubkey(), atoms, units)?;
    let fund = instructions::fund_insurance(&accounts, payer.pubkey(), from, atoms);
    let action = format!("add {} to the insurance of {}, for good", units.quote(atoms), listed.name());
    submit::run(session, &payer, &action, Some(units), &[fund])
}

pub fn accrue(session: &Session, wanted: &str, oracle: Option<Pubkey>) -> Result<()> {
    let listed = lookup::market(&session.connection, wanted)?;
    let payer = session.connection.keypair()?;
    let accrue = instructions::accrue(&listed.accounts(oracle)?);
    let action = format!("advance funding and borrow of {}", listed.name());
    submit::run(session, &payer, &action, Some(listed.units()), &[accrue])
}

pub fn migrate(session: &Session, wanted: &str) -> Result<()> {
    let listed = lookup::market(&session.connection, wanted)?;
    let payer = session.connection.keypair()?;
    let action = format!("bring {} up to the program's present version", listed.name());
    submit::run(session, &payer, &action, Some(listed.units()), &[instructions::migrate_market(listed.key)])
}
