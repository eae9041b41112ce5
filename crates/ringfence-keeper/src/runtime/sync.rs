//! Snapshot and sample: everything once, and a little of it often.

use std::collections::HashMap;

use ringfence_client::Pubkey;
use ringfence_client::accounts::decode;
use ringfence_client::state::{Market, Position};
use tokio::sync::mpsc;

use crate::chain::{Chain, Filter, RawAccount, Result, Sampled, Update};
use crate::config::Shard;
use crate::state::{Snapshot, World};

/// Accounts that one call may ask for.
const ACCOUNTS_PER_CALL: usize = 100;

/// A subscription and a snapshot taken after it had begun, so that nothing
/// falls between the two.
pub struct Synced {
    pub snapshot: Snapshot,
    pub stream: mpsc::Receiver<Update>,
}

/// Reads markets, subscribes to them and their positions and prices, then
/// reads the positions.
pub async fn synchronise(chain: &dyn Chain, shard: Shard, oracles: HashMap<u16, Pubkey>) -> Result<Synced> {
    let found = chain.program_accounts(Filter::Markets).await?;
    let decoded =
        found.value.iter().filter_map(|(key, account)| Some((*key, decode::<Market>(&account.data)?)));
    let markets = Sampled {
        slot: found.slot,
        value: decoded.filter(|(_, market)| shard.takes(market.index)).collect::<Vec<_>>(),
    };
    let mut draft = World::new(shard, oracles);
    draft.restore(Snapshot {
        markets: Sampled { slot: markets.slot, value: markets.value.clone() },
        positions: Vec::new(),
    });
    let stream = chain.subscribe(&draft.interest()).await?;

    let mut positions = Vec::with_capacity(markets.value.len());
    for (key, _) in &markets.value {
        let found = chain.program_accounts(Filter::Positions { market: *key }).await?;
        let decoded =
            found.value.iter().filter_map(|(key, account)| Some((*key, decode::<Position>(&account.data)?)));
        positions.push((*key, Sampled { slot: found.slot, value: decoded.collect() }));
    }
    Ok(Synced { snapshot: Snapshot { markets, positions }, stream })
}

/// One account of a sample and the slot it is of.
pub type Sample = (Pubkey, Option<RawAccount>, u64);

/// Reads accounts, in as few calls as they fit in.
pub async fn sample(chain: &dyn Chain, keys: &[Pubkey]) -> Result<Vec<Sample>> {
    let mut sample = Vec::with_capacity(keys.len());
    for part in keys.chunks(ACCOUNTS_PER_CALL) {
        let answer = chain.accounts(part).await?;
        sample.extend(part.iter().zip(answer.value).map(|(key, account)| (*key, account, answer.slot)));
    }
    Ok(sample)
}
