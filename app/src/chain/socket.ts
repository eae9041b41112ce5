/** The part of a browser's WebSocket that is used here; tests bring their own. */
export interface SocketLike {
  send(text: string): void;
  close(): void;
  onopen: (() => void) | null;
  onclose: (() => void) | null;
  onerror: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
}

export type OpenSocket = (url: string) => SocketLike;

export interface Notification {
  context?: { slot: number };
  value?: unknown;
  slot?: number;
}

interface Subscription {
  method: string;
  unsubscribeMethod: string;
  params: unknown[];
  onNotification: (result: Notification) => void;
  onReady?: () => void;
  onRefused?: (message: string) => void;
  serverId?: number;
  ended: boolean;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/**
 * One websocket of a Solana RPC. It lives once: after `onEnd` a new one must be made. Requests that are answered after
 * their subscription ended are unsubscribed at once, so that nothing leaks on the server.
 */
export class RpcSocket {
  private readonly socket: SocketLike;
  private readonly pending = new Map<number, Subscription>();
  private readonly active = new Map<number, Subscription>();
  private nextId = 1;
  private isOpen = false;
  private ended = false;

  constructor(
    url: string,
    open: OpenSocket,
    private readonly on: { open(): void; end(): void; message?(): void },
  ) {
    this.socket = open(url);
    this.socket.onopen = () => {
      this.isOpen = true;
      this.on.open();
    };
    this.socket.onclose = () => this.end();
    this.socket.onerror = () => this.end();
    this.socket.onmessage = ({ data }) => this.receive(data);
  }

  /** Only after `open`. Returns what ends the subscription. */
  subscribe(
    kind: 'account' | 'program' | 'slot' | 'signature',
    params: unknown[],
    onNotification: (result: Notification) => void,
    settled: { ready?: () => void; refused?: (message: string) => void } = {},
  ): () => void {
    const subscription: Subscription = {
      method: `${kind}Subscribe`,
      unsubscribeMethod: `${kind}Unsubscribe`,
      params,
      onNotification,
      ...(settled.ready && { onReady: settled.ready }),
      ...(settled.refused && { onRefused: settled.refused }),
      ended: false,
    };
    const id = this.call(subscription.method, params);
    if (id === undefined) return () => undefined;
    this.pending.set(id, subscription);
    return () => {
      if (subscription.ended) return;
      subscription.ended = true;
      if (subscription.serverId !== undefined) this.unsubscribe(subscription);
    };
  }

  close(): void {
    this.end();
  }

  private call(method: string, params: unknown[]): number | undefined {
    if (!this.isOpen || this.ended) return undefined;
    const id = this.nextId;
    this.nextId += 1;
    try {
      this.socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    } catch {
      this.end();
      return undefined;
    }
    return id;
  }

  private unsubscribe(subscription: Subscription): void {
    const { serverId } = subscription;
    if (serverId === undefined) return;
    this.active.delete(serverId);
    this.call(subscription.unsubscribeMethod, [serverId]);
  }

  private receive(data: unknown): void {
    if (this.ended || typeof data !== 'string') return;
    let message: unknown;
    try {
      message = JSON.parse(data);
    } catch {
      return;
    }
    if (!isRecord(message)) return;
    this.on.message?.();
    if (typeof message.id === 'number') this.answered(message.id, message);
    else if (isRecord(message.params) && typeof message.params.subscription === 'number') {
      const subscription = this.active.get(message.params.subscription);
      if (subscription && isRecord(message.params.result)) subscription.onNotification(message.params.result);
    }
  }

  private answered(id: number, message: Record<string, unknown>): void {
    const subscription = this.pending.get(id);
    if (!subscription) return;
    this.pending.delete(id);
    if (typeof message.result !== 'number') {
      const reason = isRecord(message.error) ? String(message.error.message) : 'not understood';
      if (!subscription.ended) subscription.onRefused?.(reason);
      return;
    }
    subscription.serverId = message.result;
    if (subscription.ended) {
      this.unsubscribe(subscription);
      return;
    }
    this.active.set(message.result, subscription);
    subscription.onReady?.();
  }

  private end(): void {
    if (this.ended) return;
    this.ended = true;
    this.socket.onopen = this.socket.onclose = this.socket.onerror = this.socket.onmessage = null;
    this.pending.clear();
    this.active.clear();
    try {
      this.socket.close();
    } catch {
      // A socket that never opened may refuse to close; it is gone all the same.
    }
    this.on.end();
  }
}
