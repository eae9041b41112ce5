import { PPM, positionHealth } from '@ringfence/client';
import { describe, expect, it, vi } from 'vitest';
import {
  base,
  MARKETS,
  NOW,
  ORACLES,
  marketFixture,
  positionFixture,
  price,
  quote,
  readingFixture,
} from './fixtureAccounts';
import { MarginCalls } from './marginCalls';
import { marketView } from './marketView';
import { Memo, stable } from './memo';
import { byDistance, positionView, riskOf } from './positionView';
import type { PositionView } from './views';

const market = (age = 1n, confidence?: bigint) =>
  marketView({
    address: MARKETS[0]!,
    market: marketFixture(0, 'SOL-PERP', 150n, {
      accepted: { ...marketFixture(0, 'x', 150n).accepted, publishTime: 0n },
    }),
    oracle: ORACLES[0]!,
    reading: { ...readingFixture(150n, age), ...(confidence !== undefined && { confidence }) },
    now: NOW,
  });

describe('riskOf', () => {
  // Maintenance 1,000: danger below 1,250, watch below 2,000.
  it.each([
    [999n, 'liquidatable'],
    [1_000n, 'danger'],
    [1_249n, 'danger'],
    [1_250n, 'watch'],
    [1_999n, 'watch'],
    [2_000n, 'safe'],
  ])('equity %s', (equity, risk) => {
    expect(riskOf({ equity, maintenance: 1_000n })).toBe(risk);
  });
});

describe('marketView', () => {
  // The fixture's market opens at up to 60 s, closes at up to 120 s; confidence 0.5 % to open, 1 % to close.
  it.each([
    [60n, 'fresh', true, true],
    [61n, 'stale', false, true],
    [120n, 'stale', false, true],
    [121n, 'stale', false, false],
  ])('a price of %s seconds', (age, state, open, close) => {
    expect(market(age).price).toEqual({ state, ageSeconds: age, usableToOpen: open, usableToClose: close });
  });

  it.each([
    [price(150n) / 200n, 'fresh', true, true],
    [price(150n) / 200n + 1n, 'wide', false, true],
    [price(150n) / 100n + 1n, 'wide', false, false],
  ])('a confidence of %s', (confidence, state, open, close) => {
    expect(market(1n, confidence).price).toMatchObject({ state, usableToOpen: open, usableToClose: close });
  });

  it('counts funding and borrow up to now', () => {
    expect(market().account.accruedAt).toBe(NOW);
    expect(market().name).toBe('SOL-PERP');
    expect(market().baseSymbol).toBe('SOL');
  });
});

describe('positionView', () => {
  it('has its entry price, health and distance', () => {
    const view = positionView(MARKETS[1]!, positionFixture(), market());
    // 14,500 for 100 SOL.
    expect(view.entryPrice).toBe(price(145n));
    expect(view.health).toEqual(positionHealth(market().account, positionFixture(), price(150n)));
    const gap = price(150n) - view.liquidationPrice!;
    expect(view.distancePpm).toBe((gap * PPM) / price(150n));
    expect(view.risk).toBe('safe');
  });

  it('is empty without size', () => {
    const view = positionView(MARKETS[1]!, positionFixture({ size: 0n, entryNotional: 0n, reserve: 0n }), market());
    expect(view).toMatchObject({ risk: 'empty', liquidationPrice: null, entryPrice: 0n });
  });

  it('is judged by the edge that favours it', () => {
    // 100 SOL at 150 in and out: maintenance is 15,000 × (2.5 % + 1 %) = 525, at 151 of the edge 528.50.
    const account = positionFixture({ entryNotional: quote(15_000n), reserve: quote(15_000n), margin: quote(500n) });
    const flat = marketFixture(0, 'SOL-PERP', 150n, { fundingRate: 0n, accruedAt: NOW });
    const view = (confidence: bigint) =>
      positionView(
        MARKETS[1]!,
        account,
        marketView({
          address: MARKETS[0]!,
          market: flat,
          oracle: ORACLES[0]!,
          reading: { ...readingFixture(150n), confidence },
          now: NOW,
        }),
      );
    expect(view(0n).risk).toBe('liquidatable');
    expect(view(price(1n)).risk).toBe('danger');
  });
});

describe('order of liquidations', () => {
  it('is closest first, what can be liquidated before all', () => {
    const of = (risk: PositionView['risk'], distancePpm?: bigint) =>
      ({ risk, ...(distancePpm !== undefined && { distancePpm }) }) as PositionView;
    const [none, far, near, over] = [of('safe'), of('safe', 900n), of('danger', 10n), of('liquidatable', 500n)];
    expect([none, far, near, over].sort(byDistance)).toEqual([over, near, far, none]);
  });
});

describe('MarginCalls', () => {
  it('tells once for each time that the line is crossed', () => {
    const tell = vi.fn();
    const calls = new MarginCalls(tell);
    const at = (risk: PositionView['risk']) => [{ address: MARKETS[0]!, risk, size: base(1n) } as PositionView];
    expect(calls.update(at('watch'))).toEqual([]);
    calls.update(at('danger'));
    calls.update(at('liquidatable'));
    expect(tell).toHaveBeenCalledTimes(1);
    calls.update(at('safe'));
    expect(calls.update(at('danger'))).toHaveLength(1);
    expect(tell).toHaveBeenCalledTimes(2);
  });
});

describe('identity', () => {
  it('is kept while the inputs are the same', () => {
    const memo = new Memo<string, object>();
    const first = memo.get('a', [1, 2], () => ({}));
    expect(memo.get('a', [1, 2], () => ({}))).toBe(first);
    expect(memo.get('a', [1, 3], () => ({}))).not.toBe(first);
    const list = [first];
    expect(stable(list, [first])).toBe(list);
    expect(stable(list, [{}])).not.toBe(list);
  });
});
