//! Decimals as integers: what a person types, exactly, and back.
//!
//! A value of `n` decimals is an integer of 10^-n. Nothing is rounded: text
//! with more places than the unit has is refused.

use anyhow::{Context, Result, bail, ensure};

/// Reads a decimal, such as `-150.25`, as an integer of 10^-`decimals`.
///
/// Errors: empty text, anything but one sign, digits and one point, more
/// places than `decimals` (zeros aside), a value beyond `i128`.
pub fn parse(text: &str, decimals: u8) -> Result<i128> {
    let magnitude = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = match magnitude.split_once('.') {
        Some((_, "")) => bail!("`{text}` is not a decimal number"),
        Some(parts) => parts,
        None => (magnitude, ""),
    };
    let digits_only = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let is_number = digits_only(whole) && digits_only(fraction) && !(whole.is_empty() && fraction.is_empty());
    ensure!(is_number, "`{text}` is not a decimal number");

    let fraction = fraction.trim_end_matches('0');
    let places = usize::from(decimals);
    ensure!(fraction.len() <= places, "`{text}` has more than {decimals} decimals");
    let digits = format!("{whole}{fraction:0<places$}");
    let value = digits
        .bytes()
        .try_fold(0i128, |value, digit| value.checked_mul(10)?.checked_add(i128::from(digit - b'0')))
        .with_context(|| format!("`{text}` is too large"))?;
    Ok(if text.starts_with('-') { -value } else { value })
}

/// Reads a decimal that may not be negative and fits a `u64`.
pub fn parse_unsigned(text: &str, decimals: u8) -> Result<u64> {
    let value = parse(text, decimals)?;
    ensure!(value >= 0, "`{text}` is negative");
    u64::try_from(value).ok().with_context(|| format!("`{text}` is too large"))
}

/// Reads a decimal above zero that fits a `u64`.
pub fn parse_positive(text: &str, decimals: u8) -> Result<u64> {
    let value = parse_unsigned(text, decimals)?;
    ensure!(value > 0, "`{text}` is not above zero");
    Ok(value)
}

/// Writes an integer of 10^-`decimals` as a decimal, without idle zeros.
pub fn format(value: i128, decimals: u8) -> String {
    let text = format_padded(value, decimals);
    if decimals == 0 {
        return text;
    }
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Writes an integer of 10^-`decimals` with all its decimals.
fn format_padded(value: i128, decimals: u8) -> String {
    let places = usize::from(decimals);
    let digits = format!("{:0>width$}", value.unsigned_abs(), width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    let sign = if value < 0 { "-" } else { "" };
    let point = if places == 0 { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}")
}

/// Writes an integer of 10^-`decimals` for a reader: `shown` decimals, the
/// rest cut off, and commas between thousands.
pub fn format_readable(value: i128, decimals: u8, shown: u8) -> String {
    let cut = 10i128.pow(u32::from(decimals.saturating_sub(shown)));
    let text = format_padded(value / cut, decimals.min(shown));
    let (sign, magnitude) = match text.strip_prefix('-') {
        Some(magnitude) => ("-", magnitude),
        None => ("", text.as_str()),
    };
    let (whole, fraction) = match magnitude.split_once('.') {
        Some((whole, fraction)) => (whole, format!(".{fraction}")),
        None => (magnitude, String::new()),
    };
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}{grouped}{fraction}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_become_integers_of_their_unit() {
        for (text, decimals, expected) in [
            ("150.25", 10, 1_502_500_000_000),
            ("150", 6, 150_000_000),
            ("0.000001", 6, 1),
            (".5", 1, 5),
            ("+3", 0, 3),
            ("-0.1", 9, -100_000_000),
            ("-0", 6, 0),
            ("1.50000000000", 2, 150),
            ("18446744073709551615", 0, i128::from(u64::MAX)),
        ] {
            assert_eq!(parse(text, decimals).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_decimal_is_refused() {
        for text in
            ["", "-", ".", "5.", "1e9", "1,000", "1_000", "0x10", "NaN", " 1", "1 ", "--1", "1.2.3", "١"]
        {
            let message = parse(text, 6).unwrap_err().to_string();
            assert!(message.ends_with("is not a decimal number"), "{text}: {message}");
        }
    }

    #[test]
    fn what_would_have_to_be_rounded_is_refused() {
        assert_eq!(parse("0.0000001", 6).unwrap_err().to_string(), "`0.0000001` has more than 6 decimals");
        assert_eq!(parse("0.5", 0).unwrap_err().to_string(), "`0.5` has more than 0 decimals");
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let huge = "9".repeat(60);
        assert!(parse(&huge, 0).unwrap_err().to_string().ends_with("is too large"));
        // u64::MAX + 1
        assert!(parse_unsigned("18446744073709551616", 0).unwrap_err().to_string().ends_with("is too large"));
        assert!(parse_unsigned("1844674407.3709551616", 10).is_err());
        assert_eq!(parse_unsigned("-1", 0).unwrap_err().to_string(), "`-1` is negative");
        assert_eq!(parse_positive("0.0", 1).unwrap_err().to_string(), "`0.0` is not above zero");
    }

    #[test]
    fn integers_are_written_without_idle_zeros() {
        for (value, decimals, expected) in [
            (1_502_500_000_000, 10, "150.25"),
            (150_000_000, 6, "150"),
            (1, 6, "0.000001"),
            (-1, 2, "-0.01"),
            (0, 6, "0"),
            (100, 0, "100"),
            (-12_340, 1, "-1234"),
        ] {
            assert_eq!(format(value, decimals), expected);
        }
    }

    #[test]
    fn a_reader_gets_few_decimals_and_commas() {
        for (value, decimals, shown, expected) in [
            (1_234_567_891_234, 6, 2, "1,234,567.89"),
            (999_999_999, 6, 2, "999.99"),
            (-1_000_000_000, 6, 2, "-1,000.00"),
            (123_456, 0, 0, "123,456"),
            (1_239, 3, 0, "1"),
            (15, 1, 4, "1.5"),
        ] {
            assert_eq!(format_readable(value, decimals, shown), expected);
        }
    }
}
