import type { Address, Signature } from '@solana/kit';
import type { RingfenceEventName } from '@ringfence/client';
import type { OrderView } from '../state/views';

/** One event of a position, a deposit or an order, as the history shows it. Atoms, size units, 10^-10 quote. */
export interface HistoryEntry {
  /** Signature and place of the event in its transaction. */
  id: string;
  signature: Signature;
  slot: bigint;
  /** Unix seconds; absent where the RPC does not know. */
  time?: bigint;
  event: RingfenceEventName;
  market: Address;
  position?: Address;
  side?: 'long' | 'short';
  /** Which life of the position's address: addresses are used again. The id of the entry that began it. */
  life?: string;
  /** Of an order, where its placing or execution tells it. */
  orderKind?: OrderView['kind'];
  /** Size units changed by it. */
  size?: bigint;
  price?: bigint;
  /** Size at the price; what volume is summed from. */
  notional?: bigint;
  /** Collateral that went in (positive) or came out (negative). */
  amount?: bigint;
  fee?: bigint;
  /** Paid (positive) or received. */
  funding?: bigint;
  borrow?: bigint;
  /** Gain less loss, funding and borrow in it, fees not. */
  realisedPnl?: bigint;
  badDebt?: bigint;
  /** Shares of a pool. */
  shares?: bigint;
}

/** One life of a position, from its opening to its close, from its events. */
export interface PositionStatistics {
  /** Differs between two positions that had the same address one after the other. */
  id: string;
  position: Address;
  market: Address;
  side?: 'long' | 'short';
  firstAt?: bigint;
  lastAt?: bigint;
  trades: number;
  liquidations: number;
  volume: bigint;
  fees: bigint;
  funding: bigint;
  borrow: bigint;
  realisedPnl: bigint;
  /** realisedPnl less fees. */
  netPnl: bigint;
  deposited: bigint;
  withdrawn: bigint;
  closed: boolean;
  /** Older events have not been read: the sums lack them. */
  partial: boolean;
}

export interface HistoryView {
  /** Newest first. */
  entries: HistoryEntry[];
  /** Newest first, by `id`. */
  statistics: Map<string, PositionStatistics>;
  /** Reads older ones; absent where there are none. */
  more?: () => void;
}
