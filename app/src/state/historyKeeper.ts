import type { Address } from '@solana/kit';
import type { SolanaRpc } from '../chain/reader';
import type { HistoryView } from '../history/entry';
import { HistoryReader } from '../history/reader';
import { statisticsOf } from '../history/statistics';
import { failed, loading, ready, type Loadable } from './loadable';
import type { PositionView } from './views';

const REFRESH_MS = 15_000;
const SETTLE_MS = 700;

export interface HistoryHost {
  view(view: Loadable<HistoryView>): void;
  /** The wallet's positions, as they are now. */
  positions(): readonly PositionView[];
  divisors(): ReadonlyMap<Address, bigint>;
  prices(points: ReturnType<HistoryReader['prices']>): void;
}

/** Reads the wallet's history while somebody looks at it, and again when something has happened. */
export class HistoryKeeper {
  private reader: HistoryReader | undefined;
  private abort = new AbortController();
  private wanted = false;
  private busy = false;
  private again = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly rpc: SolanaRpc,
    private readonly host: HistoryHost,
  ) {}

  setOwner(owner: Address | undefined): void {
    this.abort.abort();
    this.abort = new AbortController();
    clearTimeout(this.timer);
    this.busy = false;
    this.reader = owner && new HistoryReader(this.rpc, owner, this.abort.signal);
    this.host.view(loading);
    if (this.wanted) void this.read('newer');
  }

  follow(wanted: boolean): void {
    this.wanted = wanted;
    clearTimeout(this.timer);
    if (wanted) void this.read('newer');
  }

  /** Something has happened that has left events. */
  changed(): void {
    if (!this.wanted) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.read('newer'), SETTLE_MS);
  }

  stop(): void {
    this.wanted = false;
    this.abort.abort();
    clearTimeout(this.timer);
  }

  private async read(direction: 'newer' | 'older'): Promise<void> {
    const { reader } = this;
    if (!reader) return;
    if (this.busy) {
      this.again = true;
      return;
    }
    this.busy = true;
    const existing = new Map(this.host.positions().map(({ address, side }) => [address, side]));
    try {
      await (direction === 'newer' ? reader.refresh(existing) : reader.older());
      if (reader === this.reader) this.publish(reader);
    } catch (reason) {
      if (reader === this.reader && !this.abort.signal.aborted) {
        const message = reason instanceof Error ? reason.message : String(reason);
        this.host.view(failed(`The history cannot be read: ${message}`, () => void this.read('newer')));
      }
    }
    if (reader !== this.reader) return;
    this.busy = false;
    clearTimeout(this.timer);
    if (!this.wanted) return;
    const wait = this.again ? 0 : REFRESH_MS;
    this.again = false;
    this.timer = setTimeout(() => void this.read('newer'), wait);
  }

  private publish(reader: HistoryReader): void {
    const entries = reader.entries(this.host.divisors());
    this.host.prices(reader.prices());
    this.host.view(
      ready({
        entries,
        statistics: statisticsOf(entries, (position) => reader.readSince(position)),
        ...(reader.hasOlder && { more: () => void this.read('older') }),
      }),
    );
  }
}
