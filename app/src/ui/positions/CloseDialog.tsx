import { ActionDialog } from '../ActionDialog';
import type { Row } from '../data';
import { showMoney } from '../format';
import { previewRows } from '../previewRows';
import { SlippageField, useSlippage } from '../SlippageField';
import type { PositionDialogProperties } from './PositionDialog';
import { PositionSummary } from './PositionSummary';

export function CloseDialog({ position, onClose }: PositionDialogProperties) {
  const { market, address } = position;
  const slippage = useSlippage();
  const settled = market.status === 'Settled';
  const closing =
    slippage.ppm === undefined ? undefined : ({ kind: 'close', position: address, slippagePpm: slippage.ppm } as const);
  return (
    <ActionDialog
      title="Close"
      market={market}
      tone={position.side === 'long' ? 'short' : 'primary'}
      intent={settled ? { kind: 'closeSettled', position: address } : closing}
      missing="Enter a slippage tolerance."
      rows={(preview) => previewRows(market, preview)}
      onClose={onClose}
    >
      <PositionSummary position={position} />
      {settled ? (
        <p>This market has settled: the position closes at the settlement price, without a fee.</p>
      ) : (
        <SlippageField slippage={slippage} />
      )}
      <p className="muted small">
        Everything in the position’s vault, and the rent of its accounts, goes to your wallet. Its orders become void.
      </p>
    </ActionDialog>
  );
}

/** A position without size: nothing is traded, so neither price nor slippage matter. */
export function ClaimDialog({ position, onClose }: PositionDialogProperties) {
  const { market, account, address } = position;
  const rows: Row[] = [
    { label: 'Remainder', value: showMoney(account.margin, market.quoteDecimals, market.quoteSymbol) },
  ];
  return (
    <ActionDialog
      title="Claim remainder"
      market={market}
      intent={{ kind: 'close', position: address, slippagePpm: 0n }}
      missing=""
      rows={() => rows}
      onClose={onClose}
    >
      <PositionSummary position={position} />
      <p>
        Nothing is open in this position: it was liquidated, reduced to nothing, or never filled. What is left in its
        vault is yours alone, and comes to your wallet with the rent of its accounts.
      </p>
    </ActionDialog>
  );
}
