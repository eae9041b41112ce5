/** Previews of entering and leaving a pool. */
import { MarketStatus, type Market } from '../generated/index.js';
import { ensureInvariant } from '../engine/books.js';
import type { Checks } from '../engine/checks.js';
import { MathError, max, min, u64 } from '../integers.js';
import { isSettling } from '../market.js';
import type { PriceReading } from '../oracle.js';
import { poolValueFor } from '../pool.js';
import { LOCKED_SHARES, amountForShares, sharesForDeposit } from '../shares.js';
import { checkMarket, checkNewRisk, preview, readPrice, type Preview, type PreviewContext } from './context.js';

/** From when providers can leave a settled market in which positions are still open, seconds. */
const SETTLEMENT_GRACE_SECONDS = 604_800n;

/** What a deposit would do. */
export interface AddLiquidityPreview {
  market: Market;
  /** Shares that can be claimed after the cool-down. */
  shares: bigint;
  /** From when, unix seconds. */
  unlocksAt: bigint;
  /** What the pool was worth to whoever enters, atoms. */
  poolValue: bigint;
}

/** A deposit. */
export interface DepositInput extends PreviewContext {
  /** Atoms. */
  amount: bigint;
  /** Fewest shares to accept. */
  minShares?: bigint;
}

/** What `addLiquidity` would do. */
export function previewAddLiquidity(input: DepositInput): Preview<AddLiquidityPreview> {
  return preview((checks) => {
    checkMarket(checks, input.market);
    checkNewRisk(checks, input.market, false);
    checks.ensure(input.amount > 0n, 'ZeroAmount');
    const { market, reading } = readPrice(checks, input, 'AddRisk');
    const first = market.lpShares === 0n;
    const value = first ? 0n : poolValueFor(market, reading, 'deposit');
    const issued = deposited(checks, input.amount, value, market.lpShares);
    const shares = first ? issued - LOCKED_SHARES : issued;
    market.lpShares = u64(market.lpShares + issued);
    market.unclaimedShares = u64(market.unclaimedShares + shares);
    market.depositAccounts = u64(market.depositAccounts + 1n);
    market.liquidity = u64(market.liquidity + input.amount);
    const least = input.minShares ?? 0n;
    checks.ensure(shares >= least, 'LiquiditySlippageExceeded', shares, least);
    ensureInvariant(checks, market);
    const unlocksAt = input.now + BigInt(market.params.liquidityCooldownSeconds);
    return { market, shares, unlocksAt, poolValue: value };
  });
}

function deposited(checks: Checks, amount: bigint, value: bigint, supply: bigint): bigint {
  try {
    return sharesForDeposit(amount, value, supply);
  } catch (failure) {
    if (!(failure instanceof MathError)) throw failure;
    if (failure.kind === 'InvalidParameter') checks.require(false, 'DepositTooSmall');
    if (failure.kind === 'DivisionByZero') checks.require(false, 'PoolInsolvent');
    throw failure;
  }
}

/** What a withdrawal would do. */
export interface RemoveLiquidityPreview {
  market: Market;
  /** Atoms for the shares. */
  amount: bigint;
  /** What the pool was worth to whoever leaves, atoms. */
  poolValue: bigint;
}

/** A withdrawal. */
export interface WithdrawalInput extends PreviewContext {
  shares: bigint;
  /** Shares that the provider's account holds. */
  held: bigint;
  /** Fewest atoms to accept. */
  minAmount?: bigint;
}

/** What `removeLiquidity` would do. */
export function previewRemoveLiquidity(input: WithdrawalInput): Preview<RemoveLiquidityPreview> {
  return preview((checks) => {
    const { shares, held, now } = input;
    checkMarket(checks, input.market);
    checks.ensure(input.market.status !== MarketStatus.Paused, 'MarketPaused');
    checks.require(shares > 0n, 'ZeroAmount');
    checks.ensure(shares <= held, 'InsufficientShares', shares, held);
    const { market, reading } = readPrice(checks, input, 'AddRisk');
    const value = withdrawableValue(checks, market, reading, now);
    const amount = amountForShares(shares, value, market.lpShares);
    checks.ensure(amount > 0n, 'WithdrawalTooSmall', shares, value);
    const free = max(market.liquidity - market.reserved, 0n);
    checks.ensure(amount <= free, 'LiquidityReserved', amount, free);
    market.lpShares -= shares;
    market.liquidity = max(market.liquidity - amount, 0n);
    const least = input.minAmount ?? 0n;
    checks.ensure(amount >= least, 'LiquiditySlippageExceeded', amount, least);
    ensureInvariant(checks, market);
    return { market, amount, poolValue: value };
  });
}

/** In a settled market the last position closes first, or a grace passes. */
function withdrawableValue(checks: Checks, market: Market, reading: PriceReading, now: bigint): bigint {
  const value = poolValueFor(market, reading, 'withdraw');
  if (!isSettling(market) || market.long.positions + market.short.positions === 0n) return value;
  const leavesAt = market.settledAt + SETTLEMENT_GRACE_SECONDS;
  checks.ensure(now >= leavesAt, 'PositionsStillOpen', now, leavesAt);
  return min(value, max(market.liquidity - market.reserved, 0n));
}
