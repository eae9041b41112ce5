import type { Address } from '@solana/kit';
import type { Snapshot, Watch } from './account';
import type { AccountCache } from './accountCache';
import { Backoff } from './backoff';
import type { Reader } from './reader';
import { RpcSocket, type OpenSocket } from './socket';
import { sameWatch, subscriptionsOf, watchedOf, type Watched } from './watched';

export type Status = 'connecting' | 'live' | 'polling' | 'down';

export interface ConnectionEvents {
  /** A watch has new values; also once its first snapshot is there. */
  changed(watch: string, addresses: readonly Address[]): void;
  status(status: Status, message?: string): void;
  slot(slot: bigint): void;
}

export interface ConnectionOptions {
  wsUrl: string;
  reader: Reader;
  openSocket: OpenSocket;
  events: ConnectionEvents;
  random?: () => number;
}

/** While the socket lives, so that an update that was never sent is not missed for longer. */
const RESYNC_MS = 15_000;
const CLOCK_MS = 5_000;
const POLL_MS = 2_000;
/** A socket alone tells neither of closed accounts nor of the time: for so long it is enough. */
const BLIND_MS = 60_000;
/** Slots come every 0.4 s; a socket that is silent for so long is dead, whatever it says. */
const SILENCE_MS = 8_000;

/**
 * Keeps watches up to date: by subscription while the websocket lives, by polling while it does not. Each time that the
 * socket comes back everything is read once after the subscriptions stand, so that nothing between is missed.
 */
export class Connection {
  private readonly watched = new Map<string, Watched>();
  private readonly abort = new AbortController();
  private readonly httpBackoff: Backoff;
  private readonly socketBackoff: Backoff;
  private socket: RpcSocket | undefined;
  private socketOpen = false;
  /** Everything subscribed has been read at least once since. */
  private synced = false;
  /** The socket has had its chance, and is not there. */
  private socketFailed = false;
  private httpFailure: string | undefined;
  private httpWorked = false;
  private frozenSlots: boolean | undefined;
  private lastSlot = 0n;
  private lastStatus: string | undefined;
  private lastFullRead = 0;
  private httpTimer: ReturnType<typeof setTimeout> | undefined;
  private socketTimer: ReturnType<typeof setTimeout> | undefined;
  private silenceTimer: ReturnType<typeof setTimeout> | undefined;
  private started = false;
  private running: Promise<void> | undefined;
  private following: Promise<void> | undefined;

  constructor(private readonly options: ConnectionOptions) {
    const random = options.random ? { random: options.random } : {};
    this.httpBackoff = new Backoff({ firstMs: 1_000, maxMs: 15_000, ...random });
    this.socketBackoff = new Backoff({ firstMs: 500, maxMs: 30_000, ...random });
  }

  start(): void {
    this.started = true;
    this.report();
    this.openSocket();
    void this.read(true);
  }

  stop(): void {
    this.abort.abort();
    clearTimeout(this.httpTimer);
    clearTimeout(this.socketTimer);
    clearTimeout(this.silenceTimer);
    this.socket?.close();
    this.socket = undefined;
    this.watched.clear();
  }

  /** The network is said to be back: try at once. */
  wake(): void {
    if (this.abort.signal.aborted) return;
    this.httpBackoff.reset();
    this.retrySocket();
    void this.read(true);
  }

  /** Reads everything again, soon: after a transaction, of which a closed account tells nobody. */
  resync(): Promise<void> {
    return this.read(true);
  }

  cache(id: string): AccountCache | undefined {
    return this.watched.get(id)?.cache;
  }

  watch(watch: Watch): void {
    const known = this.watched.get(watch.id);
    if (known && sameWatch(known.watch, watch)) return;
    if (known) this.unwatch(watch.id);
    const watched = watchedOf(watch);
    this.watched.set(watch.id, watched);
    if (!this.started || this.abort.signal.aborted) return;
    if (this.socketOpen) this.subscribe(watched);
    // What is subscribed later is read once its subscription stands; this reading is for the user who waits.
    void this.read(true);
  }

  unwatch(id: string): void {
    const watched = this.watched.get(id);
    if (!watched) return;
    for (const end of watched.unsubscribe) end();
    this.watched.delete(id);
  }

  private openSocket(): void {
    if (this.abort.signal.aborted) return;
    let socket: RpcSocket | undefined;
    try {
      socket = new RpcSocket(this.options.wsUrl, this.options.openSocket, {
        open: () => this.socketOpened(),
        end: () => this.socketEnded(),
        message: () => this.heard(),
      });
    } catch {
      this.socketEnded();
      return;
    }
    this.socket = socket;
    this.heard();
  }

  private retrySocket(): void {
    this.socketBackoff.reset();
    if (this.socket) return;
    clearTimeout(this.socketTimer);
    this.openSocket();
  }

  private socketOpened(): void {
    this.socketOpen = true;
    this.heard();
    this.socket?.subscribe('slot', [], ({ slot }) => {
      if (slot !== undefined) this.sawSlot(BigInt(slot));
    });
    for (const watched of this.watched.values()) this.subscribe(watched);
    this.subscribed();
  }

  private socketEnded(): void {
    clearTimeout(this.silenceTimer);
    this.socket = undefined;
    this.socketOpen = false;
    this.synced = false;
    this.socketFailed = true;
    for (const watched of this.watched.values()) {
      watched.unsubscribe = [];
      watched.awaited = 0;
      // A test validator that was started anew counts its slots from the beginning.
      if (this.frozenSlots) watched.cache.forgetSlots();
    }
    if (this.frozenSlots) {
      this.frozenSlots = undefined;
      this.lastSlot = 0n;
    }
    if (this.abort.signal.aborted) return;
    this.report();
    clearTimeout(this.socketTimer);
    this.socketTimer = setTimeout(() => this.openSocket(), this.socketBackoff.next());
    void this.read(true);
  }

  private heard(): void {
    clearTimeout(this.silenceTimer);
    this.silenceTimer = setTimeout(() => this.socket?.close(), SILENCE_MS);
  }

  private sawSlot(slot: bigint): void {
    if (slot <= this.lastSlot) return;
    this.lastSlot = slot;
    this.options.events.slot(slot);
  }

  private subscribe(watched: Watched): void {
    const { socket } = this;
    if (!socket) return;
    for (const { kind, params, read } of subscriptionsOf(watched.watch)) {
      watched.awaited += 1;
      const end = socket.subscribe(
        kind,
        params,
        (notification) => {
          const found = read(notification);
          if (!found || !watched.cache.stream(found.address, found.account, this.slotOf(found.slot))) return;
          this.options.events.changed(watched.watch.id, [found.address]);
        },
        {
          ready: () => {
            watched.awaited -= 1;
            this.subscribed();
          },
          // A server that refuses one subscription is read by polling altogether: half a stream looks live and is not.
          refused: () => socket.close(),
        },
      );
      watched.unsubscribe.push(end);
    }
  }

  private subscribed(): void {
    if (this.socketOpen && [...this.watched.values()].every(({ awaited }) => awaited === 0)) void this.read(true);
  }

  /** A node that freezes the slots of a subscription is believed in the order of arrival. */
  private slotOf(claimed: bigint): bigint {
    return this.frozenSlots && this.lastSlot > claimed ? this.lastSlot : claimed;
  }

  /** One reading at a time. One that is asked for meanwhile follows, and is what the caller waits for. */
  private read(full: boolean): Promise<void> {
    const { running } = this;
    if (running) {
      if (!full) return running;
      this.following ??= running.then(() => {
        this.following = undefined;
        return this.abort.signal.aborted ? undefined : this.read(true);
      });
      return this.following;
    }
    const reading = this.readOnce(full).finally(() => {
      this.running = undefined;
    });
    this.running = reading;
    return reading;
  }

  private async readOnce(full: boolean): Promise<void> {
    clearTimeout(this.httpTimer);
    const ready = this.socketOpen && [...this.watched.values()].every(({ awaited }) => awaited === 0);
    const { socket } = this;
    try {
      this.frozenSlots ??= await this.options.reader.freezesSlots(this.abort.signal);
      await this.snapshots(full);
      this.httpBackoff.reset();
      // The RPC is back: the socket may well be too.
      if (this.httpFailure !== undefined) this.retrySocket();
      this.httpFailure = undefined;
      this.httpWorked = true;
      if (full) this.lastFullRead = Date.now();
      if (full && ready && socket === this.socket) {
        this.synced = true;
        this.socketFailed = false;
        this.socketBackoff.reset();
      }
    } catch (reason) {
      if (!this.abort.signal.aborted) {
        this.httpFailure = reason instanceof Error ? reason.message : String(reason);
      }
    }
    if (this.abort.signal.aborted) return;
    this.report();
    const wait = this.httpFailure ? this.httpBackoff.next() : this.synced ? CLOCK_MS : POLL_MS;
    this.httpTimer = setTimeout(() => {
      void this.read(!this.synced || this.httpFailure !== undefined || Date.now() - this.lastFullRead >= RESYNC_MS);
    }, wait);
  }

  private async snapshots(full: boolean): Promise<void> {
    const due = [...this.watched.values()].filter(
      ({ watch, cache }) => full || !cache.complete || (watch.kind === 'accounts' && watch.pollOnly),
    );
    const single = due.filter(({ watch }) => watch.kind === 'accounts');
    const addresses = [...new Set(single.flatMap(({ watch }) => (watch.kind === 'accounts' ? watch.addresses : [])))];
    const jobs: Promise<void>[] = [];
    if (single.length > 0) {
      jobs.push(
        this.options.reader.accounts(addresses, this.abort.signal).then(({ slot, accounts }) => {
          for (const { watch } of single) {
            if (watch.kind !== 'accounts') continue;
            const own = new Map(watch.addresses.map((address) => [address, accounts.get(address) ?? null]));
            this.arrived(watch, { slot, accounts: own }, true);
          }
        }),
      );
    }
    for (const watched of due) {
      const { watch } = watched;
      if (watch.kind !== 'program') continue;
      jobs.push(
        this.options.reader.program(watch.program, watch.filters, this.abort.signal).then(
          (snapshot) => {
            watched.failure = undefined;
            this.arrived(watch, snapshot, true);
          },
          (reason: unknown) => {
            watched.failure = reason instanceof Error ? reason.message : String(reason);
            throw reason;
          },
        ),
      );
    }
    // One that a node refuses, as public ones do with large lists, must not stop the others.
    const outcomes = await Promise.allSettled(jobs);
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    if (refused[0] && refused.length === jobs.length) throw refused[0].reason;
    for (const { watch, failure } of due) if (failure !== undefined) this.options.events.changed(watch.id, []);
  }

  /** Why a watch cannot be read, though others can. */
  failure(id: string): string | undefined {
    return this.watched.get(id)?.failure;
  }

  private arrived(watch: Watch, snapshot: Snapshot, whole: boolean): void {
    const watched = this.watched.get(watch.id);
    if (this.abort.signal.aborted || !watched || watched.watch !== watch) return;
    this.sawSlot(snapshot.slot);
    const first = !watched.cache.complete;
    const changed = watched.cache.snapshot(snapshot, whole);
    if (first || changed.length > 0) this.options.events.changed(watch.id, changed);
  }

  private report(): void {
    const [status, message] = this.judge();
    const key = `${status} ${message ?? ''}`;
    if (key === this.lastStatus) return;
    this.lastStatus = key;
    this.options.events.status(status, message);
  }

  private judge(): [Status, string?] {
    if (this.httpFailure !== undefined && !this.synced) return ['down', `The RPC does not answer: ${this.httpFailure}`];
    const blind = this.httpFailure !== undefined && Date.now() - this.lastFullRead > BLIND_MS;
    if (blind) return ['down', `The RPC does not answer: ${this.httpFailure}`];
    if (this.synced) return ['live'];
    if (!this.httpWorked || !this.socketFailed) return ['connecting'];
    return ['polling', 'The websocket is not available: values are read every two seconds.'];
  }
}
