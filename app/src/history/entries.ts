import type { Address, Signature } from '@solana/kit';
import { notionalCeil, Side, type RingfenceEvent } from '@ringfence/client';
import type { HistoryEntry } from './entry';

/** A transaction of the chain, read and decoded. */
export interface DecodedTransaction {
  signature: Signature;
  slot: bigint;
  time?: bigint;
  events: readonly RingfenceEvent[];
}

/** What the events of a position do not say themselves. */
export interface Known {
  /** Sides of positions, as far as they have been seen. */
  sides: ReadonlyMap<Address, 'long' | 'short'>;
  /** By market: size × price ÷ this is atoms. */
  divisors: ReadonlyMap<Address, bigint>;
}

type Part = Omit<HistoryEntry, 'id' | 'signature' | 'slot' | 'time' | 'side'>;

const sideName = (side: Side) => (side === Side.Long ? 'long' : 'short');

/** The sides that openings and creations tell. */
export function sidesOf(events: readonly RingfenceEvent[]): [Address, 'long' | 'short'][] {
  return events.flatMap(({ name, data }) =>
    name === 'PositionOpened' || name === 'PositionCreated' ? [[data.position, sideName(data.side)]] : [],
  );
}

/** Positions of an owner that an opening or a creation names. */
export function positionsOf(events: readonly RingfenceEvent[], owner: Address): Address[] {
  return events.flatMap(({ name, data }) =>
    (name === 'PositionOpened' || name === 'PositionCreated') && data.owner === owner ? [data.position] : [],
  );
}

function traded(
  { market, position, size }: { market: Address; position: Address; size: bigint },
  price: bigint,
  { divisors }: Known,
) {
  const divisor = divisors.get(market);
  return { market, position, size, price, ...(divisor && { notional: notionalCeil(size, price, divisor) }) };
}

function partOf({ name, data }: RingfenceEvent, known: Known): Part | undefined {
  switch (name) {
    case 'PositionOpened':
    case 'PositionIncreased':
      return { event: name, ...traded(data, data.fillPrice, known), amount: data.deposit, fee: data.fee };
    case 'PositionDecreased':
      return {
        event: name,
        ...traded(data, data.fillPrice, known),
        fee: data.fee,
        funding: -data.funding,
        borrow: data.borrow,
        realisedPnl: data.gain - data.loss,
        badDebt: data.badDebt,
      };
    case 'PositionLiquidated':
      return {
        event: name,
        ...traded(data, data.settledAt, known),
        notional: data.notional,
        // The keeper's and the insurance's part; what the insurance paid itself is no cost of the position's.
        fee: data.keeperFromVault + data.insuranceFee,
        funding: -data.funding,
        borrow: data.borrow,
        realisedPnl: data.gain - data.loss,
        badDebt: data.badDebt,
      };
    case 'PositionCapped':
      return {
        event: name,
        ...traded(data, data.price, known),
        funding: -data.funding,
        borrow: data.borrow,
        realisedPnl: data.gain,
      };
    case 'PositionCreated':
      return { event: name, market: data.market, position: data.position };
    case 'PositionClosed':
      return { event: name, market: data.market, position: data.position, amount: -data.payout };
    case 'MarginAdded':
      return { event: name, market: data.market, position: data.position, amount: data.amount };
    case 'MarginRemoved':
      return { event: name, market: data.market, position: data.position, amount: -data.amount };
    case 'OrderPlaced':
      return {
        event: name,
        market: data.market,
        position: data.position,
        ...(data.terms.size > 0n && { size: data.terms.size }),
        ...(data.terms.triggerPrice > 0n && { price: data.terms.triggerPrice }),
      };
    case 'OrderExecuted':
      return { event: name, market: data.market, position: data.position, price: data.fillPrice };
    case 'OrderFailed':
      return { event: name, market: data.market, position: data.position };
    case 'OrderCancelled':
      return { event: name, market: data.market, position: data.position };
    case 'LiquidityAdded':
      return { event: name, market: data.market, amount: data.amount, shares: data.shares };
    case 'LiquidityRemoved':
      return { event: name, market: data.market, amount: -data.amount, shares: data.shares };
    case 'SharesClaimed':
      return { event: name, market: data.market, shares: data.shares };
    default:
      return undefined;
  }
}

/** Whether an event concerns the owner: his position, or what he did in a pool. */
function concerns({ data }: RingfenceEvent, owner: Address, positions: ReadonlySet<Address>): boolean {
  if ('position' in data) return positions.has(data.position);
  return 'provider' in data && data.provider === owner;
}

/** The owner's part of transactions, newest first. */
export function entriesOf(
  transactions: readonly DecodedTransaction[],
  owner: Address,
  positions: ReadonlySet<Address>,
  known: Known,
): HistoryEntry[] {
  const entries = transactions.flatMap(({ signature, slot, time, events }) =>
    events.flatMap((event, place): HistoryEntry[] => {
      const part = concerns(event, owner, positions) ? partOf(event, known) : undefined;
      if (!part) return [];
      const side = part.position && known.sides.get(part.position);
      return [
        {
          id: `${signature}:${place}`,
          signature,
          slot,
          ...(time !== undefined && { time }),
          ...(side && { side }),
          ...part,
        },
      ];
    }),
  );
  // Within a transaction later events come first too; a stable sort keeps the order of those of one slot.
  return entries.reverse().sort((a, b) => (a.slot > b.slot ? -1 : Number(a.slot < b.slot)));
}
