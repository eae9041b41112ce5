import type { Address, Signature } from '@solana/kit';
import type { RingfenceEventName } from '@ringfence/client';

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

/** Lifetime of one position account, from its events. */
export interface PositionStatistics {
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
}

export interface HistoryView {
  /** Newest first. */
  entries: HistoryEntry[];
  statistics: Map<Address, PositionStatistics>;
  /** Reads older ones; absent where there are none. */
  more?: () => void;
}
