// The second half of ./devnet-in-a-box: starts localnet, keeper and page, says where they are, stops them all.

import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { servePage } from './page.mjs';
import { freePorts, pageConfig, portIsFree, post, startKeeper, startLocalnet } from './stack.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const dist = join(root, 'app/dist');

const PORTS = {
  port: { default: 4173, what: 'the page' },
  'rpc-port': { default: 8899, what: "the localnet's RPC" },
  'ws-port': { default: 8900, what: "the localnet's websocket" },
  'faucet-port': { default: 9900, what: 'the faucet' },
  'keeper-port': { default: 9184, what: "the keeper's metrics" },
};

/** @typedef {keyof typeof PORTS} Flag */

const bold = (/** @type {string} */ text) => (process.stdout.isTTY ? `\x1b[1m${text}\x1b[0m` : text);

/** Ours are taken out, the rest is for the localnet. */
function understand() {
  /** @type {import('node:util').ParseArgsConfig['options']} */
  const options = { check: { type: 'boolean' }, binaries: { type: 'string' } };
  for (const flag of Object.keys(PORTS)) options[flag] = { type: 'string' };
  const { values, tokens } = parseArgs({ options, strict: false, tokens: true });
  const rest = process.argv.slice(2);
  const ours = tokens.filter((token) => token.kind === 'option' && token.name in options);
  for (const token of ours.reverse()) {
    if (token.kind !== 'option') continue;
    rest.splice(token.index, token.value !== undefined && !token.inlineValue ? 2 : 1);
  }
  return { values, rest };
}

/** @param {Record<string, unknown>} values @returns {Promise<Record<Flag, number>>} */
async function choosePorts(values) {
  const flags = /** @type {Flag[]} */ (Object.keys(PORTS));
  const spare = values['check'] ? await freePorts(flags.length) : [];
  /** @type {Partial<Record<Flag, number>>} */
  const ports = {};
  const taken = [];
  for (const [number, flag] of flags.entries()) {
    const port = Number(values[flag] ?? spare[number] ?? PORTS[flag].default);
    if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error(`--${flag}: not a port`);
    ports[flag] = port;
    if (!(await portIsFree(port))) taken.push(`port ${port}, for ${PORTS[flag].what}, is in use: --${flag} PORT`);
  }
  if (taken.length) throw new Error(taken.join('\n'));
  return /** @type {Record<Flag, number>} */ (ports);
}

/** What --check asks of each part. @param {Started} started */
async function check({ page, localnet, keeper }) {
  const answers = {
    'the page': async () => (await (await fetch(page.url)).text()).includes('<div id="root">'),
    'its configuration': async () => (await (await fetch(`${page.url}/config.json`)).json()).clusters.length > 0,
    'the RPC': async () => {
      const body = { jsonrpc: '2.0', id: 1, method: 'getHealth' };
      return (await post(localnet.manifest.rpc_url, body)).result === 'ok';
    },
    'the faucet': async () => (await fetch(localnet.manifest.faucet_url)).ok,
    // It accrues every market that nobody has touched for a second, by a transaction of its own.
    "the keeper's transactions": async () => {
      const metrics = await (await fetch(`${keeper.url}/metrics`)).text();
      return /ringfence_keeper_work_total\{[^}]*verdict="done"[^}]*\} [1-9]/.test(metrics);
    },
  };
  for (const [what, ask] of Object.entries(answers)) {
    const deadline = Date.now() + 20_000;
    while (!(await ask().catch(() => false))) {
      if (Date.now() > deadline) throw new Error(`${what}: no answer, or a wrong one, within 20 s`);
      await new Promise((done) => setTimeout(done, 200));
    }
    console.log(`  answers: ${what}`);
  }
}

/**
 * @typedef {{ page: Awaited<ReturnType<typeof servePage>>, localnet: Awaited<ReturnType<typeof startLocalnet>>,
 *   keeper: Awaited<ReturnType<typeof startKeeper>> }} Started
 */

async function main() {
  const { values, rest } = understand();
  const ports = await choosePorts(values);
  const checking = Boolean(values['check']);
  const binaries = resolve(String(values['binaries'] ?? join(root, 'target/release')));
  const folder = join(root, 'target', checking ? 'devnet-in-a-box-check' : 'devnet-in-a-box');
  mkdirSync(folder, { recursive: true });

  /** @type {(() => Promise<void>)[]} */
  const running = [];
  const stop = async () => {
    for (const end of running.splice(0).reverse()) await end();
  };
  /** @type {Promise<void>} */
  const interrupted = new Promise((done) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => done());
  });

  try {
    const localnet = await startLocalnet({
      binaries,
      folder,
      rpcPort: ports['rpc-port'],
      wsPort: ports['ws-port'],
      faucetPort: ports['faucet-port'],
      args: ['--program', join(root, 'target/deploy/ringfence.so'), ...rest],
    });
    running.push(localnet.stop);
    const { manifest } = localnet;
    console.log(`  localnet is ready (pid ${localnet.pid}, log ${localnet.log})`);

    const keeper = await startKeeper({
      binaries,
      folder,
      manifest,
      port: ports['keeper-port'],
      accrueEverySeconds: checking ? 1 : 60,
    });
    running.push(keeper.stop);
    console.log(`  keeper is ready (pid ${keeper.pid}, log ${keeper.log})`);

    const urls = { rpcUrl: manifest.rpc_url, wsUrl: manifest.ws_url, faucetUrl: manifest.faucet_url };
    const page = await servePage({ dist, config: pageConfig(dist, urls), port: ports.port });
    running.push(page.close);
    if (checking) {
      await check({ page, localnet, keeper });
      return;
    }

    const [market] = manifest.markets;
    console.log(`
${bold('page')}       ${bold(page.url)}   connect the burner wallet, then "Get test funds"
RPC        ${manifest.rpc_url}
websocket  ${manifest.ws_url}
faucet     ${manifest.faucet_url}
keeper     ${keeper.url}/metrics
files      ${folder}

A crash, for the keeper to liquidate in; and prices that walk again:
  curl -d '{"market": "${market.name}", "price": "120"}' ${manifest.faucet_url}/price
  curl -d '{"market": "${market.name}"}' ${manifest.faucet_url}/release

Stop with Ctrl-C.`);
    const ended = Promise.race([localnet.exited, keeper.exited]);
    const failure = await Promise.race([interrupted.then(() => ''), ended]);
    if (failure) throw new Error(`${failure}; see the logs in ${folder}`);
    console.log('\nstopping');
  } finally {
    await stop();
  }
}

main().catch((error) => {
  console.error(`devnet-in-a-box: ${error.message}`);
  process.exitCode = 1;
});
