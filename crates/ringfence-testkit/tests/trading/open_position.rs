use ringfence_client::event::{FeeParts, PositionOpened};
use ringfence_client::events::Event;
use ringfence_client::state::{AcceptedPrice, Side};
use ringfence_client::{OpenPositionArgs, pda};
use ringfence_testkit::{price, quote, size};

use crate::support::*;

#[test]
fn opening_a_long_takes_the_fee_from_the_margin_and_reserves_its_largest_gain() {
    let (mut world, market) = easy();
    let alice = world.trader(1_000);
    let args = OpenPositionArgs {
        id: 7,
        side: Side::Long,
        size: size("10"),
        margin: quote("200"),
        acceptable_price: price("100.5"),
    };
    let receipt = world.open_with(market, &alice, args).unwrap();
    let position = world.position_key(market, &alice, 7);

    // fill     = 100 × (1 + (0 + 10/2) / 1000)         = 100.5
    // entry    = 10 × 100.5                            = 1005
    // reserve  = 100 % of 1005
    // fee      = 5 bp of 1005                          = 0.5025
    //   insurance and protocol 10 % each               = 0.05025
    //   pool                                           = 0.402
    // margin   = 200 − 0.5025                          = 199.4975
    assert_position(&world, position, "10", "1005", "199.4975", "1005");
    assert_pool(&world, market, "100000.402", "1005", "0.05025", "0.05025");
    assert_side(&world, market, Side::Long, "10", "1005", 1);
    assert_side(&world, market, Side::Short, "0", "0", 0);
    assert_eq!(world.wealth(market, &alice), quote("800"));

    let state = world.position(position);
    assert_eq!((state.version, state.side, state.id), (2, Side::Long as u8, 7));
    assert_eq!(state.owner, alice.pubkey());
    assert_eq!(state.market, world.market_key(market));
    assert_eq!(state.vault, pda::position_vault(&position));
    assert_eq!(state.delegate, Default::default());
    assert_eq!((state.generation, state.opened_at), (1, world.now()));
    assert_eq!(state.fees_paid, quote("0.5025"));
    assert_eq!((state.realised_pnl.get(), state.realised_funding.get(), state.realised_borrow), (0, 0, 0));
    assert_eq!(world.market_state(market).next_generation, 2);

    let oracle =
        AcceptedPrice { price: price("100"), confidence: 0, ema: price("100"), publish_time: world.now() };
    assert_eq!(world.market_state(market).accepted, oracle);
    assert_events(
        &receipt,
        &[Event::PositionOpened(PositionOpened {
            market: world.market_key(market),
            position,
            owner: alice.pubkey(),
            referral: Default::default(),
            id: 7,
            generation: 1,
            side: Side::Long,
            size: size("10"),
            fill_price: price("100.5"),
            entry_notional: quote("1005"),
            reserve: quote("1005"),
            deposit: quote("200"),
            fee: quote("0.5025"),
            fee_parts: FeeParts {
                liquidity: quote("0.402"),
                insurance: quote("0.05025"),
                protocol: quote("0.05025"),
                referrer: 0,
            },
            margin: quote("199.4975"),
            oracle,
        })],
    );
}

#[test]
fn opening_a_short_into_longs_is_paid_their_premium_less_half_the_confidence() {
    let (mut world, market) = easy();
    let (alice, bob) = (world.trader(1_000), world.trader(1_000));
    world.open(market, &alice, 0, Side::Long, size("10"), quote("200")).unwrap();
    publish(&mut world, market, "100", "0.2");
    let position = world.open(market, &bob, 0, Side::Short, size("4"), quote("50")).unwrap();

    // fill  = 100 × (1 + (10 − 4/2) / 1000) − 0.2/2   = 100.7
    // entry = 4 × 100.7                               = 402.8
    // fee   = 5 bp of 402.8                           = 0.2014
    //   insurance and protocol 0.02014 each, pool       0.16112
    assert_position(&world, position, "4", "402.8", "49.7986", "402.8");
    // pool 100000.402 + 0.16112, the others 0.05025 + 0.02014
    assert_pool(&world, market, "100000.56312", "1407.8", "0.07039", "0.07039");
    assert_side(&world, market, Side::Long, "10", "1005", 1);
    assert_side(&world, market, Side::Short, "4", "402.8", 1);
    assert_eq!(world.position(position).generation, 2);
    assert_eq!(world.market_state(market).accepted.confidence, price("0.2"));
}

#[test]
fn every_rounding_of_an_opening_is_against_the_trader() {
    let (mut world, market) = easy();
    let alice = world.trader(1_000);
    let long = world.open(market, &alice, 0, Side::Long, size("0.123456789"), quote("50")).unwrap();

    // fill  = 100 × (1 + 0.0617283945/1000) = 100.00617283945, up:   100.0061728395
    // entry = 0.123456789 × that            = 12.346441…, up (below)
    //   123456789 × 1000061728395 = 123464409789436823655 ÷ 10^13 → 12346440.97…
    // fee   = 5 bp of 12.346441 = 0.0061732205, up:                  0.006174
    //   shares 10 % of 6174 down: 617 each, pool 6174 − 1234 = 4940
    // reserve = entry
    assert_position(&world, long, "0.123456789", "12.346441", "49.993826", "12.346441");
    assert_pool(&world, market, "100000.00494", "12.346441", "0.000617", "0.000617");

    // A short of the same size, which finds the skew at 0.123456789:
    // fill  = 100 × (1 + 0.0617283945/1000) = 100.00617283945, down: 100.0061728394
    // entry = 123456789 × 1000061728394 = 123464409789313366866 ÷ 10^13
    //       → 12346440.97…, down:                                    12.346440
    // fee   = 5 bp of the notional rounded up, 12.346441:            0.006174
    let short = world.open(market, &alice, 1, Side::Short, size("0.123456789"), quote("50")).unwrap();
    assert_position(&world, short, "0.123456789", "12.34644", "49.993826", "12.34644");
    assert_pool(&world, market, "100000.00988", "24.692881", "0.001234", "0.001234");
}

#[test]
fn a_reserve_factor_below_one_reserves_its_share_rounded_up() {
    let (mut world, market) = easy_with(|params| params.reserve_factor_ppm = 333_333);
    let alice = world.trader(1_000);
    let position = world.open(market, &alice, 0, Side::Long, size("10"), quote("200")).unwrap();
    // 1005 × 0.333333 = 334.999665 exactly
    assert_position(&world, position, "10", "1005", "199.4975", "334.999665");

    // the next 0.1 finds the skew at 10: fill 100 × (1 + 10.05/1000) = 101.005,
    // entry 10.1005, × 0.333333 = 3.36682996…, up: 3.366830
    let position = world.open(market, &alice, 1, Side::Long, size("0.1"), quote("10")).unwrap();
    assert_eq!(world.position(position).reserve, quote("3.36683"));
    balanced(&world);
}

#[test]
fn an_owner_may_hold_many_positions_in_one_market() {
    let (mut world, market) = easy();
    let alice = world.trader(1_000);
    let mut keys = Vec::new();
    for id in [0, 1, 2, 255, 256, u16::MAX] {
        keys.push(world.open(market, &alice, id, Side::Long, size("1"), quote("20")).unwrap());
    }
    keys.dedup();
    assert_eq!(keys.len(), 6);
    let generations: Vec<_> = keys.iter().map(|key| world.position(*key).generation).collect();
    assert_eq!(generations, [1, 2, 3, 4, 5, 6]);
    assert_eq!(world.market_state(market).long.positions, 6);
    balanced(&world);
}

#[test]
fn lamports_sent_ahead_to_both_addresses_do_not_block_opening() {
    let (mut world, market) = easy();
    let alice = world.trader(1_000);
    let position = world.position_key(market, &alice, 0);
    for key in [position, pda::position_vault(&position)] {
        world.svm.airdrop(&key, 1_000_000).unwrap();
    }
    world.open(market, &alice, 0, Side::Long, size("10"), quote("200")).unwrap();
    assert_position(&world, position, "10", "1005", "199.4975", "1005");
    balanced(&world);
    world.close(market, &alice, position).unwrap();
    balanced(&world);
}

#[test]
fn the_owner_pays_the_rent_of_both_accounts() {
    let (mut world, market) = easy();
    let alice = world.trader(1_000);
    let before = world.svm.get_balance(&alice.pubkey()).unwrap();
    let position = world.open(market, &alice, 0, Side::Long, size("10"), quote("200")).unwrap();
    // rent: (128 + bytes) × 6,960 lamports; 352 bytes of position, 165 of vault
    let rent = (128 + 352) * 6_960 + (128 + 165) * 6_960;
    assert_eq!(before - world.svm.get_balance(&alice.pubkey()).unwrap(), rent);
    assert_eq!(world.svm.get_balance(&position).unwrap(), 480 * 6_960);
    assert_eq!(world.svm.get_balance(&pda::position_vault(&position)).unwrap(), 293 * 6_960);
}
