import { address } from '@solana/kit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RawAccount } from './account';
import { Connection, type Status } from './connection';
import type { Reader } from './reader';
import type { SocketLike } from './socket';

const OWNER = address('11111111111111111111111111111111');
const A = address('WhFrWgx5R4yif8XNPDToC1UGpQG3KJHhsFEKGnkoxXk');
const B = address('3aZmE58FKR63A3qNB2fWq92LKUbQx7rxLyUBb3HsjfcP');

const account = (byte: number): RawAccount => ({ data: Uint8Array.of(byte), owner: OWNER, lamports: 1n });
const encoded = (byte: number) => ({ data: [btoa(String.fromCharCode(byte)), 'base64'], owner: OWNER, lamports: 1 });

class FakeSocket implements SocketLike {
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onerror: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  closed = false;
  readonly sent: { id: number; method: string; params: unknown[] }[] = [];

  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.closed = true;
  }
  say(message: object) {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
  /** Opens, and answers every subscription with its request's number. */
  accept() {
    this.onopen?.();
    this.answer();
  }
  answer() {
    for (const { id } of this.sent) this.say({ id, result: id });
  }
  idOf(method: string) {
    return this.sent.find((request) => request.method === method)!.id;
  }
  notify(method: string, result: object) {
    this.say({ params: { subscription: this.idOf(method), result } });
  }
}

/** A chain whose one account can be changed, and whose RPC can be taken away. */
class World {
  readonly sockets: FakeSocket[] = [];
  readonly statuses: Status[] = [];
  readonly changes: string[] = [];
  up = true;
  slot = 100n;
  byte = 1;
  frozen = false;
  reads = 0;
  readonly connection: Connection;

  constructor() {
    const reader: Reader = {
      accounts: async (addresses) => {
        this.reads += 1;
        if (!this.up) throw new Error('fetch failed');
        return { slot: this.slot, accounts: new Map(addresses.map((key) => [key, account(this.byte)])) };
      },
      program: async () => ({ slot: this.slot, accounts: new Map() }),
      freezesSlots: async () => {
        if (!this.up) throw new Error('fetch failed');
        return this.frozen;
      },
    };
    this.connection = new Connection({
      wsUrl: 'ws://127.0.0.1:1',
      reader,
      openSocket: () => {
        const socket = new FakeSocket();
        this.sockets.push(socket);
        return socket;
      },
      events: {
        changed: (watch) => this.changes.push(watch),
        status: (status) => this.statuses.push(status),
        slot: () => undefined,
      },
      random: () => 0.5,
    });
    this.connection.watch({ id: 'a', kind: 'accounts', addresses: [A] });
  }

  get socket() {
    return this.sockets.at(-1)!;
  }
  get status() {
    return this.statuses.at(-1);
  }
  get value() {
    return this.connection.cache('a')?.get(A)?.data[0];
  }
}

const settle = () => vi.advanceTimersByTimeAsync(0);

describe('Connection', () => {
  let world: World;

  beforeEach(() => {
    vi.useFakeTimers();
    world = new World();
  });
  afterEach(() => {
    world.connection.stop();
    vi.useRealTimers();
  });

  const goLive = async () => {
    world.connection.start();
    await settle();
    world.socket.accept();
    await settle();
    expect(world.status).toBe('live');
  };

  it('is live only once everything subscribed has been read', async () => {
    world.connection.start();
    await settle();
    expect(world.status).toBe('connecting');
    world.socket.onopen?.();
    await settle();
    expect(world.status).toBe('connecting');
    world.byte = 2;
    world.slot = 101n;
    world.socket.answer();
    await settle();
    expect(world.status).toBe('live');
    expect(world.value).toBe(2);
  });

  it('applies notifications, and not those of an older slot', async () => {
    await goLive();
    world.socket.notify('accountSubscribe', { context: { slot: 102 }, value: encoded(9) });
    expect(world.value).toBe(9);
    world.socket.notify('accountSubscribe', { context: { slot: 99 }, value: encoded(3) });
    expect(world.value).toBe(9);
  });

  it('takes an account without lamports for closed', async () => {
    await goLive();
    world.socket.notify('accountSubscribe', { context: { slot: 102 }, value: { ...encoded(0), lamports: 0 } });
    expect(world.connection.cache('a')?.get(A)).toBeNull();
  });

  it('believes the order of arrival where the node freezes the slots of a subscription', async () => {
    world.frozen = true;
    await goLive();
    world.slot = 300n;
    await world.connection.resync();
    world.socket.notify('accountSubscribe', { context: { slot: 100 }, value: encoded(9) });
    expect(world.value).toBe(9);
  });

  it('follows a test validator that was started anew, at lower slots', async () => {
    world.frozen = true;
    await goLive();
    world.socket.onclose?.();
    world.slot = 3n;
    world.byte = 7;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(world.value).toBe(7);
  });

  it('polls when the socket closes, and misses nothing when it comes back', async () => {
    await goLive();
    const first = world.socket;
    first.onclose?.();
    await settle();
    expect(world.status).toBe('polling');

    world.byte = 5;
    world.slot = 110n;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(world.value).toBe(5);

    expect(world.sockets.length).toBeGreaterThan(1);
    world.byte = 6;
    world.slot = 120n;
    world.socket.accept();
    await settle();
    expect(world.status).toBe('live');
    expect(world.value).toBe(6);
  });

  it('takes a silent socket for dead', async () => {
    await goLive();
    const first = world.socket;
    await vi.advanceTimersByTimeAsync(8_100);
    expect(first.closed).toBe(true);
    expect(world.status).toBe('polling');
  });

  it('is kept alive by slots alone', async () => {
    await goLive();
    const first = world.socket;
    for (let slot = 101; slot < 130; slot += 1) {
      first.notify('slotSubscribe', { slot });
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(first.closed).toBe(false);
    expect(world.status).toBe('live');
  });

  it('is down when neither answers, waits longer each time, and recovers by itself', async () => {
    await goLive();
    world.up = false;
    world.socket.onclose?.();
    await settle();
    expect(world.status).toBe('down');

    const before = world.reads;
    await vi.advanceTimersByTimeAsync(60_000);
    // With 1, 2, 4, 8, 15 … seconds between them, and one for each socket that fails to open.
    expect(world.reads - before).toBeLessThan(25);

    world.up = true;
    world.byte = 8;
    world.slot = 400n;
    const sockets = world.sockets.length;
    while (world.sockets.length === sockets || world.socket.closed) await vi.advanceTimersByTimeAsync(500);
    world.socket.accept();
    await settle();
    expect(world.status).toBe('live');
    expect(world.value).toBe(8);
  });

  it('reads again from time to time while live, for updates that were never sent', async () => {
    await goLive();
    world.byte = 4;
    world.slot = 200n;
    for (let second = 0; second < 21; second += 1) {
      world.socket.notify('slotSubscribe', { slot: 101 + second });
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(world.value).toBe(4);
  });

  it('waits for a reading that began after it was asked for', async () => {
    await goLive();
    const [first] = [world.connection.resync()];
    world.byte = 9;
    world.slot = 300n;
    const reads = world.reads;
    await world.connection.resync();
    await first;
    expect(world.reads).toBe(reads + 1);
    expect(world.value).toBe(9);
  });

  it('unsubscribes what is no longer watched', async () => {
    await goLive();
    const id = world.socket.idOf('accountSubscribe');
    world.connection.unwatch('a');
    expect(world.socket.sent.at(-1)).toMatchObject({ method: 'accountUnsubscribe', params: [id] });
  });

  it('unsubscribes what was given up before the server had answered', async () => {
    world.connection.start();
    await settle();
    world.socket.accept();
    await settle();
    world.connection.watch({ id: 'b', kind: 'accounts', addresses: [B] });
    const { id } = world.socket.sent.at(-1)!;
    world.connection.unwatch('b');
    world.socket.say({ id, result: 77 });
    expect(world.socket.sent.at(-1)).toMatchObject({ method: 'accountUnsubscribe', params: [77] });
  });

  it('leaves neither timers nor a socket behind', async () => {
    await goLive();
    const { socket } = world;
    world.connection.stop();
    await settle();
    expect(socket.closed).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });
});
