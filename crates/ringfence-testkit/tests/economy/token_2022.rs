//! The instructions that move tokens, on Token-2022 collateral of 8 decimals
//! and on a push feed.

use ringfence_client::state::Side::{Long, Short};
use ringfence_testkit::{MintKind, World, price, size};

use crate::support::*;

/// Whole units in atoms.
const UNIT: u64 = 100_000_000;

#[test]
fn insurance_fees_caps_and_parts_move_token_2022() {
    let mut world = World::new();
    let market = world
        .market("SOL-PERP")
        .mint(MintKind::Token2022(Vec::new()))
        .push()
        .decimals(9, 8)
        .price("100")
        .liquidity(100_000)
        .params(|params| {
            params.skew_scale = size("1000");
            (params.max_open_interest_long, params.max_open_interest_short) = (u64::MAX, u64::MAX);
            params.min_position_notional = 10 * UNIT;
            params.min_keeper_reward = UNIT / 10;
            (params.open_fee_ppm, params.protocol_share_ppm) = (1_000, 200_000);
            (params.borrow_base_ppm, params.borrow_slope1_ppm) = (0, 0);
            unfunded(params);
        })
        .build();
    let (alice, keeper) = (world.trader(1_000), world.trader(100));
    passes("fund", world.fund_insurance(market, &keeper, 25 * UNIT));
    assert_eq!(world.market_state(market).insurance, 25 * UNIT);

    // fee 0.1 % of 1,005, a fifth of it the protocol's: 0.201; a tenth insurance's
    let long = world.open(market, &alice, 0, Long, size("10"), 7_600_500_000).unwrap();
    let treasury = world.treasury_account(market);
    passes("collect", world.collect_protocol_fees(market, treasury));
    assert_eq!(world.balance(&treasury), 20_100_000);

    // margin 76.005 − 1.005 = 75: at 96 4.6875 of 10 go, as with 6 decimals
    world.set_price(market, price("96"));
    passes("liquidate", world.liquidate(market, &keeper, long));
    let state = world.position(long);
    assert_eq!((state.size, state.margin), (size("5.3125"), 4_940_625_000));
    assert_eq!(world.wealth(market, &keeper), 75 * UNIT + 225_000_000);
    balanced(&world);

    // 1 long into a skew of 5.3125: 100 × (1 + 5.8125 ÷ 1,000); its gain reaches
    // the reserve, all of its entry, at twice that
    world.set_price(market, price("100"));
    let capped = world.open(market, &alice, 1, Long, size("1"), 50 * UNIT).unwrap();
    let short = world.open(market, &alice, 2, Short, size("1"), 50 * UNIT).unwrap();
    world.set_price(market, price("201.1625"));
    let before = world.position(capped);
    assert_eq!((before.entry_notional, before.reserve), (10_058_125_000, 10_058_125_000));
    passes("cap", world.close_at_cap(market, &keeper, capped));
    assert_eq!(world.vault_balance(capped), before.margin + 10_058_125_000);
    let result = world.close_at_cap(market, &keeper, short);
    refused("a loss", result, ringfence_client::RingfenceError::GainBelowCap);
    balanced(&world);
    passes("claim", world.close(market, &alice, capped));
    balanced(&world);
}
