//! What changes a position's size.

use anyhow::{Context, Result, ensure};
use ringfence_client::accounts::{Position, Referral};
use ringfence_client::state::Side;
use ringfence_client::{
    ClosePositionArgs, CreatePositionArgs, DecreasePositionArgs, IncreasePositionArgs, MarketAccounts,
    OpenPositionArgs, Pubkey, instructions, pda,
};
use ringfence_math::{Price, TradeDirection};
use solana_signer::Signer;

use super::{Named, OpenArgs, PriceArgs};
use crate::operate::lookup::{self, Listed};
use crate::operate::{Session, amount, effects, order, submit};

/// Numbers that are tried for a new position.
const IDS: u16 = 200;

impl PriceArgs {
    /// The worst price to accept, and the accounts to trade with.
    fn resolve(
        &self,
        session: &Session,
        listed: &Listed,
        direction: TradeDirection,
    ) -> Result<(Price, MarketAccounts)> {
        let accounts = listed.accounts(self.oracle)?;
        let acceptable = match &self.acceptable_price {
            Some(text) => amount::parse_price("--acceptable-price", text)?,
            None => {
                let slippage = amount::parse_share("--slippage", &self.slippage)?;
                let index = listed.trading_price(&session.connection, self.oracle)?.reading.price;
                amount::acceptable(index, direction, slippage)?
            }
        };
        Ok((acceptable, accounts))
    }
}

/// The referral that a position names, if any.
fn referral(position: &Position) -> Option<Pubkey> {
    (position.referral != Pubkey::default()).then_some(position.referral)
}

/// The lowest number that is free among the first ones.
pub fn free_id(session: &Session, market: &Pubkey, owner: &Pubkey) -> Result<u16> {
    let keys: Vec<Pubkey> = (0..IDS).map(|id| pda::position(market, owner, id)).collect();
    let found = session.connection.accounts(&keys)?;
    let free = (0..IDS).zip(found).find(|(_, account)| account.is_none());
    free.map(|(id, _)| id).with_context(|| format!("the numbers up to {IDS} are taken: choose one by --id"))
}

pub fn open(session: &Session, args: &OpenArgs) -> Result<()> {
    let connection = &session.connection;
    let listed = lookup::market(connection, &args.market)?;
    let (owner, units) = (connection.keypair()?, listed.units());
    let side = Side::from(args.side);
    let margin = units.parse_positive_quote("--margin", &args.margin)?;
    let size = match (&args.size, &args.leverage) {
        (Some(text), _) => units.parse_size("--size", text)?,
        (None, leverage) => {
            let leverage = amount::parse_multiple("--leverage", leverage.as_deref().unwrap_or_default())?;
            let index = listed.trading_price(connection, args.price.oracle)?.reading.price;
            amount::size_for_leverage(&listed.market, margin, leverage, index)?
        }
    };
    let (acceptable, accounts) =
        args.price.resolve(session, &listed, TradeDirection::opening(side.into()))?;
    let referral = args.referrer.map(|referrer| registered(session, &listed, &referrer)).transpose()?;
    let id = match args.id {
        Some(id) => id,
        None => free_id(session, &listed.key, &owner.pubkey())?,
    };
    let position = pda::position(&listed.key, &owner.pubkey(), id);
    // Where nothing opens at once, an order does, and the position is created for it.
    let delayed = (!listed.market.params.instant_open())
        .then(|| order::delayed_terms(&listed, size, margin, acceptable));
    let first = u8::from(delayed.is_some());
    let mut orders: Vec<_> = delayed.map(|terms| (0, terms)).into_iter().collect();
    orders.extend(order::attached(session, &listed, side, &args.attach, args.price.oracle, first)?);

    let paid = if delayed.is_some() { 0 } else { margin };
    let needed = orders.iter().try_fold(paid, |sum, (_, terms)| sum.checked_add(order::held(terms).ok()?));
    let needed = needed.context("--margin is too large")?;
    let tokens = lookup::ensure_funds(connection, &accounts, &owner.pubkey(), needed, units)?;
    let opening = if delayed.is_some() {
        let create = CreatePositionArgs { id, side };
        instructions::create_position(&accounts, owner.pubkey(), referral, create)
    } else {
        let open = OpenPositionArgs { id, side, size, margin, acceptable_price: acceptable.0 };
        instructions::open_position(&accounts, owner.pubkey(), tokens, referral, open)
    };
    let place = |(id, terms): &(u8, _)| {
        instructions::place_order(&accounts, position, owner.pubkey(), tokens, *id, *terms)
    };
    let instructions: Vec<_> = std::iter::once(opening).chain(orders.iter().map(place)).collect();
    let mut action = format!(
        "open {name}/{id}{how}: {side} {size}, margin {margin}, fill price no worse than {price}",
        name = listed.name(),
        how = if delayed.is_some() { " by a market order" } else { "" },
        side = effects::side(side),
        size = units.size(size),
        margin = units.quote(margin),
        price = amount::price(acceptable),
    );
    for (id, terms) in &orders {
        action += &format!("; order {id} {}", order::described(terms, side, units));
    }
    let subject = (position, listed.key);
    if delayed.is_some() {
        return order::place_and_wait(session, &owner, &action, units, &instructions, subject, args.no_wait);
    }
    submit::run_on(session, &owner, &action, units, &instructions, subject)
}

/// The referral account of a referrer. Error: he has none in this market.
fn registered(session: &Session, listed: &Listed, referrer: &Pubkey) -> Result<Pubkey> {
    let key = pda::referral(&listed.key, referrer);
    let found = session.connection.read::<Referral>(&key)?;
    ensure!(
        found.is_some(),
        "{referrer} is no referrer in {}: he becomes one with `ringfence referral create`",
        listed.name()
    );
    Ok(key)
}

pub fn increase(
    session: &Session,
    named: &Named,
    size: &str,
    margin: &str,
    price: &PriceArgs,
    no_wait: bool,
) -> Result<()> {
    let connection = &session.connection;
    let trader = connection.keypair()?;
    let (key, position, listed) = lookup::position(connection, &named.position, || named.owner(session))?;
    let (units, side) = (listed.units(), side_of(&position)?);
    let size = units.parse_size("--size", size)?;
    let margin = units.parse_quote("--margin", margin)?;
    let (acceptable, accounts) = price.resolve(session, &listed, TradeDirection::opening(side.into()))?;
    let subject = (key, listed.key);
    order::ensure_uncommitted(session, &named.position, &position, &listed.market)?;
    if !listed.market.params.instant_open() {
        let terms = order::delayed_terms(&listed, size, margin, acceptable);
        let (id, tokens) = (order::free_number(session, &key)?, order::held(&terms)?);
        let tokens = lookup::ensure_funds(connection, &accounts, &trader.pubkey(), tokens, units)?;
        let place = instructions::place_order(&accounts, key, trader.pubkey(), tokens, id, terms);
        let described = order::described(&terms, side, units);
        let action = format!("place order {id} of {}: it {described}", named.position);
        return order::place_and_wait(session, &trader, &action, units, &[place], subject, no_wait);
    }
    let tokens = lookup::ensure_funds(connection, &accounts, &trader.pubkey(), margin, units)?;
    let args = IncreasePositionArgs { size, margin, acceptable_price: acceptable.0 };
    let increase =
        instructions::increase_position(&accounts, key, trader.pubkey(), tokens, referral(&position), args);
    let action = format!(
        "add {} and margin {} to {}, fill price no worse than {}",
        units.size(size),
        units.quote(margin),
        named.position,
        amount::price(acceptable)
    );
    submit::run_on(session, &trader, &action, units, &[increase], subject)
}

pub fn decrease(session: &Session, named: &Named, size: &str, price: &PriceArgs) -> Result<()> {
    let connection = &session.connection;
    let trader = connection.keypair()?;
    let (key, position, listed) = lookup::position(connection, &named.position, || named.owner(session))?;
    let (units, side) = (listed.units(), side_of(&position)?);
    let size = units.parse_size("--size", size)?;
    if size == position.size {
        order::ensure_uncommitted(session, &named.position, &position, &listed.market)?;
    }
    let (acceptable, accounts) = price.resolve(session, &listed, TradeDirection::closing(side.into()))?;
    let args = DecreasePositionArgs { size, acceptable_price: acceptable.0 };
    let decrease =
        instructions::decrease_position(&accounts, key, trader.pubkey(), referral(&position), args);
    let action = format!(
        "close {} of {}, fill price no worse than {}",
        units.size(size),
        named.position,
        amount::price(acceptable)
    );
    submit::run_on(session, &trader, &action, units, &[decrease], (key, listed.key))
}

pub fn close(session: &Session, named: &Named, price: &PriceArgs) -> Result<()> {
    let connection = &session.connection;
    let owner = connection.keypair()?;
    let (key, position, listed) = lookup::position(connection, &named.position, || named.owner(session))?;
    let units = listed.units();
    order::ensure_uncommitted(session, &named.position, &position, &listed.market)?;
    // What a liquidation has left needs no price.
    let (acceptable, accounts) = if position.is_empty() {
        (Price::ZERO, listed.accounts_without_price())
    } else {
        price.resolve(session, &listed, TradeDirection::closing(side_of(&position)?.into()))?
    };
    let (tokens, create) = lookup::with_token_account(
        &owner.pubkey(),
        &owner.pubkey(),
        &accounts.collateral_mint,
        &accounts.token_program,
    );
    let args = ClosePositionArgs { acceptable_price: acceptable.0 };
    let close =
        instructions::close_position(&accounts, key, owner.pubkey(), tokens, referral(&position), args);
    let action = if position.is_empty() {
        format!("close the empty {} and take out {}", named.position, units.quote(position.margin))
    } else {
        format!(
            "close {}: {} {}, fill price no worse than {}",
            named.position,
            effects::side(side_of(&position)?),
            units.size(position.size),
            amount::price(acceptable)
        )
    };
    submit::run(session, &owner, &action, Some(units), &[create, close])
}

fn side_of(position: &Position) -> Result<Side> {
    position.side().map_err(lookup::words)
}
