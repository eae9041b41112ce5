//! Economic attacks, played on the compiled program by an attacker who does
//! his best: he searches over sizes, sides, timing, numbers of parts, signed
//! prices, and is judged by the atoms in all his wallets before and after.
//! docs/economic-attacks.md is what came out.

mod beyond_the_cap;
mod cherry_picking;
mod delegate;
mod dust;
mod funding_farming;
mod insurance_draining;
mod liquidation_sandwich;
mod lp_exit;
mod lp_sandwich;
mod page;
mod reserve_filling;
mod rounding;
mod self_liquidation;
mod skew_pumping;
mod splitting;
mod support;
mod top_ups;
mod trader_sandwich;
