import type { Address } from '@solana/kit';
import {
  entryPrice,
  liquidationMark,
  liquidationPrice,
  orderState,
  OrderKind,
  PPM,
  positionHealth,
  Side,
  type Health,
  type LiquidityDeposit,
  type Order,
  type Position,
} from '@ringfence/client';
import type { DepositView, MarketView, OrderView, PositionView, Risk } from './views';

/** Of the maintenance margin, in percent: below these an owner should act, and watch. */
const DANGER_PERCENT = 125n;
const WATCH_PERCENT = 200n;

const abs = (value: bigint) => (value < 0n ? -value : value);

/** How far two prices are apart, in parts per million of the first. */
const distance = (price: bigint, other: bigint): bigint => (abs(price - other) * PPM) / price;

/** How far the index still is from the liquidation price; 0 where it is past it, and the interval alone spares the position. */
const distanceTo = (liquidation: bigint, index: bigint, side: 'long' | 'short'): bigint =>
  (side === 'long' ? index <= liquidation : index >= liquidation) ? 0n : distance(index, liquidation);

export function riskOf({ equity, maintenance }: Pick<Health, 'equity' | 'maintenance'>): Risk {
  if (equity < maintenance) return 'liquidatable';
  if (equity * 100n < maintenance * DANGER_PERCENT) return 'danger';
  return equity * 100n < maintenance * WATCH_PERCENT ? 'watch' : 'safe';
}

/** A number that leaves its range makes a position that cannot be judged, not a page that fails. */
function attempt<T>(compute: () => T): T | undefined {
  try {
    return compute();
  } catch {
    return undefined;
  }
}

export function positionView(address: Address, account: Position, market: MarketView): PositionView {
  const base = {
    address,
    account,
    market,
    side: account.side === Side.Long ? ('long' as const) : ('short' as const),
    size: account.size,
    entryPrice: entryPrice(market.account, account) ?? 0n,
  };
  if (account.size === 0n) return { ...base, liquidationPrice: null, risk: 'empty' };
  const { reading } = market;
  const liquidation = attempt(() => liquidationPrice(market.account, account)) ?? null;
  // Without a price nobody can say that it is safe.
  if (!reading) return { ...base, liquidationPrice: liquidation, risk: 'watch' };
  const health = attempt(() => positionHealth(market.account, account, reading.price));
  // The chain liquidates by the edge of the interval that favours the position, so that is what the risk is of.
  const judged = attempt(() =>
    positionHealth(market.account, account, liquidationMark(market.account, account, reading)),
  );
  const settled = market.status === 'Settled';
  return {
    ...base,
    ...(health && { health }),
    liquidationPrice: liquidation,
    ...(liquidation !== null && { distancePpm: distanceTo(liquidation, reading.price, base.side) }),
    risk: settled ? 'safe' : judged ? riskOf(judged) : 'watch',
  };
}

const ORDER_KINDS: Readonly<Record<OrderKind, OrderView['kind']>> = {
  [OrderKind.TakeProfit]: 'takeProfit',
  [OrderKind.StopLoss]: 'stopLoss',
  [OrderKind.Limit]: 'limit',
  [OrderKind.Stop]: 'stop',
  [OrderKind.Delayed]: 'market',
};

export function orderView(
  address: Address,
  account: Order,
  market: MarketView,
  /** One of ours, or what is known of another's; neither where the position has been closed. */
  position: PositionView | undefined,
  positionAccount: Position | undefined,
  now: bigint,
): OrderView {
  const { reading } = market;
  // Only a price that the program would take triggers anything.
  const trigger = market.price.state === 'fresh' || market.price.state === 'wide' ? reading : undefined;
  return {
    address,
    account,
    market,
    ...(position && { position }),
    ...(positionAccount && { side: positionAccount.side === Side.Long ? ('long' as const) : ('short' as const) }),
    kind: ORDER_KINDS[account.kind],
    state: orderState(account, positionAccount, now, trigger),
    ...(reading && account.triggerPrice > 0n && { distancePpm: distance(reading.price, account.triggerPrice) }),
  };
}

export function depositView(address: Address, account: LiquidityDeposit, market: MarketView, now: bigint): DepositView {
  // A settled market releases all shares at once.
  const left = market.status === 'Settled' ? 0n : account.unlocksAt - now;
  return { address, account, market, claimable: left <= 0n, unlocksIn: left > 0n ? left : 0n };
}

/** Closest to liquidation first; what has no liquidation price last. */
export function byDistance(a: PositionView, b: PositionView): number {
  if ((a.risk === 'liquidatable') !== (b.risk === 'liquidatable')) return a.risk === 'liquidatable' ? -1 : 1;
  if (a.distancePpm === undefined || b.distancePpm === undefined) {
    return Number(a.distancePpm === undefined) - Number(b.distancePpm === undefined);
  }
  return a.distancePpm < b.distancePpm ? -1 : Number(a.distancePpm > b.distancePpm);
}
