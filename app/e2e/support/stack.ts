import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { servePage } from '../../server/page.mjs';
import { freePorts, pageConfig, post, startKeeper, startLocalnet, type Manifest } from '../../server/stack.mjs';
import { Proxy } from './proxy';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
const dist = join(root, 'app/dist');
export const binaries = process.env['RINGFENCE_BINARIES'] ?? join(root, 'target/release');

export type MarketName = 'SOL-PERP' | 'BTC-PERP' | 'ETH-PERP';

/** Localnet, keeper and page; RPC and websocket reach the page through relays that can be shut. */
export interface Stack {
  /** Where the page is. */
  url: string;
  folder: string;
  manifest: Manifest;
  /** Origins that the page may ask. */
  origins: ReadonlySet<string>;
  faucet: Faucet;
  /** The ways to the node. */
  rpc: Proxy;
  websocket: Proxy;
  stop(): Promise<void>;
}

export class Faucet {
  constructor(readonly url: string) {}

  airdrop(owner: string, amount: string): Promise<unknown> {
    return post(`${this.url}/airdrop`, { owner, amount });
  }

  /** Sets an index price, and holds it there. */
  price(market: MarketName, price: string, confidence?: string): Promise<unknown> {
    return post(`${this.url}/price`, { market, price, ...(confidence && { confidence }) });
  }

  /** Stops publishing; what is there is `age` seconds old at once. */
  halt(market: MarketName, age: number): Promise<unknown> {
    return post(`${this.url}/halt`, { market, age });
  }
}

/** Where the prices of a localnet start, and tests that move them put them back. */
const FIRST_PRICES = { 'SOL-PERP': '150', 'BTC-PERP': '60000', 'ETH-PERP': '3000' } as const;

export async function resetPrices(stack: Stack): Promise<void> {
  for (const [market, price] of Object.entries(FIRST_PRICES)) {
    await stack.faucet.price(market as MarketName, price);
  }
}

const portOf = (url: string) => Number(new URL(url).port);

export async function startStack(name: string, localnetArgs: readonly string[]): Promise<Stack> {
  const folder = join(root, 'target/ci/e2e', name);
  mkdirSync(folder, { recursive: true });
  const [rpcPort = 0, wsPort = 0, faucetPort = 0, keeperPort = 0] = await freePorts(4);
  const program = ['--program', join(root, 'target/deploy/ringfence.so')];
  const args = [...program, '--still', ...localnetArgs];
  const localnet = await startLocalnet({ binaries, folder, rpcPort, wsPort, faucetPort, args });
  const { manifest } = localnet;
  // Of two shards, the first has SOL and ETH: positions in BTC are left for the page to liquidate.
  const keeper = await startKeeper({ binaries, folder, manifest, port: keeperPort, args: ['--shard', '0/2'] });

  const [rpc, websocket] = [new Proxy(portOf(manifest.rpc_url)), new Proxy(portOf(manifest.ws_url))];
  await Promise.all([rpc.open(), websocket.open()]);
  const urls = {
    rpcUrl: `http://127.0.0.1:${rpc.port}`,
    wsUrl: `ws://127.0.0.1:${websocket.port}`,
    faucetUrl: manifest.faucet_url,
  };
  const page = await servePage({ dist, config: pageConfig(dist, urls), port: 0 });
  return {
    url: page.url,
    folder,
    manifest,
    origins: new Set([page.url, ...Object.values(urls)]),
    faucet: new Faucet(manifest.faucet_url),
    rpc,
    websocket,
    stop: async () => {
      await page.close();
      await Promise.all([rpc.shut(), websocket.shut()]);
      await keeper.stop();
      await localnet.stop();
    },
  };
}
