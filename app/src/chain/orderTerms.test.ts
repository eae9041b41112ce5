import { OrderKind } from '@ringfence/client';
import { describe, expect, it } from 'vitest';
import {
  NOW,
  MARKETS,
  ORACLES,
  base,
  marketFixture,
  positionFixture,
  price,
  quote,
  readingFixture,
} from '../state/fixtureAccounts';
import { marketView } from '../state/marketView';
import { positionView } from '../state/positionView';
import { closingTerms, delayedTerms, entryTerms, requestedTerms } from './orderTerms';

const market = marketView({
  address: MARKETS[0]!,
  market: marketFixture(0, 'SOL-PERP', 150n),
  oracle: ORACLES[0]!,
  reading: readingFixture(150n),
  now: NOW,
});
const long = positionView(MARKETS[1]!, positionFixture(), market);

const open = (side: 'long' | 'short') => ({
  kind: 'open' as const,
  market: 0,
  side,
  size: base(1n),
  margin: quote(50n),
  slippagePpm: 10_000n,
});

describe('terms of orders', () => {
  it('pair take profit and stop loss, each cancelling the other', () => {
    const [profit, loss] = closingTerms(
      { ...open('long'), takeProfit: price(200n), stopLoss: price(100n) },
      market,
      NOW,
      [3, 7],
    );
    expect(profit).toMatchObject({ kind: OrderKind.TakeProfit, sharePpm: 1_000_000, size: 0n, cancels: 7 });
    expect(loss).toMatchObject({ kind: OrderKind.StopLoss, sharePpm: 1_000_000, size: 0n, cancels: 3 });
    // A long sells: 0.5 % below 200 and 5 % below 100 at the worst.
    expect(profit?.acceptablePrice).toBe(price(199n));
    expect(loss?.acceptablePrice).toBe(price(95n));
    expect(profit?.expiresAt).toBe(NOW + 2_592_000n);
    expect(profit?.reward).toBe(100_000n);
  });

  it('leave a single one without a partner, and let a short buy back dearer', () => {
    const terms = closingTerms({ ...open('short'), stopLoss: price(200n) }, market, NOW, [0]);
    expect(terms).toHaveLength(1);
    expect(terms[0]).toMatchObject({ kind: OrderKind.StopLoss, acceptablePrice: price(210n), cancels: null });
  });

  it('open at the trigger price and what is tolerated beyond it', () => {
    const terms = entryTerms(open('long'), { kind: 'limit', triggerPrice: price(100n) }, market, NOW);
    expect(terms).toMatchObject({ kind: OrderKind.Limit, size: base(1n), margin: quote(50n), sharePpm: 0 });
    expect(terms.acceptablePrice).toBe(price(101n));
  });

  it('have neither trigger nor expiry where the order is delayed', () => {
    expect(delayedTerms({ size: 1n, margin: 2n }, market, price(151n))).toMatchObject({
      kind: OrderKind.Delayed,
      triggerPrice: 0n,
      expiresAt: 0n,
      acceptablePrice: price(151n),
      reward: 100_000n,
    });
  });

  it('close a share, or add size, of a position that exists', () => {
    const prices = { triggerPrice: price(100n), slippagePpm: 20_000n };
    expect(requestedTerms({ kind: 'stopLoss', sharePpm: 250_000, ...prices }, long, NOW, 9)).toMatchObject({
      sharePpm: 250_000,
      size: 0n,
      acceptablePrice: price(98n),
      cancels: 9,
    });
    expect(
      requestedTerms({ kind: 'stop', size: 5n, margin: 6n, reward: 7n, expiresAt: 8n, ...prices }, long, NOW, null),
    ).toMatchObject({ sharePpm: 0, size: 5n, margin: 6n, reward: 7n, expiresAt: 8n, acceptablePrice: price(102n) });
  });
});
