import { describe, expect, it } from 'vitest';
import { ChainClock, readClock } from './clock';

describe('ChainClock', () => {
  it('ticks between readings', () => {
    let local = 1_000_000;
    const clock = new ChainClock(() => local);
    clock.set(2_000n);
    local += 2_500;
    expect(clock.now()).toBe(2_002n);
  });

  it('forgets a reading that was ahead', () => {
    let local = 0;
    const clock = new ChainClock(() => local);
    clock.set(102n);
    for (let second = 5; second <= 55; second += 5) {
      local = second * 1_000;
      clock.set(BigInt(100 + second));
    }
    expect(clock.now()).toBe(155n);
  });

  it('follows a jump at once, either way', () => {
    const clock = new ChainClock(() => 0);
    clock.set(100n);
    clock.set(5_000n);
    expect(clock.now()).toBe(5_000n);
    clock.set(100n);
    expect(clock.now()).toBe(100n);
  });
});

describe('readClock', () => {
  it('reads the unix time behind four other words', () => {
    const data = new Uint8Array(40);
    data.set([1, 2], 32);
    expect(readClock(data)).toBe(513n);
    expect(readClock(new Uint8Array(8))).toBeUndefined();
  });
});
