/**
 * The previews against the program's state methods: scenarios whose steps
 * follow from each other. What is refused, what it is filled at, and where all
 * the money is afterwards; at the end the accounts, byte for byte.
 */
import { describe, expect, test } from 'vitest';
import {
  DEFAULT_ADDRESS,
  getMarketDecoder,
  getMarketEncoder,
  getMarketSize,
  getPositionEncoder,
  getPositionSize,
  previewAddLiquidity,
  previewAddMargin,
  previewClose,
  previewCloseAtCap,
  previewDecrease,
  previewIncrease,
  previewLiquidation,
  previewOpen,
  previewRemoveLiquidity,
  previewRemoveMargin,
  type Market,
  type Position,
  type Preview,
  type PriceReading,
} from '../src/index.js';
import { Given, bytes, load, type Row } from './vectors.js';

const groups = load('trades');
const text = (value: bigint | undefined) => (value === undefined ? '-' : String(value));

/** What a step did: the fill, and the state afterwards. */
interface Done {
  fill?: bigint | undefined;
  market?: Market;
  position?: Position | undefined;
}

/** What a step finds, and its numbers. */
interface StepInput {
  market: Market;
  reading: PriceReading;
  now: bigint;
  side: number;
  a: bigint;
  b: bigint;
  c: bigint;
}

class Scenario {
  market: Market;
  positions: (Position | undefined)[] = [undefined, undefined, undefined, undefined];

  constructor(hex: string) {
    this.market = getMarketDecoder().decode(bytes(hex, getMarketSize()));
  }

  /** Applies a step where the program takes it. Returns what it says: a fill, or the error. */
  step(given: Given): string[] {
    const [name, slot] = [given.text(), given.int()];
    const [side, a, b, c] = [given.int(), given.big(), given.big(), given.big()];
    const price = { price: given.big(), confidence: given.big(), ema: given.big(), publishTime: given.big() };
    const reading = { ...price, previousPublishTime: price.publishTime - 1n, slot: 1n };
    const now = given.big();
    const context = { market: this.market, reading, now };
    const position = this.positions[slot];
    const said = this.#act(name, slot, { ...context, side, a, b, c }, position);
    const held = ['addLiquidity', 'removeLiquidity', 'status', 'settle'].includes(name)
      ? undefined
      : this.positions[slot];
    const { market } = this;
    return [
      said,
      ...[market.liquidity, market.reserved, market.insurance, market.lpShares].map(text),
      ...[market.fundingIndex, market.borrowIndex].map(text),
      ...[held?.size, held?.entryNotional, held?.margin, held?.realisedPnl].map(text),
    ];
  }

  #act(name: string, slot: number, given: StepInput, position: Position | undefined): string {
    const { market, reading, now, side, a, b, c } = given;
    const context = { market, reading, now };
    if (name === 'open' || name === 'openReferred') {
      const referred = name === 'openReferred';
      const open = previewOpen({ ...context, side, size: a, margin: b, acceptablePrice: c, referred });
      return this.#take(slot, open, (result) => ({ ...result, fill: result.fillPrice }));
    }
    if (name === 'status') {
      this.market = { ...market, status: side };
      return '-';
    }
    if (name === 'settle') {
      this.market = { ...market, status: 3, settlementPrice: a, settledAt: now };
      return '-';
    }
    if (name === 'addLiquidity') {
      return this.#take(undefined, previewAddLiquidity({ ...context, amount: a, minShares: b }), (result) => result);
    }
    if (name === 'removeLiquidity') {
      const input = { ...context, shares: a, held: b, minAmount: c };
      return this.#take(undefined, previewRemoveLiquidity(input), (result) => ({ market: result.market }));
    }
    if (position === undefined) throw new Error(`${name}: slot ${slot} is empty`);
    const of = { ...context, position };
    switch (name) {
      case 'increase': {
        const increase = previewIncrease({ ...of, size: a, margin: b, acceptablePrice: c });
        return this.#take(slot, increase, (result) => ({ ...result, fill: result.fillPrice }));
      }
      case 'decrease': {
        const decrease = previewDecrease({ ...of, size: a, acceptablePrice: c });
        return this.#take(slot, decrease, (result) => ({ ...result, fill: result.fillPrice }));
      }
      case 'close':
        return this.#take(slot, previewClose({ ...of, acceptablePrice: c }), (result) => ({
          market: result.market,
          fill: result.closed?.fillPrice,
          position: undefined,
        }));
      case 'addMargin':
        return this.#take(slot, previewAddMargin({ ...of, amount: a }), ({ position }) => ({ position }));
      case 'removeMargin':
        return this.#take(slot, previewRemoveMargin({ ...of, amount: a }), ({ position }) => ({ position }));
      case 'liquidate':
        return this.#take(slot, previewLiquidation(of), (result) => ({ ...result, fill: result.closed.settledAt }));
      case 'closeAtCap':
        return this.#take(slot, previewCloseAtCap(of), (result) => ({ ...result, fill: result.price }));
      case 'commit':
        this.positions[slot] = { ...position, committedUntil: a, voidOrders: [5n, 0n, 0n, 0n] };
        return '-';
      default:
        throw new Error(`unknown step ${name}`);
    }
  }

  #take<T>(slot: number | undefined, preview: Preview<T>, done: (result: T) => Done): string {
    const [refusal] = preview.refusals;
    if (refusal) return `!${refusal.error}`;
    if (preview.result === undefined) throw new Error('neither refused nor computed');
    const state = done(preview.result);
    this.market = state.market ?? this.market;
    if (slot !== undefined) this.positions[slot] = state.position;
    return text(state.fill);
  }
}

const cell = (row: Row | undefined, index: number) => row?.[index] ?? '';

describe('previews', () => {
  const scenarios = groups['scenarios'] ?? [];
  test.each(scenarios.map((row) => [cell(row, 0), cell(row, 1)]))('scenario %s', (id, market) => {
    const scenario = new Scenario(market);
    const steps = (groups['steps'] ?? []).filter((row) => row[0] === id);
    expect(steps.length).toBeGreaterThan(20);
    steps.forEach((row, index) => {
      const given = new Given(row.slice(1));
      const said = scenario.step(given);
      expect(said, `step ${index}: ${row.join(' ')}`).toEqual(given.rest());
    });
    const end = (groups['ends'] ?? []).find((row) => row[0] === id);
    expect(getMarketEncoder().encode(scenario.market)).toEqual(bytes(cell(end, 1), getMarketSize()));
    scenario.positions.forEach((position, slot) => {
      const hex = cell(end, 2 + slot);
      const theirs = hex === '-' ? undefined : bytes(hex, getPositionSize());
      expect(position && getPositionEncoder().encode(position), `position ${slot}`).toEqual(theirs);
    });
  });

  test('the scenarios have every kind of end', () => {
    const outcomes = new Set(
      (groups['steps'] ?? []).map((row) => `${row[1]} ${row[12]?.startsWith('!') ? row[12] : 'ok'}`),
    );
    for (const kind of [
      'open',
      'increase',
      'decrease',
      'close',
      'addMargin',
      'removeMargin',
      'liquidate',
      'closeAtCap',
    ]) {
      expect(outcomes).toContain(`${kind} ok`);
    }
    for (const refused of [
      'open !BelowInitialMargin',
      'open !OpenInterestLimit',
      'open !SlippageExceeded',
      'open !InstantOpenDisabled',
      'open !OracleStale',
      'decrease !WorseMarginRatio',
      'decrease !WouldBeLiquidatable',
      'removeMargin !BelowInitialMargin',
      'removeMargin !OrderPending',
      'liquidate !NotLiquidatable',
      'removeLiquidity !LiquidityReserved',
    ]) {
      expect(outcomes).toContain(refused);
    }
  });

  test('everything that is wrong is said, the program’s own error first', () => {
    const market = new Scenario(cell(scenarios[0], 1)).market;
    const { refusals, result } = previewOpen({
      market: { ...market, status: 1, liquidity: 1n },
      reading: {
        price: 10n ** 12n,
        confidence: 0n,
        ema: 10n ** 12n,
        publishTime: 1n,
        previousPublishTime: 0n,
        slot: 1n,
      },
      now: market.accruedAt,
      side: 0,
      size: 10n ** 9n,
      margin: 1n,
      acceptablePrice: 1n,
    });
    expect(refusals.map(({ error }) => error)).toEqual([
      'MarketNotActive',
      'OracleStale',
      'SlippageExceeded',
      'InsufficientLiquidity',
      'MarginBelowFee',
      'BelowInitialMargin',
    ]);
    // One base unit at 100 with some impact: what can be computed is there all the same.
    expect(result?.entryNotional).toBeGreaterThanOrEqual(100_000_000n);
    expect(result?.position.owner).toBe(DEFAULT_ADDRESS);
  });

  test('without a price there is nothing to compute', () => {
    const market = new Scenario(cell(scenarios[0], 1)).market;
    const position = { size: 0n } as Position;
    const base = { market, reading: undefined, now: market.accruedAt };
    const preview = previewOpen({ ...base, side: 0, size: 1n, margin: 1n, acceptablePrice: 1n });
    expect(preview.refusals.map(({ error }) => error)).toEqual(['OracleMalformed']);
    expect(preview.result).toBeUndefined();
    // What a liquidation has left comes out without one.
    const empty = { ...position, version: 2, margin: 5n, committedUntil: 0n };
    expect(previewClose({ ...base, position: empty, acceptablePrice: 0n })).toMatchObject({
      refusals: [],
      result: { payout: 5n },
    });
  });
});
