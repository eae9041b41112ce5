//! The worked examples of docs/risk-model.md: every working is evaluated with
//! exact fractions, and ringfence-math must give the same atoms.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod charges;
mod exact;
mod liquidation;
mod page;
mod pool;
mod position;
mod trade;
mod working;

macro_rules! examples {
    ($($module:ident::$function:ident $name:literal,)*) => {
        $(#[test]
        fn $function() {
            page::check($name, $module::$function);
        })*

        const TESTED: &[&str] = &[$($name),*];
    };
}

examples! {
    position::notional "notional",
    position::pnl "pnl",
    charges::funding "funding",
    charges::borrow "borrow",
    position::equity "equity",
    position::gain_cap "gain-cap",
    liquidation::liquidation_price "liquidation-price-long",
    liquidation::liquidation_price_of_a_short "liquidation-price-short",
    trade::fill_price "fill-price",
    trade::fees "fees",
    trade::reserve "reserve",
    trade::opening "opening",
    charges::increase "increase",
    trade::decrease "decrease",
    trade::settlement "settlement",
    position::remove_margin "remove-margin",
    liquidation::mark "mark",
    liquidation::partial_liquidation "partial-liquidation",
    liquidation::settlement_price "liquidation-settlement",
    liquidation::waterfall "waterfall",
    liquidation::waterfall_short_of_fee "waterfall-short-of-fee",
    liquidation::bankrupt_waterfall "waterfall-bankrupt",
    pool::accrued "accrued-charges",
    pool::value_and_shares "pool-value",
    trade::settled "settled",
}

#[test]
fn every_example_on_the_page_is_tested() {
    assert_eq!(page::names(), TESTED);
}
