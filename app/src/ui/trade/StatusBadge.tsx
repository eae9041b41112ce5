import type { MarketView } from '../../state';

const STATUS = {
  Active: { tone: 'good', text: 'Active' },
  ReduceOnly: { tone: 'warn', text: 'Reduce only' },
  Paused: { tone: 'bad', text: 'Paused' },
  Settling: { tone: 'warn', text: 'Settling' },
  Settled: { tone: 'bad', text: 'Settled' },
} as const;

export function StatusBadge({ status }: { status: MarketView['status'] }) {
  const { tone, text } = STATUS[status];
  return <span className={`badge badge--${tone}`}>{text}</span>;
}
