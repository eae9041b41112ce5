mod add_liquidity;
mod remove_liquidity;

pub use add_liquidity::*;
pub use remove_liquidity::*;
