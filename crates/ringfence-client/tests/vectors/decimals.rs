//! Decimals as people write them.

use ringfence_client::decimal;

use crate::page::Page;
use crate::random::*;
use crate::row;

#[test]
fn decimals() {
    let mut page = Page::default();
    let mut texts: Vec<String> = [
        "",
        "-",
        "+",
        ".",
        "5.",
        ".5",
        "-.5",
        "+3",
        "-0",
        "00",
        "007.10",
        "1e9",
        "1,000",
        "1_000",
        "0x10",
        "NaN",
        " 1",
        "1 ",
        "--1",
        "1.2.3",
        "١",
        "1.50000000000",
        "18446744073709551615",
        "18446744073709551616",
        "0.000001",
        "0.0000001",
        "150.25",
        "-150.25",
    ]
    .map(str::to_owned)
    .to_vec();
    let random = &mut seeded(1);
    texts.extend((0..40).map(|_| decimal::format(signed(random, 70), 9)));
    let parsed = texts.iter().flat_map(|text| {
        [0u8, 6, 10].map(|decimals| {
            let value =
                decimal::parse(text, decimals).map_or_else(|_| "!".to_owned(), |value| value.to_string());
            let amount = decimal::parse_unsigned(text, decimals);
            row![text, decimals, value, amount.map_or_else(|_| "!".to_owned(), |value| value.to_string())]
        })
    });
    page.group("parse", parsed.collect());
    let formatted = (0..120).map(|round| {
        let value = signed(random, if round % 2 == 0 { 70 } else { 40 });
        let (decimals, shown) = ((round % 13) as u8, (round % 7) as u8);
        row![
            value,
            decimals,
            decimal::format(value, decimals),
            shown,
            decimal::format_readable(value, decimals, shown),
        ]
    });
    page.group("format", formatted.collect());
    page.check("decimals.json");
}
