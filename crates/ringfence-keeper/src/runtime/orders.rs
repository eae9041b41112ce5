//! Executing orders, and sending the funds of those that have ended home.

use ringfence_client::{MarketAccounts, Pubkey, instructions};
use spl_associated_token_account_interface::address::get_associated_token_address_with_program_id;

use super::delayed::{First, Seeking};
use super::work::reward_account;
use super::{Keeper, Kind, Work};
use crate::book::Execution;
use crate::compute::Step;
use crate::prices::Post;
use crate::submit::Job;

impl Keeper {
    fn free_places(&self) -> usize {
        self.config.work.max_in_flight.saturating_sub(self.busy.len())
    }

    /// Judges the orders of a market and executes those that can be.
    pub(super) fn tick_orders(&mut self, index: u16) {
        if !self.config.work.execute_orders {
            return;
        }
        if self.free_places() == 0 {
            self.dirty.insert(index);
            return;
        }
        let accepted = self.tick_on_chain(index);
        self.tick_offered(index, accepted);
        self.tick_delayed(index);
    }

    /// By the price on chain; returns when it was published, where orders can
    /// execute at it.
    fn tick_on_chain(&mut self, index: u16) -> Option<i64> {
        let (moment, limit) = (self.world.moment, self.free_places());
        let book = self.world.books.get_mut(&index)?;
        let reading = book.order_reading(&moment)?;
        let (oracle, mut found) = (book.oracle, Vec::new());
        book.tick_orders(&reading, &moment, limit, &mut found);
        for execution in &found {
            self.execute(index, execution, oracle, None);
        }
        Some(reading.publish_time)
    }

    /// By the price that the service offers, where that is newer: posted with
    /// one order, it is on chain for the others.
    fn tick_offered(&mut self, index: u16, accepted: Option<i64>) {
        let moment = self.world.moment;
        let Some(book) = self.world.books.get_mut(&index) else { return };
        if self.prices.is_none() || !book.orders.wait_for_prices() {
            self.hungry.remove(&index);
            return;
        }
        self.hungry.insert(index);
        let offered = self.offers.get(&index).and_then(|update| update.reading(moment.slot));
        let newer = offered.filter(|reading| accepted.is_none_or(|accepted| reading.publish_time > accepted));
        let Some(reading) = newer.filter(|_| !self.posting.contains_key(&index)) else { return };
        let mut found = Vec::new();
        book.tick_orders(&reading, &moment, 1, &mut found);
        for execution in &found {
            if let Some(post) = self.post(index)
                && self.execute(index, execution, post.oracle, Some(post))
            {
                self.posting.insert(index, execution.order);
            }
        }
    }

    /// Delayed orders whose first price has been found.
    fn tick_delayed(&mut self, index: u16) {
        let moment = self.world.moment;
        let Some(book) = self.world.books.get_mut(&index) else { return };
        for (slot, since) in book.due_orders(&moment) {
            let Some(Seeking::Found(first)) = self.firsts.get(&(index, since)) else { continue };
            let first = first.clone();
            let Some(reading) = first.reading(moment.slot) else { continue };
            let mut found = Vec::new();
            if let Some(book) = self.world.books.get_mut(&index) {
                book.tick_delayed(slot, &reading, &moment, &mut found);
            }
            for execution in &found {
                let (oracle, post) = match &first {
                    First::OnChain { oracle, .. } => (*oracle, None),
                    First::Offered(update) => match self.post_first(index, update) {
                        Some(post) => (post.oracle, Some(post)),
                        None => continue,
                    },
                };
                self.execute(index, execution, oracle, post);
            }
        }
    }

    /// Executes an order at the price that lies in `oracle`, or that `post`
    /// brings there. True where that has begun.
    fn execute(&mut self, index: u16, found: &Execution, oracle: Pubkey, post: Option<Post>) -> bool {
        // Where its position is being liquidated, the order is void in a moment.
        if self.free_places() == 0 || self.busy.contains(&found.order) || self.busy.contains(&found.position)
        {
            return false;
        }
        let Some(book) = self.world.books.get(&index) else { return false };
        let Some(held) = book.orders.get(&found.order) else { return false };
        let Some(record) = book.index.get(&found.position) else { return false };
        let referral = record.position().referral;
        let payer = self.submitter.payer();
        let execute = instructions::execute_order(
            &MarketAccounts { oracle, ..book.accounts() },
            found.order,
            &held.order,
            payer,
            reward_account(&payer, &book.market),
            (referral != Pubkey::default()).then_some(referral),
        );
        let subjects = vec![found.order, found.position];
        let job = self.rewarded(index, subjects, (execute, Step::ExecuteOrder), post);
        let at_a_loss = self.config.profit.execute_at_a_loss;
        let Some(job) = self.if_it_pays(index, "order", job, found.reward, at_a_loss) else { return false };
        tracing::info!(
            market = index,
            order = %found.order,
            position = %found.position,
            price = found.price,
            is_delayed = found.is_delayed,
            reward_atoms = found.reward,
            "executing"
        );
        let kind = Kind::ExecuteOrder { reward: found.reward };
        self.begin(Work { kind, market: index, subject: found.order }, job);
        true
    }

    /// Cancels orders that have ended, so that their traders have what is in
    /// them back.
    pub(super) fn clean_up(&mut self) {
        if !self.config.work.clean_up_orders {
            return;
        }
        let (now, payer) = (self.world.moment.unix_timestamp, self.submitter.payer());
        let mut jobs = Vec::new();
        for (index, book) in &mut self.world.books {
            book.orders.expire(now);
            for held in book.orders.ended() {
                let order = &held.order;
                let position = book.index.get(&order.position).map(|record| record.position());
                if !order.has_ended(position.as_ref(), now) {
                    continue;
                }
                let (mint, program) = (&book.market.collateral_mint, book.market.token_program);
                let tokens = get_associated_token_address_with_program_id(&order.trader, mint, &program);
                let cancel = instructions::cancel_order(program, held.key, order, payer, tokens);
                let subjects = vec![held.key, order.position];
                jobs.push((*index, held.key, Job::new(subjects, vec![cancel], vec![Step::CancelOrder])));
            }
        }
        jobs.truncate(self.free_places());
        for (index, subject, job) in jobs {
            self.begin(Work { kind: Kind::CleanUpOrder, market: index, subject }, job);
        }
    }
}
