//! What an error means for the position it came up with.

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
}

// Anchor: the account is not there, belongs to another program, or has no or
// another discriminator: the position has been closed.
const ANCHOR_ACCOUNT_GONE: [u32; 4] = [3_001, 3_002, 3_007, 3_012];
const FIRST_PROGRAM_ERROR: u32 = 6_000;

fn code(error: RingfenceError) -> u32 {
    FIRST_PROGRAM_ERROR + error as u32
}

fn is_gone(custom: u32) -> bool {
    ANCHOR_ACCOUNT_GONE.contains(&custom)
        || [RingfenceError::PositionEmpty, RingfenceError::NotLiquidatable, RingfenceError::GainBelowCap]
            .into_iter()
            .any(|error| custom == code(error))
}

fn is_price(custom: u32) -> bool {
    (code(RingfenceError::OracleWrongAccount)..=code(RingfenceError::OracleDiverged)).contains(&custom)
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
        Error::InstructionError(
            _,
            InstructionError::ComputationalBudgetExceeded | InstructionError::ProgramFailedToComplete,
        ) => Judgement::Starved,
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
