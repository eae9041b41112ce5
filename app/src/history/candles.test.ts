import { describe, expect, it } from 'vitest';
import { CandleBook } from './candles';

describe('CandleBook', () => {
  it('makes candles of prices', () => {
    const book = new CandleBook();
    for (const [time, price] of [
      [60, 10n],
      [75, 14n],
      [90, 8n],
      [119, 9n],
      [120, 11n],
    ] as const) {
      book.add({ time, price });
    }
    expect(book.view(60)).toEqual({
      candles: [{ time: 60, open: 10n, high: 14n, low: 8n, close: 9n }],
      live: { time: 120, open: 11n, high: 11n, low: 11n, close: 11n },
    });
    expect(book.view(15).candles.map(({ time }) => time)).toEqual([60, 75, 90, 105]);
  });

  it('leaves out a price that comes too late', () => {
    const book = new CandleBook();
    book.add({ time: 120, price: 5n });
    book.add({ time: 59, price: 99n });
    expect(book.view(60)).toEqual({ candles: [], live: { time: 120, open: 5n, high: 5n, low: 5n, close: 5n } });
  });

  it('puts older prices before what was seen, in any order, and nothing over it', () => {
    const book = new CandleBook();
    book.add({ time: 300, price: 5n });
    book.prepend([
      { time: 130, price: 3n },
      { time: 61, price: 1n },
      { time: 119, price: 2n },
      { time: 310, price: 99n },
    ]);
    expect(book.view(60)).toEqual({
      candles: [
        { time: 60, open: 1n, high: 2n, low: 1n, close: 2n },
        { time: 120, open: 3n, high: 3n, low: 3n, close: 3n },
      ],
      live: { time: 300, open: 5n, high: 5n, low: 5n, close: 5n },
    });
  });

  it('keeps 600 of each interval', () => {
    const book = new CandleBook();
    for (let time = 0; time < 1_000; time += 1) book.add({ time, price: 1n });
    const { candles } = book.view(1);
    expect(candles.length).toBe(600);
    expect(candles[0]?.time).toBe(399);
  });

  it('comes back from storage as it was', () => {
    const book = new CandleBook();
    for (let time = 0; time < 200; time += 7) book.add({ time, price: BigInt(time) * 10n ** 12n });
    const again = CandleBook.restore(book.serialise());
    for (const interval of [1, 15, 60, 300]) expect(again.view(interval)).toEqual(book.view(interval));
    expect(CandleBook.restore('not json').view(1)).toEqual({ candles: [] });
    expect(CandleBook.restore(null).view(1)).toEqual({ candles: [] });
  });
});
