/** What every preview starts from: a market, a price, and the clock. */
import { MarketStatus, type Market, type Position } from '../generated/index.js';
import { observe } from '../engine/books.js';
import { Checks } from '../engine/checks.js';
import type { Refusal } from '../errors.js';
import { copyMarket, settlementReading } from '../market.js';
import { priceValidity, type OracleAction, type PriceReading } from '../oracle.js';

/** What the program will find when it runs. */
export interface PreviewContext {
  /** The market as it was read; it need not be accrued. */
  market: Market;
  /** The price that will be passed; undefined where there is none. */
  reading: PriceReading | undefined;
  /** Unix seconds, by the cluster's clock. */
  now: bigint;
  /** Slot at which the cluster last restarted. */
  restartSlot?: bigint;
}

/**
 * What an instruction would do. `refusals` is all that speaks against it, the
 * program's own error first; it is empty where the program would accept.
 * `result` is there wherever it can be computed, refused or not.
 */
export interface Preview<T> {
  refusals: Refusal[];
  result?: T;
}

/** Runs a preview on copies, and collects what is refused. */
export function preview<T>(compute: (checks: Checks) => T): Preview<T> {
  const checks = new Checks();
  const result = checks.run(() => compute(checks));
  return result === undefined ? { refusals: checks.refusals } : { refusals: checks.refusals, result };
}

/** The layouts that this client computes with. */
const MARKET_VERSION = 2;
const POSITION_VERSION = 2;

/** Refuses a market of another layout. */
export function checkMarket(checks: Checks, market: Market): void {
  checks.require(market.version === MARKET_VERSION, 'UnsupportedVersion');
}

/** Refuses a position of another layout. */
export function checkPosition(checks: Checks, position: Position): void {
  checks.require(position.version === POSITION_VERSION, 'UnsupportedVersion');
}

/** Refuses new risk where the market takes none; `instant` for size that is added at once. */
export function checkNewRisk(checks: Checks, market: Market, instant: boolean): void {
  checks.ensure(market.status === MarketStatus.Active, 'MarketNotActive');
  if (instant) checks.ensure(market.params.delayedOnly === 0, 'InstantOpenDisabled');
}

/** Refuses what would take back a pending delayed order. */
export function checkUncommitted(checks: Checks, market: Market, position: Position, now: bigint): void {
  const free = now > position.committedUntil || market.status !== MarketStatus.Active;
  checks.ensure(free, 'OrderPending', now, position.committedUntil);
}

/**
 * The price as the program takes it: judged for the action, then taken in by a
 * copy of the market, whose indices advance to now. Returns both.
 */
export function readPrice(
  checks: Checks,
  context: PreviewContext,
  action: OracleAction,
): { market: Market; reading: PriceReading } {
  const market = copyMarket(context.market);
  const settled = settlementReading(market);
  if (settled) return { market, reading: settled };
  const { reading, now, restartSlot } = context;
  if (reading === undefined) {
    checks.require(false, 'OracleMalformed');
    throw new Error('unreachable');
  }
  const { error, ageSeconds } = priceValidity(market, reading, now, action, restartSlot);
  if (error === 'OracleStale') checks.ensure(false, error, ageSeconds, maxAge(market, action));
  else if (error) checks.ensure(false, error);
  observe(market, reading, now);
  return { market, reading };
}

function maxAge({ oracle }: Market, action: OracleAction): bigint {
  if (action === 'Liquidate') return BigInt(oracle.maxAgeLiquidate);
  return BigInt(action === 'ReduceRisk' ? oracle.maxAgeReduce : oracle.maxAgeOpen);
}
