//! Beginnings and ends, on the compiled program: deposits and their cool-down,
//! referrals, settlement, the closing of a market, migrations, and what works
//! in which status. Expected numbers are worked by hand in the comments, from
//! the formulas of the design.

mod close_market;
mod close_settled;
mod cooldown;
mod cooldown_claims;
mod delegates;
mod fixture;
mod migration;
mod migration_refusals;
mod payees;
mod random_lives;
mod referral_accounts;
mod referrals;
mod sandwich;
mod settle_market;
mod settled_pool;
mod settled_prices;
mod settlement_accounts;
mod status_table;
mod support;
mod token_2022;
mod wind_down;
