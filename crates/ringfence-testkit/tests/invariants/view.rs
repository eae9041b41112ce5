//! Invariant 4, the boundary: the price that the view names is the one at
//! which the engine starts to liquidate.

use rand::Rng;
use ringfence_client::accounts::{Market, Position};
use ringfence_client::health::{accrued, liquidation_price};
use ringfence_math::Price;

use crate::actions::Action;
use crate::model::{self, big, floor_of};
use crate::support::{GUEST, Run, Spot};

const CASES: usize = 250;

/// Design §4's closed form, rounded to a price unit; none where it is negative.
fn closed_form(market: &Market, position: &Position) -> Option<i128> {
    let params = &market.params;
    let share = model::share(market, position, position.size.into());
    let charged = big(share.margin + share.funding - share.borrow);
    let rate = big(params.maintenance_margin_ppm + params.liquidation_fee_ppm);
    // (q·e − c) ÷ (q·(1 − m)) for a long, (q·e + c) ÷ (q·(1 + m)) for a short,
    // with q·e the entry notional, times 10^(size decimals + 10 − quote decimals)
    let unit = big(10u64.pow(u32::from(market.size_decimals) + 10 - u32::from(market.quote_decimals)));
    let (owed, ratio) = if share.long {
        (big(share.entry) - charged, big(1_000_000) - rate)
    } else {
        (big(share.entry) + charged, big(1_000_000) + rate)
    };
    (owed > big(0)).then(|| floor_of(owed * unit * 1_000_000, big(share.size) * ratio))
}

/// Whether the engine liquidates at this index price, without confidence.
fn engine(run: &mut Run, at: Spot, price: u64) -> bool {
    run.what_if(|run| {
        run.perform(&Action::Price { market: at.market, price, confidence: 0 }).expect("a price");
        run.perform(&Action::Liquidate { at, keeper: GUEST }).is_ok()
    })
}

/// At the view's price the engine liquidates; one unit further, and at any
/// price between there and the healthy one, it does not. The closed form of
/// design §4 is within the notional's few atoms of it.
#[test]
fn invariant_04_the_view_names_the_engines_price() {
    let mut run = Run::new(304);
    let mut boundaries = 0;
    for _ in 0..CASES {
        let now = run.step().after;
        let open: Vec<_> = now.positions.iter().filter(|(_, held)| held.state.size > 0).collect();
        if open.is_empty() {
            continue;
        }
        let (&at, held) = open[run.rng.random_range(0..open.len())];
        let pool = &now.pools[at.market];
        // The index moves with the price it advances at: settle that first, so
        // that nothing accrues while prices are tried.
        let market = accrued(&pool.state, now.now, Price(pool.feed.price)).expect("accrued");
        if run.perform(&Action::Accrue { market: at.market }).is_err() {
            continue;
        }
        let Some(Price(view)) = liquidation_price(&market, &held.state).expect("a view") else { continue };
        let long = model::is_long(&held.state);
        let params = &market.params;
        let least = i128::from(params.min_keeper_reward);
        let at_view = model::health(&market, &held.state, view.into());
        assert!(at_view.liquidatable(), "the model at the view's price");
        assert!(engine(&mut run, at, view), "the engine at the view's price");
        let safer =
            |distance: u64| if long { view.checked_add(distance) } else { view.checked_sub(distance) };
        let index = pool.feed.price;
        let room = if long { index.saturating_sub(view) } else { view.saturating_sub(index) };
        let further = [1, 2, 1 + run.rng.random_range(0..=room), 1 + run.rng.random_range(0..=room / 1_000)];
        for price in further.into_iter().filter_map(safer).filter(|price| *price > 0) {
            let expected = model::health(&market, &held.state, price.into()).liquidatable();
            assert_eq!(engine(&mut run, at, price), expected, "{price} against {view}");
            // past a capped gain a long can be liquidatable again (decision 5)
            let capped =
                model::health(&market, &held.state, price.into()).gain == i128::from(held.state.reserve);
            assert!(!expected || capped, "liquidatable at {price}, further than {view}");
        }
        boundaries += 1;
        let proportional = at_view.maintenance > least;
        let capped = at_view.gain == i128::from(held.state.reserve);
        if let Some(price) = closed_form(&market, &held.state).filter(|_| proportional && !capped) {
            // four roundings of an atom each, in prices
            let atom = 10i128.pow(13) / i128::from(held.state.size) + 1;
            let off = (price - i128::from(view)).abs();
            assert!(off <= 6 * atom, "view {view}, closed form {price}, an atom is {atom}");
        }
    }
    assert!(boundaries > CASES / 2, "only {boundaries}");
}
