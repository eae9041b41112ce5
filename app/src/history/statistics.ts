import type { Address } from '@solana/kit';
import type { HistoryEntry, PositionStatistics } from './entry';

const TRADES: ReadonlySet<string> = new Set([
  'PositionOpened',
  'PositionIncreased',
  'PositionDecreased',
  'PositionCapped',
]);

const begin = (position: Address, market: Address): PositionStatistics => ({
  position,
  market,
  trades: 0,
  liquidations: 0,
  volume: 0n,
  fees: 0n,
  funding: 0n,
  borrow: 0n,
  realisedPnl: 0n,
  netPnl: 0n,
  deposited: 0n,
  withdrawn: 0n,
  closed: false,
});

function count(sum: PositionStatistics, entry: HistoryEntry): void {
  if (TRADES.has(entry.event)) sum.trades += 1;
  if (entry.event === 'PositionLiquidated') sum.liquidations += 1;
  sum.volume += entry.notional ?? 0n;
  sum.fees += entry.fee ?? 0n;
  sum.funding += entry.funding ?? 0n;
  sum.borrow += entry.borrow ?? 0n;
  sum.realisedPnl += entry.realisedPnl ?? 0n;
  sum.netPnl = sum.realisedPnl - sum.fees;
  const amount = entry.amount ?? 0n;
  if (amount > 0n) sum.deposited += amount;
  else sum.withdrawn -= amount;
  // An account may be opened again under the same address: the latest of the two events holds.
  if (entry.event === 'PositionClosed') sum.closed = true;
  if (entry.event === 'PositionOpened' || entry.event === 'PositionCreated') sum.closed = false;
  if (entry.side) sum.side = entry.side;
  if (entry.time !== undefined) {
    sum.firstAt ??= entry.time;
    sum.lastAt = entry.time;
  }
}

/** Sums of each position from its entries, which come newest first. */
export function statisticsOf(entries: readonly HistoryEntry[]): Map<Address, PositionStatistics> {
  const sums = new Map<Address, PositionStatistics>();
  for (const entry of entries.toReversed()) {
    if (!entry.position) continue;
    const sum = sums.get(entry.position) ?? begin(entry.position, entry.market);
    sums.set(entry.position, sum);
    count(sum, entry);
  }
  return sums;
}
