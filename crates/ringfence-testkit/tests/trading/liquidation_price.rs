//! The liquidation price that the client shows is the one at which the engine
//! liquidates, to the last price unit.

use anchor_lang::prelude::Pubkey;
use rand::Rng;
use rand::rngs::StdRng;
use ringfence_client::RingfenceError;
use ringfence_client::events::Event;
use ringfence_client::health::{liquidation_mark, liquidation_price};
use ringfence_client::state::{MarketParams, Position, Side};
use ringfence_math::Price;
use ringfence_testkit::{Feed, MarketId, Receipt, Trader, World, assert_error, price, quote, size};

use crate::support::*;

fn feed(world: &mut World, market: MarketId, index: u64, confidence: u64) {
    let publish_time = world.now();
    world.set_feed(market, Feed { price: index, confidence, ema: index, publish_time });
}

fn shown(world: &World, market: MarketId, position: Pubkey) -> Option<Price> {
    liquidation_price(&world.market_state(market), &world.position(position)).unwrap()
}

#[test]
fn the_price_shown_counts_the_roundings_of_the_engine() {
    // Long of 10, entry 1005, margin 59.3: (1005 − 59.3) / (10 × 0.965) = 98
    // exactly, where it is safe. But just above, the notional of 980.000001 is
    // rounded down for the equity, 34.300001, and up to 980.000002 for the
    // requirement of 24.500001 + 9.800001. At 980.000002 equity 34.300002
    // meets 24.500001 + 9.800001 of 980.000003. So the last price that
    // liquidates is the highest with ten of it under 980.000002.
    let (mut world, market) = easy_with(whole_only);
    let (alice, keeper) = (world.trader(1_000), world.trader(0));
    let position = world.open(market, &alice, 0, Side::Long, size("10"), quote("59.8025")).unwrap();
    assert_eq!(shown(&world, market, position), Some(Price(price("98.0000001999"))));
    for safe in ["98.0000002", "98"] {
        feed(&mut world, market, price(safe), 0);
        assert_error(world.liquidate(market, &keeper, position), RingfenceError::NotLiquidatable);
    }
    feed(&mut world, market, price("98.0000001999"), 0);
    world.liquidate(market, &keeper, position).unwrap();
    assert_eq!(shown(&world, market, position), None);

    // Short of 10, entry 995, margin 60.7: (995 + 60.7) / (10 × 1.035) = 102,
    // where it is safe; one price unit above, the notional is 1020.000001
    let (mut world, market) = easy_with(whole_only);
    let (bob, keeper) = (world.trader(1_000), world.trader(0));
    let position = world.open(market, &bob, 0, Side::Short, size("10"), quote("61.1975")).unwrap();
    assert_eq!(shown(&world, market, position), Some(Price(price("102.0000000001"))));
    feed(&mut world, market, price("102"), 0);
    assert_error(world.liquidate(market, &keeper, position), RingfenceError::NotLiquidatable);
    feed(&mut world, market, price("102.0000000001"), 0);
    world.liquidate(market, &keeper, position).unwrap();
}

#[test]
fn a_position_that_no_price_liquidates_has_none() {
    // more margin than a long's whole entry notional
    let (mut world, market) = easy();
    let alice = world.trader(10_000);
    let position = world.open(market, &alice, 0, Side::Long, size("10"), quote("2000")).unwrap();
    assert_eq!(shown(&world, market, position), None);
}

/// Any market that the program allows, within what people would trade.
fn any_params(rng: &mut StdRng, index: u64, params: &mut MarketParams) {
    params.initial_margin_ppm = rng.random_range(5_000..=300_000);
    let engine = rng.random_range(1_200..params.initial_margin_ppm);
    params.maintenance_margin_ppm = rng.random_range(1_000..engine);
    params.liquidation_fee_ppm = (engine - params.maintenance_margin_ppm).min(100_000);
    params.keeper_share_ppm = rng.random_range(1..=1_000_000);
    let insured = u64::from(1_000_000 - params.keeper_share_ppm) * u64::from(params.liquidation_fee_ppm);
    params.close_fee_ppm = rng.random_range(0..=(insured / 1_000_000) as u32).min(10_000);
    params.min_position_notional = quote("10");
    params.min_keeper_reward = rng.random_range(1..=u64::from(params.initial_margin_ppm) * 10);
    params.reserve_factor_ppm = rng.random_range(50_000..=3_000_000);
    params.max_utilisation_ppm = 1_000_000;
    params.open_fee_ppm = rng.random_range(0..=10_000);
    // a skew of 50 million moves the price by 100 %
    params.skew_scale = size_for(quote("50000000"), index);
}

/// Size units worth `notional` atoms: 9 + 10 − 6 decimals.
fn size_for(notional: u64, index: u64) -> u64 {
    u64::try_from(u128::from(notional) * 10u128.pow(13) / u128::from(index)).unwrap()
}

/// Opens, and perhaps increases or decreases, whatever of it is allowed.
fn any_position(
    world: &mut World,
    rng: &mut StdRng,
    market: MarketId,
    alice: &Trader,
    id: u16,
) -> Option<Pubkey> {
    let (index, params) = (world.markets[market.0].feed.price, world.market_state(market).params);
    let notional = quote("1").max(rng.random_range(10u64..1_000_000) * rng.random_range(1..100_000));
    let ratio = u64::from(params.initial_margin_ppm) * rng.random_range(1_000..5_000) / 1_000 + 60_000;
    let margin = (u128::from(notional) * u128::from(ratio) / 1_000_000) as u64 + 1_000;
    let open = size_for(notional, index);
    let position = world.open(market, alice, id, any_side(rng), open, margin).ok()?;
    if rng.random() {
        let _ = world.increase(market, alice, position, rng.random_range(1..=open), margin);
    }
    if rng.random() {
        let _ = world.decrease(market, alice, position, rng.random_range(1..=open));
    }
    Some(position)
}

/// The mark of a liquidation at `index` ± `confidence`, which is clamped at 1 %.
fn mark(side: u8, index: u64, confidence: u64) -> u64 {
    let clamped = confidence.min(index / 100);
    if side == Side::Long as u8 { index + clamped } else { index - clamped }
}

/// The last index, coming from healthy ones, whose mark is at or beyond
/// `price`, and its healthy neighbour.
fn boundary(side: u8, price: u64, confidence: u64) -> (u64, u64) {
    let (mut low, mut high) = (price * 9 / 10, price * 11 / 10 + 2);
    if side == Side::Long as u8 {
        while high - low > 1 {
            let middle = low.midpoint(high);
            if mark(side, middle, confidence) <= price { low = middle } else { high = middle }
        }
        (low, high)
    } else {
        while high - low > 1 {
            let middle = low.midpoint(high);
            if mark(side, middle, confidence) >= price { high = middle } else { low = middle }
        }
        (high, low)
    }
}

/// What left the vault arrived, to the atom, and the keeper has his minimum.
/// Whether nothing is open any more.
#[track_caller]
fn assert_divided(world: &World, market: MarketId, before: &Position, receipt: &Receipt) -> bool {
    let [Event::PositionLiquidated(event)] = &receipt.events[..] else { panic!("{receipt:?}") };
    let out = event.loss + event.keeper_from_vault + event.insurance_fee + event.margin;
    assert_eq!(before.margin + event.gain, out);
    let least = world.market_state(market).params.min_keeper_reward;
    assert!(event.keeper_from_vault + event.keeper_from_insurance >= least);
    assert!(event.gain <= before.reserve);
    // settled at the mark or worse, for whoever holds it
    let divisor = u128::from(world.market_state(market).notional_divisor);
    let scaled = u128::from(event.size) * u128::from(event.settled_at);
    let pnl = if before.side == Side::Long as u8 {
        assert!(event.settled_at <= event.price);
        (scaled / divisor) as i128 - i128::from(event.entry_notional)
    } else {
        assert!(event.settled_at >= event.price);
        i128::from(event.entry_notional) - scaled.div_ceil(divisor) as i128
    };
    let settled = i128::from(before.margin) + pnl.min(event.reserve.into());
    assert_eq!(settled + i128::from(event.bad_debt), i128::from(out - event.loss));
    // and what is left open has the rest of everything, and no debt
    let after = world.position(event.position);
    assert_eq!((after.size, event.size + after.size), (event.remaining_size, before.size));
    assert_eq!(event.entry_notional + after.entry_notional, before.entry_notional);
    assert_eq!(event.reserve + after.reserve, before.reserve);
    assert!(after.is_empty() || event.bad_debt == 0);
    after.is_empty()
}

#[test]
fn the_price_shown_is_the_first_at_which_liquidate_succeeds() {
    let mut rng = rng(2);
    let (mut checked, mut longs, mut clamped, mut partial) = (0, 0, 0, 0);
    for _ in 0..16 {
        let mut world = World::new();
        let index =
            rng.random_range(1..=9) * 10u64.pow(rng.random_range(8..=14)) + rng.random_range(0..1_000);
        let mut params = ringfence_testkit::market::default_params();
        any_params(&mut rng, index, &mut params);
        let market = world.market("ANY-PERP").liquidity(1_000_000_000).params(|own| *own = params).build();
        feed(&mut world, market, index, 0);
        let (alice, keeper) = (world.trader(1_000_000_000), world.trader(0));
        world.tokens_of(market, &keeper);
        let positions: Vec<_> =
            (0..20).filter_map(|id| any_position(&mut world, &mut rng, market, &alice, id)).collect();
        balanced(&world);
        for position in positions {
            let state: Position = world.position(position);
            let Some(Price(first)) = shown(&world, market, position) else { continue };
            let healthy = if state.side == Side::Long as u8 { first + 1 } else { first - 1 };
            feed(&mut world, market, healthy, 0);
            assert_error(world.liquidate(market, &keeper, position), RingfenceError::NotLiquidatable);
            feed(&mut world, market, first, 0);
            world.what_if(|world| {
                world.liquidate(market, &keeper, position).unwrap();
                balanced(world);
            });

            // the same in terms of the mark, with an interval of up to 1.8 %
            let confidence = first / 1_000_000 * rng.random_range(0..18_000);
            let (index, neighbour) = boundary(state.side, first, confidence);
            for index in [index, neighbour] {
                let (index, confidence) = (Price(index), Price(confidence));
                let shown = liquidation_mark(&world.market_state(market), &state, index, confidence);
                assert_eq!(shown.unwrap().0, mark(state.side, index.0, confidence.0));
            }
            feed(&mut world, market, neighbour, confidence);
            assert_error(world.liquidate(market, &keeper, position), RingfenceError::NotLiquidatable);
            feed(&mut world, market, index, confidence);
            let receipt = world.liquidate(market, &keeper, position).unwrap();
            balanced(&world);
            let again = if assert_divided(&world, market, &state, &receipt) {
                RingfenceError::PositionEmpty
            } else {
                partial += 1;
                RingfenceError::NotLiquidatable
            };
            assert_error(world.liquidate(market, &keeper, position), again);
            checked += 1;
            longs += usize::from(state.side == Side::Long as u8);
            clamped += usize::from(confidence > index / 100);
        }
    }
    println!("{checked} positions, {longs} long, {clamped} with a clamped interval, {partial} partial");
    assert!(checked >= 200 && longs >= 60 && checked - longs >= 60 && clamped >= 40);
    assert!(partial >= 40 && checked - partial >= 40);
}
