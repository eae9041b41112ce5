mod create_market;
mod initialize_exchange;
mod set_status;

pub use create_market::*;
pub use initialize_exchange::*;
pub use set_status::*;
