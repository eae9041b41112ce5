//! What opening a position would come to, by the arithmetic of the program.

use ringfence_client::oracle::PriceReading;
use ringfence_client::state::MarketParams;
use ringfence_math::{
    self as math, Health, MarginRates, MathError, PositionTerms, Ppm, Price, Quote, Scale, SignedQuote, Size,
    Skew, TradeDirection,
};

use super::participant::Plan;
use super::setup::leveraged_size;
use crate::decimal::format_readable;
use crate::params::{MarketSpec, QUOTE_DECIMALS, Refusal};

/// An opening that has not happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    pub entry_notional: Quote,
    pub reserve: Quote,
    /// At the edge of the confidence interval that hurts, the fee paid; none
    /// where the fee alone is more than the margin.
    pub health: Option<Health>,
}

impl Opening {
    /// Errors: a skew beyond which there is no fill price; numbers too large.
    pub fn of(
        plan: &Plan,
        size: Size,
        params: &MarketParams,
        skew: Skew,
        reading: &PriceReading,
        scale: Scale,
    ) -> Result<Self, MathError> {
        let side: math::Side = plan.side.into();
        let direction = TradeDirection::opening(side);
        let (price, confidence) = (reading.price, reading.confidence);
        let fill = math::fill_price(price, confidence, direction, size, skew, Size(params.skew_scale))?;
        let entry_notional = math::entry_notional(side, size, fill, scale)?;
        let reserve = entry_notional.ppm_ceil(Ppm(params.reserve_factor_ppm))?;
        let fee = math::notional_ceil(size, fill, scale)?.ppm_ceil(Ppm(params.open_fee_ppm))?;
        let rates: MarginRates = params.margin_rates();
        let health = match plan.margin.checked_sub(fee) {
            Err(_) => None,
            Ok(margin) => {
                let (funding, borrow) = (SignedQuote::ZERO, Quote::ZERO);
                let terms = PositionTerms { side, size, entry_notional, margin, funding, borrow, reserve };
                Some(math::health(&terms, &rates, math::edge_against(side, price, confidence), scale)?)
            }
        };
        Ok(Self { entry_notional, reserve, health })
    }

    /// Whether the margin is enough for the size, and the size large enough.
    pub fn is_covered(&self, params: &MarketParams) -> bool {
        self.entry_notional.0 >= params.min_position_notional
            && self.health.is_some_and(|health| {
                health.equity >= SignedQuote::from(health.initial) && !health.is_liquidatable()
            })
    }
}

/// Fails where a plan cannot be opened even in an empty market.
///
/// Errors: [`Refusal`] where the margin is too little for the leverage.
pub fn check_plan(plan: &Plan, spec: &MarketSpec, reading: &PriceReading) -> anyhow::Result<()> {
    let scale = Scale::new(spec.size_decimals, QUOTE_DECIMALS)?;
    let size = leveraged_size(plan.margin, plan.leverage, reading.price, scale.divisor())?;
    let money = |atoms: i128| format_readable(atoms, QUOTE_DECIMALS, 2);
    let (leverage, margin) = (plan.leverage, money(i128::from(plan.margin.0)));
    let Ok(opening) = Opening::of(plan, size, &spec.params, Skew(0), reading, scale) else {
        let scale = spec.params.skew_scale;
        let text = format!(
            "{leverage}x of a margin of {margin} leaves no fill price at a skew scale of {scale} size units"
        );
        return Err(Refusal(text).into());
    };
    if opening.is_covered(&spec.params) {
        return Ok(());
    }
    let why = match opening.health {
        None => "it does not pay the opening fee".to_owned(),
        Some(_) if opening.entry_notional.0 < spec.params.min_position_notional => format!(
            "its notional of {} is below min_position_notional, {}",
            money(i128::from(opening.entry_notional.0)),
            money(i128::from(spec.params.min_position_notional))
        ),
        Some(health) => format!(
            "after fee and spread the equity of {} is below the initial margin of {} (initial_margin_ppm {})",
            money(health.equity.0),
            money(i128::from(health.initial.0)),
            spec.params.initial_margin_ppm
        ),
    };
    Err(Refusal(format!("a margin of {margin} cannot be opened at {leverage}x: {why}")).into())
}

/// What a feed says at the first price.
pub fn first_reading(start: i64, price: Price) -> PriceReading {
    *super::PriceFeed::new(start, price).reading()
}
