use super::*;

/// The first price at which the engine acts is the venue's price within
/// the atoms of the roundings: three atoms of equity, less a factor of at
/// most two for 1 ∓ m, over the size.
fn assert_at(terms: &PositionTerms, ppm: u32, published: u64) {
    let rates = maintenance(ppm);
    let found = ringfence_math::liquidation_price(terms, &rates, scale()).unwrap().unwrap();
    let atoms = 8 * scale().divisor() / terms.size.0 + 1;
    // published to eight decimals, of ten
    assert!(found.0.abs_diff(published) <= atoms + 100, "{} against {published}", found.0);
    assert!(is_liquidatable(terms, &rates, found, scale()).unwrap());
}

/// dYdX chain documentation, concepts/trading/liquidations, "Isolated
/// Liquidation Price": 1,000 of margin, 3 ETH short at 3,000, 5 %:
/// 10,000 ÷ 3.15 ≈ 3,174.60, where 476.2 of equity is left.
#[test]
fn dydx_short() {
    let terms = position(Side::Short, 3 * BASE, 3_000 * ONE, 1_000 * QUOTE);
    let rates = maintenance(50_000);
    let price = ringfence_math::liquidation_price(&terms, &rates, scale()).unwrap().unwrap();
    // 10,000 ÷ 3.15 = 3,174.603174603…: the first tick whose notional in
    // atoms is over 9,523.809523 and leaves less than its 5 %
    assert_eq!(price.0 / (ONE / 100), 317_460);
    assert_at(&terms, 50_000, decimal("3174.6031746", 10));
    let equity = terms.equity(price, scale()).unwrap();
    assert_eq!(equity.0 / 100_000, 4_761);
}

/// dYdX chain documentation, concepts/trading/contract-loss-mechanism: B,
/// short 500 at 1 with 100, has its bankruptcy price at 1.2; A, long with
/// the same, at 0.801 has a PnL of −99.5, an equity of 0.5 and is below
/// the 3 % of maintenance.
#[test]
fn dydx_bankruptcy() {
    let b = position(Side::Short, 500 * BASE, ONE, 100 * QUOTE);
    // equity is negative from the first price unit above
    let price = bankruptcy_price(&b, scale()).unwrap().unwrap();
    assert_eq!(price, Price(decimal("1.2", 10) + 1));

    let a = position(Side::Long, 500 * BASE, ONE, 100 * QUOTE);
    let health = health(&a, &maintenance(30_000), Price(decimal("0.801", 10)), scale()).unwrap();
    assert_eq!(health.pnl, SignedQuote(-99_500_000));
    assert_eq!(health.equity, SignedQuote(500_000));
    assert!(health.is_liquidatable());
}

/// Hyperliquid API documentation, info endpoint, `clearinghouseState`: ETH
/// long of 0.0335 with rawUsd −95.059824 (margin less entry notional), at
/// 50x (1 % maintenance): liquidationPx 2866.26936529.
#[test]
fn hyperliquid_clearinghouse_state() {
    let mut terms = position(Side::Long, decimal("0.0335", 9), decimal("2986.3", 10), 0);
    terms.margin = Quote(terms.entry_notional.0 - decimal("95.059824", 6));
    assert_at(&terms, 10_000, decimal("2866.26936529", 10));
}

/// Positions of Hyperliquid accounts as its API reported them, collected
/// in freqtrade, tests/exchange/test_hyperliquid.py,
/// `test_hyperliquid_dry_run_liquidation_price`; maintenance is half the
/// initial margin at the largest leverage (BTC, ETH 50x: 1 %; SOL, DOGE
/// 20x: 2.5 %; HIP-3 10x: 5 %).
#[test]
fn hyperliquid_positions() {
    use Side::{Long, Short};
    for (side, entry, size, margin, ppm, published) in [
        (Long, "2458.5", "0.015", "36.864593", 10_000, "0.86915825"),
        (Long, "145.83", "0.33", "24.045107", 25_000, "74.83696193"),
        (Long, "2459.5", "0.0199", "24.454895", 10_000, "1243.0411908"),
        (Long, "62739", "0.00077", "24.137992", 10_000, "31708.03843631"),
        (Long, "0.11586", "437", "25.29769", 25_000, "0.05945697"),
        (Long, "173.06", "0.6", "20.735658", 25_000, "142.05186667"),
        (Long, "66930", "0.0015", "20.043862", 10_000, "54108.51043771"),
        (Long, "250", "0.5", "25", 50_000, "210.52631578"),
        (Long, "350", "1", "50", 50_000, "315.78947368"),
        (Short, "2642.8", "0.019", "25.091876", 10_000, "3924.18322043"),
        (Short, "155.89", "0.32", "24.924941", 25_000, "228.07847866"),
        (Short, "0.14333", "351", "25.136807", 25_000, "0.20970228"),
        (Short, "68595", "0.00069", "23.64871", 10_000, "101849.99354283"),
        (Short, "65536", "0.00099", "21.604172", 10_000, "86493.46174617"),
        (Short, "178.29", "0.11", "19.605036", 25_000, "347.82205322"),
        (Short, "190", "0.5", "9.5", 50_000, "199.04761904"),
    ] {
        let terms = position(side, decimal(size, 9), decimal(entry, 10), decimal(margin, 6));
        assert_at(&terms, ppm, decimal(published, 10));
    }
}
