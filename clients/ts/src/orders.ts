/** What has become of an order, by the rules that executing and cancelling it go by. */
import { OrderKind, type Order, type Position } from './generated/index.js';
import { DEFAULT_ADDRESS, type PriceReading } from './oracle.js';

/**
 * - `void`: its position, its partner or a liquidation has ended it
 * - `failed`: a delayed order that could not be filled at its price
 * - `expired`: its time has passed
 * - `pending`: a delayed order before its price; nobody can cancel it
 * - `triggered`: the price that was given executes it
 * - `waiting`: none of these
 *
 * The funds of the first three come home by `cancelOrder`, which anyone may send.
 */
export type OrderState = 'waiting' | 'triggered' | 'pending' | 'expired' | 'void' | 'failed';

/** Whether an order adds size; the others close some. */
export function orderAdds(kind: OrderKind): boolean {
  return kind === OrderKind.Limit || kind === OrderKind.Stop || kind === OrderKind.Delayed;
}

/**
 * Whether a position still honours an order: of its generation, not tried in
 * vain, not ended by its partner, and placed by somebody who may still trade.
 */
export function honours(position: Position, order: Order): boolean {
  if (position.generation !== order.generation || order.failed) return false;
  if (order.kind === OrderKind.Delayed) return true;
  const word = position.voidOrders[Math.floor(order.id / 64)] ?? 0n;
  const ended = ((word >> BigInt(order.id % 64)) & 1n) === 1n;
  const delegate = order.trader === position.delegate && position.delegate !== DEFAULT_ADDRESS;
  return !ended && (order.trader === position.owner || delegate);
}

/** As much of a reading as an order looks at. */
export type OrderReading = Pick<PriceReading, 'price' | 'publishTime' | 'previousPublishTime'>;

/**
 * Whether `reading` executes an order, the position's own conditions apart:
 * published since it was due, and on the right side of its trigger price; for
 * a delayed order, the first one published since.
 */
export function isTriggered(order: Order, reading: OrderReading): boolean {
  if (reading.publishTime < order.notBefore) return false;
  if (order.kind === OrderKind.Delayed) return reading.previousPublishTime < order.notBefore;
  return order.triggerAbove ? reading.price >= order.triggerPrice : reading.price <= order.triggerPrice;
}

/** The state of an order at `now`, unix seconds; `position` undefined where it has been closed. */
export function orderState(
  order: Order,
  position: Position | undefined,
  now: bigint,
  reading?: OrderReading,
): OrderState {
  if (order.failed) return 'failed';
  if (position === undefined || !honours(position, order)) return 'void';
  if (now > order.expiresAt) return 'expired';
  if (order.kind === OrderKind.Delayed) return 'pending';
  return reading !== undefined && isTriggered(order, reading) ? 'triggered' : 'waiting';
}
