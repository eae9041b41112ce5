//! What a simulation notices. These run the compiled program.

use ringfence_client::state::{Market, Position, Side};
use ringfence_math::{Quote, mul_div_floor};
use ringfence_testkit::{price, program_path, quote};

use super::*;
use crate::params::Overrides;

mod market;
mod orders;

const START: i64 = 1_700_000_000;

fn setup(plans: &[(Side, u32)], liquidity: &str) -> Setup {
    let margin = Quote(quote("1000"));
    let highest = plans.iter().map(|(_, leverage)| *leverage).max().unwrap_or(1);
    let plans = plans.iter().map(|(side, leverage)| Plan { side: *side, leverage: *leverage, margin });
    Setup {
        program: program_path(),
        market: "TEST-PERP",
        start: START,
        price: Price(price("100")),
        spec: Overrides::default().resolve(Price(price("100")), highest).unwrap(),
        liquidity: Quote(quote(liquidity)),
        insurance: Quote::ZERO,
        bracket: Bracket::default(),
        plans: plans.collect(),
        lives: 10,
    }
}

fn simulation(plans: &[(Side, u32)], liquidity: &str) -> Simulation {
    started(&setup(plans, liquidity))
}

/// With everybody's position open.
fn started(setup: &Setup) -> Simulation {
    let mut simulation = Simulation::new(setup).unwrap();
    simulation.tick(START, Price(price("100"))).unwrap();
    for index in 0..simulation.participants.len() {
        simulation.open(index).unwrap();
    }
    simulation
}

fn broken(result: anyhow::Result<()>) -> String {
    result.unwrap_err().downcast::<Violation>().expect("a violation").0
}

fn state_of(simulation: &Simulation, index: usize) -> Position {
    simulation.participants[index].life.expect("an open position").state
}

/// The first index price, coming from a healthy one, at which the edge of the
/// confidence interval that favours `side` reaches `mark`.
fn first_index(side: Side, mark: Price) -> u64 {
    let confidence = |price: u64| mul_div_floor(price, 500, 1_000_000).unwrap();
    let (denominator, reaches): (u64, &dyn Fn(u64) -> bool) = match side {
        Side::Long => (1_000_500, &|price| price + confidence(price) <= mark.0),
        Side::Short => (999_500, &|price| price - confidence(price) >= mark.0),
    };
    let estimate = mul_div_floor(mark.0, 1_000_000, denominator).unwrap();
    let near = estimate - 5..=estimate + 5;
    match side {
        Side::Long => near.rev().find(|price| reaches(*price)),
        Side::Short => near.into_iter().find(|price| reaches(*price)),
    }
    .unwrap()
}

/// The first index price at which the position falls at `time`: funding is
/// counted at that price itself, so it is looked for until it stands still.
fn falls_at(simulation: &Simulation, side: Side, time: i64) -> u64 {
    let (market, position) = (simulation.state(), state_of(simulation, 0));
    let next = |index: u64| {
        let market = health::accrued(&market, time, Price(index)).unwrap();
        first_index(side, health::liquidation_price(&market, &position).unwrap().unwrap())
    };
    let mut index = next(simulation.price().0);
    while next(index) != index {
        index = next(index);
    }
    index
}

#[test]
fn a_position_falls_at_the_first_tick_of_its_liquidation_price_and_not_before() {
    for (side, safer) in [(Side::Long, 1), (Side::Short, -1)] {
        for leverage in [2, 5, 10, 20] {
            let mut simulation = simulation(&[(side, leverage)], "1000000");
            let size = state_of(&simulation, 0).size;
            // The average follows, so that no price is too far from it. What
            // accrues meanwhile only brings the liquidation price nearer.
            let mut time = START;
            while !simulation.accepts_price(Action::Liquidate) || time == START {
                time += 36_000;
                let at = falls_at(&simulation, side, time + 1);
                simulation.tick(time, Price(at.saturating_add_signed(safer * 1_000_000_000))).unwrap();
            }
            let at = falls_at(&simulation, side, time + 1);
            simulation.tick(time + 1, Price(at.saturating_add_signed(safer))).unwrap();
            assert_eq!(simulation.statistics.count(Kind::Liquidate), 0, "{side:?} {leverage}x");
            simulation.tick(time + 1, Price(at)).unwrap();
            assert_eq!(simulation.statistics.count(Kind::Liquidate), 1, "{side:?} {leverage}x");
            assert_eq!(simulation.partial_liquidations, 1);
            assert!(simulation.take_fallen().is_empty(), "most of it stays open");
            // Initial 5 %, maintenance and fee 3.5 %, fee 1 % up to 15x:
            // (5 − 3.5) ÷ (5 − 1) = 37.5 % are closed. At 20x three quarters of
            // each, so again 37.5 %. An atom of equity is worth 25 to 34 atoms
            // of that, of thousands of millions.
            let left = u128::from(state_of(&simulation, 0).size) * 1_000_000 / u128::from(size);
            assert!((624_990..=625_010).contains(&left), "{side:?} {leverage}x: {left}");
            simulation.audit_books().unwrap();
        }
    }
}

#[test]
fn time_alone_liquidates_again_and_again() {
    // 20x of 1,000 reserve 20,010 of 26,000: utilisation 77 %, and the borrow
    // rate 2 % + 10 % × 77 % = 9.7 % a year, 1,940 or 5.32 a day. Longs alone
    // pay funding: 200 of the skew scale's 15,000,000 turn the rate by 10 % of
    // 1.33e-5 a day each day, which takes 20,000 × 1.33e-6 × t² ÷ 2 by day t.
    // Of the margin fee and fill leave about 985; the edge adds 10; 2.625 % of
    // 20,000 must stay. The 470 in between last until 5.32 t + 0.0133 t² = 470:
    // 74 days. (70 days take 438, 79 days 503.)
    const DAY: i64 = 86_400;
    let mut simulation = simulation(&[(Side::Long, 20)], "26000");
    let same = Price(price("100"));
    simulation.tick(START + 70 * DAY, same).unwrap();
    assert_eq!(simulation.statistics.count(Kind::Liquidate), 0);
    simulation.tick(START + 79 * DAY, same).unwrap();
    assert_eq!((simulation.statistics.count(Kind::Liquidate), simulation.partial_liquidations), (1, 1));
    let first = simulation.participants[0].life.unwrap();
    assert_eq!(first.liquidated.unwrap().time, START + 79 * DAY);
    assert!(!first.state.is_empty());
    simulation.audit_books().unwrap();

    // What is left has 3.75 % of its notional and pays 2 % or more a year: two
    // years take more than the 1.125 % above the requirement.
    for month in 1..=24 {
        simulation.tick(START + (79 + 30 * month) * DAY, same).unwrap();
        simulation.audit_books().unwrap();
    }
    assert!(simulation.statistics.count(Kind::Liquidate) > 1);
    let last = simulation.participants[0].life.unwrap();
    assert_eq!((last.position, last.liquidated), (first.position, first.liquidated));
    assert_eq!(simulation.chart.liquidations.len(), 1, "a position is marked once");

    simulation.finish().unwrap();
    let outcome = simulation.participants[0].outcome.unwrap();
    assert!(outcome.adds_up() && outcome.liquidated == first.liquidated);
    // 5.32 a day for the first 79 days alone.
    assert!(simulation.ledger.borrow > quote("420"));
    assert!(simulation.ledger.funding < 0, "longs alone pay");
}

#[test]
fn of_two_positions_one_falls_and_the_other_keeps_every_atom() {
    let mut simulation = simulation(&[(Side::Long, 20), (Side::Long, 2), (Side::Short, 5)], "1000000");
    let before = [1, 2].map(|index| state_of(&simulation, index));
    simulation.tick(START + 60, Price(price("94"))).unwrap();
    assert_eq!(simulation.take_fallen(), [0]);
    assert_eq!([1, 2].map(|index| state_of(&simulation, index).margin), before.map(|state| state.margin));
    simulation.audit_books().unwrap();

    assert!(simulation.close(0).unwrap() && simulation.open(0).unwrap(), "he takes the rest and opens anew");
    let outcome = simulation.participants[0].outcome.unwrap();
    assert!(outcome.liquidated.is_some() && outcome.loss() <= quote("1000"));
    simulation.finish().unwrap();
    assert_eq!(simulation.holdings().vaults, 0);
    assert_eq!(simulation.holdings().difference(), 0);
}

#[test]
fn a_gap_costs_the_margin_and_no_more() {
    let mut simulation = simulation(&[(Side::Long, 20)], "1000000");
    simulation.tick(START + 60, Price(price("75"))).unwrap();
    assert_eq!(simulation.take_fallen(), [0]);
    simulation.close(0).unwrap();
    let outcome = simulation.participants[0].outcome.unwrap();
    assert_eq!((outcome.loss(), outcome.payout), (quote("1000"), 0));
    assert_eq!(simulation.max_loss_over_margin_ppm, 1_000_000);
    // 20,000 of notional lose 5,000; fee, and keeper's minimum, come off the 1,000.
    assert!(simulation.state().bad_debt > quote("4000"));
    assert!(simulation.keeper_rewards >= quote("0.1"));
    simulation.finish().unwrap();
}

#[test]
fn margin_can_be_removed_to_the_last_atom_that_the_view_names() {
    let mut simulation = simulation(&[(Side::Long, 5), (Side::Short, 5)], "1000000");
    for index in [0, 1] {
        let removable = simulation.removable_margin(index).unwrap();
        // 20 % margin of which about 5 % must stay.
        assert!((quote("700")..quote("760")).contains(&removable), "{removable}");
        assert!(simulation.remove_margin(index, removable).unwrap());
        assert_eq!(simulation.removable_margin(index).unwrap(), 0);
        let refused = simulation.remove_margin(index, 1).unwrap_err();
        assert!(refused.downcast::<Violation>().unwrap().0.starts_with("remove_margin at"));
    }
    assert!(simulation.add_margin(0, quote("50")).unwrap());
    assert!(!simulation.add_margin(0, u64::MAX).unwrap(), "more than he has");
    simulation.finish().unwrap();
    simulation.participants.iter().for_each(|one| assert!(one.outcome.unwrap().adds_up()));
}

#[test]
fn a_pool_that_cannot_back_a_position_defers_it() {
    // Two positions reserve 5,000 each; 80 % of 9,000 back one of them.
    let mut simulation = simulation(&[(Side::Long, 5), (Side::Short, 5)], "9000");
    assert_eq!((simulation.statistics.count(Kind::OpenPosition), simulation.deferred), (1, 1));
    simulation.close(0).unwrap();
    assert!(simulation.open(1).unwrap());
    simulation.finish().unwrap();
}

#[test]
fn far_from_its_average_the_price_is_not_traded_on() {
    let mut simulation = simulation(&[(Side::Long, 10), (Side::Long, 2)], "1000000");
    simulation.tick(START + 1, Price(price("60"))).unwrap();
    assert_eq!(simulation.statistics.count(Kind::Liquidate), 0);
    assert!(!simulation.accepts_price(Action::Liquidate));
    assert!(!simulation.close(1).unwrap() && !simulation.open(1).unwrap());
    assert_eq!(simulation.removable_margin(1).unwrap(), 0);
    simulation.audit_books().unwrap();

    simulation.finish().unwrap();
    assert_eq!(simulation.statistics.count(Kind::Liquidate), 1, "when the average has followed");
    // Down 25 % after 20 minutes of 60 would take the average to 84.6.
    assert!(simulation.time() > START + 1_200);
}

#[test]
fn a_vault_or_wallet_that_moves_by_itself_is_noticed() {
    let mut touched = simulation(&[(Side::Long, 10), (Side::Short, 10)], "1000000");
    let vault = touched.participants[1].life.unwrap().vault;
    touched.world.donate(vault, 1);
    assert!(broken(touched.audit_positions()).contains("vault of position"));
    assert!(broken(touched.close(1).map(drop)).contains("vault of position"));
    // The other's liquidation looks at all vaults.
    assert!(broken(touched.tick(START + 60, Price(price("88")))).contains("vault of position"));

    let mut touched = simulation(&[(Side::Long, 10)], "1000000");
    let wallet = touched.participants[0].tokens;
    touched.world.donate(wallet, 1);
    assert!(broken(touched.audit_books()).contains("wallet of"));
}

#[test]
fn books_that_do_not_balance_are_noticed() {
    let changes: [fn(&mut Market); 5] = [
        |market| market.liquidity += 1,
        |market| market.insurance += 1,
        |market| market.reserved -= 1,
        |market| market.long.open_interest += 1,
        |market| market.long.positions += 1,
    ];
    for change in changes {
        let mut touched = simulation(&[(Side::Long, 10)], "1000000");
        let key = touched.world.market_key(touched.market);
        touched.world.edit::<Market>(&key, change);
        assert!(broken(touched.audit_books()).contains("expected"), "{}", broken(touched.audit_books()));
    }
}

#[test]
fn a_liquidation_that_fails_ends_the_run() {
    let mut touched = simulation(&[(Side::Long, 10)], "1000000");
    let key = touched.world.market_key(touched.market);
    touched.world.edit::<Market>(&key, |market| market.version = 99);
    assert!(broken(touched.tick(START + 60, Price(price("85")))).starts_with("liquidate at"));
}

#[test]
fn a_program_that_is_not_there_is_named_with_its_remedy() {
    let setup = Setup { program: "no/such/ringfence.so".into(), ..setup(&[], "1000") };
    let error = Simulation::new(&setup).map(drop).unwrap_err().to_string();
    assert_eq!(
        error,
        "no compiled program at no/such/ringfence.so; build it with: toolchain/build programs/ringfence"
    );
}
