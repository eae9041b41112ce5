import { describe, expect, it } from 'vitest';
import type { MarketView } from '../../state';
import { INITIAL_TICKET, readableMargin, readableSize, ticketReducer, type TicketAction } from './ticketState';

const PRICE_150 = 1_500_000_000_000n;

/** SOL-PERP of the localnet, as far as the coupling looks: 5 bp to open, 9 decimals of size, 6 of money. */
const market = {
  account: { notionalDivisor: 10n ** 13n, params: { openFeePpm: 500, initialMarginPpm: 50_000 } },
  sizeDecimals: 9,
  quoteDecimals: 6,
} as unknown as MarketView;

const context = { market, price: PRICE_150 };

const after = (...actions: TicketAction[]) =>
  actions.reduce((state, action) => ticketReducer(state, action, context), INITIAL_TICKET);

describe('the coupling of size, margin and leverage', () => {
  it('gives the size that a margin opens at the leverage', () => {
    // N = 100 × 5 ÷ (1 + 5 × 0.0005) = 498.753117; ÷ 150 = 3.32502078; six digits of it.
    expect(after({ type: 'margin', text: '100' }).sizeText).toBe('3.32502');
  });

  it('gives the margin that a size needs, with the fee, in whole cents upwards', () => {
    // N = 1,500; 1,500 ÷ 5 + 1,500 × 0.0005 = 300.75
    expect(after({ type: 'size', text: '10' }).marginText).toBe('300.75');
    // N = 150.0015 for 1.00001: 30.0003 + 0.07500075 = 30.07530075, so 30.08
    expect(after({ type: 'size', text: '1.00001' }).marginText).toBe('30.08');
  });

  it('moves the follower with the leverage, never what was typed', () => {
    const byMargin = after({ type: 'margin', text: '100' }, { type: 'leverage', ppm: 10_000_000n });
    // N = 1,000 ÷ 1.005 = 995.024875; ÷ 150 = 6.63349917
    expect(byMargin).toMatchObject({ marginText: '100', sizeText: '6.63349' });
    const bySize = after({ type: 'size', text: '10' }, { type: 'leverage', ppm: 10_000_000n });
    expect(bySize).toMatchObject({ sizeText: '10', marginText: '150.75' });
  });

  it('lets the last one typed lead', () => {
    const state = after({ type: 'margin', text: '100' }, { type: 'size', text: '10' });
    expect(state).toMatchObject({ driver: 'size', marginText: '300.75' });
  });

  it('reckons a limit order at its trigger price', () => {
    const state = after(
      { type: 'kind', kind: 'limit' },
      { type: 'trigger', text: '100' },
      { type: 'size', text: '10' },
    );
    // N = 1,000: 200 + 0.5
    expect(state.marginText).toBe('200.5');
  });

  it('does not change with the price until something is edited or it is the first one', () => {
    const typed = after({ type: 'margin', text: '100' });
    const dearer = { market, price: 2n * PRICE_150 };
    expect(ticketReducer(typed, { type: 'side', side: 'short' }, dearer).sizeText).toBe('3.32502');
    expect(ticketReducer(typed, { type: 'recompute' }, dearer).sizeText).toBe('1.66251');
  });

  it('leaves the follower empty where the leader is no number, or there is no price', () => {
    expect(after({ type: 'margin', text: '1x' }).sizeText).toBe('');
    expect(after({ type: 'size', text: '' }).marginText).toBe('');
    expect(ticketReducer(INITIAL_TICKET, { type: 'margin', text: '100' }, { market }).sizeText).toBe('');
  });
});

describe('readable numbers', () => {
  it('keeps six digits of a size, rounded down', () => {
    expect(readableSize(3_325_020_781n)).toBe(3_325_020_000n);
    expect(readableSize(123_456n)).toBe(123_456n);
  });

  it('rounds a margin up to whole cents', () => {
    expect(readableMargin(30_075_301n, 6)).toBe(30_080_000n);
    expect(readableMargin(30_080_000n, 6)).toBe(30_080_000n);
    expect(readableMargin(7n, 0)).toBe(7n);
  });
});
