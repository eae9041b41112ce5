use super::*;

/// Synthetix v3, markets/perps-market/contracts/storage/PerpsMarket.sol,
/// comment in `computeFillPrice` (SIP-279): price 1,200, size 100, skew 0,
/// skew scale 1,000,000 → 1,200.06.
#[test]
fn synthetix_premium() {
    let fill = |direction, skew| {
        ringfence_math::fill_price(
            Price(1_200 * ONE),
            Price(0),
            direction,
            Size(100 * BASE),
            Skew(skew),
            Size(1_000_000 * BASE),
        )
    };
    assert_eq!(fill(TradeDirection::Buy, 0), Ok(Price(decimal("1200.06", 10))));
    // and back, from the skew that the buy left: the same
    let skew = 100 * i128::from(BASE);
    assert_eq!(fill(TradeDirection::Sell, skew), Ok(Price(decimal("1200.06", 10))));
    assert_eq!(fill(TradeDirection::Sell, 0), Ok(Price(decimal("1199.94", 10))));
}
