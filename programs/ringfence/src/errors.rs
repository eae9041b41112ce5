//! Errors: append-only, one cause each; the message says what to do.

use anchor_lang::prelude::*;
use ringfence_math::MathError;

/// Result of state methods and of the arithmetic behind them.
pub type Result<T> = core::result::Result<T, RingfenceError>;

#[error_code]
#[derive(PartialEq, Eq)]
pub enum RingfenceError {
    // --- arithmetic
    #[msg("A number left its range: use a smaller size, amount or price")]
    MathOverflow,
    #[msg("A stored parameter is invalid: report this market to its admin")]
    InvalidMathParameter,

    // --- authority
    #[msg("Signer is not the exchange's admin: sign with the admin key")]
    NotAdmin,
    #[msg("Signer is neither admin nor guardian: sign with one of these keys")]
    NotAdminOrGuardian,
    #[msg("The guardian may only move a market towards safety: ask the admin")]
    GuardianCannotRelax,
    #[msg("Signer is not the program's upgrade authority: only it may initialize the exchange")]
    NotUpgradeAuthority,
    #[msg("Signer does not own this position: sign with the position's owner")]
    NotPositionOwner,

    // --- accounts
    #[msg("Account version is not supported by this program: migrate the account first")]
    UnsupportedVersion,
    #[msg("Position belongs to another market: pass the position's own market")]
    WrongMarket,
    #[msg("Not this position's vault: pass the address stored in the position")]
    WrongPositionVault,
    #[msg("Not this market's pool vault: pass the address stored in the market")]
    WrongPoolVault,
    #[msg("Not this market's LP mint: pass the address stored in the market")]
    WrongLpMint,
    #[msg("Not this market's collateral mint: pass the address stored in the market")]
    WrongCollateralMint,
    #[msg("Not the token program of this market's collateral: pass the one stored in the market")]
    WrongTokenProgram,
    #[msg("Token account holds another mint: pass a token account of the right mint")]
    WrongTokenMint,

    // --- parameters
    #[msg("Parameter out of the program's bounds: see docs/accounts.md for each bound")]
    ParameterOutOfBounds,
    #[msg("Market name must be 1 to 16 visible ASCII characters without spaces, zero-padded")]
    InvalidName,
    #[msg("Decimals out of range: size_decimals at most 12, 0 to 19 for size + 10 - quote")]
    InvalidDecimals,
    #[msg("A push feed must be pinned to its account, and its feed id is that account's address")]
    OracleNotPinned,
    #[msg("Unknown value for an enum: see the IDL for the values")]
    InvalidEnumValue,
    #[msg("Mint has a Token-2022 extension that could seize, tax or block collateral: use another mint")]
    UnsafeMintExtension,
    #[msg("Market settles only through settle_market: choose Active, ReduceOnly or Paused")]
    SettlingNeedsSettlement,

    // --- status
    #[msg("Market is not open to new risk: only closing, adding margin and liquidation work now")]
    MarketNotActive,
    #[msg("Market is paused: this instruction works again once it is active or reduce-only")]
    MarketPaused,

    // --- oracle
    #[msg("Oracle account is not the one pinned in the market: pass the market's oracle account")]
    OracleWrongAccount,
    #[msg("Oracle account is not owned by the Pyth program that the market names")]
    OracleWrongOwner,
    #[msg("Oracle account cannot be decoded as a Pyth price of the market's kind")]
    OracleMalformed,
    #[msg("Oracle account carries another feed: pass an update of the market's feed")]
    OracleWrongFeed,
    #[msg("Price update is only partially verified: post it with full Wormhole verification")]
    OracleNotFullyVerified,
    #[msg("Pyth does not report this feed as trading: wait until it does")]
    OracleNotTrading,
    #[msg("Price is zero, negative or too large: wait for a sane price")]
    OraclePriceOutOfRange,
    #[msg("Price exponent out of range: this feed cannot price this market")]
    OracleExponentOutOfRange,
    #[msg("Price was published in the future: wait, or check the cluster's clock")]
    OracleFromTheFuture,
    #[msg("Price was posted before the cluster's last restart: post a fresh one")]
    OracleBeforeRestart,
    #[msg("Price is older than the last one this market accepted: post a newer one")]
    OracleOlderThanAccepted,
    #[msg("Price is too old for this action: post a fresh one in the same transaction")]
    OracleStale,
    #[msg("Confidence interval is too wide for this action: wait until publishers agree")]
    OracleConfidenceTooWide,
    #[msg("Price is too far from its moving average: wait until they converge")]
    OracleDiverged,

    // --- trading
    #[msg("Amount must not be zero")]
    ZeroAmount,
    #[msg("Fill price is worse than acceptable_price: raise the tolerance or wait")]
    SlippageExceeded,
    #[msg("Margin does not cover the opening fee: put up more margin")]
    MarginBelowFee,
    #[msg("Equity would be below the initial margin: add margin or lower the size")]
    BelowInitialMargin,
    #[msg("Position would be liquidatable afterwards: close more, or add margin first")]
    WouldBeLiquidatable,
    #[msg("Margin ratio would be worse than before: close more, or add margin first")]
    WorseMarginRatio,
    #[msg("Notional is below the market's minimum: use a larger size, or close the rest too")]
    PositionTooSmall,
    #[msg("Size is larger than the position: pass at most the position's size")]
    SizeExceedsPosition,
    #[msg("Open interest limit of this side is reached: use a smaller size or the other side")]
    OpenInterestLimit,
    #[msg("Pool cannot reserve this position's largest gain: use a smaller size")]
    InsufficientLiquidity,
    #[msg("Position is empty: close it to take out what is left, and open a new one")]
    PositionEmpty,
    #[msg("Amount is larger than the position's margin: pass at most the margin")]
    AmountExceedsMargin,
    #[msg("Position is healthy: it can be liquidated once equity is below maintenance")]
    NotLiquidatable,

    // --- liquidity
    #[msg("Shares or amount received is below the minimum asked for: lower it or wait")]
    LiquiditySlippageExceeded,
    #[msg("Deposit is too small: the first one must exceed the 1,000 locked shares")]
    DepositTooSmall,
    #[msg("Liquidity is reserved for open positions: withdraw less or wait for closes")]
    LiquidityReserved,
    #[msg("Shares are more than the token account holds: pass at most its balance")]
    InsufficientShares,
    #[msg("Shares are worth less than one atom: withdraw more of them")]
    WithdrawalTooSmall,
    #[msg("Pool has no value left to share: it cannot take deposits")]
    PoolInsolvent,

    // --- invariants
    #[msg("Books do not balance: nothing was changed; report this transaction")]
    InvariantViolated,

    // --- appended: codes above never move
    #[msg("Gain has not reached the position's reserve: close_at_cap works once it has")]
    GainBelowCap,
    #[msg("Token account is not the treasury's: pass one that the exchange's treasury owns")]
    NotTreasury,
    #[msg("Nobody, or somebody else, is nominated as admin: sign with the nominated key")]
    NotPendingAdmin,
    #[msg("Timelock has not run out: apply the proposal after its eta")]
    TimelockNotElapsed,
    #[msg("Proposal is for another market: pass the market's own proposal")]
    WrongProposal,
    #[msg("Signer is neither owner nor delegate of this position: sign with one of these keys")]
    NotOwnerOrDelegate,
    #[msg("Shares are not released yet: claim them once the cool-down is over")]
    CooldownNotElapsed,
    #[msg("Cool-down is shorter than a price may be old: set at least max_age_open + 3 s")]
    CooldownTooShort,
    #[msg("Token account is not the payee's own: pass one he owns, without delegate or close authority")]
    UnsafePayeeAccount,
    #[msg("Not the account that is paid here: pass the one stored in the account being closed")]
    WrongPayee,
    #[msg("Deposit belongs to another market: pass the deposit's own market")]
    WrongDeposit,
    #[msg("Market is settling, for good: close positions with close_settled, take out what is left")]
    MarketSettling,
    #[msg("Market is not settling: its admin starts that with settle_market")]
    MarketNotSettling,
    #[msg("No settlement is announced: the admin announces one with announce_settlement")]
    SettlementNotAnnounced,
    #[msg("Announced time has not come: settle the market from then on")]
    NoticeNotElapsed,
    #[msg("Positions are still open: close them with close_settled, or wait for the grace to end")]
    PositionsStillOpen,
    #[msg("Market still has positions, deposits, referrals, shares or a proposal: close those first")]
    MarketNotEmpty,
    #[msg("Account has the current version: there is nothing to migrate")]
    NothingToMigrate,
    #[msg("Not this market's or this position's referral: pass the one stored in the position, or none")]
    WrongReferral,
    #[msg("Notice is shorter than the exchange's timelock: announce a later time")]
    NoticeTooShort,
    #[msg("Price was published before the announced settlement: post one published since")]
    PriceBeforeSettlement,
    #[msg("Nothing has come in since the last time: there is nothing to pay out")]
    NothingToCollect,
    #[msg("Terms contradict the order's kind: the log names the one; see OrderKind for what each takes")]
    InvalidOrderTerms,
    #[msg("Order's expiry is not in the future: choose a later one")]
    OrderExpiryPassed,
    #[msg("Order has expired: cancel_order sends its funds home")]
    OrderExpired,
    #[msg(
        "Order is void, its position or its partner has ended it, or it failed: cancel_order sends its funds home"
    )]
    OrderVoid,
    #[msg("Index price has not reached the order's trigger: execute it once it has")]
    OrderNotTriggered,
    #[msg("Price was published before the order was due: post one published at its not_before or later")]
    PriceBeforeOrder,
    #[msg("Price is not the first one published since the order was due: post the first")]
    NotFirstPrice,
    #[msg("A delayed order is pending on this position: wait until it has executed or expired")]
    OrderPending,
    #[msg("Order is live: only who placed it, or the position's owner, may cancel it")]
    OrderLive,
    #[msg("Order belongs to another position: pass the one stored in the order")]
    WrongPosition,
    #[msg("Not this order's escrow: pass the address stored in the order")]
    WrongEscrow,
    #[msg("Market adds size by delayed orders only: place one, and a keeper executes it")]
    InstantOpenDisabled,
    #[msg("Delayed orders need a pull feed that is not pinned to one account: use a market with one")]
    FeedCannotDelay,
    #[msg("Reward of a delayed order is below the market's min_keeper_reward: prepay at least that")]
    OrderRewardTooLow,
}

impl From<MathError> for RingfenceError {
    fn from(error: MathError) -> Self {
        match error {
            MathError::Overflow => Self::MathOverflow,
            _ => Self::InvalidMathParameter,
        }
    }
}

/// Fails with `error` unless `condition`; logs both sides of the comparison,
/// and only then: formatting costs compute units.
#[macro_export]
macro_rules! ensure {
    ($condition:expr, $error:expr) => {
        if !$condition {
            return Err($error.into());
        }
    };
    ($condition:expr, $error:expr, $left:expr, $right:expr) => {
        if !$condition {
            anchor_lang::prelude::msg!(
                "{}: {}, {}: {}",
                stringify!($left),
                $left,
                stringify!($right),
                $right
            );
            return Err($error.into());
        }
    };
}
