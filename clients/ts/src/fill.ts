/** The price of a trade, and the edges of a confidence interval. As in `ringfence-math`'s `fill`. */
import { Side } from './generated/index.js';
import { I128_MAX, I128_MIN, MathError, U128_MAX, U64_MAX, abs, i128, max, min, u64 } from './integers.js';
import { PPM, ppmFloor } from './units.js';

/** What a trade does to the skew: a buy opens a long or closes a short, a sell the opposite. */
export type TradeDirection = 'buy' | 'sell';

/** The other side. */
export function opposite(side: Side): Side {
  return side === Side.Long ? Side.Short : Side.Long;
}

/** The trade that opens or increases a position of `side`. */
export function openingDirection(side: Side): TradeDirection {
  return side === Side.Long ? 'buy' : 'sell';
}

/** The trade that closes or reduces a position of `side`. */
export function closingDirection(side: Side): TradeDirection {
  return openingDirection(opposite(side));
}

/** A trade, and the market that it finds. */
export interface FillInput {
  /** Index price, 10^-10 quote. */
  index: bigint;
  /** Half-width of the confidence interval, 10^-10 quote. */
  confidence: bigint;
  direction: TradeDirection;
  /** Size units. */
  size: bigint;
  /** Longs less shorts before the trade, size units. */
  skew: bigint;
  /** Skew at which the premium is 100 %, size units. */
  skewScale: bigint;
}

/**
 * The price of a trade, in 10^-10 quote:
 *
 * ```text
 * index × (1 + (k + Δ/2) ÷ skewScale) ± confidence ÷ 2
 * ```
 *
 * `k` the skew before, `Δ` its signed change; plus for a buy, minus for a sell.
 * Rounded once, against the trader: up for a buy, down for a sell. Throws
 * `InvalidParameter` where the price would not be positive, and `Overflow`.
 */
export function fillPrice({ index, confidence, direction, size, skew, skewScale }: FillInput): bigint {
  if (skewScale === 0n) throw new MathError('InvalidParameter');
  const buys = direction === 'buy';
  // In half price units, so that one rounding does: up for a buy, down for a sell.
  const twiceMeanSkew = i128(i128(skew + skew) + (buys ? size : -size));
  const product = abs(twiceMeanSkew) * index;
  const falls = twiceMeanSkew < 0n;
  const whole = product / skewScale;
  if (whole > I128_MAX || whole > U128_MAX) throw new MathError(falls ? 'InvalidParameter' : 'Overflow');
  const impact = whole + (product % skewScale !== 0n && buys !== falls ? 1n : 0n);
  const doubled = 2n * index + (falls ? -impact : impact) + (buys ? confidence : -confidence);
  if (doubled > I128_MAX || doubled < I128_MIN) throw new MathError('Overflow');
  const price = (buys ? doubled + 1n : doubled) >> 1n;
  if (price <= 0n) throw new MathError('InvalidParameter');
  return u64(price);
}

/** Whether `fill` is within the caller's bound: a buy at most, a sell at least `acceptable`. */
export function isAcceptable(direction: TradeDirection, fill: bigint, acceptable: bigint): boolean {
  return direction === 'buy' ? fill <= acceptable : fill >= acceptable;
}

/**
 * The worst price for a trade at `price`: `slippagePpm` from it, rounded
 * towards it. Throws `Overflow`.
 */
export function acceptablePrice(price: bigint, slippagePpm: bigint, buy: boolean): bigint {
  if (buy) return u64((price * (PPM + slippagePpm)) / PPM);
  return u64((price * (PPM - slippagePpm) + PPM - 1n) / PPM);
}

/** `index − confidence`, at least one price unit. */
export function confidenceEdgeLow(index: bigint, confidence: bigint): bigint {
  return max(index - confidence, 1n);
}

/** `index + confidence`, at most the largest price. */
export function confidenceEdgeHigh(index: bigint, confidence: bigint): bigint {
  return min(index + confidence, U64_MAX);
}

/** The edge that hurts a position: low for a long, high for a short. Margin requirements are judged here. */
export function edgeAgainst(side: Side, index: bigint, confidence: bigint): bigint {
  return side === Side.Long ? confidenceEdgeLow(index, confidence) : confidenceEdgeHigh(index, confidence);
}

/** The edge that favours a position: high for a long, low for a short. Liquidation is judged here. */
export function edgeFor(side: Side, index: bigint, confidence: bigint): bigint {
  return edgeAgainst(opposite(side), index, confidence);
}

/** The confidence, at most `floor(index × maxPpm)`: a wild feed cannot protect a bankrupt position for ever. */
export function clampConfidence(index: bigint, confidence: bigint, maxPpm: bigint | number): bigint {
  return min(confidence, ppmFloor(index, maxPpm));
}
