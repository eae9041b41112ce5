/**
 * Health of a position by the program's own arithmetic. The program first
 * advances the market's indices to the present: for the same answer pass a
 * market from `accrueMarket`.
 */
import { borrowOwed } from './borrow.js';
import { clampConfidence, edgeFor } from './fill.js';
import { fundingOwed } from './funding.js';
import type { Market, Position } from './generated/index.js';
import { bankruptcyPriceOf, liquidationPriceOf } from './liquidationPrice.js';
import { marginRates } from './market.js';
import type { PriceReading } from './oracle.js';
import { entryNotionalShare, healthAt, reserveShare, type Health, type PositionTerms } from './terms.js';

/** `size` of a position as the arithmetic sees it: its part of entry, reserve and charges, and all of the margin. */
export function positionShare(market: Market, position: Position, size: bigint): PositionTerms {
  const reserve = reserveShare(position.reserve, size, position.size);
  return {
    side: position.side,
    size,
    entryNotional: entryNotionalShare(position.side, position.entryNotional, size, position.size),
    margin: position.margin,
    funding: fundingOwed(position.side, size, market.fundingIndex, position.entryFundingIndex),
    borrow: borrowOwed(reserve, market.borrowIndex, position.entryBorrowIndex),
    reserve,
  };
}

/** A position as the arithmetic sees it, with what has accrued. */
export function positionTerms(market: Market, position: Position): PositionTerms {
  return positionShare(market, position, position.size);
}

/** Health at `mark`, a price in 10^-10 quote. Throws `MathError`. */
export function positionHealth(market: Market, position: Position, mark: bigint): Health {
  return healthAt(positionTerms(market, position), marginRates(market), mark, market.notionalDivisor);
}

/**
 * The price that `liquidate` would judge the position by: the edge of the
 * confidence interval that favours it, the interval clamped at the market's
 * `maxConfidencePpm`.
 */
export function liquidationMark(
  market: Pick<Market, 'oracle'>,
  position: Pick<Position, 'side'>,
  reading: Pick<PriceReading, 'price' | 'confidence'>,
): bigint {
  const confidence = clampConfidence(reading.price, reading.confidence, market.oracle.maxConfidencePpm);
  return edgeFor(position.side, reading.price, confidence);
}

/**
 * The first mark, coming from a healthy price, at which `liquidate` succeeds:
 * the highest for a long, the lowest for a short. Null where no price
 * liquidates, or nothing is open.
 */
export function liquidationPrice(market: Market, position: Position): bigint | null {
  if (position.size === 0n) return null;
  return liquidationPriceOf(positionTerms(market, position), marginRates(market), market.notionalDivisor);
}

/** The first price at which the vault no longer covers the loss. */
export function bankruptcyPrice(market: Market, position: Position): bigint | null {
  if (position.size === 0n) return null;
  return bankruptcyPriceOf(positionTerms(market, position), market.notionalDivisor);
}

/** Average entry price, 10^-10 quote, rounded to the nearest; null where nothing is open. For display. */
export function entryPrice(
  market: Pick<Market, 'notionalDivisor'>,
  position: Pick<Position, 'size' | 'entryNotional'>,
): bigint | null {
  if (position.size === 0n) return null;
  return (position.entryNotional * market.notionalDivisor + position.size / 2n) / position.size;
}
