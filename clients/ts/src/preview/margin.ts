/** Previews of adding and removing margin, and of a liquidation. */
import { MarketStatus, type Market, type Position } from '../generated/index.js';
import { ensureInvariant } from '../engine/books.js';
import { liquidate, type Liquidation } from '../engine/liquidate.js';
import { closeAtCap, ensureHealthy } from '../engine/trade.js';
import { edgeAgainst } from '../fill.js';
import { liquidationPrice, positionHealth } from '../health.js';
import { min, u64 } from '../integers.js';
import { accrueMarket } from '../market.js';
import type { Health } from '../terms.js';
import {
  checkMarket,
  checkPosition,
  checkUncommitted,
  preview,
  readPrice,
  type Preview,
  type PreviewContext,
} from './context.js';

/** A position after margin was added or removed. */
export interface MarginPreview {
  position: Position;
  /** Margin afterwards, atoms. */
  margin: bigint;
  /** Health at the index price; undefined without a price, or where nothing is open. */
  health?: Health;
  /** First mark at which it would be liquidated; null for none. */
  liquidationPrice: bigint | null;
}

/** A change of margin. */
export interface MarginInput extends PreviewContext {
  position: Position;
  /** Atoms. */
  amount: bigint;
}

/** What `addMargin` would do; it needs no price. */
export function previewAddMargin(input: MarginInput): Preview<MarginPreview> {
  return preview((checks) => {
    checkPosition(checks, input.position);
    checks.ensure(input.position.size > 0n, 'PositionEmpty');
    checks.ensure(input.amount > 0n, 'ZeroAmount');
    const position = { ...input.position, margin: u64(input.position.margin + input.amount) };
    const { reading, now } = input;
    const market = reading ? accrueMarket(input.market, now, reading.price) : input.market;
    return withMargin(market, position, reading?.price);
  });
}

/**
 * What `removeMargin` would do. Unrealised gains never back a withdrawal: at
 * the edge of the confidence interval that hurts, `margin + min(gain, 0)` must
 * cover the initial margin. An emptied position needs no price.
 */
export function previewRemoveMargin(input: MarginInput): Preview<MarginPreview> {
  return preview((checks) => {
    checkMarket(checks, input.market);
    checkPosition(checks, input.position);
    const open = input.position.size > 0n;
    if (open) {
      checks.ensure(input.market.status !== MarketStatus.Settling, 'MarketSettling');
      checks.ensure(input.market.status !== MarketStatus.Paused, 'MarketPaused');
    }
    checkUncommitted(checks, input.market, input.position, input.now);
    const read = open ? readPrice(checks, input, 'AddRisk') : undefined;
    checks.ensure(input.amount > 0n, 'ZeroAmount');
    checks.require(input.amount <= input.position.margin, 'AmountExceedsMargin', input.amount, input.position.margin);
    const position = { ...input.position, margin: input.position.margin - input.amount };
    if (!read) return withMargin(input.market, position, undefined);
    const { market, reading } = read;
    const health = positionHealth(market, position, edgeAgainst(position.side, reading.price, reading.confidence));
    const backing = position.margin + min(health.gain, 0n);
    const covered = checks.ensure(backing >= health.initial, 'BelowInitialMargin', backing, health.initial);
    if (covered) ensureHealthy(checks, health);
    return withMargin(market, position, reading.price);
  });
}

function withMargin(market: Market, position: Position, index: bigint | undefined): MarginPreview {
  const after = { position, margin: position.margin, liquidationPrice: liquidationPrice(market, position) };
  if (index === undefined || position.size === 0n) return after;
  return { ...after, health: positionHealth(market, position, index) };
}

/** What a liquidation would do. */
export interface LiquidationPreview extends Liquidation {
  market: Market;
  position: Position;
  /** What the keeper gets in all, atoms. */
  reward: bigint;
  /** Whether nothing would be left open. */
  full: boolean;
}

/** A liquidation. */
export interface LiquidationInput extends PreviewContext {
  position: Position;
}

/** What `liquidate` would do. */
export function previewLiquidation(input: LiquidationInput): Preview<LiquidationPreview> {
  return preview((checks) => {
    checkMarket(checks, input.market);
    checks.ensure(input.market.status !== MarketStatus.Settling, 'MarketSettling');
    checkPosition(checks, input.position);
    const { market, reading } = readPrice(checks, input, 'Liquidate');
    const position = { ...input.position };
    const liquidation = liquidate(checks, market, position, reading);
    ensureInvariant(checks, market);
    const { keeperFromVault, keeperFromInsurance } = liquidation.closed.outcome;
    return {
      ...liquidation,
      market,
      position,
      reward: keeperFromVault + keeperFromInsurance,
      full: position.size === 0n,
    };
  });
}

/** What closing at the cap would do. */
export interface CapPreview {
  market: Market;
  position: Position;
  /** The edge at which the gain was judged, 10^-10 quote. */
  price: bigint;
  /** What is paid into the vault: all of the reserve, atoms. */
  gain: bigint;
}

/** What `closeAtCap` would do: the gain has to have reached the reserve at the edge that hurts. */
export function previewCloseAtCap(input: LiquidationInput): Preview<CapPreview> {
  return preview((checks) => {
    checkMarket(checks, input.market);
    checkPosition(checks, input.position);
    checkUncommitted(checks, input.market, input.position, input.now);
    const { market, reading } = readPrice(checks, input, 'ReduceRisk');
    const position = { ...input.position };
    const closed = closeAtCap(checks, market, position, reading);
    ensureInvariant(checks, market);
    return { market, position, ...closed };
  });
}
