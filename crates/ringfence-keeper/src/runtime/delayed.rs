//! The one price of a delayed order: the first published since it was due.
//! Found in an update that lies on chain already, or asked for from the price
//! service, and then posted with the order.

use std::collections::BTreeMap;
use std::time::Duration;

use ringfence_client::Pubkey;
use ringfence_client::oracle::{PriceReading, decode};
use ringfence_client::state::OracleConfig;
use tokio::time::Instant;

use super::{Event, Keeper};
use crate::chain::{Chain, Filter};
use crate::prices::PriceUpdate;

/// How often a price is looked for that is not there yet.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A first price, and where it is.
#[derive(Clone, Debug)]
pub(super) enum First {
    OnChain { oracle: Pubkey, reading: PriceReading },
    Offered(PriceUpdate),
}

impl First {
    /// As the program will read it.
    pub(super) fn reading(&self, slot: u64) -> Option<PriceReading> {
        match self {
            Self::OnChain { reading, .. } => Some(*reading),
            Self::Offered(update) => update.reading(slot),
        }
    }
}

/// How far the search for one has got.
#[derive(Debug)]
pub(super) enum Seeking {
    Asked,
    Again(Instant),
    Found(First),
}

impl Keeper {
    /// Looks for the first prices that orders in wait are due for, and forgets
    /// those that none is.
    pub(super) fn seek_firsts(&mut self) {
        if !self.config.work.execute_orders {
            return;
        }
        let moment = self.world.moment;
        let mut due = BTreeMap::new();
        for (index, book) in &mut self.world.books {
            for (_, since) in book.due_orders(&moment) {
                due.insert((*index, since), (book.market.oracle, book.oracle));
            }
        }
        self.firsts.retain(|key, _| due.contains_key(key));
        let now = Instant::now();
        for ((market, since), (config, oracle)) in due {
            let waits = match self.firsts.get(&(market, since)) {
                None => false,
                Some(Seeking::Again(at)) => now < *at,
                Some(Seeking::Asked | Seeking::Found(_)) => true,
            };
            if waits {
                continue;
            }
            self.firsts.insert((market, since), Seeking::Asked);
            let (chain, prices) = (self.chain.clone(), self.prices.clone());
            self.tasks.spawn(async move {
                let result = match prices {
                    Some(prices) => {
                        let found = prices.first(&config.feed_id, since).await;
                        found.map(|update| update.map(First::Offered))
                    }
                    None => find(chain.as_ref(), &config, oracle, since).await,
                };
                Event::Sought { market, since, result }
            });
        }
    }

    pub(super) fn on_sought(&mut self, market: u16, since: i64, result: Result<Option<First>, String>) {
        let Some(seeking) = self.firsts.get_mut(&(market, since)) else { return };
        match result {
            Ok(Some(First::Offered(update))) if !update.is_first(since) => {
                tracing::warn!(market, since, published = update.publish_time, "not the first price since");
                *seeking = Seeking::Again(Instant::now() + LOOK_EVERY);
            }
            Ok(Some(first)) => {
                self.ask_backoff.reset();
                *seeking = Seeking::Found(first);
                self.dirty.insert(market);
            }
            Ok(None) => *seeking = Seeking::Again(Instant::now() + LOOK_EVERY),
            Err(error) => {
                let pause = self.ask_backoff.pause();
                tracing::warn!(market, since, error, ?pause, "no answer about a first price");
                self.metrics.rpc_failures.with_label_values(&["first price"]).inc();
                *seeking = Seeking::Again(Instant::now() + pause);
            }
        }
    }
}

/// An update on chain that is the first since a moment. One that lies
/// elsewhere than in `oracle` is the better one: what is published next
/// replaces that.
async fn find(
    chain: &dyn Chain,
    config: &OracleConfig,
    oracle: Pubkey,
    since: i64,
) -> Result<Option<First>, String> {
    let filter = Filter::Updates { feed_id: config.feed_id };
    let posted = chain.program_accounts(filter).await.map_err(|error| error.to_string())?;
    let mut firsts: Vec<(Pubkey, PriceReading)> = posted
        .value
        .iter()
        .filter_map(|(key, account)| Some((*key, decode(config, key, &account.owner, &account.data).ok()?)))
        .filter(|(_, reading)| reading.previous_publish_time < since && since <= reading.publish_time)
        .collect();
    firsts.sort_by_key(|(key, _)| *key == oracle);
    Ok(firsts.first().map(|&(oracle, reading)| First::OnChain { oracle, reading }))
}
