// Imports what was built the way that an application does, in plain Node, and computes with it.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

const client = await import('@ringfence/client');
assert.match(import.meta.resolve('@ringfence/client'), /\/dist\/index\.js$/);
const types = await readFile(new URL('../dist/index.d.ts', import.meta.url), 'utf8');
assert.match(types, /preview\/trades\.js/);

assert.equal(client.RINGFENCE_PROGRAM_ADDRESS, 'RF5iwe7ovuawAsYfVQpyDVRBKh8WwCwYA3tBdHWnLrE');
// 2 × 150.25 of 9 and 10 decimals, in atoms of 6.
const scale = client.notionalDivisor(9, 6);
assert.equal(client.notionalFloor(2_000_000_000n, client.parseDecimal('150.25', 10), scale), 300_500_000n);
const [exchange] = await client.findExchangePda();
assert.equal(exchange, '9kcyhDgRcDS7qHousByDHoqJNkmquyzgN38eboys5Avi');
console.log(`dist: ${Object.keys(client).length} exports, importable by Node ${process.versions.node}`);
