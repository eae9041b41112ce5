/** Deposits into a pool, shows what the shares are worth, and that they wait for their cool-down. */
import assert from 'node:assert/strict';
import { getCreateAssociatedTokenIdempotentInstructionAsync } from '@solana-program/token';
import {
  SHARE_PRICE_DECIMALS,
  accrueMarket,
  addLiquidity,
  claimShares,
  fetchLiquidityDeposit,
  findLiquidityDepositPda,
  formatDecimal,
  poolValue,
  previewAddLiquidity,
  previewRemoveLiquidity,
  shareValue,
  utilisationPpm,
} from '@ringfence/client';
import { Localnet, eventOf } from './localnet.js';

const localnet = await Localnet.connect();
const provider = await localnet.wallet('5000');
await localnet.faucet('price', { market: 'BTC-PERP', price: '60000' });
const { reading, ...listed } = await localnet.market('BTC-PERP');
const amount = 5_000_000_000n;
const { refusals, result: expected } = previewAddLiquidity({
  market: listed.market,
  reading,
  now: await localnet.now(),
  amount,
});
assert.deepEqual(refusals, []);
assert(expected);

// Half a per cent less than that, and the deposit is refused rather than made.
const minShares = (expected.shares * 995n) / 1000n;
const deposit = await addLiquidity({ ...listed, provider, id: 0, amount, minShares });
const { events } = await localnet.send(provider, [deposit]);
const added = eventOf(events, 'LiquidityAdded');
assert.equal(added.shares, expected.shares);

const after = await localnet.market('BTC-PERP');
const market = accrueMarket(after.market, await localnet.now(), after.reading.price);
const pool = poolValue(market, after.reading);
console.log(
  `pool ${formatDecimal(pool.value, 6, { max: 2, group: true })}, in use ${formatDecimal(utilisationPpm(market), 4)} %`,
);
console.log(`a share is worth ${formatDecimal(pool.sharePrice ?? 0n, SHARE_PRICE_DECIMALS, { max: 6 })}`);
// Nobody trades in this market: what was put in is what it is worth, up to the rounding of a share.
const worth = shareValue(market, after.reading, added.shares);
assert(worth <= amount && worth >= amount - 2n);

// The shares come out after the cool-down, not before.
const [depositAddress] = await findLiquidityDepositPda({
  market: listed.marketAddress,
  provider: provider.address,
  id: 0,
});
const { data: waiting } = await fetchLiquidityDeposit(localnet.rpc, depositAddress);
assert.equal(waiting.unlocksAt - waiting.depositedAt, BigInt(listed.market.params.liquidityCooldownSeconds));
const { lpMint: mint, tokenProgram } = listed.market;
const account = await getCreateAssociatedTokenIdempotentInstructionAsync({
  payer: provider,
  owner: provider.address,
  mint,
  tokenProgram,
});
const claim = await claimShares({ ...listed, provider: provider.address, id: 0 });
await assert.rejects(localnet.send(provider, [account, claim]), /CooldownNotElapsed/);

// Until then there is nothing to take out, which the preview says too.
const early = previewRemoveLiquidity({
  market: after.market,
  reading: after.reading,
  now: await localnet.now(),
  shares: added.shares,
  held: 0n,
});
assert.equal(early.refusals[0]?.error, 'InsufficientShares');
assert.equal(early.result?.amount, worth);
await localnet.faucet('release', { market: 'BTC-PERP' });
