//! From instructions to a confirmed transaction: simulated first, so that what
//! will happen is said before anything does, and nothing is sent that fails.

use std::thread::sleep;
use std::time::Duration;

use anyhow::{Result, anyhow, bail};
use ringfence_client::accounts::decode;
use ringfence_client::events::{self, Event};
use ringfence_client::{Instruction, PROGRAM_ID, Pubkey, compute};
use serde::Serialize;
use solana_account_decoder_client_types::UiAccountEncoding;
use solana_keypair::{Keypair, Signature};
use solana_rpc_client::rpc_client::GetConfirmedSignaturesForAddress2Config;
use solana_rpc_client_api::client_error::{Error as ClientError, ErrorKind};
use solana_rpc_client_api::config::{
    RpcSendTransactionConfig, RpcSimulateTransactionAccountsConfig, RpcSimulateTransactionConfig,
    RpcTransactionConfig,
};
use solana_rpc_client_api::request::{RpcError, RpcResponseErrorData};
use solana_signer::Signer;
use solana_transaction::Transaction;
use solana_transaction_error::TransactionError;
use solana_transaction_status_client_types::option_serializer::OptionSerializer;
use solana_transaction_status_client_types::{
    UiInnerInstructions, UiInstruction, UiParsedInstruction, UiTransactionEncoding,
};

use super::amount::{self, Units};
use super::effects;
use super::record::{self, Record};
use super::{Format, Session, explain, position};
use crate::output;

/// Between two questions whether a transaction is confirmed.
const POLL: Duration = Duration::from_millis(200);
/// Lamports of one signature.
const LAMPORTS_PER_SIGNATURE: u64 = 5_000;
const MICRO_LAMPORTS: u128 = 1_000_000;

/// What a command did, or would do.
#[derive(Serialize)]
pub struct Outcome {
    action: String,
    dry_run: bool,
    /// None where it was only simulated.
    signature: Option<String>,
    compute_units: Option<u64>,
    fee_lamports: u64,
    effects: Vec<Record>,
    #[serde(skip)]
    events: Vec<Event>,
}

impl Outcome {
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Adds what a later transaction did to the same position, and how it
    /// leaves that; returns it as lines.
    pub fn add(
        &mut self,
        session: &Session,
        events: &[Event],
        units: Units,
        subject: Subject,
    ) -> Vec<String> {
        let verdict = Verdict { events: events.to_vec(), units: None, after: after(session, subject) };
        self.effects.extend(verdict.effects(Some(units)));
        verdict.lines(Some(units))
    }
}

/// Events of a transaction, what it consumed, and how it leaves a position.
struct Verdict {
    events: Vec<Event>,
    units: Option<u64>,
    after: Option<Record>,
}

impl Verdict {
    fn effects(&self, units: Option<Units>) -> Vec<Record> {
        let events = self.events.iter().map(|event| effects::record(event, units));
        events.chain(self.after.clone()).collect()
    }

    fn lines(&self, units: Option<Units>) -> Vec<String> {
        let mut lines: Vec<String> =
            self.events.iter().flat_map(|event| effects::lines(event, units)).collect();
        if let Some(after) = &self.after {
            lines.push("  Afterwards".to_owned());
            lines.extend(after.lines().into_iter().skip(1).map(|line| format!("    {line}")));
        }
        lines
    }
}

/// A position and its market, to be looked at once a transaction is done.
type Subject = (Pubkey, Pubkey);

/// Simulates, says what will happen, sends, waits until it is confirmed, and
/// says what has happened. With `--dry-run` it stops before sending.
///
/// Errors in words: whatever the simulation or the cluster refuses.
pub fn run(
    session: &Session,
    payer: &Keypair,
    action: &str,
    units: Option<Units>,
    instructions: &[Instruction],
) -> Result<()> {
    let outcome = execute(session, payer, action, units, instructions, None)?;
    print(session, &outcome)
}

/// The same for a transaction that changes a position: says also where it
/// leaves that.
pub fn run_on(
    session: &Session,
    payer: &Keypair,
    action: &str,
    units: Units,
    instructions: &[Instruction],
    subject: Subject,
) -> Result<()> {
    let outcome = execute(session, payer, action, Some(units), instructions, Some(subject))?;
    print(session, &outcome)
}

/// The outcome, for programs: people have been told.
pub fn print(session: &Session, outcome: &Outcome) -> Result<()> {
    if session.format != Format::Display {
        record::print(outcome, &[], session.format)?;
    }
    Ok(())
}

/// The same, printing only what is for people.
pub fn execute(
    session: &Session,
    payer: &Keypair,
    action: &str,
    units: Option<Units>,
    instructions: &[Instruction],
    subject: Option<Subject>,
) -> Result<Outcome> {
    let say = |text: &str| if session.format == Format::Display { output::print(text) } else { Ok(()) };
    let connection = &session.connection;
    let rpc = connection.rpc();
    let latest = rpc.get_latest_blockhash_with_commitment(rpc.commitment());
    let (blockhash, last_height) = connection.ask(latest)?;
    let signed = |instructions: &[Instruction]| {
        Transaction::new_signed_with_payer(instructions, Some(&payer.pubkey()), &[payer], blockhash)
    };
    // With all the units there are: a refusal logs its reasons, which costs
    // more than succeeding.
    let simulated =
        simulate(session, &signed(&compute::with_limit(instructions, compute::MAX_LIMIT, 0)), subject)?;
    let limit = limit(instructions, simulated.units);
    let transaction = signed(&compute::with_limit(instructions, limit, session.unit_price));
    let fee = fee(limit, session.unit_price);
    let outcome = |signature: Option<Signature>, verdict: &Verdict| Outcome {
        action: action.to_owned(),
        dry_run: session.dry_run,
        signature: signature.map(|signature| signature.to_string()),
        compute_units: verdict.units,
        fee_lamports: fee,
        effects: verdict.effects(units),
        events: verdict.events.clone(),
    };

    say(&format!("{}{action}", if session.dry_run { "Would " } else { "Will " }))?;
    let expected = simulated.lines(units);
    for line in &expected {
        say(line)?;
    }
    let spent = simulated.units.map_or_else(String::new, |used| format!("{used} of {limit} compute units, "));
    say(&format!("  {spent}network fee {}", amount::sol(fee)))?;
    if session.dry_run {
        say("Simulation succeeded; nothing was sent.")?;
        return Ok(outcome(None, &simulated));
    }

    let signature = send(session, &transaction, last_height)?;
    let done = executed(session, &signature, subject).unwrap_or(simulated);
    let happened = done.lines(units);
    let as_said = happened == expected;
    say(&format!("Done{}: {signature}", if as_said { ", just so" } else { "" }))?;
    for line in happened.iter().filter(|_| !as_said) {
        say(line)?;
    }
    Ok(outcome(Some(signature), &done))
}

/// What is asked for: the page's limit, or a tenth more than the simulation
/// took where that is more.
fn limit(instructions: &[Instruction], used: Option<u64>) -> u32 {
    let used = used.and_then(|used| u32::try_from(used).ok()).unwrap_or(0);
    let needed = used.saturating_add(used.div_ceil(10)).min(compute::MAX_LIMIT);
    compute::limit(instructions).max(needed)
}

/// Lamports for one signature and `limit` units, rounded up.
fn fee(limit: u32, unit_price: u64) -> u64 {
    let priority = (u128::from(limit) * u128::from(unit_price)).div_ceil(MICRO_LAMPORTS);
    LAMPORTS_PER_SIGNATURE.saturating_add(u64::try_from(priority).unwrap_or(u64::MAX))
}

fn simulate(session: &Session, transaction: &Transaction, subject: Option<Subject>) -> Result<Verdict> {
    let connection = &session.connection;
    let config = RpcSimulateTransactionConfig {
        replace_recent_blockhash: true,
        commitment: Some(connection.rpc().commitment()),
        encoding: Some(UiTransactionEncoding::Base64),
        inner_instructions: true,
        accounts: subject.map(|(position, market)| RpcSimulateTransactionAccountsConfig {
            encoding: Some(UiAccountEncoding::Base64),
            addresses: vec![position.to_string(), market.to_string()],
        }),
        ..RpcSimulateTransactionConfig::default()
    };
    let result = connection.rpc().simulate_transaction_with_config(transaction, config);
    let result = result.map_err(|error| refusal(session, &error))?.value;
    if let Some(error) = result.err {
        return Err(failure(session, &error.into(), &result.logs.unwrap_or_default()));
    }
    let inner = result.inner_instructions.unwrap_or_default();
    let after = subject.and_then(|_| {
        let mut accounts = result.accounts?.into_iter().map(|account| account?.data.decode());
        let (position, market) = (accounts.next()??, accounts.next()??);
        position::after(&decode(&market)?, &decode(&position)?)
    });
    Ok(Verdict { events: events_of(&inner), units: result.units_consumed, after })
}

/// A transaction error in words, where it came as the RPC's.
fn refusal(session: &Session, error: &ClientError) -> anyhow::Error {
    if let ErrorKind::RpcError(RpcError::RpcResponseError {
        data: RpcResponseErrorData::SendTransactionPreflightFailure(result),
        ..
    }) = error.kind()
        && let Some(cause) = result.err.clone()
    {
        return failure(session, &cause.into(), result.logs.as_deref().unwrap_or_default());
    }
    match error.get_transaction_error() {
        Some(cause) => failure(session, &cause, &[]),
        None => session.connection.explain(error),
    }
}

/// Where the program is not there at all, that is the thing to say.
fn failure(session: &Session, error: &TransactionError, logs: &[String]) -> anyhow::Error {
    if let Err(missing) = session.connection.ensure_program() {
        return missing;
    }
    anyhow!(explain::transaction(error, logs))
}

/// Sends once, lets the node repeat it, and waits for confirmation until the
/// blockhash has expired.
fn send(session: &Session, transaction: &Transaction, last_height: u64) -> Result<Signature> {
    let connection = &session.connection;
    let (rpc, commitment) = (connection.rpc(), connection.rpc().commitment());
    // Simulated just before: no need for the node to do it again.
    let config = RpcSendTransactionConfig {
        skip_preflight: true,
        preflight_commitment: Some(commitment.commitment),
        encoding: Some(UiTransactionEncoding::Base64),
        ..RpcSendTransactionConfig::default()
    };
    let sent = rpc.send_transaction_with_config(transaction, config);
    let signature = sent.map_err(|error| refusal(session, &error))?;
    loop {
        let statuses = connection.ask(rpc.get_signature_statuses(&[signature]))?.value;
        match statuses.into_iter().next().flatten() {
            Some(status) if status.err.is_some() => {
                let error = status.err.map_or(TransactionError::ClusterMaintenance, Into::into);
                return Err(failure(session, &error, &[]).context(format!("transaction {signature}")));
            }
            Some(status) if status.satisfies_commitment(commitment) => return Ok(signature),
            _ => {}
        }
        if connection.ask(rpc.get_block_height())? > last_height {
            bail!(
                "the transaction expired without being executed: nothing happened; run the command again, with a higher --with-compute-unit-price where the cluster is busy"
            );
        }
        sleep(POLL);
    }
}

/// What a confirmed transaction did; none where the node does not tell.
fn executed(session: &Session, signature: &Signature, subject: Option<Subject>) -> Option<Verdict> {
    let rpc = session.connection.rpc();
    let config = RpcTransactionConfig {
        encoding: Some(UiTransactionEncoding::JsonParsed),
        commitment: Some(rpc.commitment()),
        max_supported_transaction_version: Some(0),
    };
    let meta = rpc.get_transaction_with_config(signature, config).ok()?.transaction.meta?;
    let OptionSerializer::Some(inner) = meta.inner_instructions else {
        return None;
    };
    let units = match meta.compute_units_consumed {
        OptionSerializer::Some(units) => Some(units),
        _ => None,
    };
    let events = events_of(&inner);
    let after = subject.and_then(|subject| after(session, subject));
    (!events.is_empty()).then_some(Verdict { events, units, after })
}

/// Where a position stands now.
fn after(session: &Session, (position, market): Subject) -> Option<Record> {
    let connection = &session.connection;
    position::after(&connection.read(&market).ok()??, &connection.read(&position).ok()??)
}

/// The events of the last transaction that named this account; none where the
/// node does not tell.
pub fn last_events(session: &Session, account: &Pubkey) -> Vec<Event> {
    let rpc = session.connection.rpc();
    let config = GetConfirmedSignaturesForAddress2Config {
        limit: Some(1),
        commitment: Some(rpc.commitment()),
        ..GetConfirmedSignaturesForAddress2Config::default()
    };
    let found = rpc.get_signatures_for_address_with_config(account, config).unwrap_or_default();
    let signature = found.first().and_then(|status| status.signature.parse().ok());
    let done = signature.and_then(|signature| executed(session, &signature, None));
    done.map_or_else(Vec::new, |verdict| verdict.events)
}

/// The program's events, which it emits by calling itself.
fn events_of(inner: &[UiInnerInstructions]) -> Vec<Event> {
    let program = PROGRAM_ID.to_string();
    let event = |instruction: &UiInstruction| {
        let data = match instruction {
            UiInstruction::Parsed(UiParsedInstruction::PartiallyDecoded(call)) => {
                (call.program_id == program).then_some(&call.data)?
            }
            UiInstruction::Compiled(call) => &call.data,
            UiInstruction::Parsed(UiParsedInstruction::Parsed(_)) => return None,
        };
        events::decode(&bs58::decode(data).into_vec().ok()?)
    };
    inner.iter().flat_map(|call| &call.instructions).filter_map(event).collect()
}
