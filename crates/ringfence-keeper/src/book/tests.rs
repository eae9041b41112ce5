use super::*;
use crate::fixtures::{self, NOW, UNIT, price, quote};

const MOMENT: Moment = Moment { slot: 1, unix_timestamp: NOW, restart_slot: 0 };
const CALLS: AlertPolicy = AlertPolicy { distance_ppm: 20_000, hysteresis_ppm: 500_000 };

fn reading(price: u64, confidence: u64) -> PriceReading {
    PriceReading {
        price: Price(price),
        confidence: Price(confidence),
        ema: Price(price),
        publish_time: NOW,
        previous_publish_time: NOW - 1,
        slot: 1,
    }
}

fn book(positions: &[(Side, u64, u64)]) -> (Book, Vec<(Pubkey, Position)>) {
    let (key, mut market) = fixtures::market(0);
    let made: Vec<_> = positions
        .iter()
        .map(|&(side, entry, margin)| fixtures::position(key, &mut market, side, UNIT, entry, margin))
        .collect();
    let mut book = Book::new(key, market, market.oracle.account, Stamp::default());
    book.index.build(made.clone(), Stamp::default());
    (book, made)
}

fn tick(book: &mut Book, price: u64, confidence: u64) -> Vec<Finding> {
    let mut findings = Vec::new();
    book.tick(&reading(price, confidence), &MOMENT, Some(&CALLS), usize::MAX, &mut findings);
    findings
}

fn liquidations(findings: &[Finding]) -> Vec<&Liquidation> {
    let mut found = Vec::new();
    for finding in findings {
        if let Finding::Liquidate(liquidation) = finding {
            found.push(liquidation);
        }
    }
    found
}

fn calls(findings: &[Finding]) -> usize {
    findings.iter().filter(|finding| matches!(finding, Finding::MarginCall(_))).count()
}

/// Long of 1 at 150 with 10: (150 − 10) ÷ (1 − 0.035) = 145.0777202072…; one
/// atom is 10^4 price units, and roundings are a few atoms.
#[test]
fn a_long_is_found_at_its_price_and_not_one_unit_above() {
    let (mut book, made) = book(&[(Side::Long, price(150), quote(10))]);
    let exact = health::liquidation_price(&book.market, &made[0].1).unwrap().unwrap().0;
    assert!(exact.abs_diff(1_450_777_202_072) < 50_000, "{exact}");
    assert!(liquidations(&tick(&mut book, exact + 1, 0)).is_empty());
    let findings = tick(&mut book, exact, 0);
    let [found] = liquidations(&findings)[..] else { panic!("{findings:?}") };
    assert_eq!(found.position, made[0].0);
    // N = 145.07772; requirement 3.5 % = 5.0777202; equity is an atom or so less.
    assert!(found.maintenance.abs_diff(5_077_721) <= 2, "{}", found.maintenance);
    assert!(found.equity < i128::from(found.maintenance));
    // To the initial 5 %: C = (0.05·N − equity) ÷ 0.04 = 2.176166 ÷ 0.04 = 54.404;
    // fee 1 % of it, half the keeper's: 0.272.
    assert!(found.reward.abs_diff(272_021) < 2_000, "{}", found.reward);
}

/// Short of 1 at 150 with 10: (150 + 10) ÷ 1.035 = 154.5893719806…
#[test]
fn a_short_is_found_at_its_price_and_not_one_unit_below() {
    let (mut book, made) = book(&[(Side::Short, price(150), quote(10))]);
    let exact = health::liquidation_price(&book.market, &made[0].1).unwrap().unwrap().0;
    assert!(exact.abs_diff(1_545_893_719_806) < 50_000, "{exact}");
    assert!(liquidations(&tick(&mut book, exact - 1, 0)).is_empty());
    assert_eq!(liquidations(&tick(&mut book, exact, 0)).len(), 1);
}

/// The edge that favours the position, the interval clamped at 1 %: at a price
/// of 144 ± 1.08, a long's mark is 145.08, just above 145.0777.
#[test]
fn uncertainty_alone_liquidates_nobody() {
    let (mut book, _) = book(&[(Side::Long, price(150), quote(10))]);
    let confidence = 108 * price(1) / 100;
    assert!(liquidations(&tick(&mut book, price(144), confidence)).is_empty());
    assert_eq!(liquidations(&tick(&mut book, price(144), 0)).len(), 1);
    // At 143 ± 5 the clamp leaves 1.43: 144.43.
    assert_eq!(liquidations(&tick(&mut book, price(143), price(5))).len(), 1);
}

#[test]
fn the_deepest_come_first_and_the_limit_holds() {
    let (mut book, made) = book(&[
        (Side::Long, price(150), quote(20)),
        (Side::Long, price(150), quote(8)),
        (Side::Long, price(150), quote(14)),
    ]);
    let findings = tick(&mut book, price(120), 0);
    let order: Vec<Pubkey> = liquidations(&findings).iter().map(|found| found.position).collect();
    assert_eq!(order, [made[1].0, made[2].0, made[0].0]);
    let mut two = Vec::new();
    book.tick(&reading(price(120), 0), &MOMENT, None, 2, &mut two);
    assert_eq!(liquidations(&two).len(), 2);
}

/// 2 % above 145.0777 is 148.0385 (145.0777 ÷ 0.98); with half of the distance
/// more (3 %) the call is over above 149.5647.
#[test]
fn one_crossing_is_one_call() {
    let (mut book, made) = book(&[(Side::Long, price(150), quote(10))]);
    assert_eq!(calls(&tick(&mut book, price(1_481) / 10, 0)), 0);
    let findings = tick(&mut book, price(148), 0);
    let Some(Finding::MarginCall(call)) = findings.first() else { panic!("{findings:?}") };
    assert_eq!((call.position, call.owner), (made[0].0, made[0].1.owner));
    for again in [price(147), price(149), price(148)] {
        assert_eq!(calls(&tick(&mut book, again, 0)), 0, "within the hysteresis");
    }
    assert_eq!(calls(&tick(&mut book, price(1_496) / 10, 0)), 0, "over");
    assert_eq!(calls(&tick(&mut book, price(148), 0)), 1, "a new crossing");
}

/// Entered at 150 with a reserve of 150: a long has gained it at 300, a short
/// could only at 0; a short with a reserve of 60, at 90.
#[test]
fn a_position_is_capped_once_it_has_gained_its_reserve() {
    let (mut book, made) = book(&[(Side::Long, price(150), quote(10))]);
    let none =
        |findings: &[Finding]| !findings.iter().any(|found| matches!(found, Finding::CloseAtCap { .. }));
    assert!(none(&tick(&mut book, price(300) - 1, 0)));
    let found = tick(&mut book, price(300), 0);
    assert_eq!(found, [Finding::CloseAtCap { position: made[0].0, generation: made[0].1.generation }]);
    // The edge that hurts must have reached it.
    assert!(none(&tick(&mut book, price(301), price(2))));

    let (key, mut market) = fixtures::market(0);
    let (address, mut position) =
        fixtures::position(key, &mut market, Side::Short, UNIT, price(150), quote(10));
    position.reserve = quote(60);
    book.index = MarketIndex::new(market);
    book.index.build([(address, position)], Stamp::default());
    assert!(none(&tick(&mut book, price(90) + 10_000, 0)), "one atom short of it");
    assert_eq!(tick(&mut book, price(90), 0).len(), 1);
}

/// A pending delayed order keeps its position from being closed, until its last
/// second, in an active market.
#[test]
fn a_committed_position_is_not_capped() {
    let capped = |until: i64, status: MarketStatus| {
        let (mut book, made) = book(&[(Side::Long, price(150), quote(10))]);
        let committed = Position { committed_until: until, ..made[0].1 };
        book.index.upsert(made[0].0, &committed, Stamp { slot: 2, arrival: 1 });
        book.market.status = status as u8;
        !tick(&mut book, price(300), 0).is_empty()
    };
    assert!(!capped(NOW, MarketStatus::Active));
    assert!(capped(NOW - 1, MarketStatus::Active));
    assert!(capped(NOW, MarketStatus::ReduceOnly));
}

/// Equity stops at margin + reserve while the requirement grows: found through
/// the other ladder, with a price too old to cap by.
#[test]
fn a_cut_off_gain_that_no_longer_covers_is_liquidated() {
    let (mut book, made) = book(&[(Side::Long, price(150), quote(10))]);
    // 160 of equity against 3.5 % of 4,600 = 161, at 200 s (cap: 120 s).
    let late = Moment { unix_timestamp: NOW + 200, ..MOMENT };
    let mut findings = Vec::new();
    book.tick(&reading(price(4_600), 0), &late, None, usize::MAX, &mut findings);
    assert_eq!(liquidations(&findings).len(), 1, "{findings:?}");
    findings.clear();
    book.tick(&reading(price(4_500), 0), &late, None, usize::MAX, &mut findings);
    assert!(findings.is_empty(), "157.5 is covered: {findings:?} {}", made[0].0);
}

#[test]
fn a_price_that_the_program_refuses_is_not_acted_on() {
    let (mut book, _) = book(&[]);
    assert_eq!(book.usable_reading(&MOMENT), Err(Blind::NoPrice));
    let feed = book.market.oracle.feed_id;
    let account = |feed: &[u8; 32], time| crate::chain::fake::price_account(feed, price(150), 0, time, 1);
    book.set_price(&account(&[9; 32], NOW), Stamp { slot: 1, arrival: 1 });
    assert_eq!(book.usable_reading(&MOMENT), Err(Blind::Refused(RingfenceError::OracleWrongFeed)));
    book.set_price(&account(&feed, NOW - 301), Stamp { slot: 2, arrival: 2 });
    assert_eq!(book.usable_reading(&MOMENT), Err(Blind::Invalid(Validity::Stale)));
    book.set_price(&account(&feed, NOW - 300), Stamp { slot: 3, arrival: 3 });
    assert!(book.usable_reading(&MOMENT).is_ok());
    assert!(!book.set_price(&account(&feed, NOW), Stamp { slot: 2, arrival: 4 }), "older news");
}

/// The notification of a new position may overtake that of its market.
#[test]
fn a_position_that_the_markets_books_do_not_have_yet_is_found_all_the_same() {
    let (key, market) = fixtures::market(0);
    let mut later = market;
    let made = fixtures::position(key, &mut later, Side::Long, UNIT, price(150), quote(10));
    let mut book = Book::new(key, market, market.oracle.account, Stamp::default());
    book.index.build([made], Stamp::default());
    let findings = tick(&mut book, price(140), 0);
    let [found] = liquidations(&findings)[..] else { panic!("{findings:?}") };
    assert_eq!(found.reward, market.params.min_keeper_reward);
}

/// At 140 the long with 10 would be due; it is closed without a fee instead.
#[test]
fn in_a_settling_market_nothing_is_due() {
    let (mut book, _) = book(&[(Side::Long, price(150), quote(10))]);
    book.market.status = ringfence_client::state::MarketStatus::Settling as u8;
    book.market.settlement_price = price(140);
    let later = Moment { unix_timestamp: NOW + 1_000_000, ..MOMENT };
    let reading = book.usable_reading(&later).expect("the settlement price");
    assert_eq!(reading.price.0, price(140));
    let mut findings = Vec::new();
    book.tick(&reading, &later, None, usize::MAX, &mut findings);
    assert!(findings.is_empty(), "{findings:?}");
}
