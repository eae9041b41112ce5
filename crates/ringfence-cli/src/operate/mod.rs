//! Trader's and operator's commands: markets, positions, pools, the exchange.

mod amount;
mod connection;
mod effects;
mod exchange;
mod explain;
mod liquidate;
mod lookup;
mod market;
mod migrate;
mod order;
mod pool;
mod position;
mod record;
mod referral;
mod submit;
mod time;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueEnum};
use solana_commitment_config::CommitmentConfig;

use connection::Connection;

pub use exchange::ExchangeArgs;
pub use liquidate::LiquidateArgs;
pub use market::MarketArgs;
pub use migrate::MigrateArgs;
pub use order::OrderArgs;
pub use pool::PoolArgs;
pub use position::PositionArgs;
pub use referral::ReferralArgs;

/// Which cluster, which key, and how to print; as in Solana's own tools.
#[derive(Args, Debug)]
pub struct ConnectionArgs {
    /// RPC URL, or moniker: mainnet-beta, testnet, devnet, localhost (m, t, d, l)
    #[arg(short, long, global = true, value_name = "URL_OR_MONIKER")]
    url: Option<String>,
    /// Keypair that signs and pays
    #[arg(short, long, global = true, value_name = "FILE")]
    keypair: Option<String>,
    /// Configuration file [default: the one of Solana's CLI]
    #[arg(short = 'C', long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// How final what is read and waited for must be [default: confirmed]
    #[arg(long, global = true, value_enum, value_name = "LEVEL")]
    commitment: Option<Commitment>,
    /// How to print
    #[arg(long, global = true, value_enum, default_value_t = Format::Display)]
    output: Format,
    /// Simulate, say what would happen, and send nothing
    #[arg(long, global = true)]
    dry_run: bool,
    /// Priority fee in micro-lamports per compute unit
    #[arg(long, global = true, value_name = "MICRO_LAMPORTS", default_value_t = 0)]
    with_compute_unit_price: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Commitment {
    Confirmed,
    Finalized,
}

impl From<Commitment> for CommitmentConfig {
    fn from(level: Commitment) -> Self {
        match level {
            Commitment::Confirmed => Self::confirmed(),
            Commitment::Finalized => Self::finalized(),
        }
    }
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Display,
    Json,
    JsonCompact,
}

/// What every command works with.
struct Session {
    connection: Connection,
    format: Format,
    dry_run: bool,
    /// Micro-lamports per compute unit.
    unit_price: u64,
}

impl Session {
    fn new(args: &ConnectionArgs) -> Result<Self> {
        Ok(Self {
            connection: Connection::new(args)?,
            format: args.output,
            dry_run: args.dry_run,
            unit_price: args.with_compute_unit_price,
        })
    }
}

/// `ringfence market …`
pub fn market(args: &MarketArgs) -> Result<()> {
    market::run(&Session::new(&args.connection)?, args)
}

/// `ringfence position …`
pub fn position(args: &PositionArgs) -> Result<()> {
    position::run(&Session::new(&args.connection)?, args)
}

/// `ringfence order …`
pub fn order(args: &OrderArgs) -> Result<()> {
    order::run(&Session::new(&args.connection)?, args)
}

/// `ringfence pool …`
pub fn pool(args: &PoolArgs) -> Result<()> {
    pool::run(&Session::new(&args.connection)?, args)
}

/// `ringfence exchange …`
pub fn exchange(args: &ExchangeArgs) -> Result<()> {
    exchange::run(&Session::new(&args.connection)?, args)
}

/// `ringfence referral …`
pub fn referral(args: &ReferralArgs) -> Result<()> {
    referral::run(&Session::new(&args.connection)?, args)
}

/// `ringfence liquidate …`
pub fn liquidate(args: &LiquidateArgs) -> Result<()> {
    liquidate::run(&Session::new(&args.connection)?, args)
}

/// `ringfence migrate …`
pub fn migrate(args: &MigrateArgs) -> Result<()> {
    migrate::run(&Session::new(&args.connection)?, args)
}
