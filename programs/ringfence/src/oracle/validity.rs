use ringfence_math::{self as math, Ppm};

use super::PriceReading;
use crate::constants::*;
use crate::errors::RingfenceError;
use crate::state::OracleConfig;

/// What is wrong with a price, from nothing to everything. An action accepts
/// all up to its own limit (`Action::accepts`), so order is severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Validity {
    /// Fresh and narrow enough for anything.
    Valid,
    /// Wider than what may add risk.
    UncertainForOpen,
    /// Older than what may add risk.
    StaleForOpen,
    /// Wider than what may reduce risk.
    UncertainForReduce,
    /// Older than what may reduce risk.
    StaleForReduce,
    /// Wider than what may liquidate.
    Uncertain,
    /// Older than what may liquidate.
    Stale,
    /// Too far from its moving average: a wild print, or a wild market.
    Diverged,
    /// Older than the last price the market accepted: cherry-picked.
    RolledBack,
    /// From before the cluster last restarted.
    BeforeRestart,
    /// From the future.
    FromTheFuture,
}

/// What a price is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Open, increase, by an order too; remove margin, add or remove liquidity, settle.
    AddRisk,
    /// Execute an order that reduces: somebody else chooses the price, which
    /// must be as fresh as for opening, but may be as wide as for closing.
    ReduceByOrder,
    /// Decrease, close.
    ReduceRisk,
    /// Liquidate.
    Liquidate,
}

impl Action {
    /// The worst validity that this action still takes.
    pub const fn accepts(self) -> Validity {
        match self {
            Self::AddRisk => Validity::Valid,
            Self::ReduceByOrder => Validity::UncertainForOpen,
            Self::ReduceRisk => Validity::StaleForOpen,
            Self::Liquidate => Validity::StaleForReduce,
        }
    }
}

impl Validity {
    /// The worst that is wrong with `reading` at `now`.
    pub fn assess(
        reading: &PriceReading,
        config: &OracleConfig,
        accepted_time: i64,
        now: i64,
        restart_slot: u64,
    ) -> Self {
        let age = now.saturating_sub(reading.publish_time);
        let older_than = |limit: u32| age > i64::from(limit);
        let wider_than = |limit: u32| math::exceeds(reading.confidence.0, reading.price.0, Ppm(limit));
        if age < -MAX_FUTURE_SECONDS {
            Self::FromTheFuture
        } else if reading.slot < restart_slot {
            Self::BeforeRestart
        } else if reading.publish_time < accepted_time {
            Self::RolledBack
        } else if diverged(reading, config.max_divergence_ppm) {
            Self::Diverged
        } else if older_than(config.max_age_liquidate) {
            Self::Stale
        } else if wider_than(config.max_confidence_liquidate_ppm) {
            Self::Uncertain
        } else if older_than(config.max_age_reduce) {
            Self::StaleForReduce
        } else if wider_than(config.max_confidence_ppm) {
            Self::UncertainForReduce
        } else if older_than(config.max_age_open) {
            Self::StaleForOpen
        } else if wider_than(config.max_confidence_open_ppm) {
            Self::UncertainForOpen
        } else {
            Self::Valid
        }
    }
}

fn diverged(reading: &PriceReading, limit: u32) -> bool {
    math::exceeds(reading.price.0.abs_diff(reading.ema.0), reading.ema.0, Ppm(limit))
}

impl From<Validity> for RingfenceError {
    fn from(validity: Validity) -> Self {
        match validity {
            Validity::FromTheFuture => Self::OracleFromTheFuture,
            Validity::BeforeRestart => Self::OracleBeforeRestart,
            Validity::RolledBack => Self::OracleOlderThanAccepted,
            Validity::Diverged => Self::OracleDiverged,
            Validity::Stale | Validity::StaleForReduce | Validity::StaleForOpen => Self::OracleStale,
            Validity::Uncertain
            | Validity::UncertainForReduce
            | Validity::UncertainForOpen
            | Validity::Valid => Self::OracleConfidenceTooWide,
        }
    }
}
