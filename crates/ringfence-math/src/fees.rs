//! Splitting a trading fee.

use crate::{MathError, PPM, Ppm, Quote, Result};

/// Shares of a fee; liquidity providers get the rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FeeShares {
    /// To the market's insurance.
    pub insurance: Ppm,
    /// To the treasury.
    pub protocol: Ppm,
    /// To whoever referred the trader.
    pub referrer: Ppm,
}

/// A fee in parts, atoms, which sum to it exactly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FeeSplit {
    /// To the pool: what the floors of the others leave.
    pub liquidity: Quote,
    /// To the market's insurance, rounded down.
    pub insurance: Quote,
    /// To the treasury, rounded down.
    pub protocol: Quote,
    /// To the referrer, rounded down.
    pub referrer: Quote,
}

/// Splits `fee`; each share is rounded down and the rest is the pool's.
///
/// Error: `InvalidParameter` where the shares exceed 100 %.
pub fn split_fee(fee: Quote, shares: FeeShares) -> Result<FeeSplit> {
    let sum = u64::from(shares.insurance.0)
        .saturating_add(shares.protocol.0.into())
        .saturating_add(shares.referrer.0.into());
    if sum > u64::from(PPM) {
        return Err(MathError::InvalidParameter);
    }
    let insurance = fee.ppm_floor(shares.insurance)?;
    let protocol = fee.ppm_floor(shares.protocol)?;
    let referrer = fee.ppm_floor(shares.referrer)?;
    Ok(FeeSplit {
        liquidity: fee.checked_sub(insurance)?.checked_sub(protocol)?.checked_sub(referrer)?,
        insurance,
        protocol,
        referrer,
    })
}
