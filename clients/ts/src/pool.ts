/** What a market's pool and its shares are worth. */
import type { Market } from './generated/index.js';
import { confidenceEdgeHigh, confidenceEdgeLow } from './fill.js';
import { max, min, mulDivFloor } from './integers.js';
import type { PriceReading } from './oracle.js';
import { accruedCharges, amountForShares, poolValueAt, type PoolAction } from './shares.js';

/** Decimals of a share's price: one unit is 10^-12 atoms per share. */
export const SHARE_PRICE_DECIMALS = 12;

/** Index and confidence: all of a reading that a pool's value needs. */
export type PriceInterval = Pick<PriceReading, 'price' | 'confidence'>;

/**
 * What the LPs' shares are worth, atoms, at the edge that favours the pool, and
 * with the charges that have accrued but not been paid where that does.
 */
export function poolValueFor(market: Market, reading: PriceInterval, action: PoolAction): bigint {
  const charges = marketCharges(market);
  const counted = action === 'deposit' ? max(charges, 0n) : min(charges, 0n);
  const sheet = {
    liquidity: max(market.liquidity + counted, 0n),
    reserved: market.reserved,
    long: market.long,
    short: market.short,
    low: confidenceEdgeLow(reading.price, reading.confidence),
    high: confidenceEdgeHigh(reading.price, reading.confidence),
  };
  return poolValueAt(sheet, action, market.notionalDivisor);
}

/** What all positions together owe the pool for funding and borrow, atoms, rounded down. */
export function marketCharges(market: Market): bigint {
  const { fundingIndex, long, short, borrowIndex, reserved, borrowBasis } = market;
  return accruedCharges({ fundingIndex, long, short, borrowIndex, reserved, borrowBasis });
}

/** A pool as its providers see it. */
export interface PoolSummary {
  /** What all shares are worth to whoever leaves, atoms. */
  value: bigint;
  /** Price of a share to whoever leaves, 10^-12 atoms, rounded down; null before the first deposit. */
  sharePrice: bigint | null;
  /** Price of a share to whoever enters, 10^-12 atoms, rounded down; null before the first deposit. */
  depositPrice: bigint | null;
  /** Liquidity that no position has reserved, atoms: the most that can leave now. */
  withdrawable: bigint;
  /** Atoms that open positions may win. */
  reserved: bigint;
  /** Atoms of the pool, reserved or not, before unrealised PnL. */
  liquidity: bigint;
}

/** A pool's value, the price of its shares, and what can leave. Of an accrued market. */
export function poolValue(market: Market, reading: PriceInterval): PoolSummary {
  const value = poolValueFor(market, reading, 'withdraw');
  const one = 10n ** BigInt(SHARE_PRICE_DECIMALS);
  const perShare = (worth: bigint) => (market.lpShares === 0n ? null : (worth * one) / market.lpShares);
  return {
    value,
    sharePrice: perShare(value),
    depositPrice: perShare(poolValueFor(market, reading, 'deposit')),
    withdrawable: max(market.liquidity - market.reserved, 0n),
    reserved: market.reserved,
    liquidity: market.liquidity,
  };
}

/** Atoms that `shares` are worth to whoever takes them out, rounded down. Throws `InvalidParameter` for more than exist. */
export function shareValue(market: Market, reading: PriceInterval, shares: bigint): bigint {
  if (shares === 0n) return 0n;
  return amountForShares(shares, poolValueFor(market, reading, 'withdraw'), market.lpShares);
}

/** The most shares that can be withdrawn now: those whose value is unreserved. */
export function withdrawableShares(market: Market, reading: PriceInterval, held: bigint): bigint {
  const value = poolValueFor(market, reading, 'withdraw');
  const free = max(market.liquidity - market.reserved, 0n);
  if (value === 0n) return 0n;
  return min(held, mulDivFloor(free, market.lpShares, value));
}
