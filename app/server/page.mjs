// The built page over HTTP on loopback, as a static host would serve it: the headers of _headers, and a config.json of
// the caller's, from which the page's content security policy is made.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { contentSecurityPolicy, replacePolicy } from '../build/csp.mjs';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

/**
 * The rules of a `_headers` file: a path, then its headers, indented. A path may end in `*`.
 *
 * @param {string} text
 * @returns {{ path: string, headers: [string, string][] }[]}
 */
export function parseHeaders(text) {
  const rules = [];
  for (const line of text.split('\n')) {
    if (!line.trim()) continue;
    if (!/^\s/.test(line)) {
      rules.push({ path: line.trim(), headers: [] });
      continue;
    }
    const colon = line.indexOf(':');
    if (colon < 0 || !rules.length) throw new Error(`_headers: cannot understand "${line}"`);
    rules.at(-1).headers.push([line.slice(0, colon).trim(), line.slice(colon + 1).trim()]);
  }
  return rules;
}

/**
 * The headers of one path. As with the hosts that read such files, a header that several rules set is sent with all of
 * their values.
 *
 * @param {ReturnType<typeof parseHeaders>} rules
 * @param {string} path
 */
export function headersOf(rules, path) {
  /** @type {Record<string, string>} */
  const headers = {};
  for (const rule of rules) {
    const matches = rule.path.endsWith('*') ? path.startsWith(rule.path.slice(0, -1)) : path === rule.path;
    if (!matches) continue;
    for (const [name, value] of rule.headers) headers[name] = headers[name] ? `${headers[name]}, ${value}` : value;
  }
  return headers;
}

/**
 * Serves the folder `dist` until it is closed.
 *
 * @param {{ dist: string, config: Parameters<typeof contentSecurityPolicy>[0], port: number }} options
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
export async function servePage({ dist, config, port }) {
  const rules = parseHeaders(await readFile(join(dist, '_headers'), 'utf8'));
  const policy = contentSecurityPolicy(config);

  /** @param {string} path */
  const contents = async (path) => {
    if (path === '/config.json') return JSON.stringify(config);
    if (path === '/_headers') throw new Error('not for visitors');
    const name = join(dist, path);
    if (!name.startsWith(join(dist, '/'))) throw new Error('not of the page');
    const file = await readFile(name);
    return path.endsWith('.html') ? replacePolicy(file.toString(), config) : file;
  };

  const server = createServer(async (request, response) => {
    // Joined, not resolved: "//" alone would be a host, and an error.
    const pathname = (request.url ?? '/').replace(/[?#].*$/, '');
    const path = pathname === '/' ? '/index.html' : normalize(pathname);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { Allow: 'GET, HEAD' }).end();
      return;
    }
    try {
      const body = await contents(path);
      const headers = headersOf(rules, path);
      // As a header too: what the file's rule adds to the policy, and the policy itself.
      headers['Content-Security-Policy'] = [policy, headers['Content-Security-Policy']].filter(Boolean).join(', ');
      response.writeHead(200, { 'Content-Type': TYPES[extname(path)] ?? 'application/octet-stream', ...headers });
      response.end(request.method === 'HEAD' ? undefined : body);
    } catch {
      response.writeHead(404, { 'Content-Type': 'text/plain' }).end('not found\n');
    }
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(undefined));
  });
  const address = server.address();
  const bound = typeof address === 'object' && address ? address.port : port;
  return {
    url: `http://127.0.0.1:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
