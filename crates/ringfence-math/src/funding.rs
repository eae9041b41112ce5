//! Funding that drifts with the skew (velocity model of Synthetix SIP-279),
//! its rate clamped.

use crate::{
    MathError, Ppm, Price, Result, SECONDS_PER_DAY, Scale, Side, SignedQuote, Size, Skew,
    units::{INDEX_ONE, INDEX_PER_PPM},
    wide,
};

/// Fraction of notional per day in 10^-18; positive: longs pay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct FundingRate(pub i64);

impl FundingRate {
    /// No funding.
    pub const ZERO: Self = Self(0);
}

/// Σ funding per size unit, in quote atoms × 10^18; longs pay when it rises.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct FundingIndex(pub i128);

impl FundingIndex {
    /// The index of a new market.
    pub const ZERO: Self = Self(0);

    /// `size × index`, what a market sums over its positions. Error: `Overflow`.
    #[inline]
    pub fn basis(self, size: Size) -> Result<i128> {
        wide::mul_signed(self.0, size.0)
    }
}

/// A market's funding parameters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FundingParams {
    /// Skew at which the velocity is at its largest, size units.
    pub skew_scale: Size,
    /// Change of the daily rate per day at that skew.
    pub max_velocity: Ppm,
    /// Largest daily rate either way; at most 9,223,372 ppm, the range of
    /// [`FundingRate`].
    pub max_rate: Ppm,
}

/// A market's funding at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FundingState {
    /// The rate now.
    pub rate: FundingRate,
    /// What has accrued per size unit.
    pub index: FundingIndex,
}

/// Moves funding forward by `seconds` of unchanged skew and price:
///
/// ```text
/// d(rate)/dt = clamp(skew ÷ skew_scale, ±1) × max_velocity, rate within ±max_rate
/// d(index)   = rate × price × dt
/// ```
///
/// The rate is a ramp until it meets its clamp and constant from there; its
/// integral is exact for both pieces. Velocity, end rate and index increment
/// are rounded towards zero, so that no side is favoured; velocities of more
/// than 18.4 a day² are held to 10^-15, others to 10^-18. A rate beyond a
/// `max_rate` that was lowered meanwhile counts as the new maximum.
///
/// Errors: `InvalidParameter` for a skew scale of zero or a `max_rate` beyond
/// [`FundingRate`]; `Overflow`.
pub fn advance_funding(
    state: FundingState,
    params: &FundingParams,
    skew: Skew,
    price: Price,
    seconds: u64,
    scale: Scale,
) -> Result<FundingState> {
    let velocity = velocity(params, skew)?;
    let limit = rate_limit(params)?;
    let start = state.rate.0.clamp(limit.saturating_neg(), limit);
    // A falling rate is a rising one seen in a mirror.
    let mirrored = skew.0 < 0;
    let ramp = Ramp::run(negate_if(mirrored, start), limit, velocity, seconds)?;

    let accrued = accrual(ramp.twice_area, price, scale)?;
    let index = if mirrored != ramp.area_is_negative {
        state.index.0.checked_sub(accrued)
    } else {
        state.index.0.checked_add(accrued)
    };
    Ok(FundingState {
        rate: FundingRate(negate_if(mirrored, ramp.end)),
        index: FundingIndex(index.ok_or(MathError::Overflow)?),
    })
}

/// What a position has been owed since `at_entry`, in atoms: positive is paid
/// to it, negative by it. Rounded down, that is against the position.
///
/// Error: `Overflow`.
pub fn funding_owed(
    side: Side,
    size: Size,
    now: FundingIndex,
    at_entry: FundingIndex,
) -> Result<SignedQuote> {
    let growth = now.0.checked_sub(at_entry.0).ok_or(MathError::Overflow)?;
    if growth == 0 || size.is_zero() {
        return Ok(SignedQuote::ZERO);
    }
    let (amount, rest) = wide::mul_div_rem(growth.unsigned_abs(), size.0, INDEX_ONE)?;
    let receives = (growth > 0) == (side == Side::Short);
    let owed = if receives {
        i128::try_from(amount).ok()
    } else {
        amount.checked_add(u128::from(rest != 0)).and_then(|debt| 0i128.checked_sub_unsigned(debt))
    };
    owed.map(SignedQuote).ok_or(MathError::Overflow)
}

/// Magnitude of d(rate)/dt in 10^-18 per day².
fn velocity(params: &FundingParams, skew: Skew) -> Result<u128> {
    let skew_scale = params.skew_scale.0;
    if skew_scale == 0 {
        return Err(MathError::InvalidParameter);
    }
    let magnitude = u64::try_from(skew.0.unsigned_abs()).unwrap_or(u64::MAX).min(skew_scale);
    let at_full_skew = wide::mul(u64::from(params.max_velocity.0), INDEX_PER_PPM);
    let (velocity, _) = wide::mul_div_rem(at_full_skew, magnitude, skew_scale)?;
    if velocity <= u128::from(u64::MAX) {
        return Ok(velocity);
    }
    let (_, rest) = wide::mul_div_rem(velocity, 1, COARSE)?;
    Ok(velocity.saturating_sub(u128::from(rest)))
}

/// Velocities beyond 64 bits are multiples of this, so that what divides by
/// them is still one word.
const COARSE: u64 = 1_000;

fn rate_limit(params: &FundingParams) -> Result<i64> {
    u64::from(params.max_rate.0)
        .checked_mul(INDEX_PER_PPM)
        .and_then(|limit| i64::try_from(limit).ok())
        .ok_or(MathError::InvalidParameter)
}

/// A rate that rises from `start` to at most `limit`.
struct Ramp {
    end: i64,
    /// 2 × |∫ rate dt|, in 10^-18 per day × seconds.
    twice_area: u128,
    area_is_negative: bool,
}

impl Ramp {
    fn run(start: i64, limit: i64, velocity: u128, seconds: u64) -> Result<Self> {
        let gap = limit.abs_diff(start);
        let climb = match wide::mul_div_rem(velocity, seconds, SECONDS_PER_DAY) {
            Ok((climb, _)) => u64::try_from(climb).unwrap_or(u64::MAX),
            Err(_) => u64::MAX,
        };
        if climb < gap {
            Ok(Self::rising(start, climb, seconds))
        } else {
            Self::clamped(limit, gap, velocity, seconds)
        }
    }

    /// The trapezoid: twice its area is `(start + end) × seconds`.
    fn rising(start: i64, climb: u64, seconds: u64) -> Self {
        // climb < gap, so the end is below the limit
        let end = start.saturating_add_unsigned(climb);
        let ends = i128::from(start).saturating_add(i128::from(end));
        // |start + end| < 2^64
        let magnitude = u64::try_from(ends.unsigned_abs()).unwrap_or(u64::MAX);
        Self { end, twice_area: wide::mul(magnitude, seconds), area_is_negative: ends < 0 }
    }

    /// The rectangle under the limit less the triangle that the ramp misses:
    /// its base is `gap ÷ velocity` days, so twice its area `gap² ÷ velocity`.
    fn clamped(limit: i64, gap: u64, velocity: u128, seconds: u64) -> Result<Self> {
        let rectangle = wide::mul(limit.unsigned_abs().saturating_mul(2), seconds);
        let triangle = missed_triangle(gap, velocity)?;
        Ok(Self {
            end: limit,
            twice_area: rectangle.abs_diff(triangle),
            area_is_negative: rectangle < triangle,
        })
    }
}

/// `floor(gap² × 86,400 ÷ velocity)`; a gap of zero needs no velocity.
fn missed_triangle(gap: u64, velocity: u128) -> Result<u128> {
    if gap == 0 {
        return Ok(0);
    }
    let square = wide::mul(gap, gap);
    if let Ok(velocity) = u64::try_from(velocity) {
        return wide::mul_div_rem(square, SECONDS_PER_DAY, velocity).map(|(floor, _)| floor);
    }
    let (coarse, _) = wide::mul_div_rem(velocity, 1, COARSE)?;
    let (floor, _) = wide::mul_div_rem(square, SECONDS_PER_DAY, wide::narrow(coarse)?)?;
    wide::mul_div_rem(floor, 1, COARSE).map(|(floor, _)| floor)
}

/// `floor(twice_area ÷ 2 ÷ 86,400 × price)` in atoms × 10^18 per size unit.
fn accrual(twice_area: u128, price: Price, scale: Scale) -> Result<i128> {
    const HALF_SECONDS_PER_DAY: u64 = 2 * SECONDS_PER_DAY;
    if twice_area == 0 {
        return Ok(0);
    }
    // Nested floors are the floor of the whole, so one division does for the
    // scales whose divisor leaves room.
    let accrued = match scale.divisor().checked_mul(HALF_SECONDS_PER_DAY) {
        Some(divisor) => wide::mul_div_rem(twice_area, price.0, divisor)?.0,
        None => {
            let (product, _) = wide::mul_div_rem(twice_area, price.0, scale.divisor())?;
            wide::mul_div_rem(product, 1, HALF_SECONDS_PER_DAY)?.0
        }
    };
    i128::try_from(accrued).map_err(|_| MathError::Overflow)
}

#[inline]
fn negate_if(condition: bool, rate: i64) -> i64 {
    if condition {
        // within ±limit, so never i64::MIN
        rate.saturating_neg()
    } else {
        rate
    }
}
