mod claim_referral_fees;
mod create_referral;

pub use claim_referral_fees::*;
pub use create_referral::*;
