//! Snapshot and sample: everything once, and a little of it often.

use std::collections::HashMap;

use ringfence_client::Discriminator;
use ringfence_client::Pubkey;
use ringfence_client::accounts::decode;
use ringfence_client::state::{Market, Order, Position};
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

/// Reads markets, subscribes to them, their positions, orders and prices, then
/// reads positions and orders.
pub async fn synchronise(chain: &dyn Chain, shard: Shard, oracles: HashMap<u16, Pubkey>) -> Result<Synced> {
    let mut markets = read::<Market>(chain, Filter::Markets).await?;
    markets.value.retain(|(_, market)| shard.takes(market.index));
    let mut draft = World::new(shard, oracles);
    draft.restore(Snapshot {
        markets: Sampled { slot: markets.slot, value: markets.value.clone() },
        ..Snapshot::default()
    });
    let stream = chain.subscribe(&draft.interest()).await?;

    let (mut positions, mut orders) = (Vec::new(), Vec::new());
    for &(market, _) in &markets.value {
        positions.push((market, read::<Position>(chain, Filter::Positions { market }).await?));
        orders.push((market, read::<Order>(chain, Filter::Orders { market }).await?));
    }
    Ok(Synced { snapshot: Snapshot { markets, positions, orders }, stream })
}

/// The accounts of one kind that there are.
async fn read<T>(chain: &dyn Chain, filter: Filter) -> Result<Sampled<Vec<(Pubkey, T)>>>
where
    T: bytemuck::Pod + Discriminator,
{
    let found = chain.program_accounts(filter).await?;
    let decoded = found.value.iter().filter_map(|(key, account)| Some((*key, decode::<T>(&account.data)?)));
    Ok(Sampled { slot: found.slot, value: decoded.collect() })
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
