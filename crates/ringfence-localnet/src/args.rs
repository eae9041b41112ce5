//! The command line of `ringfence-localnet`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use ringfence_client::decimal;
use ringfence_localnet::{Crash, Motion, Options, Replay, market_index};
use ringfence_testkit::series::Series;

/// Decimals of a percentage that is held in ppm.
const PERCENT_DECIMALS: u8 = 4;

/// A local Solana validator with Ringfence, three markets, liquidity and moving prices
///
/// Runs until Ctrl-C. Everything is on 127.0.0.1 and in memory: nothing is
/// kept, nothing is fetched. Addresses and keys are the same in every run; the
/// keys are public and must hold nothing elsewhere.
///
/// Exit codes: 0 stopped, 1 an error, 2 a command line that cannot be understood.
#[derive(Parser, Debug)]
#[command(name = "ringfence-localnet", version)]
pub struct Args {
    /// The compiled program; else `RINGFENCE_PROGRAM`, or target/deploy/ringfence.so here or beside this executable
    #[arg(long, value_name = "FILE")]
    pub program: Option<PathBuf>,

    /// File to write addresses and URLs to; keypairs go to a folder of its name with `-keys`
    #[arg(long, value_name = "FILE", default_value = "localnet.json")]
    pub write: PathBuf,

    /// Port of the RPC on 127.0.0.1; 0 for any free one
    #[arg(long, value_name = "PORT", default_value_t = 8899)]
    pub rpc_port: u16,

    /// Port of the websocket; 0 for the one after the RPC's, or any free one
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub ws_port: u16,

    /// Port of the faucet; 0 for any free one
    #[arg(long, value_name = "PORT", default_value_t = 9900)]
    pub faucet_port: u16,

    /// Series to replay: FILE for SOL-PERP, or MARKET=FILE; CSV of
    /// `unix_seconds,open,high,low,close`; may be given once for each market
    #[arg(long, value_name = "[MARKET=]FILE")]
    pub prices: Vec<String>,

    /// Seconds of a series that pass in a second
    #[arg(long, value_name = "FACTOR", default_value_t = 60, requires = "prices",
        value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub speed: u32,

    /// Seed of the random walk of every market that is not replayed
    #[arg(long, value_name = "NUMBER", default_value_t = 1, conflicts_with = "still")]
    pub seed: u64,

    /// Prices stand still instead of walking, until they are set
    #[arg(long)]
    pub still: bool,

    /// All prices fall by this at once
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub crash: Option<u32>,

    /// When they fall, counted from when all is ready: 60s, 500ms, 2m
    #[arg(long, value_name = "TIME", default_value = "60s", requires = "crash", value_parser = duration)]
    pub after: Duration,

    /// Market that takes any update of its feed, as delayed orders need; may be given for each market
    #[arg(long, value_name = "MARKET")]
    pub unpinned: Vec<String>,

    /// Length of a slot in milliseconds; prices are published once a slot
    #[arg(long, value_name = "MS", default_value_t = 400, value_parser = clap::value_parser!(u64).range(10..=10_000))]
    pub slot_ms: u64,

    /// Liquidity of each market's pool, in whole units of the collateral
    #[arg(long, value_name = "QUOTE", default_value_t = 10_000_000, value_parser = clap::value_parser!(u64).range(1..=1_000_000_000_000))]
    pub liquidity: u64,

    /// How long the shares of a deposit wait until they can be claimed, 63s to 30 days
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = cooldown)]
    pub cooldown: u32,
}

impl Args {
    /// Reads the series. Errors: a market that is not listed, a file that is
    /// no series.
    pub fn options(&self) -> anyhow::Result<Options> {
        let replays = self.prices.iter().map(|prices| self.replay(prices)).collect::<Result<_, _>>()?;
        let unpinned = self.unpinned.iter().map(|name| market_index(name)).collect::<Result<_, _>>()?;
        let slot = Duration::from_millis(self.slot_ms);
        Ok(Options {
            program: self.program(),
            rpc_port: self.rpc_port,
            ws_port: self.ws_port,
            faucet_port: self.faucet_port,
            slot,
            publish_every: slot,
            motion: if self.still { Motion::Still } else { Motion::Walk { seed: self.seed } },
            replays,
            unpinned,
            crash: self.crash.map(|fall_ppm| Crash { fall_ppm, after: self.after }),
            liquidity: self.liquidity * 10u64.pow(u32::from(ringfence_localnet::MINT_DECIMALS)),
            cooldown_seconds: self.cooldown,
            keys: Some(self.keys()),
            ..Options::default()
        })
    }

    fn program(&self) -> PathBuf {
        let chosen =
            self.program.clone().or_else(|| std::env::var_os("RINGFENCE_PROGRAM").map(PathBuf::from));
        chosen.unwrap_or_else(ringfence_testkit::default_program)
    }

    /// `localnet-keys` beside `localnet.json`.
    pub fn keys(&self) -> PathBuf {
        let mut name = self.write.file_stem().unwrap_or_default().to_owned();
        name.push("-keys");
        self.write.with_file_name(name)
    }

    fn replay(&self, prices: &str) -> anyhow::Result<Replay> {
        let (market, file) = match prices.split_once('=') {
            Some((market, file)) => (market_index(market)?, file),
            None => (0, prices),
        };
        Ok(Replay { market, series: Series::read(file.as_ref())?, speed: self.speed })
    }
}

/// "30%", "30" and "12.5%" in ppm; above 0 and below 100.
fn percent(text: &str) -> Result<u32, String> {
    let number = text.strip_suffix('%').unwrap_or(text);
    let ppm = decimal::parse_positive(number, PERCENT_DECIMALS).map_err(|error| error.to_string())?;
    let below = u32::try_from(ppm).ok().filter(|ppm| *ppm < 1_000_000);
    below.ok_or_else(|| "must be below 100 %: something has to be left".into())
}

/// "60s", "500ms", "2m", "1h"; a number alone is seconds.
fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let number: u64 = digits.parse().map_err(|_| "not a time, such as 60s, 500ms or 2m".to_owned())?;
    let millis = match &text[digits.len()..] {
        "ms" => 1,
        "" | "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        unit => return Err(format!("`{unit}` is not a unit: use ms, s, m or h")),
    };
    number.checked_mul(millis).map(Duration::from_millis).ok_or_else(|| "too long".into())
}

/// A time in seconds that the program takes for a cool-down: three more than a
/// price to open at may be old, thirty days at the most.
fn cooldown(text: &str) -> Result<u32, String> {
    let seconds = u32::try_from(duration(text)?.as_secs()).unwrap_or(u32::MAX);
    if (63..=2_592_000).contains(&seconds) { Ok(seconds) } else { Err("must be from 63s to 720h".into()) }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn percentages_are_parts_of_a_million() {
        assert_eq!(percent("30%"), Ok(300_000));
        assert_eq!(percent("30"), Ok(300_000));
        assert_eq!(percent("0.0001%"), Ok(1));
        assert_eq!(percent("99.9999%"), Ok(999_999));
        for wrong in ["0", "100%", "-5%", "0.00001%", "%", "a lot"] {
            assert!(percent(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn times_have_units() {
        assert_eq!(duration("60s"), Ok(Duration::from_secs(60)));
        assert_eq!(duration("60"), Ok(Duration::from_secs(60)));
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        assert_eq!(duration("1h"), Ok(Duration::from_secs(3_600)));
        for wrong in ["", "s", "1.5s", "-1s", "1d", "1 s", "99999999999999999999s", "18446744073709551615h"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_cool_down_is_one_that_the_program_takes() {
        assert_eq!(cooldown("1h"), Ok(3_600));
        assert_eq!(cooldown("63s"), Ok(63));
        assert_eq!(cooldown("720h"), Ok(2_592_000));
        for wrong in ["62s", "721h", "500ms", "99999999h", "soon"] {
            assert!(cooldown(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn keys_lie_beside_the_file() {
        let args = Args::parse_from(["ringfence-localnet", "--write", "out/net.json"]);
        assert_eq!(args.keys(), PathBuf::from("out/net-keys"));
        let args = Args::parse_from(["ringfence-localnet"]);
        assert_eq!(args.keys(), PathBuf::from("localnet-keys"));
    }
}
