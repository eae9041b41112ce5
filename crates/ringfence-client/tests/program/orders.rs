//! What can be read off an order, against the program's own methods over
//! random orders, positions and prices, close enough to each other that either
//! answer is common.

use rand::rngs::StdRng;
use rand::{Rng, RngCore, SeedableRng};
use ringfence::oracle::PriceReading as ProgramReading;
use ringfence::state as program;
use ringfence_client::Pubkey;
use ringfence_client::oracle::PriceReading;
use ringfence_client::state::{Market, MarketParams, OracleConfig, Order, OrderKind, Position, Side};
use ringfence_math::{Price, Size};

const NOW: i64 = 1_700_000_000;

fn near(random: &mut StdRng) -> i64 {
    NOW + random.random_range(-2..=2)
}

fn key(random: &mut StdRng) -> Pubkey {
    Pubkey::new_from_array([random.random_range(0..4); 32])
}

fn order(random: &mut StdRng) -> Order {
    let mut bytes = vec![0; size_of::<Order>()];
    random.fill_bytes(&mut bytes);
    let mut order: Order = bytemuck::pod_read_unaligned(&bytes);
    order.kind = random.random_range(0..6);
    (order.trigger_above, order.has_partner) = (random.random_range(0..2), random.random_range(0..3));
    order.failed = u8::from(random.random_range(0..4) == 0);
    order.trader = key(random);
    order.generation = random.random_range(7..9);
    order.share_ppm = random.random_range(0..=1_000_000);
    order.trigger_price = random.random_range(99..=101);
    (order.not_before, order.expires_at) = (near(random), near(random));
    order
}

fn position(random: &mut StdRng) -> Position {
    let mut position: Position = bytemuck::Zeroable::zeroed();
    (position.owner, position.delegate) = (key(random), key(random));
    position.generation = random.random_range(7..9);
    position.void_orders.fill_with(|| random.random());
    position.committed_until = near(random);
    position
}

fn reading(random: &mut StdRng) -> PriceReading {
    let publish_time = near(random);
    PriceReading {
        price: Price(random.random_range(99..=101)),
        confidence: Price(0),
        ema: Price(100),
        publish_time,
        previous_publish_time: publish_time - random.random_range(0..3),
        slot: 0,
    }
}

#[test]
fn orders_are_judged_as_the_program_judges_them() {
    let mut random = StdRng::seed_from_u64(8);
    let (mut honoured, mut triggered) = ([0; 2], [0; 2]);
    for _ in 0..50_000 {
        let (order, position, reading) = (order(&mut random), position(&mut random), reading(&mut random));
        let theirs: &program::Order = bytemuck::cast_ref(&order);
        let holder: &program::Position = bytemuck::cast_ref(&position);
        let now = near(&mut random);

        assert_eq!(order.kind().map(|kind| kind as u8).ok(), theirs.kind().map(|kind| kind as u8).ok());
        assert_eq!(order.is_delayed(), theirs.is_delayed());
        assert_eq!(order.partner(), theirs.partner());
        assert_eq!(order.has_failed(), theirs.has_failed());
        assert_eq!(order.has_expired(now), theirs.has_expired(now));
        assert_eq!(position.honours(&order), holder.honours(theirs), "{order:?} {position:?}");
        let stands = theirs.ensure_stands(holder, now).is_ok();
        assert_eq!(order.has_ended(Some(&position), now), !stands);
        assert!(order.has_ended(None, now), "without its position");

        let size = random.random();
        let ours = order.share_of(size).map_err(u32::from);
        assert_eq!(ours, theirs.share_of(Size(size)).map(|size| size.0).map_err(u32::from));

        let PriceReading { price, confidence, ema, publish_time, previous_publish_time, slot } = reading;
        let their_reading =
            ProgramReading { price, confidence, ema, publish_time, previous_publish_time, slot };
        // `observe_first` asks a delayed order's price to be the first that is
        // not before it.
        let first = !order.is_delayed() || previous_publish_time < order.not_before;
        let reached = theirs.ensure_triggered(&their_reading).is_ok() && first;
        assert_eq!(order.is_triggered(&reading), reached, "{order:?} {reading:?}");

        // Who may cancel a live one: `cancel_order` lets the trader and the
        // position's owner, and nobody where it is delayed.
        for key in [order.trader, position.owner, position.delegate, Pubkey::new_from_array([9; 32])] {
            let may = (key == order.trader || key == position.owner) && !theirs.is_delayed();
            assert_eq!(position.may_cancel(&order, &key), may);
        }
        honoured[usize::from(position.honours(&order))] += 1;
        triggered[usize::from(reached)] += 1;
    }
    assert!(honoured.iter().chain(&triggered).all(|count| *count > 2_000), "{honoured:?} {triggered:?}");
}

#[test]
fn a_commitment_lasts_as_long_as_in_the_program() {
    let mut random = StdRng::seed_from_u64(9);
    for _ in 0..1_000 {
        let (position, now) = (position(&mut random), near(&mut random));
        let holder: &program::Position = bytemuck::cast_ref(&position);
        let mut market: Market = bytemuck::Zeroable::zeroed();
        for status in 0..4 {
            market.status = status;
            let free = holder.ensure_uncommitted(bytemuck::cast_ref(&market), now).is_ok();
            // In an active market alone can a delayed order be executed.
            assert_eq!(free, !(position.is_committed(now) && status == 0), "{status} {now} {position:?}");
        }
    }
}

#[test]
fn kinds_add_and_trigger_as_in_the_program() {
    for byte in 0..5 {
        let (ours, theirs) =
            (OrderKind::from_byte(byte).unwrap(), program::OrderKind::from_byte(byte).unwrap());
        assert_eq!(ours.adds(), theirs.adds());
        for (side, their_side) in [(Side::Long, program::Side::Long), (Side::Short, program::Side::Short)] {
            assert_eq!(ours.triggers_above(side), theirs.triggers_above(their_side), "{ours:?} {side:?}");
        }
    }
}

#[test]
fn what_a_market_says_of_orders_is_read_as_the_program_reads_it() {
    for delay in [0, 1, 2, 3, 4, 600] {
        for delayed_only in [0, 1] {
            let params =
                MarketParams { min_order_delay_seconds: delay, delayed_only, ..MarketParams::default() };
            let theirs: &program::MarketParams = bytemuck::cast_ref(&params);
            assert_eq!(params.order_delay(), theirs.order_delay(), "{delay}");
            assert_eq!(params.instant_open(), theirs.instant_open());
        }
    }
    for kind in 0..3 {
        for account in [Pubkey::default(), Pubkey::new_from_array([1; 32])] {
            let oracle = OracleConfig { kind, account, ..OracleConfig::default() };
            let theirs: &program::OracleConfig = bytemuck::cast_ref(&oracle);
            assert_eq!(oracle.takes_any_update(), theirs.takes_any_update(), "{kind} {account}");
        }
    }
}
