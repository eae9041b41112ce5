/**
 * Client of Ringfence, isolated-margin perpetual futures on Solana, for
 * `@solana/kit`: generated accounts, instructions, events and errors, and the
 * program's own arithmetic in `bigint`.
 */
export * from './generated/index.js';
export {
  PPM,
  PRICE_DECIMALS,
  RATE_DECIMALS,
  RATE_ONE,
  SECONDS_PER_DAY,
  SECONDS_PER_YEAR,
  formatDecimal,
  notionalCeil,
  notionalDivisor,
  notionalFloor,
  parseAmount,
  parseDecimal,
  ppmCeil,
  ppmFloor,
  type DecimalFormat,
} from './units.js';
export { MathError, U64_MAX, type MathErrorKind } from './integers.js';
export {
  RingfenceClientError,
  errorByName,
  errorFromCode,
  errorFromTransactionError,
  type ProgramError,
  type Refusal,
} from './errors.js';
export { LOADED_DATA_LIMIT, loadedDataLimit } from './budget.js';
export { decodeEventData, decodeEvents, type TransactionWithEvents } from './events.js';
export * from './filters.js';
export * from './oracle.js';
export * from './fill.js';
export * from './fees.js';
export * from './funding.js';
export * from './borrow.js';
export * from './terms.js';
export * from './liquidation.js';
export * from './liquidationPrice.js';
export * from './shares.js';
export {
  accrueMarket,
  borrowRatePerYear,
  closeFee,
  feeShares,
  fundingRatePerHour,
  isSettling,
  marginRates,
  marketName,
  maxLeveragePpm,
  openInterest,
  openInterestNotional,
  settlementReading,
  sideOf,
  skew,
  takesAnyUpdate,
  utilisationPpm,
} from './market.js';
export * from './health.js';
export * from './pool.js';
export * from './sizing.js';
export * from './orders.js';
export * from './instructions.js';
export type { CloseOut, Liquidation } from './engine/liquidate.js';
export type { Preview, PreviewContext } from './preview/context.js';
export * from './preview/trades.js';
export * from './preview/margin.js';
export * from './preview/liquidity.js';
