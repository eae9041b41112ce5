import { formatDecimal } from '@ringfence/client';
import { useState } from 'react';
import { useBalances } from '../../state';
import { ActionDialog } from '../ActionDialog';
import { Field } from '../Field';
import { showMoney } from '../format';
import { cleanDecimal, problemOf, readDecimal, valueOf } from '../input';
import { previewRows } from '../previewRows';
import { PositionSummary } from './PositionSummary';
import type { PositionDialogProperties } from './PositionDialog';

export function AddMarginDialog({ position, onClose }: PositionDialogProperties) {
  const { market } = position;
  const [text, setText] = useState('');
  const balances = useBalances();
  const balance =
    balances.state === 'ready' ? (balances.value.collateral.get(market.account.collateralMint) ?? 0n) : undefined;
  const amount = readDecimal(text, market.quoteDecimals);
  const value = valueOf(amount);
  return (
    <ActionDialog
      title="Add margin"
      market={market}
      intent={value ? { kind: 'addMargin', position: position.address, amount: value } : undefined}
      missing="Enter an amount."
      rows={(preview) => previewRows(market, preview)}
      onClose={onClose}
    >
      <PositionSummary position={position} />
      <Field
        label="Amount"
        value={text}
        unit={market.quoteSymbol}
        focusFirst
        aside={balance === undefined ? undefined : `Balance ${showMoney(balance, market.quoteDecimals)}`}
        error={problemOf(amount)}
        hint="Moves the liquidation price away. It becomes part of what this position can lose."
        action={{
          label: 'Max',
          name: 'Use the whole balance',
          disabled: !balance,
          onClick: () => setText(formatDecimal(balance ?? 0n, market.quoteDecimals)),
        }}
        onChange={(next) => setText(cleanDecimal(text, next))}
      />
    </ActionDialog>
  );
}

export function RemoveMarginDialog({ position, onClose }: PositionDialogProperties) {
  const { market, account } = position;
  const [text, setText] = useState('');
  const amount = readDecimal(text, market.quoteDecimals);
  const value = valueOf(amount);
  return (
    <ActionDialog
      title="Remove margin"
      market={market}
      intent={value ? { kind: 'removeMargin', position: position.address, amount: value } : undefined}
      missing="Enter an amount."
      rows={(preview) => previewRows(market, preview)}
      onClose={onClose}
    >
      <PositionSummary position={position} />
      <Field
        label="Amount"
        value={text}
        unit={market.quoteSymbol}
        focusFirst
        aside={`Margin ${showMoney(account.margin, market.quoteDecimals)}`}
        error={problemOf(amount)}
        hint="What stays must cover the initial margin. Gains that are not realised do not count."
        onChange={(next) => setText(cleanDecimal(text, next))}
      />
    </ActionDialog>
  );
}
