use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use ringfence_client::oracle::PriceReading;
use ringfence_client::state::{Market, MarketStatus, OrderKind, Position, Side};

use super::*;
use crate::fixtures::{self, NOW, UNIT, price, quote};

const CLOSING: [OrderKind; 2] = [OrderKind::TakeProfit, OrderKind::StopLoss];
const ADDING: [OrderKind; 2] = [OrderKind::Limit, OrderKind::Stop];

fn reading(price: u64, publish_time: i64) -> PriceReading {
    PriceReading {
        price: Price(price),
        confidence: Price(0),
        ema: Price(price),
        publish_time,
        previous_publish_time: publish_time - 1,
        slot: 1,
    }
}

/// A long of 1 at 150 and its market.
fn long() -> (Market, Pubkey, Position) {
    let (key, mut market) = fixtures::market(0);
    let (address, position) = fixtures::position(key, &mut market, Side::Long, UNIT, price(150), quote(50));
    (market, address, position)
}

fn placed(kind: OrderKind, trigger: u64, id: u8) -> (Pubkey, Order) {
    let (market, key, mut position) = long();
    let terms = fixtures::terms(kind, Side::Long, trigger, NOW);
    fixtures::order(key, &mut position, &market, id, &terms, NOW)
}

fn reached(index: &OrderIndex, adds: bool, price: u64) -> Vec<Pubkey> {
    let mut slots = Vec::new();
    index.reached(adds, Price(price), &mut slots);
    slots.iter().map(|&slot| index.held(slot).expect("held").key).collect()
}

fn stamp(slot: u64) -> Stamp {
    Stamp { slot, arrival: 0 }
}

/// A long's take-profit and stop trigger at or above, stop-loss and limit at
/// or below: compared with going through all of them, at and beside each trigger.
#[test]
fn a_price_reaches_what_it_triggers_and_nothing_else() {
    let mut rng = StdRng::seed_from_u64(7);
    let (mut index, mut all) = (OrderIndex::default(), Vec::new());
    for number in 0..400 {
        let kind = if number % 2 == 0 { CLOSING[number / 2 % 2] } else { ADDING[number / 2 % 2] };
        let trigger = match number {
            0 => u64::MAX,
            1 => 1,
            _ => price(100) + rng.random_range(0..50) * price(2),
        };
        let (key, order) = placed(kind, trigger, 0);
        index.upsert(key, &order, stamp(1));
        all.push((key, kind, trigger));
    }
    for number in 0..all.len() {
        let around = all[number].2.min(i64::MAX as u64 - 1);
        for at in [around - 1, around, around + 1] {
            for adds in [false, true] {
                let mut found = reached(&index, adds, at);
                let triggers = |kind: OrderKind, trigger: u64| match kind {
                    OrderKind::TakeProfit | OrderKind::Stop => at >= trigger,
                    _ => at <= trigger,
                };
                let mut expected: Vec<Pubkey> = all
                    .iter()
                    .filter(|(_, kind, _)| ADDING.contains(kind) == adds)
                    .filter(|(_, kind, trigger)| triggers(*kind, *trigger))
                    .map(|(key, _, _)| *key)
                    .collect();
                found.sort();
                expected.sort();
                assert_eq!(found, expected, "at {at}");
            }
        }
    }
    for (key, _, _) in &all {
        assert!(index.remove(key) && !index.remove(key));
    }
    assert!(index.is_empty() && !index.wait_for_prices() && index.living.is_empty());
    assert!(index.by_position.is_empty());
}

#[test]
fn the_deepest_come_first() {
    let mut index = OrderIndex::default();
    let stops: Vec<Pubkey> = [140, 120, 130]
        .map(|trigger| {
            let (key, order) = placed(OrderKind::StopLoss, price(trigger), 0);
            index.upsert(key, &order, stamp(1));
            key
        })
        .into();
    assert_eq!(reached(&index, false, price(125)), [stops[0], stops[2]]);
    assert_eq!(reached(&index, false, price(120)), [stops[0], stops[2], stops[1]]);
}

#[test]
fn what_is_worked_on_idle_or_expired_is_not_offered() {
    let mut index = OrderIndex::default();
    let (key, order) = placed(OrderKind::StopLoss, price(140), 0);
    index.upsert(key, &order, stamp(1));
    let slot = index.slot(&key).expect("held");
    let own = Position { generation: order.generation, owner: order.trader, ..long().2 };
    for (place, news) in [(Place::Parked, false), (Place::Idle, true)] {
        index.place(slot, place);
        assert!(reached(&index, false, price(139)).is_empty(), "{place:?}");
        // The same order again, as every snapshot brings it.
        index.upsert(key, &order, stamp(2));
        assert!(reached(&index, false, price(139)).is_empty(), "{place:?}");
        index.position_changed(&order.position, &own);
        assert_eq!(reached(&index, false, price(139)).len(), usize::from(news), "{place:?}");
    }
    // Another generation ends it at once.
    let next = Position { generation: order.generation + 1, ..own };
    index.position_changed(&order.position, &next);
    assert_eq!(index.held(slot).map(Held::place), Some(Place::Idle));
    index.position_changed(&order.position, &own);
    // It executes in its last second and not after it, whoever puts it back.
    index.expire(order.expires_at);
    assert_eq!(reached(&index, false, price(139)).len(), 1);
    index.expire(order.expires_at + 1);
    assert!(reached(&index, false, price(139)).is_empty());
    index.place(slot, Place::Waiting);
    index.position_changed(&order.position, &own);
    assert!(reached(&index, false, price(139)).is_empty());
    assert_eq!(index.ended().map(|held| held.key).collect::<Vec<_>>(), [key]);
}

#[test]
fn an_order_placed_anew_under_its_number_waits_anew() {
    let mut index = OrderIndex::default();
    let (key, order) = placed(OrderKind::StopLoss, price(140), 0);
    index.upsert(key, &order, stamp(5));
    index.place(0, Place::Idle);
    let anew = Order { trigger_price: price(120), ..order };
    assert!(!index.upsert(key, &anew, stamp(4)), "older news");
    assert!(index.upsert(key, &anew, stamp(6)));
    assert!(reached(&index, false, price(121)).is_empty());
    assert_eq!(reached(&index, false, price(120)), [key]);
}

#[test]
fn a_snapshot_drops_what_it_does_not_have_and_keeps_what_is_newer() {
    let mut index = OrderIndex::default();
    let orders: Vec<_> = (0..3).map(|_| placed(OrderKind::StopLoss, price(140), 0)).collect();
    for ((key, order), slot) in orders.iter().zip([5, 5, 9]) {
        index.upsert(*key, order, stamp(slot));
    }
    let replaced = index.replace(vec![orders[0]], 7);
    assert_eq!((replaced.updated, replaced.removed), (1, 1));
    let left = reached(&index, false, price(139));
    assert!(left.contains(&orders[0].0) && left.contains(&orders[2].0) && left.len() == 2);
}

/// Due from three seconds after its placement on, until 60 seconds later.
#[test]
fn a_delayed_order_is_due_by_time_alone() {
    let (mut market, key, mut position) = long();
    market.oracle.account = Pubkey::default();
    let terms = fixtures::terms(OrderKind::Delayed, Side::Long, 0, NOW);
    let (key, order) = fixtures::order(key, &mut position, &market, 1, &terms, NOW);
    let mut index = OrderIndex::default();
    index.upsert(key, &order, stamp(1));
    let due = |index: &OrderIndex, now: i64| {
        let mut slots = Vec::new();
        index.due(now, &mut slots);
        slots.len()
    };
    assert!(!index.wait_for_prices());
    assert_eq!((due(&index, NOW + 2), due(&index, NOW + 3)), (0, 1));
    index.expire(NOW + 63);
    assert_eq!(due(&index, NOW + 63), 1);
    index.expire(NOW + 64);
    assert_eq!(due(&index, NOW + 64), 0);
}

/// A stop-loss of half a long at 140, seen at 139: what has to hold, and what
/// becomes of it where one thing does not.
#[test]
fn an_order_is_judged_as_the_program_will() {
    let (market, key, mut position) = long();
    let terms = fixtures::terms(OrderKind::StopLoss, Side::Long, price(140), NOW);
    let (_, order) = fixtures::order(key, &mut position, &market, 7, &terms, NOW);
    let now = NOW + 3;
    let ask = |order: &Order, position: Option<&Position>, market: &Market, reading: &PriceReading| {
        judge(order, position, market, reading, now)
    };
    let low = reading(price(139), now);
    assert_eq!(ask(&order, Some(&position), &market, &low), Judgement::Executes);

    assert_eq!(ask(&order, None, &market, &low), Judgement::Idle);
    let other_generation = Position { generation: position.generation + 1, ..position };
    assert_eq!(ask(&order, Some(&other_generation), &market, &low), Judgement::Idle);
    let mut ended = position;
    ended.void_orders[0] = 1 << 7;
    assert_eq!(ask(&order, Some(&ended), &market, &low), Judgement::Idle);
    let empty = Position { size: 0, ..position };
    assert_eq!(ask(&order, Some(&empty), &market, &low), Judgement::Idle);
    let stranger = Order { trader: Pubkey::new_unique(), ..order };
    assert_eq!(ask(&stranger, Some(&position), &market, &low), Judgement::Idle);

    for waits in [reading(price(140) + 1, now), reading(price(139), now - 1)] {
        assert_eq!(ask(&order, Some(&position), &market, &waits), Judgement::Waits, "{waits:?}");
    }
    // It sells, and not below 139.5.
    let careful = Order { acceptable_price: price(279) / 2, ..order };
    assert_eq!(ask(&careful, Some(&position), &market, &low), Judgement::Waits);
    assert_eq!(ask(&careful, Some(&position), &market, &reading(price(140), now)), Judgement::Executes);

    // All of it, while a delayed order is pending.
    let committed = Position { committed_until: now, ..position };
    let whole = Order { share_ppm: 1_000_000, ..order };
    assert_eq!(ask(&order, Some(&committed), &market, &low), Judgement::Executes);
    assert_eq!(ask(&whole, Some(&committed), &market, &low), Judgement::Waits);
    assert_eq!(judge(&whole, Some(&committed), &market, &low, now + 1), Judgement::Executes);
    let limit = fixtures::terms(OrderKind::Limit, Side::Long, price(140), NOW);
    let (_, limit) = fixtures::order(key, &mut { position }, &market, 8, &limit, NOW);
    assert_eq!(ask(&limit, Some(&position), &market, &low), Judgement::Executes);
    assert_eq!(ask(&limit, Some(&committed), &market, &low), Judgement::Waits);
    let paused = Market { status: MarketStatus::Paused as u8, ..market };
    assert_eq!(ask(&whole, Some(&committed), &paused, &low), Judgement::Executes);
}
