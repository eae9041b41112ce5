mod accrue;
mod close_at_cap;
mod close_market;
mod close_settled;
mod execute_order;
mod liquidate;
mod migrate_market;
mod migrate_position;
mod settle_market;

pub use accrue::*;
pub use close_at_cap::*;
pub use close_market::*;
pub use close_settled::*;
pub use execute_order::*;
pub use liquidate::*;
pub use migrate_market::*;
pub use migrate_position::*;
pub use settle_market::*;
