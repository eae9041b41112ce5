//! Markets, their pools and their prices, on the compiled program: every
//! instruction of admin and providers, each of its errors, each of its
//! accounts substituted, and every check of the oracle policy.

mod add_liquidity;
mod collateral_mints;
mod create_market;
mod initialize_exchange;
mod market_params;
mod oracle;
mod oracle_config;
mod remove_liquidity;
mod set_status;
mod share_price;
mod support;
mod tampered;
