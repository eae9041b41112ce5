/**
 * Funding that drifts with the skew (velocity model of Synthetix SIP-279), its
 * rate clamped. The same arithmetic as `ringfence-math`'s `funding` and `blend`.
 */
import { Side } from './generated/index.js';
import { MathError, U64_MAX, abs, clamp, i128, min, u128, u64, wideMulDiv } from './integers.js';
import { RATE_ONE, SECONDS_PER_DAY } from './units.js';

const RATE_PER_PPM = 10n ** 12n;
const I64_MAX = (1n << 63n) - 1n;
/** Velocities beyond 64 bits are multiples of this. */
const COARSE = 1_000n;

/** A market's funding parameters. */
export interface FundingParams {
  /** Skew at which the velocity is at its largest, size units. */
  skewScale: bigint;
  /** Change of the daily rate per day at that skew, ppm. */
  maxVelocityPpm: bigint;
  /** Largest daily rate either way, ppm. */
  maxRatePpm: bigint;
}

/** A market's funding at one moment. */
export interface FundingState {
  /** 10^-18 of the notional per day; longs pay while it is positive. */
  rate: bigint;
  /** Quote atoms × 10^18 per size unit, since the market was created. */
  index: bigint;
}

/**
 * Moves funding forward by `seconds` of unchanged skew and price:
 *
 * ```text
 * d(rate)/dt = clamp(skew ÷ skewScale, ±1) × maxVelocity, rate within ±maxRate
 * d(index)   = rate × price × dt
 * ```
 *
 * Velocity, end rate and index increment are rounded towards zero. Throws
 * `InvalidParameter` for a skew scale of zero, and `Overflow`.
 */
export function advanceFunding(
  state: FundingState,
  params: FundingParams,
  skew: bigint,
  price: bigint,
  seconds: bigint,
  scale: bigint,
): FundingState {
  const speed = velocity(params, skew);
  const limit = rateLimit(params);
  const start = clamp(state.rate, -limit, limit);
  // A falling rate is a rising one seen in a mirror.
  const mirrored = skew < 0n;
  const ramp = climb(mirrored ? -start : start, limit, speed, seconds);
  const accrued = accrual(abs(ramp.twiceArea), price, scale);
  const falls = mirrored !== ramp.twiceArea < 0n;
  return {
    rate: mirrored ? -ramp.end : ramp.end,
    index: i128(state.index + (falls ? -accrued : accrued)),
  };
}

/** Magnitude of d(rate)/dt in 10^-18 per day². */
function velocity(params: FundingParams, skew: bigint): bigint {
  if (params.skewScale === 0n) throw new MathError('InvalidParameter');
  const magnitude = min(abs(skew), params.skewScale);
  const exact = (params.maxVelocityPpm * RATE_PER_PPM * magnitude) / params.skewScale;
  return exact <= U64_MAX ? exact : exact - (exact % COARSE);
}

function rateLimit(params: FundingParams): bigint {
  const limit = params.maxRatePpm * RATE_PER_PPM;
  if (limit > I64_MAX) throw new MathError('InvalidParameter');
  return limit;
}

/** A rate that rises from `start` to at most `limit`, and twice the area under it (10^-18 per day × seconds). */
function climb(start: bigint, limit: bigint, speed: bigint, seconds: bigint): { end: bigint; twiceArea: bigint } {
  const gap = limit - start;
  const rise = min((speed * seconds) / SECONDS_PER_DAY, U64_MAX);
  if (rise < gap) {
    const end = start + rise;
    return { end, twiceArea: (start + end) * seconds };
  }
  // The rectangle under the limit less the triangle that the ramp misses.
  return { end: limit, twiceArea: u128(2n * limit * seconds) - missedTriangle(gap, speed) };
}

/** `floor(gap² × 86,400 ÷ velocity)`; a gap of zero needs no velocity. */
function missedTriangle(gap: bigint, speed: bigint): bigint {
  if (gap === 0n) return 0n;
  const square = gap * gap;
  if (speed <= U64_MAX) return wideMulDiv(square, SECONDS_PER_DAY, speed)[0];
  const [floor] = wideMulDiv(square, SECONDS_PER_DAY, u64(speed / COARSE));
  return floor / COARSE;
}

/** `floor(twiceArea ÷ 2 ÷ 86,400 × price)` in atoms × 10^18 per size unit. */
function accrual(twiceArea: bigint, price: bigint, scale: bigint): bigint {
  if (twiceArea === 0n) return 0n;
  const halfDays = 2n * SECONDS_PER_DAY;
  const divisor = scale * halfDays;
  if (divisor <= U64_MAX) return i128(wideMulDiv(twiceArea, price, divisor)[0]);
  return i128(wideMulDiv(twiceArea, price, scale)[0] / halfDays);
}

/**
 * What a position has been owed since its entry, in atoms: positive is paid to
 * it, negative by it. Rounded down, that is against the position.
 */
export function fundingOwed(side: Side, size: bigint, now: bigint, atEntry: bigint): bigint {
  const growth = i128(now - atEntry);
  if (growth === 0n || size === 0n) return 0n;
  const [amount, rest] = wideMulDiv(abs(growth), size, RATE_ONE);
  const receives = growth > 0n === (side === Side.Short);
  return i128(receives ? amount : -u128(amount + (rest === 0n ? 0n : 1n)));
}

/**
 * The funding index at which `newSize` would have accrued what `oldSize` has,
 * the growth rounded against the position.
 */
export function blendFundingIndex(side: Side, now: bigint, entry: bigint, oldSize: bigint, newSize: bigint): bigint {
  const growth = i128(now - entry);
  const [magnitude, rest] = wideMulDiv(abs(growth), oldSize, newSize);
  const pays = growth > 0n === (side === Side.Long);
  const rounded = i128(u128(magnitude + (pays && rest !== 0n ? 1n : 0n)));
  return i128(growth < 0n ? now + rounded : now - rounded);
}
