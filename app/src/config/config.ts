import type { Cluster, ClusterName } from './cluster';

export interface Config {
  clusters: Cluster[];
  defaultCluster: ClusterName;
}

const NAMES: readonly ClusterName[] = ['mainnet', 'devnet', 'localnet'];

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

export const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);

function readUrl(value: unknown, where: string, protocols: readonly string[]): string {
  if (typeof value !== 'string') throw new Error(`${where} must be a URL in a string`);
  let url: URL;
  try {
    url = new URL(value);
  } catch {
    throw new Error(`${where} is not a URL: "${value}"`);
  }
  if (!protocols.includes(url.protocol)) throw new Error(`${where} must begin with ${protocols.join(' or ')}`);
  if (url.username || url.password) throw new Error(`${where} must not contain a user name or a password`);
  const secure = url.protocol === 'https:' || url.protocol === 'wss:';
  if (!secure && !isLoopback(url.hostname)) throw new Error(`${where} must be encrypted, as it is not on this machine`);
  return value;
}

function readCluster(value: unknown, place: number): Cluster {
  const where = `clusters[${place}]`;
  if (!isRecord(value)) throw new Error(`${where} must be an object`);
  const name = NAMES.find((candidate) => candidate === value.name);
  if (!name) throw new Error(`${where}.name must be one of ${NAMES.join(', ')}`);
  if (value.label !== undefined && typeof value.label !== 'string') throw new Error(`${where}.label must be a string`);
  if (value.faucetUrl !== undefined && name !== 'localnet') throw new Error(`${where}.faucetUrl is for localnet only`);
  const cluster: Cluster = {
    name,
    label: value.label ?? name,
    rpcUrl: readUrl(value.rpcUrl, `${where}.rpcUrl`, ['http:', 'https:']),
    wsUrl: readUrl(value.wsUrl, `${where}.wsUrl`, ['ws:', 'wss:']),
    real: name === 'mainnet',
  };
  if (value.faucetUrl !== undefined) {
    cluster.faucetUrl = readUrl(value.faucetUrl, `${where}.faucetUrl`, ['http:', 'https:']);
  }
  return cluster;
}

/** Checks what `config.json` says; errors name the field. */
export function readConfig(value: unknown): Config {
  if (!isRecord(value)) throw new Error('config.json must hold an object');
  if (!Array.isArray(value.clusters) || value.clusters.length === 0) {
    throw new Error('clusters must be a list of at least one');
  }
  const clusters = value.clusters.map(readCluster);
  if (new Set(clusters.map(({ name }) => name)).size !== clusters.length) {
    throw new Error('clusters must have different names');
  }
  const chosen = clusters.find(({ name }) => name === value.defaultCluster);
  if (!chosen) throw new Error('defaultCluster must be the name of one of the clusters');
  return { clusters, defaultCluster: chosen.name };
}

/** From the page's own origin, beside index.html. */
export async function fetchConfig(signal: AbortSignal): Promise<Config> {
  const response = await fetch('./config.json', { signal, cache: 'no-cache' });
  if (!response.ok) throw new Error(`config.json cannot be read (status ${response.status})`);
  return readConfig(await response.json());
}
