/**
 * Whole numbers as the program has them: every function here fails where the
 * Rust type would not hold the result, instead of growing past it.
 */

/** Why a calculation has no result: the cases of `ringfence_math::MathError`. */
export type MathErrorKind = 'Overflow' | 'DivisionByZero' | 'InvalidScale' | 'InvalidParameter';

/** A calculation that has no result. */
export class MathError extends Error {
  override readonly name = 'MathError';

  /** Which of the cases it is. */
  readonly kind: MathErrorKind;

  constructor(kind: MathErrorKind) {
    super(MESSAGES[kind]);
    this.kind = kind;
  }
}

const MESSAGES: Record<MathErrorKind, string> = {
  Overflow: 'arithmetic overflow',
  DivisionByZero: 'division by zero',
  InvalidScale: 'size and quote decimals give no valid scale',
  InvalidParameter: 'parameter out of range',
};

/** The largest `u64`. */
export const U64_MAX = (1n << 64n) - 1n;
/** The largest `u128`. */
export const U128_MAX = (1n << 128n) - 1n;
/** The largest `i128`. */
export const I128_MAX = (1n << 127n) - 1n;
/** The least `i128`. */
export const I128_MIN = -(1n << 127n);

/** The value, where it fits a `u64`. Throws `Overflow`. */
export function u64(value: bigint): bigint {
  if (value < 0n || value > U64_MAX) throw new MathError('Overflow');
  return value;
}

/** The value, where it fits a `u128`. Throws `Overflow`. */
export function u128(value: bigint): bigint {
  if (value < 0n || value > U128_MAX) throw new MathError('Overflow');
  return value;
}

/** The value, where it fits an `i128`. Throws `Overflow`. */
export function i128(value: bigint): bigint {
  if (value < I128_MIN || value > I128_MAX) throw new MathError('Overflow');
  return value;
}

/** The magnitude. */
export function abs(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/** The lesser of two. */
export function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

/** The greater of two. */
export function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

/** The value, held between two others. */
export function clamp(value: bigint, low: bigint, high: bigint): bigint {
  return max(low, min(value, high));
}

/** `floor(a ÷ d)` for a positive divisor, also below zero. */
export function divFloor(a: bigint, d: bigint): bigint {
  const quotient = a / d;
  return a % d < 0n ? quotient - 1n : quotient;
}

/** `floor(a × b ÷ d)` of unsigned numbers, as `u64`. Throws `DivisionByZero`, `Overflow`. */
export function mulDivFloor(a: bigint, b: bigint, d: bigint): bigint {
  if (d === 0n) throw new MathError('DivisionByZero');
  return u64((a * b) / d);
}

/** `ceil(a × b ÷ d)` of unsigned numbers, as `u64`. Throws `DivisionByZero`, `Overflow`. */
export function mulDivCeil(a: bigint, b: bigint, d: bigint): bigint {
  return u64(wideMulDivCeil(a, b, d));
}

/** Floor and remainder of `a × b ÷ d` of unsigned numbers, the floor as `u128`. */
export function wideMulDiv(a: bigint, b: bigint, d: bigint): [bigint, bigint] {
  if (d === 0n) throw new MathError('DivisionByZero');
  const product = a * b;
  return [u128(product / d), product % d];
}

/** `ceil(a × b ÷ d)` of unsigned numbers, as `u128`. */
export function wideMulDivCeil(a: bigint, b: bigint, d: bigint): bigint {
  const [quotient, rest] = wideMulDiv(a, b, d);
  return u128(rest === 0n ? quotient : quotient + 1n);
}
