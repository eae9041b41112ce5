//! The program's own word on parameters, from the crate that the bytecode is
//! compiled from.

use ringfence::state as program;
use ringfence_client::RingfenceError;
use ringfence_client::errors;
use ringfence_client::state::{MarketParams, OracleConfig};

/// Every hard bound. Error: the first that is not kept.
pub fn validate(params: &MarketParams, oracle: &OracleConfig) -> Result<(), RingfenceError> {
    let params: program::MarketParams = bytemuck::cast(*params);
    let oracle: program::OracleConfig = bytemuck::cast(*oracle);
    let checked = params.validate().and_then(|()| oracle.validate());
    checked
        .and_then(|()| params.validate_with(&oracle))
        .map_err(|error| errors::from_code(error.into()).unwrap_or(RingfenceError::ParameterOutOfBounds))
}

/// Shortest cool-down of a market with these limits, in seconds.
pub fn least_cooldown(oracle: &OracleConfig) -> u32 {
    bytemuck::cast::<_, program::OracleConfig>(*oracle).least_cooldown()
}
