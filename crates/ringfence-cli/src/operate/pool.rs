//! `ringfence pool`: liquidity.

use anyhow::{Context, Result, ensure};
use clap::{Args, Subcommand};
use ringfence_client::accounts::LiquidityDeposit;
use ringfence_client::{
    AddLiquidityArgs, Instruction, Pubkey, RemoveLiquidityArgs, filters, instructions, pda,
};
use ringfence_math::{self as math, PoolAction, Quote};
use solana_signer::Signer;

use super::lookup::{self, Listed, Present};
use super::record::{self, Record};
use super::{ConnectionArgs, Format, Session, amount, submit, time};
use crate::output;

/// Numbers that are tried for a new deposit.
const IDS: u16 = 200;
/// Most claims in one transaction, by its size.
const CLAIMS: usize = 6;

/// Liquidity: add, claim shares, remove, show
#[derive(Args, Debug)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct PoolArgs {
    #[command(flatten)]
    pub connection: ConnectionArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Deposit collateral; the shares can be claimed after the cool-down
    Add {
        /// Name, index or address
        market: String,
        /// Collateral to deposit
        amount: String,
        /// Fewest shares to accept [default: what the deposit is worth now, less 0.5%]
        #[arg(long, value_name = "SHARES")]
        min_shares: Option<String>,
        /// Your own number for the deposit [default: the lowest free one]
        #[arg(long, value_name = "N")]
        id: Option<u16>,
        #[arg(long, value_name = "ADDRESS")]
        oracle: Option<Pubkey>,
    },
    /// Take out the shares of deposits whose cool-down is over
    Claim {
        market: String,
        /// Only this deposit [default: every one that is due]
        #[arg(long, value_name = "N")]
        id: Option<u16>,
        /// Whose deposits [default: those of --keypair]
        #[arg(long, value_name = "ADDRESS")]
        provider: Option<Pubkey>,
    },
    /// Burn shares for collateral
    Remove {
        market: String,
        /// Shares, or `all`
        shares: String,
        /// Least collateral to accept [default: what the shares are worth now, less 0.5%]
        #[arg(long, value_name = "QUOTE")]
        min_amount: Option<String>,
        #[arg(long, value_name = "ADDRESS")]
        oracle: Option<Pubkey>,
    },
    /// The pool, and a provider's part of it
    Show {
        market: String,
        /// Whose part [default: that of --keypair, where there is one]
        #[arg(long, value_name = "ADDRESS")]
        provider: Option<Pubkey>,
        #[arg(long, value_name = "ADDRESS")]
        oracle: Option<Pubkey>,
    },
}

/// Tolerated by default between looking and landing, ppm.
const TOLERANCE_PPM: u64 = 5_000;

fn less_tolerance(value: u64) -> u64 {
    let kept = u128::from(value) * u128::from(u64::from(math::PPM) - TOLERANCE_PPM);
    u64::try_from(kept / u128::from(math::PPM)).unwrap_or(value)
}

pub fn run(session: &Session, args: &PoolArgs) -> Result<()> {
    match &args.command {
        Command::Add { market, amount, min_shares, id, oracle } => {
            add(session, market, amount, min_shares.as_deref(), *id, *oracle)
        }
        Command::Claim { market, id, provider } => claim(session, market, *id, *provider),
        Command::Remove { market, shares, min_amount, oracle } => {
            remove(session, market, shares, min_amount.as_deref(), *oracle)
        }
        Command::Show { market, provider, oracle } => show(session, market, *provider, *oracle),
    }
}

/// What all shares are worth to whoever deposits or withdraws now.
fn value(present: &Present, action: PoolAction) -> Result<Quote> {
    present.market.pool_value(&present.reading, action).map_err(lookup::words)
}

fn add(
    session: &Session,
    wanted: &str,
    text: &str,
    min_shares: Option<&str>,
    id: Option<u16>,
    oracle: Option<Pubkey>,
) -> Result<()> {
    let connection = &session.connection;
    let listed = lookup::market(connection, wanted)?;
    let (provider, units) = (connection.keypair()?, listed.units());
    let atoms = units.parse_positive_quote("AMOUNT", text)?;
    let accounts = listed.accounts(oracle)?;
    let min_shares = match min_shares {
        Some(text) => units.parse_quote("--min-shares", text)?,
        None if listed.market.lp_shares == 0 => 0,
        None => {
            let present = listed.trading_price(connection, oracle)?;
            let value = value(&present, PoolAction::Deposit)?;
            let shares = math::shares_for_deposit(Quote(atoms), value, present.market.lp_shares);
            less_tolerance(shares.context("shares for this deposit")?)
        }
    };
    let tokens = lookup::ensure_funds(connection, &accounts, &provider.pubkey(), atoms, units)?;
    let id = match id {
        Some(id) => id,
        None => free_id(session, &listed.key, &provider.pubkey())?,
    };
    let args = AddLiquidityArgs { id, amount: atoms, min_shares };
    let add = instructions::add_liquidity(&accounts, provider.pubkey(), tokens, args);
    let wait = time::span(listed.market.params.liquidity_cooldown_seconds.into());
    let action = format!(
        "deposit {} into the pool of {} (deposit {id}); its shares can be claimed in {wait}",
        units.quote(atoms),
        listed.name()
    );
    submit::run(session, &provider, &action, Some(units), &[add])
}

fn free_id(session: &Session, market: &Pubkey, provider: &Pubkey) -> Result<u16> {
    let keys: Vec<Pubkey> = (0..IDS).map(|id| pda::liquidity_deposit(market, provider, id)).collect();
    let found = session.connection.accounts(&keys)?;
    let free = (0..IDS).zip(found).find(|(_, account)| account.is_none());
    free.map(|(id, _)| id).with_context(|| format!("the numbers up to {IDS} are taken: choose one by --id"))
}

/// A provider's deposits in a market, by id.
fn deposits(session: &Session, listed: &Listed, provider: &Pubkey) -> Result<Vec<LiquidityDeposit>> {
    let filters = filters::deposits(Some(&listed.key), Some(provider));
    let found = session.connection.program_accounts::<LiquidityDeposit>(filters)?;
    let mut deposits: Vec<LiquidityDeposit> = found.into_iter().map(|(_, deposit)| deposit).collect();
    deposits.sort_by_key(|deposit| deposit.id);
    Ok(deposits)
}

fn claim(session: &Session, wanted: &str, id: Option<u16>, provider: Option<Pubkey>) -> Result<()> {
    let connection = &session.connection;
    let listed = lookup::market(connection, wanted)?;
    let payer = connection.keypair()?;
    let provider = provider.unwrap_or_else(|| payer.pubkey());
    let (now, name) = (connection.now()?, listed.name());
    let mut waiting = deposits(session, &listed, &provider)?;
    waiting.retain(|deposit| id.is_none_or(|id| deposit.id == id));
    let next = waiting.iter().min_by_key(|deposit| deposit.unlocks_at).with_context(|| match id {
        Some(id) => format!("{provider} has no deposit {id} in {name}"),
        None => format!("{provider} has no deposit in {name} whose shares wait"),
    })?;
    let is_due = |deposit: &LiquidityDeposit| listed.market.is_settling() || now >= deposit.unlocks_at;
    ensure!(
        is_due(next),
        "no shares are released yet: those of deposit {} are at {}, in {}",
        next.id,
        time::utc(next.unlocks_at),
        time::span(next.unlocks_at - now)
    );
    let due: Vec<LiquidityDeposit> = waiting.into_iter().filter(is_due).take(CLAIMS).collect();
    let accounts = listed.accounts_without_price();
    let (tokens, create) =
        lookup::with_token_account(&payer.pubkey(), &provider, &accounts.lp_mint, &accounts.token_program);
    let mut all: Vec<Instruction> = vec![create];
    all.extend(due.iter().map(|deposit| instructions::claim_shares(&accounts, provider, deposit.id, tokens)));
    let ids: Vec<String> = due.iter().map(|deposit| deposit.id.to_string()).collect();
    let action = format!("claim the shares of deposit {} in {name} for {provider}", ids.join(", "));
    submit::run(session, &payer, &action, Some(listed.units()), &all)
}

fn remove(
    session: &Session,
    wanted: &str,
    text: &str,
    min_amount: Option<&str>,
    oracle: Option<Pubkey>,
) -> Result<()> {
    let connection = &session.connection;
    let listed = lookup::market(connection, wanted)?;
    let (provider, units) = (connection.keypair()?, listed.units());
    let accounts = listed.accounts(oracle)?;
    let shares_account =
        lookup::token_account(&provider.pubkey(), &accounts.lp_mint, &accounts.token_program);
    let held = lookup::balance(connection, &shares_account)?.unwrap_or(0);
    let shares = match text {
        "all" => held,
        text => units.parse_positive_quote("SHARES", text)?,
    };
    ensure!(held > 0, "no shares of {} in {shares_account}: claim a deposit's first", listed.name());
    ensure!(
        shares <= held,
        "insufficient funds: {} shares asked for, {} there in {shares_account}",
        units.quote(shares),
        units.quote(held)
    );
    let min_amount = match min_amount {
        Some(text) => units.parse_quote("--min-amount", text)?,
        None => {
            let present = listed.trading_price(connection, oracle)?;
            let value = value(&present, PoolAction::Withdraw)?;
            let worth = math::amount_for_shares(shares, value, present.market.lp_shares);
            less_tolerance(worth.context("what these shares are worth")?.0)
        }
    };
    let (tokens, create) = lookup::with_token_account(
        &provider.pubkey(),
        &provider.pubkey(),
        &accounts.collateral_mint,
        &accounts.token_program,
    );
    let args = RemoveLiquidityArgs { shares, min_amount };
    let remove = instructions::remove_liquidity(&accounts, provider.pubkey(), tokens, shares_account, args);
    let action = format!(
        "burn {} shares of {} for at least {}",
        units.quote(shares),
        listed.name(),
        units.quote(min_amount)
    );
    submit::run(session, &provider, &action, Some(units), &[create, remove])
}

fn show(session: &Session, wanted: &str, provider: Option<Pubkey>, oracle: Option<Pubkey>) -> Result<()> {
    let connection = &session.connection;
    let listed = lookup::market(connection, wanted)?;
    let present = listed.present(connection, oracle)?;
    let (market, units) = (&present.market, listed.units());
    let (deposit, withdraw) = (value(&present, PoolAction::Deposit)?, value(&present, PoolAction::Withdraw)?);
    let free = market.liquidity.saturating_sub(market.reserved);
    let utilisation = math::utilisation_ppm(Quote(market.reserved), Quote(market.liquidity));
    let mut shown = Record::default()
        .with("market", listed.name())
        .with("liquidity", units.quote(market.liquidity))
        .with("reserved", units.quote(market.reserved))
        .with("withdrawable", units.quote(free))
        .with("utilisation", utilisation.ok().map(|ppm| amount::percent(ppm.0)))
        .with("shares", units.quote(market.lp_shares))
        .with("unclaimed_shares", units.quote(market.unclaimed_shares))
        .with("value_to_depositors", units.quote(deposit.0))
        .with("value_to_withdrawers", units.quote(withdraw.0))
        .with("insurance", units.quote(market.insurance))
        .with("cooldown_seconds", market.params.liquidity_cooldown_seconds)
        .with("lp_mint", market.lp_mint.to_string());
    let provider = provider.or_else(|| connection.identity().ok());
    let mut rows = Vec::new();
    if let Some(provider) = provider {
        let account = lookup::token_account(&provider, &market.lp_mint, &market.token_program);
        let held = lookup::balance(connection, &account)?.unwrap_or(0);
        let worth = math::amount_for_shares(held, withdraw, market.lp_shares).map_or(0, |amount| amount.0);
        shown = shown
            .with("provider", provider.to_string())
            .with("shares_held", units.quote(held))
            .with("worth", units.quote(worth));
        for deposit in deposits(session, &listed, &provider)? {
            rows.push(
                Record::default()
                    .with("id", deposit.id)
                    .with("amount", units.quote(deposit.amount))
                    .with("shares", units.quote(deposit.shares))
                    .with("claimable_from", time::utc(deposit.unlocks_at))
                    .with("due", present.now >= deposit.unlocks_at || market.is_settling()),
            );
        }
    }
    if session.format != Format::Display {
        let rows = serde_json::to_value(&rows)?;
        return record::show(&shown.with("deposits", rows), session.format);
    }
    record::show(&shown, session.format)?;
    if rows.is_empty() {
        Ok(())
    } else {
        output::print(&format!("\nDeposits whose shares wait:\n{}", record::table(&rows, "")))
    }
}
