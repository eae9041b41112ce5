import type { Candle, CandlesView } from '../state/views';

/** Seconds of a candle. */
export const INTERVALS = [1, 15, 60, 300, 900, 3_600] as const;

/** Of each interval: ten minutes of seconds, three weeks of hours. */
const KEPT = 600;

export interface PricePoint {
  /** Unix seconds. */
  time: number;
  /** 10^-10 quote. */
  price: bigint;
}

interface Series {
  done: Candle[];
  live?: Candle;
}

const startOf = (time: number, interval: number) => Math.floor(time / interval) * interval;

const begin = (time: number, price: bigint): Candle => ({ time, open: price, high: price, low: price, close: price });

function extend(candle: Candle, price: bigint): Candle {
  return {
    ...candle,
    high: price > candle.high ? price : candle.high,
    low: price < candle.low ? price : candle.low,
    close: price,
  };
}

/** Candles of one market, of every interval, made from the prices that this page has seen. */
export class CandleBook {
  private readonly series = new Map<number, Series>(INTERVALS.map((interval) => [interval, { done: [] }]));

  /** A price as it comes; one that is older than the running candle is too late. */
  add({ time, price }: PricePoint): void {
    for (const [interval, series] of this.series) {
      const start = startOf(time, interval);
      const { live } = series;
      if (!live || start > live.time) {
        if (live) series.done = [...series.done, live].slice(-KEPT);
        series.live = begin(start, price);
      } else if (start === live.time) series.live = extend(live, price);
    }
  }

  /** Prices from before the first that was seen, in any order; others are left out. */
  prepend(points: readonly PricePoint[]): boolean {
    const sorted = points.toSorted((a, b) => a.time - b.time);
    let changed = false;
    for (const [interval, series] of this.series) {
      const first = series.done[0]?.time ?? series.live?.time ?? Infinity;
      const older = sorted.filter(({ time }) => startOf(time, interval) < first);
      if (older.length === 0) continue;
      changed = true;
      const made: Candle[] = [];
      for (const { time, price } of older) {
        const start = startOf(time, interval);
        const last = made.at(-1);
        if (last?.time === start) made[made.length - 1] = extend(last, price);
        else made.push(begin(start, price));
      }
      series.done = [...made, ...series.done].slice(-KEPT);
    }
    return changed;
  }

  view(interval: number): CandlesView {
    const series = this.series.get(interval);
    if (!series) return { candles: [] };
    return { candles: series.done, ...(series.live && { live: series.live }) };
  }

  serialise(): string {
    const all = [...this.series].map(([interval, { done, live }]) => [
      interval,
      [...done, ...(live ? [live] : [])].map(({ time, open, high, low, close }) => [
        time,
        ...[open, high, low, close].map(String),
      ]),
    ]);
    return JSON.stringify(all);
  }

  /** What `serialise` wrote; anything else gives an empty book. */
  static restore(text: string | null): CandleBook {
    const book = new CandleBook();
    if (!text) return book;
    try {
      for (const [interval, rows] of JSON.parse(text) as [number, [number, string, string, string, string][]][]) {
        const series = book.series.get(interval);
        if (!series) continue;
        const candles = rows.slice(-KEPT).map(([time, ...prices]) => {
          const [open, high, low, close] = prices.map(BigInt) as [bigint, bigint, bigint, bigint];
          return { time: Number(time), open, high, low, close };
        });
        const sound = candles.filter(
          ({ time }, place) => Number.isFinite(time) && (place === 0 || time > (candles[place - 1]?.time ?? 0)),
        );
        const live = sound.pop();
        series.done = sound;
        if (live) series.live = live;
      }
    } catch {
      return new CandleBook();
    }
    return book;
  }
}
