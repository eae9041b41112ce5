//! Times of the chain, for people.

use anyhow::{Context, Result};

/// Unix seconds as `2026-11-23 00:45:40 UTC`, in the Gregorian calendar.
pub fn utc(seconds: i64) -> String {
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Howard Hinnant, "chrono-compatible low-level date algorithms": years
    // begin in March, eras have 400 of them.
    let day = days + 719_468;
    let (era, day_of_era) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let date = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{date:02} {hour:02}:{minute:02}:{second:02} UTC")
}

/// A length of time in its two largest units: `1 h 5 min`.
pub fn span(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let parts = [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)];
    let mut rest = seconds;
    let mut shown = Vec::new();
    for (unit, length) in parts {
        if rest >= length && shown.len() < 2 {
            shown.push(format!("{} {unit}", rest / length));
            rest %= length;
        }
    }
    if shown.is_empty() { "0 s".to_owned() } else { shown.join(" ") }
}

/// `30d`, `12h`, `90min` or `45s` as seconds, above zero.
pub fn parse_span(flag: &str, text: &str) -> Result<i64> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let length = match &text[digits.len()..] {
        "d" => 86_400,
        "h" => 3_600,
        "min" => 60,
        "s" => 1,
        _ => 0,
    };
    let count: i64 = digits.parse().unwrap_or(0);
    let seconds = count.checked_mul(length).filter(|seconds| *seconds > 0);
    seconds.with_context(|| format!("{flag}: `{text}` is no length of time, such as 30d, 12h, 90min or 45s"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_a_unit() {
        let seconds = |text| parse_span("--expires-in", text).ok();
        assert_eq!(
            ["30d", "12h", "90min", "45s"].map(seconds),
            [Some(2_592_000), Some(43_200), Some(5_400), Some(45)]
        );
        for text in ["30", "d", "0h", "-1d", "1w", "1.5h", "9999999999999999d", "1 h"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        assert_eq!(utc(0), "1970-01-01 00:00:00 UTC");
        assert_eq!(utc(951_782_399), "2000-02-28 23:59:59 UTC");
        assert_eq!(utc(951_782_400), "2000-02-29 00:00:00 UTC");
        assert_eq!(utc(1_000_000_000), "2001-09-09 01:46:40 UTC");
        assert_eq!(utc(-1), "1969-12-31 23:59:59 UTC");
    }

    #[test]
    fn a_span_has_two_units() {
        assert_eq!(span(0), "0 s");
        assert_eq!(span(65), "1 min 5 s");
        assert_eq!(span(3_900), "1 h 5 min");
        assert_eq!(span(90_061), "1 d 1 h");
    }
}
