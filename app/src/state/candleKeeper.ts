import type { Address } from '@solana/kit';
import type { SafeStorage } from '../config/storage';
import { CandleBook } from '../history/candles';
import { candleKey } from './store';
import type { CandlesView } from './views';

const SAVE_MS = 15_000;

/** The candles of a cluster's markets: kept in this browser, shown while somebody looks. */
export class CandleKeeper {
  private readonly books = new Map<Address, CandleBook>();
  private readonly followed = new Map<string, { market: Address; interval: number }>();
  private readonly unsaved = new Set<Address>();
  private readonly dirty = new Set<Address>();
  private views: ReadonlyMap<string, CandlesView> = new Map();
  private readonly timer: ReturnType<typeof setInterval>;
  private readonly save = () => this.saveAll();

  constructor(
    private readonly cluster: string,
    private readonly storage: SafeStorage,
    private readonly show: (views: ReadonlyMap<string, CandlesView>) => void,
  ) {
    this.timer = setInterval(this.save, SAVE_MS);
    globalThis.addEventListener('pagehide', this.save);
  }

  add(market: Address, unixSeconds: bigint, price: bigint): void {
    this.book(market).add({ time: Number(unixSeconds), price });
    this.touched(market);
  }

  /** Prices from the history: they fill in what this browser has not seen. */
  prepend(points: readonly { market: Address; time: bigint; price: bigint }[]): void {
    for (const market of new Set(points.map((point) => point.market))) {
      const own = points.filter((point) => point.market === market);
      const changed = this.book(market).prepend(own.map(({ time, price }) => ({ time: Number(time), price })));
      if (changed) this.touched(market);
    }
  }

  follow(market: Address, interval: number, wanted: boolean): void {
    const key = candleKey(market, interval);
    if (wanted) this.followed.set(key, { market, interval });
    else this.followed.delete(key);
    this.dirty.add(market);
    this.publish();
  }

  /** Once a frame: what has changed and is looked at. */
  publish(): void {
    if (this.dirty.size === 0) return;
    const next = new Map<string, CandlesView>();
    for (const [key, { market, interval }] of this.followed) {
      const known = this.dirty.has(market) ? undefined : this.views.get(key);
      next.set(key, known ?? this.book(market).view(interval));
    }
    this.dirty.clear();
    this.views = next;
    this.show(next);
  }

  stop(): void {
    clearInterval(this.timer);
    globalThis.removeEventListener('pagehide', this.save);
    this.saveAll();
  }

  private book(market: Address): CandleBook {
    const known = this.books.get(market);
    if (known) return known;
    const book = CandleBook.restore(this.storage.getItem(this.name(market)));
    this.books.set(market, book);
    return book;
  }

  private touched(market: Address): void {
    this.dirty.add(market);
    this.unsaved.add(market);
  }

  private name(market: Address): string {
    return `ringfence:candles:${this.cluster}:${market}`;
  }

  private saveAll(): void {
    for (const market of this.unsaved) this.storage.setItem(this.name(market), this.book(market).serialise());
    this.unsaved.clear();
  }
}
