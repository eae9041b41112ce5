use ringfence_math::{
    MarginRates, PositionTerms, Side, SignedQuote, edge_against, entry_notional, health, is_liquidatable,
    notional_ceil, notional_floor,
};

use crate::page::{Example, RATIO, scale};

/// The position that an example describes.
pub fn terms(example: &Example) -> PositionTerms {
    PositionTerms {
        side: example.side(),
        size: example.size("size"),
        entry_notional: example.quote("entry"),
        margin: example.quote("margin"),
        funding: example.signed("funding"),
        borrow: example.quote("borrow"),
        reserve: example.quote("reserve"),
    }
}

pub fn notional(example: &Example) {
    let (size, price) = (example.size("size"), example.price("price"));
    assert_eq!(notional_floor(size, price, scale()), Ok(example.quote("floor")));
    assert_eq!(notional_ceil(size, price, scale()), Ok(example.quote("ceil")));
}

pub fn pnl(example: &Example) {
    let (size, fill, mark) = (example.size("size"), example.price("fill"), example.price("mark"));
    for (side, entry, pnl) in
        [(Side::Long, "long_entry", "long_pnl"), (Side::Short, "short_entry", "short_pnl")]
    {
        let entry = example.quote(entry);
        assert_eq!(entry_notional(side, size, fill, scale()), Ok(entry));
        assert_eq!(ringfence_math::pnl(side, size, entry, mark, scale()), Ok(example.signed(pnl)));
    }
}

pub fn equity(example: &Example) {
    let rates = MarginRates {
        initial: example.ppm("initial_margin"),
        maintenance: example.ppm("maintenance_margin"),
        liquidation_fee: example.ppm("liquidation_fee"),
        min_keeper_reward: example.quote("min_keeper_reward"),
    };
    let mark = example.price("mark");
    let found = health(&terms(example), &rates, mark, scale()).unwrap();
    assert_eq!(found.notional, example.quote("notional"));
    assert_eq!(found.pnl, example.signed("pnl"));
    assert_eq!(found.gain, example.signed("gain"));
    assert_eq!(found.equity, example.signed("equity"));
    assert_eq!(found.initial, example.quote("initial"));
    assert_eq!(found.maintenance, example.quote("maintenance"));
    assert_eq!(found.is_liquidatable(), example.truth("liquidatable"));
    assert_eq!(is_liquidatable(&terms(example), &rates, mark, scale()), Ok(example.truth("liquidatable")));
    assert_eq!(found.margin_ratio_ppm(), Some(example.units("margin_ratio", RATIO)));
    assert_eq!(found.leverage_ppm(), u128::try_from(example.units("leverage", RATIO)).ok());
}

pub fn gain_cap(example: &Example) {
    let terms = terms(example);
    let at = |mark| terms.gain(example.price(mark), scale()).unwrap();
    assert_eq!(at("mark"), example.signed("gain"));
    assert_eq!(at("mark") == terms.reserve.into(), example.truth("at_cap"));
    assert_eq!(terms.equity(example.price("mark"), scale()), Ok(example.signed("equity")));
    assert_eq!(at("lower_mark"), example.signed("lower_gain"));
}

/// The check of `remove_margin`: what may leave is what the margin, losses
/// taken off, has over the initial requirement.
pub fn remove_margin(example: &Example) {
    let terms = terms(example);
    let rates = MarginRates { initial: example.ppm("initial_margin"), ..MarginRates::default() };
    let edge = edge_against(terms.side, example.price("index"), example.price("confidence"));
    assert_eq!(edge, example.price("edge"));
    let health = health(&terms, &rates, edge, scale()).unwrap();
    assert_eq!(health.notional, example.quote("notional"));
    assert_eq!(health.gain, example.signed("gain"));
    assert_eq!(health.initial, example.quote("initial"));
    let backing = SignedQuote::from(terms.margin).checked_add(health.gain.min(SignedQuote::ZERO));
    let removable = backing.unwrap().checked_sub(health.initial.into());
    assert_eq!(removable, Ok(example.signed("removable")));
}
