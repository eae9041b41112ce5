/** PnL, equity, margin requirements and health of one position. As in `ringfence-math`'s `position`. */
import { Side } from './generated/index.js';
import {
  I128_MAX,
  I128_MIN,
  MathError,
  clamp,
  divFloor,
  i128,
  max,
  min,
  mulDivCeil,
  mulDivFloor,
  u64,
} from './integers.js';
import { PPM, notionalCeil, notionalFloor, ppmCeil } from './units.js';

/** What a position's equity is made of. */
export interface PositionTerms {
  side: Side;
  /** Open size, size units. */
  size: bigint;
  /** What the size was entered for, atoms. */
  entryNotional: bigint;
  /** Collateral that counts, atoms. */
  margin: bigint;
  /** Funding since entry, atoms; positive is owed to the position. */
  funding: bigint;
  /** Borrow fee since entry, atoms, owed by the position. */
  borrow: bigint;
  /** What the pool has set aside for the position's gain, atoms. */
  reserve: bigint;
}

/** A market's margin ratios. */
export interface MarginRates {
  /** Equity ÷ notional needed after opening, ppm. */
  initialPpm: bigint;
  /** Equity ÷ notional under which, the liquidation fee added, a position is liquidated, ppm. */
  maintenancePpm: bigint;
  /** Fee on the notional that a liquidation closes, ppm. */
  liquidationFeePpm: bigint;
  /** The least a keeper gets, atoms; also the least requirement. */
  minKeeperReward: bigint;
}

/** A position judged at one price. Amounts in atoms. */
export interface Health {
  /** Notional, rounded up; zero only for a position of size 0. */
  notional: bigint;
  /** Price PnL alone, rounded down. */
  pnl: bigint;
  /** Funding since entry; positive is owed to the position. */
  funding: bigint;
  /** Borrow fee since entry, owed by the position. */
  borrow: bigint;
  /** PnL with the accrued charges, capped at the reserve. */
  gain: bigint;
  /** Margin + gain. */
  equity: bigint;
  /** Initial requirement, rounded up. */
  initial: bigint;
  /** Maintenance requirement with the liquidation fee, rounded up. */
  maintenance: bigint;
  /** `floor(equity ÷ notional)` in ppm; null for a notional of zero. */
  marginRatioPpm: bigint | null;
  /** `ceil(notional ÷ equity)` in ppm; null where nothing is left to lever. */
  leveragePpm: bigint | null;
  /** `equity < maintenance`; never for a position of size 0. */
  liquidatable: boolean;
}

/** Unrealised profit and loss at `price`, in atoms, rounded down. */
export function pnlAt(
  terms: Pick<PositionTerms, 'side' | 'size' | 'entryNotional'>,
  price: bigint,
  scale: bigint,
): bigint {
  const ceil = notionalCeil(terms.size, price, scale);
  if (terms.side === Side.Short) return terms.entryNotional - ceil;
  return notionalFloor(terms.size, price, scale) - terms.entryNotional;
}

/** `min(pnl + funding − borrow, reserve)` in atoms: what closing at `price` adds to the margin. */
export function gainAt(terms: PositionTerms, price: bigint, scale: bigint): bigint {
  return capped(terms, pnlAt(terms, price, scale));
}

function capped(terms: PositionTerms, pnl: bigint): bigint {
  return min(i128(i128(pnl + terms.funding) - terms.borrow), terms.reserve);
}

/** `ceil(notional × initial)` in atoms. */
export function initialRequirement(rates: MarginRates, notional: bigint): bigint {
  return ppmCeil(notional, rates.initialPpm);
}

/** `ceil(notional × maintenance) + ceil(notional × liquidation fee)`, at least the keeper's reward, atoms. */
export function maintenanceRequirement(rates: MarginRates, notional: bigint): bigint {
  const proportional = u64(ppmCeil(notional, rates.maintenancePpm) + ppmCeil(notional, rates.liquidationFeePpm));
  return max(proportional, rates.minKeeperReward);
}

/** Whether the engine liquidates at `price`. Throws `InvalidParameter` for a price of zero, `Overflow`. */
export function isLiquidatableAt(terms: PositionTerms, rates: MarginRates, price: bigint, scale: bigint): boolean {
  if (price === 0n) throw new MathError('InvalidParameter');
  const notional = notionalCeil(terms.size, price, scale);
  const equity = i128(gainAt(terms, price, scale) + terms.margin);
  return notional !== 0n && equity < maintenanceRequirement(rates, notional);
}

/** Judges a position at `price`. Throws `InvalidParameter` for a price of zero, `Overflow`. */
export function healthAt(terms: PositionTerms, rates: MarginRates, price: bigint, scale: bigint): Health {
  if (price === 0n) throw new MathError('InvalidParameter');
  const notional = notionalCeil(terms.size, price, scale);
  const pnl = pnlAt(terms, price, scale);
  const gain = capped(terms, pnl);
  const equity = i128(gain + terms.margin);
  const initial = initialRequirement(rates, notional);
  const maintenance = maintenanceRequirement(rates, notional);
  return {
    notional,
    pnl,
    funding: terms.funding,
    borrow: terms.borrow,
    gain,
    equity,
    initial,
    maintenance,
    marginRatioPpm: notional === 0n ? null : clamp(divFloor(equity * PPM, notional), I128_MIN, I128_MAX),
    leveragePpm: equity <= 0n ? null : (notional * PPM + equity - 1n) / equity,
    liquidatable: notional !== 0n && equity < maintenance,
  };
}

/** Whether the first's margin ratio is lower than the second's, exactly. */
export function isWorseThan(a: Pick<Health, 'equity' | 'notional'>, b: Pick<Health, 'equity' | 'notional'>): boolean {
  return a.equity * b.notional < b.equity * a.notional;
}

/** Entry notional of a new fill in atoms, against the trader: a long pays up, a short sells down. */
export function entryNotional(side: Side, size: bigint, fill: bigint, scale: bigint): bigint {
  return side === Side.Long ? notionalCeil(size, fill, scale) : notionalFloor(size, fill, scale);
}

/** The entry notional that leaves with `closed` of `size`; the last part takes all. */
export function entryNotionalShare(side: Side, entry: bigint, closed: bigint, size: bigint): bigint {
  if (closed >= size) return allOf(entry, closed, size);
  return side === Side.Long ? mulDivFloor(entry, closed, size) : mulDivCeil(entry, closed, size);
}

/** The part of a reserve that is released with `closed` of `size`, rounded down; the last part takes all. */
export function reserveShare(reserve: bigint, closed: bigint, size: bigint): bigint {
  if (closed >= size) return allOf(reserve, closed, size);
  return mulDivFloor(reserve, closed, size);
}

function allOf(whole: bigint, closed: bigint, size: bigint): bigint {
  if (closed !== size) throw new MathError('InvalidParameter');
  return whole;
}
