//! `ringfence`: the program on the command line.

mod calc;
mod chart;
mod cli;
mod decimal;
mod demo;
mod output;
mod params;
mod progress;
mod replay;
mod series;
mod simulation;
mod table;
mod tables;

use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match &cli.command {
        Command::Demo(args) => demo::run(args),
        Command::Replay(args) => replay::run(args),
        Command::Calc(args) => calc::run(args),
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
