// @vitest-environment node
import { get } from 'node:http';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { headersOf, parseHeaders, servePage } from './page.mjs';

const HEADERS = `/*
  X-Content-Type-Options: nosniff
  Content-Security-Policy: frame-ancestors 'none'
/assets/*
  Cache-Control: immutable
/index.html
  Cache-Control: no-cache
`;

describe('headers', () => {
  const rules = parseHeaders(HEADERS);

  it('are those of every rule that matches', () => {
    expect(headersOf(rules, '/assets/a.js')).toEqual({
      'X-Content-Type-Options': 'nosniff',
      'Content-Security-Policy': "frame-ancestors 'none'",
      'Cache-Control': 'immutable',
    });
    expect(headersOf(rules, '/index.html')['Cache-Control']).toBe('no-cache');
    expect(headersOf(rules, '/other')['Cache-Control']).toBeUndefined();
  });

  it('that cannot be understood are refused', () => {
    expect(() => parseHeaders('  X-Before: any path')).toThrow('cannot understand');
    expect(() => parseHeaders('/*\n  no colon')).toThrow('cannot understand');
  });
});

describe('a served page', () => {
  const cluster = { rpcUrl: 'http://127.0.0.1:1', wsUrl: 'ws://127.0.0.1:2', faucetUrl: 'http://127.0.0.1:3' };
  let folder: string;
  let server: Awaited<ReturnType<typeof servePage>>;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ringfence-page-'));
    const dist = join(folder, 'dist');
    await mkdir(dist);
    await writeFile(join(folder, 'outside.txt'), 'not to be seen');
    await writeFile(join(dist, '_headers'), HEADERS);
    await writeFile(join(dist, 'config.json'), '{"clusters":[]}');
    await writeFile(
      join(dist, 'index.html'),
      `<meta charset="utf-8" /><meta http-equiv="Content-Security-Policy" content="built for others" />`,
    );
    server = await servePage({ dist, config: { clusters: [cluster] }, port: 0 });
  });

  afterEach(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  it('goes on after a path that is none', async () => {
    const port = Number(new URL(server.url).port);
    for (const path of ['//', '//[', '/%', '/../outside.txt', '/..%2foutside.txt', '*']) {
      const status = await new Promise((resolve, reject) => {
        get({ host: '127.0.0.1', port, path }, (answer) => resolve(answer.resume().statusCode)).on('error', reject);
      });
      expect(status, path).toBe(404);
    }
    expect((await fetch(`${server.url}/`)).status).toBe(200);
  });

  it('has the policy of the configuration that it is served with, in the page and as a header', async () => {
    const response = await fetch(server.url);
    const connect = "connect-src 'self' http://127.0.0.1:1 ws://127.0.0.1:2 http://127.0.0.1:3;";
    const policy = response.headers.get('content-security-policy');
    expect(policy).toContain(connect);
    expect(policy).toContain("frame-ancestors 'none'");
    const page = await response.text();
    expect(page).toContain(connect);
    expect(page).not.toContain('built for others');
    const config = await (await fetch(`${server.url}/config.json`)).json();
    expect(config).toEqual({ clusters: [cluster] });
  });

  it('has nothing but its own files', async () => {
    for (const path of ['/missing.js', '/_headers', '/%2e%2e/outside.txt', '/..%2foutside.txt']) {
      expect((await fetch(`${server.url}${path}`)).status, path).toBe(404);
    }
    expect((await fetch(server.url, { method: 'POST' })).status).toBe(405);
  });
});
