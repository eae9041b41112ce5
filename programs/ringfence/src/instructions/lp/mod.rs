mod add_liquidity;
mod claim_shares;
mod remove_liquidity;

pub use add_liquidity::*;
pub use claim_shares::*;
pub use remove_liquidity::*;
