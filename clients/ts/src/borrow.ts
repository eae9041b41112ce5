/** The borrow fee on reserves. The same arithmetic as `ringfence-math`'s `borrow` and `blend`. */
import { MathError, mulDivCeil, u128, u64, wideMulDivCeil } from './integers.js';
import { PPM, RATE_ONE, SECONDS_PER_YEAR } from './units.js';

const RATE_PER_PPM = 10n ** 12n;
const RATE_PER_PPM_SQUARED = 10n ** 6n;

/** The curve, per year, in ppm. Slopes are per whole of utilisation. */
export interface BorrowParams {
  /** Rate at no utilisation. */
  basePpm: bigint;
  /** Utilisation at which the slope changes, at most 100 %. */
  kinkPpm: bigint;
  /** Slope up to the kink. */
  slope1Ppm: bigint;
  /** Slope beyond the kink. */
  slope2Ppm: bigint;
}

/** `ceil(reserved ÷ liquidity)` in parts of `one`, at most one; 0 where nothing is reserved. */
export function utilisation(reserved: bigint, liquidity: bigint, one: bigint = RATE_ONE): bigint {
  if (reserved === 0n) return 0n;
  if (reserved >= liquidity) return one;
  return mulDivCeil(reserved, one, liquidity);
}

/**
 * The rate per year in 10^-18 of the reserve, rounded up:
 * `base + slope1 × min(U, kink) + slope2 × max(U − kink, 0)`.
 */
export function borrowRate(params: BorrowParams, reserved: bigint, liquidity: bigint): bigint {
  if (params.kinkPpm > PPM) throw new MathError('InvalidParameter');
  const used = utilisation(reserved, liquidity);
  const base = params.basePpm * RATE_PER_PPM;
  const kink = params.kinkPpm * RATE_PER_PPM;
  if (used < kink) return u128(base + sloped(params.slope1Ppm, used));
  const atKink = params.slope1Ppm * params.kinkPpm * RATE_PER_PPM_SQUARED;
  return u128(base + atKink + sloped(params.slope2Ppm, used - kink));
}

/** The borrow index after `seconds` of unchanged utilisation; the increment is rounded up. */
export function advanceBorrow(
  index: bigint,
  params: BorrowParams,
  reserved: bigint,
  liquidity: bigint,
  seconds: bigint,
): bigint {
  const growth = wideMulDivCeil(borrowRate(params, reserved, liquidity), seconds, SECONDS_PER_YEAR);
  return u128(index + growth);
}

/** What a reserve has cost since its entry: `ceil(reserve × growth)`, atoms. */
export function borrowOwed(reserve: bigint, now: bigint, atEntry: bigint): bigint {
  return u64(wideMulDivCeil(u128(now - atEntry), reserve, RATE_ONE));
}

/** The borrow index at which `newReserve` would have accrued what `oldReserve` has; the growth is rounded up. */
export function blendBorrowIndex(now: bigint, entry: bigint, oldReserve: bigint, newReserve: bigint): bigint {
  return u128(now - wideMulDivCeil(u128(now - entry), oldReserve, newReserve));
}

/** `ceil(slope × utilisation)` in 10^-18. */
function sloped(slopePpm: bigint, used: bigint): bigint {
  return wideMulDivCeil(used, slopePpm, PPM);
}
