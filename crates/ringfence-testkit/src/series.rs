//! Price series: strict CSV of `unix_seconds,open,high,low,close`.

pub mod path;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use ringfence_client::decimal;
use ringfence_math::{PRICE_DECIMALS, Price};

/// The first line of every series.
pub const HEADER: &str = "unix_seconds,open,high,low,close";

/// Length of the bars of a series that has only one.
const SOLE_BAR_SECONDS: i64 = 3_600;

/// One candle. Prices in 10^-10 quote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    /// Unix seconds at which the bar opens.
    pub time: i64,
    pub open: Price,
    pub high: Price,
    pub low: Price,
    pub close: Price,
}

/// Candles in the order of time; at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    pub bars: Vec<Bar>,
}

impl Series {
    /// Reads a file. Errors name the file and the line.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let text = String::from_utf8(bytes).ok().with_context(|| format!("{}: not text", path.display()))?;
        Self::parse(&text).with_context(|| path.display().to_string())
    }

    /// Reads CSV text. Errors: a header other than [`HEADER`], a line that is
    /// no bar, times that do not rise, no bar at all. Each names its line.
    pub fn parse(text: &str) -> Result<Self> {
        let mut lines = text.lines();
        let header = lines.next().unwrap_or_default();
        ensure!(header == HEADER, "line 1: the header must be `{HEADER}`, found `{}`", shortened(header));
        let mut bars: Vec<Bar> = Vec::new();
        for (number, line) in (2..).zip(lines) {
            let bar = parse_bar(line).with_context(|| format!("line {number}"))?;
            if let Some(previous) = bars.last() {
                ensure!(
                    bar.time > previous.time,
                    "line {number}: time {} does not come after {}",
                    bar.time,
                    previous.time
                );
            }
            bars.push(bar);
        }
        ensure!(!bars.is_empty(), "no bars after the header");
        Ok(Self { bars })
    }

    /// Seconds that a bar lasts: the least distance of two neighbours. Where
    /// bars are missing the price stands still until the next one.
    pub fn bar_seconds(&self) -> i64 {
        let distances = self.bars.windows(2).map(|pair| pair[1].time - pair[0].time);
        distances.min().unwrap_or(SOLE_BAR_SECONDS)
    }
}

fn parse_bar(line: &str) -> Result<Bar> {
    let columns: Vec<&str> = line.split(',').collect();
    let [time, open, high, low, close] = columns[..] else {
        bail!("5 columns expected, found {} in `{}`", columns.len(), shortened(line));
    };
    let time: i64 = time
        .parse()
        .ok()
        .filter(|&seconds| seconds > 0)
        .with_context(|| format!("time `{}` is not a count of unix seconds", shortened(time)))?;
    let price = |name: &str, text: &str| {
        decimal::parse_positive(text, PRICE_DECIMALS).map(Price).with_context(|| name.to_owned())
    };
    let bar = Bar {
        time,
        open: price("open", open)?,
        high: price("high", high)?,
        low: price("low", low)?,
        close: price("close", close)?,
    };
    ensure!(bar.high >= bar.open.max(bar.close), "high {high} is below open {open} or close {close}");
    ensure!(bar.low <= bar.open.min(bar.close), "low {low} is above open {open} or close {close}");
    Ok(bar)
}

/// What an error shows of a line, so that it stays one line itself.
fn shortened(line: &str) -> String {
    const SHOWN: usize = 60;
    let mut text: String = line.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    if line.chars().count() > SHOWN {
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_of(body: &str) -> String {
        format!("{:#}", Series::parse(&format!("{HEADER}\n{body}")).unwrap_err())
    }

    #[test]
    fn bars_are_read_to_the_last_decimal() {
        let series =
            Series::parse(&format!("{HEADER}\r\n60,44.33,44.462,44.2,44.379\n180,1,1.0000000001,1,1\n"))
                .unwrap();
        assert_eq!(
            series.bars[0],
            Bar {
                time: 60,
                open: Price(443_300_000_000),
                high: Price(444_620_000_000),
                low: Price(442_000_000_000),
                close: Price(443_790_000_000),
            }
        );
        assert_eq!(series.bars[1].high, Price(10_000_000_001));
        assert_eq!(series.bar_seconds(), 120);
    }

    #[test]
    fn bars_last_as_long_as_the_nearest_two_are_apart() {
        let series = Series::parse(&format!("{HEADER}\n60,1,1,1,1\n240,1,1,1,1\n300,1,1,1,1")).unwrap();
        assert_eq!(series.bar_seconds(), 60);
        let sole = Series::parse(&format!("{HEADER}\n60,1,1,1,1")).unwrap();
        assert_eq!(sole.bar_seconds(), 3_600);
    }

    #[test]
    fn each_malformed_line_is_named_with_its_cause() {
        for (body, expected) in [
            ("60,1,1,1", "line 2: 5 columns expected, found 4 in `60,1,1,1`"),
            ("60,1,1,1,1,1", "line 2: 5 columns expected, found 6 in `60,1,1,1,1,1`"),
            ("60,1,1,1,1\n\n120,1,1,1,1", "line 3: 5 columns expected, found 1 in ``"),
            ("noon,1,1,1,1", "line 2: time `noon` is not a count of unix seconds"),
            ("-60,1,1,1,1", "line 2: time `-60` is not a count of unix seconds"),
            ("60.5,1,1,1,1", "line 2: time `60.5` is not a count of unix seconds"),
            ("60,one,1,1,1", "line 2: open: `one` is not a decimal number"),
            ("60,1, 1,1,1", "line 2: high: ` 1` is not a decimal number"),
            ("60,1,1,0,1", "line 2: low: `0` is not above zero"),
            ("60,1,1,1,-1", "line 2: close: `-1` is negative"),
            ("60,1,1,1,0.00000000001", "line 2: close: `0.00000000001` has more than 10 decimals"),
            ("60,1,99999999999,1,1", "line 2: high: `99999999999` is too large"),
            ("60,2,1.9,1,1", "line 2: high 1.9 is below open 2 or close 1"),
            ("60,1,1.9,1,2", "line 2: high 1.9 is below open 1 or close 2"),
            ("60,2,3,2.5,3", "line 2: low 2.5 is above open 2 or close 3"),
            ("60,3,3,2.5,2", "line 2: low 2.5 is above open 3 or close 2"),
            ("60,1,1,1,1\n60,1,1,1,1", "line 3: time 60 does not come after 60"),
            ("60,1,1,1,1\n59,1,1,1,1", "line 3: time 59 does not come after 60"),
        ] {
            assert_eq!(error_of(body), expected);
        }
    }

    #[test]
    fn a_series_needs_its_header_and_a_bar() {
        assert_eq!(error_of(""), "no bars after the header");
        let headless = format!("{:#}", Series::parse("60,1,1,1,1").unwrap_err());
        assert_eq!(headless, format!("line 1: the header must be `{HEADER}`, found `60,1,1,1,1`"));
        assert!(Series::parse("").is_err());
        assert!(Series::parse("time,open,high,low,close\n60,1,1,1,1").is_err());
    }
}
