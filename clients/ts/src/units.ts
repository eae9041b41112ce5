/**
 * Units of the program, and decimals for people.
 *
 * | quantity | unit |
 * | --- | --- |
 * | collateral, notional, fees, PnL | atoms of the market's collateral mint |
 * | size | 10^-`sizeDecimals` of the base asset |
 * | price | 10^-10 quote per base |
 * | ratio | parts per million |
 * | rate | 10^-18 of the notional or the reserve |
 */
import { MathError, mulDivCeil, mulDivFloor, u64 } from './integers.js';

/** Decimals of a price: one unit is 10^-10 quote per base. */
export const PRICE_DECIMALS = 10;
/** One, in parts per million. */
export const PPM = 1_000_000n;
/** Decimals of funding and borrow rates. */
export const RATE_DECIMALS = 18;
/** One, in the unit of a rate. */
export const RATE_ONE = 10n ** 18n;
/** Seconds of a day, the period of a funding rate. */
export const SECONDS_PER_DAY = 86_400n;
/** Seconds of a year of 365 days, the period of a borrow rate. */
export const SECONDS_PER_YEAR = 31_536_000n;

/** The divisor of `size × price`: 10^(size decimals + 10 − quote decimals). Throws `InvalidScale`. */
export function notionalDivisor(sizeDecimals: number, quoteDecimals: number): bigint {
  const exponent = sizeDecimals + PRICE_DECIMALS - quoteDecimals;
  if (exponent < 0 || exponent > 19) throw new MathError('InvalidScale');
  return 10n ** BigInt(exponent);
}

/**
 * `size × price` in collateral atoms, rounded down. `scale` is the market's
 * `notionalDivisor`. Throws `Overflow`.
 */
export function notionalFloor(size: bigint, price: bigint, scale: bigint): bigint {
  return mulDivFloor(size, price, scale);
}

/** `size × price` in collateral atoms, rounded up. Throws `Overflow`. */
export function notionalCeil(size: bigint, price: bigint, scale: bigint): bigint {
  return mulDivCeil(size, price, scale);
}

/** `floor(amount × ppm)` in atoms: shares paid out. */
export function ppmFloor(amount: bigint, ppm: bigint | number): bigint {
  return mulDivFloor(amount, BigInt(ppm), PPM);
}

/** `ceil(amount × ppm)` in atoms: fees and requirements. */
export function ppmCeil(amount: bigint, ppm: bigint | number): bigint {
  return mulDivCeil(amount, BigInt(ppm), PPM);
}

/**
 * Reads a decimal, such as `-150.25`, as an integer of 10^-`decimals`.
 *
 * Throws an `Error` that can be shown, for empty text, anything but one sign,
 * digits and one point, and more places than `decimals` (zeros aside).
 */
export function parseDecimal(text: string, decimals: number): bigint {
  const parts = /^([+-]?)(\d*)(?:\.(\d+))?$/.exec(text);
  const [, sign = '', whole = '', fraction = ''] = parts ?? [];
  if (parts === null || whole + fraction === '') throw new Error(`“${text}” is not a decimal number`);
  const significant = fraction.replace(/0+$/, '');
  if (significant.length > decimals) throw new Error(`“${text}” has more than ${decimals} decimals`);
  const magnitude = BigInt(whole + significant.padEnd(decimals, '0'));
  return sign === '-' ? -magnitude : magnitude;
}

/** Reads a decimal that may not be negative and fits a `u64`: an amount, a size or a price. */
export function parseAmount(text: string, decimals: number): bigint {
  const value = parseDecimal(text, decimals);
  if (value < 0n) throw new Error(`“${text}” is negative`);
  try {
    return u64(value);
  } catch {
    throw new Error(`“${text}” is too large`);
  }
}

/** How `formatDecimal` writes. */
export interface DecimalFormat {
  /** Fewest decimals: zeros are added up to these. */
  min?: number;
  /** Most decimals: the rest is cut off, towards zero. */
  max?: number;
  /** Commas between thousands. */
  group?: boolean;
}

/**
 * Writes an integer of 10^-`decimals` as a decimal, without idle zeros. What
 * `max` cuts off is dropped, not rounded: an amount is never shown larger
 * than it is.
 */
export function formatDecimal(value: bigint, decimals: number, format: DecimalFormat = {}): string {
  const most = Math.min(format.max ?? decimals, decimals);
  const cut = value / 10n ** BigInt(decimals - most);
  const digits = (cut < 0n ? -cut : cut).toString().padStart(most + 1, '0');
  const split = digits.length - most;
  const whole = digits.slice(0, split);
  const fraction = digits
    .slice(split)
    .replace(/0+$/, '')
    .padEnd(format.min ?? 0, '0');
  const grouped = format.group ? whole.replace(/\B(?=(\d{3})+$)/g, ',') : whole;
  return `${cut < 0n ? '-' : ''}${grouped}${fraction === '' ? '' : `.${fraction}`}`;
}
