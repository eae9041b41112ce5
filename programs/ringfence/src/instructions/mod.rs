//! One instruction, one file: arguments, accounts, what declarative
//! constraints cannot say in `validate()`, and a handler that reads the price,
//! changes the state, moves the tokens, and emits the event.

pub mod admin;
pub mod keeper;
pub mod lp;
pub mod referrer;
pub mod trader;

pub use admin::*;
pub use keeper::*;
pub use lp::*;
pub use referrer::*;
pub use trader::*;
