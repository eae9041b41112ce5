/** Previews of opening, increasing, decreasing and closing. */
import { Side, type Market, type Position } from '../generated/index.js';
import { ensureInvariant, newGeneration } from '../engine/books.js';
import { closeShare, decrease, increase, type Decrease, type Increase } from '../engine/trade.js';
import { liquidationPrice, positionHealth } from '../health.js';
import { U64_MAX, divFloor, max, u64 } from '../integers.js';
import { copyMarket } from '../market.js';
import { DEFAULT_ADDRESS, type PriceReading } from '../oracle.js';
import type { Settlement } from '../fees.js';
import type { Health, PositionTerms } from '../terms.js';
import { PPM, notionalCeil } from '../units.js';
import {
  checkMarket,
  checkNewRisk,
  checkPosition,
  checkUncommitted,
  preview,
  readPrice,
  type Preview,
  type PreviewContext,
} from './context.js';

/** A position and its market after a trade. */
export interface After {
  market: Market;
  position: Position;
  /** At the index price. */
  health: Health;
  /** First mark at which it would be liquidated; null for none. */
  liquidationPrice: bigint | null;
}

/** What opening or increasing would do. Amounts in atoms, prices in 10^-10 quote. */
export interface IncreasePreview extends After {
  /** Price of the fill. */
  fillPrice: bigint;
  /** The fill's distance from the index, ppm of it, rounded down: skew impact and half the confidence. */
  impactPpm: bigint;
  /** What a fill at the acceptable price would cost more than this one, atoms; null where nothing bounds it. */
  slippageCost: bigint | null;
  /** Notional of what is added, at the fill, rounded up: what the fee is taken of. */
  notional: bigint;
  /** What it is entered for. */
  entryNotional: bigint;
  /** The most that it can win, which the pool sets aside. */
  reserve: bigint;
  fee: bigint;
  /** Margin of the whole position afterwards: the most that it can lose. */
  margin: bigint;
  /** Health at the edge of the confidence interval that hurts: equity must reach `initial` here. */
  healthAtEdge: Health;
}

/** An opening. */
export interface OpenInput extends PreviewContext {
  side: Side;
  /** Size units. */
  size: bigint;
  /** Margin to put up, atoms; the fee is taken from it. */
  margin: bigint;
  /** Worst fill price: the highest for a long, the lowest for a short. */
  acceptablePrice: bigint;
  /** Whether a referral is named. */
  referred?: boolean;
}

/** What `openPosition` would do. */
export function previewOpen(input: OpenInput): Preview<IncreasePreview> {
  return preview((checks) => {
    checkMarket(checks, input.market);
    checkNewRisk(checks, input.market, true);
    const { market, reading } = readPrice(checks, input, 'AddRisk');
    market.positionAccounts = u64(market.positionAccounts + 1n);
    const position = newPosition(market, input.side, newGeneration(market), input.now);
    const terms = { acceptable: input.acceptablePrice, referred: input.referred ?? false };
    const opened = increase(checks, market, position, input.size, input.margin, reading, terms);
    ensureInvariant(checks, market);
    return increased(market, position, input, reading, opened);
  });
}

/** An increase. */
export interface IncreaseInput extends PreviewContext {
  position: Position;
  /** Size units to add. */
  size: bigint;
  /** Margin to add, atoms; may be zero. */
  margin: bigint;
  /** Worst fill price: the highest for a long, the lowest for a short. */
  acceptablePrice: bigint;
  /** Whether the owner trades; a delegate's fees are not shared with the referrer. */
  byOwner?: boolean;
}

/** What `increasePosition` would do. */
export function previewIncrease(input: IncreaseInput): Preview<IncreasePreview> {
  return preview((checks) => {
    checkMarket(checks, input.market);
    checkNewRisk(checks, input.market, true);
    checkPosition(checks, input.position);
    checks.require(input.position.size > 0n, 'PositionEmpty');
    checkUncommitted(checks, input.market, input.position, input.now);
    const { market, reading } = readPrice(checks, input, 'AddRisk');
    const position = { ...input.position };
    const terms = { acceptable: input.acceptablePrice, referred: refers(position, input.byOwner) };
    const added = increase(checks, market, position, input.size, input.margin, reading, terms);
    ensureInvariant(checks, market);
    return increased(market, position, input, reading, added);
  });
}

/** What closing a share would do. Amounts in atoms, prices in 10^-10 quote. */
export interface DecreasePreview extends After, Settlement {
  /** Price of the fill. */
  fillPrice: bigint;
  /** The fill's distance from the index, ppm of it, rounded down: skew impact and half the confidence. */
  impactPpm: bigint;
  /** What is closed, with the charges that come with it. */
  share: PositionTerms;
  /** Realised: gain paid less loss paid. Charges are in it, the fee is not. */
  realisedPnl: bigint;
}

/** A decrease. */
export interface DecreaseInput extends PreviewContext {
  position: Position;
  /** Size units to close. */
  size: bigint;
  /** Worst fill price: the lowest for a long, the highest for a short. */
  acceptablePrice: bigint;
  /** Whether the owner trades; a delegate's fees are not shared with the referrer. */
  byOwner?: boolean;
}

/** What `decreasePosition` would do. */
export function previewDecrease(input: DecreaseInput): Preview<DecreasePreview> {
  return preview((checks) => {
    checkMarket(checks, input.market);
    checkPosition(checks, input.position);
    checks.require(input.position.size > 0n, 'PositionEmpty');
    if (input.size === input.position.size) checkUncommitted(checks, input.market, input.position, input.now);
    const { market, reading } = readPrice(checks, input, 'ReduceRisk');
    const position = { ...input.position };
    const terms = { acceptable: input.acceptablePrice, referred: refers(position, input.byOwner) };
    const closed = decrease(checks, market, position, input.size, reading, terms);
    ensureInvariant(checks, market);
    return { ...decreased(closed, reading), ...after(market, position, reading.price) };
  });
}

/** What closing would do. */
export interface ClosePreview {
  market: Market;
  /** What the vault pays out, tracked margin only: a donation comes on top. */
  payout: bigint;
  /** What was still open; undefined for an emptied position, which needs no price. */
  closed?: Omit<DecreasePreview, keyof After>;
}

/** A close. */
export interface CloseInput extends PreviewContext {
  position: Position;
  /** Worst fill price: the lowest for a long, the highest for a short. */
  acceptablePrice: bigint;
}

/** What `closePosition` would do. */
export function previewClose(input: CloseInput): Preview<ClosePreview> {
  return preview((checks): ClosePreview => {
    checkMarket(checks, input.market);
    checkPosition(checks, input.position);
    checkUncommitted(checks, input.market, input.position, input.now);
    if (input.position.size === 0n) {
      const market = { ...copyMarket(input.market), positionAccounts: input.market.positionAccounts - 1n };
      return { market, payout: input.position.margin };
    }
    const { market, reading } = readPrice(checks, input, 'ReduceRisk');
    const position = { ...input.position };
    const terms = { acceptable: input.acceptablePrice, referred: refers(position) };
    const closed = closeShare(checks, market, position, position.size, reading, terms);
    market.positionAccounts -= 1n;
    ensureInvariant(checks, market);
    return { market, payout: position.margin, closed: decreased(closed, reading) };
  });
}

function refers(position: Position, byOwner = true): boolean {
  return byOwner && position.referral !== DEFAULT_ADDRESS;
}

function decreased({ fill, share, settlement }: Decrease, reading: PriceReading): Omit<DecreasePreview, keyof After> {
  const realisedPnl = settlement.gainPaid - settlement.lossPaid;
  return { ...settlement, fillPrice: fill, impactPpm: impact(fill, reading), share, realisedPnl };
}

function impact(fill: bigint, reading: PriceReading): bigint {
  return divFloor((fill - reading.price) * PPM, reading.price);
}

/** What a fill at `acceptable` would cost more; an opening buys a long and sells a short. */
function slippageCost(side: Side, size: bigint, fill: bigint, acceptable: bigint, scale: bigint): bigint | null {
  const [low, high] = side === Side.Long ? [fill, acceptable] : [acceptable, fill];
  const cost = (size * (high - low) + scale - 1n) / scale;
  if (acceptable === 0n || acceptable === U64_MAX) return null;
  return max(cost, 0n);
}

function increased(
  market: Market,
  position: Position,
  { size, acceptablePrice }: { size: bigint; acceptablePrice: bigint },
  reading: PriceReading,
  added: Increase,
): IncreasePreview {
  const scale = market.notionalDivisor;
  return {
    fillPrice: added.fill,
    impactPpm: impact(added.fill, reading),
    slippageCost: slippageCost(position.side, size, added.fill, acceptablePrice, scale),
    notional: notionalCeil(size, added.fill, scale),
    entryNotional: added.entryNotional,
    reserve: added.reserve,
    fee: added.fee,
    margin: position.margin,
    healthAtEdge: added.health,
    ...after(market, position, reading.price),
  };
}

function after(market: Market, position: Position, index: bigint): After {
  return {
    market,
    position,
    health: positionHealth(market, position, index),
    liquidationPrice: liquidationPrice(market, position),
  };
}

/** A position of no size, as the program creates it; whose it is does not matter here. */
function newPosition(market: Market, side: Side, generation: bigint, now: bigint): Position {
  return {
    discriminator: new Uint8Array(8),
    version: 2,
    bump: 0,
    side,
    vaultBump: 0,
    id: 0,
    reservedA: new Uint8Array(2),
    market: DEFAULT_ADDRESS,
    owner: DEFAULT_ADDRESS,
    delegate: DEFAULT_ADDRESS,
    vault: DEFAULT_ADDRESS,
    size: 0n,
    entryNotional: 0n,
    margin: 0n,
    reserve: 0n,
    generation,
    openedAt: now,
    entryFundingIndex: market.fundingIndex,
    entryBorrowIndex: market.borrowIndex,
    realisedPnl: 0n,
    realisedFunding: 0n,
    realisedBorrow: 0n,
    feesPaid: 0n,
    referral: DEFAULT_ADDRESS,
    voidOrders: [0n, 0n, 0n, 0n],
    committedUntil: 0n,
    reservedB: [0n],
  };
}
