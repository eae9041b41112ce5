// What the built page must not contain, and how large it may be. Run after the build.

import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { contentSecurityPolicy } from '../build/csp.mjs';

const dist = fileURLToPath(new URL('../dist', import.meta.url));
/** Bytes, compressed: all scripts and styles together. */
const BUDGET = 260_000;

const config = JSON.parse(readFileSync(join(dist, 'config.json'), 'utf8'));

/** Hosts that may be named: none of them is ever asked by the page, but for the configured ones. */
const NAMED = new Set([
  ...config.clusters.flatMap(({ rpcUrl, wsUrl, faucetUrl }) =>
    [rpcUrl, wsUrl, faucetUrl].filter(Boolean).map((url) => new URL(url).host),
  ),
  'www.w3.org', // XML namespaces
  'www.tradingview.com', // the link that the charts' licence asks for
  'react.dev', // addresses in React's error messages
]);

const FORBIDDEN = [
  { what: 'a call of eval', pattern: /(?<![\w$.])eval\s*\(/ },
  { what: 'a function made from text', pattern: /new Function\s*\(/ },
  { what: 'markup from text', pattern: /dangerouslySetInnerHTML\s*[:=]\s*\{/ },
  { what: 'a secret key as numbers', pattern: /\[\s*(?:\d{1,3}\s*,\s*){63}\d{1,3}\s*\]/ },
  { what: 'a secret key in base58', pattern: /["'`][1-9A-HJ-NP-Za-km-z]{86,88}["'`]/ },
  { what: 'a private key block', pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----/ },
  { what: 'an API key in a URL', pattern: /[?&](?:api[-_]?key|token)=[A-Za-z0-9-]{8,}/i },
  { what: 'a source map', pattern: /sourceMappingURL=/ },
  { what: 'test fixtures', pattern: /FixtureProvider/ },
];

const problems = [];
let total = 0;

for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const file = join(entry.parentPath, entry.name);
  const name = file.slice(dist.length + 1);
  const extension = extname(file);
  if (extension === '.map') problems.push(`${name}: source maps are not to be published`);
  if (!['.js', '.css', '.html', '.json'].includes(extension)) continue;
  const text = readFileSync(file, 'utf8');
  for (const { what, pattern } of FORBIDDEN) if (pattern.test(text)) problems.push(`${name}: ${what}`);
  for (const [url] of text.matchAll(/(?:https?|wss?):\/\/[a-z0-9.-]+(?::\d+)?/gi)) {
    const { host } = new URL(url);
    if (!NAMED.has(host)) problems.push(`${name}: names the host ${host}`);
  }
  if (extension === '.js' || extension === '.css') {
    const size = gzipSync(text).length;
    total += size;
    console.log(`${name}: ${size} bytes compressed`);
  }
}

const html = readFileSync(join(dist, 'index.html'), 'utf8');
if (!html.includes(`content="${contentSecurityPolicy(config)}"`))
  problems.push('index.html: not the policy of config.json');
if (/<script(?![^>]*\bsrc=)/.test(html)) problems.push('index.html: a script in the page itself');
if (/<style|\sstyle=/.test(html)) problems.push('index.html: styles in the page itself');

console.log(`together ${total} of at most ${BUDGET} bytes`);
if (total > BUDGET) problems.push(`larger than its budget of ${BUDGET} bytes`);

if (problems.length > 0) {
  console.error(problems.map((problem) => `check-bundle: ${problem}`).join('\n'));
  process.exit(1);
}
console.log('check-bundle: nothing found');
