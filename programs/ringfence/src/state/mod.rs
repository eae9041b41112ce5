//! Accounts, and the only code that changes them.

mod deposit;
mod exchange;
mod market;
mod order;
mod params;
mod position;
mod proposal;
mod referral;
mod side;
mod status;
mod words;

pub use deposit::*;
pub use exchange::*;
pub use market::*;
pub use order::*;
pub use params::*;
pub use position::*;
pub use proposal::*;
pub use referral::*;
pub use side::*;
pub use status::*;
pub use words::*;
