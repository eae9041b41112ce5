//! Accounts as they lie in their data, and what can be read off them: the
//! inputs of `ringfence-math`, put together as the program puts them together.
//! A test holds both against each other.

mod market;
mod order;
mod params;
mod position;
mod words;

pub use params::OracleKind;
pub use position::CloseOut;

pub use crate::generated::accounts::*;
pub use crate::generated::types::{
    AcceptedPrice, I128, MarketParams, MarketStatus, OracleConfig, OrderKind, OrderTerms, Side, SideBook,
    U128,
};
