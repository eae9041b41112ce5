import { describe, expect, it } from 'vitest';
import { cleanDecimal, readDecimal } from './input';

describe('what people type', () => {
  it('takes the comma of a phone keyboard for a point', () => {
    expect(cleanDecimal('1', '1,')).toBe('1.');
    expect(cleanDecimal('', ',')).toBe('.');
  });

  it('leaves a pasted comma, which means two things, and refuses it', () => {
    expect(cleanDecimal('', '1,500')).toBe('1,500');
    expect(readDecimal('1,500', 6).state).toBe('bad');
  });

  it('drops blanks around pasted numbers', () => {
    expect(cleanDecimal('', ' 12.5 ')).toBe('12.5');
  });

  it('reads exactly, and says what it cannot read', () => {
    expect(readDecimal('12.5', 6)).toEqual({ state: 'ok', value: 12_500_000n });
    expect(readDecimal('', 6)).toEqual({ state: 'empty' });
    expect(readDecimal('0.0000001', 6).state).toBe('bad');
    expect(readDecimal('-1', 6).state).toBe('bad');
    expect(readDecimal('1e3', 6).state).toBe('bad');
  });
});
