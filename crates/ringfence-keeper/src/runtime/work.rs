//! From a finding to a job, and from a report back to the indices.

use std::time::Duration;

use ringfence_client::state::Market;
use ringfence_client::{Instruction, Pubkey, instructions};
use spl_associated_token_account_interface::address::get_associated_token_address_with_program_id;
use spl_associated_token_account_interface::instruction::create_associated_token_account_idempotent;
use tokio::time::Instant;

use super::offers::with_post;
use super::{Event, Keeper};
use crate::alerts::Notice;
use crate::book::{Blind, Book, Finding, Liquidation};
use crate::compute::{self, Step};
use crate::index::Place;
use crate::orders;
use crate::prices::Post;
use crate::submit::{Job, Report, Verdict};

/// How long work that does not pay is left alone.
pub(super) const UNPROFITABLE_REST: Duration = Duration::from_secs(5);
/// How long after a failure that is not the position's own.
const SHORT_REST: Duration = Duration::from_secs(1);

/// How soon a market whose accrual did not help may be accrued again.
const ACCRUE_AGAIN: Duration = Duration::from_secs(60);

/// A piece of work under way. At most one per position and order, and one
/// accrual per market.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    pub kind: Kind,
    pub market: u16,
    /// The position or order; the market itself for an accrual.
    pub subject: Pubkey,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    Liquidate { reward: u64 },
    ExecuteOrder { reward: u64 },
    CleanUpOrder,
    CloseAtCap,
    Accrue,
}

impl Kind {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Liquidate { .. } => "liquidate",
            Self::ExecuteOrder { .. } => "execute_order",
            Self::CleanUpOrder => "clean_up_order",
            Self::CloseAtCap => "close_at_cap",
            Self::Accrue => "accrue",
        }
    }
}

/// The keeper's own token account for a market's collateral.
pub fn reward_account(owner: &Pubkey, market: &Market) -> Pubkey {
    get_associated_token_address_with_program_id(owner, &market.collateral_mint, &market.token_program)
}

fn create_reward_account(owner: &Pubkey, market: &Market) -> Instruction {
    create_associated_token_account_idempotent(owner, owner, &market.collateral_mint, &market.token_program)
}

impl Keeper {
    /// Judges the markets that something has changed for.
    pub(super) fn tick_dirty(&mut self) {
        let mut findings = core::mem::take(&mut self.findings);
        for index in core::mem::take(&mut self.dirty) {
            let free = self.config.work.max_in_flight.saturating_sub(self.busy.len());
            if free == 0 {
                // Looked at again when a place is free.
                self.dirty.insert(index);
                continue;
            }
            findings.clear();
            self.tick(index, free, &mut findings);
            for finding in findings.drain(..) {
                self.act(index, finding);
            }
            // After the liquidations: an order waits for that of its position.
            self.tick_orders(index);
        }
        self.findings = findings;
    }

    fn tick(&mut self, index: u16, limit: usize, findings: &mut Vec<Finding>) {
        let moment = self.world.moment;
        let Some(book) = self.world.books.get(&index) else { return };
        let usable = book.usable_reading(&moment);
        if usable.is_ok() && !self.hungry.contains(&index) {
            self.offers.remove(&index);
        }
        // What is posted with the first is on chain for the others.
        let (reading, limit) = match (usable, self.offered_reading(index)) {
            (Ok(reading), _) => (reading, limit),
            (Err(_), Some(_)) if self.posting.contains_key(&index) => return,
            (Err(_), Some(reading)) => (reading, 1),
            (Err(reason), None) => return self.is_blind(index, reason),
        };
        let Some(book) = self.world.books.get_mut(&index) else { return };
        let started = std::time::Instant::now();
        book.tick(&reading, &moment, self.alert_policy.as_ref(), limit, findings);
        self.metrics.tick_seconds.observe(started.elapsed().as_secs_f64());
        self.metrics.ticks.inc();
        self.metrics.blind_markets.with_label_values(&[&index.to_string()]).set(0);
        if self.blind.remove(&index).is_some() {
            tracing::info!(market = index, "price usable again");
        }
    }

    fn is_blind(&mut self, index: u16, reason: Blind) {
        self.metrics.blind_markets.with_label_values(&[&index.to_string()]).set(1);
        if self.blind.get(&index) != Some(&reason) {
            tracing::warn!(market = index, ?reason, "no usable price: nothing can be liquidated here");
            self.blind.insert(index, reason);
        }
    }

    fn act(&mut self, index: u16, finding: Finding) {
        match finding {
            Finding::MarginCall(call) => {
                self.metrics.margin_calls.inc();
                if let Some(book) = self.world.books.get(&index) {
                    self.alerts.send(Notice::new(&book.name(), &call));
                }
            }
            Finding::Liquidate(found) if self.config.work.liquidate => self.liquidate(index, &found),
            Finding::CloseAtCap { position, .. } if self.config.work.close_at_cap => {
                let Some(book) = self.world.books.get(&index) else { return };
                let accounts = book.accounts();
                let instruction = instructions::close_at_cap(&accounts, position, self.submitter.payer());
                let work = Work { kind: Kind::CloseAtCap, market: index, subject: position };
                let job = Job::new(vec![position], vec![instruction], vec![Step::CloseAtCap]);
                self.begin(work, job);
            }
            // Work that is switched off: not asked about at every tick.
            Finding::Liquidate(Liquidation { position, .. }) | Finding::CloseAtCap { position, .. } => {
                self.rest(index, position, UNPROFITABLE_REST);
            }
        }
    }

    fn liquidate(&mut self, index: u16, found: &Liquidation) {
        let Some(book) = self.world.books.get(&index) else { return };
        let blind = book.usable_reading(&self.world.moment).is_err();
        let post = if blind { self.post(index) } else { None };
        let posts = post.is_some();
        let Some(book) = self.world.books.get(&index) else { return };
        let mut accounts = book.accounts();
        let (payer, to) = (self.submitter.payer(), reward_account(&self.submitter.payer(), &book.market));
        if let Some(post) = &post {
            accounts.oracle = post.oracle;
        }
        let liquidate = instructions::liquidate(&accounts, found.position, payer, to);
        let job = self.rewarded(index, vec![found.position], (liquidate, Step::Liquidate), post);
        let at_a_loss = self.config.profit.liquidate_at_a_loss;
        let Some(job) = self.if_it_pays(index, "liquidation", job, found.reward, at_a_loss) else { return };
        tracing::info!(
            market = index,
            position = %found.position,
            mark = found.mark,
            equity = found.equity,
            maintenance = found.maintenance,
            reward_atoms = found.reward,
            "liquidating"
        );
        if posts {
            self.posting.insert(index, found.position);
        }
        let kind = Kind::Liquidate { reward: found.reward };
        self.begin(Work { kind, market: index, subject: found.position }, job);
    }

    /// A job of one instruction that pays the keeper, with what it needs: the
    /// token account to be paid to, and the price where `post` brings it.
    pub(super) fn rewarded(
        &self,
        index: u16,
        subjects: Vec<Pubkey>,
        (instruction, step): (Instruction, Step),
        post: Option<Post>,
    ) -> Job {
        let mut job = Job::new(subjects, vec![instruction], vec![step]);
        if let Some(book) = self.world.books.get(&index) {
            let payer = self.submitter.payer();
            if !self.reward_accounts.contains(&reward_account(&payer, &book.market)) {
                let create = create_reward_account(&payer, &book.market);
                if post.is_some() {
                    // There is no room for both in a packet.
                    job.before.push(Job::new(Vec::new(), vec![create], vec![Step::CreateTokenAccount]));
                } else {
                    job.instructions.insert(0, create);
                    job.steps.insert(0, Step::CreateTokenAccount);
                }
            }
        }
        match post {
            Some(post) => with_post(job, post),
            None => job,
        }
    }

    /// `job` with what it may cost at the most; none where `reward` does not
    /// pay for it: its subject is then left alone for a while.
    pub(super) fn if_it_pays(
        &mut self,
        index: u16,
        what: &str,
        job: Job,
        reward: u64,
        at_a_loss: bool,
    ) -> Option<Job> {
        let market = self.world.books.get(&index)?.market;
        let budget = if at_a_loss { None } else { Some(self.affordable(&market, reward)) };
        let cost = self.cost(&job);
        if budget.is_some_and(|budget| budget < cost) {
            let subject = job.subjects.first().copied()?;
            tracing::info!(
                market = index,
                %subject,
                reward_atoms = reward,
                cost_lamports = cost,
                worth_lamports = budget,
                "{what} does not pay: skipped"
            );
            self.metrics.skipped_unprofitable.inc();
            self.rest(index, subject, UNPROFITABLE_REST);
            return None;
        }
        Some(job.within(budget))
    }

    /// Lamports that a reward is worth after the least profit. Where SOL has no
    /// price yet, nothing is.
    fn affordable(&self, market: &Market, reward: u64) -> u64 {
        let profit = &self.config.profit;
        let from_market = profit.native_market.and_then(|index| self.world.books.get(&index)?.reading());
        let price = from_market.map(|reading| reading.price.0).or(self.native_price);
        let spendable = reward.saturating_sub(profit.min_profit_atoms);
        price.map_or(0, |price| compute::atoms_in_lamports(spendable, price, market))
    }

    /// Marks the subject as worked on and starts.
    pub(super) fn begin(&mut self, work: Work, job: Job) {
        if self.busy.contains(&work.subject) {
            return;
        }
        self.busy.insert(work.subject);
        self.park(work.market, &work.subject);
        self.metrics.in_flight.set(self.busy.len() as i64);
        let submitter = self.submitter.clone();
        self.tasks.spawn(async move {
            let report = submitter.run(&job).await;
            Event::Reported { work, report }
        });
    }

    /// Takes a position or an order out of wait.
    fn park(&mut self, market: u16, subject: &Pubkey) {
        let Some(book) = self.world.books.get_mut(&market) else { return };
        if let Some(slot) = book.index.slot(subject) {
            book.index.place(slot, Place::Parked);
        } else if let Some(slot) = book.orders.slot(subject) {
            book.orders.place(slot, orders::Place::Parked);
        }
    }

    /// Puts it back.
    fn unpark(&mut self, market: u16, subject: &Pubkey) {
        let Some(book) = self.world.books.get_mut(&market) else { return };
        if let Some(slot) = book.index.slot(subject) {
            book.index.place(slot, Place::Called);
        } else if let Some(slot) = book.orders.slot(subject) {
            book.orders.place(slot, orders::Place::Waiting);
        }
    }

    pub(super) fn rest(&mut self, market: u16, subject: Pubkey, rest: Duration) {
        self.park(market, &subject);
        self.resting.put(market, subject, Instant::now() + rest);
    }

    /// Puts positions and orders whose rest is over back in wait.
    pub(super) fn wake(&mut self) {
        for (market, subject) in self.resting.wake(Instant::now()) {
            if !self.busy.contains(&subject) {
                self.unpark(market, &subject);
                self.dirty.insert(market);
            }
        }
        self.metrics.resting.set(self.resting.len() as i64);
    }

    pub(super) fn accrue_due(&mut self) {
        if !self.config.work.accrue {
            return;
        }
        let moment = self.world.moment;
        let every = i64::from(self.config.work.accrue_every_seconds);
        let due = |book: &Book| {
            !book.is_settling()
                && moment.unix_timestamp.saturating_sub(book.market.accrued_at) >= every
                && book.reading().is_some_and(|reading| {
                    book.validity(&reading, &moment) <= ringfence_client::oracle::Action::ReduceRisk.accepts()
                })
        };
        let markets: Vec<(u16, Pubkey, Instruction)> = self
            .world
            .books
            .iter()
            .filter(|(index, book)| {
                due(book) && self.accrued_at.get(index).is_none_or(|at| at.elapsed() >= ACCRUE_AGAIN)
            })
            .map(|(index, book)| (*index, book.key, instructions::accrue(&book.accounts())))
            .collect();
        for (index, key, instruction) in markets {
            self.accrued_at.insert(index, Instant::now());
            let job = Job::new(vec![key], vec![instruction], vec![Step::Accrue]);
            self.begin(Work { kind: Kind::Accrue, market: index, subject: key }, job);
        }
    }

    pub(super) fn reported(&mut self, work: Work, report: Report) {
        self.busy.remove(&work.subject);
        if self.posting.get(&work.market) == Some(&work.subject) {
            self.posting.remove(&work.market);
        }
        self.metrics.in_flight.set(self.busy.len() as i64);
        let kind = work.kind.name();
        self.metrics.work.with_label_values(&[kind, report.verdict.name()]).inc();
        self.metrics.attempts.with_label_values(&[kind]).inc_by(u64::from(report.attempts));
        self.dirty.insert(work.market);
        let known = report.subjects.is_some();
        if let Some(sample) = report.subjects {
            for (key, account) in &sample.value {
                self.world.apply(*key, account.as_ref(), sample.slot);
            }
        }
        self.log_verdict(&work, &report.verdict);
        if work.kind == Kind::Accrue {
            return;
        }
        let rest = self.rest_after(&work, &report.verdict, known);
        match rest {
            None => self.unpark(work.market, &work.subject),
            Some(rest) => self.rest(work.market, work.subject, rest),
        }
    }

    /// How long the position or order is left alone; none where it may be looked at at once.
    fn rest_after(&mut self, work: &Work, verdict: &Verdict, known: bool) -> Option<Duration> {
        let submit = &self.config.submit;
        match verdict {
            Verdict::Done { .. } => {
                self.resting.forgive(&work.subject);
                self.reward_received(work);
                (!known).then_some(SHORT_REST)
            }
            // Nothing has changed on chain: say it once in a while.
            Verdict::WouldSucceed => Some(Duration::from_secs(submit.quarantine_seconds)),
            // Where the program and the keeper disagree, the price or the books
            // have moved on: they arrive by themselves.
            Verdict::Gone => {
                self.resting.forgive(&work.subject);
                Some(SHORT_REST)
            }
            Verdict::NoPrice | Verdict::Unreachable | Verdict::Unfunded => Some(SHORT_REST),
            Verdict::Refused(_) | Verdict::Unmet(_) => Some(self.resting.strike(
                work.subject,
                Duration::from_secs(submit.quarantine_seconds),
                Duration::from_secs(submit.max_quarantine_seconds),
            )),
        }
    }

    fn reward_received(&mut self, work: &Work) {
        let (Kind::Liquidate { reward } | Kind::ExecuteOrder { reward }) = work.kind else { return };
        self.metrics.reward_atoms.with_label_values(&[&work.market.to_string()]).inc_by(reward);
        if let Some(book) = self.world.books.get(&work.market) {
            self.reward_accounts.insert(reward_account(&self.submitter.payer(), &book.market));
        }
    }

    fn log_verdict(&self, work: &Work, verdict: &Verdict) {
        let (kind, market, subject) = (work.kind.name(), work.market, work.subject);
        match verdict {
            Verdict::Done { slot } => tracing::info!(kind, market, %subject, slot, "done"),
            Verdict::WouldSucceed => tracing::info!(kind, market, %subject, "dry run: would succeed"),
            Verdict::Gone => tracing::info!(kind, market, %subject, "nothing left to do"),
            Verdict::Unmet(reason) => {
                tracing::info!(kind, market, %subject, %reason, "cannot be carried out now")
            }
            Verdict::Refused(reason) => {
                tracing::error!(kind, market, %subject, reason, "refused: left alone for a while");
            }
            Verdict::Unfunded => tracing::error!(
                kind, market, %subject, payer = %self.submitter.payer(),
                "the keeper's account cannot pay the fee: send SOL to it"
            ),
            other => tracing::warn!(kind, market, %subject, verdict = other.name(), "not done"),
        }
    }
}
