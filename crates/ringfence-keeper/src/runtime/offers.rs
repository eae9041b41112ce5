//! Prices that are not on chain yet: asked for where a market has none that
//! can be used, and posted only with something that pays for it.

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
use crate::submit::Order;

/// How often the service is asked while a market needs it.
const ASK_EVERY: Duration = Duration::from_secs(1);

impl Keeper {
    /// Markets without a usable price whose feed can be posted.
    fn wanted(&self) -> BTreeMap<u16, FeedId> {
        let can = |index: &u16| {
            let book = self.world.books.get(index)?;
            let oracle = book.market.oracle;
            let own = Poster::price_account(self.submitter.signer(), &oracle.feed_id).pubkey();
            let free = oracle.account == Pubkey::default() || oracle.account == own;
            (free && oracle.kind == OracleKind::PythPull as u8).then_some((*index, oracle.feed_id))
        };
        self.blind.keys().chain(self.offers.keys()).filter_map(can).collect()
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

    fn post(&self, index: u16) -> Option<Post> {
        let (book, update) = (self.world.books.get(&index)?, self.offers.get(&index)?);
        let treasury_id = self.config.hermes.as_ref().map_or(0, |hermes| hermes.treasury_id);
        let poster = Poster::new(self.submitter.payer(), treasury_id);
        poster.post(self.submitter.signer(), &book.market.oracle, update)
    }

    /// Units of the post that an order of this market has to carry, if any,
    /// and those of the transactions before it.
    pub(super) fn post_steps(&self, index: u16) -> (Option<Step>, Vec<Step>) {
        match self.post(index) {
            Some(post) => {
                let before = post.before.iter().map(|(_, units)| Step::PostPrice(*units)).collect();
                (Some(Step::PostPrice(post.units)), before)
            }
            None => (None, Vec::new()),
        }
    }

    /// `order` with the offered price posted in the same transaction.
    pub(super) fn with_price(&self, index: u16, mut order: Order) -> Order {
        let Some(post) = self.post(index) else { return order };
        let message_account = Arc::new(post.message_account);
        for (number, (instructions, units)) in post.before.into_iter().enumerate() {
            let mut earlier =
                Order::new(order.subject, instructions, vec![Step::PostPrice(units)], order.budget);
            if number == 0 {
                earlier.signers.push(message_account.clone());
            }
            order.before.push(earlier);
        }
        order.instructions.splice(0..0, post.instructions);
        order.signers.push(Arc::new(post.price_account));
        order
    }
}
