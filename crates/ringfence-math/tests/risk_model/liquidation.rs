use num_bigint::BigInt;
use ringfence_math::{
    BorrowIndex, FundingIndex, LiquidationInputs, LiquidationOutcome, MarginRates, PositionTerms, Price,
    Quote, Scale, Side, SignedQuote, TradeDirection, bankruptcy_price, borrow_owed, clamp_confidence,
    edge_for, entry_notional_share, funding_owed, is_liquidatable, liquidation_waterfall, notional_ceil,
    reserve_share,
};

use crate::exact::Exact;
use crate::page::{Example, INDEX, QUOTE, RATIO, SIZE, scale};
use crate::position::terms;
use crate::working::Value;

/// Prices either side of the boundary at which the exact predicate is tried:
/// more than two atoms' worth at 20 base.
const NEIGHBOURS: u64 = 1_200;

fn rates(example: &Example) -> MarginRates {
    MarginRates {
        maintenance: example.ppm("maintenance_margin"),
        liquidation_fee: example.ppm("liquidation_fee"),
        min_keeper_reward: example.quote("min_keeper_reward"),
        ..MarginRates::default()
    }
}

/// Equity below maintenance at `price`, by fractions alone.
fn exactly_liquidatable(example: &Example, side: Side, price: u64) -> bool {
    let pnl = match side {
        Side::Long => "floor6(size × p) − entry",
        Side::Short => "entry − ceil6(size × p)",
    };
    let notional = "ceil6(size × p)";
    let working = format!(
        "margin + min({pnl} + funding − borrow, reserve) < \
         max(ceil6({notional} × maintenance_margin) + ceil6({notional} × liquidation_fee), min_keeper_reward)"
    );
    let price = Exact::new(BigInt::from(price), BigInt::from(10_000_000_000u64));
    example.with("p", price, &working) == Value::Truth(true)
}

pub fn liquidation_price(example: &Example) {
    let (terms, rates) = (terms(example), rates(example));
    let price = example.price("price");
    assert_eq!(ringfence_math::liquidation_price(&terms, &rates, scale()), Ok(Some(price)));
    assert_eq!(bankruptcy_price(&terms, scale()), Ok(Some(example.price("bankruptcy"))));

    assert!(exactly_liquidatable(example, terms.side, price.0));
    for step in 1..NEIGHBOURS {
        let healthier = match terms.side {
            Side::Long => price.0 + step,
            Side::Short => price.0 - step,
        };
        assert!(!exactly_liquidatable(example, terms.side, healthier), "{healthier}");
        assert_eq!(is_liquidatable(&terms, &rates, Price(healthier), scale()), Ok(false));
    }
    // The roundings are worth less than four atoms of equity.
    let distance = price.0.abs_diff(example.price("closed_form").0);
    assert!(distance <= 4 * scale().divisor() / terms.size.0, "{distance}");
}

pub fn liquidation_price_of_a_short(example: &Example) {
    liquidation_price(example);
}

pub fn mark(example: &Example) {
    let (index, max) = (example.price("index"), example.ppm("max_confidence"));
    let clamped = clamp_confidence(index, example.price("confidence"), max).unwrap();
    assert_eq!(clamped, example.price("clamped"));
    assert_eq!(edge_for(Side::Long, index, clamped), example.price("long_mark"));
    assert_eq!(edge_for(Side::Short, index, clamped), example.price("short_mark"));
    let wild = clamp_confidence(index, example.price("wild"), max).unwrap();
    assert_eq!(wild, example.price("wild_clamped"));
    assert_eq!(edge_for(Side::Long, index, wild), example.price("wild_long_mark"));
}

pub fn partial_liquidation(example: &Example) {
    let (terms, mark) = (terms(example), example.price("mark"));
    let rates = MarginRates {
        initial: example.ppm("initial_margin"),
        liquidation_fee: example.ppm("liquidation_fee"),
        ..MarginRates::default()
    };
    let minimum = example.quote("min_position_notional");
    let plan = ringfence_math::partial_liquidation(&terms, &rates, minimum, mark, scale()).unwrap();
    assert_eq!(plan.close_size, example.size("close_size"));
    assert_eq!(plan.close_notional, example.quote("close_notional"));
    assert_eq!(plan.fee, example.quote("fee"));
    assert_eq!(plan.full, example.truth("full"));
    assert_eq!(notional_ceil(terms.size, mark, scale()), Ok(example.quote("notional")));
    let equity = terms.equity(mark, scale()).unwrap();
    assert_eq!(equity, example.signed("equity"));

    let left = terms.size.checked_sub(plan.close_size).unwrap();
    let left_notional = notional_ceil(left, mark, scale()).unwrap();
    assert_eq!(left_notional, example.quote("left_notional"));
    let left_equity = equity.checked_sub(plan.fee.into()).unwrap();
    assert_eq!(left_equity, example.signed("left_equity"));
    let ratio = left_equity.0 * 1_000_000 / i128::from(left_notional.0);
    assert_eq!(ratio, example.units("left_ratio", RATIO));
    assert!(i128::from(rates.initial.0) - ratio <= 1);
}

/// What the program does with the part of `partial-liquidation`: settle it at
/// the fill price of a close, with its share of the charges.
pub fn settlement_price(example: &Example) {
    let (side, size, closed) = (example.side(), example.size("size"), example.size("close_size"));
    let (index, confidence) = (example.price("index"), example.price("confidence"));
    let mark = edge_for(side, index, confidence);
    assert_eq!(mark, example.price("mark"));
    let fill = ringfence_math::fill_price(
        index,
        confidence,
        TradeDirection::closing(side),
        closed,
        example.skew("skew"),
        example.size("skew_scale"),
    )
    .unwrap();
    assert_eq!(fill, example.price("fill"));
    let settled_at = fill.min(mark);
    assert_eq!(settled_at, example.price("settled_at"));

    let reserve = reserve_share(example.quote("reserve"), closed, size).unwrap();
    let grown = BorrowIndex(u128::try_from(example.units("borrow_growth", INDEX)).unwrap());
    let funding = FundingIndex(example.units("funding_growth", INDEX + QUOTE - SIZE));
    let share = PositionTerms {
        side,
        size: closed,
        entry_notional: entry_notional_share(side, example.quote("entry"), closed, size).unwrap(),
        margin: Quote::ZERO,
        funding: funding_owed(side, closed, funding, FundingIndex::ZERO).unwrap(),
        borrow: borrow_owed(reserve, grown, BorrowIndex::ZERO).unwrap(),
        reserve,
    };
    assert_eq!(share.entry_notional, example.quote("entry_share"));
    assert_eq!(share.reserve, example.quote("reserve_share"));
    assert_eq!(share.funding, example.signed("funding"));
    assert_eq!(share.borrow, example.quote("borrow"));
    assert_eq!(share.gain(settled_at, scale()), Ok(example.signed("gain")));

    let (fee_due, closing_fee) = fees(example, closed, mark, settled_at, scale());
    assert_eq!(closing_fee, example.quote("closing_fee"));
    assert_eq!(fee_due, example.quote("fee_due"));
}

fn fees(
    example: &Example,
    closed: ringfence_math::Size,
    mark: Price,
    settled_at: Price,
    scale: Scale,
) -> (Quote, Quote) {
    let notional = notional_ceil(closed, mark, scale).unwrap();
    assert_eq!(notional, example.quote("close_notional"));
    let dearest = notional_ceil(closed, mark.max(settled_at), scale).unwrap();
    let closing = dearest.ppm_ceil(example.ppm("close_fee")).unwrap();
    let least = closing.checked_add(example.quote("min_keeper_reward")).unwrap();
    (notional.ppm_ceil(example.ppm("liquidation_fee")).unwrap().max(least), closing)
}

fn outcome(example: &Example) -> LiquidationOutcome {
    let outcome = liquidation_waterfall(&LiquidationInputs {
        margin: example.quote("margin"),
        gain: SignedQuote::from(example.quote("loss")).checked_neg().unwrap(),
        fee_due: example.quote("fee_due"),
        closing_fee: example.quote("closing_fee"),
        keeper_share: example.ppm("keeper_share"),
        min_keeper_reward: example.quote("min_keeper_reward"),
        insurance: example.quote("insurance"),
    })
    .unwrap();
    assert_eq!(outcome.gain_paid, Quote::ZERO);
    assert_eq!(outcome.loss_paid, example.quote("loss_paid"));
    assert_eq!(outcome.bad_debt, example.quote("bad_debt"));
    assert_eq!(outcome.keeper_from_vault, example.quote("keeper"));
    assert_eq!(outcome.insurance_fee, example.quote("insurance_fee"));
    assert_eq!(outcome.remainder, example.quote("remainder"));
    outcome
}

pub fn waterfall(example: &Example) {
    let outcome = outcome(example);
    assert_eq!((outcome.keeper_from_insurance, outcome.pool_absorbs), (Quote::ZERO, Quote::ZERO));
}

pub fn waterfall_short_of_fee(example: &Example) {
    waterfall(example);
}

pub fn bankrupt_waterfall(example: &Example) {
    let outcome = outcome(example);
    assert_eq!(outcome.keeper_from_insurance, example.quote("keeper_from_insurance"));
    assert_eq!(outcome.insurance_cover, example.quote("insurance_cover"));
    assert_eq!(outcome.pool_absorbs, example.quote("pool_absorbs"));
}
