/** Follows the program's logs over a websocket and prints its events; ends after the first two. */
import assert from 'node:assert/strict';
import { createSolanaRpcSubscriptions } from '@solana/kit';
import {
  RINGFENCE_PROGRAM_ADDRESS,
  Side,
  closePosition,
  fetchPosition,
  openPosition,
  positionAddress,
} from '@ringfence/client';
import { Localnet } from './localnet.js';

const localnet = await Localnet.connect();
const subscriptions = createSolanaRpcSubscriptions(localnet.file.ws_url);
const stop = new AbortController();
const timeout = setTimeout(() => stop.abort(new Error('no events in 30 s')), 30_000);

const notifications = await subscriptions
  .logsNotifications({ mentions: [RINGFENCE_PROGRAM_ADDRESS] }, { commitment: 'confirmed' })
  .subscribe({ abortSignal: stop.signal });

// Somebody trades meanwhile.
const owner = await localnet.wallet('100');
const trading = trade();

// A log says that something happened; the events are in the transaction.
const seen: string[] = [];
for await (const { value } of notifications) {
  if (value.err !== null) continue;
  for (const { name, data } of await localnet.events(value.signature)) {
    if (!('position' in data) || data.position !== (await positionOf())) continue;
    console.log(`${value.signature.slice(0, 8)}… ${name}`);
    seen.push(name);
  }
  if (seen.includes('PositionClosed')) break;
}
clearTimeout(timeout);
stop.abort();
await trading;
assert.deepEqual(seen, ['PositionOpened', 'PositionDecreased', 'PositionClosed']);

async function positionOf() {
  return positionAddress((await localnet.market('ETH-PERP')).marketAddress, owner.address, 1);
}

async function trade(): Promise<void> {
  const listed = await localnet.market('ETH-PERP');
  const order = { id: 1, side: Side.Short, size: 10n ** 7n, margin: 50_000_000n, acceptablePrice: 0n };
  await localnet.send(owner, [await openPosition({ ...listed, owner, ...order })]);
  const at = await positionOf();
  const { data: position } = await fetchPosition(localnet.rpc, at);
  const any = 2n ** 64n - 1n;
  const close = await closePosition({ ...listed, owner, positionAddress: at, position, acceptablePrice: any });
  await localnet.send(owner, [close]);
}
