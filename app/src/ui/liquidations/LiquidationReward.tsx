import { useIntentPreview, type PositionView } from '../../state';
import { showExact } from '../format';

/** What a liquidator would be paid now; asked only for positions that are due. */
export function LiquidationReward({ position }: { position: PositionView }) {
  const { preview } = useIntentPreview({ kind: 'liquidate', position: position.address });
  if (preview?.kind !== 'liquidate') return <span className="muted">–</span>;
  const { quoteDecimals, quoteSymbol } = position.market;
  return (
    <span className="number strong gain">
      {showExact(preview.value.reward, quoteDecimals)} {quoteSymbol}
    </span>
  );
}
