/**
 * Runs every example against a localnet of its own on free ports, one after
 * the other, and says whether all of them found what they assert.
 *
 *     npm run examples -w clients/ts
 *
 * The binary is `RINGFENCE_LOCALNET_BIN`, else target/release/ringfence-localnet.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const EXAMPLES = ['open-and-close.ts', 'watch-events.ts', 'liquidate.ts', 'provide-liquidity.ts', 'anchor/open.ts'];
const SECONDS_TO_START = 30;
const SECONDS_EACH = 60;

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const binary = process.env['RINGFENCE_LOCALNET_BIN'] ?? here('../../../target/release/ringfence-localnet');

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('exit', resolve);
    child.once('error', reject);
  });
}

/** Waits until the localnet has written its file, which it does when all is ready. */
async function ready(localnet: ChildProcess, file: string): Promise<void> {
  for (let tenths = 0; tenths < SECONDS_TO_START * 10; tenths += 1) {
    if (localnet.exitCode !== null) throw new Error(`the localnet ended with ${localnet.exitCode}`);
    const found = await access(file).then(
      () => true,
      () => false,
    );
    if (found) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`the localnet was not ready in ${SECONDS_TO_START} s`);
}

async function run(example: string, file: string): Promise<boolean> {
  const flags = ['--conditions=ringfence-source', '--import', 'tsx'];
  const started = Date.now();
  const child = spawn(process.execPath, [...flags, here(example), file], { stdio: 'inherit' });
  const timer = setTimeout(() => child.kill('SIGKILL'), SECONDS_EACH * 1_000);
  const code = await ended(child);
  clearTimeout(timer);
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${example} (${((Date.now() - started) / 1_000).toFixed(1)} s)\n`);
  return code === 0;
}

const folder = await mkdtemp(join(tmpdir(), 'ringfence-examples-'));
const file = join(folder, 'localnet.json');
const ports = ['--rpc-port', '0', '--ws-port', '0', '--faucet-port', '0'];
const localnet = spawn(binary, ['--write', file, '--slot-ms', '100', ...ports], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
const stopped = ended(localnet);
let failed = EXAMPLES.length;
try {
  await Promise.race([ready(localnet, file), stopped]);
  for (const example of EXAMPLES) failed -= Number(await run(example, file));
} finally {
  localnet.kill('SIGTERM');
  await stopped.catch(() => null);
  await rm(folder, { recursive: true, force: true });
}
console.log(failed === 0 ? `all ${EXAMPLES.length} examples found what they assert` : `${failed} examples FAILED`);
process.exit(failed === 0 ? 0 : 1);
