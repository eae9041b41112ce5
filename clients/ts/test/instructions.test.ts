/** The builders, against those of `ringfence-client`: every account with its role, and the data. */
import { createNoopSigner, getAddressDecoder, type Address, type Instruction } from '@solana/kit';
import { expect, test } from 'vitest';
import {
  DEFAULT_ADDRESS,
  OrderKind,
  Side,
  accrue,
  addLiquidity,
  addMargin,
  cancelOrder,
  claimShares,
  closeAtCap,
  closePosition,
  closeSettled,
  createPosition,
  decreasePosition,
  executeOrder,
  findLpMintPda,
  findMarketPda,
  findOrderEscrowPda,
  findOrderPda,
  findPoolVaultPda,
  findPositionPda,
  findPositionVaultPda,
  increasePosition,
  liquidate,
  openPosition,
  placeOrder,
  removeLiquidity,
  removeMargin,
  setDelegate,
  type Market,
  type Order,
  type Position,
} from '../src/index.js';
import { load } from './vectors.js';

const key = (byte: number) => getAddressDecoder().decode(new Uint8Array(32).fill(byte));

const [marketAddress] = await findMarketPda({ index: 3 });
const market = {
  collateralMint: key(1),
  tokenProgram: key(2),
  poolVault: (await findPoolVaultPda({ market: marketAddress }))[0],
  lpMint: (await findLpMintPda({ market: marketAddress }))[0],
  oracle: { account: DEFAULT_ADDRESS },
} as Market;
const of = { marketAddress, market, oracle: key(3) };
const signer = createNoopSigner(key(4));
const collateralAccount = key(5);
const [positionAddress] = await findPositionPda({ market: marketAddress, owner: signer.address, id: 258 });
const [vault] = await findPositionVaultPda({ position: positionAddress });
const held = (referral: Address) => ({
  ...of,
  positionAddress,
  position: { vault, owner: signer.address, referral } as Position,
});
const [plain, referred] = [held(DEFAULT_ADDRESS), held(key(7))];
const [orderAddress] = await findOrderPda({ position: positionAddress, id: 9 });
const [escrow] = await findOrderEscrowPda({ order: orderAddress });
const order = { orderAddress, order: { trader: key(8), position: positionAddress, escrow } as Order };
const acceptablePrice = 1_502_500_000_000n;
const open = { owner: signer, collateralAccount, id: 258, side: Side.Short, size: 21n, margin: 22n, acceptablePrice };
const terms = {
  kind: OrderKind.StopLoss,
  size: 0n,
  margin: 0n,
  sharePpm: 250_000,
  triggerPrice: 11n,
  acceptablePrice: 12n,
  reward: 13n,
  expiresAt: 14n,
  cancels: 15,
};
const liquidity = { provider: signer, collateralAccount };

const built: Record<string, Instruction> = {
  openPosition: await openPosition({ ...of, ...open }),
  openReferred: await openPosition({ ...of, ...open, referral: key(7) }),
  createPosition: await createPosition({ ...of, owner: signer, referral: key(7), id: 258, side: Side.Long }),
  increasePosition: await increasePosition({
    ...plain,
    trader: signer,
    collateralAccount,
    size: 23n,
    margin: 24n,
    acceptablePrice,
  }),
  decreasePosition: await decreasePosition({ ...referred, trader: signer, size: 25n, acceptablePrice }),
  closePosition: await closePosition({ ...plain, owner: signer, collateralAccount, acceptablePrice }),
  addMargin: await addMargin({ ...plain, payer: signer, collateralAccount, amount: 30n }),
  removeMargin: await removeMargin({ ...plain, owner: signer, collateralAccount, amount: 31n }),
  liquidate: await liquidate({ ...plain, liquidator: signer, collateralAccount }),
  closeAtCap: await closeAtCap({ ...plain, caller: signer }),
  closeSettled: await closeSettled({ ...plain, collateralAccount }),
  setDelegate: setDelegate({ owner: signer, positionAddress, delegate: key(8) }),
  placeOrder: await placeOrder({ ...of, positionAddress, trader: signer, collateralAccount, id: 9, terms }),
  cancelOrder: await cancelOrder({ ...order, market, canceller: signer, collateralAccount }),
  executeOrder: await executeOrder({ ...referred, ...order, executor: signer, collateralAccount }),
  accrue: accrue(of),
  addLiquidity: await addLiquidity({ ...of, ...liquidity, id: 259, amount: 26n, minShares: 27n }),
  claimShares: await claimShares({ ...of, provider: signer.address, sharesAccount: key(6), id: 259 }),
  removeLiquidity: await removeLiquidity({ ...of, ...liquidity, sharesAccount: key(6), shares: 28n, minAmount: 29n }),
};

const rows = load('instructions')['instructions'] ?? [];

test('all of them', () => {
  expect(Object.keys(built)).toEqual(rows.map(([name]) => name));
});

test.each(rows.map((row) => [row[0] ?? '', row] as const))('%s', (name, [, data, ...accounts]) => {
  const instruction = built[name];
  const hex = [...(instruction?.data ?? [])].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  expect(hex).toBe(data);
  expect(instruction?.accounts?.map(({ address, role }) => `${address}:${role}`)).toEqual(accounts);
});

test('a market that is pinned to no account wants one named', async () => {
  await expect(openPosition({ marketAddress, market, ...open })).rejects.toThrow('pass the price account');
});
