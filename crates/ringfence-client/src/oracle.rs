//! Reading a market's price account as the program reads it.

use anchor_lang::prelude::{AccountInfo, Pubkey};
use ringfence::errors::RingfenceError;
pub use ringfence::oracle::{Action, PriceReading, Validity};
use ringfence::state::{Market, OracleConfig};

/// The price in the account `key`, decoded by the program's own code. Errors
/// are the program's: wrong account, owner or feed, malformed, not trading.
pub fn decode(
    config: &OracleConfig,
    key: &Pubkey,
    owner: &Pubkey,
    data: &[u8],
) -> Result<PriceReading, RingfenceError> {
    let (mut lamports, mut data) = (0, data.to_vec());
    let account = AccountInfo::new(key, false, false, &mut lamports, &mut data, owner, false);
    ringfence::oracle::decode(config, &account)
}

/// The worst that the program would find wrong with `reading` at `now`
/// (unix seconds), after the cluster last restarted at `restart_slot`.
pub fn validity(market: &Market, reading: &PriceReading, now: i64, restart_slot: u64) -> Validity {
    Validity::assess(reading, &market.oracle, market.accepted.publish_time, now, restart_slot)
}
