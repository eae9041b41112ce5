import { formatDecimal } from '@ringfence/client';
import { useState, type ComponentProps } from 'react';
import { useBalances } from '../../state';
import { ActionDialog } from '../ActionDialog';
import { Field } from '../Field';
import { showMoney } from '../format';
import { cleanDecimal, problemOf, readDecimal, valueOf } from '../input';
import { previewRows } from '../previewRows';
import { PositionSummary } from './PositionSummary';
import type { PositionDialogProperties } from './PositionDialog';

interface MarginDialogProperties extends PositionDialogProperties {
  title: string;
  kind: 'addMargin' | 'removeMargin';
  /** What the amount is measured by, beside its label. */
  aside: string | undefined;
  hint: string;
  /** What "Max" fills in; there is no such button without it. */
  most?: { amount: bigint; name: string };
}

function MarginDialog({ position, onClose, title, kind, aside, hint, most }: MarginDialogProperties) {
  const { market } = position;
  const [text, setText] = useState('');
  const amount = readDecimal(text, market.quoteDecimals);
  const value = valueOf(amount);
  const action: ComponentProps<typeof Field>['action'] = most && {
    label: 'Max',
    name: most.name,
    disabled: !most.amount,
    onClick: () => setText(formatDecimal(most.amount, market.quoteDecimals)),
  };
  return (
    <ActionDialog
      title={title}
      market={market}
      intent={value ? { kind, position: position.address, amount: value } : undefined}
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
        aside={aside}
        error={problemOf(amount)}
        hint={hint}
        action={action}
        onChange={(next) => setText(cleanDecimal(text, next))}
      />
    </ActionDialog>
  );
}

export function AddMarginDialog(properties: PositionDialogProperties) {
  const { market } = properties.position;
  const balances = useBalances();
  const balance =
    balances.state === 'ready' ? (balances.value.collateral.get(market.account.collateralMint) ?? 0n) : undefined;
  return (
    <MarginDialog
      {...properties}
      title="Add margin"
      kind="addMargin"
      aside={balance === undefined ? undefined : `Balance ${showMoney(balance, market.quoteDecimals)}`}
      hint="Moves the liquidation price away. It becomes part of what this position can lose."
      most={{ amount: balance ?? 0n, name: 'Use the whole balance' }}
    />
  );
}

export function RemoveMarginDialog(properties: PositionDialogProperties) {
  const { market, account } = properties.position;
  return (
    <MarginDialog
      {...properties}
      title="Remove margin"
      kind="removeMargin"
      aside={`Margin ${showMoney(account.margin, market.quoteDecimals)}`}
      hint="What stays must cover the initial margin. Gains that are not realised do not count."
    />
  );
}
