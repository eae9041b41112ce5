import { fetchConfig } from '../config/config';
import { createViewStore, type Engine } from './store';

const nothing = { refusals: [], checking: false };

export async function startEngine(signal: AbortSignal): Promise<Engine> {
  const config = await fetchConfig(signal);
  const cluster = config.clusters.find(({ name }) => name === config.defaultCluster) ?? config.clusters[0]!;
  return {
    store: createViewStore(cluster, config.clusters),
    selectCluster: () => undefined,
    connectWallet: () => Promise.resolve(),
    disconnectWallet: () => undefined,
    airdrop: () => Promise.resolve(),
    submit: () => Promise.reject(new Error('not connected')),
    previewNow: () => nothing,
    simulate: () => Promise.resolve(nothing),
    demand: () => () => undefined,
    requestNotifications: () => Promise.resolve(),
  };
}
