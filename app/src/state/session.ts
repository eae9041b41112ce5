import { createSolanaRpc, type Address } from '@solana/kit';
import {
  depositFilters,
  marketFilters,
  orderFilters,
  positionFilters,
  RINGFENCE_PROGRAM_ADDRESS,
  type AccountFilter,
} from '@ringfence/client';
import { ChainClock, CLOCK_SYSVAR, LAST_RESTART_SYSVAR, readClock, readLastRestart } from '../chain/clock';
import { Connection, type Status } from '../chain/connection';
import { framed } from '../chain/frames';
import { chainGuard } from '../chain/identity';
import type { Existence } from '../chain/plan';
import { createReader, type SolanaRpc } from '../chain/reader';
import type { SocketLike } from '../chain/socket';
import type { Cluster } from '../config/cluster';
import { oracleAddress, tokenAccounts, type TokenAccounts } from './addresses';
import { ChainState, type ChainViews, type Sources } from './chainState';

export interface SessionEvents {
  /** At most once a frame. */
  views(views: ChainViews, now: bigint): void;
  connection(status: Status, message: string | undefined): void;
  slot(slot: bigint): void;
  /** A price as it arrives: these are not batched, so that no extreme is lost. */
  price(market: Address, unixSeconds: bigint, price: bigint): void;
  /** Positions of the owner were written or are gone. */
  ownChanged(): void;
}

const program = (id: string, filters: AccountFilter[]) => ({
  id,
  kind: 'program' as const,
  program: RINGFENCE_PROGRAM_ADDRESS,
  filters,
});

/** One cluster, followed for one wallet, until it is stopped. */
export class Session {
  readonly rpc: SolanaRpc;
  readonly connection: Connection;
  readonly exist: Existence;
  /** Throws where the chain is not what the page calls it. */
  readonly checkChain: () => Promise<void>;
  private readonly clock = new ChainClock();
  private readonly state = new ChainState();
  private readonly flush: ReturnType<typeof framed>;
  private readonly ticker: ReturnType<typeof setInterval>;
  private readonly wake = () => this.connection.wake();
  private owner: Address | undefined;
  private oracles: ReadonlyMap<Address, Address> = new Map();
  private tokens: ReadonlyMap<Address, TokenAccounts> = new Map();
  private problem: string | undefined;
  private lastPrices = new Map<Address, unknown>();
  private stopped = false;

  constructor(
    cluster: Cluster,
    private readonly events: SessionEvents,
  ) {
    this.rpc = createSolanaRpc(cluster.rpcUrl);
    const reader = createReader(this.rpc);
    this.exist = async (addresses) => {
      const { accounts } = await reader.accounts(addresses, AbortSignal.timeout(8_000));
      return addresses.map((one) => Boolean(accounts.get(one)));
    };
    this.checkChain = chainGuard(this.rpc, cluster);
    this.flush = framed(() => this.publish());
    this.connection = new Connection({
      wsUrl: cluster.wsUrl,
      reader,
      openSocket: (url) => new WebSocket(url) as unknown as SocketLike,
      events: {
        changed: (watch) => this.changed(watch),
        status: (status, message) => {
          this.problem = status === 'down' ? message : undefined;
          this.events.connection(status, message);
          this.flush.ask();
        },
        slot: (slot) => this.events.slot(slot),
      },
    });
    this.connection.watch(program('markets', marketFilters()));
    this.connection.watch({
      id: 'clock',
      kind: 'accounts',
      addresses: [CLOCK_SYSVAR, LAST_RESTART_SYSVAR],
      pollOnly: true,
    });
    this.connection.start();
    this.ticker = setInterval(() => this.flush.ask(), 1_000);
    globalThis.addEventListener('online', this.wake);
  }

  stop(): void {
    this.stopped = true;
    clearInterval(this.ticker);
    globalThis.removeEventListener('online', this.wake);
    this.flush.cancel();
    this.connection.stop();
  }

  setOwner(owner: Address | undefined): void {
    if (owner === this.owner) return;
    this.owner = owner;
    for (const id of ['positions', 'orders', 'deposits', 'wallet', 'orderPositions']) this.connection.unwatch(id);
    this.tokens = new Map();
    if (owner) {
      this.connection.watch(program('positions', positionFilters({ owner })));
      this.connection.watch(program('orders', orderFilters({ trader: owner })));
      this.connection.watch(program('deposits', depositFilters({ provider: owner })));
    }
    void this.rewire();
    this.flush.ask();
  }

  /** Everybody's positions, for as long as somebody looks at them. */
  followAll(wanted: boolean): void {
    if (wanted) this.connection.watch(program('all', positionFilters()));
    else this.connection.unwatch('all');
    this.flush.ask();
  }

  /** Views of this very moment, not of the last frame. */
  publish(): void {
    if (this.stopped) return;
    const sources = this.sources();
    this.events.views(this.state.derive(sources), sources.now);
  }

  divisors(): Map<Address, bigint> {
    return new Map(
      this.state.rawMarkets(this.connection).map(([address, market]) => [address, market.notionalDivisor]),
    );
  }

  private sources(): Sources {
    return {
      cache: (id) => this.connection.cache(id),
      owner: this.owner,
      oracles: this.oracles,
      tokens: this.tokens,
      now: this.clock.now(),
      restartSlot: readLastRestart(this.connection.cache('clock')?.get(LAST_RESTART_SYSVAR)?.data),
      problem: this.problem,
      failure: (id) => this.connection.failure(id),
      retry: this.wake,
    };
  }

  private changed(watch: string): void {
    if (watch === 'clock') {
      const account = this.connection.cache('clock')?.get(CLOCK_SYSVAR);
      const time = account ? readClock(account.data) : undefined;
      if (time !== undefined) this.clock.set(time);
    }
    if (watch === 'markets') void this.rewire();
    if (watch === 'oracles') this.tellPrices();
    if (watch === 'positions') this.events.ownChanged();
    if (watch === 'positions' || watch === 'orders') this.watchOrderPositions();
    this.flush.ask();
  }

  /** Watches what follows from the markets: their oracles, and the wallet's token accounts. */
  private async rewire(): Promise<void> {
    const { owner } = this;
    const markets = this.state.rawMarkets(this.connection);
    const oracles = await Promise.all(
      markets.map(async ([address, market]) => [address, await oracleAddress(market)] as const),
    );
    const tokens = owner
      ? await Promise.all(
          markets.map(async ([address, market]) => [address, await tokenAccounts(owner, market)] as const),
        )
      : [];
    // Another wallet, or the end, may have come meanwhile.
    if (this.stopped || owner !== this.owner) return;
    this.oracles = new Map(oracles);
    this.tokens = new Map(tokens);
    if (oracles.length > 0) {
      this.connection.watch({
        id: 'oracles',
        kind: 'accounts',
        addresses: unique(oracles.map(([, oracle]) => oracle)),
      });
    }
    if (owner) {
      const accounts = tokens.flatMap(([, { collateral, shares }]) => [collateral, shares]);
      this.connection.watch({ id: 'wallet', kind: 'accounts', addresses: unique([owner, ...accounts]) });
    }
    this.flush.ask();
  }

  private watchOrderPositions(): void {
    const addresses = this.state.foreignPositions(this.connection);
    if (addresses.length > 0) this.connection.watch({ id: 'orderPositions', kind: 'accounts', addresses });
    else this.connection.unwatch('orderPositions');
  }

  private tellPrices(): void {
    const sources = this.sources();
    for (const [address, market] of this.state.rawMarkets(this.connection)) {
      const oracle = this.oracles.get(address);
      const reading = oracle && this.state.reading(sources, market, oracle);
      if (!reading || this.lastPrices.get(address) === reading) continue;
      this.lastPrices.set(address, reading);
      this.events.price(address, reading.publishTime, reading.price);
    }
  }
}

const unique = (addresses: readonly Address[]): Address[] => [...new Set(addresses)];
