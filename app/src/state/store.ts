import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Cluster } from '../config/cluster';
import type { HistoryView } from '../history/entry';
import type { Intent, IntentPreview } from './intent';
import { loading, type Loadable } from './loadable';
import type {
  Activity,
  BalancesView,
  CandlesView,
  ConnectionView,
  DepositView,
  MarginCallsView,
  MarketView,
  OrderView,
  PositionView,
  WalletsView,
} from './views';

/** All that the page shows. A value is replaced only when it has changed, so selectors can compare by identity. */
export interface ViewState {
  cluster: Cluster;
  clusters: Cluster[];
  connection: ConnectionView;
  /** Chain time, unix seconds. */
  now: bigint;
  markets: Loadable<MarketView[]>;
  positions: Loadable<PositionView[]>;
  orders: Loadable<OrderView[]>;
  deposits: Loadable<DepositView[]>;
  liquidations: Loadable<PositionView[]>;
  balances: Loadable<BalancesView>;
  wallets: WalletsView;
  history: Loadable<HistoryView>;
  marginCalls: MarginCallsView;
  activity: Activity[];
  /** By `candleKey`. */
  candles: ReadonlyMap<string, CandlesView>;
}

export type ViewStore = StoreApi<ViewState>;

/** Things that cost requests, and are read only while somebody looks at them. */
export type Demand =
  { kind: 'liquidations' } | { kind: 'history' } | { kind: 'candles'; market: string; interval: number };

/** What the hooks stand on: the chain's engine, or fixed values for tests. */
export interface Engine {
  store: ViewStore;
  selectCluster(name: string): void;
  connectWallet(id: string): Promise<void>;
  disconnectWallet(): void;
  /** Absent off localnet, and without a wallet. */
  airdrop(): Promise<void>;
  submit(intent: Intent): Promise<{ signature: string }>;
  /** The client's arithmetic, at once. */
  previewNow(intent: Intent): IntentPreview;
  /** The program's own verdict, from a simulation. */
  simulate(intent: Intent, signal: AbortSignal): Promise<IntentPreview>;
  /** Keeps something up to date until the function that it returns is called. */
  demand(what: Demand): () => void;
  requestNotifications(): Promise<void>;
}

export const candleKey = (market: string, intervalSeconds: number) => `${market}:${intervalSeconds}`;

export function initialView(cluster: Cluster, clusters: Cluster[]): ViewState {
  return {
    cluster,
    clusters,
    connection: { status: 'connecting', slot: null },
    now: BigInt(Math.floor(Date.now() / 1000)),
    markets: loading,
    positions: loading,
    orders: loading,
    deposits: loading,
    liquidations: loading,
    balances: loading,
    wallets: { options: [] },
    history: loading,
    marginCalls: { positions: [], permission: 'default' },
    activity: [],
    candles: new Map(),
  };
}

export const createViewStore = (cluster: Cluster, clusters: Cluster[]): ViewStore =>
  createStore<ViewState>(() => initialView(cluster, clusters));
