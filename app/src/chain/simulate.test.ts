import { describe, expect, it } from 'vitest';
import { costOf, priorityPrice } from './simulate';

const fees = (...prices: bigint[]) => prices.map((prioritizationFee) => ({ prioritizationFee }));

describe('priorityPrice', () => {
  it('is the median of the slots that took anything', () => {
    expect(priorityPrice(fees(0n, 0n, 30n, 10n, 20n))).toBe(20n);
  });
  it('is nothing where nobody pays', () => {
    expect(priorityPrice([])).toBe(0n);
    expect(priorityPrice(fees(0n, 0n))).toBe(0n);
  });
  it('is capped', () => {
    expect(priorityPrice(fees(50_000_000n))).toBe(2_000_000n);
  });
});

describe('costOf', () => {
  it('rounds the priority fee up to a lamport', () => {
    // 200,001 units at 7 micro-lamports: 1,400,007 micro-lamports.
    expect(costOf({ units: 200_001, unitPrice: 7n })).toEqual({
      computeUnits: 200_001,
      unitPrice: 7n,
      priorityFee: 2n,
      baseFee: 5_000n,
    });
  });
});
