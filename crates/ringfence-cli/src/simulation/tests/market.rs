//! Markets of other parameters, and where the money in them went.

use ringfence_client::OpenPositionArgs;

use super::super::opening::Opening;
use super::*;
use crate::params::MarketSpec;

#[test]
fn what_the_bounds_exclude_the_bytecode_refuses() {
    let changes: [fn(&mut MarketSpec); 4] = [
        |spec| spec.params.open_fee_ppm = 10_001,
        |spec| spec.params.maintenance_margin_ppm = spec.params.initial_margin_ppm,
        |spec| spec.params.skew_scale = 0,
        |spec| spec.oracle.max_age_open = spec.oracle.max_age_reduce + 1,
    ];
    let code = u32::from(ringfence_client::RingfenceError::ParameterOutOfBounds);
    for change in changes {
        let mut setup = setup(&[], "1000");
        change(&mut setup.spec);
        let error = Simulation::new(&setup).map(drop).unwrap_err().to_string();
        assert!(
            error.starts_with("the market cannot be created") && error.contains(&code.to_string()),
            "{error}"
        );
    }
}

#[test]
fn a_flow_that_is_in_no_event_is_noticed() {
    type Change = fn(&mut Ledger);
    let changes: [(Change, &str); 7] = [
        (|ledger| ledger.trading_fees += 1, "the trading fee is"),
        (|ledger| ledger.trading_fees_lp += 1, "liquidity is"),
        (|ledger| ledger.losses += 1, "liquidity is"),
        (|ledger| ledger.insurance_start += 1, "insurance is"),
        (|ledger| ledger.insurance_to_keeper += 1, "insurance is"),
        (|ledger| ledger.trading_fees_protocol += 1, "protocol fees is"),
        (|ledger| ledger.bad_debt += 1, "bad debt is"),
    ];
    for (change, expected) in changes {
        let mut simulation = simulation(&[(Side::Long, 10)], "1000000");
        change(&mut simulation.ledger);
        assert!(broken(simulation.audit_books()).starts_with(expected), "{expected}");
    }
    let mut simulation = simulation(&[(Side::Long, 10)], "1000000");
    simulation.fees += 1;
    assert!(broken(simulation.finish()).starts_with("positions paid"));
}

#[test]
fn insurance_is_there_from_the_start_and_pays_a_gap() {
    let insured = Setup { insurance: Quote(quote("2500")), ..setup(&[(Side::Long, 20)], "1000000") };
    let mut simulation = started(&insured);
    let before = simulation.state().insurance;
    // A tenth of the opening fee of 10.
    assert!(before > quote("2501") && before < quote("2501.01"));
    simulation.tick(START + 60, Price(price("75"))).unwrap();
    simulation.finish().unwrap();
    let ledger = simulation.ledger;
    assert!(ledger.bad_debt > quote("4000"));
    assert_eq!(
        ledger.insurance_to_bad_debt + ledger.insurance_to_keeper,
        before + ledger.liquidation_fees_insurance
    );
    assert_eq!(simulation.state().insurance, 0, "the debt is more than it has");
    assert_eq!(ledger.bad_debt_of_pool(), ledger.bad_debt - ledger.insurance_to_bad_debt);
}

#[test]
fn an_opening_is_covered_from_just_the_margin_that_the_program_asks_for() {
    for side in [Side::Long, Side::Short] {
        let setup = setup(&[(side, 20)], "1000000");
        let mut simulation = Simulation::new(&setup).unwrap();
        simulation.tick(START, Price(price("100"))).unwrap();
        let market = simulation.state();
        let size = math::Size(200_000_000_000);
        let covered = |margin: u64| {
            let plan = Plan { side, leverage: 20, margin: Quote(margin) };
            let (scale, reading) = (market.scale().unwrap(), simulation.feed.reading());
            let opening = Opening::of(&plan, size, &market.params, market.skew(), reading, scale).unwrap();
            opening.is_covered(&market.params)
        };
        // 3.75 % of 20,000, and what fee, spread and edge take: 750 to 800.
        let (mut below, mut enough) = (quote("750"), quote("800"));
        assert!(!covered(below) && covered(enough));
        while enough - below > 1 {
            let middle = below + (enough - below) / 2;
            if covered(middle) { enough = middle } else { below = middle }
        }
        let trader = simulation.world.trader_of(simulation.market, quote("2000"));
        simulation.publish();
        let mut open = |margin: u64| {
            let acceptable_price = ringfence_testkit::trade::any_price(true, side);
            let args = OpenPositionArgs { id: 0, side, size: size.0, margin, acceptable_price };
            simulation.world.open_with(simulation.market, &trader, args)
        };
        let short = open(below).unwrap_err();
        assert!(short.is(ringfence_client::RingfenceError::BelowInitialMargin), "{:?}", short.error);
        open(enough).unwrap();
    }
}

#[test]
fn a_skew_without_a_fill_price_waits_and_is_no_broken_invariant() {
    // 10 base each over a skew scale of 10: long, short, and another short,
    // which sells at 100 × (1 − 5 ÷ 10). The long would now sell at
    // 100 × (1 − 15 ÷ 10).
    let tight = |plans: &[(Side, u32)]| {
        let mut setup = setup(plans, "1000000");
        setup.spec.params.skew_scale = 10_000_000_000;
        started(&setup)
    };
    let mut simulation = tight(&[(Side::Long, 1), (Side::Short, 1), (Side::Short, 1)]);
    assert_eq!(simulation.statistics.count(Kind::OpenPosition), 3);
    assert!(!simulation.close(0).unwrap());
    simulation.finish().unwrap();
    assert_eq!(simulation.statistics.count(Kind::ClosePosition), 3);

    // A second long would buy at 100 × (1 + 15 ÷ 10), and lose more than it puts up.
    let mut simulation = tight(&[(Side::Long, 1), (Side::Long, 1)]);
    assert_eq!((simulation.uncovered, simulation.deferred), (1, 0));
    simulation.finish().unwrap();
}

#[test]
fn what_a_close_cannot_pay_is_forgiven_or_debt() {
    // Over a skew scale of 10, a long of 10 buys at 150.025, the short that
    // follows sells at 149.975, and the long would now sell at 49.975, half of
    // the confidence of 0.05 in each.
    let mut tight = setup(&[(Side::Long, 1), (Side::Short, 1)], "1000000");
    tight.spec.params.skew_scale = 10_000_000_000;
    let mut simulation = started(&tight);
    assert!(simulation.close(0).unwrap());
    let ledger = simulation.ledger;
    // 5 bp of 1,500.25, and of 1,499.75; a tenth of each, cut off, is insurance's.
    assert_eq!(ledger.trading_fees, 750_125 + 749_875);
    assert_eq!(
        (ledger.trading_fees_insurance, ledger.trading_fees_protocol),
        (75_012 + 74_987, 75_012 + 74_987)
    );
    // A loss of 1,500.25 − 499.75 = 1,000.50 from a margin of 999.249875; then
    // 5 bp of 499.75.
    assert_eq!((ledger.losses, ledger.bad_debt), (999_249_875, 1_250_125));
    assert_eq!(ledger.trading_fees_forgiven, 249_875);
    assert_eq!((ledger.insurance_to_bad_debt, ledger.bad_debt_of_pool()), (149_999, 1_100_126));
    simulation.finish().unwrap();
}

#[test]
fn an_average_that_never_comes_near_ends_the_run() {
    let mut setup = setup(&[], "1000");
    setup.spec.oracle.max_divergence_ppm = 1;
    setup.price = Price(1_000);
    setup.spec.size_decimals = 0;
    let mut simulation = Simulation::new(&setup).unwrap();
    // An average of whole units stays up to six of them below a price: 0.6 %.
    simulation.tick(START, Price(1_000)).unwrap();
    simulation.tick(START + 60, Price(1_100)).unwrap();
    let error = simulation.finish().unwrap_err();
    assert!(error.to_string().starts_with("max_divergence_ppm is too small"), "{error:#}");
}
