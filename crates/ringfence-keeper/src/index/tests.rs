use std::collections::BTreeSet;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use ringfence_client::health;
use ringfence_client::state::Side;

use super::*;
use crate::fixtures::{self, UNIT, price, quote};

fn random_position(rng: &mut StdRng, key: Pubkey, market: &mut Market) -> (Pubkey, Position) {
    let side = if rng.random_bool(0.5) { Side::Long } else { Side::Short };
    let size = match rng.random_range(0..4) {
        0 => rng.random_range(1..1_000),
        1 => rng.random_range(UNIT / 20..UNIT),
        _ => rng.random_range(UNIT..1_000 * UNIT),
    };
    let entry = rng.random_range(price(100)..price(200));
    let notional = (u128::from(size) * u128::from(entry) / 10_000_000_000_000) as u64;
    // From barely anything to more than the whole notional.
    let margin = match rng.random_range(0..5) {
        0 => rng.random_range(0..=notional / 20 + 1),
        4 => notional.saturating_mul(2) + 5,
        _ => rng.random_range(notional / 30..=notional / 2 + 1),
    };
    let (key, mut position) = fixtures::position(key, market, side, size, entry, margin);
    position.reserve = (notional as f64 * rng.random_range(0.05..3.0)) as u64;
    (key, position)
}

fn liquidatable(
    market: &Market,
    positions: &[(Pubkey, Position)],
    side: Side,
    mark: Price,
) -> BTreeSet<Pubkey> {
    let judged = |position: &Position| {
        position.side().is_ok_and(|own| own == side)
            && health::health(market, position, mark).is_ok_and(|health| health.is_liquidatable())
    };
    positions.iter().filter(|(_, position)| judged(position)).map(|(key, _)| *key).collect()
}

/// A long above its cap with a requirement that has outgrown it, or a position
/// at its cap: those are offered by the other ladder.
fn offered(index: &MarketIndex, side: Side, mark: Price) -> BTreeSet<Pubkey> {
    let mut slots = Vec::new();
    index.liquidation_candidates(side, mark, &mut slots);
    index.cap_candidates(side, mark, &mut slots);
    slots.iter().filter_map(|&slot| index.record(slot)).map(|record| record.key).collect()
}

fn capped(market: &Market, positions: &[(Pubkey, Position)], side: Side, mark: Price) -> BTreeSet<Pubkey> {
    let judged = |position: &Position| {
        position.side().is_ok_and(|own| own == side)
            && health::health(market, position, mark)
                .is_ok_and(|health| health.gain == ringfence_math::Quote(position.reserve).into())
    };
    positions.iter().filter(|(_, position)| judged(position)).map(|(key, _)| *key).collect()
}

/// The bound of the module's documentation, against brute force: whatever the
/// indices did since a position was keyed, what the engine liquidates or may
/// close at its cap is offered.
#[test]
fn nothing_is_late_whatever_has_accrued() {
    let mut rng = StdRng::seed_from_u64(0x5eed);
    for _ in 0..12 {
        let (key, mut market) = fixtures::market(0);
        market.params.min_keeper_reward = [1, quote(1) / 10, quote(20)][rng.random_range(0..3)];
        let positions: Vec<_> = (0..200).map(|_| random_position(&mut rng, key, &mut market)).collect();
        let mut index = MarketIndex::new(market);
        index.build(positions.clone(), Stamp::default());
        let mut seen = 0;
        for _ in 0..120 {
            // Up to 3 % of the price a step, either way; the borrow index rises.
            let step = 3e16 * 0.15 * rng.random_range(-1.0..1.0f64);
            market.funding_index.set(market.funding_index.get() + step as i128);
            market.borrow_index.set(market.borrow_index.get() + rng.random_range(0..20_000_000_000_000_000));
            index.advance(market);
            let mark = Price(rng.random_range(price(40)..price(420)));
            for side in [Side::Long, Side::Short] {
                let due = liquidatable(&market, &positions, side, mark);
                let gained = capped(&market, &positions, side, mark);
                let offered = offered(&index, side, mark);
                assert!(due.is_subset(&offered), "late: {:?}", due.difference(&offered));
                assert!(gained.is_subset(&offered), "cap late: {:?}", gained.difference(&offered));
                seen += due.len();
            }
            index.rekey_slice(rng.random_range(0..20));
        }
        assert!(seen > 1_000, "the marks must reach positions: {seen}");
    }
}

/// At the very prices: offered at the first price that liquidates.
#[test]
fn a_position_is_offered_at_its_own_liquidation_price() {
    let mut rng = StdRng::seed_from_u64(7);
    let (key, mut market) = fixtures::market(0);
    let positions: Vec<_> = (0..500).map(|_| random_position(&mut rng, key, &mut market)).collect();
    let mut index = MarketIndex::new(market);
    index.build(positions.clone(), Stamp::default());
    market.funding_index.set(1_234_567_890_123_456);
    market.borrow_index.set(9_876_543_210_123_456);
    index.advance(market);
    let mut checked = 0;
    for (key, position) in &positions {
        let Ok(Some(price)) = health::liquidation_price(&market, position) else { continue };
        let side = position.side().expect("a side");
        assert!(offered(&index, side, price).contains(key), "{side:?} at {}", price.0);
        checked += 1;
    }
    assert!(checked > 300, "{checked}");
}

#[test]
fn what_drift_offers_too_early_is_few_again_after_a_pass() {
    let (key, mut market) = fixtures::market(0);
    let mut positions = Vec::new();
    for number in 0..1_000u64 {
        let margin = quote(10) + number * 10_000;
        positions.push(fixtures::position(key, &mut market, Side::Long, UNIT, price(150), margin));
    }
    let mut index = MarketIndex::new(market);
    index.build(positions.clone(), Stamp::default());
    // Back and forth: the price of each is where it was, the bound is not.
    for sign in [1, -1, 1, -1] {
        market.funding_index.set(market.funding_index.get() + sign * 2_000_000_000_000_000);
        index.advance(market);
    }
    let mark = Price(price(149));
    let early = offered(&index, Side::Long, mark).len();
    index.rekey_slice(1_000);
    let exact = offered(&index, Side::Long, mark).len();
    // Two steps of 2 quote against longs: 4 ÷ 0.965 = 4.1451 of drift, so that
    // (140 − 0.01·k) ÷ 0.965 ≥ 149 − 4.1451 for k = 0 to 21.
    assert_eq!((early, exact), (22, 0));
}

#[test]
fn older_news_are_not_taken_in() {
    let (key, mut market) = fixtures::market(0);
    let (address, mut position) =
        fixtures::position(key, &mut market, Side::Long, UNIT, price(150), quote(10));
    let mut index = MarketIndex::new(market);
    let at = |slot, arrival| Stamp { slot, arrival };
    assert!(index.upsert(address, &position, at(10, 5)));
    position.margin = quote(50);
    assert!(!index.upsert(address, &position, at(9, 6)), "an older slot that arrives later");
    assert!(!index.upsert(address, &position, at(10, 4)), "an earlier arrival in the slot");
    assert_eq!(index.get(&address).map(|record| record.margin), Some(quote(10)));
    assert!(index.upsert(address, &position, at(10, 6)));
    assert_eq!(index.get(&address).map(|record| record.margin), Some(quote(50)));
}

#[test]
fn a_snapshot_removes_only_what_it_is_newer_than() {
    let (key, mut market) = fixtures::market(0);
    let mut make = || fixtures::position(key, &mut market, Side::Long, UNIT, price(150), quote(10));
    let (old, fresh, kept) = (make(), make(), make());
    let mut index = MarketIndex::new(market);
    index.upsert(old.0, &old.1, Stamp { slot: 5, arrival: 1 });
    index.upsert(fresh.0, &fresh.1, Stamp { slot: 8, arrival: 2 });
    let replaced = index.replace(vec![kept], 8);
    assert_eq!(replaced, Replaced { updated: 1, removed: 1 });
    assert!(index.get(&old.0).is_none() && index.get(&fresh.0).is_some() && index.get(&kept.0).is_some());
    assert_eq!(index.len(), 2);
}

#[test]
fn a_parked_position_is_offered_again_only_once_it_is_placed() {
    let (key, mut market) = fixtures::market(0);
    let (address, position) = fixtures::position(key, &mut market, Side::Short, UNIT, price(150), quote(10));
    let mut index = MarketIndex::new(market);
    index.upsert(address, &position, Stamp::default());
    let mark = Price(price(170));
    let slot = index.slot(&address).expect("known");
    assert_eq!(offered(&index, Side::Short, mark).len(), 1);
    index.place(slot, Place::Parked);
    index.upsert(address, &position, Stamp { slot: 1, arrival: 1 });
    index.rekey_slice(10);
    assert!(offered(&index, Side::Short, mark).is_empty());
    index.place(slot, Place::Called);
    assert_eq!(offered(&index, Side::Short, mark).len(), 1);
    assert!(index.remove(&address) && !index.remove(&address));
    assert!(offered(&index, Side::Short, mark).is_empty() && index.is_empty());
}

/// The compact record must not lose anything that health depends on.
#[test]
fn a_record_has_the_health_of_its_position() {
    let mut rng = StdRng::seed_from_u64(3);
    let (key, mut market) = fixtures::market(0);
    market.funding_index.set(-4_000_000_000_000_000);
    market.borrow_index.set(5_000_000_000_000_000);
    for _ in 0..200 {
        let (address, mut position) = random_position(&mut rng, key, &mut market);
        position.entry_funding_index.set(rng.random_range(-1_000_000_000..1_000_000_000));
        position.entry_borrow_index.set(rng.random_range(0..1_000_000_000));
        let record = Record::new(address, &position, Stamp::default());
        let mark = Price(rng.random_range(price(50)..price(300)));
        assert_eq!(
            health::health(&market, &record.position(), mark),
            health::health(&market, &position, mark)
        );
    }
}

#[test]
fn new_margin_rates_key_everything_anew() {
    let (key, mut market) = fixtures::market(0);
    let (address, position) = fixtures::position(key, &mut market, Side::Long, UNIT, price(150), quote(10));
    let mut index = MarketIndex::new(market);
    index.upsert(address, &position, Stamp::default());
    let mark = Price(price(147));
    assert!(offered(&index, Side::Long, mark).is_empty(), "liquidated at 140 ÷ 0.965 = 145.08");
    market.params.maintenance_margin_ppm = 40_000;
    index.advance(market);
    assert_eq!(offered(&index, Side::Long, mark).len(), 1, "liquidated at 140 ÷ 0.95 = 147.37");
}
