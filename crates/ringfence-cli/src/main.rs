//! `ringfence`: the program on the command line.

mod calc;
mod chart;
mod cli;
mod demo;
mod operate;
mod output;
mod params;
mod progress;
mod replay;
mod simulation;
mod table;
mod tables;

use std::process::ExitCode;

use clap::Parser;
use ringfence_client::decimal;
use ringfence_testkit::series;

use cli::{Cli, Command};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match &cli.command {
        Command::Demo(args) => demo::run(args),
        Command::Replay(args) => replay::run(args),
        Command::Calc(args) => calc::run(args),
        Command::Market(args) => operate::market(args),
        Command::Position(args) => operate::position(args),
        Command::Order(args) => operate::order(args),
        Command::Pool(args) => operate::pool(args),
        Command::Liquidate(args) => operate::liquidate(args),
        Command::Exchange(args) => operate::exchange(args),
        Command::Referral(args) => operate::referral(args),
        Command::Migrate(args) => operate::migrate(args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One line, causes after it, whatever its parts contain.
            eprintln!("error: {}", format!("{error:#}").replace('\n', " "));
            ExitCode::FAILURE
        }
    }
}
