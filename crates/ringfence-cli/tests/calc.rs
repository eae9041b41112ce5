//! `ringfence calc`: results worked by hand, and what is refused.

mod common;

use common::{fail, json, ringfence, stderr, succeed, words};
use serde_json::json;

fn calc(line: &str) -> String {
    succeed(&words(&format!("calc {line}")))
}

fn calc_json(line: &str) -> serde_json::Value {
    json(&words(&format!("calc {line}")))
}

/// 10 at 100 with 100 of margin.
const LONG: &str = "--side long --entry 100 --size 10 --margin 100";
const SHORT: &str = "--side short --entry 100 --size 10 --margin 100";

#[test]
fn liquidation_price_of_a_long_is_the_closed_form_to_the_atom() {
    // (10·100 − 100) ÷ (10·(1 − 0.1)) = 100, to the atom of notional: between
    // 1,000.000000 and 1,000.000001 equity rounds down to 100.000000 and
    // maintenance up to 100.000001, one atom further both are 100.000001. So
    // the highest price has a notional just under 1,000.000001.
    assert_eq!(calc(&format!("liquidation-price {LONG} --maintenance-ppm 100000")), "100.0000000999\n");
    // The fee counts as maintenance does, 6 % + 4 %, and rounds up by itself:
    // 60.000001 + 40.000001 keep the next atom of notional liquidatable too.
    let fee = format!("liquidation-price {LONG} --maintenance-ppm 60000 --liquidation-fee-ppm 40000");
    assert_eq!(calc(&fee), "100.0000001999\n");
    // (1000 − 100) ÷ 9.75 = 92.3076923…; with atoms of 0.000001 the largest
    // notional with floor − 900 < ceil(0.025 · ceil) is just under 923.076924.
    assert_eq!(calc(&format!("liquidation-price {LONG} --maintenance-ppm 25000")), "92.3076923999\n");
}

#[test]
fn liquidation_price_of_a_short_is_the_first_above_the_closed_form() {
    // (10·100 + 100) ÷ (10·(1 + 0.1)) = 100
    assert_eq!(calc(&format!("liquidation-price {SHORT} --maintenance-ppm 100000")), "100.0000000001\n");
    let fee = format!("liquidation-price {SHORT} --maintenance-ppm 60000 --liquidation-fee-ppm 40000");
    assert_eq!(calc(&fee), "100.0000000001\n");
}

#[test]
fn accrued_charges_are_owed_by_the_position() {
    let owed = "--side long --entry 100 --size 10 --margin 150 --accrued 50 --maintenance-ppm 100000";
    assert_eq!(calc(&format!("liquidation-price {owed}")), "100.0000000999\n");
    let owing = "--side short --entry 100 --size 10 --margin 60 --accrued -40 --maintenance-ppm 100000";
    assert_eq!(calc(&format!("liquidation-price {owing}")), "100.0000000001\n");
}

#[test]
fn a_position_that_nothing_liquidates_has_no_price() {
    let safe = "liquidation-price --side long --entry 5 --size 10 --margin 1000 --maintenance-ppm 25000";
    assert_eq!(calc(safe), "none\n");
    assert_eq!(calc_json(&format!("{safe} --output json")), json!({ "liquidation_price": null }));
}

#[test]
fn a_single_result_as_json_is_an_object() {
    let line = format!("liquidation-price {LONG} --maintenance-ppm 100000 --output json");
    assert_eq!(calc_json(&line), json!({ "liquidation_price": "100.0000000999" }));
}

#[test]
fn position_at_a_mark() {
    let line = format!("position {LONG} --mark 95 --maintenance-ppm 25000 --initial-ppm 50000");
    let expected = json!({
        "notional": "950", // 10 × 95
        "pnl": "-50",
        "equity": "50",
        "margin_ratio": "0.052631", // 50 ÷ 950, down
        "leverage": "19",
        "initial": "47.5",
        "maintenance": "23.75",
        "liquidatable": false,
        "liquidation_price": "92.3076923999",
    });
    assert_eq!(calc_json(&line), expected);
    assert_eq!(calc_json(&format!("{line} --output json")), expected);
    assert_eq!(
        calc(&format!("{line} --output plain")),
        "notional: 950\npnl: -50\nequity: 50\nmargin_ratio: 0.052631\nleverage: 19\ninitial: 47.5\n\
         maintenance: 23.75\nliquidatable: false\nliquidation_price: 92.3076923999\n"
    );
}

#[test]
fn position_under_water_has_no_leverage() {
    let line = format!("position {SHORT} --mark 120 --maintenance-ppm 25000 --initial-ppm 50000 --accrued 5");
    let position = calc_json(&line);
    // 100 of margin − 200 of loss − 5 of charges
    assert_eq!((&position["pnl"], &position["equity"]), (&json!("-200"), &json!("-105")));
    assert_eq!(position["leverage"], json!(null));
    // −105 ÷ 1200 = −0.0875
    assert_eq!((&position["margin_ratio"], &position["liquidatable"]), (&json!("-0.0875"), &json!(true)));
}

#[test]
fn partial_liquidation_restores_the_target() {
    // Drift, protocol-v2 programs/drift/src/math/liquidation/tests.rs: a
    // shortage of 10 at a price of 100 and a margin ratio of 10 % takes 1.0
    // base without a fee.
    let holding = "--side long --entry 100 --size 10 --margin 90 --mark 100 --target-ppm 100000";
    assert_eq!(
        calc_json(&format!("partial-liquidation {holding} --maintenance-ppm 95000 --fee-ppm 0")),
        json!({
            "close_size": "1",
            "close_notional": "100",
            "fee": "0",
            "remaining_size": "9",
            "remaining_equity": "90",
        })
    );
    // With a fee of 1 %: 10 ÷ (10 % − 1 %) = 111.111112, at 100: 1.11111112
    // base (theirs, rounded down: 1.111111111); 1 % of it is 1.11111112.
    assert_eq!(
        calc_json(&format!("partial-liquidation {holding} --maintenance-ppm 95000 --fee-ppm 10000")),
        json!({
            "close_size": "1.11111112",
            "close_notional": "111.111112",
            "fee": "1.111112",
            "remaining_size": "8.88888888",
            "remaining_equity": "88.888888",
        })
    );
}

#[test]
fn partial_liquidation_of_the_bankrupt_closes_all_and_charges_what_is_there() {
    let line = format!(
        "partial-liquidation {LONG} --mark 80 --target-ppm 50000 --maintenance-ppm 25000 --fee-ppm 10000"
    );
    assert_eq!(
        calc_json(&line),
        json!({
            "close_size": "10",
            "close_notional": "800",
            "fee": "0",
            "remaining_size": "0",
            "remaining_equity": "0",
        })
    );
}

#[test]
fn partial_liquidation_leaves_no_dust() {
    // 9 base of 100 would stay: under 901 of notional everything goes.
    let line = "partial-liquidation --side long --entry 100 --size 10 --margin 90 --mark 100 \
                --target-ppm 100000 --maintenance-ppm 95000 --fee-ppm 0 --min-position-notional 901";
    let all = calc_json(line);
    assert_eq!((&all["close_size"], &all["remaining_equity"]), (&json!("10"), &json!("90")));
}

#[test]
fn partial_liquidation_of_the_healthy_closes_nothing_and_says_so() {
    let line = format!(
        "calc partial-liquidation {LONG} --mark 100 --target-ppm 50000 --maintenance-ppm 25000 --fee-ppm 10000"
    );
    let output = ringfence(&words(&line));
    assert_eq!(stderr(&output), "note: not liquidatable at this mark price, nothing is closed\n");
    let healthy: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        healthy,
        json!({
            "close_size": "0",
            "close_notional": "0",
            "fee": "0",
            "remaining_size": "10",
            "remaining_equity": "100",
        })
    );
}

#[test]
fn fill_price_has_the_mean_skew_and_half_the_confidence_in_it() {
    // Synthetix SIP-279's example: 1,200 × (1 + 50 ÷ 1,000,000).
    let example = "fill-price --index 1200 --size 100 --skew 0 --skew-scale 1000000";
    assert_eq!(calc(example), "1200.06\n");
    // 1,200 × (1 − (50 + 50) ÷ 1,000,000) − 0.25
    let sell = "fill-price --index 1200 --size -100 --skew -50 --skew-scale 1000000 --confidence 0.5";
    assert_eq!(calc(sell), "1199.63\n");
    assert_eq!(calc_json(&format!("{sell} --output json")), json!({ "fill_price": "1199.63" }));
    // Closing what tilted the market is rewarded: skew 100 → 0, mean 50.
    assert_eq!(calc("fill-price --index 1200 --size -100 --skew 100 --skew-scale 1000000"), "1200.06\n");
}

#[test]
fn funding_ramps_and_clamps() {
    // Half the largest velocity, 0.05 a day², for an hour: 0.05 ÷ 24; the mean
    // rate, half of it, for a 24th of a day at a price of 100.
    let ramp = "funding --skew 50 --skew-scale 100 --rate 0 --max-velocity 0.1 --max-rate 0.01 \
                --seconds 3600 --price 100";
    assert_eq!(calc_json(ramp), json!({ "rate": "0.002083333333333333", "index": "0.004340277777777" }));
    let clamped = "funding --skew 100 --skew-scale 100 --rate 0.01 --max-velocity 0.1 --max-rate 0.01 \
                   --seconds 86400 --price 100";
    assert_eq!(calc_json(clamped), json!({ "rate": "0.01", "index": "1" }));
    let mirrored = "funding --skew -100 --skew-scale 100 --rate -0.01 --max-velocity 0.1 --max-rate 0.01 \
                    --seconds 86400 --price 100 --output plain";
    assert_eq!(calc(mirrored), "rate: -0.01\nindex: -1\n");
}

#[test]
fn markets_of_other_decimals() {
    // Whole units and cents: 3 × 7 = 21.00; margin 5.00, equity 5 at the entry.
    let line = "position --side long --entry 7 --size 3 --margin 5 --mark 7 --maintenance-ppm 10000 \
                --initial-ppm 20000 --size-decimals 0 --quote-decimals 2";
    let position = calc_json(line);
    assert_eq!((&position["notional"], &position["initial"]), (&json!("21"), &json!("0.42")));
    // 1 % of 21.00 is 0.21 to the cent.
    assert_eq!(position["maintenance"], json!("0.21"));
    let refused = fail(&words(&format!("calc {}", line.replace("--size 3", "--size 3.5"))));
    assert_eq!(refused, "--size: `3.5` has more than 0 decimals");
}

#[test]
fn what_cannot_be_read_is_named() {
    let liquidation = |change: &str| {
        let mut line = format!("calc liquidation-price {LONG} --maintenance-ppm 25000");
        let (from, to) = change.split_once('>').expect("from>to");
        assert!(line.contains(from));
        line = line.replace(from, to);
        fail(&words(&line))
    };
    for (change, expected) in [
        ("--entry 100>--entry -100", "--entry: `-100` is negative"),
        ("--entry 100>--entry 0", "--entry: `0` is not above zero"),
        ("--entry 100>--entry 1e2", "--entry: `1e2` is not a decimal number"),
        ("--entry 100>--entry 99999999999", "--entry: `99999999999` is too large"),
        ("--size 10>--size 0", "--size: `0` is not above zero"),
        ("--size 10>--size 0.0000000001", "--size: `0.0000000001` has more than 9 decimals"),
        ("--margin 100>--margin -1", "--margin: `-1` is negative"),
        ("--margin 100>--margin 0.0000001", "--margin: `0.0000001` has more than 6 decimals"),
        (
            "--maintenance-ppm 25000>--maintenance-ppm 1000000",
            "liquidation price (maintenance + fee must be under 1000000 ppm): parameter out of range",
        ),
        (
            "--entry 100>--entry 1000000000 --size-decimals 9 --quote-decimals 0",
            "--size-decimals 9 and --quote-decimals 0: size decimals + 10 - quote decimals must be in 0..=19",
        ),
    ] {
        if change.contains("quote-decimals 0") {
            // 9 + 10 − 0 = 19 is the last that fits.
            let line = "calc liquidation-price --side long --entry 1 --size 1 --margin 1 --maintenance-ppm 1 \
                        --size-decimals 10 --quote-decimals 0";
            assert_eq!(fail(&words(line)), expected.replace("decimals 9", "decimals 10"));
        } else {
            assert_eq!(liquidation(change), expected);
        }
    }
    let fill = "calc fill-price --index 1200 --skew 0 --skew-scale 1000000";
    assert_eq!(fail(&words(&format!("{fill} --size 0"))), "--size: `0` buys and sells nothing");
    assert_eq!(
        fail(&words("calc fill-price --index 1200 --size -1 --skew -2000000 --skew-scale 1000000")),
        "no positive price for this trade: parameter out of range"
    );
    let funding = "calc funding --skew 1 --skew-scale 1 --max-velocity 0.1 --seconds 1 --price 1";
    assert_eq!(fail(&words(&format!("{funding} --rate 10 --max-rate 1"))), "--rate: `10` is too large");
    assert_eq!(
        fail(&words(&format!("{funding} --rate 0 --max-rate 10"))),
        "funding (daily rates are at most 9.223372): parameter out of range"
    );
}

#[test]
fn a_command_line_that_makes_no_sense_exits_with_2() {
    for line in [
        "calc liquidation-price --bogus",
        "calc liquidation-price",
        "calc no-such-thing",
        "calc position --side sideways",
        "calc liquidation-price --side long --entry 1 --size 1 --margin 1 --maintenance-ppm -1",
        "calc funding --seconds -1",
        "calc liquidation-price --side long --entry 1 --size 1 --margin 1 --maintenance-ppm 1 --size-decimals 19",
    ] {
        let output = ringfence(&words(line));
        assert_eq!(output.status.code(), Some(2), "{line}");
        assert!(output.stdout.is_empty() && stderr(&output).starts_with("error: "), "{line}");
    }
}
