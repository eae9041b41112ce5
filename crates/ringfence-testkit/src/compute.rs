//! What each instruction may cost, and how two measurements compare. The
//! measuring itself is the benchmark `compute_units`.

use std::collections::BTreeMap;

/// Most compute units that the median of an instruction may take: a whole
/// transaction with that one instruction, CPIs included, on SPL Token
/// collateral. Of an instruction that is not here, nothing is promised.
pub const CEILINGS: [(&str, u64); 10] = [
    ("open_position", 23_000),
    ("increase_position", 16_000),
    ("add_margin", 6_000),
    ("remove_margin", 12_000),
    ("decrease_position", 16_000),
    ("close_position", 18_000),
    ("liquidate", 20_000),
    ("accrue", 6_000),
    ("place_order", 14_000),
    ("execute_order", 22_000),
];

/// A median may rise by this much before it counts as a regression.
pub const TOLERANCE_PERCENT: u64 = 2;

/// The ceiling of an instruction, where it has one.
pub fn ceiling(instruction: &str) -> Option<u64> {
    CEILINGS.iter().find(|(name, _)| *name == instruction).map(|(_, units)| *units)
}

/// "16,447".
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The medians in a report's Markdown tables, by the cells left of `samples`,
/// with the heading of their table before them.
pub fn medians(markdown: &str) -> BTreeMap<String, u64> {
    let mut found = BTreeMap::new();
    let (mut heading, mut columns) = ("", None);
    for line in markdown.lines() {
        if let Some(text) = line.strip_prefix("## ") {
            heading = text;
        }
        let Some(row) = line.strip_prefix("| ").and_then(|rest| rest.strip_suffix(" |")) else {
            columns = None;
            continue;
        };
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let column = |name| cells.iter().position(|cell| *cell == name);
        match (columns, column("samples"), column("median")) {
            (None, Some(key), Some(median)) => columns = Some((key, median)),
            (Some((key, median)), ..) => {
                let value = cells.get(median).and_then(|cell| cell.replace(',', "").parse().ok());
                if let (Some(name), Some(value)) = (cells.get(..key), value) {
                    found.insert(format!("{heading}: {}", name.join(" / ")), value);
                }
            }
            _ => {}
        }
    }
    found
}

/// What a change made worse, a line for each row: a median that rose by more
/// than the tolerance, or a row that is gone.
pub fn regressions(before: &str, after: &str) -> Vec<String> {
    let after = medians(after);
    let judge = |(row, old): (String, u64)| {
        let Some(&new) = after.get(&row) else {
            return Some(format!("{row}: no longer measured"));
        };
        (new * 100 > old * (100 + TOLERANCE_PERCENT)).then(|| {
            let (old, new) = (grouped(old), grouped(new));
            format!("{row}: median {old} -> {new}, more than {TOLERANCE_PERCENT} %")
        })
    };
    medians(before).into_iter().filter_map(judge).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(open: &str, close: &str) -> String {
        format!(
            "# Title\n\n## Instructions\n\n| instruction | path | samples | min | median | max |\n\
             | --- | --- | ---: | ---: | ---: | ---: |\n\
             | open | long | 200 | 1 | {open} | 90,000 |\n| close | short | 200 | 1 | {close} | 2 |\n\n\
             ## Sizes\n\n| account | bytes |\n| --- | ---: |\n| Market | 928 |\n"
        )
    }

    #[test]
    fn medians_are_found_by_heading_and_row() {
        let found = medians(&report("16,447", "900"));
        let expected = [("Instructions: open / long", 16_447), ("Instructions: close / short", 900)]
            .map(|(row, units)| (row.to_string(), units));
        assert_eq!(found, BTreeMap::from(expected));
    }

    #[test]
    fn a_median_may_rise_by_two_percent_and_not_by_more() {
        let before = report("10,000", "900");
        assert_eq!(regressions(&before, &report("10,200", "900")), Vec::<String>::new());
        assert_eq!(
            regressions(&before, &report("10,201", "900")),
            ["Instructions: open / long: median 10,000 -> 10,201, more than 2 %"]
        );
        assert_eq!(regressions(&before, &report("5", "5")), Vec::<String>::new());
    }

    #[test]
    fn a_row_that_is_gone_is_named() {
        let before = report("10,000", "900");
        let after = before.replace("| close |", "| closed |");
        assert_eq!(regressions(&before, &after), ["Instructions: close / short: no longer measured"]);
    }

    #[test]
    fn other_columns_and_tables_without_samples_are_left_alone() {
        let page = "## Beside\n\n| operation | samples | median | min | plain vault, median |\n\
                    | --- | ---: | ---: | ---: | ---: |\n| open | 200 | 27,044 | 25,544 | 17,447 |\n\n\
                    ## Many\n\n| instruction | 1 position | random books |\n| --- | ---: | ---: |\n\
                    | accrue | 5,682 | 5,600 to 5,800 |\n";
        let found: Vec<(String, u64)> = medians(page).into_iter().collect();
        assert_eq!(found, [("Beside: open".to_string(), 27_044)]);
    }

    #[test]
    fn numbers_are_grouped_by_three() {
        let texts = [0, 7, 999, 1_000, 65_536, 970_784, 1_000_000].map(grouped);
        assert_eq!(texts, ["0", "7", "999", "1,000", "65,536", "970,784", "1,000,000"]);
    }
}
