//! The price of a trade: index, skew impact, half the confidence interval.

use crate::{MathError, Ppm, Price, Quote, Result, Side, Size, Skew, wide};

/// What a trade does to the skew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TradeDirection {
    /// Opens a long or closes a short: skew rises.
    Buy,
    /// Opens a short or closes a long: skew falls.
    Sell,
}

impl TradeDirection {
    /// The trade that opens or increases a position of `side`.
    #[inline]
    #[must_use]
    pub const fn opening(side: Side) -> Self {
        match side {
            Side::Long => Self::Buy,
            Side::Short => Self::Sell,
        }
    }

    /// The trade that closes or reduces a position of `side`.
    #[inline]
    #[must_use]
    pub const fn closing(side: Side) -> Self {
        Self::opening(side.opposite())
    }

    /// The signed change of the skew, in size units.
    #[inline]
    #[must_use]
    pub fn skew_change(self, size: Size) -> Skew {
        let size = i128::from(size.0);
        Skew(match self {
            Self::Buy => size,
            Self::Sell => size.saturating_neg(),
        })
    }
}

impl From<Side> for TradeDirection {
    /// The trade that opens `side`.
    fn from(side: Side) -> Self {
        Self::opening(side)
    }
}

impl Skew {
    /// The skew after a trade. Error: `Overflow`.
    #[inline]
    pub fn after(self, direction: TradeDirection, size: Size) -> Result<Self> {
        self.checked_add(direction.skew_change(size))
    }
}

/// The price of a trade of `size` that finds the market at `skew_before`:
///
/// ```text
/// index × (1 + (k + Δ/2) ÷ skew_scale) ± confidence ÷ 2
/// ```
///
/// `k` the skew before, `Δ` its signed change; plus for a buy, minus for a
/// sell. It is the mean of the linear premium `k ÷ skew_scale` over the path,
/// so the parts of a split order cost the same as the whole (Synthetix
/// SIP-279). Rounded once, against the trader: up for a buy, down for a sell.
///
/// Errors: `InvalidParameter` for a skew scale of zero or a price that is not
/// positive; `Overflow`.
pub fn fill_price(
    index: Price,
    confidence: Price,
    direction: TradeDirection,
    size: Size,
    skew_before: Skew,
    skew_scale: Size,
) -> Result<Price> {
    if skew_scale.is_zero() {
        return Err(MathError::InvalidParameter);
    }
    // In half price units: 2·index + index·(2k + Δ)/scale ± confidence. One
    // division by the scale, rounded, then one by 2 rounded the same way, is
    // the exact quotient rounded once.
    let twice_mean_skew = skew_before.checked_add(skew_before)?.checked_add(direction.skew_change(size))?;
    let falls = twice_mean_skew.0 < 0;
    let (impact, rest) = wide::mul_div_rem(twice_mean_skew.0.unsigned_abs(), index.0, skew_scale.0)
        .ok()
        .and_then(|(impact, rest)| Some((i128::try_from(impact).ok()?, rest)))
        .ok_or(if falls { MathError::InvalidParameter } else { MathError::Overflow })?;
    let away_from_zero = i128::from(rest != 0);
    let base = i128::from(index.0).saturating_mul(2);
    let confidence = i128::from(confidence.0);

    let half_units = match (direction, falls) {
        (TradeDirection::Buy, false) => base
            .checked_add(impact)
            .and_then(|sum| sum.checked_add(away_from_zero))
            .and_then(|sum| sum.checked_add(confidence)),
        (TradeDirection::Buy, true) => base.checked_sub(impact).and_then(|sum| sum.checked_add(confidence)),
        (TradeDirection::Sell, false) => base.checked_add(impact).and_then(|sum| sum.checked_sub(confidence)),
        (TradeDirection::Sell, true) => base
            .checked_sub(impact)
            .and_then(|sum| sum.checked_sub(away_from_zero))
            .and_then(|sum| sum.checked_sub(confidence)),
    }
    .ok_or(MathError::Overflow)?;

    let half_units = match direction {
        TradeDirection::Buy => half_units.saturating_add(1),
        TradeDirection::Sell => half_units,
    };
    // An arithmetic shift is the floor of a half.
    let price = half_units >> 1;
    if price <= 0 {
        return Err(MathError::InvalidParameter);
    }
    u64::try_from(price).map(Price).map_err(|_| MathError::Overflow)
}

/// Whether `fill` is within the caller's bound: a buy at most, a sell at least
/// `acceptable`.
#[inline]
#[must_use]
pub fn is_acceptable(direction: TradeDirection, fill: Price, acceptable: Price) -> bool {
    match direction {
        TradeDirection::Buy => fill <= acceptable,
        TradeDirection::Sell => fill >= acceptable,
    }
}

/// `index − confidence`, at least one price unit.
#[inline]
#[must_use]
pub fn confidence_edge_low(index: Price, confidence: Price) -> Price {
    index.saturating_sub(confidence).max(Price(1))
}

/// `index + confidence`, at most `u64::MAX` price units.
#[inline]
#[must_use]
pub fn confidence_edge_high(index: Price, confidence: Price) -> Price {
    index.saturating_add(confidence)
}

/// The edge that hurts a position: low for a long, high for a short. Margin
/// requirements are judged here.
#[inline]
#[must_use]
pub fn edge_against(side: Side, index: Price, confidence: Price) -> Price {
    match side {
        Side::Long => confidence_edge_low(index, confidence),
        Side::Short => confidence_edge_high(index, confidence),
    }
}

/// The edge that favours a position: high for a long, low for a short.
/// Liquidation is judged here, so that uncertainty alone liquidates nobody.
#[inline]
#[must_use]
pub fn edge_for(side: Side, index: Price, confidence: Price) -> Price {
    edge_against(side.opposite(), index, confidence)
}

/// The confidence, at most `floor(index × max)`: a wild feed cannot protect a
/// bankrupt position for ever. Error: `Overflow`.
#[inline]
pub fn clamp_confidence(index: Price, confidence: Price, max: Ppm) -> Result<Price> {
    let limit = Quote(index.0).ppm_floor(max)?;
    Ok(confidence.min(Price(limit.0)))
}
