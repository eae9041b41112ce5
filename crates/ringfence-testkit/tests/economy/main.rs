//! What time and governance do to a market, on the compiled program: funding,
//! borrow, partial liquidation, capped gains, insurance, fees, parameters,
//! admins, delegates. Expected numbers are worked by hand in the comments,
//! from the formulas of the design.

mod accrual;
mod admin;
mod borrow;
mod close_at_cap;
mod decades;
mod delegates;
mod funding;
mod funding_positions;
mod funding_sum;
mod insurance;
mod params;
mod params_accounts;
mod partial_liquidation;
mod partial_settlement;
mod pool_charges;
mod protocol_fees;
mod support;
mod token_2022;
mod versions;
mod views;
