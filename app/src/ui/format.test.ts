import { describe, expect, it } from 'vitest';
import {
  showDuration,
  showMoney,
  showMultiple,
  showPercent,
  showPrice,
  showRate,
  showSignedMoney,
  showSize,
} from './format';

const PRICE_ONE = 10_000_000_000n;

describe('numbers as text', () => {
  it('gives a price places by its magnitude, and as many zeros', () => {
    expect(showPrice(60_123n * PRICE_ONE + 4_567_000_000n)).toBe('60,123.45');
    expect(showPrice(150n * PRICE_ONE)).toBe('150.000');
    expect(showPrice(1_500_000_000n)).toBe('0.150000');
  });

  it('never shows more money than there is', () => {
    expect(showMoney(1_999_999n, 6)).toBe('1.99');
    expect(showMoney(1_234_567_890_000n, 6, 'USDC')).toBe('1,234,567.89 USDC');
  });

  it('signs gains and losses, with a true minus', () => {
    expect(showSignedMoney(12_340_000n, 6)).toBe('+12.34');
    expect(showSignedMoney(-12_340_000n, 6)).toBe('\u221212.34');
    expect(showSignedMoney(0n, 6)).toBe('0.00');
  });

  it('knows ratios, rates, multiples and sizes', () => {
    expect(showPercent(35_000n)).toBe('3.50%');
    expect(showRate(12_000_000_000_000n)).toBe('+0.0012%');
    expect(showMultiple(5_012_345n)).toBe('5.01×');
    expect(showSize(3_325_020_781n, 9)).toBe('3.32502');
  });

  it('says how long in two units', () => {
    expect(showDuration(59n)).toBe('59 s');
    expect(showDuration(3_661n)).toBe('1 h 1 min');
    expect(showDuration(90_000n)).toBe('1 d 1 h');
    expect(showDuration(-5n)).toBe('0 s');
  });
});
