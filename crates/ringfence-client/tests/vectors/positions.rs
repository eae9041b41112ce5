//! Notional, PnL, health, liquidation prices, liquidations.

use ringfence_math::{
    self as math, Health, LiquidationInputs, MarginRates, PositionTerms, Ppm, Price, Quote, Scale,
    SignedQuote, Size,
};

use crate::page::{Page, Row, maybe, outcome};
use crate::random::*;
use crate::row;

fn judged(terms: &PositionTerms, rates: &MarginRates, scale: Scale) -> Row {
    row![
        terms.side as u8,
        terms.size.0,
        terms.entry_notional.0,
        terms.margin.0,
        terms.funding.0,
        terms.borrow.0,
        terms.reserve.0,
        rates.initial.0,
        rates.maintenance.0,
        rates.liquidation_fee.0,
        rates.min_keeper_reward.0,
        scale.divisor(),
    ]
}

fn health(health: Health) -> Row {
    row![
        health.notional.0,
        health.pnl.0,
        health.gain.0,
        health.equity.0,
        health.initial.0,
        health.maintenance.0,
        maybe(health.margin_ratio_ppm()),
        maybe(health.leverage_ppm()),
        health.is_liquidatable(),
    ]
}

/// Where health is looked at: the price itself, both ends, and around the
/// liquidation price, where the answer turns.
fn marks(terms: &PositionTerms, rates: &MarginRates, price: Price, scale: Scale) -> Vec<Price> {
    let mut marks = vec![price, Price(1), Price(u64::MAX)];
    if let Ok(Some(edge)) = math::liquidation_price(terms, rates, scale) {
        marks.extend([edge, edge.saturating_sub(Price(1)), edge.saturating_add(Price(1))]);
    }
    marks
}

#[test]
fn positions() {
    let mut page = Page::default();
    let random = &mut seeded(1);
    let mut rows = [vec![], vec![], vec![], vec![]];
    for round in 0..300 {
        let (terms, price, scale) = terms(random);
        let rates = rates(random);
        let given = judged(&terms, &rates, scale);
        let found = math::liquidation_price(&terms, &rates, scale);
        let broke = math::bankruptcy_price(&terms, scale);
        let edge = outcome(found, |price| row![maybe(price.map(|price| price.0))]);
        let bankrupt = outcome(broke, |price| row![maybe(price.map(|price| price.0))]);
        rows[0].push([given.clone(), edge, bankrupt].concat());
        let marks = marks(&terms, &rates, price, scale);
        let mark = marks[round % marks.len()];
        let judgement = math::health(&terms, &rates, mark, scale);
        rows[1].push([given.clone(), row![mark.0], outcome(judgement, health)].concat());
        let least = Quote(wild(random, 30));
        let plan = math::partial_liquidation(&terms, &rates, least, mark, scale);
        let closed =
            outcome(plan, |plan| row![plan.close_size.0, plan.close_notional.0, plan.fee.0, plan.full]);
        rows[2].push([given, row![mark.0, least.0], closed].concat());
        if let Ok(mine) = judgement {
            let other =
                Health { equity: SignedQuote(signed(random, 66)), notional: Quote(wild(random, 64)), ..mine };
            let worse = mine.is_worse_than(&other).expect("never fails");
            rows[3].push(row![mine.equity.0, mine.notional.0, other.equity.0, other.notional.0, worse]);
        }
    }
    let [prices, judgements, plans, compared] = rows;
    page.group("liquidationPrice", prices);
    page.group("health", judgements);
    page.group("partialLiquidation", plans);
    page.group("isWorseThan", compared);
    page.group("waterfall", waterfalls());
    page.group("shares", shares());
    page.check("positions.json");
}

/// Vaults to be divided.
fn waterfalls() -> Vec<Row> {
    let random = &mut seeded(2);
    (0..250)
        .map(|_| {
            let inputs = LiquidationInputs {
                margin: Quote(wild(random, 40)),
                gain: SignedQuote(signed(random, 41)),
                fee_due: Quote(wild(random, 34)),
                closing_fee: Quote(wild(random, 30)),
                keeper_share: Ppm(wild(random, 20) as u32),
                min_keeper_reward: Quote(wild(random, 24)),
                insurance: Quote(wild(random, 38)),
            };
            let given = row![
                inputs.margin.0,
                inputs.gain.0,
                inputs.fee_due.0,
                inputs.closing_fee.0,
                inputs.keeper_share.0,
                inputs.min_keeper_reward.0,
                inputs.insurance.0,
            ];
            let divided = outcome(math::liquidation_waterfall(&inputs), |outcome| {
                row![
                    outcome.gain_paid.0,
                    outcome.loss_paid.0,
                    outcome.keeper_from_vault.0,
                    outcome.keeper_from_insurance.0,
                    outcome.insurance_fee.0,
                    outcome.bad_debt.0,
                    outcome.insurance_cover.0,
                    outcome.pool_absorbs.0,
                    outcome.remainder.0,
                ]
            });
            [given, divided].concat()
        })
        .collect()
}

/// Parts of an entry notional and of a reserve.
fn shares() -> Vec<Row> {
    let random = &mut seeded(3);
    (0..100)
        .map(|_| {
            let (side, whole, size) = (side(random), Quote(wild(random, 64)), Size(wild(random, 64)));
            let closed =
                Size(if size.0 == 0 { 0 } else { wild(random, 64) % size.0.saturating_add(2).max(1) });
            let entry = math::entry_notional_share(side, whole, closed, size);
            let reserve = math::reserve_share(whole, closed, size);
            [
                row![side as u8, whole.0, closed.0, size.0],
                outcome(entry, |part| row![part.0]),
                outcome(reserve, |part| row![part.0]),
            ]
            .concat()
        })
        .collect()
}
