//! `ringfence referral`: shares in the trading fees of others.

use anyhow::{Context, Result, ensure};
use clap::{Args, Subcommand};
use ringfence_client::accounts::Referral;
use ringfence_client::{Pubkey, filters, instructions, pda};
use solana_signer::Signer;

use super::record::{self, Record};
use super::{ConnectionArgs, Session, lookup, submit};

/// Referrals: become a referrer, take fees out
#[derive(Args, Debug)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct ReferralArgs {
    #[command(flatten)]
    pub connection: ConnectionArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Become a referrer in a market
    Create { market: String },
    /// Take out what a referrer has earned (anyone, to him)
    Claim {
        market: String,
        /// The referrer [default: that of --keypair]
        #[arg(long, value_name = "ADDRESS")]
        referrer: Option<Pubkey>,
    },
    /// What a referrer has earned
    List {
        /// The referrer [default: that of --keypair]
        #[arg(long, value_name = "ADDRESS")]
        referrer: Option<Pubkey>,
    },
}

pub fn run(session: &Session, args: &ReferralArgs) -> Result<()> {
    match &args.command {
        Command::Create { market } => create(session, market),
        Command::Claim { market, referrer } => claim(session, market, *referrer),
        Command::List { referrer } => list(session, *referrer),
    }
}

fn create(session: &Session, wanted: &str) -> Result<()> {
    let listed = lookup::market(&session.connection, wanted)?;
    let referrer = session.connection.keypair()?;
    let create = instructions::create_referral(listed.key, referrer.pubkey());
    let action = format!("make {} a referrer in {}", referrer.pubkey(), listed.name());
    submit::run(session, &referrer, &action, Some(listed.units()), &[create])
}

fn claim(session: &Session, wanted: &str, referrer: Option<Pubkey>) -> Result<()> {
    let connection = &session.connection;
    let listed = lookup::market(connection, wanted)?;
    let payer = connection.keypair()?;
    let referrer = referrer.unwrap_or_else(|| payer.pubkey());
    let (name, units) = (listed.name(), listed.units());
    let referral = connection.read::<Referral>(&pda::referral(&listed.key, &referrer))?;
    let referral = referral.with_context(|| format!("{referrer} is no referrer in {name}"))?;
    // A settled market's referral can be closed without anything to pay.
    let nothing = referral.fees == 0 && !listed.market.is_settling();
    ensure!(
        !nothing,
        "{referrer} has nothing to take out in {name}: it has earned {} so far",
        units.quote(referral.fees_earned)
    );
    let accounts = listed.accounts_without_price();
    let (tokens, create) = lookup::with_token_account(
        &payer.pubkey(),
        &referrer,
        &accounts.collateral_mint,
        &accounts.token_program,
    );
    let claim = instructions::claim_referral_fees(&accounts, referrer, tokens);
    let action = format!("pay {referrer} {} for referrals in {name}", units.quote(referral.fees));
    submit::run(session, &payer, &action, Some(units), &[create, claim])
}

fn list(session: &Session, referrer: Option<Pubkey>) -> Result<()> {
    let connection = &session.connection;
    let referrer = match referrer {
        Some(referrer) => referrer,
        None => connection.identity()?,
    };
    let markets = lookup::markets(connection)?;
    let found = connection.program_accounts::<Referral>(filters::referrals(None, Some(&referrer)))?;
    let rows: Vec<Record> = markets
        .iter()
        .filter_map(|listed| {
            let key = pda::referral(&listed.key, &referrer);
            let (_, referral) = found.iter().find(|(found, _)| *found == key)?;
            let units = listed.units();
            Some(
                Record::default()
                    .with("market", listed.name())
                    .with("claimable", units.quote(referral.fees))
                    .with("earned", units.quote(referral.fees_earned))
                    .with("referral", key.to_string()),
            )
        })
        .collect();
    record::list(&rows, "No referrals.", session.format)
}
