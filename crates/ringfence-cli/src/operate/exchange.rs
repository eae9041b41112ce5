//! `ringfence exchange`: the deployment itself.

use anyhow::{Context, Result, ensure};
use clap::{Args, Subcommand};
use ringfence_client::{InitializeExchangeArgs, PROGRAM_ID, Pubkey, instructions, pda};
use solana_signer::Signer;

use super::record::{self, Record};
use super::{ConnectionArgs, Session, effects, lookup, submit, time};

/// The exchange: set up, show, hand over, collect fees
#[derive(Args, Debug)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct ExchangeArgs {
    #[command(flatten)]
    pub connection: ConnectionArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Make the exchange (the program's upgrade authority)
    Init {
        /// Governs markets [default: that of --keypair]
        #[arg(long, value_name = "ADDRESS")]
        admin: Option<Pubkey>,
        /// May move markets towards safety [default: nobody]
        #[arg(long, value_name = "ADDRESS")]
        guardian: Option<Pubkey>,
        /// Owner of the token accounts that fees are paid to [default: the admin]
        #[arg(long, value_name = "ADDRESS")]
        treasury: Option<Pubkey>,
        /// Seconds between proposing and applying parameters
        #[arg(long, value_name = "SECONDS")]
        timelock: u32,
    },
    /// Who governs, how slowly, and how many markets there are
    Show,
    /// Nominate a successor of the admin, or nobody
    Nominate {
        /// Address, or `none`
        nominee: String,
    },
    /// Become the admin, as nominated
    Accept,
    /// Pay a market's protocol fees to the treasury, and a settled one's insurance (anyone)
    CollectFees {
        /// Name, index or address
        market: String,
    },
}

pub fn run(session: &Session, args: &ExchangeArgs) -> Result<()> {
    match &args.command {
        Command::Init { admin, guardian, treasury, timelock } => {
            init(session, *admin, *guardian, *treasury, *timelock)
        }
        Command::Show => show(session),
        Command::Nominate { nominee } => nominate(session, nominee),
        Command::Accept => accept(session),
        Command::CollectFees { market } => collect_fees(session, market),
    }
}

fn init(
    session: &Session,
    admin: Option<Pubkey>,
    guardian: Option<Pubkey>,
    treasury: Option<Pubkey>,
    timelock_seconds: u32,
) -> Result<()> {
    let connection = &session.connection;
    let authority = connection.keypair()?;
    connection.ensure_program()?;
    let exists = connection.account(&pda::exchange())?.is_some();
    ensure!(!exists, "there is an exchange already: `ringfence exchange show`");
    let admin = admin.unwrap_or_else(|| authority.pubkey());
    let args = InitializeExchangeArgs {
        admin,
        guardian: guardian.unwrap_or_default(),
        treasury: treasury.unwrap_or(admin),
        timelock_seconds,
    };
    let init = instructions::initialize_exchange(authority.pubkey(), args);
    let wait = time::span(timelock_seconds.into());
    let action = format!("make the exchange, governed by {admin} with a timelock of {wait}");
    submit::run(session, &authority, &action, None, &[init])
}

fn show(session: &Session) -> Result<()> {
    let exchange = session.connection.exchange()?;
    let shown = Record::default()
        .with("program", PROGRAM_ID.to_string())
        .with("exchange", pda::exchange().to_string())
        .with("admin", exchange.admin.to_string())
        .with("pending_admin", effects::optional(&exchange.pending_admin))
        .with("guardian", effects::optional(&exchange.guardian))
        .with("treasury", exchange.treasury.to_string())
        .with("timelock_seconds", exchange.timelock_seconds)
        .with("markets_created", exchange.market_count)
        .with("version", exchange.version);
    record::show(&shown, session.format)
}

fn nominate(session: &Session, text: &str) -> Result<()> {
    let admin = session.connection.keypair()?;
    session.connection.exchange()?;
    let (nominee, action) = match text {
        "none" => (Pubkey::default(), "take the nomination back".to_owned()),
        text => {
            let nominee =
                text.parse().ok().with_context(|| format!("`{text}` is neither an address nor none"))?;
            (nominee, format!("nominate {nominee} as admin; it is once it accepts"))
        }
    };
    submit::run(session, &admin, &action, None, &[instructions::nominate_admin(admin.pubkey(), nominee)])
}

fn accept(session: &Session) -> Result<()> {
    let nominee = session.connection.keypair()?;
    session.connection.exchange()?;
    let action = format!("make {} the admin of the exchange", nominee.pubkey());
    submit::run(session, &nominee, &action, None, &[instructions::accept_admin(nominee.pubkey())])
}

fn collect_fees(session: &Session, wanted: &str) -> Result<()> {
    let connection = &session.connection;
    let listed = lookup::market(connection, wanted)?;
    let treasury = connection.exchange()?.treasury;
    let payer = connection.keypair()?;
    let accounts = listed.accounts_without_price();
    let (tokens, create) = lookup::with_token_account(
        &payer.pubkey(),
        &treasury,
        &accounts.collateral_mint,
        &accounts.token_program,
    );
    let collect = instructions::collect_protocol_fees(&accounts, tokens);
    let fees = listed.units().quote(listed.market.protocol_fees);
    let action = format!("pay {fees} of {}'s protocol fees to {treasury}", listed.name());
    submit::run(session, &payer, &action, Some(listed.units()), &[create, collect])
}
