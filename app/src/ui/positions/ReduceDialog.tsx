import { formatDecimal } from '@ringfence/client';
import { useState } from 'react';
import { ActionDialog } from '../ActionDialog';
import { Field } from '../Field';
import { showSize } from '../format';
import { cleanDecimal, problemOf, readDecimal, valueOf } from '../input';
import { previewRows } from '../previewRows';
import { SlippageField, useSlippage } from '../SlippageField';
import type { PositionDialogProperties } from './PositionDialog';
import { PositionSummary } from './PositionSummary';

const SHARES = [25n, 50n, 75n, 100n] as const;

export function ReduceDialog({ position, onClose }: PositionDialogProperties) {
  const { market } = position;
  const [text, setText] = useState('');
  const slippage = useSlippage();
  const size = readDecimal(text, market.sizeDecimals);
  const value = valueOf(size);
  const intent =
    value && slippage.ppm !== undefined
      ? ({ kind: 'decrease', position: position.address, size: value, slippagePpm: slippage.ppm } as const)
      : undefined;
  return (
    <ActionDialog
      title="Reduce"
      market={market}
      intent={intent}
      missing={value ? 'Enter a slippage tolerance.' : 'Enter a size.'}
      rows={(preview) => previewRows(market, preview)}
      onClose={onClose}
    >
      <PositionSummary position={position} />
      <Field
        label="Size"
        value={text}
        unit={market.baseSymbol}
        focusFirst
        aside={`Position ${showSize(position.size, market.sizeDecimals)}`}
        error={problemOf(size)}
        hint="What it brings stays in the position as margin. Close takes everything out."
        onChange={(next) => setText(cleanDecimal(text, next))}
      />
      <div className="row" role="group" aria-label="Share of the position">
        {SHARES.map((percent) => (
          <button
            key={percent.toString()}
            type="button"
            className="button button--small"
            onClick={() => setText(formatDecimal((position.size * percent) / 100n, market.sizeDecimals))}
          >
            {percent.toString()} %
          </button>
        ))}
      </div>
      <SlippageField slippage={slippage} />
    </ActionDialog>
  );
}
