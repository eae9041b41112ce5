//! Liquidation prices that venues publish with other conventions, each stated
//! in the terms of this crate.

use super::*;

fn published(terms: &PositionTerms, rates: &MarginRates) -> Price {
    let price = liquidation_price(terms, rates, scale()).unwrap().unwrap();
    assert_eq!(is_liquidatable(terms, rates, price, scale()), Ok(true));
    price
}

/// Phemex, phemex.com/help-center/liq-price-for-USDTM: 500 at 0.4 with 5x, maintenance 1 %, taker fee 0.06 %;
/// a margin of 40.096, which has the closing fee in it; (200 − 40.096) ÷
/// (0.9994 − 0.01) ÷ 500 = 0.3232… The fee it sets aside on the mark notional
/// is our liquidation fee.
#[test]
fn phemex_long() {
    let terms = position(Side::Long, 500 * BASE, decimal("0.4", 10), decimal("40.096", 6));
    let rates = MarginRates { liquidation_fee: Ppm(600), ..maintenance(10_000) };
    let price = published(&terms, &rates);
    assert_eq!(price.0 / 1_000_000, 3_232);
    // 159.904 ÷ 494.7 = 0.323234283…, of which one atom is 20 price units
    assert!(price.0.abs_diff(3_232_342_833) <= 80, "{price:?}");
}

/// Binance, "How to Calculate Liquidation Price of USDⓈ-M Futures Contracts"
/// (binance.com/en/support/faq, b3c689c1f50a44cabb3a84e663b81d93): (wallet −
/// other maintenance + other PnL + maintenance amount − size × entry) ÷ (size ×
/// rate − size). The maintenance amount of a tier lowers the requirement by a
/// constant, so here it is margin; so is what other positions of a cross
/// account leave. Numbers: freqtrade, tests/exchange/test_binance.py,
/// `test_liquidation_price_binance`, to the cent.
#[test]
fn binance_longs() {
    // Of a wallet of 1,535,443.01. Isolated: + 135,365 and + 16,300. Cross, the
    // first: the other position, 109.488 from 32,481.98 at 31,967.27, loses
    // 56,354.56848 and needs 2.5 % − 16,300 = 71,200.811444. The second: 3,683.979
    // from 1,456.84 at 1,335.18 lose 448,192.88514 and need 10 % − 135,365 =
    // 356,512.508122.
    for (size, entry, margin, ppm, expected) in [
        ("3683.979", "1456.84", "1670808.01", 100_000, "1114.78"),
        ("109.488", "32481.98", "1551743.01", 25_000, "18778.73"),
        ("3683.979", "1456.84", "1543252.630076", 100_000, "1153.26"),
        ("109.488", "32481.98", "747037.616738", 25_000, "26316.89"),
    ] {
        let terms = position(Side::Long, decimal(size, 9), decimal(entry, 10), decimal(margin, 6));
        let found = published(&terms, &maintenance(ppm));
        let half_a_cent = ONE / 200;
        assert!(found.0.abs_diff(decimal(expected, 10)) <= half_a_cent, "{found:?} against {expected}");
    }
}

/// Requirements on the entry value are constants: in this crate that is what
/// the keeper's minimum is.
fn fixed(requirement: u64) -> MarginRates {
    MarginRates { min_keeper_reward: Quote(requirement * QUOTE), ..MarginRates::default() }
}

/// The engine acts below the requirement, so at the price unit after the one
/// at which equity is just that.
fn assert_just_beyond(terms: &PositionTerms, rates: &MarginRates, expected: u64) {
    let beyond = match terms.side {
        Side::Long => expected * ONE - 1,
        Side::Short => expected * ONE + 1,
    };
    assert_eq!(published(terms, rates), Price(beyond));
}

/// Bybit, "Liquidation Price (USDT Contract)" (help.bybit.com, article
/// 900000181046): a long of 1 at 10,000 with 50x at 9,850, a short of 1 at
/// 8,000 with 40x at 8,160; maintenance is 0.5 % of the entry value. On the
/// mark value, as here, the long would go at 9,800 ÷ 0.995 = 9,849.25.
#[test]
fn bybit_isolated() {
    let long = position(Side::Long, BASE, 10_000 * ONE, 200 * QUOTE);
    assert_just_beyond(&long, &fixed(50), 9_850);
    assert_eq!(published(&long, &maintenance(5_000)).0 / (ONE / 100), 984_924);
    let short = position(Side::Short, BASE, 8_000 * ONE, 200 * QUOTE);
    assert_just_beyond(&short, &fixed(40), 8_160);
}

/// BitMEX, bitmex.com/app/isolatedMarginExamples, Karen's position: 20 ETHUSDT at 1,000 in a wallet of 10,000, maintenance 1 % of the entry
/// value = 200: liquidation at 510, bankruptcy at 500.
#[test]
fn bitmex_karen() {
    let terms = position(Side::Long, 20 * BASE, 1_000 * ONE, 10_000 * QUOTE);
    assert_just_beyond(&terms, &fixed(200), 510);
    assert_eq!(bankruptcy_price(&terms, scale()), Ok(Some(Price(500 * ONE - 1))));
}
