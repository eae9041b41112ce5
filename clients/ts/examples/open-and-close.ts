/** Opens a long with its preview, adds and removes margin, closes half, closes the rest. */
import assert from 'node:assert/strict';
import {
  Side,
  acceptablePrice,
  addMargin,
  closePosition,
  decreasePosition,
  fetchPosition,
  findAssociatedTokenAddress,
  formatDecimal,
  liquidationPrice,
  openPosition,
  parseAmount,
  positionAddress,
  previewOpen,
  previewRemoveMargin,
  removeMargin,
  sizeForMargin,
} from '@ringfence/client';
import { Localnet, eventOf } from './localnet.js';

const localnet = await Localnet.connect();
const owner = await localnet.wallet('1000');
await localnet.faucet('price', { market: 'SOL-PERP', price: '150' });

// What would it be? 300 of margin at 5x, at most 0.5 % from the index.
const { reading, ...listed } = await localnet.market('SOL-PERP');
const margin = parseAmount('300', listed.market.quoteDecimals);
const size = sizeForMargin(listed.market, { margin, leveragePpm: 5_000_000n, price: reading.price });
const order = {
  side: Side.Long,
  size,
  margin,
  acceptablePrice: acceptablePrice(reading.price, 5_000n, true),
};
const { refusals, result: expected } = previewOpen({
  market: listed.market,
  reading,
  now: await localnet.now(),
  ...order,
});
assert.deepEqual(refusals, []);
assert(expected);
console.log(`size ${formatDecimal(size, 9)}, fill ${formatDecimal(expected.fillPrice, 10, { max: 4 })}`);

// The same, for real. The price is held, so the fill is the preview's to the last unit.
const { events } = await localnet.send(owner, [await openPosition({ ...listed, owner, id: 0, ...order })]);
const opened = eventOf(events, 'PositionOpened');
assert.equal(opened.fillPrice, expected.fillPrice);
assert.equal(opened.fee, expected.fee);
assert.equal(opened.margin, expected.margin);
assert.equal(opened.reserve, expected.reserve);

const at = await positionAddress(listed.marketAddress, owner.address, 0);
const read = async () => {
  const { data: position } = await fetchPosition(localnet.rpc, at);
  return { ...(await localnet.market('SOL-PERP')), positionAddress: at, position };
};
const held = await read();
const edge = liquidationPrice(held.market, held.position);
assert(edge !== null && edge < held.reading.price);
console.log(`liquidation price ${formatDecimal(edge, 10, { max: 4 })}`);

// More margin moves it away.
await localnet.send(owner, [await addMargin({ ...held, payer: owner, amount: parseAmount('50', 6) })]);
const safer = await read();
assert.equal(safer.position.margin, opened.margin + 50_000_000n);
const further = liquidationPrice(safer.market, safer.position);
assert(further !== null && further < edge);

// Taking out more than the initial margin leaves is refused: by the preview, and by the program.
const all = { ...safer, amount: safer.position.margin };
const refused = previewRemoveMargin({ ...all, now: await localnet.now() });
assert.equal(refused.refusals[0]?.error, 'BelowInitialMargin');
await assert.rejects(localnet.send(owner, [await removeMargin({ ...all, owner })]), /BelowInitialMargin/);
await localnet.send(owner, [await removeMargin({ ...safer, owner, amount: 50_000_000n })]);

// Half of it, then the rest.
// A sale's worst price: two per cent under what was read.
const lowest = acceptablePrice(reading.price, 20_000n, false);
const half = { ...(await read()), trader: owner, size: size / 2n, acceptablePrice: lowest };
const decreased = eventOf((await localnet.send(owner, [await decreasePosition(half)])).events, 'PositionDecreased');
assert.equal(decreased.size, size / 2n);
const { events: last } = await localnet.send(owner, [
  await closePosition({ ...(await read()), owner, acceptablePrice: lowest }),
]);
const closed = eventOf(last, 'PositionClosed');
const purse = await findAssociatedTokenAddress(owner.address, listed.market.collateralMint, listed.market.tokenProgram);
assert.equal(await localnet.balance(purse), 1_000_000_000n - 300_000_000n + closed.payout);
// Two fees and the spread is all that a round trip at one price costs: at most 0.2 % of the notional.
assert(closed.payout < margin && closed.payout > margin - opened.entryNotional / 500n);
console.log(`paid out ${formatDecimal(closed.payout, 6)} of ${formatDecimal(margin, 6)}`);
await localnet.faucet('release', { market: 'SOL-PERP' });
