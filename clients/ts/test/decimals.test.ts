/** Decimals, against `ringfence_client::decimal`. */
import { describe, expect, test } from 'vitest';
import { formatDecimal, parseAmount, parseDecimal } from '../src/index.js';
import { agrees, load } from './vectors.js';

const groups = load('decimals');

const orRefused = (compute: () => bigint) => {
  try {
    return String(compute());
  } catch {
    return '!';
  }
};

describe('decimals', () => {
  agrees(groups, 'parse', (given) => {
    const [text, decimals] = [given.text(), given.int()];
    return [orRefused(() => parseDecimal(text, decimals)), orRefused(() => parseAmount(text, decimals))];
  });

  test('format', () => {
    const rows = groups['format'] ?? [];
    expect(rows.length).toBeGreaterThan(100);
    for (const [value = '', decimals = '', plain, shown = '', readable] of rows) {
      const [whole, places, most] = [BigInt(value), Number(decimals), Number(shown)];
      expect(formatDecimal(whole, places)).toBe(plain);
      const format = { min: Math.min(most, places), max: most, group: true };
      expect(formatDecimal(whole, places, format), `${value} ${decimals} ${shown}`).toBe(readable);
    }
  });

  test('what cannot be read says why', () => {
    expect(() => parseDecimal('1,000', 6)).toThrow('“1,000” is not a decimal number');
    expect(() => parseDecimal('0.0000001', 6)).toThrow('“0.0000001” has more than 6 decimals');
    expect(() => parseAmount('-1', 6)).toThrow('“-1” is negative');
    expect(() => parseAmount('18446744073709551616', 0)).toThrow('“18446744073709551616” is too large');
  });

  test('what is cut off is never rounded up', () => {
    expect(formatDecimal(1_999_999n, 6, { max: 2 })).toBe('1.99');
    expect(formatDecimal(-1_999_999n, 6, { max: 0 })).toBe('-1');
    expect(formatDecimal(-4n, 3, { max: 2 })).toBe('0');
    expect(formatDecimal(1_500_000n, 6, { min: 2 })).toBe('1.50');
    expect(formatDecimal(12_345_678_900_000n, 6, { group: true })).toBe('12,345,678.9');
  });
});
