//! Decimal literals for tests: panics on anything that is not one.

fn units(text: &str, decimals: u32) -> u64 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits =
        |part: &str| if part.is_empty() { 0 } else { part.replace('_', "").parse::<u128>().expect(text) };
    let width = u32::try_from(fraction.len()).expect(text);
    assert!(width <= decimals, "{text} has more than {decimals} decimals");
    let scaled = digits(whole) * 10u128.pow(decimals) + digits(fraction) * 10u128.pow(decimals - width);
    u64::try_from(scaled).expect(text)
}

/// "150.25" in the program's price unit, 10^-10 quote.
pub fn price(text: &str) -> u64 {
    units(text, 10)
}

/// "1000.5" in atoms of a 6-decimals mint.
pub fn quote(text: &str) -> u64 {
    units(text, 6)
}

/// "0.5" in size units of a market with 9 size decimals.
pub fn size(text: &str) -> u64 {
    units(text, 9)
}
