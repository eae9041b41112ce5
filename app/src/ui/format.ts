import { formatDecimal, PRICE_DECIMALS } from '@ringfence/client';

/** A true minus, as wide as a plus: figures that change sign do not move. */
const withMinus = (text: string) => text.replace('-', '\u2212');

/** What is cut off to zeros has no sign. */
function signed(value: bigint, text: string): string {
  if (!/[1-9]/.test(text)) return text.replace('-', '');
  return value > 0n ? `+${text}` : withMinus(text);
}

const UNIT = 10n ** BigInt(PRICE_DECIMALS);

export function priceDigits(price: bigint): number {
  const magnitude = price < 0n ? -price : price;
  if (magnitude >= 1_000n * UNIT) return 2;
  if (magnitude >= 10n * UNIT) return 3;
  if (magnitude >= UNIT) return 4;
  return 6;
}

/** A price, with as many places as its magnitude needs; the same number of them while it moves. */
export function showPrice(price: bigint): string {
  const digits = priceDigits(price);
  return withMinus(formatDecimal(price, PRICE_DECIMALS, { min: digits, max: digits, group: true }));
}

/** A price for an input: exact, without grouping. */
export const priceText = (price: bigint) => formatDecimal(price, PRICE_DECIMALS);

export function showMoney(atoms: bigint, decimals: number, symbol?: string): string {
  const text = withMinus(formatDecimal(atoms, decimals, { min: 2, max: 2, group: true }));
  return symbol ? `${text} ${symbol}` : text;
}

const SUFFIXES = [
  { places: 9, suffix: 'B' },
  { places: 6, suffix: 'M' },
  { places: 3, suffix: 'K' },
] as const;

/** Money where there is little room and nobody counts cents: "4.80M". */
export function showCompact(atoms: bigint, decimals: number): string {
  for (const { places, suffix } of SUFFIXES) {
    if (atoms >= 10n ** BigInt(decimals + places)) {
      return `${formatDecimal(atoms, decimals + places, { min: 2, max: 2 })}${suffix}`;
    }
  }
  return showMoney(atoms, decimals);
}

export function showSignedMoney(atoms: bigint, decimals: number, symbol?: string): string {
  const text = signed(atoms, formatDecimal(atoms, decimals, { min: 2, max: 2, group: true }));
  return symbol ? `${text} ${symbol}` : text;
}

/** Every digit of an amount: for small ones, where two places would say nothing. */
export const showExact = (atoms: bigint, decimals: number) =>
  withMinus(formatDecimal(atoms, decimals, { min: 2, group: true }));

export const showSize = (size: bigint, decimals: number) =>
  withMinus(formatDecimal(size, decimals, { min: 0, max: Math.min(decimals, 6), group: true }));

/** Parts per million as percent. */
export const showPercent = (ppm: bigint, digits = 2) =>
  `${withMinus(formatDecimal(ppm, 4, { min: digits, max: digits, group: true }))}%`;

export const showSignedPercent = (ppm: bigint, digits = 2) =>
  `${signed(ppm, formatDecimal(ppm, 4, { min: digits, max: digits, group: true }))}%`;

/** A rate in 10^-18 as percent. */
export const showRate = (rate: bigint, digits = 4) =>
  `${signed(rate, formatDecimal(rate, 16, { min: digits, max: digits }))}%`;

/** A multiple in parts per million, such as leverage. */
export const showMultiple = (ppm: bigint) => `${formatDecimal(ppm, 6, { min: 1, max: 2, group: true })}×`;

export const showAddress = (address: string) => `${address.slice(0, 4)}…${address.slice(-4)}`;

/** "2 d 3 h", "4 min 20 s": two units at most. */
export function showDuration(seconds: bigint): string {
  const total = seconds > 0n ? seconds : 0n;
  const days = total / 86_400n;
  const hours = (total % 86_400n) / 3_600n;
  const minutes = (total % 3_600n) / 60n;
  const rest = total % 60n;
  if (days > 0n) return `${days} d ${hours} h`;
  if (hours > 0n) return `${hours} h ${minutes} min`;
  if (minutes > 0n) return `${minutes} min ${rest} s`;
  return `${rest} s`;
}

const clock = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

export const showTime = (unixSeconds: bigint) => clock.format(Number(unixSeconds) * 1_000);

export const toneOf = (value: bigint) => (value > 0n ? 'gain' : value < 0n ? 'loss' : '');
