//! `ringfence`: the program on the command line.

mod calc;
mod cli;
mod decimal;
mod output;
#[allow(dead_code)]
mod series;
#[allow(dead_code)]
mod table;

use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match &cli.command {
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
