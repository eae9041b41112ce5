use ringfence_math::Size;
use ringfence_testkit::{price, quote};

use super::file::parse;
use super::keys::KEYS;
use super::*;
use crate::simulation::{CONFIDENCE_PPM, Random};

fn at(text: &str) -> Price {
    Price(price(text))
}

fn defaults(leverage: u32) -> MarketSpec {
    Overrides::default().resolve(at("150"), leverage).unwrap()
}

/// What is wrong with a file, whether it shows while reading or later.
fn error_of(text: &str) -> String {
    let result = parse(text).and_then(|overrides| overrides.resolve(at("150"), 20));
    format!("{:#}", result.unwrap_err())
}

#[test]
fn the_annotated_file_is_the_defaults() {
    let file = parse(DEFAULT_FILE).unwrap();
    for price in ["150", "0.00002", "60000"] {
        let expected = Overrides::default().resolve(at(price), 20).unwrap();
        assert_eq!(file.resolve(at(price), 20).unwrap(), expected);
    }
    assert_eq!(file.entries.len(), KEYS.len() - 1, "all but the second key of the skew scale");
}

#[test]
fn the_annotated_file_gives_every_unit_bound_and_idle_key() {
    let lines: Vec<&str> = DEFAULT_FILE.lines().collect();
    for key in &KEYS {
        let prefix = format!("{} = ", key.name);
        let index = lines.iter().position(|line| line.trim_start_matches("# ").starts_with(&prefix));
        let index = index.unwrap_or_else(|| panic!("{} is missing", key.name));
        let unit = format!("# Unit: {}. Bounds: {}.", key.unit.name(), key.bounds());
        assert_eq!(lines[index - 1], unit, "{}", key.name);
        let comment = lines[..index].rsplit(|line| line.is_empty()).next().unwrap().join(" ");
        let idle = key.idle.map(|why| format!("# No effect here: {why}."));
        assert_eq!(comment.contains("No effect here"), idle.is_some(), "{}", key.name);
        assert!(idle.is_none_or(|idle| comment.contains(&idle)), "{}", key.name);
    }
}

#[test]
fn the_market_leaves_room_for_its_highest_leverage() {
    let ratios = |leverage: u32| {
        let MarketParams { initial_margin_ppm, maintenance_margin_ppm, liquidation_fee_ppm, .. } =
            defaults(leverage).params;
        (initial_margin_ppm, maintenance_margin_ppm, liquidation_fee_ppm)
    };
    // 5 % at 15x and below; 0.75 ÷ leverage above; a half and a fifth of it.
    assert_eq!(ratios(2), (50_000, 25_000, 10_000));
    assert_eq!(ratios(15), (50_000, 25_000, 10_000));
    assert_eq!(ratios(20), (37_500, 18_750, 7_500));
    assert_eq!(ratios(100), (7_500, 3_750, 1_500));
    for leverage in 1..=100 {
        let MarketSpec { params, oracle, .. } = defaults(leverage);
        let oracle = OracleConfig { feed_id: [9; 32], ..oracle };
        assert_eq!(program::validate(&params, &oracle), Ok(()), "{leverage}x");
    }
    // Twice 0.10 at 0.75 % margin.
    assert_eq!(defaults(100).params.min_position_notional, 26_666_666);
    assert_eq!(defaults(2).params.min_position_notional, quote("10"));
}

#[test]
fn what_hangs_on_a_parameter_follows_it() {
    let file = parse("[params]\ninitial_margin_ppm = 10_000\nmin_keeper_reward = \"0.5\"").unwrap();
    let params = file.resolve(at("150"), 2).unwrap().params;
    assert_eq!((params.maintenance_margin_ppm, params.liquidation_fee_ppm), (5_000, 2_000));
    // Twice 0.5 at 1 %.
    assert_eq!(params.min_position_notional, quote("100"));
}

#[test]
fn cheap_assets_get_fewer_size_decimals() {
    let scale = |text: &str| {
        let spec = Overrides::default().resolve(at(text), 20).unwrap();
        (spec.size_decimals, Size(spec.params.skew_scale))
    };
    assert_eq!(scale("150"), (9, Size(10_000_000_000_000_000)));
    // 1.5e9 ÷ 0.00002 = 7.5e13 base: three decimals fit 2^64 ÷ 64.
    assert_eq!(scale("0.00002"), (3, Size(75_000_000_000_000_000)));
    assert_eq!(scale("0.00000001"), (0, Size(150_000_000_000_000_000)));
    // 1.5e19 base are too many for 64 bits.
    let error = Overrides::default().resolve(Price(1), 20).unwrap_err().to_string();
    assert_eq!(error, "no size decimals fit a market at this price");
}

#[test]
fn the_skew_scale_is_notional_at_the_first_price_or_a_size() {
    let scale = |text: &str| {
        let spec = parse(&format!("[params]\n{text}")).unwrap().resolve(at("150"), 20).unwrap();
        (spec.size_decimals, spec.params.skew_scale)
    };
    // 3,000,000 at 150 are 20,000 base, of nine decimals.
    assert_eq!(scale("skew_scale_notional = \"3000000\""), (9, 20_000_000_000_000));
    assert_eq!(scale("skew_scale = \"20000\""), (9, 20_000_000_000_000));
    assert_eq!(scale("skew_scale = \"0.5\""), (9, 500_000_000));
    // 1e12 base × 10^9 leaves 2^64 ÷ 64 = 2.9e17; five decimals fit.
    assert_eq!(scale("skew_scale = \"1000000000000\""), (5, 100_000_000_000_000_000));
}

#[test]
fn every_key_reaches_its_field() {
    let two = [defaults(20).params.skew_scale, 2];
    for key in &KEYS {
        let (Some(set), Some(get)) = (key.set, key.get) else {
            continue;
        };
        let switch = key.unit == Unit::Switch;
        for value in if switch { [0, 1, 0] } else { [key.low, 7, two[1]] } {
            let (mut params, mut oracle) = (MarketParams::default(), OracleConfig::default());
            set(&mut params, &mut oracle, value);
            assert_eq!(get(&params, &oracle), value, "{}", key.name);
            // And no other: a switch is on where nothing is set.
            let others = KEYS.iter().filter(|other| other.name != key.name);
            for (other, get) in others.filter_map(|other| Some((other, other.get?))) {
                let unset = u64::from(other.unit == Unit::Switch);
                assert_eq!(get(&params, &oracle), unset, "{} {}", key.name, other.name);
            }
        }
    }
    // Every field has a key: a default with all fields set from the keys leaves nothing unset.
    let (mut params, mut oracle) = (MarketParams::default(), OracleConfig::default());
    KEYS.iter().filter_map(|key| key.set).for_each(|set| set(&mut params, &mut oracle, 1));
    params.skew_scale = 1;
    let shown = format!("{params:?} {oracle:?}").replace("reserved: [0, 0, 0, 0, 0, 0, 0, 0]", "");
    let unset: Vec<&str> = shown.split(", ").filter(|field| field.ends_with("ppm: 0")).collect();
    assert!(unset.is_empty(), "{unset:?}");
}

/// The bounds said here and the program's own, at and around each bound.
#[test]
fn the_bounds_are_the_programs() {
    let mut random = Random::new(3);
    let (mut accepted, mut refused) = (0, 0);
    for _ in 0..20_000 {
        let mut spec = defaults(20);
        for _ in 0..random.between(1, 3) {
            let key = &KEYS[usize::try_from(random.below(KEYS.len() as u64)).unwrap()];
            let (low, high) = (key.low, key.high);
            let around = [low.saturating_sub(1), low, low + 1, high - 1, high, high.saturating_add(1)];
            let middle = low + random.below((high - low).min(60_000));
            let value = *around.get(usize::try_from(random.below(9)).unwrap()).unwrap_or(&middle);
            match key.set {
                Some(set) => set(&mut spec.params, &mut spec.oracle, value),
                None => spec.params.skew_scale = value,
            }
        }
        let oracle = OracleConfig { feed_id: [9; 32], ..spec.oracle };
        let program = program::validate(&spec.params, &oracle).is_ok();
        let usable =
            u64::from(oracle.max_confidence_open_ppm) >= CONFIDENCE_PPM && spec.params.instant_open();
        // As if the skew scale had been typed, so that its bound is looked at.
        let mut overrides = Overrides::default();
        overrides.set(key("skew_scale").unwrap(), "1", Origin::Sweep).unwrap();
        overrides.entries.get_mut("skew_scale").unwrap().text = spec.params.skew_scale.to_string();
        match overrides.check(&spec) {
            Ok(()) => assert!(program && usable, "{spec:?}"),
            Err(error) => {
                assert!(!(program && usable), "{error:#}: {spec:?}");
                assert!(!error.to_string().contains("the program refuses"), "{error:#}: {spec:?}");
            }
        }
        if program { accepted += 1 } else { refused += 1 }
    }
    assert!(accepted > 4_000 && refused > 4_000, "{accepted} {refused}");
}

#[test]
fn a_file_that_cannot_be_read_is_named_with_its_line() {
    for (text, expected) in [
        ("[params]\nopen_fee_ppm = 5\n[params]\n", "line 3: duplicate key"),
        ("[params]\nopen_fee_ppm = \n", "line 2: string values must be quoted, expected literal string"),
        ("open_fee_ppm = 5", "line 1: unknown section `open_fee_ppm`: there are [params] and [oracle]"),
        ("[market]", "line 1: unknown section `market`: there are [params] and [oracle]"),
        ("params = 5", "line 1: `params` must be a section, [params]"),
        ("[params]\nopen_fee = 5", "line 2: unknown key `open_fee` in [params]"),
        ("[params]\n\nmax_age_open = 5", "line 3: `max_age_open` belongs into [oracle]"),
        ("[params]\ninstant_open = 1", "line 2: instant_open: true or false expected, found integer"),
        ("[params]\nopen_fee_ppm = 0.5", "line 2: open_fee_ppm: an integer of ppm expected, found float"),
        ("[params]\nopen_fee_ppm = \"5\"", "line 2: open_fee_ppm: an integer of ppm expected, found string"),
        ("[params]\nopen_fee_ppm = -5", "line 2: open_fee_ppm: `-5` is negative"),
        ("[params]\nopen_fee_ppm = 0xff", "line 2: open_fee_ppm: a decimal integer of ppm expected"),
        (
            "[params]\nmin_keeper_reward = 1",
            "line 2: min_keeper_reward: a decimal of quote in quotation marks expected, found integer",
        ),
        (
            "[params]\nmin_keeper_reward = \"0.0000001\"",
            "line 2: min_keeper_reward: `0.0000001` has more than 6 decimals",
        ),
        (
            "[params]\nskew_scale = \"1\"\nskew_scale_notional = \"1\"",
            "line 3: `skew_scale_notional` and `skew_scale` set the same thing",
        ),
        ("[oracle]\nlive = 1\n[params]\nlive = 2", "line 2: unknown key `live` in [oracle]"),
    ] {
        assert!(error_of(text).starts_with(expected), "{text:?}: {}", error_of(text));
    }
}

#[test]
fn what_the_program_excludes_is_named_with_key_bound_and_line() {
    for (text, expected) in [
        ("open_fee_ppm = 10_001", "line 2: open_fee_ppm: 10,001 is not 0 to 10,000 ppm"),
        ("open_fee_ppm = 99999999999", "line 2: open_fee_ppm: 99,999,999,999 is not 0 to 10,000 ppm"),
        ("initial_margin_ppm = 0", "line 2: initial_margin_ppm: 0 is not 2,000 to 1,000,000 ppm"),
        ("min_keeper_reward = \"0\"", "line 2: min_keeper_reward: 0 is not 0.000001 or more quote"),
        ("skew_scale = \"0\"", "line 2: skew_scale: 0 is not 0.000000001 or more base"),
        ("skew_scale_notional = \"0\"", "line 2: skew_scale_notional: 0 is not 0.000001 or more quote"),
        (
            "skew_scale = \"999999999999999999\"",
            "line 2: skew_scale: no size decimals fit a market with a skew scale of 999999999999999999 at \
             this price",
        ),
        (
            "maintenance_margin_ppm = 30_000",
            "maintenance_margin_ppm 30,000 (line 2), liquidation_fee_ppm 7,500 (default) together 37,500 \
             must be below initial_margin_ppm 37,500 (default)",
        ),
        (
            "close_fee_ppm = 4_000\nkeeper_share_ppm = 600_000",
            "liquidation_fee_ppm 7,500 (default), keeper_share_ppm 600,000 (line 3) leave 3,000 ppm of the \
             fee to insurance, which must be at least close_fee_ppm 4,000 (line 2)",
        ),
        (
            "insurance_share_ppm = 400_001",
            "insurance_share_ppm 400,001 (line 2), protocol_share_ppm 100,000 (default), \
             referrer_share_ppm 0 (default) together 500,001 must be at most 500,000",
        ),
        (
            "min_position_notional = \"2\"",
            "min_position_notional 2 (line 2) × initial_margin_ppm 37,500 (default) must be at least \
             min_keeper_reward 0.1 (default)",
        ),
        (
            "\n[oracle]\nmax_age_open = 121",
            "max_age_open 121 (line 4) must be at most max_age_reduce 120 (default)",
        ),
        (
            "liquidity_cooldown_seconds = 62",
            "liquidity_cooldown_seconds 62 (line 2) must be at least 3 s more than max_age_open 60 (default)",
        ),
        (
            "instant_open = false",
            "line 2: instant_open: false: a replay's traders open at once, nobody could open",
        ),
        ("min_order_delay_seconds = 601", "line 2: min_order_delay_seconds: 601 is not 0 to 600 seconds"),
        (
            "\n[oracle]\nmax_confidence_open_ppm = 499",
            "line 4: max_confidence_open_ppm: 499 is below 500, the confidence of the replay's feed: nobody \
             could open",
        ),
    ] {
        assert_eq!(error_of(&format!("[params]\n{text}")), expected, "{text}");
    }
}
