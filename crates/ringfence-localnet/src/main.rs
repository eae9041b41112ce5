//! `ringfence-localnet`: a local chain with Ringfence on it, until Ctrl-C.

mod args;
mod logger;

use std::io::Write;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use std::{fmt, fs};

use anyhow::{Context, Result, bail};
use clap::Parser;
use ringfence_localnet::{Localnet, Manifest};
use tokio::signal::unix::{SignalKind, signal};

use args::Args;

/// How often a validator that died by itself is noticed.
const WATCH: Duration = Duration::from_millis(500);

fn main() -> ExitCode {
    logger::install();
    let args = Args::parse();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One line, causes after it, whatever its parts contain.
            eprintln!("error: {}", format!("{error:#}").replace('\n', " "));
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<()> {
    let begin = Instant::now();
    // Before anything is started, so that no signal is missed.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let signals = runtime
        .block_on(async { anyhow::Ok((signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?)) });
    let (mut interrupt, mut terminate) = signals?;

    let localnet = Localnet::start(args.options()?)?;
    let manifest = localnet.manifest();
    manifest.write(&args.write).with_context(|| format!("cannot write {}", args.write.display()))?;
    print(manifest, args, begin.elapsed());

    let died = runtime.block_on(async {
        loop {
            tokio::select! {
                _ = interrupt.recv() => return false,
                _ = terminate.recv() => return false,
                () = tokio::time::sleep(WATCH) => if !localnet.is_alive() { return true },
            }
        }
    });
    // What it names is about to go. Somebody else may have removed it.
    let _ = fs::remove_file(&args.write);
    if died {
        bail!("the validator stopped by itself");
    }
    say(format_args!("stopping"));
    localnet.shutdown()?;
    Ok(())
}

/// A line for whoever still reads; nobody may.
fn say(line: fmt::Arguments<'_>) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

fn print(manifest: &Manifest, args: &Args, took: Duration) {
    say(format_args!("RPC        {}", manifest.rpc_url));
    say(format_args!("websocket  {}", manifest.ws_url));
    say(format_args!("faucet     {}", manifest.faucet_url));
    say(format_args!("program    {}", manifest.program));
    say(format_args!("exchange   {}", manifest.exchange));
    say(format_args!("mint       {} ({} decimals)", manifest.mint, manifest.mint_decimals));
    for market in &manifest.markets {
        say(format_args!("{}   {}  oracle {}", market.name, market.market, market.oracle));
    }
    say(format_args!("file       {}", args.write.display()));
    say(format_args!("keys       {} (public: for this chain only)", args.keys().display()));
    say(format_args!("ready after {:.1} s; stop with Ctrl-C", took.as_secs_f64()));
}
