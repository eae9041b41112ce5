/**
 * One builder per instruction that a trader, a provider or a keeper sends.
 * Every address that follows from another is derived here; the generated
 * builders (`get…Instruction`) take all of them one by one.
 */
import {
  address,
  getAddressEncoder,
  getProgramDerivedAddress,
  type Address,
  type TransactionSigner,
} from '@solana/kit';
import {
  findLiquidityDepositPda,
  findOrderEscrowPda,
  findOrderPda,
  findPositionPda,
  getAccrueInstruction,
  getAddLiquidityInstructionAsync,
  getAddMarginInstructionAsync,
  getCancelOrderInstruction,
  getClaimSharesInstructionAsync,
  getCloseAtCapInstructionAsync,
  getClosePositionInstructionAsync,
  getCloseSettledInstructionAsync,
  getCreatePositionInstructionAsync,
  getDecreasePositionInstructionAsync,
  getExecuteOrderInstructionAsync,
  getIncreasePositionInstructionAsync,
  getLiquidateInstructionAsync,
  getOpenPositionInstructionAsync,
  getPlaceOrderInstructionAsync,
  getRemoveLiquidityInstructionAsync,
  getRemoveMarginInstructionAsync,
  getSetDelegateInstruction,
  type Market,
  type Order,
  type OrderTermsArgs,
  type Position,
  type Side,
} from './generated/index.js';
import { DEFAULT_ADDRESS } from './oracle.js';

const ASSOCIATED_TOKEN_PROGRAM = address('ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL');

/** The associated token account of an owner. */
export async function findAssociatedTokenAddress(
  owner: Address,
  mint: Address,
  tokenProgram: Address,
): Promise<Address> {
  const encoder = getAddressEncoder();
  const seeds = [owner, tokenProgram, mint].map((key) => encoder.encode(key));
  const [found] = await getProgramDerivedAddress({ programAddress: ASSOCIATED_TOKEN_PROGRAM, seeds });
  return found;
}

/** A market, as every builder takes it. */
export interface MarketInput {
  marketAddress: Address;
  /** The decoded account. */
  market: Market;
  /** Price account to pass; left out, the one that the market is pinned to. */
  oracle?: Address;
}

/** A position of that market. */
export interface PositionInput extends MarketInput {
  positionAddress: Address;
  /** The decoded account. */
  position: Position;
}

function oracleOf({ market, oracle }: MarketInput): Address {
  if (oracle !== undefined) return oracle;
  if (market.oracle.account !== DEFAULT_ADDRESS) return market.oracle.account;
  throw new Error('this market takes any update of its feed: pass the price account as `oracle`');
}

function marketAccounts(input: MarketInput) {
  const { market } = input;
  return { market: input.marketAddress, poolVault: market.poolVault, tokenProgram: market.tokenProgram };
}

function positionAccounts(input: PositionInput) {
  return {
    ...marketAccounts(input),
    oracle: oracleOf(input),
    position: input.positionAddress,
    positionVault: input.position.vault,
  };
}

/** The referral that a position names, which has to be passed wherever a fee is taken. */
function named({ position }: PositionInput): { referral?: Address } {
  return position.referral === DEFAULT_ADDRESS ? {} : { referral: position.referral };
}

function collateralOf(market: Market, owner: Address, given?: Address): Promise<Address> {
  return given ? Promise.resolve(given) : findAssociatedTokenAddress(owner, market.collateralMint, market.tokenProgram);
}

function sharesOf(market: Market, owner: Address, given?: Address): Promise<Address> {
  return given ? Promise.resolve(given) : findAssociatedTokenAddress(owner, market.lpMint, market.tokenProgram);
}

/** Opens a position: creates it and its vault, and moves the margin in. */
export async function openPosition(
  input: MarketInput & {
    owner: TransactionSigner;
    /** Pays the margin; left out, the owner's associated account. */
    collateralAccount?: Address;
    /** Shares in the trading fees of this position from now on. */
    referral?: Address;
    /** The owner's own number for this position in this market. */
    id: number;
    side: Side;
    size: bigint;
    margin: bigint;
    acceptablePrice: bigint;
  },
) {
  const { owner, market, id, side, size, margin, acceptablePrice } = input;
  return getOpenPositionInstructionAsync({
    ...marketAccounts(input),
    owner,
    ownerTokenAccount: await collateralOf(market, owner.address, input.collateralAccount),
    ...(input.referral ? { referral: input.referral } : {}),
    collateralMint: market.collateralMint,
    oracle: oracleOf(input),
    id,
    side,
    size,
    margin,
    acceptablePrice,
  });
}

/** Creates a position of no size, for an order to open. */
export async function createPosition(
  input: MarketInput & { owner: TransactionSigner; referral?: Address; id: number; side: Side },
) {
  const { poolVault: _, ...accounts } = marketAccounts(input);
  return getCreatePositionInstructionAsync({
    ...accounts,
    owner: input.owner,
    ...(input.referral ? { referral: input.referral } : {}),
    collateralMint: input.market.collateralMint,
    id: input.id,
    side: input.side,
  });
}

/** Adds size, and margin where any is given. */
export async function increasePosition(
  input: PositionInput & {
    /** The owner or the position's delegate. */
    trader: TransactionSigner;
    collateralAccount?: Address;
    size: bigint;
    margin: bigint;
    acceptablePrice: bigint;
  },
) {
  const { trader, size, margin, acceptablePrice } = input;
  return getIncreasePositionInstructionAsync({
    ...positionAccounts(input),
    ...named(input),
    trader,
    traderTokenAccount: await collateralOf(input.market, trader.address, input.collateralAccount),
    size,
    margin,
    acceptablePrice,
  });
}

/** Closes part of a position; all of it leaves the proceeds in its vault. */
export async function decreasePosition(
  input: PositionInput & { trader: TransactionSigner; size: bigint; acceptablePrice: bigint },
) {
  const { trader, size, acceptablePrice } = input;
  return getDecreasePositionInstructionAsync({
    ...positionAccounts(input),
    ...named(input),
    trader,
    size,
    acceptablePrice,
  });
}

/** Closes all of a position, pays its vault out and returns the rent; also takes out what a liquidation left. */
export async function closePosition(
  input: PositionInput & { owner: TransactionSigner; collateralAccount?: Address; acceptablePrice: bigint },
) {
  const { owner, acceptablePrice } = input;
  return getClosePositionInstructionAsync({
    ...positionAccounts(input),
    ...named(input),
    owner,
    ownerTokenAccount: await collateralOf(input.market, owner.address, input.collateralAccount),
    acceptablePrice,
  });
}

/** Adds margin; anyone may pay it. */
export async function addMargin(
  input: PositionInput & { payer: TransactionSigner; collateralAccount?: Address; amount: bigint },
) {
  return getAddMarginInstructionAsync({
    payer: input.payer,
    payerTokenAccount: await collateralOf(input.market, input.payer.address, input.collateralAccount),
    position: input.positionAddress,
    positionVault: input.position.vault,
    tokenProgram: input.market.tokenProgram,
    amount: input.amount,
  });
}

/** Takes margin out, to a token account of the owner's choice. */
export async function removeMargin(
  input: PositionInput & { owner: TransactionSigner; collateralAccount?: Address; amount: bigint },
) {
  const { poolVault: _, ...accounts } = positionAccounts(input);
  return getRemoveMarginInstructionAsync({
    ...accounts,
    owner: input.owner,
    ownerTokenAccount: await collateralOf(input.market, input.owner.address, input.collateralAccount),
    amount: input.amount,
  });
}

/** Liquidates; anyone may, and is paid for it. */
export async function liquidate(input: PositionInput & { liquidator: TransactionSigner; collateralAccount?: Address }) {
  return getLiquidateInstructionAsync({
    ...positionAccounts(input),
    liquidator: input.liquidator,
    liquidatorTokenAccount: await collateralOf(input.market, input.liquidator.address, input.collateralAccount),
  });
}

/** Closes a position whose gain has reached its reserve; anyone may. */
export async function closeAtCap(input: PositionInput & { caller: TransactionSigner }) {
  return getCloseAtCapInstructionAsync({ ...positionAccounts(input), caller: input.caller });
}

/** Closes a position of a settled market, to its owner; anyone may. */
export async function closeSettled(input: PositionInput & { collateralAccount?: Address }) {
  const { owner } = input.position;
  const { oracle: _, ...accounts } = positionAccounts({ ...input, oracle: input.oracle ?? DEFAULT_ADDRESS });
  return getCloseSettledInstructionAsync({
    ...accounts,
    owner,
    ownerTokenAccount: await collateralOf(input.market, owner, input.collateralAccount),
  });
}

/** Lets another key trade and top up, never withdraw; the default key for none. */
export function setDelegate(input: { owner: TransactionSigner; positionAddress: Address; delegate: Address }) {
  return getSetDelegateInstruction({ owner: input.owner, position: input.positionAddress, delegate: input.delegate });
}

/** Places an order; its margin and reward go into an escrow of its own. */
export async function placeOrder(
  input: Omit<PositionInput, 'position'> & {
    /** The owner or the position's delegate. */
    trader: TransactionSigner;
    collateralAccount?: Address;
    /** The trader's own number for this order of this position, 0 to 255. */
    id: number;
    terms: OrderTermsArgs;
  },
) {
  const { trader, market, id, terms, positionAddress } = input;
  const [order] = await findOrderPda({ position: positionAddress, id });
  return getPlaceOrderInstructionAsync({
    trader,
    traderTokenAccount: await collateralOf(market, trader.address, input.collateralAccount),
    market: input.marketAddress,
    position: positionAddress,
    order,
    escrow: await findOrderEscrowPda({ order }),
    collateralMint: market.collateralMint,
    tokenProgram: market.tokenProgram,
    id,
    terms,
  });
}

/** An order, as those who end it take it. */
export interface OrderInput {
  orderAddress: Address;
  /** The decoded account. */
  order: Order;
}

/** Cancels an order, or sends the funds of one that has ended home. */
export async function cancelOrder(
  input: OrderInput & { canceller: TransactionSigner; market: Market; collateralAccount?: Address },
) {
  const { order, market } = input;
  return getCancelOrderInstruction({
    canceller: input.canceller,
    trader: order.trader,
    traderTokenAccount: await collateralOf(market, order.trader, input.collateralAccount),
    position: order.position,
    order: input.orderAddress,
    escrow: order.escrow,
    tokenProgram: market.tokenProgram,
  });
}

/** Executes an order that is due; anyone may, and gets its reward. */
export async function executeOrder(
  input: PositionInput & OrderInput & { executor: TransactionSigner; collateralAccount?: Address },
) {
  return getExecuteOrderInstructionAsync({
    ...positionAccounts(input),
    ...named(input),
    executor: input.executor,
    executorTokenAccount: await collateralOf(input.market, input.executor.address, input.collateralAccount),
    order: input.orderAddress,
    escrow: input.order.escrow,
    trader: input.order.trader,
  });
}

/** Counts funding and borrow up to now; no signer is needed but who pays for the transaction. */
export function accrue(input: MarketInput) {
  return getAccrueInstruction({ market: input.marketAddress, oracle: oracleOf(input) });
}

/** Puts collateral into the pool; the shares can be claimed after the market's cool-down. */
export async function addLiquidity(
  input: MarketInput & {
    provider: TransactionSigner;
    collateralAccount?: Address;
    /** The provider's own number for this deposit in this market. */
    id: number;
    amount: bigint;
    /** The fewest shares to take for it: what the preview says, less a tolerance. */
    minShares: bigint;
  },
) {
  const { provider, market, id, amount } = input;
  return getAddLiquidityInstructionAsync({
    ...marketAccounts(input),
    provider,
    providerTokenAccount: await collateralOf(market, provider.address, input.collateralAccount),
    oracle: oracleOf(input),
    id,
    amount,
    minShares: input.minShares,
  });
}

/** Hands out the shares of a deposit whose cool-down is over; anyone may, to its provider. */
export async function claimShares(input: MarketInput & { provider: Address; sharesAccount?: Address; id: number }) {
  const { provider, market, marketAddress, id } = input;
  const [deposit] = await findLiquidityDepositPda({ market: marketAddress, provider, id });
  return getClaimSharesInstructionAsync({
    provider,
    providerLpAccount: await sharesOf(market, provider, input.sharesAccount),
    market: marketAddress,
    deposit,
    lpMint: market.lpMint,
    tokenProgram: market.tokenProgram,
  });
}

/** Takes collateral out of the pool for shares. */
export async function removeLiquidity(
  input: MarketInput & {
    provider: TransactionSigner;
    collateralAccount?: Address;
    sharesAccount?: Address;
    shares: bigint;
    /** The fewest atoms to take for them: what the preview says, less a tolerance. */
    minAmount: bigint;
  },
) {
  const { provider, market, shares } = input;
  return getRemoveLiquidityInstructionAsync({
    ...marketAccounts(input),
    provider,
    providerTokenAccount: await collateralOf(market, provider.address, input.collateralAccount),
    providerLpAccount: await sharesOf(market, provider.address, input.sharesAccount),
    lpMint: market.lpMint,
    oracle: oracleOf(input),
    shares,
    minAmount: input.minAmount,
  });
}

/** The lowest number under which an owner has no position in a market yet; `taken` are the numbers in use. */
export function freeId(taken: Iterable<number>): number {
  const used = new Set(taken);
  let id = 0;
  while (used.has(id)) id += 1;
  return id;
}

/** The address of an owner's position. */
export async function positionAddress(market: Address, owner: Address, id: number): Promise<Address> {
  return (await findPositionPda({ market, owner, id }))[0];
}
