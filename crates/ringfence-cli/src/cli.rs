//! The command line.

use clap::{Parser, Subcommand};

use crate::calc::CalcArgs;
use crate::demo::DemoArgs;
use crate::operate;
use crate::replay::ReplayArgs;

/// Ringfence: isolated-margin perpetual futures on Solana
///
/// Exit codes: 0 done, 1 an error, 2 a command line that cannot be understood.
#[derive(Parser, Debug)]
#[command(name = "ringfence", version, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand, Debug)]
pub enum Command {
    Demo(DemoArgs),
    Replay(ReplayArgs),
    Calc(CalcArgs),
    Market(operate::MarketArgs),
    Position(operate::PositionArgs),
    Order(operate::OrderArgs),
    Pool(operate::PoolArgs),
    Liquidate(operate::LiquidateArgs),
    Exchange(operate::ExchangeArgs),
    Referral(operate::ReferralArgs),
    Migrate(operate::MigrateArgs),
}
