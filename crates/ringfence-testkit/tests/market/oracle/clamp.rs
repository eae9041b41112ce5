//! A wide confidence protects a position up to max_confidence_ppm, not beyond.

use ringfence_client::RingfenceError;
use ringfence_client::events::Event;
use ringfence_client::state::Side;
use ringfence_testkit::{Failure, World, price, quote, size};

use crate::support::*;

/// Opens 1 SOL at 150 and liquidates at 140 (long) or 160 (short) with this
/// confidence; the price it was judged by.
fn liquidated_at(side: Side, margin_atoms: u64, confidence: &str) -> Result<u64, Failure> {
    let mut world = World::new();
    let market = world.market("SOL-PERP").price("150").liquidity(1_000_000).params(free_of_charges).build();
    let (trader, keeper) = (world.trader(100), world.trader(0));
    let position = passes("open", world.open(market, &trader, 0, side, size("1"), margin_atoms));
    world.advance(10);
    let at = if side == Side::Long { "140" } else { "160" };
    publish(&mut world, market, at, confidence);
    let receipt = world.liquidate(market, &keeper, position)?;
    world.check_books().unwrap();
    match &receipt.events[..] {
        [Event::PositionLiquidated(event)] => Ok(event.price),
        events => panic!("{events:?}"),
    }
}

#[test]
fn the_edge_that_favours_the_position_is_at_most_one_percent_away() {
    // Margins that are gone anyway: 9 less losses of 8.6 to 10 leave less
    // than the 3.5 % needed.
    for (confidence, long, short) in [
        ("0", "140", "160"),
        ("0.7", "140.7", "159.3"),
        ("1.4", "141.4", "158.6"),
        // One percent is 1.4 of 140 and 1.6 of 160.
        ("1.6", "141.4", "158.4"),
        ("2.8", "141.4", "158.4"),
    ] {
        let margin = quote("9");
        assert_eq!(passes(confidence, liquidated_at(Side::Long, margin, confidence)), price(long));
        assert_eq!(passes(confidence, liquidated_at(Side::Short, margin, confidence)), price(short));
    }
}

#[test]
fn a_long_is_judged_at_the_clamped_edge_to_the_atom() {
    // Fill 150 × (1 + 0.5 ÷ 10^7) = 150.0000075, entry ceil 150.000008, fee
    // ceil(0.0750000…) = 0.075001. At 141.4 it has lost 8.600008 and needs
    // 2.5 % + 1 % = 3.535 + 1.414 = 4.949: a margin of 13.549008.
    let healthy = 13_549_008 + 75_001;
    let result = liquidated_at(Side::Long, healthy, "2.8");
    refused("just enough", result, RingfenceError::NotLiquidatable);
    let price_of = passes("an atom less", liquidated_at(Side::Long, healthy - 1, "2.8"));
    assert_eq!(price_of, price("141.4"));
}

#[test]
fn a_short_is_judged_at_the_clamped_edge_to_the_atom() {
    // Fill 150 × (1 − 0.5 ÷ 10^7) = 149.9999925, entry floor 149.999992, fee
    // ceil(0.0749999…) = 0.075. At 158.4 it has lost 8.400008 and needs
    // 3.96 + 1.584 = 5.544: a margin of 13.944008.
    let healthy = 13_944_008 + 75_000;
    let result = liquidated_at(Side::Short, healthy, "3.2");
    refused("just enough", result, RingfenceError::NotLiquidatable);
    let price_of = passes("an atom less", liquidated_at(Side::Short, healthy - 1, "3.2"));
    assert_eq!(price_of, price("158.4"));
}
