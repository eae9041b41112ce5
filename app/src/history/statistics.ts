import type { Address } from '@solana/kit';
import type { HistoryEntry, PositionStatistics } from './entry';

const TRADES: ReadonlySet<string> = new Set([
  'PositionOpened',
  'PositionIncreased',
  'PositionDecreased',
  'PositionCapped',
]);

const begin = (id: string, position: Address, market: Address): PositionStatistics => ({
  id,
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
  partial: true,
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
  if (entry.event === 'PositionClosed') sum.closed = true;
  if (entry.side) sum.side = entry.side;
  if (entry.time !== undefined) {
    sum.firstAt ??= entry.time;
    sum.lastAt = entry.time;
  }
}

/**
 * Sums of each position from its entries, which come newest first. `readSince` is the slot from which on all events of a
 * position have been read; undefined where none have.
 */
export function statisticsOf(
  entries: readonly HistoryEntry[],
  readSince: (position: Address) => bigint | undefined,
): Map<string, PositionStatistics> {
  const sums = new Map<string, PositionStatistics>();
  for (const entry of entries.toReversed()) {
    const { position, life, slot } = entry;
    if (!position || life === undefined) continue;
    const sum = sums.get(life) ?? begin(life, position, entry.market);
    sums.set(life, sum);
    if (life === entry.id) {
      const since = readSince(position);
      sum.partial = since === undefined || since > slot;
    }
    count(sum, entry);
  }
  return new Map([...sums].reverse());
}
