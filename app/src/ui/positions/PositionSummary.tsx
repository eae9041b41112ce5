import type { PositionView } from '../../state';
import { SideLabel } from '../data';
import { showSize } from '../format';

/** Which position a dialog is about. */
export function PositionSummary({ position }: { position: PositionView }) {
  const { market, side, size, account } = position;
  return (
    <p className="row">
      <span className="strong">{market.name}</span>
      <SideLabel side={side} />
      <span className="number">
        {showSize(size, market.sizeDecimals)} {market.baseSymbol}
      </span>
      <span className="muted">#{account.id}</span>
    </p>
  );
}
