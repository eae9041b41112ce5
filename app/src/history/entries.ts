import type { Address, Signature } from '@solana/kit';
import { notionalCeil, OrderKind, Side as SideByte, type RingfenceEvent } from '@ringfence/client';
import type { OrderView, Side } from '../state/views';
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
  /** Sides of positions that exist now; for what has no opening among the transactions. */
  sides: ReadonlyMap<Address, Side>;
  /** By market: size × price ÷ this is atoms. */
  divisors: ReadonlyMap<Address, bigint>;
}

type Part = Omit<HistoryEntry, 'id' | 'signature' | 'slot' | 'time' | 'side' | 'life' | 'orderKind'>;

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
      return { event: name, market: data.market, position: data.position, price: data.fillPrice, fee: data.reward };
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

const ORDER_KINDS: Readonly<Record<OrderKind, OrderView['kind']>> = {
  [OrderKind.TakeProfit]: 'takeProfit',
  [OrderKind.StopLoss]: 'stopLoss',
  [OrderKind.Limit]: 'limit',
  [OrderKind.Stop]: 'stop',
  [OrderKind.Delayed]: 'market',
};

/** Follows positions and orders from their beginnings: addresses are used again, and later events name neither side nor kind. */
class Lives {
  private readonly sides = new Map<Address, Side>();
  private readonly lives = new Map<Address, string>();
  private readonly kinds = new Map<Address, OrderView['kind']>();
  /** Addresses with an opening among the events: of what lies before it nobody knows the side. */
  private readonly opened: ReadonlySet<Address>;

  constructor(
    events: readonly RingfenceEvent[],
    private readonly existing: Known['sides'],
  ) {
    this.opened = new Set(
      events.flatMap(({ name, data }) => (begins(name) && 'position' in data ? [data.position] : [])),
    );
  }

  /** What is known of an event, when all before it have been followed. */
  follow({ name, data }: RingfenceEvent, id: string): Pick<HistoryEntry, 'side' | 'life' | 'orderKind'> {
    if (!('position' in data)) return {};
    const { position } = data;
    if (begins(name) && 'side' in data) {
      this.sides.set(position, data.side === SideByte.Long ? 'long' : 'short');
      this.lives.set(position, id);
    }
    if (name === 'OrderPlaced') this.kinds.set(data.order, ORDER_KINDS[data.terms.kind]);
    if (name === 'OrderExecuted') this.kinds.set(data.order, ORDER_KINDS[data.kind]);
    const side = this.sides.get(position) ?? (this.opened.has(position) ? undefined : this.existing.get(position));
    const orderKind = 'order' in data ? this.kinds.get(data.order) : undefined;
    return {
      life: this.lives.get(position) ?? `${position}:`,
      ...(side && { side }),
      ...(orderKind && { orderKind }),
    };
  }
}

const begins = (name: RingfenceEvent['name']) => name === 'PositionOpened' || name === 'PositionCreated';

/** The owner's part of transactions, newest first. */
export function entriesOf(
  transactions: readonly DecodedTransaction[],
  owner: Address,
  positions: ReadonlySet<Address>,
  known: Known,
): HistoryEntry[] {
  // Pages come newest first: so do, before they are turned round, the transactions of one slot.
  const sorted = transactions.toReversed().sort((a, b) => (a.slot < b.slot ? -1 : Number(a.slot > b.slot)));
  const lives = new Lives(
    sorted.flatMap(({ events }) => events),
    known.sides,
  );
  const entries = sorted.flatMap(({ signature, slot, time, events }) =>
    events.flatMap((event, place): HistoryEntry[] => {
      const id = `${signature}:${place}`;
      const found = lives.follow(event, id);
      const part = concerns(event, owner, positions) ? partOf(event, known) : undefined;
      return part ? [{ id, signature, slot, ...(time !== undefined && { time }), ...found, ...part }] : [];
    }),
  );
  return entries.reverse();
}
