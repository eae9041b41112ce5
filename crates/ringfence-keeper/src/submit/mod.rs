//! One piece of work from decision to verdict: build, sign, send, watch; a
//! fresh blockhash and a higher priority fee where nothing is heard; no second
//! signature while the first may still make it in good time.

#[cfg(test)]
mod tests;
mod verdict;

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rand::Rng;
use ringfence_client::compute::{MAX_LIMIT, loaded_data_limit};
use ringfence_client::{Instruction, Pubkey};
use solana_compute_budget_interface::ComputeBudgetInstruction;
use solana_keypair::Keypair;
use solana_signature::Signature;
use solana_signer::Signer;
use solana_transaction::Transaction;
use solana_transaction_error::TransactionError;
use tokio::time::Instant;
pub use verdict::{Judgement, Verdict, judge};

use self::verdict::refused;
use crate::chain::{Blockhash, Chain, ChainError, RawAccount, Sampled, Status};
use crate::compute::{self, Step};
use crate::config::SubmitConfig;

/// A blockhash is good for 150 blocks; a cached one leaves most of them.
const BLOCKHASH_LIFETIME: Duration = Duration::from_secs(10);

/// A position may be liquidated twice while one blockhash is good, and equal
/// transactions are one transaction: each asks for up to this many units more
/// than it needs, and no two that follow each other for as many.
const DISTINCT_LIMITS: u32 = 1_000;

/// What to send.
#[derive(Clone, Debug)]
pub struct Job {
    pub instructions: Vec<Instruction>,
    pub steps: Vec<Step>,
    /// No attempt costs more lamports than this. None: no limit but the
    /// configured price.
    pub budget: Option<u64>,
    /// Accounts to read again afterwards, what the job is about first.
    pub subjects: Vec<Pubkey>,
    /// Sign too, besides the keeper.
    pub signers: Vec<Arc<Keypair>>,
    /// Must be done first, in this order; none of them has any of its own.
    pub before: Vec<Job>,
}

impl Job {
    /// One transaction that the keeper alone signs, whatever it costs.
    pub fn new(subjects: Vec<Pubkey>, instructions: Vec<Instruction>, steps: Vec<Step>) -> Self {
        Self { instructions, steps, budget: None, subjects, signers: Vec::new(), before: Vec::new() }
    }

    /// No attempt at it, or at what goes before it, costs more than `budget`.
    pub fn within(mut self, budget: Option<u64>) -> Self {
        self.budget = budget;
        for earlier in &mut self.before {
            earlier.budget = budget;
        }
        self
    }
}

/// What a job was about, each account as it is, or none where it is gone.
pub type Subjects = Vec<(Pubkey, Option<RawAccount>)>;

/// What became of a job.
#[derive(Clone, Debug)]
pub struct Report {
    pub verdict: Verdict,
    /// Transactions signed.
    pub attempts: u32,
    /// The subjects as they are now; none where that could not be learned.
    pub subjects: Option<Sampled<Subjects>>,
}

/// Doubles up to a limit, with up to half of it at random, so that many that
/// fail together do not come back together.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    first: Duration,
    limit: Duration,
    failures: u32,
}

impl Backoff {
    pub fn new(first: Duration, limit: Duration) -> Self {
        Self { first, limit, failures: 0 }
    }

    pub fn reset(&mut self) {
        self.failures = 0;
    }

    /// How long to wait after another failure.
    pub fn pause(&mut self) -> Duration {
        let whole = exponential(self.first, self.limit, self.failures);
        self.failures = self.failures.saturating_add(1);
        whole.mul_f64(rand::rng().random_range(0.5..=1.0))
    }
}

/// `first × 2^failures`, at most `limit`.
pub fn exponential(first: Duration, limit: Duration, failures: u32) -> Duration {
    first.saturating_mul(2u32.saturating_pow(failures.min(31))).min(limit)
}

#[derive(Default)]
struct BlockhashCache(Mutex<Option<(Blockhash, Instant)>>);

impl BlockhashCache {
    fn get(&self) -> Option<Blockhash> {
        let cached = *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        cached.filter(|(_, at)| at.elapsed() < BLOCKHASH_LIFETIME).map(|(blockhash, _)| blockhash)
    }

    fn set(&self, blockhash: Option<Blockhash>) {
        let mut cached = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *cached = blockhash.map(|blockhash| (blockhash, Instant::now()));
    }
}

/// Signs and sends.
pub struct Submitter {
    chain: Arc<dyn Chain>,
    signer: Arc<Keypair>,
    policy: SubmitConfig,
    dry_run: bool,
    blockhashes: BlockhashCache,
    /// Transactions signed.
    signed: AtomicU32,
    /// Whether a program has outgrown the limit of loaded data, which costs
    /// priority to go without: from then on none is set.
    outgrown: AtomicBool,
}

struct Sent {
    signature: Signature,
    last_valid_block_height: u64,
}

/// What watching came to.
enum Watched {
    Landed(Status),
    /// Nothing yet: sign again.
    Silent,
}

impl Submitter {
    pub fn new(chain: Arc<dyn Chain>, signer: Arc<Keypair>, policy: SubmitConfig, dry_run: bool) -> Self {
        Self {
            chain,
            signer,
            policy,
            dry_run,
            blockhashes: BlockhashCache::default(),
            signed: AtomicU32::new(0),
            outgrown: AtomicBool::new(false),
        }
    }

    pub fn signer(&self) -> &Keypair {
        &self.signer
    }

    pub fn payer(&self) -> Pubkey {
        self.signer.pubkey()
    }

    /// Micro-lamports per unit at the given attempt, from 0.
    pub fn priority(&self, attempt: u32, units: u32, budget: Option<u64>) -> u64 {
        let mut price = self.policy.priority_micro_lamports;
        for _ in 0..attempt {
            let more = price.saturating_mul(self.policy.priority_growth_percent) / 100;
            price = price.saturating_add(more);
        }
        let affordable = budget.map_or(u64::MAX, |lamports| compute::affordable_price(units, lamports));
        price.min(self.policy.max_priority_micro_lamports).min(affordable)
    }

    /// Lamports that the first attempt costs.
    pub fn first_cost(&self, steps: &[Step]) -> u64 {
        let units = compute::limit(steps);
        compute::fee(units, self.priority(0, units, None))
    }

    /// Carries `job` out. Never fails and always ends: after `max_attempts`
    /// signatures at the latest.
    pub async fn run(&self, job: &Job) -> Report {
        let (verdict, attempts) = self.attempt_in_order(job).await;
        let least_slot = if let Verdict::Done { slot } = verdict { slot } else { 0 };
        let subjects = match &verdict {
            Verdict::WouldSucceed => None,
            _ => self.read_again(&job.subjects, least_slot).await,
        };
        Report { verdict, attempts, subjects }
    }

    async fn attempt_in_order(&self, job: &Job) -> (Verdict, u32) {
        let mut signed = 0;
        // A simulation cannot build on what has only been simulated.
        let before = if self.dry_run { &[] } else { job.before.as_slice() };
        for earlier in before {
            let (verdict, attempts) = self.attempt_all(earlier).await;
            signed += attempts;
            if !matches!(verdict, Verdict::Done { .. }) {
                return (verdict, signed);
            }
        }
        let (verdict, attempts) = self.attempt_all(job).await;
        (verdict, signed + attempts)
    }

    async fn attempt_all(&self, job: &Job) -> (Verdict, u32) {
        let mut backoff = self.backoff();
        let mut sent: Vec<Sent> = Vec::new();
        let mut signed = 0;
        for attempt in 0..self.policy.max_attempts {
            let blockhash = match self.blockhash(attempt > 0).await {
                Ok(blockhash) => blockhash,
                Err(error) => {
                    tracing::debug!(%error, "no blockhash");
                    tokio::time::sleep(backoff.pause()).await;
                    continue;
                }
            };
            let limited = !self.outgrown.load(Ordering::Relaxed);
            let transaction = self.sign(job, attempt, &blockhash);
            signed += 1;
            if self.dry_run {
                let verdict = self.simulate(job, &transaction).await;
                if limited && self.outgrown.load(Ordering::Relaxed) {
                    continue;
                }
                return (verdict, signed);
            }
            let Some(signature) = transaction.signatures.first().copied() else { continue };
            let last_valid_block_height = blockhash.last_valid_block_height;
            match self.chain.send(&transaction).await {
                Ok(_) | Err(ChainError::Timeout) => sent.push(Sent { signature, last_valid_block_height }),
                Err(ChainError::Transport(error)) => {
                    // It may have gone out all the same.
                    tracing::debug!(error, "send failed");
                    sent.push(Sent { signature, last_valid_block_height });
                    tokio::time::sleep(backoff.pause()).await;
                }
                Err(ChainError::Transaction(error)) => match judge(&error) {
                    Judgement::Arrived => sent.push(Sent { signature, last_valid_block_height }),
                    Judgement::Expired | Judgement::Again => {
                        self.blockhashes.set(None);
                        tokio::time::sleep(backoff.pause()).await;
                        continue;
                    }
                    Judgement::Outgrown => {
                        self.outgrow();
                        continue;
                    }
                    // A refusal that an earlier signature of ours has caused is
                    // that one's success.
                    Judgement::Final(verdict) => {
                        return (self.landed(job, &sent).await.unwrap_or(verdict), signed);
                    }
                    Judgement::Starved => {
                        let verdict = match self.landed(job, &sent).await {
                            Some(verdict) => verdict,
                            None => self.reason(job, &error).await,
                        };
                        return (verdict, signed);
                    }
                },
            }
            match self.watch(&transaction, &sent).await {
                Watched::Landed(status) => return (self.settle(job, &status).await, signed),
                Watched::Silent => {}
            }
        }
        (self.landed(job, &sent).await.unwrap_or(Verdict::Unreachable), signed)
    }

    fn backoff(&self) -> Backoff {
        Backoff::new(
            Duration::from_millis(self.policy.backoff_ms),
            Duration::from_millis(self.policy.max_backoff_ms),
        )
    }

    async fn blockhash(&self, fresh: bool) -> Result<Blockhash, ChainError> {
        if !fresh && let Some(cached) = self.blockhashes.get() {
            return Ok(cached);
        }
        let blockhash = self.chain.blockhash().await?;
        self.blockhashes.set(Some(blockhash));
        Ok(blockhash)
    }

    fn sign(&self, job: &Job, attempt: u32, blockhash: &Blockhash) -> Transaction {
        let serial = self.signed.fetch_add(1, Ordering::Relaxed) % DISTINCT_LIMITS;
        let units = compute::limit(&job.steps).saturating_add(serial);
        self.sign_for(job, units, self.priority(attempt, units, job.budget), blockhash)
    }

    /// With a limit of `units`, at `price` micro-lamports each.
    fn sign_for(&self, job: &Job, units: u32, price: u64, blockhash: &Blockhash) -> Transaction {
        let mut instructions = vec![
            ComputeBudgetInstruction::set_compute_unit_limit(units),
            ComputeBudgetInstruction::set_compute_unit_price(price),
        ];
        let loaded = loaded_data_limit(&job.instructions);
        if let Some(bytes) = loaded.filter(|_| !self.outgrown.load(Ordering::Relaxed)) {
            instructions.push(ComputeBudgetInstruction::set_loaded_accounts_data_size_limit(bytes));
        }
        instructions.extend(job.instructions.iter().cloned());
        let mut signers = vec![self.signer.as_ref()];
        signers.extend(job.signers.iter().map(Arc::as_ref));
        Transaction::new_signed_with_payer(
            &instructions,
            Some(&self.signer.pubkey()),
            &signers,
            blockhash.hash,
        )
    }

    fn outgrow(&self) {
        if !self.outgrown.swap(true, Ordering::Relaxed) {
            tracing::warn!("a program has outgrown the limit of loaded data: none is set any more");
        }
    }

    async fn simulate(&self, job: &Job, transaction: &Transaction) -> Verdict {
        match self.chain.simulate(transaction).await {
            Ok(simulation) => match simulation.error {
                None => Verdict::WouldSucceed,
                Some(error) => self.conclude(job, &error).await,
            },
            Err(_) => Verdict::Unreachable,
        }
    }

    /// What an error that ends a job means.
    async fn conclude(&self, job: &Job, error: &TransactionError) -> Verdict {
        match judge(error) {
            Judgement::Final(verdict) => verdict,
            Judgement::Starved => self.reason(job, error).await,
            Judgement::Outgrown => {
                self.outgrow();
                refused(error)
            }
            _ => Verdict::Unreachable,
        }
    }

    /// Why a job failed whose limit of compute units was too small: as a
    /// simulation with all the units there are ends. Where that says nothing
    /// else, the limit itself was the reason.
    async fn reason(&self, job: &Job, error: &TransactionError) -> Verdict {
        let Ok(blockhash) = self.blockhash(false).await else { return refused(error) };
        let transaction = self.sign_for(job, MAX_LIMIT, 0, &blockhash);
        let Ok(simulation) = self.chain.simulate(&transaction).await else { return refused(error) };
        match simulation.error.as_ref().map(judge) {
            Some(Judgement::Final(verdict)) => verdict,
            _ => refused(error),
        }
    }

    /// Sends the same bytes again now and then, until one of `sent` has landed,
    /// the newest has expired, or it is time for a higher fee.
    async fn watch(&self, transaction: &Transaction, sent: &[Sent]) -> Watched {
        let poll = Duration::from_millis(self.policy.poll_every_ms);
        let until = Instant::now() + Duration::from_millis(self.policy.escalate_after_ms);
        let resend_every = Duration::from_millis(self.policy.resend_every_ms);
        let mut resend_at = Instant::now() + resend_every;
        while Instant::now() < until {
            tokio::time::sleep(poll).await;
            if let Some(status) = self.status(sent).await {
                return Watched::Landed(status);
            }
            if Instant::now() >= resend_at {
                if self.is_expired(sent).await {
                    return Watched::Silent;
                }
                // What comes of it is seen in its status.
                let _ = self.chain.send(transaction).await;
                resend_at = Instant::now() + resend_every;
            }
        }
        Watched::Silent
    }

    async fn is_expired(&self, sent: &[Sent]) -> bool {
        let Some(newest) = sent.last() else { return true };
        match self.chain.block_height().await {
            Ok(height) => height > newest.last_valid_block_height,
            Err(_) => false,
        }
    }

    /// A success among `sent`, else any that has landed.
    async fn status(&self, sent: &[Sent]) -> Option<Status> {
        if sent.is_empty() {
            return None;
        }
        let signatures: Vec<Signature> = sent.iter().map(|sent| sent.signature).collect();
        let statuses = self.chain.statuses(&signatures).await.ok()?;
        let mut landed: Vec<Status> = statuses
            .into_iter()
            .flatten()
            .filter(|status| status.confirmed || status.error.is_some())
            .collect();
        landed.sort_by_key(|status| status.error.is_some());
        landed.into_iter().next()
    }

    async fn landed(&self, job: &Job, sent: &[Sent]) -> Option<Verdict> {
        let status = self.status(sent).await?;
        Some(self.settle(job, &status).await)
    }

    async fn settle(&self, job: &Job, status: &Status) -> Verdict {
        match &status.error {
            None => Verdict::Done { slot: status.slot },
            Some(error) => self.conclude(job, error).await,
        }
    }

    /// The accounts at `least_slot` or later, from a node that may lag behind.
    async fn read_again(
        &self,
        keys: &[Pubkey],
        least_slot: u64,
    ) -> Option<Sampled<Vec<(Pubkey, Option<RawAccount>)>>> {
        let mut backoff = self.backoff();
        for _ in 0..4 {
            if let Ok(sample) = self.chain.accounts(keys).await
                && sample.slot >= least_slot
            {
                let value = keys.iter().copied().zip(sample.value).collect();
                return Some(Sampled { slot: sample.slot, value });
            }
            tokio::time::sleep(backoff.pause()).await;
        }
        None
    }
}
