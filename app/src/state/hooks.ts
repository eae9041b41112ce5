import { useCallback, useEffect, useMemo } from 'react';
import { useShallow } from 'zustand/react/shallow';
import type { Address } from '@solana/kit';
import type { Cluster } from '../config/cluster';
import type { HistoryView } from '../history/entry';
import { useEngine, useView } from './context';
import type { Intent } from './intent';
import type { Loadable } from './loadable';
import { candleKey } from './store';
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

export function useCluster(): { cluster: Cluster; clusters: Cluster[]; select(name: string): void } {
  const engine = useEngine();
  const cluster = useView((state) => state.cluster);
  const clusters = useView((state) => state.clusters);
  return useMemo(
    () => ({ cluster, clusters, select: (name: string) => engine.selectCluster(name) }),
    [engine, cluster, clusters],
  );
}

/** The slot changes twice a second: components that show the status alone should use `useConnectionStatus`. */
export const useConnection = (): ConnectionView => useView((state) => state.connection);

export const useConnectionStatus = (): Pick<ConnectionView, 'status' | 'message'> =>
  useView(useShallow(({ connection }) => ({ status: connection.status, message: connection.message })));

/** Chain time in unix seconds, ticking once a second. */
export const useNow = (): bigint => useView((state) => state.now);

export const useMarkets = (): Loadable<MarketView[]> => useView((state) => state.markets);

export function useMarket(index: number): Loadable<MarketView> {
  const status = useView((state) => (state.markets.state === 'ready' ? undefined : state.markets));
  const market = useView((state) =>
    state.markets.state === 'ready' ? state.markets.value.find((candidate) => candidate.index === index) : undefined,
  );
  return useMemo(() => {
    if (status) return status;
    if (market) return { state: 'ready', value: market };
    return { state: 'failed', message: 'There is no such market on this cluster.', retry: () => undefined };
  }, [status, market]);
}

const NO_CANDLES: CandlesView = { candles: [] };

/** From the updates seen since the page first saw this market; kept in this browser. */
export function useCandles(market: Address | undefined, intervalSeconds: number): CandlesView {
  const engine = useEngine();
  useEffect(
    () => (market ? engine.demand({ kind: 'candles', market, interval: intervalSeconds }) : undefined),
    [engine, market, intervalSeconds],
  );
  return useView((state) => (market && state.candles.get(candleKey(market, intervalSeconds))) || NO_CANDLES);
}

export function useWallets(): WalletsView & { connect(id: string): Promise<void>; disconnect(): void } {
  const engine = useEngine();
  const wallets = useView((state) => state.wallets);
  return useMemo(
    () => ({
      ...wallets,
      connect: (id: string) => engine.connectWallet(id),
      disconnect: () => engine.disconnectWallet(),
    }),
    [engine, wallets],
  );
}

export const useBalances = (): Loadable<BalancesView> => useView((state) => state.balances);

/** Collateral and SOL for the connected wallet; undefined where the cluster has no faucet, or no wallet is connected. */
export function useFaucet(): undefined | (() => Promise<void>) {
  const engine = useEngine();
  const offered = useView((state) => state.cluster.faucetUrl !== undefined && state.wallets.account !== undefined);
  return useMemo(() => (offered ? () => engine.airdrop() : undefined), [engine, offered]);
}

/** The wallet's own. */
export const usePositions = (): Loadable<PositionView[]> => useView((state) => state.positions);

export const useOrders = (): Loadable<OrderView[]> => useView((state) => state.orders);

export const useDeposits = (): Loadable<DepositView[]> => useView((state) => state.deposits);

/** Everybody's positions, closest to liquidation first. */
export function useLiquidations(marketIndex?: number): Loadable<PositionView[]> {
  const engine = useEngine();
  useEffect(() => engine.demand({ kind: 'liquidations' }), [engine]);
  const all = useView((state) => state.liquidations);
  return useMemo(() => {
    if (all.state !== 'ready' || marketIndex === undefined) return all;
    return { state: 'ready', value: all.value.filter(({ market }) => market.index === marketIndex) };
  }, [all, marketIndex]);
}

export function useHistory(): Loadable<HistoryView> {
  const engine = useEngine();
  useEffect(() => engine.demand({ kind: 'history' }), [engine]);
  return useView((state) => state.history);
}

/** Signs, sends and waits; throws a `UserFacingError`. */
export function useSubmit(): (intent: Intent) => Promise<{ signature: string }> {
  const engine = useEngine();
  return useCallback((intent: Intent) => engine.submit(intent), [engine]);
}

/** Oldest first. */
export const useActivity = (): Activity[] => useView((state) => state.activity);

export function useMarginCalls(): MarginCallsView & {
  /** Asks for permission: only ever call it from a click. */
  requestPermission(): Promise<void>;
} {
  const engine = useEngine();
  const calls = useView((state) => state.marginCalls);
  return useMemo(() => ({ ...calls, requestPermission: () => engine.requestNotifications() }), [engine, calls]);
}
