/** The sums that a market keeps over its positions, and its money. They change the market that they are given. */
import { Side, type Market, type Position } from '../generated/index.js';
import { type FeeSplit, splitFee } from '../fees.js';
import { fillPrice, isAcceptable, type TradeDirection } from '../fill.js';
import { i128, u128, u64 } from '../integers.js';
import { accrue, feeShares, isSettling, sideOf, skew } from '../market.js';
import type { PriceReading } from '../oracle.js';
import { notionalCeil, ppmFloor } from '../units.js';
import type { Checks } from './checks.js';

/** Takes a position's part out of every sum, before it changes. */
export function detach(checks: Checks, market: Market, position: Position): void {
  if (position.size === 0n) return;
  const book = sideOf(market, position.side);
  book.positions -= 1n;
  book.openInterest -= position.size;
  book.entryNotional -= position.entryNotional;
  book.fundingBasis -= i128(position.entryFundingIndex * position.size);
  market.reserved -= position.reserve;
  market.borrowBasis -= u128(position.entryBorrowIndex * position.reserve);
  const least = [book.positions, book.openInterest, book.entryNotional, market.reserved, market.borrowBasis];
  checks.require(
    least.every((sum) => sum >= 0n),
    'InvariantViolated',
  );
}

/** Puts a position's part into every sum, after it has changed. */
export function attach(market: Market, position: Position): void {
  if (position.size === 0n) return;
  const book = sideOf(market, position.side);
  book.positions = u64(book.positions + 1n);
  book.openInterest = u64(book.openInterest + position.size);
  book.entryNotional = u64(book.entryNotional + position.entryNotional);
  book.fundingBasis = i128(book.fundingBasis + i128(position.entryFundingIndex * position.size));
  market.reserved = u64(market.reserved + position.reserve);
  market.borrowBasis = u128(market.borrowBasis + u128(position.entryBorrowIndex * position.reserve));
}

/** Splits a fee that reaches the pool vault; the referrer's share is the pool's where there is none. */
export function collectFee(market: Market, fee: bigint, referred: boolean): FeeSplit {
  const split = splitFee(fee, feeShares(market.params, referred));
  market.liquidity = u64(market.liquidity + split.liquidity);
  market.insurance = u64(market.insurance + split.insurance);
  market.protocolFees = u64(market.protocolFees + split.protocol);
  market.referralFees = u64(market.referralFees + split.referrer);
  return split;
}

/** The pool pays a position's gain. */
export function payGain(checks: Checks, market: Market, gain: bigint): void {
  checks.require(market.liquidity >= gain, 'InvariantViolated');
  market.liquidity -= gain;
}

/** A loss that its vault could not pay; `cover` of it is insured. */
export function recordBadDebt(market: Market, badDebt: bigint, cover: bigint): void {
  market.insurance -= cover;
  market.liquidity = u64(market.liquidity + cover);
  market.badDebt += badDebt;
}

/** A generation that no position of this market has had. */
export function newGeneration(market: Market): bigint {
  const generation = market.nextGeneration;
  market.nextGeneration = u64(generation + 1n);
  return generation;
}

/** The open interest of the side at the index price, and the reserves, within the market's limits. */
export function ensureWithinLimits(checks: Checks, market: Market, side: Side, index: bigint): void {
  const { params } = market;
  const open = notionalCeil(sideOf(market, side).openInterest, index, market.notionalDivisor);
  const limit = side === Side.Long ? params.maxOpenInterestLong : params.maxOpenInterestShort;
  checks.ensure(open <= limit, 'OpenInterestLimit', open, limit);
  const usable = ppmFloor(market.liquidity, params.maxUtilisationPpm);
  checks.ensure(market.reserved <= usable, 'InsufficientLiquidity', market.reserved, usable);
}

/** Takes a price in: indices advance to `now`, and it becomes the last accepted one, unless it is older. */
export function observe(market: Market, reading: PriceReading, now: bigint): void {
  if (reading.publishTime < market.accepted.publishTime) {
    accrue(market, now, market.accepted.price);
    return;
  }
  accrue(market, now, reading.price);
  const { price, confidence, ema, publishTime } = reading;
  market.accepted = { price, confidence, ema, publishTime };
}

/** Index price with skew impact and half the confidence, against the trader; the settlement price once there is one. */
export function marketFill(market: Market, reading: PriceReading, direction: TradeDirection, size: bigint): bigint {
  if (isSettling(market)) return reading.price;
  return fillPrice({
    index: reading.price,
    confidence: reading.confidence,
    direction,
    size,
    skew: skew(market),
    skewScale: market.params.skewScale,
  });
}

/** The fill, refused beyond `acceptable`. */
export function acceptedFill(
  checks: Checks,
  market: Market,
  reading: PriceReading,
  direction: TradeDirection,
  size: bigint,
  acceptable: bigint,
): bigint {
  const fill = marketFill(market, reading, direction, size);
  checks.ensure(isAcceptable(direction, fill, acceptable), 'SlippageExceeded', fill, acceptable);
  return fill;
}

/** What must hold after every change; said only where nothing else has been refused. */
export function ensureInvariant(checks: Checks, market: Market): void {
  if (checks.refusals.length > 0) return;
  checks.ensure(market.reserved <= market.liquidity, 'InvariantViolated', market.reserved, market.liquidity);
}
