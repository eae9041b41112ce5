//! `ringfence migrate`: a cluster as a file describes it. Looks at what is
//! there and does what is missing, so that running it again does nothing.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use ringfence_client::state::{Exchange, MarketStatus};
use ringfence_client::{InitializeExchangeArgs, Instruction, ProposeParamsArgs, Pubkey, instructions, pda};
use serde::{Deserialize, Deserializer, Serialize};
use solana_keypair::Keypair;
use solana_signer::Signer;

use super::amount::Units;
use super::lookup::{self, Listed};
use super::market::params::{self, Parameters, ParamsFile};
use super::market::{self, Identity, Kind, OracleArgs};
use super::submit::{self, Outcome};
use super::{ConnectionArgs, Format, Session, record, time};
use crate::output;

/// Bring a cluster to what a file describes: exchange, markets, parameters
///
/// Makes what is missing, proposes what differs, applies what is due, and does
/// nothing the second time. See migrations/README.md.
#[derive(Args, Debug)]
pub struct MigrateArgs {
    #[command(flatten)]
    pub connection: ConnectionArgs,
    /// What the cluster shall have, as TOML
    file: PathBuf,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct Wanted {
    exchange: WantedExchange,
    #[serde(default)]
    market: Vec<WantedMarket>,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct WantedExchange {
    /// That of `--keypair` where the file does not say.
    #[serde(default, deserialize_with = "address")]
    admin: Option<Pubkey>,
    #[serde(default, deserialize_with = "address")]
    guardian: Option<Pubkey>,
    /// The admin where the file does not say.
    #[serde(default, deserialize_with = "address")]
    treasury: Option<Pubkey>,
    timelock_seconds: u32,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct WantedMarket {
    name: String,
    #[serde(deserialize_with = "address")]
    mint: Option<Pubkey>,
    size_decimals: u8,
    feed: Option<String>,
    #[serde(default, deserialize_with = "address")]
    oracle_account: Option<Pubkey>,
    oracle_kind: Kind,
    /// Beside the file itself.
    params: PathBuf,
}

fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Pubkey>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let invalid = || serde::de::Error::custom(format!("`{text}` is no address"));
    text.parse().map(Some).map_err(|_| invalid())
}

impl WantedMarket {
    fn oracle(&self) -> OracleArgs {
        OracleArgs {
            feed: self.feed.clone(),
            oracle_account: self.oracle_account,
            oracle_kind: Some(self.oracle_kind),
        }
    }

    fn identity(&self) -> Result<Identity> {
        let mint = self.mint.with_context(|| format!("{}: no mint", self.name))?;
        Ok(Identity { name: self.name.clone(), mint, size_decimals: self.size_decimals })
    }
}

fn read(path: &Path) -> Result<Wanted> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
    toml::from_str(&text).map_err(|error| {
        let line = error.span().map_or(1, |span| {
            text.as_bytes().iter().take(span.start).filter(|byte| **byte == b'\n').count() + 1
        });
        anyhow::anyhow!("{shown}: line {line}: {}", error.message())
    })
}

/// What was done, or would be.
#[derive(Serialize, Default)]
struct Report {
    dry_run: bool,
    steps: Vec<Step>,
    notes: Vec<String>,
}

#[derive(Serialize)]
struct Step {
    action: String,
    /// None where nothing was sent.
    outcome: Option<Outcome>,
}

struct Migration<'a> {
    session: &'a Session,
    payer: Keypair,
    report: Report,
}

pub fn run(session: &Session, args: &MigrateArgs) -> Result<()> {
    let wanted = read(&args.file)?;
    let folder = args.file.parent().unwrap_or(Path::new(""));
    let files: Vec<ParamsFile> = wanted
        .market
        .iter()
        .map(|market| ParamsFile::read(&folder.join(&market.params)))
        .collect::<Result<_>>()?;
    session.connection.ensure_program()?;
    let report = Report { dry_run: session.dry_run, ..Report::default() };
    let mut migration = Migration { session, payer: session.connection.keypair()?, report };
    migration.exchange(&wanted.exchange)?;
    for (market, file) in wanted.market.iter().zip(&files) {
        migration.market(market, file).with_context(|| market.name.clone())?;
    }
    let Migration { report, .. } = migration;
    if session.format != Format::Display {
        return record::print(&report, &[], session.format);
    }
    for note in &report.notes {
        output::print(&format!("Note: {note}"))?;
    }
    output::print(&match (report.steps.len(), report.dry_run) {
        (0, _) => "Nothing to do: the cluster is as the file describes it.".to_owned(),
        (steps, true) => format!("{steps} steps to do; nothing was sent."),
        (steps, false) => format!("{steps} steps done."),
    })
}

impl Migration<'_> {
    /// Sends a step, or only names it: in a dry run what it builds on may not
    /// be there yet.
    fn step(&mut self, action: String, units: Option<Units>, instruction: Instruction) -> Result<()> {
        let outcome = if self.session.dry_run {
            if self.session.format == Format::Display {
                output::print(&format!("Would {action}"))?;
            }
            None
        } else {
            Some(submit::execute(self.session, &self.payer, &action, units, &[instruction], None)?)
        };
        self.report.steps.push(Step { action, outcome });
        Ok(())
    }

    fn existing(&self) -> Result<Option<Exchange>> {
        self.session.connection.read(&pda::exchange())
    }

    fn exchange(&mut self, wanted: &WantedExchange) -> Result<()> {
        let key = self.payer.pubkey();
        let admin = wanted.admin.unwrap_or(key);
        let args = InitializeExchangeArgs {
            admin,
            guardian: wanted.guardian.unwrap_or_default(),
            treasury: wanted.treasury.unwrap_or(admin),
            timelock_seconds: wanted.timelock_seconds,
        };
        let Some(found) = self.existing()? else {
            let action = format!("make the exchange, governed by {admin}");
            return self.step(action, None, instructions::initialize_exchange(key, args));
        };
        // Fixed when it was made, except for the admin, who hands over himself.
        for (what, is, shall) in [
            ("admin", found.admin.to_string(), args.admin.to_string()),
            ("guardian", found.guardian.to_string(), args.guardian.to_string()),
            ("treasury", found.treasury.to_string(), args.treasury.to_string()),
            ("timelock_seconds", found.timelock_seconds.to_string(), args.timelock_seconds.to_string()),
        ] {
            if is != shall {
                self.report.notes.push(format!(
                    "the exchange's {what} is {is}, the file says {shall}: a migration does not change that"
                ));
            }
        }
        Ok(())
    }

    fn market(&mut self, wanted: &WantedMarket, file: &ParamsFile) -> Result<()> {
        let identity = wanted.identity()?;
        let listed = match self.existing()? {
            Some(_) => lookup::markets(&self.session.connection)?,
            None => Vec::new(),
        };
        let named = |listed: &&Listed| listed.name() == wanted.name && !listed.market.is_settling();
        match listed.iter().find(named) {
            Some(found) => self.update(found, wanted, &identity, file),
            None => self.create(wanted, &identity, file),
        }
    }

    fn create(&mut self, wanted: &WantedMarket, identity: &Identity, file: &ParamsFile) -> Result<()> {
        let index = self.existing()?.map_or(0, |exchange| exchange.market_count);
        let (create, units) = market::create_instruction(
            self.session,
            self.payer.pubkey(),
            index,
            identity,
            file,
            &wanted.oracle(),
        )?;
        self.step(format!("create the market {}", wanted.name), Some(units), create)
    }

    fn update(
        &mut self,
        found: &Listed,
        wanted: &WantedMarket,
        identity: &Identity,
        file: &ParamsFile,
    ) -> Result<()> {
        let name = found.name();
        ensure!(
            found.market.collateral_mint == identity.mint,
            "its collateral is {}, the file says {}: a market keeps its mint; give the new one another name",
            found.market.collateral_mint,
            identity.mint
        );
        ensure!(
            found.market.size_decimals == identity.size_decimals,
            "its sizes have {} decimals, the file says {}: a market keeps them",
            found.market.size_decimals,
            identity.size_decimals
        );
        if MarketStatus::from_byte(found.market.status) != Ok(MarketStatus::Active) {
            self.report.notes.push(format!("{name} is not active"));
        }
        let (present, target, waiting) = market::proposal(self.session, found, Some(file), &wanted.oracle())?;
        let changes = params::differences(&present, &target, found.units());
        if let Some(waiting) = waiting {
            let proposed = Parameters { params: waiting.params, oracle: waiting.oracle };
            if proposed != target {
                bail!(
                    "another proposal waits, applicable from {}: apply or cancel it first",
                    time::utc(waiting.eta)
                );
            }
            return self.apply(found);
        }
        if changes.is_empty() {
            return Ok(());
        }
        let lines: Vec<String> =
            changes.iter().map(|(key, before, after)| format!("{key} {before} → {after}")).collect();
        let args = ProposeParamsArgs { params: target.params, oracle: target.oracle };
        let propose = instructions::propose_params(self.payer.pubkey(), found.key, args);
        self.step(format!("propose for {name}: {}", lines.join(", ")), Some(found.units()), propose)?;
        if self.session.dry_run { Ok(()) } else { self.apply(found) }
    }

    /// Applies what waits where it is due, and says when it will be where not.
    fn apply(&mut self, found: &Listed) -> Result<()> {
        let connection = &self.session.connection;
        let Some(waiting) = connection.read(&pda::params_proposal(&found.key))? else {
            return Ok(());
        };
        match market::apply_instructions(found, &waiting, connection.now()?) {
            Ok(apply) => {
                let action = format!("apply the proposed parameters of {}", found.name());
                self.step(action, Some(found.units()), apply)
            }
            Err(early) => {
                self.report.notes.push(early.to_string());
                Ok(())
            }
        }
    }
}
