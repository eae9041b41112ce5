use super::*;

/// Flipster, "Margin Trading Explained" (support.flipster.io, article
/// 7352962731663): 0.1 BTC long at 30,000, 10x, 1 % maintenance. At 36,000
/// the margin is 900; at 28,000 it is 100 and safe; at 26,000 it is −100
/// and the position is liquidated.
#[test]
fn flipster_long() {
    let terms = position(Side::Long, BASE / 10, 30_000 * ONE, 300 * QUOTE);
    for (price, pnl, equity, liquidatable) in
        [(36_000, 600, 900, false), (28_000, -200, 100, false), (26_000, -400, -100, true)]
    {
        let health = health(&terms, &maintenance(10_000), Price(price * ONE), scale()).unwrap();
        assert_eq!(health.pnl, SignedQuote(pnl * i128::from(QUOTE)));
        assert_eq!(health.equity, SignedQuote(equity * i128::from(QUOTE)));
        assert_eq!(health.is_liquidatable(), liquidatable);
    }
}

/// By hand: 300 of equity under 3,000 is 10 % and 10x; 301 is 10.0333… %
/// down and 9.966777… up.
#[test]
fn ratio_and_leverage() {
    let at = |margin| {
        let terms = position(Side::Long, BASE / 10, 30_000 * ONE, margin);
        let health = health(&terms, &maintenance(0), Price(30_000 * ONE), scale()).unwrap();
        (health.margin_ratio_ppm().unwrap(), health.leverage_ppm().unwrap())
    };
    assert_eq!(at(300 * QUOTE), (100_000, 10_000_000));
    assert_eq!(at(301 * QUOTE), (100_333, 9_966_778));
}

/// By hand: a gain stops at the reserve, charges come off before it does.
#[test]
fn gain_is_capped_at_the_reserve() {
    let mut terms = position(Side::Long, BASE, 100 * ONE, 10 * QUOTE);
    let gain = |terms: &PositionTerms| terms.gain(Price(250 * ONE), scale()).unwrap().0;
    assert_eq!(gain(&terms), 100 * i128::from(QUOTE));
    terms.funding = SignedQuote(-30 * i128::from(QUOTE));
    terms.borrow = Quote(40 * QUOTE);
    assert_eq!(gain(&terms), 80 * i128::from(QUOTE));
}
