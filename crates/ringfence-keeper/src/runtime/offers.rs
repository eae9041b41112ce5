//! Prices that are not on chain yet: asked for where a market has none that
//! can be used or orders in wait for one, and posted only with something that
//! pays for it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ringfence_client::Pubkey;
use ringfence_client::oracle::{Action, PriceReading};
use ringfence_client::state::OracleKind;
use solana_signer::Signer;
use tokio::time::Instant;

use super::{Event, Keeper};
use crate::compute::Step;
use crate::prices::{FeedId, Post, Poster, PriceUpdate};
use crate::submit::Job;

/// How often the service is asked while a market needs it.
const ASK_EVERY: Duration = Duration::from_secs(1);

impl Keeper {
    /// Markets that want a price and whose feed can be posted.
    fn wanted(&self) -> BTreeMap<u16, FeedId> {
        let can = |index: &u16| {
            let book = self.world.books.get(index)?;
            let oracle = book.market.oracle;
            let own = Poster::price_account(self.submitter.signer(), &oracle.feed_id).pubkey();
            let free = oracle.account == Pubkey::default() || oracle.account == own;
            (free && oracle.kind == OracleKind::PythPull as u8).then_some((*index, oracle.feed_id))
        };
        let wanting = self.blind.keys().chain(self.offers.keys()).chain(&self.hungry);
        wanting.filter_map(can).collect()
    }

    pub(super) fn seek_prices(&mut self) {
        let Some(prices) = self.prices.clone() else { return };
        if self.asking || Instant::now() < self.ask_at {
            return;
        }
        let mut feeds: Vec<FeedId> = self.wanted().into_values().collect();
        feeds.sort_unstable();
        feeds.dedup();
        if feeds.is_empty() {
            return;
        }
        self.asking = true;
        self.tasks.spawn(async move { Event::Offered(prices.latest(&feeds).await) });
    }

    pub(super) fn on_offered(&mut self, result: Result<Vec<PriceUpdate>, String>) {
        self.asking = false;
        let updates = match result {
            Ok(updates) => updates,
            Err(error) => {
                let pause = self.ask_backoff.pause();
                tracing::warn!(error, ?pause, "price service failed");
                self.metrics.rpc_failures.with_label_values(&["prices"]).inc();
                self.ask_at = Instant::now() + pause;
                return;
            }
        };
        self.ask_backoff.reset();
        self.ask_at = Instant::now() + ASK_EVERY;
        for (index, feed) in self.wanted() {
            let Some(update) = updates.iter().find(|update| update.feed_id == feed) else { continue };
            let own = Poster::price_account(self.submitter.signer(), &feed).pubkey();
            if let Some(book) = self.world.books.get_mut(&index)
                && book.oracle == Pubkey::default()
            {
                self.oracles.insert(index, own);
                self.world.set_oracle(index, own);
            }
            self.offers.insert(index, update.clone());
            self.dirty.insert(index);
        }
    }

    /// The offered price of a market, if `liquidate` would take it once posted.
    pub(super) fn offered_reading(&self, index: u16) -> Option<PriceReading> {
        let book = self.world.books.get(&index)?;
        let reading = self.offers.get(&index)?.reading(self.world.moment.slot)?;
        let usable = book.validity(&reading, &self.world.moment) <= Action::Liquidate.accepts();
        usable.then_some(reading)
    }

    fn poster(&self) -> Poster {
        let treasury_id = self.config.hermes.as_ref().map_or(0, |hermes| hermes.treasury_id);
        Poster::new(self.submitter.payer(), treasury_id)
    }

    /// What posts the offered price of a market.
    pub(super) fn post(&self, index: u16) -> Option<Post> {
        let (book, update) = (self.world.books.get(&index)?, self.offers.get(&index)?);
        self.poster().post(self.submitter.signer(), &book.market.oracle, update)
    }

    /// What posts the first price since a moment.
    pub(super) fn post_first(&self, index: u16, update: &PriceUpdate) -> Option<Post> {
        let book = self.world.books.get(&index)?;
        self.poster().post_first(self.submitter.signer(), &book.market.oracle, update)
    }

    /// Lamports that the first attempts of `job`, and of all that goes before
    /// it, cost.
    pub(super) fn cost(&self, job: &Job) -> u64 {
        let own = self.submitter.first_cost(&job.steps);
        job.before
            .iter()
            .fold(own, |cost, earlier| cost.saturating_add(self.submitter.first_cost(&earlier.steps)))
    }
}

/// `job` with a price posted in the same transaction, and before it what that
/// takes.
pub(super) fn with_post(mut job: Job, post: Post) -> Job {
    let message_account = Arc::new(post.message_account);
    for (number, (instructions, units)) in post.before.into_iter().enumerate() {
        let mut earlier = Job::new(Vec::new(), instructions, vec![Step::PostPrice(units)]);
        if number == 0 {
            earlier.signers.push(message_account.clone());
        }
        job.before.push(earlier);
    }
    job.instructions.splice(0..0, post.instructions);
    job.steps.push(Step::PostPrice(post.units));
    job.signers.push(Arc::new(post.price_account));
    job
}
