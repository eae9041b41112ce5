/** Lets a long be liquidated by a stranger in a crash, as the preview says, and takes out what is left. */
import assert from 'node:assert/strict';
import {
  Side,
  closePosition,
  fetchPosition,
  findAssociatedTokenAddress,
  formatDecimal,
  liquidate,
  openPosition,
  positionAddress,
  previewLiquidation,
} from '@ringfence/client';
import { Localnet, eventOf } from './localnet.js';

const localnet = await Localnet.connect();
const [owner, keeper] = [await localnet.wallet('100'), await localnet.wallet('1')];
await localnet.faucet('price', { market: 'SOL-PERP', price: '150' });
const listed = await localnet.market('SOL-PERP');
const order = { id: 0, side: Side.Long, size: 10n ** 10n, margin: 100_000_000n, acceptablePrice: 2n ** 64n - 1n };
await localnet.send(owner, [await openPosition({ ...listed, owner, ...order })]);
const at = await positionAddress(listed.marketAddress, owner.address, 0);

const preview = async () => {
  const { data: position } = await fetchPosition(localnet.rpc, at);
  const now = { ...(await localnet.market('SOL-PERP')), positionAddress: at, position };
  return { now, ...previewLiquidation({ ...now, now: await localnet.now() }) };
};

// 10 SOL at 150 with 100 of margin: healthy at first.
assert.equal((await preview()).refusals[0]?.error, 'NotLiquidatable');

// A fall of 4.7 % takes 70 of its 100, which leaves less than the maintenance margin of 2.5 % and the fee of 1 %.
await localnet.faucet('price', { market: 'SOL-PERP', price: '143' });
const { now, refusals, result } = await preview();
assert.deepEqual(refusals, []);
assert(result);
console.log(`equity ${formatDecimal(result.before.equity, 6)} under ${formatDecimal(result.before.maintenance, 6)}`);

const { events } = await localnet.send(keeper, [await liquidate({ ...now, liquidator: keeper })]);
const event = eventOf(events, 'PositionLiquidated');
assert.equal(event.keeperFromVault + event.keeperFromInsurance, result.reward);
assert.equal(event.size, result.closed.share.size);
assert.equal(event.remainingSize, result.position.size);
const purse = await findAssociatedTokenAddress(
  keeper.address,
  listed.market.collateralMint,
  listed.market.tokenProgram,
);
assert.equal(await localnet.balance(purse), 1_000_000n + result.reward);
console.log(`the keeper was paid ${formatDecimal(result.reward, 6)}`);

// The owner takes out what is left.
const { data: position } = await fetchPosition(localnet.rpc, at);
const rest = { ...(await localnet.market('SOL-PERP')), positionAddress: at, position };
const { events: last } = await localnet.send(owner, [await closePosition({ ...rest, owner, acceptablePrice: 0n })]);
const { payout } = eventOf(last, 'PositionClosed');
assert(payout > 0n && payout < order.margin);
console.log(`the owner took ${formatDecimal(payout, 6)} of ${formatDecimal(order.margin, 6)}`);
await localnet.faucet('release', { market: 'SOL-PERP' });
