mod accrue;
mod close_at_cap;
mod liquidate;

pub use accrue::*;
pub use close_at_cap::*;
pub use liquidate::*;
