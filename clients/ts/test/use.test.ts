/** Sizes for margins, and the states of orders, by values worked out by hand. */
import { getAddressDecoder } from '@solana/kit';
import { describe, expect, test } from 'vitest';
import {
  DEFAULT_ADDRESS,
  OrderKind,
  acceptablePrice,
  entryPrice,
  freeId,
  isTriggered,
  leverageForSize,
  marginForSize,
  marketName,
  maxLeveragePpm,
  orderState,
  sizeForMargin,
  type Market,
  type Order,
  type Position,
} from '../src/index.js';

const key = (byte: number) => getAddressDecoder().decode(new Uint8Array(32).fill(byte));

describe('sizing', () => {
  // Sizes of 9 decimals, collateral of 6; 5 bp to open, 5 % initial margin.
  const market = { notionalDivisor: 10n ** 13n, params: { openFeePpm: 500, initialMarginPpm: 50_000 } } as Market;
  const price = 100n * 10n ** 10n;

  test('the fee comes out of the margin', () => {
    // N = 1,005 × 10 ÷ (1 + 10 × 0.0005) = 10,000: 100 units at 100
    const size = sizeForMargin(market, { margin: 1_005_000_000n, leveragePpm: 10_000_000n, price });
    expect(size).toBe(100n * 10n ** 9n);
    // And back: 10,000 ÷ 10 + 5
    expect(marginForSize(market, { size, leveragePpm: 10_000_000n, price })).toBe(1_005_000_000n);
    expect(leverageForSize(market, { size, margin: 1_005_000_000n, price })).toBe(10_000_000n);
  });

  test('a size is rounded down, a margin up', () => {
    // 1 atom at 1x: N = 1 × 10^6 × 10^6 ÷ (10^12 + 500 × 10^6) rounds down to nothing
    expect(sizeForMargin(market, { margin: 1n, leveragePpm: 1_000_000n, price })).toBe(0n);
    // 1 size unit is worth 10^-4 atoms, so 1: 1 ÷ 3 up is 1, and the fee up is 1
    expect(marginForSize(market, { size: 1n, leveragePpm: 3_000_000n, price })).toBe(2n);
  });

  test('where the fee takes all, there is no leverage', () => {
    expect(leverageForSize(market, { size: 100n * 10n ** 9n, margin: 5_000_000n, price })).toBeNull();
  });

  test('20x is what 5 % allow', () => {
    expect(maxLeveragePpm(market)).toBe(20_000_000n);
  });

  test('a bound is rounded towards the price', () => {
    expect(acceptablePrice(1_000_001n, 5_000n, true)).toBe(1_005_001n); // 1,005,001.005
    expect(acceptablePrice(1_000_001n, 5_000n, false)).toBe(995_001n); // 995,000.995
  });

  test('an entry price is the average', () => {
    expect(entryPrice(market, { size: 2n * 10n ** 9n, entryNotional: 300_000_000n })).toBe(150n * 10n ** 10n);
    expect(entryPrice(market, { size: 0n, entryNotional: 0n })).toBeNull();
  });

  test('names and numbers', () => {
    const name = Uint8Array.from({ length: 16 }, (_, index) => 'SOL-PERP'.charCodeAt(index) || 0);
    expect(marketName({ name })).toBe('SOL-PERP');
    expect(freeId([])).toBe(0);
    expect(freeId([0, 1, 3])).toBe(2);
  });
});

describe('orders', () => {
  const position = {
    generation: 5n,
    owner: key(1),
    delegate: DEFAULT_ADDRESS,
    voidOrders: [0n, 1n << 6n, 0n, 0n],
  } as Position;
  const order = {
    id: 3,
    kind: OrderKind.StopLoss,
    triggerAbove: false,
    failed: false,
    trader: key(1),
    generation: 5n,
    triggerPrice: 100n,
    notBefore: 1_000n,
    expiresAt: 2_000n,
  } as Order;
  const reading = { price: 100n, publishTime: 1_000n, previousPublishTime: 999n };
  const state = (change: Partial<Order>, now = 1_500n, at: Position | undefined = position, price = reading) =>
    orderState({ ...order, ...change }, at, now, price);

  test('at its trigger and since it was due, it executes', () => {
    expect(state({})).toBe('triggered');
    expect(state({}, 1_500n, position, { ...reading, price: 101n })).toBe('waiting');
    expect(state({ triggerAbove: true }, 1_500n, position, { ...reading, price: 101n })).toBe('triggered');
    expect(state({}, 1_500n, position, { ...reading, publishTime: 999n })).toBe('waiting');
    expect(orderState(order, position, 1_500n)).toBe('waiting');
  });

  test('its last moment still counts', () => {
    expect(state({}, 2_000n)).toBe('triggered');
    expect(state({}, 2_001n)).toBe('expired');
  });

  test('a position that is gone, of another generation, or has ended it makes it void', () => {
    expect(orderState(order, undefined, 1_500n, reading)).toBe('void');
    expect(state({ generation: 4n })).toBe('void');
    // Bit 6 of the second word is number 70.
    expect(state({ id: 70 })).toBe('void');
    expect(state({ id: 6 })).toBe('triggered');
  });

  test('who may no longer trade has no orders', () => {
    expect(state({ trader: key(2) })).toBe('void');
    expect(state({ trader: key(2) }, 1_500n, { ...position, delegate: key(2) })).toBe('triggered');
    expect(state({ trader: DEFAULT_ADDRESS })).toBe('void');
  });

  test('a delayed order is pending until it has failed or expired', () => {
    const delayed = { kind: OrderKind.Delayed };
    expect(state(delayed)).toBe('pending');
    expect(state({ ...delayed, id: 70, trader: key(2) })).toBe('pending');
    expect(state({ ...delayed, failed: true })).toBe('failed');
    expect(state(delayed, 2_001n)).toBe('expired');
    expect(isTriggered({ ...order, ...delayed }, reading)).toBe(true);
    expect(isTriggered({ ...order, ...delayed }, { ...reading, previousPublishTime: 1_000n })).toBe(false);
  });
});
