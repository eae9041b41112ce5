/** What increasing, decreasing and closing do to a position and its market. They change both. */
import type { Market, Position } from '../generated/index.js';
import { blendBorrowIndex } from '../borrow.js';
import { settle, type FeeSplit, type Settlement } from '../fees.js';
import { closingDirection, edgeAgainst, openingDirection } from '../fill.js';
import { blendFundingIndex } from '../funding.js';
import { liquidationMark, positionHealth, positionShare, positionTerms } from '../health.js';
import { min, u64 } from '../integers.js';
import { closeFee } from '../market.js';
import type { PriceReading } from '../oracle.js';
import { entryNotional, gainAt, isWorseThan, type Health, type PositionTerms } from '../terms.js';
import { notionalCeil, ppmCeil } from '../units.js';
import {
  acceptedFill,
  attach,
  collectFee,
  detach,
  ensureWithinLimits,
  newGeneration,
  payGain,
  recordBadDebt,
} from './books.js';
import type { Checks } from './checks.js';

/** What a trade is done on, besides its size. */
export interface TradeTerms {
  /** Worst fill price. */
  acceptable: bigint;
  /** Whether the position's referrer shares in the fee. */
  referred: boolean;
}

/** What opening or increasing did. */
export interface Increase {
  fill: bigint;
  /** Entry notional of what was added, atoms. */
  entryNotional: bigint;
  /** What the pool has set aside for it, atoms. */
  reserve: bigint;
  fee: bigint;
  split: FeeSplit;
  /** Health afterwards, at the edge of the confidence interval that hurts. */
  health: Health;
}

/** Opens (from zero) or increases, as `Position::increase` of the program. */
export function increase(
  checks: Checks,
  market: Market,
  position: Position,
  size: bigint,
  deposit: bigint,
  reading: PriceReading,
  terms: TradeTerms,
): Increase {
  checks.require(size > 0n, 'ZeroAmount');
  const { params, notionalDivisor: scale } = market;
  const { side } = position;
  const fill = acceptedFill(checks, market, reading, openingDirection(side), size, terms.acceptable);
  const entry = entryNotional(side, size, fill, scale);
  const reserve = ppmCeil(entry, params.reserveFactorPpm);
  const fee = ppmCeil(notionalCeil(size, fill, scale), params.openFeePpm);

  detach(checks, market, position);
  const [sizeBefore, reserveBefore] = [position.size, position.reserve];
  position.size = u64(sizeBefore + size);
  position.entryNotional = u64(position.entryNotional + entry);
  position.reserve = u64(reserveBefore + reserve);
  ensureMinimumSize(checks, market, position);
  position.entryFundingIndex = blendFundingIndex(
    side,
    market.fundingIndex,
    position.entryFundingIndex,
    sizeBefore,
    position.size,
  );
  position.entryBorrowIndex = blendBorrowIndex(
    market.borrowIndex,
    position.entryBorrowIndex,
    reserveBefore,
    position.reserve,
  );
  attach(market, position);
  ensureWithinLimits(checks, market, side, reading.price);
  position.margin = u64(position.margin + deposit);
  checks.ensure(fee <= position.margin, 'MarginBelowFee', fee, position.margin);
  position.margin -= min(fee, position.margin);
  position.feesPaid += fee;
  const split = collectFee(market, fee, terms.referred);

  const health = positionHealth(market, position, edgeAgainst(side, reading.price, reading.confidence));
  const covered = checks.ensure(health.equity >= health.initial, 'BelowInitialMargin', health.equity, health.initial);
  if (covered) ensureHealthy(checks, health);
  return { fill, entryNotional: entry, reserve, fee, split, health };
}

/** What decreasing or closing did. */
export interface Decrease {
  fill: bigint;
  /** What was closed, with the charges that came with it. */
  share: PositionTerms;
  settlement: Settlement;
  split: FeeSplit;
  insuranceCover: bigint;
}

/** Closes `size` and keeps the rest healthy, as `Position::decrease` of the program. */
export function decrease(
  checks: Checks,
  market: Market,
  position: Position,
  size: bigint,
  reading: PriceReading,
  terms: TradeTerms,
): Decrease {
  checks.require(size > 0n, 'ZeroAmount');
  checks.require(size <= position.size, 'SizeExceedsPosition', size, position.size);
  if (size === position.size) {
    const closed = closeShare(checks, market, position, size, reading, terms);
    startGeneration(market, position);
    return closed;
  }
  const before = positionHealth(market, position, reading.price);
  const closed = closeShare(checks, market, position, size, reading, terms);
  checks.ensure(closed.settlement.badDebt === 0n, 'WouldBeLiquidatable');
  ensureMinimumSize(checks, market, position);
  const after = positionHealth(market, position, reading.price);
  checks.ensure(!isWorseThan(after, before), 'WorseMarginRatio');
  ensureHealthy(checks, positionHealth(market, position, liquidationMark(market, position, reading)));
  return closed;
}

/** Closes `size` at the fill price: gains come from the pool, losses and then the fee from the margin. */
export function closeShare(
  checks: Checks,
  market: Market,
  position: Position,
  size: bigint,
  reading: PriceReading,
  terms: TradeTerms,
): Decrease {
  const scale = market.notionalDivisor;
  const fill = acceptedFill(checks, market, reading, closingDirection(position.side), size, terms.acceptable);
  const share = positionShare(market, position, size);
  const gain = gainAt(share, fill, scale);
  const settlement = settle(position.margin, gain, closeFee(market, notionalCeil(size, fill, scale)));
  reduce(checks, market, position, share);
  payGain(checks, market, settlement.gainPaid);
  market.liquidity = u64(market.liquidity + settlement.lossPaid);
  const split = collectFee(market, settlement.feePaid, terms.referred);
  const insuranceCover = min(settlement.badDebt, market.insurance);
  recordBadDebt(market, settlement.badDebt, insuranceCover);
  position.margin = settlement.marginAfter;
  record(position, share, settlement.gainPaid - settlement.lossPaid, settlement.feePaid);
  return { fill, share, settlement, split, insuranceCover };
}

/** Closes a position whose gain has reached its reserve, at no fee, as `Position::close_at_cap` of the program. */
export function closeAtCap(
  checks: Checks,
  market: Market,
  position: Position,
  reading: PriceReading,
): { price: bigint; gain: bigint } {
  checks.require(position.size > 0n, 'PositionEmpty');
  const price = edgeAgainst(position.side, reading.price, reading.confidence);
  const share = positionTerms(market, position);
  const gain = gainAt(share, price, market.notionalDivisor);
  checks.require(gain === share.reserve, 'GainBelowCap', gain, share.reserve);
  reduce(checks, market, position, share);
  payGain(checks, market, gain);
  position.margin = u64(position.margin + gain);
  record(position, share, gain, 0n);
  startGeneration(market, position);
  return { price, gain };
}

/** Gives `share` of the position up, in its own books and the market's. */
export function reduce(checks: Checks, market: Market, position: Position, share: PositionTerms): void {
  detach(checks, market, position);
  position.size -= share.size;
  position.entryNotional -= share.entryNotional;
  position.reserve -= share.reserve;
  attach(market, position);
}

/** Makes every order placed so far void. */
export function startGeneration(market: Market, position: Position): void {
  position.generation = newGeneration(market);
  position.voidOrders = position.voidOrders.map(() => 0n);
  position.committedUntil = 0n;
}

/** Adds to the lifetime totals. */
export function record(position: Position, share: PositionTerms, pnl: bigint, fee: bigint): void {
  position.realisedPnl += pnl;
  position.realisedFunding += share.funding;
  position.realisedBorrow += share.borrow;
  position.feesPaid += fee;
}

/** Refuses a health below maintenance. */
export function ensureHealthy(checks: Checks, health: Health): void {
  checks.ensure(!health.liquidatable, 'WouldBeLiquidatable', health.equity, health.maintenance);
}

function ensureMinimumSize(checks: Checks, market: Market, position: Position): void {
  const minimum = market.params.minPositionNotional;
  checks.ensure(position.entryNotional >= minimum, 'PositionTooSmall', position.entryNotional, minimum);
}
