/** What a pool is worth, and its shares. As in `ringfence-math`'s `pool`. */
import { MathError, abs, divFloor, i128, max, min, mulDivFloor, u64, wideMulDiv } from './integers.js';
import { RATE_ONE } from './units.js';

/** Shares of the first deposit that stay locked. */
export const LOCKED_SHARES = 1_000n;

/** One side of a market, summed over its positions. */
export interface SideSums {
  /** Σ size, size units. */
  openInterest: bigint;
  /** Σ entry notional, atoms. */
  entryNotional: bigint;
}

/** What the value is wanted for: entering, the pool is dear; leaving, it is cheap. */
export type PoolAction = 'deposit' | 'withdraw';

/** Σ unrealised PnL of all traders at `price`, atoms, rounded once. Charges and caps are not in it. */
export function unrealisedPnl(long: SideSums, short: SideSums, price: bigint, scale: bigint, up: boolean): bigint {
  const net = long.openInterest - short.openInterest;
  const netLong = net >= 0n;
  const [magnitude, rest] = wideMulDiv(abs(net), price, scale);
  const rounded = i128(magnitude + (rest !== 0n && netLong === up ? 1n : 0n));
  return i128(i128((netLong ? rounded : -rounded) - long.entryNotional) + short.entryNotional);
}

/** A pool's balance sheet at the edges of a price. */
export interface PoolSheet {
  /** Atoms of the LPs, reserved or not. */
  liquidity: bigint;
  /** Atoms that open positions may win. */
  reserved: bigint;
  long: SideSums;
  short: SideSums;
  /** Lower edge of the price, 10^-10 quote. */
  low: bigint;
  /** Upper edge of the price. */
  high: bigint;
}

/**
 * Value of the pool to its share holders, atoms: `liquidity − Σ unrealised
 * PnL`, the PnL at most `reserved`, at least 0, at the edge that favours those
 * who stay.
 */
export function poolValueAt(sheet: PoolSheet, action: PoolAction, scale: bigint): bigint {
  const up = action === 'withdraw';
  const valueAt = (price: bigint) =>
    i128(sheet.liquidity - min(unrealisedPnl(sheet.long, sheet.short, price, scale, up), sheet.reserved));
  const [low, high] = [valueAt(sheet.low), valueAt(sheet.high)];
  return u64(max(up ? min(low, high) : max(low, high), 0n));
}

/** What all positions owe the pool for funding and borrow: the indices now, and the sums at entry. */
export interface ChargeSums {
  fundingIndex: bigint;
  /** Open interest and Σ size × funding index at entry, per side. */
  long: { openInterest: bigint; fundingBasis: bigint };
  short: { openInterest: bigint; fundingBasis: bigint };
  borrowIndex: bigint;
  reserved: bigint;
  /** Σ reserve × borrow index at entry. */
  borrowBasis: bigint;
}

/** What all positions together owe the pool, atoms, rounded down. */
export function accruedCharges(sums: ChargeSums): bigint {
  const grown = (side: ChargeSums['long']) => i128(i128(sums.fundingIndex * side.openInterest) - side.fundingBasis);
  const lent = sums.borrowIndex * sums.reserved;
  if (lent >> 128n !== 0n || lent < sums.borrowBasis) throw new MathError('Overflow');
  const total = i128(i128(grown(sums.long) - grown(sums.short)) + i128(lent - sums.borrowBasis));
  return divFloor(total, RATE_ONE);
}

/**
 * Shares for a deposit into a pool worth `value` with `supply` shares:
 * `floor(amount × supply ÷ value)`; the first deposit makes `amount` shares, of
 * which `LOCKED_SHARES` are locked. Throws `InvalidParameter` where the
 * depositor would get nothing, `DivisionByZero` where the pool is worth nothing.
 */
export function sharesForDeposit(amount: bigint, value: bigint, supply: bigint): bigint {
  const shares = supply === 0n ? amount : mulDivFloor(amount, supply, value);
  if (shares <= (supply === 0n ? LOCKED_SHARES : 0n)) throw new MathError('InvalidParameter');
  return shares;
}

/** Atoms for `shares` of a pool worth `value` with `supply` shares: `floor(shares × value ÷ supply)`. */
export function amountForShares(shares: bigint, value: bigint, supply: bigint): bigint {
  if (shares > supply) throw new MathError('InvalidParameter');
  return mulDivFloor(shares, value, supply);
}
