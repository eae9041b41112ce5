/**
 * The price at which the engine liquidates, to the last price unit. As in
 * `ringfence-math`'s `liquidation_price`: the closed form places the search,
 * the engine's own predicate decides.
 */
import { Side } from './generated/index.js';
import { MathError, U64_MAX, clamp, divFloor, max, min, u64 } from './integers.js';
import { isLiquidatableAt, maintenanceRequirement, type MarginRates, type PositionTerms } from './terms.js';
import { PPM, notionalCeil } from './units.js';

/** Charges beyond this many atoms either way decide on their own. */
const DECIDED = 1n << 80n;

/**
 * The first price at which a position is liquidated, coming from a healthy
 * one: the highest for a long, the lowest for a short. Null where no price
 * does, or the size is 0. Throws `InvalidParameter` where maintenance and
 * liquidation fee make 100 % or more, and `Overflow`.
 */
export function liquidationPriceOf(terms: PositionTerms, rates: MarginRates, scale: bigint): bigint | null {
  const ratio = rates.maintenancePpm + rates.liquidationFeePpm;
  if (ratio >= PPM) throw new MathError('InvalidParameter');
  if (terms.size === 0n) return null;
  const search = terms.side === Side.Long ? highestForLong : lowestForShort;
  return search(terms, rates, ratio, scale);
}

/** The first price at which equity is negative: the vault no longer covers the loss. */
export function bankruptcyPriceOf(terms: PositionTerms, scale: bigint): bigint | null {
  const rates = { initialPpm: 0n, maintenancePpm: 0n, liquidationFeePpm: 0n, minKeeperReward: 0n };
  return liquidationPriceOf(terms, rates, scale);
}

/** From a bound at or above every liquidatable notional, down through the candidates. */
function highestForLong(terms: PositionTerms, rates: MarginRates, ratio: bigint, scale: bigint): bigint | null {
  // equity = f + base, where the reserve does not cut it off
  const base = terms.margin - terms.entryNotional + terms.funding - terms.borrow;
  const cappedAbove = terms.reserve + terms.margin - base;
  let bound = min(min(longBound(base, rates, ratio), cappedAbove), U64_MAX);
  for (;;) {
    if (bound < 0n) return null;
    const price = highestPriceWithFloor(bound, terms.size, scale);
    if (price === 0n) return null;
    if (isLiquidatableAt(terms, rates, price, scale)) return price;
    bound = maintenanceRequirement(rates, notionalCeil(terms.size, price, scale)) - base - 1n;
    if (bound > U64_MAX) return null;
  }
}

/** No notional above this is liquidatable for a long. */
function longBound(exact: bigint, rates: MarginRates, ratio: bigint): bigint {
  const base = clamp(exact, -DECIDED, DECIDED);
  const proportional = divFloor((2n - base) * PPM + ratio - 1n, PPM - ratio);
  return max(proportional, rates.minKeeperReward - base - 1n);
}

/** The highest price whose notional rounds down to at most `floor`, and up to a `u64`; zero for none. */
function highestPriceWithFloor(floor: bigint, size: bigint, scale: bigint): bigint {
  const limit = floor < U64_MAX ? (floor + 1n) * scale - 1n : floor * scale;
  return min(limit / size, U64_MAX);
}

/** A short's predicate is monotone in the notional: the least that liquidates gives the least price. */
function lowestForShort(terms: PositionTerms, rates: MarginRates, ratio: bigint, scale: bigint): bigint | null {
  const base = terms.margin + terms.entryNotional + terms.funding - terms.borrow;
  const ceiling = terms.margin + terms.reserve;
  const liquidates = (notional: bigint) => min(base - notional, ceiling) < maintenanceRequirement(rates, notional);
  const notional = leastNotional(liquidates, shortBound(base, rates, ratio));
  if (notional === null) return null;
  // ceil(x) ≥ n ⇔ x > n − 1
  const price = ((notional - 1n) * scale) / terms.size + 1n;
  if (price > U64_MAX) return null;
  try {
    notionalCeil(terms.size, price, scale);
  } catch {
    // One price unit may be worth more than what is left of the type.
    return null;
  }
  return isLiquidatableAt(terms, rates, price, scale) ? price : null;
}

/** No notional below this liquidates, the cap on gains aside, and the one that does is at most four above. */
function shortBound(exact: bigint, rates: MarginRates, ratio: bigint): bigint {
  const base = clamp(exact, -DECIDED, DECIDED);
  return min(divFloor((base - 2n) * PPM, PPM + ratio), base - rates.minKeeperReward + 1n);
}

function leastNotional(liquidates: (notional: bigint) => boolean, bound: bigint): bigint | null {
  let notional = min(max(bound, 1n), U64_MAX);
  if (notional > 1n && liquidates(notional - 1n)) {
    // Only the cap on gains can do this: the bound ignores it.
    return bisect(liquidates, notional - 1n);
  }
  while (!liquidates(notional)) {
    if (notional === U64_MAX) return null;
    notional += 1n;
  }
  return u64(notional);
}

/** The least that liquidates in `1..=high`, where `high` does. */
function bisect(liquidates: (notional: bigint) => boolean, from: bigint): bigint {
  let [low, high] = [1n, from];
  while (low < high) {
    const middle = (low + high) / 2n;
    if (liquidates(middle)) high = middle;
    else low = middle + 1n;
  }
  return high;
}
