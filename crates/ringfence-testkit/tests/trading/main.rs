//! What traders and keepers can do, instruction by instruction, on the
//! compiled program. Expected numbers are worked by hand in the comments, from
//! the formulas of the design; sizes and prices are chosen so that they are
//! short decimals.

mod add_margin;
mod broken_books;
mod close_position;
mod decrease_position;
mod donations;
mod increase_position;
mod isolation;
mod lifecycle;
mod liquidate;
mod liquidation_price;
mod mints;
mod never_gains;
mod open_limits;
mod open_position;
mod remove_margin;
mod self_liquidation;
mod status;
mod substitutions;
mod support;
