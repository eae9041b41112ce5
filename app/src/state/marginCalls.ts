import type { Address } from '@solana/kit';
import type { MarginCallsView, PositionView, Risk } from './views';

const isCalled = (risk: Risk) => risk === 'danger' || risk === 'liquidatable';

export const permissionNow = (): MarginCallsView['permission'] =>
  typeof Notification === 'undefined' ? 'unsupported' : Notification.permission;

function notify({ market, side, risk }: PositionView): void {
  if (permissionNow() !== 'granted') return;
  const title = risk === 'liquidatable' ? 'A position can be liquidated' : 'Margin call';
  const body = `Your ${side} in ${market.name} is close to its liquidation price. Add margin or reduce it.`;
  try {
    new Notification(title, { body, tag: `ringfence:${market.name}:${side}` });
  } catch {
    // Browsers on phones know the class, but want a service worker: the banner on the page must do.
  }
}

/** Tells of positions that come close to liquidation: once for each time that the line is crossed. */
export class MarginCalls {
  private readonly called = new Set<Address>();

  constructor(private readonly tell: (position: PositionView) => void = notify) {}

  /** The positions that are called now, the closest first. */
  update(positions: readonly PositionView[]): PositionView[] {
    const now = positions.filter(({ risk }) => isCalled(risk));
    for (const position of now) if (!this.called.has(position.address)) this.tell(position);
    this.called.clear();
    for (const { address } of now) this.called.add(address);
    return now.sort((a, b) => Number((a.distancePpm ?? 0n) - (b.distancePpm ?? 0n)));
  }
}
