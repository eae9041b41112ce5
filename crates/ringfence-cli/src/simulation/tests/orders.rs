//! Orders that traders attach, through the compiled program.

use super::*;

/// One trader at 100 with a take-profit at 5 % and a stop-loss at 2 %.
fn bracketed(side: Side, leverage: u32) -> Simulation {
    let bracket = Bracket { take_profit: Some(50_000), stop_loss: Some(20_000) };
    started(&Setup { bracket, ..setup(&[(side, leverage)], "1000000") })
}

/// The trigger prices of take-profit and stop-loss.
fn triggers(simulation: &Simulation) -> [u64; 2] {
    let orders = &simulation.participants[0].orders;
    assert_eq!(orders.len(), 2);
    [0, 1].map(|place| orders[place].order.trigger_price)
}

#[test]
fn triggers_lie_as_far_from_the_entry_as_asked() {
    for (side, [gain, loss]) in [(Side::Long, [105, 98]), (Side::Short, [95, 102])] {
        let simulation = bracketed(side, 2);
        let entry = simulation.participants[0].life.unwrap().entry.0;
        assert_eq!(triggers(&simulation), [entry * gain / 100, entry * loss / 100], "{side:?}");
        // Two rewards of 0.1 lie in escrows, and are nobody's loss.
        assert_eq!(simulation.holdings().escrows, 200_000);
        simulation.audit_books().unwrap();
    }
}

#[test]
fn an_order_executes_at_the_first_tick_of_its_trigger_and_not_before() {
    for side in [Side::Long, Side::Short] {
        for place in [0, 1] {
            let mut simulation = bracketed(side, 2);
            let trigger = triggers(&simulation)[place];
            let above = (side == Side::Long) == (place == 0);
            let near = if above { trigger - 1 } else { trigger + 1 };
            simulation.tick(START + 60, Price(near)).unwrap();
            assert_eq!(simulation.statistics.count(Kind::ExecuteOrder), 0, "{side:?} {place}");
            simulation.tick(START + 120, Price(trigger)).unwrap();
            let OrderCounts { take_profits, stop_losses, rewards, .. } = simulation.orders;
            assert_eq!([take_profits, stop_losses], [u64::from(place == 0), u64::from(place == 1)]);
            assert_eq!((rewards, simulation.take_fallen()), (100_000, vec![0]));
            assert!(state_of(&simulation, 0).is_empty());
            simulation.audit_books().unwrap();

            simulation.close(0).unwrap();
            assert_eq!((simulation.orders.void, simulation.orders.cancelled), (1, 0), "its partner");
            simulation.open(0).unwrap();
            simulation.finish().unwrap();
            assert_eq!((simulation.orders.placed, simulation.orders.cancelled), (4, 2));
            // All that the trader has paid beyond his position is the one reward.
            assert_eq!(simulation.holdings().keeper, 100_000);
        }
    }
}

#[test]
fn no_order_executes_within_three_seconds_of_its_placement() {
    let mut simulation = bracketed(Side::Long, 2);
    let [gain, _] = triggers(&simulation);
    simulation.tick(START + 2, Price(gain)).unwrap();
    assert_eq!(simulation.statistics.count(Kind::ExecuteOrder), 0);
    simulation.tick(START + 3, Price(gain)).unwrap();
    assert_eq!(simulation.statistics.count(Kind::ExecuteOrder), 1);
}

#[test]
fn the_liquidator_comes_first_and_ends_what_he_liquidates() {
    let mut simulation = bracketed(Side::Long, 10);
    // Far below the stop-loss and the liquidation price at once.
    simulation.tick(START + 60, Price(price("80"))).unwrap();
    assert!(simulation.statistics.count(Kind::Liquidate) > 0);
    assert_eq!(simulation.statistics.count(Kind::ExecuteOrder), 0, "void");
    simulation.audit_books().unwrap();
    simulation.finish().unwrap();
    assert_eq!((simulation.orders.placed, simulation.orders.void), (2, 2));
}

#[test]
fn a_trader_without_money_for_the_rewards_goes_without() {
    let bracket = Bracket { take_profit: Some(50_000), stop_loss: None };
    let mut simulation =
        Simulation::new(&Setup { bracket, lives: 1, ..setup(&[(Side::Long, 2)], "1000000") }).unwrap();
    simulation.tick(START, Price(price("100"))).unwrap();
    assert!(simulation.open(0).unwrap());
    assert_eq!(simulation.orders, OrderCounts::default());
    simulation.finish().unwrap();
}
