//! `ringfence market`: what there is, and what the admin does about it.

mod govern;
mod identity;
pub mod params;
mod show;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};
use ringfence_client::Pubkey;
use ringfence_client::state::MarketStatus;

use super::{ConnectionArgs, Session};

pub use govern::{apply_instructions, create_instruction, proposal};
pub use identity::{Identity, Kind, OracleArgs};

/// Markets: list, show, create, govern, settle
#[derive(Args, Debug)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct MarketArgs {
    #[command(flatten)]
    pub connection: ConnectionArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Every market: price, open interest, funding, pool
    List,
    /// One market, its books and all its parameters
    Show {
        /// Name, index or address
        market: String,
        /// Price account, where the market's feed is not pinned to one
        #[arg(long, value_name = "ADDRESS")]
        oracle: Option<Pubkey>,
    },
    /// Create a market (admin)
    Create {
        /// Up to 16 visible ASCII characters
        name: String,
        /// Collateral mint
        #[arg(long, value_name = "ADDRESS")]
        mint: Pubkey,
        /// Decimals of sizes
        #[arg(long, value_name = "N")]
        size_decimals: u8,
        /// Every parameter, as TOML
        #[arg(long, value_name = "FILE")]
        params: PathBuf,
        #[command(flatten)]
        oracle: OracleArgs,
    },
    /// Propose parameters; they can be applied after the timelock (admin)
    Propose {
        market: String,
        /// The parameters to change, as TOML
        #[arg(long, value_name = "FILE")]
        params: Option<PathBuf>,
        #[command(flatten)]
        oracle: OracleArgs,
    },
    /// Apply proposed parameters after the timelock (anyone)
    Apply { market: String },
    /// Withdraw proposed parameters (admin or guardian)
    Cancel { market: String },
    /// Change the status (admin; guardian towards safety)
    Status {
        market: String,
        #[arg(value_enum)]
        status: Status,
    },
    /// Announce a market's end; it becomes reduce-only (admin)
    Announce {
        market: String,
        /// Seconds from now [default: the exchange's timelock and a minute]
        #[arg(long, value_name = "SECONDS")]
        notice: Option<u32>,
    },
    /// Settle at the present price, once the announced time has come (anyone)
    Settle {
        market: String,
        #[arg(long, value_name = "ADDRESS")]
        oracle: Option<Pubkey>,
    },
    /// Close a settled and emptied market (anyone)
    Close { market: String },
    /// Add to a market's insurance (anyone)
    FundInsurance {
        market: String,
        /// Collateral
        amount: String,
    },
    /// Advance funding and borrow to now (anyone)
    Accrue {
        market: String,
        #[arg(long, value_name = "ADDRESS")]
        oracle: Option<Pubkey>,
    },
    /// Bring a market of an earlier program version up to date (anyone)
    Migrate { market: String },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Status {
    Active,
    ReduceOnly,
    Paused,
}

impl From<Status> for MarketStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Active => Self::Active,
            Status::ReduceOnly => Self::ReduceOnly,
            Status::Paused => Self::Paused,
        }
    }
}

pub fn run(session: &Session, args: &MarketArgs) -> Result<()> {
    match &args.command {
        Command::List => show::list(session),
        Command::Show { market, oracle } => show::show(session, market, *oracle),
        Command::Create { name, mint, size_decimals, params, oracle } => {
            let identity = Identity { name: name.clone(), mint: *mint, size_decimals: *size_decimals };
            govern::create(session, &identity, params, oracle)
        }
        Command::Propose { market, params, oracle } => {
            govern::propose(session, market, params.as_deref(), oracle)
        }
        Command::Apply { market } => govern::apply(session, market),
        Command::Cancel { market } => govern::cancel(session, market),
        Command::Status { market, status } => govern::set_status(session, market, (*status).into()),
        Command::Announce { market, notice } => govern::announce(session, market, *notice),
        Command::Settle { market, oracle } => govern::settle(session, market, *oracle),
        Command::Close { market } => govern::close(session, market),
        Command::FundInsurance { market, amount } => govern::fund_insurance(session, market, amount),
        Command::Accrue { market, oracle } => govern::accrue(session, market, *oracle),
        Command::Migrate { market } => govern::migrate(session, market),
    }
}
