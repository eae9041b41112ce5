/**
 * Written by scripts/generate.mjs from idl/ringfence.json. Do not edit.
 */

/** Every error of the program: its number, its name, and what it tells the user to do. */
export const RINGFENCE_ERRORS = [
  { code: 6000, name: 'MathOverflow', message: 'A number left its range: use a smaller size, amount or price' },
  {
    code: 6001,
    name: 'InvalidMathParameter',
    message: 'A stored parameter is invalid: report this market to its admin',
  },
  { code: 6002, name: 'NotAdmin', message: "Signer is not the exchange's admin: sign with the admin key" },
  {
    code: 6003,
    name: 'NotAdminOrGuardian',
    message: 'Signer is neither admin nor guardian: sign with one of these keys',
  },
  {
    code: 6004,
    name: 'GuardianCannotRelax',
    message: 'The guardian may only move a market towards safety: ask the admin',
  },
  {
    code: 6005,
    name: 'NotUpgradeAuthority',
    message: "Signer is not the program's upgrade authority: only it may initialize the exchange",
  },
  {
    code: 6006,
    name: 'NotPositionOwner',
    message: "Signer does not own this position: sign with the position's owner",
  },
  {
    code: 6007,
    name: 'UnsupportedVersion',
    message: 'Account version is not supported by this program: migrate the account first',
  },
  { code: 6008, name: 'WrongMarket', message: "Position belongs to another market: pass the position's own market" },
  {
    code: 6009,
    name: 'WrongPositionVault',
    message: "Not this position's vault: pass the address stored in the position",
  },
  {
    code: 6010,
    name: 'WrongPoolVault',
    message: "Not this market's pool vault: pass the address stored in the market",
  },
  { code: 6011, name: 'WrongLpMint', message: "Not this market's LP mint: pass the address stored in the market" },
  {
    code: 6012,
    name: 'WrongCollateralMint',
    message: "Not this market's collateral mint: pass the address stored in the market",
  },
  {
    code: 6013,
    name: 'WrongTokenProgram',
    message: "Not the token program of this market's collateral: pass the one stored in the market",
  },
  {
    code: 6014,
    name: 'WrongTokenMint',
    message: 'Token account holds another mint: pass a token account of the right mint',
  },
  {
    code: 6015,
    name: 'ParameterOutOfBounds',
    message: "Parameter out of the program's bounds: see docs/accounts.md for each bound",
  },
  {
    code: 6016,
    name: 'InvalidName',
    message: 'Market name must be 1 to 16 visible ASCII characters without spaces, zero-padded',
  },
  {
    code: 6017,
    name: 'InvalidDecimals',
    message: 'Decimals out of range: size_decimals at most 12, 0 to 19 for size + 10 - quote',
  },
  {
    code: 6018,
    name: 'OracleNotPinned',
    message: "A push feed must be pinned to its account, and its feed id is that account's address",
  },
  { code: 6019, name: 'InvalidEnumValue', message: 'Unknown value for an enum: see the IDL for the values' },
  {
    code: 6020,
    name: 'UnsafeMintExtension',
    message: 'Mint has a Token-2022 extension that could seize, tax or block collateral: use another mint',
  },
  {
    code: 6021,
    name: 'SettlingNeedsSettlement',
    message: 'Market settles only through settle_market: choose Active, ReduceOnly or Paused',
  },
  {
    code: 6022,
    name: 'MarketNotActive',
    message: 'Market is not open to new risk: only closing, adding margin and liquidation work now',
  },
  {
    code: 6023,
    name: 'MarketPaused',
    message: 'Market is paused: this instruction works again once it is active or reduce-only',
  },
  {
    code: 6024,
    name: 'OracleWrongAccount',
    message: "Oracle account is not the one pinned in the market: pass the market's oracle account",
  },
  {
    code: 6025,
    name: 'OracleWrongOwner',
    message: 'Oracle account is not owned by the Pyth program that the market names',
  },
  {
    code: 6026,
    name: 'OracleMalformed',
    message: "Oracle account cannot be decoded as a Pyth price of the market's kind",
  },
  {
    code: 6027,
    name: 'OracleWrongFeed',
    message: "Oracle account carries another feed: pass an update of the market's feed",
  },
  {
    code: 6028,
    name: 'OracleNotFullyVerified',
    message: 'Price update is only partially verified: post it with full Wormhole verification',
  },
  { code: 6029, name: 'OracleNotTrading', message: 'Pyth does not report this feed as trading: wait until it does' },
  { code: 6030, name: 'OraclePriceOutOfRange', message: 'Price is zero, negative or too large: wait for a sane price' },
  {
    code: 6031,
    name: 'OracleExponentOutOfRange',
    message: 'Price exponent out of range: this feed cannot price this market',
  },
  {
    code: 6032,
    name: 'OracleFromTheFuture',
    message: "Price was published in the future: wait, or check the cluster's clock",
  },
  {
    code: 6033,
    name: 'OracleBeforeRestart',
    message: "Price was posted before the cluster's last restart: post a fresh one",
  },
  {
    code: 6034,
    name: 'OracleOlderThanAccepted',
    message: 'Price is older than the last one this market accepted: post a newer one',
  },
  {
    code: 6035,
    name: 'OracleStale',
    message: 'Price is too old for this action: post a fresh one in the same transaction',
  },
  {
    code: 6036,
    name: 'OracleConfidenceTooWide',
    message: 'Confidence interval is too wide for this action: wait until publishers agree',
  },
  { code: 6037, name: 'OracleDiverged', message: 'Price is too far from its moving average: wait until they converge' },
  { code: 6038, name: 'ZeroAmount', message: 'Amount must not be zero' },
  {
    code: 6039,
    name: 'SlippageExceeded',
    message: 'Fill price is worse than acceptable_price: raise the tolerance or wait',
  },
  { code: 6040, name: 'MarginBelowFee', message: 'Margin does not cover the opening fee: put up more margin' },
  {
    code: 6041,
    name: 'BelowInitialMargin',
    message: 'Equity would be below the initial margin: add margin or lower the size',
  },
  {
    code: 6042,
    name: 'WouldBeLiquidatable',
    message: 'Position would be liquidatable afterwards: close more, or add margin first',
  },
  {
    code: 6043,
    name: 'WorseMarginRatio',
    message: 'Margin ratio would be worse than before: close more, or add margin first',
  },
  {
    code: 6044,
    name: 'PositionTooSmall',
    message: "Notional is below the market's minimum: use a larger size, or close the rest too",
  },
  {
    code: 6045,
    name: 'SizeExceedsPosition',
    message: "Size is larger than the position: pass at most the position's size",
  },
  {
    code: 6046,
    name: 'OpenInterestLimit',
    message: 'Open interest limit of this side is reached: use a smaller size or the other side',
  },
  {
    code: 6047,
    name: 'InsufficientLiquidity',
    message: "Pool cannot reserve this position's largest gain: use a smaller size",
  },
  {
    code: 6048,
    name: 'PositionEmpty',
    message: 'Position is empty: close it to take out what is left, and open a new one',
  },
  {
    code: 6049,
    name: 'AmountExceedsMargin',
    message: "Amount is larger than the position's margin: pass at most the margin",
  },
  {
    code: 6050,
    name: 'NotLiquidatable',
    message: 'Position is healthy: it can be liquidated once equity is below maintenance',
  },
  {
    code: 6051,
    name: 'LiquiditySlippageExceeded',
    message: 'Shares or amount received is below the minimum asked for: lower it or wait',
  },
  {
    code: 6052,
    name: 'DepositTooSmall',
    message: 'Deposit is too small: the first one must exceed the 1,000 locked shares',
  },
  {
    code: 6053,
    name: 'LiquidityReserved',
    message: 'Liquidity is reserved for open positions: withdraw less or wait for closes',
  },
  {
    code: 6054,
    name: 'InsufficientShares',
    message: 'Shares are more than the token account holds: pass at most its balance',
  },
  { code: 6055, name: 'WithdrawalTooSmall', message: 'Shares are worth less than one atom: withdraw more of them' },
  { code: 6056, name: 'PoolInsolvent', message: 'Pool has no value left to share: it cannot take deposits' },
  {
    code: 6057,
    name: 'InvariantViolated',
    message: 'Books do not balance: nothing was changed; report this transaction',
  },
  {
    code: 6058,
    name: 'GainBelowCap',
    message: "Gain has not reached the position's reserve: close_at_cap works once it has",
  },
  {
    code: 6059,
    name: 'NotTreasury',
    message: "Token account is not the treasury's: pass one that the exchange's treasury owns",
  },
  {
    code: 6060,
    name: 'NotPendingAdmin',
    message: 'Nobody, or somebody else, is nominated as admin: sign with the nominated key',
  },
  { code: 6061, name: 'TimelockNotElapsed', message: 'Timelock has not run out: apply the proposal after its eta' },
  { code: 6062, name: 'WrongProposal', message: "Proposal is for another market: pass the market's own proposal" },
  {
    code: 6063,
    name: 'NotOwnerOrDelegate',
    message: 'Signer is neither owner nor delegate of this position: sign with one of these keys',
  },
  {
    code: 6064,
    name: 'CooldownNotElapsed',
    message: 'Shares are not released yet: claim them once the cool-down is over',
  },
  {
    code: 6065,
    name: 'CooldownTooShort',
    message: 'Cool-down is shorter than a price may be old: set at least max_age_open + 3 s',
  },
  {
    code: 6066,
    name: 'UnsafePayeeAccount',
    message: "Token account is not the payee's own: pass one he owns, without delegate or close authority",
  },
  {
    code: 6067,
    name: 'WrongPayee',
    message: 'Not the account that is paid here: pass the one stored in the account being closed',
  },
  { code: 6068, name: 'WrongDeposit', message: "Deposit belongs to another market: pass the deposit's own market" },
  {
    code: 6069,
    name: 'MarketSettling',
    message: 'Market is settling, for good: close positions with close_settled, take out what is left',
  },
  {
    code: 6070,
    name: 'MarketNotSettling',
    message: 'Market is not settling: its admin starts that with settle_market',
  },
  {
    code: 6071,
    name: 'SettlementNotAnnounced',
    message: 'No settlement is announced: the admin announces one with announce_settlement',
  },
  { code: 6072, name: 'NoticeNotElapsed', message: 'Announced time has not come: settle the market from then on' },
  {
    code: 6073,
    name: 'PositionsStillOpen',
    message: 'Positions are still open: close them with close_settled, or wait for the grace to end',
  },
  {
    code: 6074,
    name: 'MarketNotEmpty',
    message: 'Market still has positions, deposits, referrals, shares or a proposal: close those first',
  },
  { code: 6075, name: 'NothingToMigrate', message: 'Account has the current version: there is nothing to migrate' },
  {
    code: 6076,
    name: 'WrongReferral',
    message: "Not this market's or this position's referral: pass the one stored in the position, or none",
  },
  {
    code: 6077,
    name: 'NoticeTooShort',
    message: "Notice is shorter than the exchange's timelock: announce a later time",
  },
  {
    code: 6078,
    name: 'PriceBeforeSettlement',
    message: 'Price was published before the announced settlement: post one published since',
  },
  {
    code: 6079,
    name: 'NothingToCollect',
    message: 'Nothing has come in since the last time: there is nothing to pay out',
  },
  {
    code: 6080,
    name: 'InvalidOrderTerms',
    message: "Terms contradict the order's kind: the log names the one; see OrderKind for what each takes",
  },
  { code: 6081, name: 'OrderExpiryPassed', message: "Order's expiry is not in the future: choose a later one" },
  { code: 6082, name: 'OrderExpired', message: 'Order has expired: cancel_order sends its funds home' },
  {
    code: 6083,
    name: 'OrderVoid',
    message: 'Order is void, its position or its partner has ended it, or it failed: cancel_order sends its funds home',
  },
  {
    code: 6084,
    name: 'OrderNotTriggered',
    message: "Index price has not reached the order's trigger: execute it once it has",
  },
  {
    code: 6085,
    name: 'PriceBeforeOrder',
    message: 'Price was published before the order was due: post one published at its not_before or later',
  },
  {
    code: 6086,
    name: 'NotFirstPrice',
    message: 'Price is not the first one published since the order was due: post the first',
  },
  {
    code: 6087,
    name: 'OrderPending',
    message: 'A delayed order is pending on this position: wait until it has executed or expired',
  },
  {
    code: 6088,
    name: 'OrderLive',
    message: "Order is live: only who placed it, or the position's owner, may cancel it",
  },
  { code: 6089, name: 'WrongPosition', message: 'Order belongs to another position: pass the one stored in the order' },
  { code: 6090, name: 'WrongEscrow', message: "Not this order's escrow: pass the address stored in the order" },
  {
    code: 6091,
    name: 'InstantOpenDisabled',
    message: 'Market adds size by delayed orders only: place one, and a keeper executes it',
  },
  {
    code: 6092,
    name: 'FeedCannotDelay',
    message: 'Delayed orders need a pull feed that is not pinned to one account: use a market with one',
  },
  {
    code: 6093,
    name: 'OrderRewardTooLow',
    message: "Reward of a delayed order is below the market's min_keeper_reward: prepay at least that",
  },
] as const;

/** The name of an error of the program. */
export type RingfenceErrorName = (typeof RINGFENCE_ERRORS)[number]['name'];
