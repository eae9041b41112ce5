//! What works in which status, instruction by instruction.

use anchor_lang::prelude::Pubkey;
use ringfence_client::RingfenceError;
use ringfence_client::state::{Market, MarketStatus, Side};
use ringfence_testkit::{Failure, MarketId, Trader, World, assert_error, price, quote, size};

use crate::support::*;

type Act = fn(&mut World, MarketId, &Trader, Pubkey) -> Result<(), Failure>;

/// Each instruction, and the last status (in order of severity) it works in.
const TABLE: [(&str, MarketStatus, RingfenceError, Act); 7] = {
    use MarketStatus::*;
    use RingfenceError::*;
    [
        ("open", Active, MarketNotActive, |world, market, alice, _| {
            world.open(market, alice, 1, Side::Long, size("1"), quote("20")).map(drop)
        }),
        ("increase", Active, MarketNotActive, |world, market, alice, position| {
            world.increase(market, alice, position, size("0.1"), quote("20")).map(drop)
        }),
        ("remove margin", ReduceOnly, MarketPaused, |world, market, alice, position| {
            world.remove_margin(market, alice, position, 1).map(drop)
        }),
        ("add margin", Settling, MarketPaused, |world, market, alice, position| {
            world.add_margin(market, alice, position, 1).map(drop)
        }),
        ("decrease", Settling, MarketPaused, |world, market, alice, position| {
            world.decrease(market, alice, position, size("1")).map(drop)
        }),
        ("close", Settling, MarketPaused, |world, market, alice, position| {
            world.close(market, alice, position).map(drop)
        }),
        ("liquidate", Paused, MarketSettling, |world, market, alice, position| {
            world.set_price(market, price("85"));
            world.liquidate(market, alice, position).map(drop)
        }),
    ]
};

#[test]
fn pausing_stops_what_adds_risk_and_nothing_else() {
    let statuses =
        [MarketStatus::Active, MarketStatus::ReduceOnly, MarketStatus::Paused, MarketStatus::Settling];
    for (name, last, refusal, act) in TABLE {
        for status in statuses {
            let (mut world, market) = easy();
            let alice = world.trader(1_000);
            let position = world.open(market, &alice, 0, Side::Long, size("10"), quote("150")).unwrap();
            // settling is another instruction's to begin
            let key = world.market_key(market);
            world.edit::<Market>(&key, |state| {
                (state.status, state.settlement_price) = (status as u8, price("100"));
            });
            println!("{name} in {status:?}");
            let result = act(&mut world, market, &alice, position);
            if status <= last {
                result.unwrap();
            } else if name == "remove margin" && status == MarketStatus::Settling {
                assert_error(result, RingfenceError::MarketSettling);
            } else {
                assert_error(result, refusal);
            }
            balanced(&world);
        }
    }
}

#[test]
fn a_status_that_is_none_is_refused_where_it_matters() {
    let (mut world, market) = easy();
    let alice = world.trader(1_000);
    let position = world.open(market, &alice, 0, Side::Long, size("10"), quote("150")).unwrap();
    let key = world.market_key(market);
    world.edit::<Market>(&key, |state| state.status = 4);
    let result = world.open(market, &alice, 1, Side::Long, size("1"), quote("20"));
    assert_error(result, RingfenceError::InvalidEnumValue);
    let result = world.increase(market, &alice, position, size("1"), quote("20"));
    assert_error(result, RingfenceError::InvalidEnumValue);
    assert_error(world.remove_margin(market, &alice, position, 1), RingfenceError::InvalidEnumValue);
    // getting out is not among it
    world.close(market, &alice, position).unwrap();
    balanced(&world);
}

#[test]
fn a_side_that_is_none_is_refused() {
    use ringfence_client::state::Position;
    let (mut world, market) = easy();
    let alice = world.trader(1_000);
    let position = world.open(market, &alice, 0, Side::Long, size("10"), quote("150")).unwrap();
    let close = ringfence_client::ClosePositionArgs { acceptable_price: 0 };
    let close = world.close_ix(market, &alice, position, close);
    world.edit::<Position>(&position, |state| state.side = 2);
    assert_error(world.send(&[close], &[&alice.key]), RingfenceError::InvalidEnumValue);
}
