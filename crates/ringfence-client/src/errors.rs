//! The program's errors by the codes that transactions fail with.

use anchor_lang::error::ERROR_CODE_OFFSET;
use ringfence::errors::RingfenceError;

macro_rules! errors {
    ($($name:ident),* $(,)?) => {
        /// Every error, in the order of the codes.
        pub const ALL: &[RingfenceError] = &[$(RingfenceError::$name),*];
    };
}

errors![
    MathOverflow,
    InvalidMathParameter,
    NotAdmin,
    NotAdminOrGuardian,
    GuardianCannotRelax,
    NotUpgradeAuthority,
    NotPositionOwner,
    UnsupportedVersion,
    WrongMarket,
    WrongPositionVault,
    WrongPoolVault,
    WrongLpMint,
    WrongCollateralMint,
    WrongTokenProgram,
    WrongTokenMint,
    ParameterOutOfBounds,
    InvalidName,
    InvalidDecimals,
    OracleNotPinned,
    InvalidEnumValue,
    UnsafeMintExtension,
    SettlingNeedsSettlement,
    MarketNotActive,
    MarketPaused,
    OracleWrongAccount,
    OracleWrongOwner,
    OracleMalformed,
    OracleWrongFeed,
    OracleNotFullyVerified,
    OracleNotTrading,
    OraclePriceOutOfRange,
    OracleExponentOutOfRange,
    OracleFromTheFuture,
    OracleBeforeRestart,
    OracleOlderThanAccepted,
    OracleStale,
    OracleConfidenceTooWide,
    OracleDiverged,
    ZeroAmount,
    SlippageExceeded,
    MarginBelowFee,
    BelowInitialMargin,
    WouldBeLiquidatable,
    WorseMarginRatio,
    PositionTooSmall,
    SizeExceedsPosition,
    OpenInterestLimit,
    InsufficientLiquidity,
    PositionEmpty,
    AmountExceedsMargin,
    NotLiquidatable,
    LiquiditySlippageExceeded,
    DepositTooSmall,
    LiquidityReserved,
    InsufficientShares,
    WithdrawalTooSmall,
    PoolInsolvent,
    InvariantViolated,
    GainBelowCap,
    NotTreasury,
    NotPendingAdmin,
    TimelockNotElapsed,
    WrongProposal,
    NotOwnerOrDelegate,
    CooldownNotElapsed,
    CooldownTooShort,
    UnsafePayeeAccount,
    WrongPayee,
    WrongDeposit,
    MarketSettling,
    MarketNotSettling,
    SettlementNotAnnounced,
    NoticeNotElapsed,
    PositionsStillOpen,
    MarketNotEmpty,
    NothingToMigrate,
    WrongReferral,
    NoticeTooShort,
    PriceBeforeSettlement,
    NothingToCollect,
];

/// The error of a custom program error code; none where it is Anchor's or
/// another program's.
pub fn from_code(code: u32) -> Option<RingfenceError> {
    let index = usize::try_from(code.checked_sub(ERROR_CODE_OFFSET)?).ok()?;
    ALL.get(index).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_has_its_own_code() {
        for (error, index) in ALL.iter().zip(0..) {
            assert_eq!(u32::from(*error), ERROR_CODE_OFFSET + index, "{}", error.name());
            assert_eq!(from_code(ERROR_CODE_OFFSET + index), Some(*error));
        }
        assert_eq!(from_code(ERROR_CODE_OFFSET - 1), None);
    }

    #[test]
    fn no_error_of_the_program_is_missing() {
        let source = include_str!("../../../programs/ringfence/src/errors.rs");
        let listed = source.matches("    #[msg(").count();
        assert_eq!(ALL.len(), listed, "the program has as many errors");
        assert_eq!(from_code(ERROR_CODE_OFFSET + u32::try_from(listed).unwrap()), None);
    }
}
