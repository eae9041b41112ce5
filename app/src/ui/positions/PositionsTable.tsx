import { useCallback, useMemo, useState } from 'react';
import { useOrders, usePositions, useWallets, type PositionView } from '../../state';
import { Empty, LoadState } from '../LoadState';
import { useConnectDialog } from '../shell/connect';
import type { DialogKind } from './dialogKinds';
import { PositionDialog } from './PositionDialog';
import { PositionRow } from './PositionRow';
import { DataTable } from '../DataTable';

const LIVE: ReadonlySet<string> = new Set(['waiting', 'triggered', 'pending']);

const COLUMNS = [
  'Position',
  'Size',
  'Entry / index',
  'Unrealised PnL',
  'Margin',
  'Health',
  'Liquidation price',
  'Actions',
] as const;
const NUMERIC: ReadonlySet<string> = new Set([
  'Size',
  'Entry / index',
  'Unrealised PnL',
  'Margin',
  'Liquidation price',
]);

export function ConnectFirst({ what }: { what: string }) {
  const connect = useConnectDialog();
  return (
    <Empty
      title="No wallet is connected"
      action={
        <button type="button" className="button" onClick={connect}>
          Connect a wallet
        </button>
      }
    >
      Connect one to see {what}.
    </Empty>
  );
}

/** Positions without size that an order of theirs will still open. */
function useWaiting(): ReadonlySet<string> {
  const orders = useOrders();
  return useMemo(() => {
    const live =
      orders.state === 'ready' ? orders.value.filter(({ account, state }) => account.size > 0n && LIVE.has(state)) : [];
    return new Set(live.map(({ account }) => account.position));
  }, [orders]);
}

export function PositionsTable() {
  const positions = usePositions();
  const waiting = useWaiting();
  const { account } = useWallets();
  const [open, setOpen] = useState<{ kind: DialogKind; address: string }>();
  const onAction = useCallback(
    (kind: DialogKind, position: PositionView) => setOpen({ kind, address: position.address }),
    [],
  );
  if (!account) return <ConnectFirst what="your positions" />;
  return (
    <LoadState of={positions} what="positions">
      {(all) => {
        const subject = open && all.find(({ address }) => address === open.address);
        return (
          <>
            {all.length === 0 ? (
              <Empty title="No open positions">
                Choose a side and a margin in the order ticket. The margin is all that a position can lose.
              </Empty>
            ) : (
              <DataTable label="Positions" columns={COLUMNS} numeric={NUMERIC} className="table--positions">
                {all.map((position) => (
                  <PositionRow
                    key={position.address}
                    position={position}
                    waiting={position.size === 0n && waiting.has(position.address)}
                    onAction={onAction}
                  />
                ))}
              </DataTable>
            )}
            {open && subject ? (
              <PositionDialog kind={open.kind} position={subject} onClose={() => setOpen(undefined)} />
            ) : null}
          </>
        );
      }}
    </LoadState>
  );
}
