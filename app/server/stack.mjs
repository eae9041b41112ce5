// Localnet and keeper as child processes, for ./devnet-in-a-box and for the end-to-end tests.

import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

const READY_WITHIN_MS = 30_000;
const STOPPED_WITHIN_MS = 5_000;

/**
 * @typedef {{ name: string, index: number, market: string, oracle: string, size_decimals: number }} ManifestMarket
 * @typedef {{ rpc_url: string, ws_url: string, faucet_url: string, program: string, mint: string,
 *   mint_decimals: number, markets: ManifestMarket[] }} Manifest
 * @typedef {{ name: string, pid: number, log: string, stop: () => Promise<void>, exited: Promise<string> }} Running
 */

/** Ports of loopback that nobody has at this moment. @param {number} count @returns {Promise<number[]>} */
export async function freePorts(count) {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
      return server;
    }),
  );
  return servers.map((server) => {
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    server.close();
    return port;
  });
}

/**
 * Whether a port of loopback is free.
 *
 * @param {number} port
 * @returns {Promise<boolean>}
 */
export function portIsFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/**
 * Starts a program with its output in a file.
 *
 * @param {string} name
 * @param {string} program
 * @param {string[]} args
 * @param {string} log
 * @returns {Running}
 */
function start(name, program, args, log) {
  const file = openSync(log, 'w');
  const child = spawn(program, args, { stdio: ['ignore', file, file] });
  closeSync(file);
  const exited = new Promise((resolve) => {
    child.once('error', (error) => resolve(`${name} cannot be started: ${error.message}`));
    child.once('exit', (code, signal) => resolve(`${name} ended by itself (${signal ?? `code ${code}`})`));
  });
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOPPED_WITHIN_MS);
    await exited;
    clearTimeout(timer);
  };
  return { name, pid: child.pid ?? 0, log, stop, exited };
}

/**
 * Asks every 50 ms until the answer is not undefined; fails where the process ends first, with what it said.
 *
 * @template T
 * @param {Running} running
 * @param {() => Promise<T | undefined> | T | undefined} ask
 * @returns {Promise<T>}
 */
async function until(running, ask) {
  let ended = '';
  void running.exited.then((reason) => (ended = reason));
  const deadline = Date.now() + READY_WITHIN_MS;
  for (;;) {
    const answer = await Promise.resolve()
      .then(ask)
      .catch(() => undefined);
    if (answer !== undefined) return answer;
    if (!ended && Date.now() > deadline) ended = `${running.name} was not ready within ${READY_WITHIN_MS / 1000} s`;
    if (ended) throw new Error(`${ended}:\n${readFileSync(running.log, 'utf8').trim()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/**
 * A localnet, once it is ready. A port of 0 is any free one.
 *
 * @param {{ binaries: string, folder: string, rpcPort: number, wsPort: number, faucetPort: number, args?: string[] }} options
 * @returns {Promise<Running & { manifest: Manifest }>}
 */
export async function startLocalnet({ binaries, folder, rpcPort, wsPort, faucetPort, args = [] }) {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'localnet.json');
  // What a run that was killed has left would be taken for this one's.
  rmSync(file, { force: true });
  const ports = ['--rpc-port', `${rpcPort}`, '--ws-port', `${wsPort}`, '--faucet-port', `${faucetPort}`];
  const program = join(binaries, 'ringfence-localnet');
  const running = start('localnet', program, ['--write', file, ...ports, ...args], join(folder, 'localnet.log'));
  const manifest = await until(running, () => JSON.parse(readFileSync(file, 'utf8')));
  return { ...running, manifest };
}

/**
 * A keeper on a localnet, its key new and paid for by the faucet, once it is healthy.
 *
 * @param {{ binaries: string, folder: string, manifest: Manifest, port: number, accrueEverySeconds?: number, args?: string[] }} options
 * @returns {Promise<Running & { url: string }>}
 */
export async function startKeeper({ binaries, folder, manifest, port, accrueEverySeconds = 60, args = [] }) {
  const { address, file: key } = newKey(folder);
  await post(`${manifest.faucet_url}/airdrop`, { owner: address, amount: '1' });
  const config = join(folder, 'keeper.toml');
  writeFileSync(
    config,
    `# Written for the localnet at ${manifest.rpc_url}; every key is explained in
# crates/ringfence-keeper/keeper.example.toml.
keypair = ${JSON.stringify(key)}

[rpc]
url = "${manifest.rpc_url}"
websocket_url = "${manifest.ws_url}"

[work]
accrue_every_seconds = ${accrueEverySeconds}

[profit]
native_market = 0

[http]
listen = "127.0.0.1:${port}"
`,
  );
  const program = join(binaries, 'ringfence-keeper');
  const running = start('keeper', program, ['--config', config, ...args], join(folder, 'keeper.log'));
  const url = `http://127.0.0.1:${port}`;
  await until(running, async () => ((await fetch(`${url}/healthz`)).ok ? true : undefined));
  return { ...running, url };
}

/** A new key in a file as Solana's tools write it. @param {string} folder */
function newKey(folder) {
  const { privateKey } = generateKeyPairSync('ed25519');
  const { d, x } = privateKey.export({ format: 'jwk' });
  const [seed, point] = [d, x].map((part) => Buffer.from(part ?? '', 'base64url'));
  const file = join(folder, 'keeper.json');
  writeFileSync(file, JSON.stringify([...seed, ...point]), { mode: 0o600 });
  return { address: base58(point), file };
}

/** @param {Uint8Array} bytes */
function base58(bytes) {
  const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
  let number = BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  let text = '';
  for (; number > 0n; number /= 58n) text = alphabet[Number(number % 58n)] + text;
  const zeros = bytes.findIndex((byte) => byte !== 0);
  return '1'.repeat(zeros) + text;
}

/**
 * Posts JSON to the faucet; what is wrong comes as an error with its words.
 *
 * @param {string} url
 * @param {object} body
 * @returns {Promise<any>}
 */
export async function post(url, body) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${url}: ${answer.error ?? response.status}`);
  return answer;
}

/**
 * The page's configuration with its localnet at these URLs, and its other clusters as they are.
 *
 * @param {string} dist
 * @param {{ rpcUrl: string, wsUrl: string, faucetUrl: string }} urls
 */
export function pageConfig(dist, urls) {
  const config = JSON.parse(readFileSync(join(dist, 'config.json'), 'utf8'));
  const localnet = config.clusters.find((/** @type {{ name: string }} */ cluster) => cluster.name === 'localnet');
  Object.assign(localnet, urls);
  return { ...config, defaultCluster: 'localnet' };
}
