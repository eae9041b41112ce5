//! Markets and positions by what people call them, prices, and funds.

use anchor_spl::associated_token::{
    get_associated_token_address_with_program_id,
    spl_associated_token_account::instruction::create_associated_token_account_idempotent,
};
use anyhow::{Context, Result, bail, ensure};
use ringfence_client::accounts::{Market, Position, decode};
use ringfence_client::oracle::{self, PriceReading};
use ringfence_client::{Instruction, MarketAccounts, PROGRAM_ID, Pubkey, RingfenceError, health, pda};
use ringfence_math::Price;

use super::amount::Units;
use super::connection::Connection;
use super::effects::text;

/// Offset of the amount in a token account: mint and owner come before.
const TOKEN_AMOUNT: usize = 64;

/// The program's own refusal of a calculation, as it says it.
pub fn words(error: RingfenceError) -> anyhow::Error {
    anyhow::anyhow!("{error} ({})", error.name())
}

/// A market on the chain.
#[derive(Clone, Copy)]
pub struct Listed {
    pub key: Pubkey,
    pub market: Market,
}

/// Where a price comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The oracle account, as it is now.
    Oracle,
    /// The last price that the market accepted: its feed is not pinned, or
    /// its account cannot be read.
    Accepted,
    Settlement,
}

impl Source {
    pub fn name(self) -> &'static str {
        match self {
            Self::Oracle => "oracle",
            Self::Accepted => "last accepted",
            Self::Settlement => "settlement",
        }
    }
}

/// A market as the program would see it in this moment.
pub struct Present {
    pub now: i64,
    pub source: Source,
    pub reading: PriceReading,
    /// Funding and borrow counted up to now.
    pub market: Market,
}

/// Every market that has not been closed, by index.
pub fn markets(connection: &Connection) -> Result<Vec<Listed>> {
    let count = connection.exchange()?.market_count;
    let keys: Vec<Pubkey> = (0..count).map(pda::market).collect();
    let found = connection.accounts(&keys)?;
    let listed = keys.into_iter().zip(found).filter_map(|(key, account)| {
        let account = account.filter(|account| account.owner == PROGRAM_ID)?;
        Some(Listed { key, market: decode(&account.data)? })
    });
    Ok(listed.collect())
}

/// A market by its address, its index, its name, or its name's first part:
/// `SOL-PERP` or `sol`.
pub fn market(connection: &Connection, wanted: &str) -> Result<Listed> {
    if let Ok(key) = wanted.parse::<Pubkey>() {
        let market = connection.read(&key)?;
        return match market {
            Some(market) => Ok(Listed { key, market }),
            None => {
                connection.exchange()?;
                bail!("no market at {key}: `ringfence market list` shows what there is")
            }
        };
    }
    let all = markets(connection)?;
    if let Ok(index) = wanted.parse::<u16>() {
        let found = all.iter().find(|listed| listed.market.index == index);
        return found.copied().with_context(|| unknown(wanted, &all));
    }
    let exactly = |listed: &&Listed| listed.name().eq_ignore_ascii_case(wanted);
    let asset = |listed: &&Listed| {
        listed.name().split('-').next().is_some_and(|first| first.eq_ignore_ascii_case(wanted))
    };
    let mut found: Vec<&Listed> = all.iter().filter(exactly).collect();
    if found.is_empty() {
        found = all.iter().filter(asset).collect();
    }
    match found.as_slice() {
        [] => bail!(unknown(wanted, &all)),
        [one] => Ok(**one),
        several => {
            let indices: Vec<String> = several.iter().map(|listed| listed.market.index.to_string()).collect();
            bail!("several markets are called `{wanted}`: choose by index, {}", indices.join(" or "))
        }
    }
}

fn unknown(wanted: &str, all: &[Listed]) -> String {
    let names: Vec<String> = all.iter().map(Listed::name).collect();
    match names.as_slice() {
        [] => format!("no market `{wanted}`: this exchange has none yet"),
        names => format!("no market `{wanted}`: there are {}", names.join(", ")),
    }
}

impl Listed {
    pub fn name(&self) -> String {
        text(&self.market.name)
    }

    pub fn units(&self) -> Units {
        Units::from(&self.market)
    }

    /// Accounts for instructions. Error: a feed that is not pinned, and no
    /// `--oracle`; a market that settles reads none.
    pub fn accounts(&self, oracle: Option<Pubkey>) -> Result<MarketAccounts> {
        let pinned = Some(self.market.oracle.account).filter(|key| *key != Pubkey::default());
        if let (Some(pinned), Some(given)) = (pinned, oracle) {
            ensure!(
                pinned == given,
                "{} reads its price from {pinned} only: leave --oracle out",
                self.name()
            );
        }
        let settling = self.market.is_settling().then(Pubkey::default);
        let oracle = pinned.or(oracle).or(settling).with_context(|| {
            format!("{} takes any update of its feed: name the account by --oracle", self.name())
        })?;
        Ok(MarketAccounts::new(self.key, &self.market, oracle))
    }

    /// Where prices matter not at all.
    pub fn accounts_without_price(&self) -> MarketAccounts {
        MarketAccounts::new(self.key, &self.market, self.market.oracle.account)
    }

    /// The market at this moment, for showing: by the last accepted price
    /// where the oracle cannot be read.
    pub fn present(&self, connection: &Connection, oracle: Option<Pubkey>) -> Result<Present> {
        let now = connection.now()?;
        let accepted = self.market.accepted;
        let (source, reading) = if let Some(settled) = self.market.settlement_reading() {
            (Source::Settlement, settled)
        } else if let Some(reading) = self.read_oracle(connection, oracle)? {
            (Source::Oracle, reading)
        } else {
            let reading = PriceReading {
                price: Price(accepted.price),
                confidence: Price(accepted.confidence),
                ema: Price(accepted.ema),
                publish_time: accepted.publish_time,
                previous_publish_time: accepted.publish_time,
                slot: 0,
            };
            (Source::Accepted, reading)
        };
        let market = match reading.price {
            Price::ZERO => self.market,
            price => health::accrued(&self.market, now, price).map_err(words)?,
        };
        Ok(Present { now, source, reading, market })
    }

    /// The price that a trade would meet. Error: none can be read.
    pub fn trading_price(&self, connection: &Connection, oracle: Option<Pubkey>) -> Result<Present> {
        let present = self.present(connection, oracle)?;
        let name = self.name();
        ensure!(
            present.source != Source::Accepted,
            "{name}'s price cannot be read from {}: check --url, or pass --acceptable-price",
            self.accounts(oracle)?.oracle
        );
        Ok(present)
    }

    fn read_oracle(&self, connection: &Connection, oracle: Option<Pubkey>) -> Result<Option<PriceReading>> {
        let Ok(accounts) = self.accounts(oracle) else {
            return Ok(None);
        };
        let account = connection.account(&accounts.oracle)?;
        Ok(account.and_then(|account| {
            oracle::decode(&self.market.oracle, &accounts.oracle, &account.owner, &account.data).ok()
        }))
    }
}

/// Where a position is or would be: an address, or MARKET/ID of `owner`'s,
/// with the market and the number then.
pub fn position_key(
    connection: &Connection,
    wanted: &str,
    owner: impl FnOnce() -> Result<Pubkey>,
) -> Result<(Pubkey, Option<(Listed, u16)>)> {
    let no_name = || format!("`{wanted}`: a position is MARKET/ID, such as SOL-PERP/0, or an address");
    match wanted.rsplit_once('/') {
        Some((name, id)) => {
            let id: u16 = id.parse().ok().with_context(no_name)?;
            let listed = market(connection, name)?;
            Ok((pda::position(&listed.key, &owner()?, id), Some((listed, id))))
        }
        None => Ok((wanted.parse().ok().with_context(no_name)?, None)),
    }
}

/// A position's market.
pub fn market_of(connection: &Connection, position: &Position) -> Result<Listed> {
    let market = connection.read(&position.market)?;
    Ok(Listed { key: position.market, market: market.context("the position's market is gone")? })
}

/// A position by its address, or as MARKET/ID among `owner`'s.
pub fn position(
    connection: &Connection,
    wanted: &str,
    owner: impl FnOnce() -> Result<Pubkey>,
) -> Result<(Pubkey, Position, Listed)> {
    let (key, known) = position_key(connection, wanted, owner)?;
    let Some(position) = connection.read::<Position>(&key)? else {
        connection.exchange()?;
        bail!("no position {wanted}: `ringfence position list` shows yours; another's needs --owner")
    };
    let listed = match known {
        Some((listed, _)) => listed,
        None => market_of(connection, &position)?,
    };
    Ok((key, position, listed))
}

/// The owner's associated token account.
pub fn token_account(owner: &Pubkey, mint: &Pubkey, token_program: &Pubkey) -> Pubkey {
    get_associated_token_address_with_program_id(owner, mint, token_program)
}

/// The same, and the instruction that makes it where there is none.
pub fn with_token_account(
    payer: &Pubkey,
    owner: &Pubkey,
    mint: &Pubkey,
    token_program: &Pubkey,
) -> (Pubkey, Instruction) {
    let create = create_associated_token_account_idempotent(payer, owner, mint, token_program);
    (token_account(owner, mint, token_program), create)
}

/// Atoms in a token account; none where there is no such account.
pub fn balance(connection: &Connection, account: &Pubkey) -> Result<Option<u64>> {
    let data = connection.account(account)?.map(|account| account.data).unwrap_or_default();
    let amount = data.get(TOKEN_AMOUNT..TOKEN_AMOUNT + 8).and_then(|bytes| bytes.try_into().ok());
    Ok(amount.map(u64::from_le_bytes))
}

/// Error: the owner's token account holds less than `needed` atoms.
pub fn ensure_funds(
    connection: &Connection,
    accounts: &MarketAccounts,
    owner: &Pubkey,
    needed: u64,
    units: Units,
) -> Result<Pubkey> {
    let account = token_account(owner, &accounts.collateral_mint, &accounts.token_program);
    let held = balance(connection, &account)?.unwrap_or(0);
    ensure!(
        held >= needed,
        "insufficient funds: {} needed, {} there in {account} (mint {}): add to it, or ask for less",
        units.quote(needed),
        units.quote(held),
        accounts.collateral_mint
    );
    Ok(account)
}
