use super::*;

const LEAST: &str =
    "keypair = 'id.json'\n[rpc]\nurl = 'http://127.0.0.1:8899'\n[profit]\nnative_price = '150'\n";

fn refused(text: &str) -> String {
    Config::parse(text).expect_err("must be refused").to_string()
}

#[test]
fn the_example_is_valid() {
    Config::parse(include_str!("../../keeper.example.toml")).expect("valid");
}

/// The example explains every key, and shows the defaults.
#[test]
fn the_example_shows_the_defaults() {
    let example = Config::parse(include_str!("../../keeper.example.toml")).expect("valid");
    let least = Config::parse(LEAST).expect("valid");
    assert_eq!(format!("{:?}", example.submit), format!("{:?}", least.submit));
    assert_eq!(format!("{:?}", example.sync), format!("{:?}", least.sync));
    assert_eq!(format!("{:?}", example.work), format!("{:?}", least.work));
    assert_eq!(format!("{:?}", example.http), format!("{:?}", least.http));
}

#[test]
fn a_misspelt_key_is_named() {
    let text = format!("{LEAST}[work]\nliquidat = true\n");
    assert!(refused(&text).contains("liquidat"), "{}", refused(&text));
}

#[test]
fn what_cannot_work_is_refused_in_words() {
    for (change, word) in [
        (LEAST.replace("http://", ""), "rpc.url"),
        (LEAST.replace("'150'", "'-1'"), "native_price"),
        (LEAST.replace("native_price = '150'", ""), "price of SOL"),
        (format!("{LEAST}[http]\nlisten = '0.0.0.0:9184'\n"), "loopback"),
        (format!("{LEAST}[submit]\nmax_attempts = 0\n"), "max_attempts"),
        (format!("{LEAST}[alerts]\ndistance_ppm = 0\n"), "distance_ppm"),
        (format!("{LEAST}[oracles]\nx = 'y'\n"), "oracles"),
        (LEAST.replace("[profit]", "commitment = 'finalised'\n[profit]"), "commitment"),
    ] {
        assert!(refused(&change).contains(word), "{word}: {}", refused(&change));
    }
}

/// 150.25 × 10^10.
#[test]
fn prices_are_exact_decimals() {
    assert_eq!(parse_price("150.25"), Some(1_502_500_000_000));
    assert_eq!(parse_price("0.0000000001"), Some(1));
    for wrong in ["", ".", "1e3", "-1", "0", "1.00000000001", "1,5", "+1"] {
        assert_eq!(parse_price(wrong), None, "{wrong}");
    }
}

#[test]
fn shards_split_markets_without_overlap() {
    let shards: Vec<Shard> = ["0/3", "1/3", "2/3"].iter().map(|text| text.parse().unwrap()).collect();
    for market in 0..100 {
        assert_eq!(shards.iter().filter(|shard| shard.takes(market)).count(), 1);
    }
    for wrong in ["3/3", "0/0", "1", "a/b", "-1/2", ""] {
        assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
    }
}
