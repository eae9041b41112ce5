//! What an error means for the position or order it came up with.

use ringfence_client::RingfenceError;
use solana_instruction::error::InstructionError;
use solana_transaction_error::TransactionError;

/// What became of a piece of work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Confirmed without error in this slot.
    Done { slot: u64 },
    /// Dry run: it would have succeeded.
    WouldSucceed,
    /// Somebody else did it, or there is nothing to do any more.
    Gone,
    /// The program does not take the price: a matter of the market, not of the
    /// position.
    NoPrice,
    /// The order cannot be carried out as position and market are: its own
    /// limits, the position's margin or the market's limits forbid it.
    Unmet(RingfenceError),
    /// The fee payer cannot pay.
    Unfunded,
    /// The cluster could not be reached, or nothing was confirmed in all
    /// attempts.
    Unreachable,
    /// The program refuses, for a reason that the next attempt will meet too.
    Refused(String),
}

impl Verdict {
    /// A short name for logs and metrics.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Done { .. } => "done",
            Self::WouldSucceed => "would_succeed",
            Self::Gone => "gone",
            Self::NoPrice => "no_price",
            Self::Unmet(_) => "unmet",
            Self::Unfunded => "unfunded",
            Self::Unreachable => "unreachable",
            Self::Refused(_) => "refused",
        }
    }
}

/// What to do about a transaction's error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    Final(Verdict),
    /// Sign again with another blockhash.
    Expired,
    /// It has arrived already: look for its status.
    Arrived,
    /// Busy accounts or a busy block.
    Again,
    /// The limit of compute units was too small, and has hidden the reason of
    /// a refusal: saying why takes the program more than doing it.
    Starved,
    /// The limit of loaded data was too small: a program has grown.
    Outgrown,
}

// Anchor: the account is not there, belongs to another program, or has no or
// another discriminator: the position has been closed.
const ANCHOR_ACCOUNT_GONE: [u32; 4] = [3_001, 3_002, 3_007, 3_012];
const FIRST_PROGRAM_ERROR: u32 = 6_000;

fn code(error: RingfenceError) -> u32 {
    FIRST_PROGRAM_ERROR + error as u32
}

/// There is nothing to do (any more): somebody was first, or prices and books
/// have moved on.
const GONE: [RingfenceError; 7] = [
    RingfenceError::PositionEmpty,
    RingfenceError::NotLiquidatable,
    RingfenceError::GainBelowCap,
    RingfenceError::OrderVoid,
    RingfenceError::OrderExpired,
    RingfenceError::OrderNotTriggered,
    RingfenceError::OrderLive,
];

/// What an order's own terms, its position or the market's limits forbid, for
/// as long as they are as they are: no fault of anybody's.
const UNMET: [RingfenceError; 12] = [
    RingfenceError::SlippageExceeded,
    RingfenceError::MarginBelowFee,
    RingfenceError::BelowInitialMargin,
    RingfenceError::WouldBeLiquidatable,
    RingfenceError::WorseMarginRatio,
    RingfenceError::PositionTooSmall,
    RingfenceError::OpenInterestLimit,
    RingfenceError::InsufficientLiquidity,
    RingfenceError::OrderPending,
    RingfenceError::InstantOpenDisabled,
    RingfenceError::MarketNotActive,
    RingfenceError::MarketSettling,
];

fn is_gone(custom: u32) -> bool {
    ANCHOR_ACCOUNT_GONE.contains(&custom) || GONE.into_iter().any(|error| custom == code(error))
}

fn is_price(custom: u32) -> bool {
    (code(RingfenceError::OracleWrongAccount)..=code(RingfenceError::OracleDiverged)).contains(&custom)
        || [RingfenceError::PriceBeforeOrder, RingfenceError::NotFirstPrice]
            .into_iter()
            .any(|error| custom == code(error))
}

fn unmet(custom: u32) -> Option<RingfenceError> {
    UNMET.into_iter().find(|error| custom == code(*error))
}

pub fn judge(error: &TransactionError) -> Judgement {
    use TransactionError as Error;
    match error {
        Error::BlockhashNotFound => Judgement::Expired,
        Error::AlreadyProcessed => Judgement::Arrived,
        Error::AccountInUse
        | Error::WouldExceedMaxBlockCostLimit
        | Error::WouldExceedMaxAccountCostLimit
        | Error::WouldExceedMaxVoteCostLimit
        | Error::WouldExceedAccountDataBlockLimit
        | Error::ClusterMaintenance
        | Error::CommitCancelled => Judgement::Again,
        Error::AccountNotFound
        | Error::InsufficientFundsForFee
        | Error::InvalidAccountForFee
        | Error::InsufficientFundsForRent { .. } => Judgement::Final(Verdict::Unfunded),
        Error::InstructionError(_, InstructionError::Custom(custom)) if is_gone(*custom) => {
            Judgement::Final(Verdict::Gone)
        }
        Error::InstructionError(_, InstructionError::Custom(custom)) if is_price(*custom) => {
            Judgement::Final(Verdict::NoPrice)
        }
        Error::InstructionError(_, InstructionError::Custom(custom)) if let Some(error) = unmet(*custom) => {
            Judgement::Final(Verdict::Unmet(error))
        }
        Error::InstructionError(
            _,
            InstructionError::ComputationalBudgetExceeded | InstructionError::ProgramFailedToComplete,
        ) => Judgement::Starved,
        Error::MaxLoadedAccountsDataSizeExceeded => Judgement::Outgrown,
        other => Judgement::Final(Verdict::Refused(explain(other))),
    }
}

/// The verdict on an error that more compute units do not change.
pub fn refused(error: &TransactionError) -> Verdict {
    Verdict::Refused(explain(error))
}

/// The program's own words where it is the program's error.
fn explain(error: &TransactionError) -> String {
    if let TransactionError::InstructionError(_, InstructionError::Custom(custom)) = error
        && *custom == code(RingfenceError::UnsupportedVersion)
    {
        return RingfenceError::UnsupportedVersion.to_string();
    }
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn custom(code: u32) -> TransactionError {
        TransactionError::InstructionError(2, InstructionError::Custom(code))
    }

    #[test]
    fn a_position_that_another_keeper_took_is_gone() {
        for error in [RingfenceError::PositionEmpty, RingfenceError::NotLiquidatable] {
            let on_chain = custom(error.into());
            assert_eq!(judge(&on_chain), Judgement::Final(Verdict::Gone));
        }
        assert_eq!(judge(&custom(3_012)), Judgement::Final(Verdict::Gone));
    }

    #[test]
    fn every_oracle_error_is_the_markets_and_no_other_is() {
        for error in [
            RingfenceError::OracleWrongAccount,
            RingfenceError::OracleStale,
            RingfenceError::OracleDiverged,
            RingfenceError::OracleOlderThanAccepted,
        ] {
            let on_chain = custom(error.into());
            assert_eq!(judge(&on_chain), Judgement::Final(Verdict::NoPrice));
        }
        for error in [RingfenceError::MarketPaused, RingfenceError::ZeroAmount] {
            let on_chain = custom(error.into());
            assert!(matches!(judge(&on_chain), Judgement::Final(Verdict::Refused(_))));
        }
    }

    /// Each error that an order can meet, and what the keeper makes of it.
    #[test]
    fn an_order_is_forgotten_waited_for_or_left_alone_by_its_reason() {
        use RingfenceError as E;
        let verdict = |error: E| match judge(&custom(error.into())) {
            Judgement::Final(verdict) => verdict.name(),
            other => panic!("{error:?}: {other:?}"),
        };
        for error in [E::OrderVoid, E::OrderExpired, E::OrderNotTriggered, E::PositionEmpty, E::OrderLive] {
            assert_eq!(verdict(error), "gone", "{error:?}");
        }
        for error in [E::PriceBeforeOrder, E::NotFirstPrice, E::OracleConfidenceTooWide] {
            assert_eq!(verdict(error), "no_price", "{error:?}");
        }
        for error in [
            E::SlippageExceeded,
            E::BelowInitialMargin,
            E::WouldBeLiquidatable,
            E::WorseMarginRatio,
            E::PositionTooSmall,
            E::OpenInterestLimit,
            E::InsufficientLiquidity,
            E::MarginBelowFee,
            E::OrderPending,
            E::InstantOpenDisabled,
            E::MarketNotActive,
            E::MarketSettling,
        ] {
            assert_eq!(verdict(error), "unmet", "{error:?}");
        }
        for error in [E::WrongEscrow, E::WrongPosition, E::WrongPayee, E::WrongReferral] {
            assert_eq!(verdict(error), "refused", "{error:?}");
        }
    }

    #[test]
    fn a_limit_too_small_is_no_reason() {
        for cause in
            [InstructionError::ComputationalBudgetExceeded, InstructionError::ProgramFailedToComplete]
        {
            assert_eq!(judge(&TransactionError::InstructionError(2, cause)), Judgement::Starved);
        }
    }

    #[test]
    fn an_expired_blockhash_is_signed_again() {
        assert_eq!(judge(&TransactionError::BlockhashNotFound), Judgement::Expired);
        assert_eq!(judge(&TransactionError::AlreadyProcessed), Judgement::Arrived);
    }
}
