use super::*;

/// By hand: 1,000 of liquidity; longs of 3 base for 300, shorts of 1 for
/// 100. At 90 the longs lose 30, the shorts win 10: the pool is worth
/// 1,020. At 110 it is worth 980. With only 15 reserved it owes no more.
#[test]
fn value_at_both_edges() {
    let long = SideSums { open_interest: Size(3 * BASE), entry_notional: Quote(300 * QUOTE) };
    let short = SideSums { open_interest: Size(BASE), entry_notional: Quote(100 * QUOTE) };
    let value = |reserved, action| {
        pool_value(
            Quote(1_000 * QUOTE),
            Quote(reserved * QUOTE),
            long,
            short,
            Price(90 * ONE),
            Price(110 * ONE),
            action,
            scale(),
        )
    };
    assert_eq!(value(400, PoolAction::Deposit), Ok(Quote(1_020 * QUOTE)));
    assert_eq!(value(400, PoolAction::Withdraw), Ok(Quote(980 * QUOTE)));
    assert_eq!(value(15, PoolAction::Withdraw), Ok(Quote(985 * QUOTE)));
}
